//! What Meilisearch is told about the attributes: their order, language, filters, synonyms, limits.

use std::collections::{BTreeMap, HashMap};

use analyzers::Synonyms;
use meilisearch_sdk::settings::{
    FacetSortValue, FacetingSettings, LocalizedAttributes, PaginationSetting, Settings,
    TypoToleranceSettings,
};

/// Hits that are counted exactly; there are 74,000 institutions.
const TOTAL_MAX: usize = 200_000;
/// Values of a facet that are counted, as Tantivy counts them.
const FACET_VALUES_MAX: usize = 100;

/// Where words are looked for, the most telling first.
const SEARCHABLE: [&str; 5] = ["name", "keywords", "address", "summary", "body"];

const FILTERABLE: [&str; 13] = [
    "noun",
    "kind",
    "department",
    "any_department",
    "sido",
    "sigungu",
    "eupmyeondong",
    "service",
    "open",
    "specialists",
    "topic",
    "slug",
    "_geo",
];

const SORTABLE: [&str; 3] = ["number", "revised_day", "_geo"];

/// Meilisearch's own order, but that a wanted order comes before relevance, and the number last.
const RANKING_RULES: [&str; 7] = [
    "sort",
    "words",
    "typo",
    "proximity",
    "attribute",
    "exactness",
    "number:asc",
];

pub(super) fn settings() -> Settings {
    let typo_tolerance = TypoToleranceSettings {
        enabled: Some(true),
        // A house number is not nearly another.
        disable_on_numbers: Some(true),
        ..TypoToleranceSettings::default()
    };
    Settings {
        pagination: Some(PaginationSetting {
            max_total_hits: TOTAL_MAX,
        }),
        faceting: Some(FacetingSettings {
            max_values_per_facet: FACET_VALUES_MAX,
            sort_facet_values_by: Some(BTreeMap::from([("*".to_owned(), FacetSortValue::Count)])),
        }),
        typo_tolerance: Some(typo_tolerance),
        localized_attributes: Some(vec![LocalizedAttributes {
            locales: vec!["kor".to_owned()],
            attribute_patterns: vec!["*".to_owned()],
        }]),
        ..settings_of_queries()
            .with_searchable_attributes(SEARCHABLE)
            .with_filterable_attributes(FILTERABLE)
            .with_sortable_attributes(SORTABLE)
            .with_ranking_rules(RANKING_RULES)
    }
}

/// The part that follows the program: words that mean the same are looked up when a query is asked.
pub(super) fn settings_of_queries() -> Settings {
    Settings {
        synonyms: Some(synonyms()),
        ..Settings::new()
    }
}

/// Each word with the others of its groups. Meilisearch's own analysis meets them, also as parts of compounds, which ours does
/// not.
fn synonyms() -> HashMap<String, Vec<String>> {
    let mut synonyms: HashMap<String, Vec<String>> = HashMap::new();
    for (from, to) in Synonyms::shipped() {
        for word in from {
            let others = to.iter().filter(|other| **other != word);
            let known = synonyms.entry(word.to_owned()).or_default();
            known.extend(others.map(|other| (*other).to_owned()));
        }
    }
    synonyms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_go_both_ways_unless_an_arrow_says_otherwise() {
        let synonyms = synonyms();
        assert!(synonyms["소아과"].contains(&"소아청소년과".to_owned()));
        assert!(synonyms["소아청소년과"].contains(&"소아과".to_owned()));
        for (from, to) in Synonyms::shipped().filter(|(from, to)| from != to) {
            let is_back = |word: &&str| {
                synonyms
                    .get(*word)
                    .is_some_and(|back| back.contains(&from[0].to_owned()))
            };
            assert!(!to.iter().any(is_back), "{from:?} {to:?}");
        }
    }
}
