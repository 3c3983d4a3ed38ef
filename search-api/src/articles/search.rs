//! Finds articles: any of the words, the more and the rarer the better.

use std::sync::Arc;

use chrono::NaiveDate;
use indexer::schema::field_name;
use indexer::{LiveIndex, Noun};
use tantivy::collector::Count;
use tantivy::collector::sort_key::SortByStaticFastValue;
use tantivy::query::{BooleanQuery, Occur};
use tantivy::{DocAddress, Order, Score};

use super::freshness::Fresh;
use super::request::SearchArticles;
use super::statistics::Statistics;
use crate::error::ApiError;
use crate::facets::{self, Counts};
use crate::filters::{Clauses, Filters};
use crate::segments::{ById, Facts, current_only, with_current_names};
use crate::text_query::{TextQuery, any_of, is};
use crate::understanding::Language;
use crate::weights;

/// Fields that are counted.
pub(super) const FACETS: [&str; 2] = ["topic", "department"];

/// What was found.
pub(super) struct Found {
    pub(super) hits: Vec<(Score, DocAddress)>,
    pub(super) total: usize,
    pub(super) facets: Counts,
    /// What is to be marked: rows of terms.
    pub(super) marks: Vec<Vec<String>>,
    /// What was searched for when it is not what was typed.
    pub(super) corrected: Option<String>,
}

/// Searches for what was typed, with words that no article has spelt as articles do; if there is nothing, for what the keys give on
/// the other keyboard.
pub(super) fn search(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    language: &Language,
    request: &SearchArticles,
    today: NaiveDate,
) -> Result<Found, ApiError> {
    let Some(typed) = request.q.as_deref() else {
        return run(index, facts, request, today, None);
    };
    let typed = TextQuery::new(language, typed, Noun::Article);
    let words = weights::of_articles(&index.fields);
    if let Some(text) = typed.corrected(language, index, Noun::Article, &words)? {
        return run(index, facts, request, today, Some((text, true)));
    }
    let other = typed.other_keyboard(language, Noun::Article);
    let found = run(index, facts, request, today, Some((typed, false)))?;
    match other {
        Some(text) if found.total == 0 => run(index, facts, request, today, Some((text, true))),
        _ => Ok(found),
    }
}

fn run(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    request: &SearchArticles,
    today: NaiveDate,
    read: Option<(TextQuery, bool)>,
) -> Result<Found, ApiError> {
    let text = read.as_ref().map(|(text, _)| text);
    let fields = &index.fields;
    let mut filters = Filters::default();
    filters.must(is(fields.noun, "article"));
    if !request.topic.is_empty() {
        let filter = any_of(fields.topic, &request.topic);
        filters.choose("topic", filter, request.topic.iter().cloned());
    }
    if !request.department.is_empty() {
        let names = with_current_names(&request.department, facts);
        let filter = any_of(fields.department, &names);
        filters.choose("department", filter, current_only(names, facts));
    }
    let mut words = Clauses::new();
    if let Some(text) = text {
        let searched = weights::of_articles(fields);
        // Articles lie in no place.
        let any_word = (text.count() > 0).then(|| text.at_least(1, &searched, &|_| None));
        let names = [
            text.name.prefix(&fields.titles),
            text.name.initials(&fields.titles),
        ];
        let alternatives = any_word.into_iter().chain(names.into_iter().flatten());
        words.push((
            Occur::Must,
            Box::new(BooleanQuery::union(alternatives.collect())),
        ));
        words.push((Occur::Should, text.bigrams(fields, weights::BIGRAMS)));
        words.extend(text.neighbours(&searched).map(|row| (Occur::Should, row)));
        words.push((Occur::Should, text.name.whole(&fields.titles)));
    }
    let query = filters.query(&words);
    let top = request.page().top();
    let counts = facets::beside_hits(&FACETS, &filters)?;
    let searcher = &index.searcher;
    let statistics = text.map(|text| Statistics::of(index, text)).transpose()?;
    let (hits, total, beside_hits) = match &statistics {
        Some(statistics) if !request.newest_first() => {
            let revised_day = fields.revised_day;
            let fresh = Fresh { revised_day, today };
            let order = (top.order_by((fresh, ById)), Count, counts);
            let found = searcher.search_with_statistics_provider(&query, &order, statistics)?;
            let hits = found.0.into_iter();
            let hits = hits.map(|((score, _), address)| (score, address)).collect();
            (hits, found.1, found.2)
        }
        _ => {
            let day = SortByStaticFastValue::<i64>::for_field(field_name(fields.revised_day));
            let order = top.order_by(((day, Order::Desc), ById));
            let found = searcher.search(&query, &(order, Count, counts))?;
            let hits = found.0.into_iter();
            let hits = hits.map(|(_, address)| (0.0, address)).collect();
            (hits, found.1, found.2)
        }
    };
    let marks = match (text, &statistics) {
        (Some(text), Some(statistics)) => statistics.telling(text)?,
        _ => Vec::new(),
    };
    Ok(Found {
        hits,
        total,
        facets: facets::count(searcher, &FACETS, &filters, &words, &beside_hits)?,
        marks,
        corrected: read
            .filter(|(_, is_corrected)| *is_corrected)
            .map(|(text, _)| text.text().to_owned()),
    })
}
