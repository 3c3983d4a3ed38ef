//! What an article is, and how a Markdown file with TOML front matter becomes one.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::db::travels_as_text;
use crate::departments::{self, Department};

/// The longest file. Real articles have below 10 KiB; a batch of the longest ones still fits into one packet.
pub const TEXT_BYTES_MAX: usize = 512 * 1024;

/// Column widths of the tables, in characters.
const SLUG_CHARS_MAX: usize = 80;
const TITLE_CHARS_MAX: usize = 200;
const SUMMARY_CHARS_MAX: usize = 500;
const REVIEWER_CHARS_MAX: usize = 100;
const TOPIC_CHARS_MAX: usize = 40;

/// The most topics, codes or departments of one article: more say nothing.
const LIST_MAX: usize = 50;

/// What stands between the front matter and the rest.
const FENCE: &str = "+++";

/// Whether an article is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, sqlx::Encode, sqlx::Decode)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Status {
    /// Being written.
    #[default]
    Draft,
    /// Shown and searchable.
    Published,
    /// Shown no more.
    Withdrawn,
}

travels_as_text!(Status);

/// An article, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArticle {
    /// Name in the address: lower-case ASCII words joined by hyphens.
    pub slug: String,
    /// Title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// CommonMark.
    pub body: String,
    /// Who checked the text (감수).
    pub reviewer: Option<String>,
    /// First published.
    pub published_on: Option<NaiveDate>,
    /// Last revised.
    pub revised_on: Option<NaiveDate>,
    /// Whether it is shown.
    pub status: Status,
    /// Topics in Korean.
    pub topics: BTreeSet<String>,
    /// KCD codes such as `J00` or `E11.9`.
    pub kcd_codes: BTreeSet<String>,
    /// Numbers of related departments.
    pub department_ids: BTreeSet<u16>,
}

/// Why a file is no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct ArticleError {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// The key of the front matter at fault; empty when it is the file as a whole.
    pub key: &'static str,
    /// The value at fault.
    pub value: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with an article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No front matter between `+++` lines.
    #[error("첫 줄과 머리글 끝에 +++ 줄이 있어야 함")]
    NoFrontMatter,
    /// The front matter is not TOML, or has keys of its own.
    #[error("머리글(TOML)이 잘못됨: {0}")]
    FrontMatter(String),
    /// Nothing where something must be.
    #[error("비어 있음")]
    Blank,
    /// More characters than the table can hold.
    #[error("{0}자를 넘음")]
    TooLong(usize),
    /// More entries than make sense.
    #[error("{0}개를 넘음")]
    TooMany(usize),
    /// The file is named otherwise than an address.
    #[error("파일 이름은 영문 소문자·숫자 낱말을 -로 이은 것이어야 함")]
    Slug,
    /// Characters in a topic that are neither Hangul, ASCII letters, figures, spaces nor `·`, `-`.
    #[error("주제에 쓸 수 없는 글자가 있음")]
    Topic,
    /// No code of the form `A00` or `A00.0`.
    #[error("KCD 코드(A00, A00.0)의 꼴이 아님")]
    KcdCode,
    /// A department that the official list does not have.
    #[error("없는 진료과목")]
    Department,
    /// Not a date.
    #[error("날짜(YYYY-MM-DD)가 아님")]
    Date,
    /// Published without a date.
    #[error("공개(published)하려면 published_on이 있어야 함")]
    Undated,
    /// Revised before it was published.
    #[error("고친 날이 공개한 날보다 앞섬")]
    RevisedBefore,
}

/// The front matter as written. Keys that we do not know are refused: they are most often misspelt ones.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    summary: String,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    kcd_codes: Vec<String>,
    #[serde(default)]
    departments: Vec<String>,
    reviewer: Option<String>,
    published_on: Option<Day>,
    revised_on: Option<Day>,
    #[serde(default)]
    status: Status,
}

/// A date as TOML writes it, or in quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Date(toml::value::Datetime),
    Text(String),
    Other(IgnoredAny),
}

impl NewArticle {
    /// Reads the file called `slug` (without its ending). `departments` is the official list.
    ///
    /// # Errors
    /// When it is no article; with the line, key and value at fault.
    pub fn parse(slug: &str, text: &str, departments: &[Department]) -> Result<Self, ArticleError> {
        if !is_slug(slug) {
            return Err(fault(1, "", slug, Fault::Slug));
        }
        let text = text
            .strip_prefix('\u{feff}')
            .unwrap_or(text)
            .replace("\r\n", "\n");
        let (front, body) = split(&text).ok_or_else(|| fault(1, "", "", Fault::NoFrontMatter))?;
        let matter: FrontMatter = toml::from_str(front).map_err(|err| {
            let before = err
                .span()
                .and_then(|span| front.get(..span.start))
                .unwrap_or_default();
            let line = 2 + before.bytes().filter(|&byte| byte == b'\n').count() as u64;
            fault(line, "", "", Fault::FrontMatter(err.message().to_owned()))
        })?;
        let at = |key: &'static str| line_of(front, key);
        let reviewer = matter
            .reviewer
            .filter(|reviewer| !reviewer.trim().is_empty());
        let article = Self {
            slug: slug.to_owned(),
            title: text_value(at("title"), "title", &matter.title, TITLE_CHARS_MAX)?,
            summary: text_value(at("summary"), "summary", &matter.summary, SUMMARY_CHARS_MAX)?,
            body: body.trim().to_owned(),
            reviewer: match reviewer {
                Some(reviewer) => Some(text_value(
                    at("reviewer"),
                    "reviewer",
                    &reviewer,
                    REVIEWER_CHARS_MAX,
                )?),
                None => None,
            },
            published_on: date(at("published_on"), "published_on", matter.published_on)?,
            revised_on: date(at("revised_on"), "revised_on", matter.revised_on)?,
            status: matter.status,
            topics: list(at("topics"), "topics", &matter.topics, topic)?,
            kcd_codes: list(at("kcd_codes"), "kcd_codes", &matter.kcd_codes, kcd_code)?,
            department_ids: list(
                at("departments"),
                "departments",
                &matter.departments,
                |name| {
                    departments::find(departments, name)
                        .map(|department| department.id)
                        .ok_or(Fault::Department)
                },
            )?,
        };
        if article.body.is_empty() {
            return Err(fault(1, "", "", Fault::Blank));
        }
        if article.status == Status::Published && article.published_on.is_none() {
            return Err(fault(at("status"), "published_on", "", Fault::Undated));
        }
        if let (Some(published), Some(revised)) = (article.published_on, article.revised_on)
            && revised < published
        {
            return Err(fault(
                at("revised_on"),
                "revised_on",
                &revised.to_string(),
                Fault::RevisedBefore,
            ));
        }
        Ok(article)
    }
}

fn fault(line: u64, key: &'static str, value: &str, fault: Fault) -> ArticleError {
    ArticleError {
        line,
        key,
        value: value.to_owned(),
        fault,
    }
}

fn is_slug(slug: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    slug.len() <= SLUG_CHARS_MAX && slug.split('-').all(is_word)
}

/// The front matter and the text behind it.
fn split(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix(FENCE)?.strip_prefix('\n')?;
    if let Some(body) = inside.strip_prefix("+++\n") {
        return Some(("", body));
    }
    inside.split_once("\n+++\n")
}

/// The line of the file in which `key` is set.
fn line_of(front: &str, key: &str) -> u64 {
    let sets = |line: &str| {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    front.lines().position(sets).map_or(1, |at| at as u64 + 2)
}

fn text_value(
    line: u64,
    key: &'static str,
    value: &str,
    chars_max: usize,
) -> Result<String, ArticleError> {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if value.is_empty() {
        return Err(fault(line, key, "", Fault::Blank));
    }
    if value.chars().count() > chars_max {
        return Err(fault(line, key, &value, Fault::TooLong(chars_max)));
    }
    Ok(value)
}

fn date(line: u64, key: &'static str, day: Option<Day>) -> Result<Option<NaiveDate>, ArticleError> {
    let text = match day {
        None => return Ok(None),
        Some(Day::Date(date)) => date.to_string(),
        Some(Day::Text(text)) => text,
        Some(Day::Other(_)) => String::new(),
    };
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
        .map(Some)
        .map_err(|_| fault(line, key, &text, Fault::Date))
}

fn list<T: Ord>(
    line: u64,
    key: &'static str,
    values: &[String],
    parse: impl Fn(&str) -> Result<T, Fault>,
) -> Result<BTreeSet<T>, ArticleError> {
    if values.len() > LIST_MAX {
        return Err(fault(line, key, "", Fault::TooMany(LIST_MAX)));
    }
    values
        .iter()
        .map(|value| parse(value.trim()).map_err(|wrong| fault(line, key, value, wrong)))
        .collect()
}

/// Letters are told apart without regard to case by the table, so ASCII letters are kept in upper case: `MRI`.
fn topic(topic: &str) -> Result<String, Fault> {
    let is_topic = |character: char| {
        ('가'..='힣').contains(&character)
            || character.is_ascii_alphanumeric()
            || " ·-".contains(character)
    };
    if topic.is_empty() {
        return Err(Fault::Blank);
    }
    if topic.chars().count() > TOPIC_CHARS_MAX {
        return Err(Fault::TooLong(TOPIC_CHARS_MAX));
    }
    if !topic.chars().all(is_topic) {
        return Err(Fault::Topic);
    }
    Ok(topic.to_ascii_uppercase())
}

/// `J00`, `E11.9`: a letter, two figures, and perhaps a point with one to three more.
fn kcd_code(code: &str) -> Result<String, Fault> {
    let (category, detail) = code
        .split_once('.')
        .map_or((code, None), |(category, detail)| (category, Some(detail)));
    let is_digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let right = matches!(category.as_bytes(), [b'A'..=b'Z', digits @ ..] if digits.len() == 2 && is_digits(digits))
        && detail
            .is_none_or(|detail| (1..=3).contains(&detail.len()) && is_digits(detail.as_bytes()));
    right.then(|| code.to_owned()).ok_or(Fault::KcdCode)
}
