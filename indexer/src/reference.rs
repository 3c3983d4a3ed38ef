//! What searches hold of the index in memory: the few documents that every search may need, read again when one of them changed.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{Searcher, TantivyDocument, Term};

use crate::dirty::Noun;
use crate::documents::{Document, QueryDocument, WordDocument, parse_source};
use crate::error::Error;
use crate::schema::Fields;

/// The documents by noun, as of the position of their index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reference {
    pub(crate) holidays: Arc<HashSet<NaiveDate>>,
    /// By their numbers.
    pub(crate) words: Arc<[WordDocument]>,
    /// In the order of the table.
    pub(crate) synonym_groups: Arc<[String]>,
    /// The newest request to build the index anew; 0 for none.
    pub(crate) request: u64,
    /// The most frequent first.
    pub(crate) popular_queries: Arc<[QueryDocument]>,
}

impl Reference {
    pub(crate) fn read(searcher: &Searcher, fields: &Fields) -> Result<Self, Error> {
        let (mut holidays, mut request) = (HashSet::new(), 0);
        let (mut words, mut groups, mut queries) = (Vec::new(), Vec::new(), Vec::new());
        for noun in Noun::ALL.into_iter().filter(|noun| noun.is_reference()) {
            for document in documents(searcher, fields, noun)? {
                match document {
                    Document::Holiday(holiday) => drop(holidays.insert(holiday.day)),
                    Document::Word(word) => words.push(word),
                    Document::Synonyms(group) => groups.push(group),
                    Document::Request(newer) => request = newer.id.max(request),
                    Document::Query(query) => queries.push(query),
                    Document::Institution(_) | Document::Article(_) => {}
                }
            }
        }
        words.sort_by_key(|word| word.id);
        groups.sort_by_key(|group| group.id);
        queries.sort_by_key(|query| (Reverse(query.searches), query.id));
        Ok(Self {
            holidays: Arc::new(holidays),
            words: words.into(),
            synonym_groups: groups.into_iter().map(|group| group.words).collect(),
            request,
            popular_queries: queries.into(),
        })
    }
}

fn documents(searcher: &Searcher, fields: &Fields, noun: Noun) -> Result<Vec<Document>, Error> {
    let term = Term::from_field_text(fields.noun, noun.name());
    let query = TermQuery::new(term, IndexRecordOption::Basic);
    let mut documents = Vec::new();
    for address in searcher.search(&query, &DocSetCollector)? {
        let document: TantivyDocument = searcher.doc(address)?;
        let source = document
            .get_first(fields.source)
            .and_then(|value| value.as_str());
        documents.extend(source.map(parse_source).transpose()?);
    }
    Ok(documents)
}
