//! What a search needs to know of each segment beyond its terms: the documents' numbers, by which hits of the same rank
//! are ordered, and the names of departments, places and articles. Segments never change, so this is read once for each.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use indexer::documents::{DepartmentRef, parse_source};
use indexer::engines::tantivy::source_of;
use indexer::schema::{Fields, field_name};
use indexer::{DirtyKey, LiveIndex};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tantivy::collector::sort_key::ReverseComparator;
use tantivy::collector::{SegmentSortKeyComputer, SortKeyComputer};
use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{
    DocAddress, DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyDocument, TantivyError,
};

use crate::error::ApiError;
use crate::suggest::SegmentNames;

/// Segments that are remembered before those of older snapshots are forgotten; an index has about ten.
const SEGMENTS_MAX: usize = 64;

/// The facts of the segments of recent snapshots.
#[derive(Default)]
pub(crate) struct Segments {
    facts: Mutex<HashMap<SegmentId, Arc<Facts>>>,
}

/// The facts of one segment.
pub(crate) struct Facts {
    ids: Arc<[u64]>,
    /// Slug → number of the articles.
    pub(crate) slugs: HashMap<String, u64>,
    /// Current name of each department → its former name.
    pub(crate) departments: BTreeMap<String, Option<String>>,
    pub(crate) places: BTreeSet<Place>,
    /// What suggestions are made of.
    pub(crate) suggest: SegmentNames,
}

/// A place of the address hierarchy, of which the last name that is there is its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// 시도.
    pub(crate) sido: String,
    /// 시군구.
    pub(crate) sigungu: Option<String>,
    /// 읍면동.
    pub(crate) eupmyeondong: Option<String>,
}

impl Place {
    /// Its own name, without those of the places around it.
    pub(crate) fn name(&self) -> &str {
        let inner = self.eupmyeondong.as_ref().or(self.sigungu.as_ref());
        inner.unwrap_or(&self.sido)
    }
}

impl Segments {
    /// The facts of the snapshot's segments, in their order.
    pub(crate) fn facts(&self, index: &LiveIndex) -> Result<Vec<Arc<Facts>>, ApiError> {
        // Whoever panicked while holding the lock left a map that is still right: facts are inserted whole.
        let mut known = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut facts = Vec::new();
        let segments = index.searcher.segment_readers();
        for (ordinal, segment) in segments.iter().enumerate() {
            let id = segment.segment_id();
            let read = match known.get(&id) {
                Some(read) => Arc::clone(read),
                None => Arc::new(read_facts(index, ordinal as u32, segment)?),
            };
            known.insert(id, Arc::clone(&read));
            facts.push(read);
        }
        if known.len() > SEGMENTS_MAX {
            known.retain(|id, _| segments.iter().any(|segment| segment.segment_id() == *id));
        }
        Ok(facts)
    }
}

fn read_facts(index: &LiveIndex, ordinal: u32, segment: &SegmentReader) -> Result<Facts, ApiError> {
    let fields = &index.fields;
    let departments = departments(index, ordinal, segment)?;
    let places = places(segment, fields)?;
    let (ids, articles) = ids(segment, fields)?;
    let articles = articles
        .into_iter()
        .map(|doc| read(index, DocAddress::new(ordinal, doc)));
    let articles: Vec<ArticleName> = articles.collect::<Result<_, _>>()?;
    Ok(Facts {
        ids: ids.into(),
        suggest: SegmentNames::read(segment, fields, &departments, &places, &articles)?,
        slugs: articles
            .into_iter()
            .map(|article| (article.slug, article.id))
            .collect(),
        departments,
        places,
    })
}

/// What is known of an article without reading it.
#[derive(Deserialize)]
pub(crate) struct ArticleName {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) topics: Vec<String>,
}

#[derive(Deserialize)]
struct WithDepartments {
    departments: Vec<DepartmentRef>,
}

fn read<T: DeserializeOwned>(index: &LiveIndex, address: DocAddress) -> Result<T, ApiError> {
    let document: TantivyDocument = index.searcher.doc(address)?;
    Ok(parse_source(
        source_of(&document, &index.fields).unwrap_or_default(),
    )?)
}

/// The number of each document of the segment, 0 for those without one; and which of them are articles.
fn ids(segment: &SegmentReader, fields: &Fields) -> Result<(Vec<u64>, Vec<DocId>), ApiError> {
    let mut articles = Vec::new();
    let mut ids = vec![0; segment.max_doc() as usize];
    let keys = segment.inverted_index(fields.key)?;
    let mut terms = keys.terms().stream()?;
    while terms.advance() {
        let key = std::str::from_utf8(terms.key())
            .ok()
            .and_then(|text| text.parse().ok());
        let (id, is_article) = match key {
            Some(DirtyKey::Institution(id)) => (id, false),
            Some(DirtyKey::Article(id)) => (id, true),
            _ => continue,
        };
        let mut postings =
            keys.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
        while postings.doc() != TERMINATED {
            ids[postings.doc() as usize] = id;
            articles.extend(is_article.then_some(postings.doc()));
            postings.advance();
        }
    }
    Ok((ids, articles))
}

/// The departments, each with its former name as some document tells it.
fn departments(
    index: &LiveIndex,
    ordinal: u32,
    segment: &SegmentReader,
) -> Result<BTreeMap<String, Option<String>>, ApiError> {
    let mut departments = BTreeMap::new();
    let inverted = segment.inverted_index(index.fields.department)?;
    let mut terms = inverted.terms().stream()?;
    while terms.advance() {
        let name = String::from_utf8_lossy(terms.key()).into_owned();
        let postings =
            inverted.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
        let address = DocAddress::new(ordinal, postings.doc());
        let document: WithDepartments = read(index, address)?;
        let department = document
            .departments
            .into_iter()
            .find(|department| department.name == name);
        departments.insert(
            name,
            department.and_then(|department| department.former_name),
        );
    }
    Ok(departments)
}

fn places(segment: &SegmentReader, fields: &Fields) -> Result<BTreeSet<Place>, ApiError> {
    let column = |field| segment.fast_fields().str(&field_name(field));
    let columns = [
        column(fields.sido)?,
        column(fields.sigungu)?,
        column(fields.eupmyeondong)?,
    ];
    let ordinal = |column: &Option<StrColumn>, doc| column.as_ref()?.term_ords(doc).next();
    let mut triples = BTreeSet::new();
    for doc in 0..segment.max_doc() {
        triples.insert([0, 1, 2].map(|level| ordinal(&columns[level], doc)));
    }
    let name = |level: usize, ordinal: Option<u64>| -> Result<Option<String>, ApiError> {
        let (Some(column), Some(ordinal)) = (&columns[level], ordinal) else {
            return Ok(None);
        };
        let mut name = String::new();
        column.ord_to_str(ordinal, &mut name)?;
        Ok(Some(name))
    };
    let mut places = BTreeSet::new();
    for [sido, sigungu, eupmyeondong] in triples {
        let Some(sido) = name(0, sido)? else {
            continue;
        };
        let whole = Place {
            sido,
            sigungu: name(1, sigungu)?,
            eupmyeondong: name(2, eupmyeondong)?,
        };
        places.insert(Place {
            sigungu: None,
            eupmyeondong: None,
            ..whole.clone()
        });
        places.insert(Place {
            eupmyeondong: None,
            ..whole.clone()
        });
        places.insert(whole);
    }
    Ok(places)
}

/// The names, and the current names of departments that were called so.
pub(crate) fn with_current_names(names: &[String], facts: &[Arc<Facts>]) -> Vec<String> {
    let known = facts.iter().flat_map(|facts| &facts.departments);
    let renamed =
        known.filter(|(_, former)| former.as_ref().is_some_and(|former| names.contains(former)));
    let mut all: Vec<String> = renamed
        .map(|(current, _)| current.clone())
        .chain(names.iter().cloned())
        .collect();
    all.sort();
    all.dedup();
    all
}

/// The names, but for those that departments only had before they were renamed.
pub(crate) fn current_only(names: Vec<String>, facts: &[Arc<Facts>]) -> Vec<String> {
    let known = || facts.iter().flat_map(|facts| &facts.departments);
    let is_former = |name: &String| {
        known().any(|(_, former)| former.as_ref() == Some(name))
            && !known().any(|(current, _)| current == name)
    };
    names.into_iter().filter(|name| !is_former(name)).collect()
}

/// Orders hits by the numbers of their documents, the lower first.
pub(crate) struct ById {
    pub(crate) facts: Vec<(SegmentId, Arc<Facts>)>,
}

impl ById {
    pub(crate) fn new(index: &LiveIndex, facts: &[Arc<Facts>]) -> Self {
        let segments = index.searcher.segment_readers().iter();
        let facts = segments
            .map(SegmentReader::segment_id)
            .zip(facts.iter().cloned());
        Self {
            facts: facts.collect(),
        }
    }
}

impl SortKeyComputer for ById {
    type SortKey = u64;
    type Child = SegmentIds;
    type Comparator = ReverseComparator;

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<SegmentIds> {
        let id = segment.segment_id();
        let facts = self.facts.iter().find(|(segment, _)| *segment == id);
        let missing = || TantivyError::InternalError("a segment without facts".to_owned());
        Ok(SegmentIds(Arc::clone(&facts.ok_or_else(missing)?.1.ids)))
    }
}

/// The numbers of the documents of one segment.
pub(crate) struct SegmentIds(Arc<[u64]>);

impl SegmentSortKeyComputer for SegmentIds {
    type SortKey = u64;
    type SegmentSortKey = u64;
    type SegmentComparator = ReverseComparator;

    fn segment_sort_key(&mut self, doc: DocId, _score: Score) -> u64 {
        self.0[doc as usize]
    }

    fn convert_segment_sort_key(&self, id: u64) -> u64 {
        id
    }
}
