//! What a search needs to know of each segment beyond its terms: where documents are, by which the nearest are found, and the names
//! of departments and places. Segments never change, so this is read once for each. And the order of hits of the same rank: by the
//! documents' numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexer::LiveIndex;
use indexer::documents::{DepartmentRef, Point, parse_source};
use indexer::engines::tantivy::source_of;
use indexer::schema::{Fields, field_name, schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tantivy::collector::sort_key::ReverseComparator;
use tantivy::collector::{SegmentSortKeyComputer, SortKeyComputer};
use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, Score, SegmentReader, TantivyDocument, TantivyError};

use crate::error::ApiError;
use crate::geo::{Vector, meters_of_chord, square_of_chord, vector};
use crate::geo_grid::GeoGrid;
use crate::suggest::{Remembered, SegmentNames};
use crate::understanding::Language;

/// Segments that are remembered before those of older snapshots are forgotten; an index has about ten.
const SEGMENTS_MAX: usize = 64;

/// The facts of the segments of recent snapshots, and what queries are understood with by them.
#[derive(Default)]
pub(crate) struct Segments {
    facts: Mutex<HashMap<SegmentId, Arc<Facts>>>,
    language: Mutex<Option<Arc<Language>>>,
    /// Names of their documents.
    pub(crate) remembered: Remembered,
}

/// The facts of one segment.
pub(crate) struct Facts {
    segment: SegmentId,
    /// What lies near a place.
    pub(crate) grid: GeoGrid,
    /// Where each document is; `None` for those that are nowhere.
    pub(crate) vectors: Vec<Option<Vector>>,
    /// Current name of each department → its former name.
    pub(crate) departments: BTreeMap<String, Option<String>>,
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
    /// The facts of the snapshot's segments, in their order. Those of new segments are read here: of large ones for a second, in which
    /// nobody is kept from those that are known.
    pub(crate) fn facts(&self, index: &LiveIndex) -> Result<Arc<[Arc<Facts>]>, ApiError> {
        let segments = index.searcher.segment_readers();
        let known: Vec<_> = {
            let known = self.known();
            let of = |segment: &SegmentReader| known.get(&segment.segment_id()).cloned();
            segments.iter().map(of).collect()
        };
        let mut facts = Vec::new();
        for (ordinal, known) in known.into_iter().enumerate() {
            facts.push(match known {
                Some(known) => known,
                None => self.read(index, ordinal)?,
            });
        }
        Ok(facts.into())
    }

    fn read(&self, index: &LiveIndex, ordinal: usize) -> Result<Arc<Facts>, ApiError> {
        let segments = index.searcher.segment_readers();
        let read = Arc::new(read_facts(index, ordinal as u32, &segments[ordinal])?);
        let mut known = self.known();
        known.insert(read.segment, Arc::clone(&read));
        if known.len() > SEGMENTS_MAX {
            known.retain(|id, _| segments.iter().any(|segment| segment.segment_id() == *id));
        }
        Ok(read)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SegmentId, Arc<Facts>>> {
        // Whoever panicked while holding the lock left a map that is still right: facts are inserted whole.
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What queries of an index are understood with; `facts` are those of its segments.
    pub(crate) fn language(&self, index: &LiveIndex, facts: &[Arc<Facts>]) -> Arc<Language> {
        // Whoever panicked while holding the lock left a language that is whole.
        let mut known = self.language.lock().unwrap_or_else(PoisonError::into_inner);
        match known
            .as_ref()
            .filter(|language| language.is_of(index, facts))
        {
            Some(language) => Arc::clone(language),
            None => Arc::clone(known.insert(Arc::new(Language::new(index, facts)))),
        }
    }
}

impl Facts {
    /// Metres along the great circle to a document, if it is somewhere.
    pub(crate) fn meters_from(&self, from: Vector, doc: DocId) -> Option<f64> {
        let to = self.vectors.get(doc as usize)?.as_ref()?;
        Some(meters_of_chord(square_of_chord(from, *to)))
    }
}

fn read_facts(index: &LiveIndex, ordinal: u32, segment: &SegmentReader) -> Result<Facts, ApiError> {
    let fields = &index.fields;
    let departments = departments(index, ordinal, segment)?;
    let places = places(segment, fields)?;
    let points = points(segment, fields)?;
    let somewhere = (0..).zip(&points);
    let somewhere = somewhere.filter_map(|(doc, point)| Some((doc, (*point)?)));
    Ok(Facts {
        segment: segment.segment_id(),
        grid: GeoGrid::of(somewhere),
        vectors: points.iter().map(|point| point.map(vector)).collect(),
        suggest: SegmentNames::read(segment, fields, &departments, &places)?,
        departments,
    })
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

/// Where each document of the segment is.
fn points(segment: &SegmentReader, fields: &Fields) -> Result<Vec<Option<Point>>, ApiError> {
    let column = |field| segment.fast_fields().column_opt::<f64>(&field_name(field));
    // A segment without any point has no columns.
    let columns = column(fields.latitude)?.zip(column(fields.longitude)?);
    let point = |doc| {
        let (latitudes, longitudes) = columns.as_ref()?;
        Some(Point {
            latitude: latitudes.first(doc)?,
            longitude: longitudes.first(doc)?,
        })
    };
    Ok((0..segment.max_doc()).map(point).collect())
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
pub(crate) struct ById;

/// The facts of that segment.
pub(crate) fn facts_of(
    facts: &[Arc<Facts>],
    segment: &SegmentReader,
) -> tantivy::Result<Arc<Facts>> {
    let id = segment.segment_id();
    let facts = facts.iter().find(|facts| facts.segment == id);
    let missing = || TantivyError::InternalError("a segment without facts".to_owned());
    facts.map(Arc::clone).ok_or_else(missing)
}

impl SortKeyComputer for ById {
    type SortKey = u64;
    type Child = SegmentIds;
    type Comparator = ReverseComparator;

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<SegmentIds> {
        let (_, fields) = schema();
        // A segment of holidays alone has no such column.
        let ids = segment.fast_fields().column_opt(&field_name(fields.id))?;
        Ok(SegmentIds(ids))
    }
}

/// The numbers of the documents of one segment.
pub(crate) struct SegmentIds(Option<Column<u64>>);

impl SegmentSortKeyComputer for SegmentIds {
    type SortKey = u64;
    type SegmentSortKey = u64;
    type SegmentComparator = ReverseComparator;

    fn segment_sort_key(&mut self, doc: DocId, _score: Score) -> u64 {
        let id = self.0.as_ref().and_then(|ids| ids.first(doc));
        id.unwrap_or_default()
    }

    fn convert_segment_sort_key(&self, id: u64) -> u64 {
        id
    }
}
