//! How many hits have each value of a field. The values of one facet are alternatives, so its own filter is left aside: who has chosen
//! pharmacies still sees how many clinics there are.

use std::collections::{BTreeMap, HashMap};

use indexer::documents::Service;
use serde::Serialize;
use serde_json::{Value, json};
use tantivy::Searcher;
use tantivy::aggregation::agg_result::{AggregationResult, AggregationResults, BucketResult};
use tantivy::aggregation::{AggContextParams, AggregationCollector, Key};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::filters::{Clauses, Filters};

/// Values of a facet in a reply: more than there are kinds or departments; of the 250 districts, the first of them.
const VALUES_MAX: usize = 100;
/// Values that are counted, so that those of the reply are the first of all: more than any field has.
const COUNTED_MAX: u32 = 10_000;

/// A value and how many of the hits have it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetValue {
    /// The value, as the parameter takes it.
    #[schema(example = "pharmacy")]
    pub(crate) value: String,
    /// In Korean.
    #[schema(example = "약국")]
    pub(crate) label: String,
    /// How many hits, on all pages, there would be with this value alone chosen of the facet. Values that are chosen are listed
    /// even with 0.
    pub(crate) count: u64,
}

/// The counts of some facets.
#[derive(Default)]
pub(crate) struct Counts(BTreeMap<&'static str, Vec<(String, u64)>>);

/// Counts, beside the hits, the facets that have no filter.
pub(crate) fn beside_hits(
    facets: &[&'static str],
    filters: &Filters,
) -> Result<AggregationCollector, ApiError> {
    let unfiltered = facets.iter().filter(|facet| !filters.has(facet));
    collector(unfiltered.copied())
}

/// The counts of the facets: those beside the hits, and a pass without its filter for each that has one.
pub(crate) fn count(
    searcher: &Searcher,
    facets: &[&'static str],
    filters: &Filters,
    words: &Clauses,
    beside_hits: &AggregationResults,
) -> Result<Counts, ApiError> {
    let mut counts = Counts::default();
    for facet in facets {
        let counted = if filters.has(facet) {
            let query = filters.query_without(facet, words);
            buckets(&searcher.search(&query, &collector([*facet])?)?, facet)
        } else {
            buckets(beside_hits, facet)
        };
        counts.insert(facet, first(counted, filters.listed(facet)));
    }
    Ok(counts)
}

impl Counts {
    /// The values of a facet in the order in which they are shown.
    pub(crate) fn insert(&mut self, facet: &'static str, values: Vec<(String, u64)>) {
        self.0.insert(facet, values);
    }

    /// The values of a facet; none of one that was not counted.
    pub(crate) fn values(&self, facet: &str, label: impl Fn(&str) -> String) -> Vec<FacetValue> {
        let values = self.0.get(facet).into_iter().flatten();
        let value = |(value, count): &(String, u64)| FacetValue {
            value: value.clone(),
            label: label(value),
            count: *count,
        };
        values.map(value).collect()
    }
}

fn collector(
    fields: impl IntoIterator<Item = &'static str>,
) -> Result<AggregationCollector, ApiError> {
    let terms = |field: &str| json!({ "terms": { "field": field, "size": COUNTED_MAX, "segment_size": COUNTED_MAX } });
    let fields = fields.into_iter();
    let request: Value = fields
        .map(|field| (field.to_owned(), terms(field)))
        .collect();
    let aggregations = serde_json::from_value(request)?;
    Ok(AggregationCollector::from_aggs(
        aggregations,
        AggContextParams::default(),
    ))
}

fn buckets(results: &AggregationResults, field: &str) -> HashMap<String, u64> {
    let Some(AggregationResult::BucketResult(BucketResult::Terms { buckets, .. })) =
        results.0.get(field)
    else {
        return HashMap::new();
    };
    let buckets = buckets.iter().filter_map(|bucket| match &bucket.key {
        Key::Str(value) => Some((value.clone(), bucket.doc_count)),
        _ => None,
    });
    buckets.collect()
}

/// The most frequent values, and those that are listed in any case.
fn first<'a>(
    mut counted: HashMap<String, u64>,
    listed: impl Iterator<Item = &'a str>,
) -> Vec<(String, u64)> {
    let listed: Vec<&str> = listed.collect();
    for value in &listed {
        counted.entry((*value).to_owned()).or_insert(0);
    }
    let mut values: Vec<(String, u64)> = counted.into_iter().collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut rank = 0;
    values.retain(|(value, _)| {
        rank += 1;
        rank <= VALUES_MAX || listed.contains(&value.as_str())
    });
    values
}

/// A service's Korean words.
pub(crate) fn service_label(service: &str) -> String {
    match Service::find(service) {
        Some(known) => known.label().to_owned(),
        None => service.to_owned(),
    }
}
