//! A search of Meilisearch, and what it found: documents, counts, and the words that it found in them.

use std::collections::{BTreeSet, HashMap};

use super::filter::Filter;
use crate::error::ApiError;
use crate::facets::Counts;
use crate::parameters::Page;
use analyzers::Analyzer;
use indexer::documents::parse_source;
use indexer::engines::meilisearch::Http;
use meilisearch_sdk::errors::{Error, ErrorType};
use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::search::{FacetSearchQuery, MatchingStrategies, SearchQuery, Selectors};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What is put around what was found: letters that stand in no text, since they mean nothing.
const MARK_BEGINS: &str = "\u{e000}";
const MARK_ENDS: &str = "\u{e001}";
/// Attributes in which words are marked; the rest of what is searched is shown nowhere.
const MARKED: [&str; 6] = [
    "name",
    "keywords",
    "address",
    "department",
    "summary",
    "body",
];

/// How many words of the query a document must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    All,
    /// Those from the first on, the more the better.
    Some,
}

impl Words {
    fn strategy(self) -> MatchingStrategies {
        match self {
            Self::All => MatchingStrategies::ALL,
            Self::Some => MatchingStrategies::LAST,
        }
    }
}

/// What is asked.
pub(crate) struct Question<'a> {
    pub(crate) text: Option<&'a str>,
    pub(crate) words: Words,
    pub(crate) filter: &'a Filter,
    /// In this order, whatever the relevance.
    pub(crate) sort: &'a [&'a str],
    pub(crate) facets: &'a [&'static str],
    pub(crate) page: Page,
}

/// What was found.
pub(crate) struct Found<T> {
    /// The documents of the page, each with its score from 0 to 1, which is 0 where nothing was scored.
    pub(crate) hits: Vec<(T, f32)>,
    pub(crate) total: usize,
    pub(crate) facets: Counts,
    /// What is to be marked: rows of terms.
    pub(crate) marks: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Stored {
    source: String,
}

/// Asks it.
pub(crate) async fn ask<T: DeserializeOwned>(
    index: &Index<Http>,
    analyzer: &Analyzer,
    question: &Question<'_>,
) -> Result<Found<T>, ApiError> {
    let filter = question.filter.text();
    let is_scored = question.text.is_some() && question.sort.is_empty();
    let mut query = SearchQuery::new(index);
    query.query = question.text;
    query.sort = Some(question.sort).filter(|sort| !sort.is_empty());
    query
        .with_filter(&filter)
        .with_matching_strategy(question.words.strategy())
        .with_facets(Selectors::Some(question.facets))
        .with_page(question.page.number as usize)
        .with_hits_per_page(question.page.size as usize)
        .with_attributes_to_retrieve(Selectors::Some(&["source"]))
        .with_show_ranking_score(is_scored);
    if question.text.is_some() {
        query
            .with_attributes_to_highlight(Selectors::Some(&MARKED))
            .with_highlight_pre_tag(MARK_BEGINS)
            .with_highlight_post_tag(MARK_ENDS);
    }
    let reply = query.execute::<Stored>().await.map_err(problem)?;
    let mut marked = BTreeSet::new();
    let mut hits = Vec::with_capacity(reply.hits.len());
    for hit in reply.hits {
        collect_marked(hit.formatted_result.as_ref(), &mut marked);
        let score = hit.ranking_score.unwrap_or_default() as f32;
        hits.push((parse_source(&hit.result.source)?, score));
    }
    let terms = |word: &String| -> Vec<String> {
        let tokens = analyzer.analyze(word).into_iter();
        tokens.map(|token| token.text).collect()
    };
    let marks = marked.iter().map(terms).filter(|row| !row.is_empty());
    let mut counted = reply.facet_distribution.unwrap_or_default();
    // The values of a facet are alternatives: those of which some are chosen are counted without that choice.
    for facet in question.facets {
        if question.filter.has(facet) {
            let filter = question.filter.text_without(Some(facet));
            let (facets, words) = ([*facet], question.words);
            let mut query = SearchQuery::new(index);
            query.query = question.text;
            query
                .with_limit(0)
                .with_filter(&filter)
                .with_matching_strategy(words.strategy())
                .with_facets(Selectors::Some(&facets));
            let reply = query.execute::<Stored>().await.map_err(problem)?;
            counted.extend(reply.facet_distribution.unwrap_or_default());
        }
    }
    Ok(Found {
        hits,
        total: reply.total_hits.unwrap_or_default(),
        facets: counts(question.facets, counted),
        marks: marks.collect(),
    })
}

/// How many documents there are of each value of an attribute.
pub(crate) async fn count(
    index: &Index<Http>,
    attribute: &str,
) -> Result<HashMap<String, usize>, ApiError> {
    let facets = [attribute];
    let mut query = SearchQuery::new(index);
    query.with_limit(0).with_facets(Selectors::Some(&facets));
    let reply = query.execute::<Stored>().await.map_err(problem)?;
    let mut counted = reply.facet_distribution.unwrap_or_default();
    Ok(counted.remove(attribute).unwrap_or_default())
}

/// Some document that the filter lets through.
pub(crate) async fn first<T: DeserializeOwned>(
    index: &Index<Http>,
    filter: &Filter,
) -> Result<Option<T>, ApiError> {
    let filter = filter.text();
    let mut query = SearchQuery::new(index);
    query.with_limit(1).with_filter(&filter);
    let reply = query.execute::<Stored>().await.map_err(problem)?;
    let hit = reply.hits.first();
    Ok(hit
        .map(|hit| parse_source(&hit.result.source))
        .transpose()?)
}

/// Documents that have the text in their names, the best first.
pub(crate) async fn names<T: DeserializeOwned>(
    index: &Index<Http>,
    filter: &Filter,
    text: &str,
    limit: usize,
) -> Result<Vec<T>, ApiError> {
    let (searched, filter) = (["name"], filter.text());
    let mut query = SearchQuery::new(index);
    query
        .with_query(text)
        .with_limit(limit)
        .with_filter(&filter);
    query.with_attributes_to_search_on(&searched);
    let reply = query.execute::<Stored>().await.map_err(problem)?;
    let hits = reply.hits.iter();
    let documents = hits.map(|hit| Ok(parse_source(&hit.result.source)?));
    documents.collect()
}

/// Values of an attribute of institutions that begin with the text.
pub(crate) async fn values(
    index: &Index<Http>,
    attribute: &str,
    text: &str,
) -> Result<Vec<String>, ApiError> {
    let filter = Filter::noun("institution").text();
    let mut query = FacetSearchQuery::new(index, attribute);
    query.with_facet_query(text).with_filter(&filter);
    let reply = query.execute().await.map_err(problem)?;
    let hits = reply.facet_hits.into_iter();
    Ok(hits.map(|hit| hit.value).collect())
}

/// The words that the server marked anywhere in a document.
fn collect_marked(formatted: Option<&Map<String, Value>>, words: &mut BTreeSet<String>) {
    let texts = formatted
        .into_iter()
        .flat_map(Map::values)
        .flat_map(|value| {
            let list = value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            value.as_str().into_iter().chain(list)
        });
    for text in texts {
        let marked = text.split(MARK_BEGINS).skip(1);
        let marked = marked.filter_map(|rest| rest.split_once(MARK_ENDS));
        words.extend(marked.map(|(word, _)| word.to_owned()));
    }
}

/// The counts of the facets, the most frequent values first.
fn counts(facets: &[&'static str], mut counted: HashMap<String, HashMap<String, usize>>) -> Counts {
    let mut counts = Counts::default();
    for facet in facets {
        let values = counted.remove(*facet).unwrap_or_default().into_iter();
        let mut values: Vec<_> = values.map(|(value, count)| (value, count as u64)).collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts.insert(facet, values);
    }
    counts
}

/// A server that is away or busy is not our fault, a request that it does not understand is.
pub(crate) fn problem(error: Error) -> ApiError {
    match error {
        Error::Meilisearch(ref refused) if refused.error_type == ErrorType::InvalidRequest => {
            ApiError::from(error)
        }
        error => {
            tracing::warn!(%error, "Meilisearch does not answer");
            ApiError::EngineAway
        }
    }
}
