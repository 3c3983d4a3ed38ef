//! `/v1/search/analyze`: the terms of a text, as the live index has them.

use axum::Json;
use axum::extract::State as Shared;
use indexer::Shown;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::error::{ApiError, Problem};
use crate::parameters::Parameters;
use crate::snapshot::{IndexView, snapshot};
use crate::state::State;

/// Parameters of an analysis.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Analyze {
    /// The text. Empty: no terms.
    #[param(nullable = false, example = "소아청소년과는 어디에", max_length = 200)]
    text: Option<String>,
}

impl Analyze {
    fn parse(mut parameters: Parameters) -> Result<Self, ApiError> {
        let request = Self {
            text: parameters.text()?,
        };
        parameters.finish()?;
        Ok(request)
    }
}

/// A text's terms.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnalysisView {
    /// The terms, in order.
    terms: Vec<TermView>,
    /// Version of the analysis: of the dictionary, the word lists and the operators' words of the live index.
    #[schema(example = "9f86d081884c7d65")]
    version: String,
    /// What the reply reflects.
    index: IndexView,
}

/// A term.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TermView {
    /// What is looked for; of verbs the stem.
    #[schema(example = "소아")]
    term: String,
    /// Where it begins in the text, in characters (Unicode scalar values).
    #[schema(example = 0)]
    start: usize,
    /// Where it ends there.
    #[schema(example = 2)]
    end: usize,
    /// Which term it is; those that are looked for as a phrase follow each other.
    #[schema(example = 0)]
    position: u32,
}

/// Terms of a text (형태소 분석)
///
/// How a text is cut for the index and for searches: for operators who look why something is or is not found.
#[utoipa::path(
    get,
    path = "/v1/search/analyze",
    tag = "operation",
    params(Analyze),
    responses(
        (status = 200, description = "The terms, in order", body = AnalysisView),
        (status = 400, description = "A parameter is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No index yet, or busy", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn analyze(
    Shared(state): Shared<State>,
    parameters: Parameters,
) -> Result<Json<AnalysisView>, ApiError> {
    let text = Analyze::parse(parameters)?.text.unwrap_or_default();
    let shown = snapshot(&state, None).await?;
    let analyze = move |_: &State| {
        let (analyzer, index) = match &shown {
            Shown::Tantivy(index) => (&index.analyzer, IndexView::of(index)),
            Shown::Meilisearch(live) => (live.server.analyzer(), IndexView::of_server(live)),
        };
        let characters = |bytes: usize| text[..bytes].chars().count();
        let tokens = analyzer.analyze(&text).into_iter();
        Ok(AnalysisView {
            terms: tokens
                .map(|token| TermView {
                    start: characters(token.start),
                    end: characters(token.end),
                    position: token.position,
                    term: token.text,
                })
                .collect(),
            version: analyzer.version().to_owned(),
            index,
        })
    };
    state.search(analyze).await.map(Json)
}
