//! The back office's `/dictionary/{list}`: words and synonyms are listed, added, changed and removed, by plain forms. What is
//! posted is answered with a redirect, so that reloading a page writes nothing again; what is refused, with the form as it was.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tracing::{error, warn};

use super::office::Office;
use super::pending::Pending;
use crate::api::{ApiError, List, Problem, Row, Rows};
use crate::choices::address;
use crate::frame::show as reply;
use crate::korean;

/// Classes of synonyms, as the API names them, and as people do.
const CLASSES: [(&str, &str); 10] = [
    ("department", "진료과"),
    ("institution", "기관"),
    ("test", "검사"),
    ("procedure", "시술·수술"),
    ("condition", "질환"),
    ("symptom", "증상"),
    ("body", "신체"),
    ("medicine", "약"),
    ("spelling", "표기"),
    ("service", "사람·서류·방문"),
];
const NOT_CONNECTED: &str = "사전 서비스가 연결되어 있지 않습니다. 관리 화면과 사전 서비스를 따로 띄웠다면 둘에 같은 operator-token을 설정하세요.";
const DOWN: &str = "사전 서비스가 대답하지 않습니다. 잠시 뒤 다시 시도하세요.";

/// What a query or form says, by the names of its fields.
type Fields = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "back_office/dictionary.html")]
struct DictionaryPage {
    list: List,
    texts: Texts,
    /// How far the index has taken up the words; none when it can't be asked.
    pending: Option<Pending>,
    /// What has just been done.
    done: Option<&'static str>,
    /// What went wrong with the page as a whole.
    problem: Option<String>,
    form: Filled,
    preview: Option<Preview>,
    q: String,
    found: Option<Found>,
}

/// The words of a list's page.
struct Texts {
    title: &'static str,
    main: &'static str,
    main_hint: &'static str,
    extra: &'static str,
    extra_hint: &'static str,
}

/// The form as it stands there.
#[derive(Default)]
struct Filled {
    /// The row that it changes; none when it adds one.
    id: Option<u64>,
    main: String,
    extra: String,
    note: String,
    /// The field that is wrong, and why.
    wrong: Option<(&'static str, String)>,
}

/// How a word is cut.
struct Preview {
    now: String,
    then: String,
}

/// The rows that were found.
struct Found {
    rows: Vec<Row>,
    total: String,
    /// The addresses of the pages around.
    previous: Option<String>,
    next: Option<String>,
}

impl Texts {
    fn of(list: List) -> Self {
        match list {
            List::Words => Self {
                title: "단어",
                main: "단어",
                main_hint: "띄어쓰기 없이 글자와 숫자로 2자에서 20자까지",
                extra: "나누기",
                extra_hint: "나눌 곳에 빈칸을 넣습니다(위고비 주사). 비우면 나누지 않습니다.",
            },
            List::Synonyms => Self {
                title: "동의어",
                main: "동의어",
                main_hint: "‘맹장염, 충수염’은 서로, ‘타이레놀 => 아세트아미노펜’은 왼쪽을 찾을 때 오른쪽도 찾습니다.",
                extra: "분류",
                extra_hint: "운영자가 알아보기 위한 것으로, 검색에는 쓰지 않습니다.",
            },
        }
    }
}

impl Filled {
    fn of(id: Option<u64>, fields: &Fields) -> Self {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Self {
            id,
            main: field("main"),
            extra: field("extra"),
            note: field("note"),
            wrong: None,
        }
    }

    fn of_row(row: Row) -> Self {
        Self {
            id: Some(row.id),
            main: row.main,
            extra: row.extra.unwrap_or_default(),
            note: row.note.unwrap_or_default(),
            wrong: None,
        }
    }

    /// What is wrong with the field, for the template.
    fn wrong(&self, field: &str) -> Option<&str> {
        let wrong = self.wrong.as_ref().filter(|(wrong, _)| *wrong == field);
        wrong.map(|(_, why)| why.as_str())
    }

    fn refuse(&mut self, problem: Problem) {
        let field = match problem.parameter.as_deref() {
            Some("parts" | "class") => "extra",
            Some("note") => "note",
            _ => "main",
        };
        let why = problem
            .title
            .unwrap_or_else(|| "저장할 수 없습니다".to_owned());
        self.wrong = Some((field, why));
    }

    fn action(&self, list: &List) -> String {
        match self.id {
            Some(id) => format!("/dictionary/{}/{id}", list.name()),
            None => format!("/dictionary/{}", list.name()),
        }
    }
}

impl Found {
    fn new(found: Rows, list: List, q: &str) -> Self {
        let pages = found.total.div_ceil(found.per_page.max(1));
        let address = |page: u64| {
            let query = [("q", q), ("page", &page.to_string())];
            address(&format!("/dictionary/{}", list.name()), query.into_iter())
        };
        Self {
            total: korean::number(found.total),
            previous: (found.page > 1).then(|| address(found.page - 1)),
            next: (found.page < pages).then(|| address(found.page + 1)),
            rows: found.rows,
        }
    }
}

fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "saved" => "저장했습니다.",
        "deleted" => "지웠습니다.",
        "rebuild" => "색인을 다시 만들라고 했습니다. 그동안 검색은 지금 색인으로 답합니다.",
        _ => return None,
    })
}

/// `GET /dictionary`
pub(crate) async fn begin() -> Redirect {
    Redirect::to("/dictionary/words")
}

/// `GET /dictionary/{list}`, with `q` and `page`; `edit` puts a row into the form, `preview` tells how its word is cut.
pub(crate) async fn show(
    State(office): State<Office>,
    Path(list): Path<List>,
    Query(query): Query<Fields>,
) -> Response {
    let edited = query.get("edit").and_then(|id| id.parse().ok());
    let mut form = Filled::of(edited, &query);
    let is_preview = query.contains_key("preview");
    if let (Some(id), Some(operators), false) = (edited, &office.operators, is_preview) {
        match operators.row(list, id).await {
            Ok(row) => form = Filled::of_row(row),
            Err(error) => return failed(&office, list, Filled::default(), error).await,
        }
    }
    page(&office, list, form, &query).await
}

/// `POST /dictionary/{list}`
pub(crate) async fn create(
    State(office): State<Office>,
    Path(list): Path<List>,
    Form(fields): Form<Fields>,
) -> Response {
    write(&office, list, None, &fields).await
}

/// `POST /dictionary/{list}/{id}`
pub(crate) async fn update(
    State(office): State<Office>,
    Path((list, id)): Path<(List, u64)>,
    Form(fields): Form<Fields>,
) -> Response {
    write(&office, list, Some(id), &fields).await
}

/// `POST /dictionary/{list}/{id}/delete`
pub(crate) async fn delete(
    State(office): State<Office>,
    Path((list, id)): Path<(List, u64)>,
) -> Response {
    let Some(operators) = &office.operators else {
        return page(&office, list, Filled::default(), &Fields::new()).await;
    };
    match operators.delete(list, id).await {
        Ok(written) => back(list, "deleted", &written.position),
        // Somebody else was faster.
        Err(ApiError::NotFound) => back(list, "deleted", ""),
        Err(error) => failed(&office, list, Filled::default(), error).await,
    }
}

/// `POST /dictionary/{list}/rebuild`
pub(crate) async fn rebuild(State(office): State<Office>, Path(list): Path<List>) -> Response {
    let Some(operators) = &office.operators else {
        return page(&office, list, Filled::default(), &Fields::new()).await;
    };
    match operators.request_rebuild().await {
        Ok(written) => back(list, "rebuild", &written.position),
        Err(error) => failed(&office, list, Filled::default(), error).await,
    }
}

/// To the list, which waits until the index has what was written.
fn back(list: List, done: &str, position: &str) -> Response {
    let query = [("done", done), ("at", position)];
    let path = format!("/dictionary/{}", list.name());
    Redirect::to(&address(&path, query.into_iter())).into_response()
}

async fn write(office: &Office, list: List, id: Option<u64>, fields: &Fields) -> Response {
    let form = Filled::of(id, fields);
    let Some(operators) = &office.operators else {
        return page(office, list, form, &Fields::new()).await;
    };
    let (main, extra) = match list {
        List::Words => ("word", "parts"),
        List::Synonyms => ("words", "class"),
    };
    let body = [
        (main, &*form.main),
        (extra, &*form.extra),
        ("note", &*form.note),
    ]
    .into();
    match operators.write(list, id, &body).await {
        Ok(written) => back(list, "saved", &written.position),
        Err(error) => failed(office, list, form, error).await,
    }
}

/// The page with what was refused or went wrong.
async fn failed(office: &Office, list: List, mut form: Filled, error: ApiError) -> Response {
    let (status, problem) = match error {
        ApiError::Refused(problem) => {
            form.refuse(problem);
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        ApiError::NotFound => (
            StatusCode::NOT_FOUND,
            Some("그새 지워진 것입니다.".to_owned()),
        ),
        error => {
            error!(?error, "{error}");
            (StatusCode::BAD_GATEWAY, Some(DOWN.to_owned()))
        }
    };
    let mut page = DictionaryPage::new(office, list, form, &Fields::new()).await;
    page.problem = page.problem.or(problem);
    (status, reply(&page)).into_response()
}

async fn page(office: &Office, list: List, form: Filled, query: &Fields) -> Response {
    let page = DictionaryPage::new(office, list, form, query).await;
    let status = match page.problem {
        Some(_) => StatusCode::BAD_GATEWAY,
        None => StatusCode::OK,
    };
    (status, reply(&page)).into_response()
}

impl DictionaryPage {
    async fn new(office: &Office, list: List, form: Filled, query: &Fields) -> Self {
        let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let (q, number) = (field("q").trim(), field("page").parse().unwrap_or(1));
        let mut page = Self {
            list,
            texts: Texts::of(list),
            pending: None,
            done: done(field("done")),
            problem: None,
            preview: None,
            q: q.to_owned(),
            found: None,
            form,
        };
        match &office.operators {
            None => page.problem = Some(NOT_CONNECTED.to_owned()),
            Some(operators) => match operators.rows(list, q, number).await {
                Ok(found) => page.found = Some(Found::new(found, list, q)),
                Err(error) => {
                    error!(?error, "{error}");
                    page.problem = Some(DOWN.to_owned());
                }
            },
        }
        match office.api.index_state_at(field("at")).await {
            // Before the first index there is nothing to take them up.
            Ok(index) if index.position.is_empty() => {}
            Ok(index) => page.pending = Some(Pending::of(&index)),
            Err(error) => warn!(?error, "{error}"),
        }
        if query.contains_key("preview") && list == List::Words {
            page.preview = preview(office, &page.form).await;
        }
        page
    }
}

/// How the live index cuts the word, and how the next one will.
async fn preview(office: &Office, form: &Filled) -> Option<Preview> {
    let analysis = match office.api.analyze(&form.main).await {
        Ok(analysis) => analysis,
        Err(error) => {
            warn!(?error, "{error}");
            return None;
        }
    };
    let now: Vec<_> = analysis.terms.into_iter().map(|term| term.term).collect();
    let wanted = match form.extra.trim() {
        "" => form.main.trim(),
        parts => parts,
    };
    let then: Vec<_> = wanted.split_whitespace().collect();
    Some(Preview {
        now: now.join(" · "),
        then: then.join(" · "),
    })
}

impl Row {
    /// A word's parts, or a class in Korean.
    fn extra_shown(&self) -> &str {
        let extra = self.extra.as_deref().unwrap_or_default();
        let class = CLASSES.iter().find(|(class, _)| *class == extra);
        class.map_or(extra, |(_, name)| name)
    }
}
