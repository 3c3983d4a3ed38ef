//! Why a hit stands where it does: what each sign of relevance counts for it.

use serde::Serialize;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocAddress, DocId, DocSet, Score, SegmentReader, TantivyError};
use utoipa::ToSchema;

use crate::error::ApiError;

/// A sign of relevance, with what it counts. The score is the sum of the parts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Part {
    /// `words` (what the query says, by BM25 with weights), `whole_name`, `name_prefix`, `initials`; of institutions `alike` (a name spelt
    /// alike), `near`, `open`; of articles `pairs` (of letters), `in_a_row` (neighbouring words of the query), `fresh`.
    #[schema(example = "words")]
    pub(crate) part: &'static str,
    /// What it counts.
    pub(crate) score: f32,
    /// Of `words`, what each concept of the query counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) concepts: Vec<ConceptPart>,
}

/// A concept of the query, with what it counts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ConceptPart {
    /// Its terms.
    #[schema(example = "강남")]
    pub(crate) terms: String,
    /// What it counts.
    pub(crate) score: f32,
}

impl Part {
    pub(crate) fn new(part: &'static str, score: Score) -> Self {
        Self {
            part,
            score,
            concepts: Vec::new(),
        }
    }
}

/// What a query counts for a document; `None` when it does not find it.
pub(crate) fn score(
    scoring: EnableScoring<'_>,
    query: &dyn Query,
    address: DocAddress,
) -> Result<Option<Score>, ApiError> {
    let Some(searcher) = scoring.searcher() else {
        return Ok(None);
    };
    let weight = query.weight(scoring)?;
    let segment = searcher.segment_reader(address.segment_ord);
    Ok(score_at(weight.scorer(segment, 1.0)?, address.doc_id))
}

/// For a weight of our own: what it counts for a document of a segment.
pub(crate) fn explain(
    weight: &dyn Weight,
    segment: &SegmentReader,
    doc: DocId,
) -> tantivy::Result<Explanation> {
    let score = score_at(weight.scorer(segment, 1.0)?, doc);
    let not_found = || TantivyError::InvalidArgument(format!("document {doc} is not found"));
    let score = score.ok_or_else(not_found)?;
    Ok(Explanation::new("found", score))
}

fn score_at(mut found: Box<dyn Scorer>, doc: DocId) -> Option<Score> {
    if found.doc() < doc {
        found.seek(doc);
    }
    (found.doc() == doc).then(|| found.score())
}
