//! How many of all hits have each value of a field.

use indexer::documents::Service;
use serde::Serialize;
use serde_json::{Value, json};
use tantivy::aggregation::agg_result::{AggregationResult, AggregationResults, BucketResult};
use tantivy::aggregation::{AggContextParams, AggregationCollector, Key};
use utoipa::ToSchema;

use crate::error::ApiError;

/// Values of a facet that are counted: more than there are kinds or departments; of the 250 districts, the first of them.
const VALUES_MAX: u32 = 100;

/// A value and how many of the hits have it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetValue {
    /// The value, as the parameter takes it.
    #[schema(example = "pharmacy")]
    pub(crate) value: String,
    /// In Korean.
    #[schema(example = "약국")]
    pub(crate) label: String,
    /// How many hits, on all pages.
    pub(crate) count: u64,
}

/// Counts the values of these fields.
pub(crate) fn collector(fields: &[&str]) -> Result<AggregationCollector, ApiError> {
    let terms = |field: &&str| {
        let request = json!({ "terms": { "field": field, "size": VALUES_MAX, "segment_size": VALUES_MAX * 10 } });
        ((*field).to_owned(), request)
    };
    let request: Value = fields.iter().map(terms).collect();
    let aggregations = serde_json::from_value(request)?;
    Ok(AggregationCollector::from_aggs(
        aggregations,
        AggContextParams::default(),
    ))
}

/// The values of one field, the most frequent first.
pub(crate) fn values(
    results: &AggregationResults,
    field: &str,
    label: impl Fn(&str) -> String,
) -> Vec<FacetValue> {
    let Some(AggregationResult::BucketResult(BucketResult::Terms { buckets, .. })) =
        results.0.get(field)
    else {
        return Vec::new();
    };
    let mut values: Vec<FacetValue> = buckets
        .iter()
        .filter_map(|bucket| match &bucket.key {
            Key::Str(value) => Some(FacetValue {
                value: value.clone(),
                label: label(value),
                count: bucket.doc_count,
            }),
            _ => None,
        })
        .collect();
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    values
}

/// A service's Korean words.
pub(crate) fn service_label(service: &str) -> String {
    match Service::find(service) {
        Some(known) => known.label().to_owned(),
        None => service.to_owned(),
    }
}
