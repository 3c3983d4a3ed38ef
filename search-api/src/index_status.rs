//! `/v1/index`: what the index holds and how it follows the tables.

use axum::Json;
use axum::extract::State as Shared;
use indexer::{LiveIndex, Progress, Shown};
use serde::Serialize;
use tantivy::collector::Count;
use utoipa::ToSchema;

use crate::error::{ApiError, Problem};
use crate::meilisearch::question::count;
use crate::parameters::Parameters;
use crate::snapshot::{age_milliseconds, snapshot};
use crate::state::State;
use crate::stream_status::StreamView;
use crate::text_query::is;

/// The index and its progress. Before the first index is there, `state` says so and the numbers are 0.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct IndexStatusView {
    /// What the indexer is doing: `starting`, `building`, `following`, `waiting`.
    #[schema(example = "following")]
    pub(crate) state: &'static str,
    /// What went wrong last, until it is mended.
    pub(crate) problem: Option<String>,
    /// Documents by noun.
    pub(crate) documents: DocumentCounts,
    /// Number of the index generation; each full rebuild makes a new one.
    pub(crate) generation: u64,
    /// Position of the database's binlog that the index covers; empty before the first index.
    pub(crate) position: String,
    /// Milliseconds since the index was last known to be in step with the tables.
    pub(crate) age_milliseconds: u64,
    /// Milliseconds from the last change's commit in the database until it was searchable.
    pub(crate) lag_milliseconds: u64,
    /// Changes of followed rows since the start.
    pub(crate) changes: u64,
    /// Documents put into the index since the start.
    pub(crate) upserts: u64,
    /// Documents removed from the index since the start.
    pub(crate) deletes: u64,
    /// Index commits since the start.
    pub(crate) commits: u64,
    /// Documents done of the build under way, or of the last one.
    pub(crate) built: u64,
    /// The build under way.
    pub(crate) build: Option<BuildView>,
    /// Tables that changed in a way that the stream does not tell and are still to be read again; of them the index may be
    /// older than its position.
    pub(crate) stale_tables: Vec<String>,
    /// Documents whose rows an open transaction holds; so may these be.
    pub(crate) postponed: u64,
    /// How the change stream goes that the index follows.
    pub(crate) stream: StreamView,
    /// What operators add to the words and synonyms.
    pub(crate) dictionary: DictionaryView,
    /// The parts of the index.
    pub(crate) segments: Vec<SegmentView>,
    /// Bytes of the index on the disk.
    pub(crate) size_bytes: u64,
}

/// An index that is being built.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct BuildView {
    /// Documents done.
    documents: u64,
    /// About how many it will be, by the database's statistics.
    documents_total: u64,
    /// Documents a second since it began.
    documents_per_second: f64,
    /// About how many seconds it will take; null before anything is done.
    remaining_seconds: Option<u64>,
}

impl BuildView {
    fn of(progress: &Progress) -> Option<Self> {
        let began = progress
            .build_began
            .filter(|_| progress.state == "building")?;
        let seconds = began.elapsed().unwrap_or_default().as_secs_f64();
        let documents = progress.built;
        let total = progress.build_total.max(documents);
        let rate = if seconds > 0.0 {
            documents as f64 / seconds
        } else {
            0.0
        };
        let left = (total - documents) as f64;
        Some(Self {
            documents,
            documents_total: total,
            documents_per_second: rate,
            remaining_seconds: (rate > 0.0).then(|| (left / rate) as u64),
        })
    }
}

/// Documents by noun.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct DocumentCounts {
    /// Institutions (병원·약국).
    pub(crate) institution: u64,
    /// Health articles (건강 정보).
    pub(crate) article: u64,
    /// Public holidays (공휴일).
    pub(crate) holiday: u64,
    /// Words of operators (단어).
    pub(crate) word: u64,
    /// Groups of synonyms of operators (동의어 묶음).
    pub(crate) synonyms: u64,
}

/// The operators' dictionary. Synonyms hold at once; words from the next build of the index on.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct DictionaryView {
    /// Version of the analysis that the index was built with: of the dictionary, the word lists and the operators' words.
    #[schema(example = "9f86d081884c7d65")]
    version: String,
    /// Words of operators that the index was built with.
    words: usize,
    /// Groups of synonyms of operators.
    synonym_groups: usize,
    /// Words of operators that are of no use and were left out, with the reason.
    left_out: Vec<String>,
    /// How the words have changed since the build.
    pending: PendingView,
    /// Whether the index must be built anew for its words to be those of the operators.
    rebuild_needed: bool,
    /// Whether an operator has asked for that.
    rebuild_requested: bool,
}

/// Words of operators that wait for the next build of the index.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct PendingView {
    /// New ones.
    added: usize,
    /// Those that are to be cut otherwise.
    changed: usize,
    /// Those that are no words any more.
    removed: usize,
}

impl DictionaryView {
    fn of(index: &LiveIndex) -> Self {
        let pending = index.pending_words();
        Self {
            version: index.analyzer.version().to_owned(),
            words: index.dictionary.words(),
            synonym_groups: index.synonym_groups.len(),
            left_out: index.dictionary.left_out().to_vec(),
            rebuild_needed: !pending.is_empty(),
            rebuild_requested: index.is_rebuild_requested(),
            pending: PendingView {
                added: pending.added,
                changed: pending.changed,
                removed: pending.removed,
            },
        }
    }
}

/// A segment of the index.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentView {
    /// Its name on the disk.
    id: String,
    /// Documents that can be found.
    documents: u32,
    /// Deleted documents that still take room.
    deleted: u32,
}

impl DocumentCounts {
    pub(crate) async fn of_shown(state: &State, shown: Shown) -> Result<Self, ApiError> {
        match shown {
            Shown::Tantivy(index) => state.look(move |_| Self::of(&index)).await,
            Shown::Meilisearch(live) => {
                let counts = count(&live.server.searched(), "noun").await?;
                let of = |noun: &str| counts.get(noun).map_or(0, |count| *count as u64);
                Ok(Self {
                    institution: of("institution"),
                    article: of("article"),
                    holiday: of("holiday"),
                    word: of("word"),
                    synonyms: of("synonyms"),
                })
            }
        }
    }

    fn of(index: &LiveIndex) -> Result<Self, ApiError> {
        let count = |noun| -> Result<u64, ApiError> {
            let count = index
                .searcher
                .search(&is(index.fields.noun, noun), &Count)?;
            Ok(count as u64)
        };
        Ok(Self {
            institution: count("institution")?,
            article: count("article")?,
            holiday: count("holiday")?,
            word: count("word")?,
            synonyms: count("synonyms")?,
        })
    }
}

/// State of the index (색인 상태)
#[utoipa::path(
    get,
    path = "/v1/index",
    tag = "operation",
    params(("min_position" = Option<String>, Query, nullable = false, description = "Wait at most five seconds for the index to cover this position of the binlog: what was written before is then in the reply. If it does not, the reply tells how the index stands.")),
    responses(
        (status = 200, description = "The index and its progress", body = IndexStatusView),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    Shared(state): Shared<State>,
    mut parameters: Parameters,
) -> Result<Json<IndexStatusView>, ApiError> {
    let min_position = parameters.min_position()?;
    parameters.finish()?;
    // That there is no index, or not yet one so far on, is no error here: the reply tells it.
    if let Err(error @ ApiError::InvalidParameter { .. }) =
        snapshot(&state, min_position.as_deref()).await
    {
        return Err(error);
    }
    let progress = state.live.progress();
    let mut view = IndexStatusView {
        // The first one, or one beside the live one.
        build: BuildView::of(&progress).or_else(|| BuildView::of(&state.live.build()?)),
        state: progress.state,
        problem: progress.problem,
        lag_milliseconds: progress.lag_milliseconds,
        changes: progress.changes,
        upserts: progress.upserts,
        deletes: progress.deletes,
        commits: progress.commits,
        built: progress.built,
        stale_tables: progress.stale_tables.into_iter().collect(),
        postponed: progress.postponed,
        stream: StreamView::of(&state.live),
        ..IndexStatusView::default()
    };
    let Some(shown) = state.live.current() else {
        return Ok(Json(view));
    };
    view.generation = shown.generation();
    view.position = shown.position().to_string();
    view.age_milliseconds = age_milliseconds(shown.reached_at());
    let index = match shown {
        Shown::Tantivy(index) => index,
        // It knows neither segments nor size.
        shown @ Shown::Meilisearch(_) => {
            view.documents = DocumentCounts::of_shown(&state, shown).await?;
            return Ok(Json(view));
        }
    };
    let read = move |_: &State| {
        let segments = index.searcher.segment_readers().iter();
        view.segments = segments
            .map(|segment| SegmentView {
                id: segment.segment_id().uuid_string(),
                documents: segment.num_docs(),
                deleted: segment.num_deleted_docs(),
            })
            .collect();
        view.documents = DocumentCounts::of(&index)?;
        view.dictionary = DictionaryView::of(&index);
        view.size_bytes = index.searcher.space_usage()?.total().get_bytes();
        Ok(view)
    };
    state.look(read).await.map(Json)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_build_tells_its_rate_and_how_long_it_will_take() {
        let progress = Progress {
            state: "building",
            built: 1_000,
            build_total: 3_000,
            build_began: SystemTime::now().checked_sub(Duration::from_secs(10)),
            ..Progress::default()
        };
        let view = BuildView::of(&progress).unwrap();
        assert!((90.0..=100.0).contains(&view.documents_per_second));
        assert!((20..=22).contains(&view.remaining_seconds.unwrap()));
        let done = Progress {
            state: "following",
            ..progress
        };
        assert_eq!(BuildView::of(&done), None);
    }
}
