//! What is asked, in classes, each question in three ways: as a request, with `LIKE '%…%'`, and with FULLTEXT.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rand::prelude::*;
use sqlx::MySqlPool;

use crate::SEED;
use crate::sources::Sources;

/// Different questions of a class.
const QUESTIONS: usize = 500;
/// Our own judged queries, for complaints and questions.
const JUDGED: &str = include_str!("../../tests/eval/queries.tsv");
/// What a page of institutions shows.
const INSTITUTION: &str = "i.id, i.name, i.kind, i.address, i.phone, i.latitude, i.longitude";

/// A statement and its parameters.
#[derive(Clone)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) parameters: Vec<String>,
}

/// One question in each way.
#[derive(Clone)]
pub(crate) struct Question {
    /// Path and query of the request.
    pub(crate) target: String,
    pub(crate) like: Sql,
    pub(crate) fulltext: Sql,
}

/// Questions of one kind.
pub(crate) struct Class {
    pub(crate) name: &'static str,
    pub(crate) questions: Vec<Question>,
}

/// All classes; the last is a mix of them: of 100 requests 50 keystrokes, 20 names, 15 filtered, 10 articles, 5 complaints.
pub(crate) async fn classes(pool: &MySqlPool, sources: &Sources) -> Vec<Class> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let rows: Vec<(String, String, f64, f64, String)> = sqlx::query_as(
        "select i.name, i.sigungu, i.latitude, i.longitude, departments.name from institutions i
         join institution_departments d on d.institution_id = i.id join departments on departments.id = d.department_id
         where i.sigungu is not null and i.latitude is not null and i.id % 37 = 0 order by i.id, departments.id",
    )
    .fetch_all(pool)
    .await
    .expect("institutions");
    let drawn: Vec<_> = rows.sample(&mut rng, QUESTIONS).collect();
    let names: Vec<&str> = drawn.iter().map(|row| row.0.as_str()).collect();
    let named = |at: usize, name: &str| match at % 2 {
        0 => name.to_owned(),
        // The first half of it.
        _ => name
            .chars()
            .take(name.chars().count().div_ceil(2).max(2))
            .collect(),
    };
    let by_name = names
        .iter()
        .enumerate()
        .map(|(at, name)| by_name(&named(at, name)));
    let by_name: Vec<Question> = by_name.collect();
    let filtered = drawn
        .iter()
        .map(|(_, sigungu, latitude, longitude, department)| {
            let minute = rng.random_range(8 * 60..22 * 60);
            filtered(sigungu, department, (*latitude, *longitude), minute)
        });
    let filtered: Vec<Question> = filtered.collect();
    let complaints: Vec<Question> = judged("symptom").map(complaint).collect();
    let mut asked: Vec<&str> = judged("article_natural").collect();
    let real = sources.questions.sample(&mut rng, QUESTIONS - asked.len());
    asked.extend(real.map(String::as_str));
    asked.shuffle(&mut rng);
    let articles: Vec<Question> = asked.into_iter().map(article).collect();
    let keystrokes: Vec<Question> = names.iter().map(|name| keystroke(&mut rng, name)).collect();
    let mut mix = Vec::new();
    for (class, count) in [
        (&keystrokes, 250),
        (&by_name, 100),
        (&filtered, 75),
        (&articles, 50),
        (&complaints, 25),
    ] {
        mix.extend(class.sample(&mut rng, count).cloned());
    }
    mix.shuffle(&mut rng);
    [
        ("name", by_name),
        ("symptom", complaints),
        ("district + department + open + nearest", filtered),
        ("article question", articles),
        ("suggest", keystrokes),
        ("mix", mix),
    ]
    .into_iter()
    .map(|(name, questions)| Class { name, questions })
    .collect()
}

fn judged(kind: &str) -> impl Iterator<Item = &'static str> {
    let columns = JUDGED.lines().map(|line| line.split('\t'));
    columns.filter_map(move |mut columns| {
        (columns.next() == Some(kind))
            .then(|| columns.next())
            .flatten()
    })
}

fn target(path: &str, parameters: &[(&str, &str)]) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let parameters = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    format!("{path}?{}", parameters.collect::<Vec<_>>().join("&"))
}

/// Each word in any of the columns.
fn words_like(text: &str, columns: &[&str]) -> Sql {
    let mut clauses = Vec::new();
    let mut parameters = Vec::new();
    for word in text.split_whitespace() {
        let clause: Vec<String> = columns
            .iter()
            .map(|column| format!("{column} like ?"))
            .collect();
        clauses.push(format!("({})", clause.join(" or ")));
        parameters.extend(columns.iter().map(|_| format!("%{word}%")));
    }
    Sql {
        text: clauses.join(" and "),
        parameters,
    }
}

fn institutions_with(condition: &str, parameters: Vec<String>, order: &str) -> Sql {
    Sql {
        text: format!(
            "select sql_calc_found_rows {INSTITUTION} from institutions i where {condition} {order} limit 20"
        ),
        parameters,
    }
}

/// The shortest names first, or the best matches.
fn institutions(q: &str, columns: &[&str]) -> Question {
    let like = words_like(q, columns);
    let words = "match (i.name, i.address, i.description) against (?)";
    Question {
        target: target("/v1/search/institutions", &[("q", q)]),
        like: institutions_with(
            &like.text,
            like.parameters,
            "order by char_length(i.name), i.id",
        ),
        fulltext: institutions_with(
            words,
            vec![q.to_owned(); 2],
            &format!("order by {words} desc"),
        ),
    }
}

fn by_name(q: &str) -> Question {
    institutions(q, &["i.name"])
}

fn complaint(q: &str) -> Question {
    institutions(q, &["i.name", "i.address", "i.description"])
}

/// A chosen district and department, open at a minute of Monday, the nearest first.
fn filtered(
    sigungu: &str,
    department: &str,
    (latitude, longitude): (f64, f64),
    minute: u16,
) -> Question {
    let open_at = format!("2026-11-23T{:02}:{:02}", minute / 60, minute % 60);
    let (latitude, longitude) = (latitude.to_string(), longitude.to_string());
    let sql = |district: &str, district_value: String, runs: &str, runs_value: String| {
        let minute = minute.to_string();
        let condition = format!(
            "{district} and exists (select 1 from institution_departments d join departments on departments.id = d.department_id
             where d.institution_id = i.id and departments.name {runs})
             and exists (select 1 from opening_hours h where h.institution_id = i.id and h.day = 1 and h.opens_minute <= ? and h.closes_minute > ?)"
        );
        let order = "order by pow(sin(radians(i.latitude - ?) / 2), 2)
            + cos(radians(?)) * cos(radians(i.latitude)) * pow(sin(radians(i.longitude - ?) / 2), 2), i.id";
        let from = [latitude.clone(), latitude.clone(), longitude.clone()];
        let parameters = [district_value, runs_value, minute.clone(), minute]
            .into_iter()
            .chain(from);
        institutions_with(&condition, parameters.collect(), order)
    };
    let words = "match (i.name, i.address, i.description) against (? in boolean mode)";
    Question {
        target: target(
            "/v1/search/institutions",
            &[
                ("sigungu", sigungu),
                ("department", department),
                ("open_at", &open_at),
                ("lat", &latitude),
                ("lng", &longitude),
                ("sort", "distance"),
            ],
        ),
        like: sql(
            "i.address like ?",
            format!("%{sigungu}%"),
            "like ?",
            format!("%{department}%"),
        ),
        fulltext: sql(words, format!("+{sigungu}"), "= ?", department.to_owned()),
    }
}

fn article(q: &str) -> Question {
    let select = "select sql_calc_found_rows id, slug, title, summary from articles where status = 'published' and";
    let like = words_like(q, &["title", "summary", "body"]);
    let words = "match (title, summary, body) against (?)";
    Question {
        target: target("/v1/search/articles", &[("q", q)]),
        like: Sql {
            text: format!(
                "{select} {} order by published_on desc, id limit 20",
                like.text
            ),
            parameters: like.parameters,
        },
        fulltext: Sql {
            text: format!("{select} {words} order by {words} desc limit 20"),
            parameters: vec![q.to_owned(); 2],
        },
    }
}

/// One to four syllables of a name, of which the last may be under way.
fn keystroke(rng: &mut StdRng, name: &str) -> Question {
    let mut typed: Vec<char> = name.chars().take(rng.random_range(1..=4)).collect();
    if let Some(last) = typed.last_mut() {
        *last = under_way(*last, rng.random_range(0..3));
    }
    let typed: String = typed.into_iter().collect();
    let suggested = |condition: &str, value: String| {
        let condition = format!("{condition} order by char_length(i.name), i.id limit 8");
        Sql {
            text: format!("select i.id, i.name, i.address from institutions i where {condition}"),
            parameters: vec![value],
        }
    };
    // What FULLTEXT's boolean mode reads as an operator is no letter of a name.
    let word: String = typed
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    Question {
        target: target("/v1/search/suggest", &[("q", &typed)]),
        like: suggested("i.name like ?", format!("%{typed}%")),
        fulltext: suggested(
            "match (i.name, i.address, i.description) against (? in boolean mode)",
            format!("{word}*"),
        ),
    }
}

/// A syllable as it stands before its last keys: 0 whole, 1 without its final consonant, 2 its first consonant alone.
fn under_way(letter: char, keys_missing: u32) -> char {
    const INITIALS: [char; 19] = [
        'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ',
        'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
    ];
    if !('가'..='힣').contains(&letter) {
        return letter;
    }
    let place = letter as u32 - '가' as u32;
    match keys_missing {
        1 => char::from_u32(letter as u32 - place % 28).unwrap_or(letter),
        2 => INITIALS[(place / 588) as usize],
        _ => letter,
    }
}
