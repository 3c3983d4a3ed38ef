//! Institutions and articles whose names begin with what has been typed, from the dictionaries of the index itself.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use indexer::LiveIndex;
use indexer::documents::{ArticleDocument, InstitutionDocument, parse_source};
use indexer::engines::tantivy::source_of;
use indexer::schema::{Keys, WHOLE};
use moka::sync::Cache;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tantivy::index::SegmentId;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, TantivyDocument, Term};

use super::alike::Alike;
use super::candidates::Sources;
use super::crowds::CROWD_MIN;
use super::names::{Found, Name, SuggestionType};
use super::reading::Way;
use crate::error::ApiError;
use crate::segments::Facts;

/// Names that are kept for each document that is wanted, since some turn out to be deleted.
const NAMES_PER_DOCUMENT: usize = 4;
/// Documents of the same name that are shown; there are hundreds called 우리들의원.
const NAMESAKES_MAX: usize = 3;
/// Names of documents that are remembered, a few hundred bytes each: those that short beginnings lead to are shown again and again.
const REMEMBERED_MAX: u64 = 20_000;
/// Names of a segment that are spelt alike, of which the nearest are taken.
const ALIKE_MAX: usize = 2_000;

/// Names of documents that were read lately. Documents of a segment never change.
pub(crate) struct Remembered(Cache<(SegmentId, DocId), Arc<Name>>);

impl Default for Remembered {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED_MAX))
    }
}

/// The best institutions, about as many as are wanted.
pub(super) fn institutions(
    sources: &Sources<'_>,
    way: &Way<'_>,
    wanted: usize,
) -> Result<Vec<Found<Name>>, ApiError> {
    documents::<InstitutionName>(sources, &sources.index.fields.names, way, wanted)
}

/// The best articles, about as many as are wanted.
pub(super) fn articles(
    sources: &Sources<'_>,
    way: &Way<'_>,
    wanted: usize,
) -> Result<Vec<Found<Name>>, ApiError> {
    documents::<ArticleName>(sources, &sources.index.fields.titles, way, wanted)
}

fn documents<T: DeserializeOwned + Into<Name>>(
    sources: &Sources<'_>,
    keys: &Keys,
    way: &Way<'_>,
    wanted: usize,
) -> Result<Vec<Found<Name>>, ApiError> {
    let mut search = Search {
        sources,
        wanted,
        found: Vec::new(),
        known: HashSet::new(),
    };
    match way {
        Way::Letters(key) => {
            search.beginning::<T>(keys.whole, key, false)?;
            search.beginning::<T>(keys.words, key, true)?;
        }
        Way::Initials(key) => {
            search.beginning::<T>(keys.initials, &format!("{WHOLE}{key}"), false)?;
            search.beginning::<T>(keys.initials, key, true)?;
        }
        Way::Alike(alike) => search.alike::<T>(keys.words, alike)?,
    }
    Ok(search.found)
}

struct Search<'a> {
    sources: &'a Sources<'a>,
    wanted: usize,
    found: Vec<Found<Name>>,
    /// Where they are.
    known: HashSet<DocAddress>,
}

/// The best terms: the fewest mistakes, then the shortest.
struct Best {
    terms: BTreeSet<(u8, usize, Vec<u8>)>,
    max: usize,
}

impl Best {
    fn new(max: usize) -> Self {
        Self {
            terms: BTreeSet::new(),
            max,
        }
    }

    fn add(&mut self, distance: u8, term: &[u8]) {
        let is_full = self.terms.len() >= self.max;
        let worst = self.terms.last().filter(|_| is_full);
        if worst.is_some_and(|(far, long, worst)| {
            (*far, *long, worst.as_slice()) <= (distance, term.len(), term)
        }) {
            return;
        }
        self.terms.insert((distance, term.len(), term.to_vec()));
        if self.terms.len() > self.max {
            self.terms.pop_last();
        }
    }
}

impl Search<'_> {
    fn segments(&self) -> impl Iterator<Item = (&SegmentReader, &Arc<Facts>)> {
        let segments = self.sources.index.searcher.segment_readers();
        segments.iter().zip(self.sources.facts)
    }

    /// Adds those with a term that begins so, unless there are enough.
    fn beginning<T: DeserializeOwned + Into<Name>>(
        &mut self,
        field: Field,
        key: &str,
        is_later_word: bool,
    ) -> Result<(), ApiError> {
        // The best are enough, unless documents of theirs are deleted or were found already.
        for wanted in [self.wanted, self.wanted * NAMES_PER_DOCUMENT] {
            if self.found.len() >= self.wanted {
                break;
            }
            let best = self.shortest(field, key, wanted)?;
            let is_all = best.terms.len() < wanted;
            self.add::<T>(field, best, key.len(), is_later_word)?;
            if is_all {
                break;
            }
        }
        Ok(())
    }

    /// The shortest terms that begin so.
    fn shortest(&self, field: Field, key: &str, wanted: usize) -> Result<Best, ApiError> {
        let mut best = Best::new(wanted);
        for (segment, facts) in self.segments() {
            let inverted = segment.inverted_index(field)?;
            if let Some(crowd) = facts.suggest.crowd(field, key) {
                let mut term = Vec::new();
                for ordinal in crowd.iter().take(wanted) {
                    if inverted.terms().ord_to_term((*ordinal).into(), &mut term)? {
                        best.add(0, &term);
                    }
                }
                continue;
            }
            let mut terms = inverted.terms().range().ge(key).into_stream()?;
            for _ in 0..=CROWD_MIN {
                if !terms.advance() || !terms.key().starts_with(key.as_bytes()) {
                    break;
                }
                best.add(0, terms.key());
            }
        }
        Ok(best)
    }

    /// Adds those with a term that begins nearly so.
    fn alike<T: DeserializeOwned + Into<Name>>(
        &mut self,
        field: Field,
        alike: &Alike,
    ) -> Result<(), ApiError> {
        let mut best = Best::new(self.wanted * NAMES_PER_DOCUMENT);
        for (segment, _) in self.segments() {
            let inverted = segment.inverted_index(field)?;
            let search = inverted.terms().search(alike).ge(&alike.first);
            let mut terms = search.into_stream()?;
            for _ in 0..ALIKE_MAX {
                if !terms.advance() || !terms.key().starts_with(alike.first.as_bytes()) {
                    break;
                }
                best.add(alike.distance(terms.key()).unwrap_or(u8::MAX), terms.key());
            }
        }
        self.add::<T>(field, best, 0, false)
    }

    /// Adds the documents of the best terms.
    fn add<T: DeserializeOwned + Into<Name>>(
        &mut self,
        field: Field,
        best: Best,
        typed: usize,
        is_later_word: bool,
    ) -> Result<(), ApiError> {
        for (distance, length, term) in best.terms {
            if self.found.len() >= self.wanted {
                break;
            }
            for address in self.namesakes(field, &term)? {
                if !self.known.insert(address) {
                    continue;
                }
                let name = Name::clone(&*self.name::<T>(address)?);
                self.found.push(Found {
                    distance,
                    is_longer: length > typed,
                    is_later_word,
                    length,
                    name,
                });
            }
        }
        Ok(())
    }

    /// The name of a document.
    fn name<T: DeserializeOwned + Into<Name>>(
        &self,
        address: DocAddress,
    ) -> Result<Arc<Name>, ApiError> {
        let LiveIndex {
            searcher, fields, ..
        } = self.sources.index;
        let segment = searcher.segment_reader(address.segment_ord).segment_id();
        let Remembered(remembered) = self.sources.remembered;
        if let Some(name) = remembered.get(&(segment, address.doc_id)) {
            return Ok(name);
        }
        let document: TantivyDocument = searcher.doc(address)?;
        let source = source_of(&document, fields).unwrap_or_default();
        let name: Arc<Name> = Arc::new(parse_source::<T>(source)?.into());
        remembered.insert((segment, address.doc_id), Arc::clone(&name));
        Ok(name)
    }

    /// Some documents with the term.
    fn namesakes(&self, field: Field, term: &[u8]) -> Result<Vec<DocAddress>, ApiError> {
        let mut addresses = Vec::new();
        let term = Term::from_field_text(field, &String::from_utf8_lossy(term));
        for (ordinal, (segment, _)) in self.segments().enumerate() {
            let inverted = segment.inverted_index(field)?;
            let postings = inverted.read_postings(&term, IndexRecordOption::Basic)?;
            let Some(mut postings) = postings else {
                continue;
            };
            while postings.doc() != TERMINATED && addresses.len() < NAMESAKES_MAX {
                if !segment.is_deleted(postings.doc()) {
                    addresses.push(DocAddress::new(ordinal as u32, postings.doc()));
                }
                postings.advance();
            }
        }
        Ok(addresses)
    }
}

/// What is shown of an institution.
#[derive(Deserialize)]
pub(super) struct InstitutionName {
    id: u64,
    name: String,
    address: Option<String>,
    sido: Option<String>,
    sigungu: Option<String>,
}

impl From<InstitutionName> for Name {
    fn from(institution: InstitutionName) -> Self {
        let place = [institution.sido, institution.sigungu]
            .into_iter()
            .flatten();
        let place: Vec<String> = place.collect();
        let detail = institution.address.unwrap_or_else(|| place.join(" "));
        Self {
            id: Some(institution.id),
            ..Self::new(SuggestionType::Institution, &institution.name, detail)
        }
    }
}

impl From<InstitutionDocument> for InstitutionName {
    fn from(institution: InstitutionDocument) -> Self {
        Self {
            id: institution.id,
            name: institution.name,
            address: institution.address,
            sido: institution.sido,
            sigungu: institution.sigungu,
        }
    }
}

/// What is shown of an article.
#[derive(Deserialize)]
pub(super) struct ArticleName {
    id: u64,
    slug: String,
    title: String,
    topics: Vec<String>,
}

impl From<ArticleName> for Name {
    fn from(article: ArticleName) -> Self {
        Self {
            id: Some(article.id),
            slug: Some(article.slug),
            ..Self::new(
                SuggestionType::Article,
                &article.title,
                article.topics.join(" · "),
            )
        }
    }
}

impl From<ArticleDocument> for ArticleName {
    fn from(article: ArticleDocument) -> Self {
        Self {
            id: article.id,
            slug: article.slug,
            title: article.title,
            topics: article.topics,
        }
    }
}
