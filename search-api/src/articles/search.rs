//! Finds articles: any of the words, the more and the rarer the better.

use std::sync::Arc;

use indexer::LiveIndex;
use indexer::schema::{Fields, field_name};
use tantivy::collector::Count;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue};
use tantivy::query::Occur;
use tantivy::schema::Field;
use tantivy::{DocAddress, Order, Score};

use super::request::SearchArticles;
use super::statistics::Statistics;
use crate::error::ApiError;
use crate::facets::{self, Counts};
use crate::filters::{Clauses, Filters};
use crate::segments::{ById, Facts, current_only, with_current_names};
use crate::text_query::{TextQuery, any_of, is};

/// What the pairs of letters count beside the words. KorQuAD 1.0 dev, nDCG@10: 0 0.9632, 0.1 0.9660, 0.2 0.9666, 0.3 0.9674, 0.5
/// 0.9672.
const BIGRAMS_BOOST: Score = 0.3;
/// Fields that are counted.
const FACETS: [&str; 2] = ["topic", "department"];

/// What was found.
pub(super) struct Found {
    pub(super) hits: Vec<(Score, DocAddress)>,
    pub(super) total: usize,
    pub(super) facets: Counts,
    /// The tokens to be marked.
    pub(super) telling_tokens: Vec<String>,
}

/// The fields that a word is looked for in, with what each counts.
fn searched(fields: &Fields) -> [(Field, Score); 4] {
    [
        (fields.name, 3.0),
        (fields.keywords, 2.0),
        (fields.summary, 1.5),
        (fields.body, 1.0),
    ]
}

pub(super) fn search(
    index: &LiveIndex,
    facts: &[Arc<Facts>],
    request: &SearchArticles,
    text: Option<&TextQuery>,
) -> Result<Found, ApiError> {
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
        words.push((Occur::Must, text.at_least(1, &searched(fields))));
        words.push((Occur::Should, text.bigrams(fields, BIGRAMS_BOOST)));
        words.push((Occur::Should, text.whole_name(fields)));
    }
    let query = filters.query(&words);
    let by_id = ById::new(index, facts);
    let top = request.page().top();
    let counts = facets::beside_hits(&FACETS, &filters)?;
    let searcher = &index.searcher;
    let statistics = text.map(|text| Statistics::of(index, text)).transpose()?;
    let (hits, total, beside_hits) = match &statistics {
        Some(statistics) if !request.newest_first() => {
            let order = (top.order_by((SortBySimilarityScore, by_id)), Count, counts);
            let found = searcher.search_with_statistics_provider(&query, &order, statistics)?;
            let hits = found.0.into_iter();
            let hits = hits.map(|((score, _), address)| (score, address)).collect();
            (hits, found.1, found.2)
        }
        _ => {
            let day = SortByStaticFastValue::<i64>::for_field(field_name(fields.revised_day));
            let order = top.order_by(((day, Order::Desc), by_id));
            let found = searcher.search(&query, &(order, Count, counts))?;
            let hits = found.0.into_iter();
            let hits = hits.map(|(_, address)| (0.0, address)).collect();
            (hits, found.1, found.2)
        }
    };
    let telling_tokens = match (text, &statistics) {
        (Some(text), Some(statistics)) => statistics.telling_tokens(text)?,
        _ => Vec::new(),
    };
    Ok(Found {
        hits,
        total,
        facets: facets::count(searcher, &FACETS, &filters, &words, &beside_hits)?,
        telling_tokens,
    })
}
