//! What the search API replies: the fields that the pages show. What it adds later is ignored.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;

/// One piece of a text; `marked` pieces are what the words of the search met.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Segment {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) marked: bool,
}

/// How fresh the index was when it answered.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct IndexStamp {
    #[serde(default)]
    pub(crate) age_milliseconds: u64,
}

/// One value of a facet, with how many hits have it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FacetValue {
    pub(crate) value: String,
    pub(crate) label: Option<String>,
    pub(crate) count: u64,
}

/// A page of hits.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Hits<Hit> {
    pub(crate) hits: Vec<Hit>,
    pub(crate) total: u64,
    #[serde(default)]
    pub(crate) page: u64,
    #[serde(default)]
    pub(crate) pages: u64,
    #[serde(default)]
    pub(crate) relaxed: bool,
    /// What was searched for instead of the words.
    pub(crate) corrected: Option<String>,
    /// What the words were taken to mean.
    pub(crate) understood: Option<Understood>,
    pub(crate) facets: Option<BTreeMap<String, Vec<FacetValue>>>,
    #[serde(default)]
    pub(crate) index: IndexStamp,
}

/// What the words were taken to mean.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Understood {
    pub(crate) departments: Vec<UnderstoodDepartment>,
    pub(crate) complaint: Option<Complaint>,
}

/// A department that is meant.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct UnderstoodDepartment {
    pub(crate) name: String,
}

/// What is complained of.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Complaint {
    /// `usual`, `soon` or `emergency`.
    pub(crate) urgency: String,
    pub(crate) note: Option<String>,
}

impl<Hit> Hits<Hit> {
    /// The values of a facet; none when the API did not count it.
    pub(crate) fn facet(&self, name: &str) -> &[FacetValue] {
        self.facets
            .as_ref()
            .and_then(|facets| facets.get(name))
            .map_or(&[], Vec::as_slice)
    }
}

/// Whether an institution is open at the moment that was asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OpenState {
    Open,
    ClosingSoon,
    OpeningSoon,
    Closed,
    #[default]
    #[serde(other)]
    Unknown,
}

/// When a closed institution opens.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct NextOpen {
    pub(crate) date: NaiveDate,
    pub(crate) time: String,
}

/// The state of an institution's doors.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Open {
    #[serde(default)]
    pub(crate) state: OpenState,
    pub(crate) closes_at: Option<String>,
    pub(crate) next_open: Option<NextOpen>,
}

/// An institution's texts with what was found in them marked.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct InstitutionHighlights {
    #[serde(default)]
    pub(crate) name: Vec<Segment>,
    #[serde(default)]
    pub(crate) address: Vec<Segment>,
}

/// An institution as the list of hits has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct InstitutionHit {
    pub(crate) id: u64,
    #[serde(default)]
    pub(crate) is_synthetic: bool,
    pub(crate) name: String,
    pub(crate) kind_label: String,
    pub(crate) address: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) distance_meters: Option<f64>,
    #[serde(default)]
    pub(crate) departments: Vec<String>,
    /// Of these, those that were asked for.
    #[serde(default)]
    pub(crate) chosen_departments: Vec<InstitutionDepartment>,
    pub(crate) specialist_count: Option<u32>,
    #[serde(default)]
    pub(crate) has_emergency_room: bool,
    #[serde(default)]
    pub(crate) services: Vec<String>,
    #[serde(default)]
    pub(crate) open: Open,
    #[serde(default)]
    pub(crate) highlights: InstitutionHighlights,
}

/// A department of an institution.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct InstitutionDepartment {
    pub(crate) name: String,
    pub(crate) former_name: Option<String>,
    pub(crate) specialist_count: Option<u32>,
}

/// A span of opening hours: 1 Monday … 7 Sunday, 8 public holiday; minutes after 00:00 of the day, past 1440 the next day.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Span {
    pub(crate) day: u8,
    pub(crate) opens: u16,
    pub(crate) closes: u16,
}

/// Everything known of an institution.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Institution {
    #[serde(default)]
    pub(crate) registry: String,
    #[serde(default)]
    pub(crate) is_synthetic: bool,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) kind_label: String,
    pub(crate) sido: Option<String>,
    pub(crate) sigungu: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) postal_code: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) homepage: Option<String>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) doctor_count: Option<u32>,
    pub(crate) specialist_count: Option<u32>,
    #[serde(default)]
    pub(crate) has_emergency_room: bool,
    pub(crate) parking_spaces: Option<u32>,
    pub(crate) parking_is_free: Option<bool>,
    pub(crate) opened_on: Option<NaiveDate>,
    pub(crate) description: Option<String>,
    pub(crate) source_updated_at: Option<NaiveDateTime>,
    #[serde(default)]
    pub(crate) departments: Vec<InstitutionDepartment>,
    #[serde(default)]
    pub(crate) hours: Vec<Span>,
    #[serde(default)]
    pub(crate) open: Open,
    #[serde(default)]
    pub(crate) index: IndexStamp,
}

/// An article's texts with what was found in them marked; of the body, the part where most was found.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ArticleHighlights {
    #[serde(default)]
    pub(crate) title: Vec<Segment>,
    #[serde(default)]
    pub(crate) summary: Vec<Segment>,
    #[serde(default)]
    pub(crate) body: Vec<Segment>,
}

/// An article as the list of hits has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ArticleHit {
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    #[serde(default)]
    pub(crate) topics: Vec<String>,
    #[serde(default)]
    pub(crate) highlights: ArticleHighlights,
}

/// An article with its text in CommonMark.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Article {
    pub(crate) title: String,
    pub(crate) summary: String,
    #[serde(default)]
    pub(crate) topics: Vec<String>,
    #[serde(default)]
    pub(crate) departments: Vec<String>,
    pub(crate) published_on: Option<NaiveDate>,
    pub(crate) revised_on: Option<NaiveDate>,
    pub(crate) reviewer: Option<String>,
    pub(crate) body: String,
    #[serde(default)]
    pub(crate) index: IndexStamp,
}

/// What a suggestion leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SuggestionType {
    Institution,
    Department,
    Place,
    Article,
    Condition,
    #[serde(other)]
    Query,
}

/// A place that searches can be narrowed down to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct SuggestedPlace {
    pub(crate) sido: String,
    pub(crate) sigungu: Option<String>,
    pub(crate) eupmyeondong: Option<String>,
}

/// One suggestion for what is being typed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Suggestion {
    #[serde(rename = "type")]
    pub(crate) leads_to: SuggestionType,
    pub(crate) text: String,
    pub(crate) detail: Option<String>,
    pub(crate) id: Option<u64>,
    pub(crate) slug: Option<String>,
    pub(crate) place: Option<SuggestedPlace>,
    #[serde(default)]
    pub(crate) segments: Vec<Segment>,
}

/// The suggestions, best first.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Suggestions {
    pub(crate) suggestions: Vec<Suggestion>,
}
