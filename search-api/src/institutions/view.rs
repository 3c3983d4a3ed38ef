//! Institutions that were found, as the reply shows them.

use std::collections::HashSet;

use chrono::NaiveDate;
use indexer::documents::{DepartmentRef, InstitutionDocument, Point, Service};
use serde::Serialize;
use utoipa::ToSchema;

use super::bands::{DISTANCE, SPECIALISTS, distance_label, specialists_label};
use super::profile::DepartmentView;
use crate::explanation::Part;
use crate::facets::{Counts, FacetValue, service_label};
use crate::geo::distance_meters;
use crate::highlight::{Marker, Segment};
use crate::opening_state::{Moment, OpenView, open_view};
use crate::snapshot::IndexView;
use crate::understanding::view::UnderstoodView;

/// The registry of institutions that do not exist.
pub(super) const SYNTHETIC_REGISTRY: &str = "sample";

/// Institutions that were found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstitutionsView {
    /// Those of the page.
    pub(crate) hits: Vec<InstitutionHit>,
    /// How many there are on all pages.
    #[schema(example = 42)]
    pub(crate) total: usize,
    /// The page, from 1.
    pub(crate) page: u32,
    /// Hits of a page.
    pub(crate) per_page: u32,
    /// Pages that can be asked for.
    pub(crate) pages: usize,
    /// Nothing has all of the words, so these have most, or some, of them.
    pub(crate) relaxed: bool,
    /// The query that was searched for instead: typed with the keyboard set to the other language, or with words spelt as documents
    /// have them. `as_typed=true` refuses it.
    #[schema(example = "서울병원")]
    pub(crate) corrected: Option<String>,
    /// What the query was taken to mean; null without one.
    pub(crate) understood: Option<UnderstoodView>,
    /// Counts over all pages, when `facets=true`.
    pub(crate) facets: Option<InstitutionFacets>,
    /// What the reply reflects.
    pub(crate) index: IndexView,
}

/// How many hits have each value. The values of one parameter are alternatives, so each facet is counted without the filter of its own
/// name; services are all wanted, so they are counted with those that are chosen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstitutionFacets {
    /// By kind (종별).
    kind: Vec<FacetValue>,
    /// By department (진료과목).
    department: Vec<FacetValue>,
    /// By province or metropolitan city (시도).
    sido: Vec<FacetValue>,
    /// By city, county or district (시군구).
    sigungu: Vec<FacetValue>,
    /// By what is offered: `night`, `saturday`, `sunday`, `weekend`, `holiday`, `always` (24 hours), `emergency`, `lunch` (12:00 to 14:00 on some
    /// weekday), `parking`.
    service: Vec<FacetValue>,
    /// Within 0.5, 1, 3, 5 and 10 km, as `radius_km` takes it, each with all that is nearer; empty without `lat` and `lng`.
    distance: Vec<FacetValue>,
    /// With at least 1, 3, 5 and 10 specialists, as `specialists_min` takes it, each with all that have more.
    specialists: Vec<FacetValue>,
}

impl InstitutionFacets {
    pub(super) fn of(counts: &Counts) -> Self {
        let plain = |facet| counts.values(facet, str::to_owned);
        Self {
            kind: counts.values("kind", kind_label),
            department: plain("department"),
            sido: plain("sido"),
            sigungu: plain("sigungu"),
            service: counts.values("service", service_label),
            distance: counts.values(DISTANCE, distance_label),
            specialists: counts.values(SPECIALISTS, specialists_label),
        }
    }
}

fn kind_label(code: &str) -> String {
    let kind = indexer::documents::Kind::ALL
        .into_iter()
        .find(|kind| kind.code() == code);
    kind.map_or(code, |kind| kind.label()).to_owned()
}

/// An institution that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstitutionHit {
    /// Our number.
    pub(crate) id: u64,
    /// Registry that knows it: `egen`, `hira`, `sample`.
    registry: String,
    /// It does not exist: it is made up for demonstrations.
    is_synthetic: bool,
    /// Name.
    name: String,
    /// Kind (종별).
    #[schema(example = "pharmacy")]
    kind: &'static str,
    /// Kind in Korean.
    #[schema(example = "약국")]
    kind_label: &'static str,
    /// 시도.
    sido: Option<String>,
    /// 시군구.
    sigungu: Option<String>,
    /// 읍면동.
    eupmyeondong: Option<String>,
    /// Whole address.
    address: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// Homepage.
    homepage: Option<String>,
    /// WGS84 degrees north.
    latitude: Option<f64>,
    /// WGS84 degrees east.
    longitude: Option<f64>,
    /// From `lat`, `lng` along the great circle; null without them.
    distance_meters: Option<f64>,
    /// Departments (진료과목) by their current names.
    departments: Vec<String>,
    /// Of these, those that the parameter `department` asked for, with their specialists (전문의).
    chosen_departments: Vec<DepartmentView>,
    /// Specialists of all departments; null when the registry does not tell.
    specialist_count: Option<u32>,
    /// Runs an emergency room (응급실).
    has_emergency_room: bool,
    /// As in the facet of that name.
    services: Vec<&'static str>,
    /// Opening state at `open_at`, or now.
    open: OpenView,
    /// Texts with what was found in them marked.
    highlights: InstitutionHighlights,
    /// Relevance, only to be compared with others of the same search; 0 when hits are not ordered by it.
    score: f32,
    /// What the score is made of, with `explain=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanation: Option<Vec<Part>>,
}

/// Texts in pieces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstitutionHighlights {
    /// The name.
    name: Vec<Segment>,
    /// The address; empty when there is none.
    address: Vec<Segment>,
    /// Each department in which something was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    departments: Vec<Vec<Segment>>,
}

/// What the views of one search have in common.
pub(super) struct Viewer<'a> {
    pub(super) marker: Marker<'a>,
    pub(super) centre: Option<Point>,
    pub(super) moment: Moment,
    /// The departments asked for, as they were.
    pub(super) departments: &'a [String],
    pub(super) holidays: &'a HashSet<NaiveDate>,
}

impl Viewer<'_> {
    pub(super) fn hit(&self, document: InstitutionDocument, score: f32) -> InstitutionHit {
        let departments: Vec<String> = document
            .departments
            .iter()
            .map(|department| department.name.clone())
            .collect();
        let mark = |text: &str| self.marker.mark(text);
        let has_mark = |pieces: &Vec<Segment>| pieces.iter().any(|piece| piece.marked);
        let highlights = InstitutionHighlights {
            name: mark(&document.name),
            address: document.address.as_deref().map(mark).unwrap_or_default(),
            departments: departments
                .iter()
                .map(|name| mark(name))
                .filter(has_mark)
                .collect(),
        };
        let distance = self
            .centre
            .zip(document.point)
            .map(|(from, to)| distance_meters(from, to));
        InstitutionHit {
            id: document.id,
            is_synthetic: document.registry == SYNTHETIC_REGISTRY,
            kind: document.kind.code(),
            kind_label: document.kind.label(),
            latitude: document.point.map(|point| point.latitude),
            longitude: document.point.map(|point| point.longitude),
            // Whole decimetres: more would only pretend.
            distance_meters: distance.map(|meters| (meters * 10.0).round() / 10.0),
            departments,
            chosen_departments: self.chosen(&document.departments),
            specialist_count: document.specialist_count,
            services: services_of(&document),
            open: open_view(&document.hours, self.moment, self.holidays),
            highlights,
            score,
            explanation: None,
            registry: document.registry,
            name: document.name,
            sido: document.sido,
            sigungu: document.sigungu,
            eupmyeondong: document.eupmyeondong,
            address: document.address,
            phone: document.phone,
            homepage: document.homepage,
            has_emergency_room: document.has_emergency_room,
        }
    }
}

impl Viewer<'_> {
    fn chosen(&self, departments: &[DepartmentRef]) -> Vec<DepartmentView> {
        let is_chosen = |department: &&DepartmentRef| {
            let names = [Some(&department.name), department.former_name.as_ref()];
            let mut names = names.into_iter().flatten();
            names.any(|name| self.departments.contains(name))
        };
        let chosen = departments.iter().filter(is_chosen).cloned();
        chosen.map(DepartmentView::from).collect()
    }
}

pub(super) fn services_of(document: &InstitutionDocument) -> Vec<&'static str> {
    document.services().into_iter().map(Service::code).collect()
}
