//! The double's indexes and its queue of tasks, which are worked off one after the other, each wholly or not at all.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

/// An error's code and message.
pub(super) type Failure = (String, String);

#[derive(Default)]
pub(super) struct Store {
    pub(super) indexes: BTreeMap<String, IndexState>,
    tasks: Vec<Value>,
    queue: VecDeque<(usize, Operation)>,
    /// Types of tasks that are to fail, with the code.
    pub(super) failures: Vec<(String, String)>,
}

#[derive(Default)]
pub(super) struct IndexState {
    pub(super) settings: Value,
    pub(super) documents: BTreeMap<String, Value>,
}

pub(super) enum Operation {
    Create(String),
    DeleteIndex(String),
    Settings(String, Value),
    Put(String, Vec<Value>),
    Remove(String, Vec<String>),
    Swap(String, String),
}

impl Operation {
    fn task_type(&self) -> &'static str {
        match self {
            Self::Create(_) => "indexCreation",
            Self::DeleteIndex(_) => "indexDeletion",
            Self::Settings(..) => "settingsUpdate",
            Self::Put(..) => "documentAdditionOrUpdate",
            Self::Remove(..) => "documentDeletion",
            Self::Swap(..) => "indexSwap",
        }
    }
}

const WHEN: &str = "2026-01-01T00:00:00Z";

impl Store {
    /// Takes a task on; what the real server answers to that.
    pub(super) fn enqueue(&mut self, operation: Operation) -> Value {
        let uid = self.tasks.len();
        let task_type = operation.task_type();
        self.tasks.push(json!({
            "uid": uid, "indexUid": null, "status": "enqueued", "type": task_type, "details": null, "error": null,
            "enqueuedAt": WHEN, "startedAt": null, "finishedAt": null, "duration": null,
        }));
        self.queue.push_back((uid, operation));
        json!({"taskUid": uid, "indexUid": null, "status": "enqueued", "type": task_type, "enqueuedAt": WHEN})
    }

    /// The task as it stands. Each look lets the first of the queue be done, so that whoever does not wait has nothing done.
    pub(super) fn look_at(&mut self, uid: usize) -> Option<Value> {
        let seen = self.tasks.get(uid).cloned();
        self.work();
        seen
    }

    fn work(&mut self) {
        let Some((uid, operation)) = self.queue.pop_front() else {
            return;
        };
        let task_type = operation.task_type();
        let failure = self.failures.iter().position(|(name, _)| name == task_type);
        let done = match failure {
            Some(at) => Err((
                self.failures.remove(at).1,
                "as the test wants it".to_owned(),
            )),
            None => self.apply(operation),
        };
        let task = &mut self.tasks[uid];
        task["startedAt"] = json!(WHEN);
        task["finishedAt"] = json!(WHEN);
        task["duration"] = json!("PT0.001S");
        match done {
            Ok(()) => task["status"] = json!("succeeded"),
            Err((code, message)) => {
                task["status"] = json!("failed");
                task["error"] = problem(&code, &message);
            }
        }
    }

    fn apply(&mut self, operation: Operation) -> Result<(), Failure> {
        match operation {
            Operation::Create(name) if self.indexes.contains_key(&name) => {
                return Err(failure("index_already_exists", &name));
            }
            Operation::Create(name) => {
                self.indexes.insert(name, IndexState::default());
            }
            Operation::DeleteIndex(name) => {
                let removed = self.indexes.remove(&name);
                removed.ok_or_else(|| failure("index_not_found", &name))?;
            }
            Operation::Settings(name, settings) => {
                for rule in settings["rankingRules"].as_array().into_iter().flatten() {
                    check_rule(rule.as_str().unwrap_or_default())?;
                }
                let before = &mut self.index(&name)?.settings;
                for (setting, value) in settings.as_object().into_iter().flatten() {
                    before[setting] = value.clone();
                }
            }
            Operation::Put(name, documents) => {
                let index = self.index(&name)?;
                let ids = documents.iter().map(id_of).collect::<Result<Vec<_>, _>>()?;
                index.documents.extend(ids.into_iter().zip(documents));
            }
            Operation::Remove(name, ids) => {
                let index = self.index(&name)?;
                index.documents.retain(|id, _| !ids.contains(id));
            }
            Operation::Swap(one, other) => {
                let [first, second] = [&one, &other].map(|name| {
                    let index = self.indexes.remove(name);
                    index.ok_or_else(|| failure("index_not_found", name))
                });
                self.indexes.insert(one, second?);
                self.indexes.insert(other, first?);
            }
        }
        Ok(())
    }

    pub(super) fn index(&mut self, name: &str) -> Result<&mut IndexState, Failure> {
        let index = self.indexes.get_mut(name);
        index.ok_or_else(|| failure("index_not_found", name))
    }
}

pub(super) fn failure(code: &str, message: &str) -> Failure {
    (code.to_owned(), message.to_owned())
}

pub(super) fn problem(code: &str, message: &str) -> Value {
    let kind = match code {
        "invalid_api_key" | "missing_authorization_header" => "auth",
        "internal" | "no_space_left_on_device" => "internal",
        _ => "invalid_request",
    };
    json!({"message": message, "code": code, "type": kind, "link": format!("https://docs.meilisearch.com/errors#{code}")})
}

fn check_rule(rule: &str) -> Result<(), Failure> {
    const RULES: [&str; 6] = [
        "words",
        "typo",
        "proximity",
        "attribute",
        "sort",
        "exactness",
    ];
    if RULES.contains(&rule) || rule.ends_with(":asc") || rule.ends_with(":desc") {
        return Ok(());
    }
    Err(failure("invalid_settings_ranking_rules", rule))
}

/// The id of a document that may be stored.
fn id_of(document: &Value) -> Result<String, Failure> {
    let id = document["id"]
        .as_str()
        .ok_or_else(|| failure("missing_document_id", "no `id`"))?;
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if id.is_empty() || !id.chars().all(is_allowed) {
        return Err(failure("invalid_document_id", id));
    }
    let geo = &document["_geo"];
    let is_point = geo["lat"].is_number() && geo["lng"].is_number();
    if !(geo.is_null() || is_point) {
        return Err(failure("invalid_document_geo_field", id));
    }
    Ok(id.to_owned())
}
