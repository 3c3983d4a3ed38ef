//! How rare each word is among the articles. They share their index with a thousand times as many institutions, next to which every
//! word of theirs would seem rare, and every text of theirs long.

use std::collections::HashMap;

use indexer::LiveIndex;
use indexer::schema::Fields;
use tantivy::collector::Count;
use tantivy::query::{Bm25StatisticsProvider, BooleanQuery, Query};
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::error::ApiError;
use crate::text_query::{TextQuery, is};

/// What BM25 needs to know of the articles alone.
pub(super) struct Statistics {
    searcher: Searcher,
    body: Field,
    bigrams: Field,
    articles: u64,
    /// In how many articles each token is, in whichever field: a word that is in every text is not rare for being in one title.
    frequencies: HashMap<String, u64>,
}

impl Statistics {
    pub(super) fn of(index: &LiveIndex, text: &TextQuery) -> Result<Self, ApiError> {
        let searcher = &index.searcher;
        let count = |fields: Option<&str>| -> Result<u64, ApiError> {
            let mut clauses = vec![is(index.fields.noun, "article")];
            clauses.extend(fields.map(|token| anywhere(&index.fields, token)));
            Ok(searcher.search(&BooleanQuery::intersection(clauses), &Count)? as u64)
        };
        let frequency = |token: String| Ok((token.clone(), count(Some(&token))?));
        Ok(Self {
            articles: count(None)?.max(1),
            frequencies: text
                .marks()
                .into_iter()
                .flatten()
                .map(frequency)
                .collect::<Result<_, ApiError>>()?,
            body: index.fields.body,
            bigrams: index.fields.bigrams,
            searcher: searcher.clone(),
        })
    }

    /// What tells something where it is found: rows of terms, none of a single one that is in most texts, unless all are.
    pub(super) fn telling(&self, text: &TextQuery) -> Result<Vec<Vec<String>>, ApiError> {
        let mut telling = Vec::new();
        for row in text.marks() {
            if let [token] = &row[..] {
                let term = Term::from_field_text(self.body, token);
                if self.searcher.doc_freq(&term)? * 2 > self.articles {
                    continue;
                }
            }
            telling.push(row);
        }
        Ok(if telling.is_empty() {
            text.marks()
        } else {
            telling
        })
    }
}

fn anywhere(fields: &Fields, token: &str) -> Box<dyn Query> {
    let fields = [fields.name, fields.keywords, fields.summary, fields.body];
    Box::new(BooleanQuery::union(
        fields.map(|field| is(field, token)).into(),
    ))
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let tokens = Bm25StatisticsProvider::total_num_tokens(&self.searcher, field)?;
        // Only articles have these.
        if field == self.body || field == self.bigrams {
            return Ok(tokens);
        }
        // Institutions have names too: what an article has on average is taken for what a document has.
        let documents = Bm25StatisticsProvider::total_num_docs(&self.searcher)?.max(1);
        Ok((tokens * self.articles).div_ceil(documents))
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.articles)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        if term.field() == self.bigrams {
            return self.searcher.doc_freq(term);
        }
        let frequency = term
            .value()
            .as_str()
            .and_then(|token| self.frequencies.get(token))
            .copied();
        Ok(frequency.unwrap_or_default().min(self.articles))
    }
}
