//! Why a hit stands where it does: what each sign of relevance counts for it.

use serde::Serialize;
use tantivy::query::{EnableScoring, Query};
use tantivy::{DocAddress, DocSet, Score};
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
    let mut scorer = weight.scorer(segment, 1.0)?;
    if scorer.doc() < address.doc_id {
        scorer.seek(address.doc_id);
    }
    Ok((scorer.doc() == address.doc_id).then(|| scorer.score()))
}
