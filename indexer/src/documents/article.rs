//! Health articles. Only published ones are documents.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use tantivy::TantivyDocument;

use super::Document;
use super::institution::{DepartmentRef, add_departments, add_keys};
use super::locking_read::Reader;
use crate::error::Error;
use crate::schema::Fields;

/// An article as it is searched and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArticleDocument {
    /// Our number.
    pub id: u64,
    /// Name in the address.
    pub slug: String,
    /// Title.
    pub title: String,
    /// One or two sentences.
    pub summary: String,
    /// The text in CommonMark.
    pub body: String,
    /// Topics.
    pub topics: Vec<String>,
    /// KCD codes.
    pub kcd_codes: Vec<String>,
    /// Departments that treat what it is about.
    pub departments: Vec<DepartmentRef>,
    /// Who checked it.
    pub reviewer: Option<String>,
    /// First published.
    pub published_on: Option<NaiveDate>,
    /// Last revised.
    pub revised_on: Option<NaiveDate>,
}

#[derive(FromRow)]
struct ArticleRow {
    id: u64,
    slug: String,
    title: String,
    summary: String,
    body: String,
    reviewer: Option<String>,
    published_on: Option<NaiveDate>,
    revised_on: Option<NaiveDate>,
    is_published: bool,
}

#[derive(FromRow)]
struct DepartmentRow {
    article_id: u64,
    name: String,
    former_name: Option<String>,
}

const ARTICLES: &str = "select id, slug, title, summary, body, reviewer, published_on, revised_on, \
    status = 'published' as is_published from articles where id in";
const TOPICS: &str = "select article_id, topic from article_topics where article_id in";
const KCD_CODES: &str = "select article_id, kcd_code from article_kcd_codes where article_id in";
const DEPARTMENTS: &str = "select d.article_id, departments.name, departments.former_name from article_departments d \
    join departments on departments.id = d.department_id where d.article_id in";

pub(super) async fn load(reader: Reader<'_>, ids: &[u64]) -> Result<Vec<Document>, Error> {
    let rows: Vec<ArticleRow> = reader.rows(ARTICLES, ids, "order by id").await?;
    let topics: Vec<(u64, String)> = reader
        .rows(TOPICS, ids, "order by article_id, topic")
        .await?;
    let codes: Vec<(u64, String)> = reader
        .rows(KCD_CODES, ids, "order by article_id, kcd_code")
        .await?;
    let department_rows: Vec<DepartmentRow> = reader
        .rows(DEPARTMENTS, ids, "order by d.article_id, d.department_id")
        .await?;
    let (mut topics, mut codes) = (by_article(topics), by_article(codes));
    let departments = department_rows.into_iter().map(|row| {
        let department = DepartmentRef {
            name: row.name,
            former_name: row.former_name,
            specialist_count: None,
        };
        (row.article_id, department)
    });
    let mut departments = by_article(departments);
    let published = rows.into_iter().filter(|row| row.is_published);
    let documents = published.map(|row| {
        Document::Article(Box::new(ArticleDocument {
            topics: topics.remove(&row.id).unwrap_or_default(),
            kcd_codes: codes.remove(&row.id).unwrap_or_default(),
            departments: departments.remove(&row.id).unwrap_or_default(),
            id: row.id,
            slug: row.slug,
            title: row.title,
            summary: row.summary,
            body: row.body,
            reviewer: row.reviewer,
            published_on: row.published_on,
            revised_on: row.revised_on,
        }))
    });
    Ok(documents.collect())
}

fn by_article<T>(rows: impl IntoIterator<Item = (u64, T)>) -> HashMap<u64, Vec<T>> {
    let mut groups: HashMap<u64, Vec<T>> = HashMap::new();
    for (article, value) in rows {
        groups.entry(article).or_default().push(value);
    }
    groups
}

impl ArticleDocument {
    pub(super) fn fill(&self, fields: &Fields, entry: &mut TantivyDocument) {
        entry.add_u64(fields.id, self.id);
        entry.add_text(fields.slug, &self.slug);
        entry.add_text(fields.title, &self.title);
        add_keys(&fields.titles, entry, &self.title);
        entry.add_text(fields.summary, &self.summary);
        entry.add_text(fields.body, &self.body);
        for text in [&self.title, &self.summary, &self.body] {
            entry.add_text(fields.bigrams, text);
        }
        for topic in &self.topics {
            entry.add_text(fields.topic, topic);
            entry.add_text(fields.subjects, topic);
        }
        for code in &self.kcd_codes {
            entry.add_text(fields.kcd_code, code);
        }
        add_departments(fields, fields.subjects, entry, &self.departments);
        if let Some(day) = self.revised_on.or(self.published_on) {
            entry.add_i64(fields.revised_day, i64::from(day.to_epoch_days()));
        }
    }
}
