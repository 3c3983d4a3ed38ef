//! Why a hit stands where it does: what each sign of relevance counts for it.

use serde::Serialize;
use tantivy::query::{EnableScoring, Query};
use tantivy::{DocAddress, DocSet, Score, Searcher};
use utoipa::ToSchema;

use crate::error::ApiError;

/// A sign of relevance, with what it counts. The score is the sum of the parts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Part {
    /// `words` (what the query says, by BM25 with weights), `whole_name`, `name_prefix`, `initials`, `alike` (a name spelt alike), `near`,
    /// `open`.
    #[schema(example = "words")]
    pub(super) part: &'static str,
    /// What it counts.
    pub(super) score: f32,
    /// Of `words`, what each concept of the query counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) concepts: Vec<ConceptPart>,
}

/// A concept of the query, with what it counts.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ConceptPart {
    /// Its terms.
    #[schema(example = "강남")]
    pub(super) terms: String,
    /// What it counts.
    pub(super) score: f32,
}

impl Part {
    pub(super) fn new(part: &'static str, score: Score) -> Self {
        Self {
            part,
            score,
            concepts: Vec::new(),
        }
    }
}

/// What a query counts for a document; `None` when it does not find it.
pub(super) fn score(
    searcher: &Searcher,
    query: &dyn Query,
    address: DocAddress,
) -> Result<Option<Score>, ApiError> {
    let weight = query.weight(EnableScoring::enabled_from_searcher(searcher))?;
    let segment = searcher.segment_reader(address.segment_ord);
    let mut scorer = weight.scorer(segment, 1.0)?;
    if scorer.doc() < address.doc_id {
        scorer.seek(address.doc_id);
    }
    Ok((scorer.doc() == address.doc_id).then(|| scorer.score()))
}
