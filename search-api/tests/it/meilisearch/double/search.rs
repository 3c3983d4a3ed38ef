//! The double's searches: words as they are written, in the order of the searchable attributes.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::filter::{self, Condition, distance, texts};
use super::store::{Failure, IndexState, failure};

/// Words of a query that Meilisearch looks at.
const WORDS_MAX: usize = 10;

/// What a search may ask for here.
const KNOWN: [&str; 14] = [
    "q",
    "matchingStrategy",
    "filter",
    "sort",
    "facets",
    "page",
    "hitsPerPage",
    "limit",
    "attributesToSearchOn",
    "attributesToRetrieve",
    "attributesToHighlight",
    "highlightPreTag",
    "highlightPostTag",
    "showRankingScore",
];

/// A document and how it was found.
struct Match<'a> {
    document: &'a Value,
    /// Words from the first on that it has.
    words: usize,
    /// Sum of the ranks of the attributes that have them.
    attributes: usize,
}

impl IndexState {
    fn names(&self, setting: &str) -> Vec<&str> {
        texts(&self.settings[setting]).collect()
    }

    fn conditions(&self, request: &Value, code: &str) -> Result<Vec<Condition>, Failure> {
        let text = request["filter"].as_str().unwrap_or_default();
        filter::parse(text, &self.names("filterableAttributes"))
            .map_err(|message| failure(code, &message))
    }

    /// `POST /documents/fetch`
    pub(super) fn fetch(&self, request: &Value) -> Result<Value, Failure> {
        let conditions = self.conditions(request, "invalid_document_filter")?;
        let ids: Option<Vec<&str>> = request["ids"]
            .as_array()
            .map(|_| texts(&request["ids"]).collect());
        let is_wanted = |id: &str, document: &Value| {
            ids.as_ref().is_none_or(|ids| ids.contains(&id))
                && conditions.iter().all(|condition| condition.holds(document))
        };
        let number = |name: &str, default| {
            request[name]
                .as_u64()
                .map_or(default, |number| number as usize)
        };
        let (offset, limit) = (number("offset", 0), number("limit", 20));
        let found: Vec<&Value> = self
            .documents
            .iter()
            .filter(|(id, document)| is_wanted(id, document))
            .map(|(_, document)| document)
            .collect();
        let page = found.iter().skip(offset).take(limit);
        let results: Vec<Value> = page
            .map(|document| picked(document, &request["fields"]))
            .collect();
        Ok(json!({"results": results, "offset": offset, "limit": limit, "total": found.len()}))
    }

    /// `POST /search`
    pub(super) fn search(&self, request: &Value) -> Result<Value, Failure> {
        // What this double would not do must not be asked of it.
        let unknown = request.as_object().into_iter().flatten();
        let mut unknown = unknown.filter(|(name, _)| !KNOWN.contains(&name.as_str()));
        if let Some((name, _)) = unknown.next() {
            return Err(failure("bad_request", &format!("Unknown field `{name}`")));
        }
        let conditions = self.conditions(request, "invalid_search_filter")?;
        let only = request["attributesToSearchOn"].as_array();
        let query = request["q"].as_str().unwrap_or_default().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().take(WORDS_MAX).collect();
        let least = match request["matchingStrategy"].as_str() {
            Some("all") => words.len(),
            _ => words.len().min(1),
        };
        let candidates = self.documents.values();
        let mut found: Vec<Match<'_>> = candidates
            .filter(|document| conditions.iter().all(|condition| condition.holds(document)))
            .map(|document| self.matched(document, &words, only))
            .filter(|found| found.words >= least)
            .collect();
        let orders = request["sort"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let orders = orders
            .iter()
            .filter_map(Value::as_str)
            .map(|order| self.order(order));
        let orders = orders.collect::<Result<Vec<_>, _>>()?;
        found.sort_by(|a, b| {
            let wanted = orders.iter().map(|order| order(a.document, b.document));
            wanted
                .fold(Ordering::Equal, Ordering::then)
                .then(b.words.cmp(&a.words))
                .then(a.attributes.cmp(&b.attributes))
                .then(
                    a.document["number"]
                        .as_u64()
                        .cmp(&b.document["number"].as_u64()),
                )
        });
        let number = |name: &str, default| {
            request[name]
                .as_u64()
                .map_or(default, |number| number as usize)
        };
        let (page, size) = (
            number("page", 1),
            number("hitsPerPage", number("limit", 20)),
        );
        let shown = found.iter().skip((page - 1) * size).take(size);
        let hits: Vec<Value> = shown.map(|found| hit(found, &words, request)).collect();
        let total = found.len().min(
            self.settings["pagination"]["maxTotalHits"]
                .as_u64()
                .unwrap_or(1000) as usize,
        );
        let mut reply = json!({
            "hits": hits, "query": query, "processingTimeMs": 1, "facetDistribution": self.counted(&found, request)?,
        });
        if request.get("hitsPerPage").is_some() {
            reply["page"] = json!(page);
            reply["hitsPerPage"] = json!(size);
            reply["totalHits"] = json!(total);
            reply["totalPages"] = json!(total.div_ceil(size.max(1)));
        } else {
            reply["limit"] = json!(size);
            reply["offset"] = json!(0);
            reply["estimatedTotalHits"] = json!(total);
        }
        Ok(reply)
    }

    /// `POST /facet-search`
    pub(super) fn facet_search(&self, request: &Value) -> Result<Value, Failure> {
        let conditions = self.conditions(request, "invalid_search_filter")?;
        let name = request["facetName"].as_str().unwrap_or_default();
        if !self.names("filterableAttributes").contains(&name) {
            return Err(failure("invalid_facet_search_facet_name", name));
        }
        let query = request["facetQuery"].as_str().unwrap_or_default();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for document in self.documents.values() {
            if conditions.iter().all(|condition| condition.holds(document)) {
                for value in texts(&document[name]).filter(|value| value.starts_with(query)) {
                    *counts.entry(value).or_default() += 1;
                }
            }
        }
        let hits: Vec<Value> = counts
            .into_iter()
            .map(|(value, count)| json!({"value": value, "highlighted": value, "count": count}))
            .collect();
        Ok(json!({"facetHits": hits, "facetQuery": query, "processingTimeMs": 1}))
    }

    fn matched<'a>(
        &self,
        document: &'a Value,
        words: &[&str],
        only: Option<&Vec<Value>>,
    ) -> Match<'a> {
        let mut attributes = self.names("searchableAttributes");
        attributes.retain(|name| only.is_none_or(|only| only.iter().any(|one| one == name)));
        let rank = |word: &&str| {
            attributes.iter().position(|name| {
                texts(&document[name]).any(|text| text.to_lowercase().contains(*word))
            })
        };
        let ranks: Vec<usize> = words.iter().map_while(rank).collect();
        Match {
            document,
            words: ranks.len(),
            attributes: ranks.iter().sum(),
        }
    }

    fn order(&self, text: &str) -> Result<impl Fn(&Value, &Value) -> Ordering + use<>, Failure> {
        let invalid = || failure("invalid_search_sort", text);
        let (name, direction) = text.rsplit_once(':').ok_or_else(invalid)?;
        let point = name
            .strip_prefix("_geoPoint(")
            .and_then(|rest| rest.strip_suffix(')'));
        let point = point.and_then(|inside| {
            let (lat, lng) = inside.split_once(',')?;
            Some((
                lat.trim().parse::<f64>().ok()?,
                lng.trim().parse::<f64>().ok()?,
            ))
        });
        let attribute = if point.is_some() { "_geo" } else { name };
        if !self.names("sortableAttributes").contains(&attribute) {
            return Err(invalid());
        }
        let (name, is_up) = (name.to_owned(), direction == "asc");
        Ok(move |a: &Value, b: &Value| {
            let value = |document: &Value| match point {
                Some((lat, lng)) => distance(document, lat, lng),
                None => document[&name].as_f64(),
            };
            // What has no value comes last, whatever the direction.
            match (value(a), value(b)) {
                (Some(a), Some(b)) if is_up => a.total_cmp(&b),
                (Some(a), Some(b)) => b.total_cmp(&a),
                (a, b) => b.is_some().cmp(&a.is_some()),
            }
        })
    }

    fn counted(&self, found: &[Match<'_>], request: &Value) -> Result<Value, Failure> {
        let mut facets = Map::new();
        for name in texts(&request["facets"]) {
            if !self.names("filterableAttributes").contains(&name) {
                return Err(failure("invalid_search_facets", name));
            }
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for value in found.iter().flat_map(|found| texts(&found.document[name])) {
                *counts.entry(value).or_default() += 1;
            }
            facets.insert(name.to_owned(), json!(counts));
        }
        Ok(Value::Object(facets))
    }
}

/// The wanted fields of a document; all when none is named.
fn picked(document: &Value, fields: &Value) -> Value {
    let Some(fields) = fields.as_array() else {
        return document.clone();
    };
    let wanted = |name: &&String| fields.iter().any(|field| field == *name);
    let object = document.as_object().into_iter().flatten();
    object
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn hit(found: &Match<'_>, words: &[&str], request: &Value) -> Value {
    let mut hit = picked(found.document, &request["attributesToRetrieve"]);
    let tags = [&request["highlightPreTag"], &request["highlightPostTag"]];
    let [before, after] = tags.map(|tag| tag.as_str().unwrap_or("<em>"));
    let mark = |text: &str| {
        let mut marked = text.to_owned();
        for word in words {
            marked = marked.replace(word, &format!("{before}{word}{after}"));
        }
        json!(marked)
    };
    let formatted: Map<String, Value> = texts(&request["attributesToHighlight"])
        .filter_map(|name| {
            let value = match found.document.get(name)? {
                Value::String(text) => mark(text),
                list => texts(list).map(mark).collect(),
            };
            Some((name.to_owned(), value))
        })
        .collect();
    hit["_formatted"] = Value::Object(formatted);
    if request["showRankingScore"] == true {
        hit["_rankingScore"] = json!(1.0 / (1.0 + found.attributes as f64));
    }
    hit
}
