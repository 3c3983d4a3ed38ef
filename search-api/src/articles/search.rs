//! Finds articles: any of the words that tell something, the more and the rarer the better.

use std::sync::Arc;

use chrono::NaiveDate;
use indexer::schema::{Fields, field_name};
use indexer::{LiveIndex, Noun};
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_result::AggregationResults;
use tantivy::collector::sort_key::SortByStaticFastValue;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query};
use tantivy::{DocAddress, Order, Score};

use super::evidence::{Evidence, Sign};
use super::explanation::Explainer;
use super::freshness::Fresh;
use super::request::SearchArticles;
use super::second_look::{Hit, look_again};
use super::statistics::Statistics;
use crate::error::ApiError;
use crate::explanation::Part;
use crate::facets::{self, Counts};
use crate::filters::{Clauses, Filters};
use crate::segments::{ById, Facts, current_only, with_current_names};
use crate::text_query::{TextQuery, any_of, is, sum_of};
use crate::understanding::Language;
use crate::weights;

/// Fields that are counted.
pub(super) const FACETS: [&str; 2] = ["topic", "department"];

/// What was found.
pub(super) struct Found {
    pub(super) hits: Vec<(Score, DocAddress)>,
    pub(super) total: usize,
    /// What made the score of each hit, when that was asked for and hits are ordered by it.
    pub(super) explanations: Vec<Vec<Part>>,
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
    let filters = filters(&index.fields, facts, request);
    let asked = text.map(|text| Asked::of(index, text)).transpose()?;
    let words = asked.iter().map(|asked| (Occur::Must, asked.query()));
    let words: Clauses = words.collect();
    let query = filters.query(&words);
    let counts = request
        .facets
        .then(|| facets::beside_hits(&FACETS, &filters))
        .transpose()?;
    let searcher = &index.searcher;
    let (hits, (total, beside_hits), explanations) = match &asked {
        Some(asked) if !request.newest_first() => {
            asked.best(index, request, today, (query, counts))?
        }
        _ => {
            let day = SortByStaticFastValue::<i64>::for_field(field_name(index.fields.revised_day));
            let order = request.page().top().order_by(((day, Order::Desc), ById));
            let found = searcher.search(&query, &(order, Count, counts))?;
            let hits = found.0.into_iter();
            let hits = hits.map(|(_, address)| (0.0, address)).collect();
            (hits, (found.1, found.2), Vec::new())
        }
    };
    let facets = beside_hits
        .map(|counted| facets::count(searcher, &FACETS, &filters, &words, &counted))
        .transpose()?;
    let marks = text.zip(asked.as_ref());
    let marks = marks.map(|(text, asked)| asked.statistics.marked(text));
    Ok(Found {
        hits,
        total,
        explanations,
        facets,
        marks: marks.transpose()?.unwrap_or_default(),
        corrected: read
            .filter(|(_, is_corrected)| *is_corrected)
            .map(|(text, _)| text.text().to_owned()),
    })
}

/// What a query asks of articles.
struct Asked {
    statistics: Statistics,
    evidence: Evidence,
    /// Ways to be found by the title, by the names of their parts of the score.
    names: Vec<(&'static str, Box<dyn Query>)>,
}

/// Hits with their scores, how many there are and their counts, and what made each score.
type Best = (
    Vec<(Score, DocAddress)>,
    (usize, Option<AggregationResults>),
    Vec<Vec<Part>>,
);

impl Asked {
    fn of(index: &LiveIndex, text: &TextQuery) -> Result<Self, ApiError> {
        let fields = &index.fields;
        let statistics = Statistics::of(index, text)?;
        let names = [
            ("whole_name", Some(text.name.whole(&fields.titles))),
            ("name_prefix", text.name.prefix(&fields.titles)),
            ("initials", text.name.initials(&fields.titles)),
        ];
        let names = names.into_iter();
        Ok(Self {
            evidence: Evidence::of(text, fields, &statistics),
            names: names.filter_map(|(part, way)| Some((part, way?))).collect(),
            statistics,
        })
    }

    /// Articles that have any of it.
    fn query(&self) -> Box<dyn Query> {
        let telling = self.evidence.telling.iter().map(Sign::query);
        let names = self.names.iter().map(|(_, way)| way.box_clone());
        sum_of(telling.chain(names).collect())
    }

    /// The best hits of the page.
    fn best(
        &self,
        index: &LiveIndex,
        request: &SearchArticles,
        today: NaiveDate,
        (query, counts): (BooleanQuery, Option<AggregationCollector>),
    ) -> Result<Best, ApiError> {
        let (statistics, evidence) = (&self.statistics, &self.evidence);
        let fresh = Fresh::new(&index.fields, today);
        let wanted = request.page().end().max(weights::JUDGED);
        let order = TopDocs::with_limit(wanted).order_by((fresh.clone(), ById));
        let (best, total, counted) = index.searcher.search_with_statistics_provider(
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
        let ranked = hits.into_iter().enumerate().collect();
        let page: Vec<(usize, Hit)> = request.page().of(ranked).collect();
        let explainer = Explainer {
            index,
            statistics,
            evidence,
            names: &self.names,
            fresh: &fresh,
        };
        let explained = page.iter().filter(|_| request.explain);
        let explained = explained.map(|(rank, hit)| explainer.explain(hit.address, *rank < judged));
        let explanations = explained.collect::<Result<_, _>>()?;
        let hits = page.into_iter().map(|(_, hit)| (hit.score, hit.address));
        Ok((hits.collect(), (total, counted), explanations))
    }
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
