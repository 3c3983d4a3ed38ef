//! Finds articles: any of the words that tell something, the more and the rarer the better.

use std::sync::Arc;

use chrono::NaiveDate;
use indexer::schema::{Fields, field_name};
use indexer::{LiveIndex, Noun};
use tantivy::collector::sort_key::SortByStaticFastValue;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::Occur;
use tantivy::{DocAddress, Order, Score};

use super::evidence::Evidence;
use super::freshness::Fresh;
use super::request::SearchArticles;
use super::second_look::{Hit, look_again};
use super::statistics::Statistics;
use crate::error::ApiError;
use crate::facets::{self, Counts};
use crate::filters::{Clauses, Filters};
use crate::segments::{ById, Facts, current_only, with_current_names};
use crate::text_query::{TextQuery, any_of, best_of, is, sum_of};
use crate::understanding::Language;
use crate::weights;

/// Fields that are counted.
pub(super) const FACETS: [&str; 2] = ["topic", "department"];

/// What was found.
pub(super) struct Found {
    pub(super) hits: Vec<(Score, DocAddress)>,
    pub(super) total: usize,
    pub(super) facets: Option<Counts>,
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
    if request.as_typed {
        return run(index, facts, request, today, Some((typed, false)));
    }
    let instead = |text: Option<TextQuery>| {
        let found = text.map(|text| run(index, facts, request, today, Some((text, true))));
        let found = found.transpose()?;
        Ok::<_, ApiError>(found.filter(|found| found.total > 0))
    };
    let words = weights::of_articles(&index.fields);
    if let Some(found) = instead(typed.corrected(language, index, Noun::Article, &words)?)? {
        return Ok(found);
    }
    let other = typed.other_keyboard(language, Noun::Article);
    let found = run(index, facts, request, today, Some((typed, false)))?;
    if found.total > 0 {
        return Ok(found);
    }
    Ok(instead(other)?.unwrap_or(found))
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
    let filters = filters(fields, facts, request);
    let statistics = text.map(|text| Statistics::of(index, text)).transpose()?;
    let evidence = text
        .zip(statistics.as_ref())
        .map(|(text, statistics)| Evidence::of(text, fields, statistics));
    let mut words = Clauses::new();
    if let Some((text, evidence)) = text.zip(evidence.as_ref()) {
        let names = [
            Some(text.name.whole(&fields.titles)),
            text.name.prefix(&fields.titles),
            text.name.initials(&fields.titles),
        ];
        let telling = evidence.telling.iter();
        let telling = telling.map(|sign| best_of(sign.iter().map(|way| way.box_clone()).collect()));
        let ways = telling.chain(names.into_iter().flatten()).collect();
        words.push((Occur::Must, sum_of(ways)));
    }
    let query = filters.query(&words);
    let counts = request
        .facets
        .then(|| facets::beside_hits(&FACETS, &filters))
        .transpose()?;
    let searcher = &index.searcher;
    let (hits, total, beside_hits) = match (&statistics, &evidence) {
        (Some(statistics), Some(evidence)) if !request.newest_first() => {
            let judged = request.page().end().max(weights::JUDGED);
            let order = TopDocs::with_limit(judged).order_by((Fresh::new(fields, today), ById));
            let (best, total, counted) = searcher.search_with_statistics_provider(
                &query,
                &(order, Count, counts),
                statistics,
            )?;
            let hits = best
                .into_iter()
                .map(|((score, id), address)| Hit { score, id, address });
            let mut hits: Vec<Hit> = hits.collect();
            let judged = hits.len().min(weights::JUDGED);
            look_again(index, statistics, evidence, &mut hits[..judged])?;
            let hits = request.page().of(hits).map(|hit| (hit.score, hit.address));
            (hits.collect(), total, counted)
        }
        _ => {
            let day = SortByStaticFastValue::<i64>::for_field(field_name(fields.revised_day));
            let order = request.page().top().order_by(((day, Order::Desc), ById));
            let found = searcher.search(&query, &(order, Count, counts))?;
            let hits = found.0.into_iter();
            let hits: Vec<_> = hits.map(|(_, address)| (0.0, address)).collect();
            (hits, found.1, found.2)
        }
    };
    let facets = beside_hits
        .map(|counted| facets::count(searcher, &FACETS, &filters, &words, &counted))
        .transpose()?;
    let marks = text.zip(statistics.as_ref());
    let marks = marks.map(|(text, statistics)| statistics.marked(text));
    Ok(Found {
        hits,
        total,
        facets,
        marks: marks.transpose()?.unwrap_or_default(),
        corrected: read
            .filter(|(_, is_corrected)| *is_corrected)
            .map(|(text, _)| text.text().to_owned()),
    })
}

/// Which articles may be found at all.
fn filters(fields: &Fields, facts: &[Arc<Facts>], request: &SearchArticles) -> Filters {
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
    filters
}
