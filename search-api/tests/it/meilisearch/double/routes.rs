//! The double's routes, by Meilisearch's names.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use axum::{Json, extract};
use serde_json::Value;

use super::State;
use super::store::{Failure, IndexState, Operation, failure, problem};

type Held = Arc<Mutex<State>>;
type Answer = Result<(StatusCode, Json<Value>), Refusal>;

/// An error as Meilisearch answers it.
struct Refusal(Failure);

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self((code, message)) = self;
        let status = match code.as_str() {
            "invalid_api_key" => StatusCode::FORBIDDEN,
            "missing_authorization_header" => StatusCode::UNAUTHORIZED,
            "index_not_found" | "document_not_found" | "task_not_found" => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        (status, Json(problem(&code, &message))).into_response()
    }
}

pub(super) fn router(state: Held) -> Router {
    Router::new()
        .route("/indexes", post(create).get(list))
        .route("/indexes/{index}", delete(remove_index))
        .route("/indexes/{index}/settings", patch(settings))
        .route("/indexes/{index}/documents", post(put))
        .route("/indexes/{index}/documents/delete-batch", post(remove))
        .route("/indexes/{index}/documents/fetch", post(fetch))
        .route("/indexes/{index}/documents/{id}", get(document))
        .route("/indexes/{index}/search", post(search))
        .route("/indexes/{index}/facet-search", post(facet_search))
        .route("/swap-indexes", post(swap))
        .route("/tasks/{uid}", get(task))
        .layer(from_fn_with_state(Arc::clone(&state), admit))
        .layer(extract::DefaultBodyLimit::disable())
        .with_state(state)
}

/// Notes the request, and lets it pass with the right key.
async fn admit(Shared(state): Shared<Held>, request: Request, next: Next) -> Response {
    let refused = {
        let mut state = state.lock().unwrap();
        let path = request.uri().path();
        state.requests.push(format!("{} {path}", request.method()));
        let given = request.headers().get(AUTHORIZATION);
        let wanted = state.key.as_ref().map(|key| format!("Bearer {key}"));
        match (wanted, given) {
            (None, _) => None,
            (Some(_), None) => Some("missing_authorization_header"),
            (Some(wanted), Some(given)) if *given == *wanted => None,
            _ => Some("invalid_api_key"),
        }
    };
    match refused {
        Some(code) => Refusal(failure(code, "The provided API key is invalid.")).into_response(),
        None => next.run(request).await,
    }
}

fn accepted(state: &Held, operation: Operation) -> Answer {
    let task = state.lock().unwrap().store.enqueue(operation);
    Ok((StatusCode::ACCEPTED, Json(task)))
}

async fn create(Shared(state): Shared<Held>, Json(request): Json<Value>) -> Answer {
    let name = request["uid"].as_str().unwrap_or_default().to_owned();
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() || !name.chars().all(is_allowed) {
        return Err(failure("invalid_index_uid", &name).into());
    }
    accepted(&state, Operation::Create(name))
}

async fn list(Shared(state): Shared<Held>) -> Answer {
    let state = state.lock().unwrap();
    let results: Vec<Value> = state
        .store
        .indexes
        .keys()
        .map(|name| serde_json::json!({"uid": name}))
        .collect();
    Ok((
        StatusCode::OK,
        Json(serde_json::json!({"results": results})),
    ))
}

async fn remove_index(Shared(state): Shared<Held>, Path(name): Path<String>) -> Answer {
    accepted(&state, Operation::DeleteIndex(name))
}

async fn settings(
    Shared(state): Shared<Held>,
    Path(name): Path<String>,
    Json(settings): Json<Value>,
) -> Answer {
    accepted(&state, Operation::Settings(name, settings))
}

/// Documents as NDJSON.
async fn put(Shared(state): Shared<Held>, Path(name): Path<String>, body: Bytes) -> Answer {
    let documents = serde_json::Deserializer::from_slice(&body).into_iter();
    let documents: Result<Vec<Value>, _> = documents.collect();
    let malformed = |error: serde_json::Error| failure("malformed_payload", &error.to_string());
    accepted(&state, Operation::Put(name, documents.map_err(malformed)?))
}

async fn remove(
    Shared(state): Shared<Held>,
    Path(name): Path<String>,
    Json(ids): Json<Vec<String>>,
) -> Answer {
    accepted(&state, Operation::Remove(name, ids))
}

async fn swap(Shared(state): Shared<Held>, Json(request): Json<Value>) -> Answer {
    let name = |at: usize| request[0]["indexes"][at].as_str().map(str::to_owned);
    let pair = name(0)
        .zip(name(1))
        .ok_or_else(|| failure("invalid_swap_indexes", ""))?;
    accepted(&state, Operation::Swap(pair.0, pair.1))
}

async fn task(Shared(state): Shared<Held>, Path(uid): Path<usize>) -> Answer {
    let task = state.lock().unwrap().store.look_at(uid);
    let task = task.ok_or_else(|| failure("task_not_found", &uid.to_string()))?;
    Ok((StatusCode::OK, Json(task)))
}

async fn document(Shared(state): Shared<Held>, Path((name, id)): Path<(String, String)>) -> Answer {
    let mut state = state.lock().unwrap();
    let document = state.store.index(&name)?.documents.get(&id);
    let document = document.ok_or_else(|| failure("document_not_found", &id))?;
    Ok((StatusCode::OK, Json(document.clone())))
}

fn asked(state: &Held, name: &str, ask: impl Fn(&IndexState) -> Result<Value, Failure>) -> Answer {
    let mut state = state.lock().unwrap();
    Ok((StatusCode::OK, Json(ask(state.store.index(name)?)?)))
}

async fn fetch(
    Shared(state): Shared<Held>,
    Path(name): Path<String>,
    Json(request): Json<Value>,
) -> Answer {
    asked(&state, &name, |index| index.fetch(&request))
}

async fn search(
    Shared(state): Shared<Held>,
    Path(name): Path<String>,
    Json(request): Json<Value>,
) -> Answer {
    asked(&state, &name, |index| index.search(&request))
}

async fn facet_search(
    Shared(state): Shared<Held>,
    Path(name): Path<String>,
    Json(request): Json<Value>,
) -> Answer {
    asked(&state, &name, |index| index.facet_search(&request))
}
