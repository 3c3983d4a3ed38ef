//! Suggestions by Meilisearch: names by a search of the names, departments and places among the values of facets. They are put in order
//! and marked as the names of our own index are.

use std::collections::HashSet;

use indexer::LiveServer;
use indexer::documents::{Document, InstitutionDocument};

use super::alike::{Alike, ONE_WRONG_MIN};
use super::candidates::{Candidate, Shown, choose};
use super::documents::{ArticleName, InstitutionName};
use super::gazetteer;
use super::names::{Found, Name, Names, SuggestionType};
use super::reading::{Reading, Way};
use super::routes::{Suggest, SuggestionsView};
use crate::error::ApiError;
use crate::meilisearch::filter::Filter;
use crate::meilisearch::question::{first, names, values};
use crate::segments::Place;
use crate::snapshot::IndexView;

/// Places from the largest to the smallest.
const PLACES: [&str; 3] = ["sido", "sigungu", "eupmyeondong"];

pub(crate) async fn find(
    live: &LiveServer,
    request: &Suggest,
) -> Result<SuggestionsView, ApiError> {
    let typed = Reading::new(request.q.as_deref().unwrap_or_default());
    let other = typed.other_keyboard();
    let corrected = other.as_ref().map(|other| other.text.clone());
    let readings = [(Some(&typed), None), (other.as_ref(), corrected)];
    let mut shown = Shown::default();
    for (reading, corrected) in readings {
        let Some(reading) = reading.filter(|reading| !reading.key.is_empty()) else {
            continue;
        };
        let names = names_of(live, &reading.text, request.limit).await?;
        let alike = Alike::new(&reading.key, ONE_WRONG_MIN);
        let ways = reading.exact_ways().chain(alike.as_ref().map(Way::Alike));
        let ways: Vec<Way<'_>> = ways.collect();
        let suggested = choose(candidates(&ways, names), request.limit);
        if !suggested.is_empty() {
            shown = Shown {
                suggested,
                corrected,
            };
            break;
        }
    }
    Ok(SuggestionsView::of(shown, IndexView::of_server(live)))
}

/// What the server has for a text.
async fn names_of(live: &LiveServer, text: &str, limit: usize) -> Result<Vec<Name>, ApiError> {
    let searched = live.server.searched();
    let mut found = Vec::new();
    for name in values(&searched, "department", text).await? {
        found.push(Name::new(
            SuggestionType::Department,
            &name,
            "진료과".to_owned(),
        ));
    }
    for (level, attribute) in PLACES.into_iter().enumerate() {
        for name in values(&searched, attribute, text).await? {
            let mut filter = Filter::noun("institution");
            filter.is(attribute, &name);
            let there: Option<InstitutionDocument> = first(&searched, &filter).await?;
            found.extend(there.and_then(|there| {
                Some(gazetteer::of(Place {
                    sido: there.sido?,
                    sigungu: there.sigungu.filter(|_| level > 0),
                    eupmyeondong: there.eupmyeondong.filter(|_| level > 1),
                }))
            }));
        }
    }
    let nouns = Filter::any_of_nouns(&["institution", "article"]);
    let documents: Vec<Document> = names(&searched, &nouns, text, limit).await?;
    found.extend(documents.into_iter().filter_map(|document| match document {
        Document::Institution(institution) => Some(InstitutionName::from(*institution).into()),
        Document::Article(article) => Some(ArticleName::from(*article).into()),
        _ => None,
    }));
    Ok(found)
}

/// The names, each by the best way in which it is found, or as the server alone found it.
fn candidates<'a>(ways: &'a [Way<'a>], all: Vec<Name>) -> Vec<Candidate<'a>> {
    let names = Names::new(all.iter().map(|name| (name.clone(), Vec::new())));
    let mut known = HashSet::new();
    let mut candidates = Vec::new();
    for way in ways {
        let found = names
            .find(way, all.len(), |_| true)
            .into_iter()
            .map(|found| found.cloned());
        let found = found.filter(|found| !known.contains(&found.name));
        let way = Some(way);
        let found: Vec<Candidate<'_>> = found.map(|found| Candidate { found, way }).collect();
        known.extend(found.iter().map(|candidate| candidate.found.name.clone()));
        candidates.extend(found);
    }
    let others = all.into_iter().filter(|name| !known.contains(name));
    candidates.extend(others.map(|name| Candidate {
        way: None,
        found: Found {
            distance: u8::MAX,
            is_longer: true,
            is_later_word: false,
            length: name.text.len(),
            name,
        },
    }));
    candidates
}
