//! Suggestions by Meilisearch: names by a search of the names, departments and places among the values of facets.

use analyzers::jamo_key;
use indexer::LiveServer;
use indexer::documents::{Document, InstitutionDocument};

use super::candidates::{Candidate, What, chosen, named, of};
use super::routes::{Suggest, SuggestionsView};
use crate::error::ApiError;
use crate::meilisearch::filter::Filter;
use crate::meilisearch::question::{first, names, values};
use crate::snapshot::IndexView;

/// Places from the largest to the smallest.
const PLACES: [&str; 3] = ["sido", "sigungu", "eupmyeondong"];

pub(crate) async fn find(
    live: &LiveServer,
    request: &Suggest,
) -> Result<SuggestionsView, ApiError> {
    let index = IndexView::of_server(live);
    let typed = request.q.as_deref().unwrap_or_default();
    let key = jamo_key(typed);
    if key.is_empty() {
        return Ok(SuggestionsView::of(Vec::new(), &key, index));
    }
    let searched = live.server.searched();
    let mut all = Vec::new();
    for name in values(&searched, "department", typed).await? {
        all.push(named(
            What::Department,
            &name,
            "진료과".to_owned(),
            &jamo_key(&name),
            &key,
        ));
    }
    for (level, attribute) in (0..).zip(PLACES) {
        for name in values(&searched, attribute, typed).await? {
            let candidate = named(What::Place, &name, String::new(), &jamo_key(&name), &key);
            all.push(Candidate { level, ..candidate });
        }
    }
    let nouns = Filter::any_of_nouns(&["institution", "article"]);
    let documents: Vec<Document> = names(&searched, &nouns, typed, request.limit).await?;
    all.extend(documents.into_iter().filter_map(|document| {
        let name = match &document {
            Document::Institution(institution) => jamo_key(&institution.name),
            Document::Article(article) => jamo_key(&article.title),
            _ => return None,
        };
        of(document, &name, &key)
    }));
    let mut found = chosen(all, request.limit);
    for place in found
        .iter_mut()
        .filter(|candidate| candidate.what == What::Place)
    {
        place.detail = around(live, place).await?;
    }
    Ok(SuggestionsView::of(found, &key, index))
}

/// The places around a place, as an institution there has them.
async fn around(live: &LiveServer, place: &Candidate) -> Result<String, ApiError> {
    if place.level == 0 {
        return Ok("시도".to_owned());
    }
    let mut filter = Filter::noun("institution");
    filter.is(PLACES[usize::from(place.level)], &place.text);
    let there: Option<InstitutionDocument> = first(&live.server.searched(), &filter).await?;
    let Some(there) = there else {
        return Ok(String::new());
    };
    let sigungu = there.sigungu.filter(|_| place.level == 2);
    let around: Vec<String> = there.sido.into_iter().chain(sigungu).collect();
    Ok(around.join(" "))
}
