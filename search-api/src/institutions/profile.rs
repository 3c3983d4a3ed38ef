//! One institution, as the reply shows it.

use chrono::{NaiveDate, NaiveDateTime};
use indexer::documents::{DepartmentRef, InstitutionDocument};
use indexer::opening::Span;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{SYNTHETIC_REGISTRY, services_of};
use crate::opening_state::{OpenView, clock};
use crate::snapshot::IndexView;

/// One institution with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InstitutionView {
    /// Our number.
    id: u64,
    /// Registry that knows it: `egen`, `hira`, `sample`.
    registry: String,
    /// The code there.
    official_code: String,
    /// It does not exist: it is made up for demonstrations.
    is_synthetic: bool,
    /// Name.
    name: String,
    /// Kind (종별).
    kind: &'static str,
    /// Kind in Korean.
    kind_label: &'static str,
    /// 시도.
    sido: Option<String>,
    /// 시군구.
    sigungu: Option<String>,
    /// 읍면동.
    eupmyeondong: Option<String>,
    /// Whole address.
    address: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// Homepage.
    homepage: Option<String>,
    /// WGS84 degrees north.
    latitude: Option<f64>,
    /// WGS84 degrees east.
    longitude: Option<f64>,
    /// All doctors.
    doctor_count: Option<u32>,
    /// Specialists (전문의).
    specialist_count: Option<u32>,
    /// Runs an emergency room (응급실).
    has_emergency_room: bool,
    /// Spaces to park a car (주차 가능 대수); 0 when there is none, null when the registry says nothing.
    parking_spaces: Option<u32>,
    /// Parking costs nothing; null when the registry says nothing.
    parking_is_free: Option<bool>,
    /// Date of opening.
    opened_on: Option<NaiveDate>,
    /// Introduction.
    description: Option<String>,
    /// When the registry last touched its row, Korean wall clock.
    source_updated_at: Option<NaiveDateTime>,
    /// Departments (진료과목).
    departments: Vec<DepartmentView>,
    /// As in the facet of that name.
    services: Vec<&'static str>,
    /// Opening hours (진료시간), by day and time; breaks are the gaps.
    hours: Vec<HoursView>,
    /// Opening state now.
    open: OpenView,
    /// What the reply reflects.
    index: IndexView,
}

/// A department of an institution.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DepartmentView {
    /// Current name.
    #[schema(example = "비뇨의학과")]
    name: String,
    /// The name before it was changed.
    #[schema(example = "비뇨기과")]
    former_name: Option<String>,
    /// Specialists there.
    specialist_count: Option<u16>,
}

impl From<DepartmentRef> for DepartmentView {
    fn from(department: DepartmentRef) -> Self {
        Self {
            name: department.name,
            former_name: department.former_name,
            specialist_count: department.specialist_count,
        }
    }
}

/// A span of opening hours.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoursView {
    /// 1 Monday … 7 Sunday, 8 public holiday.
    day: u8,
    /// Minutes after 00:00.
    #[schema(example = 540)]
    opens: u16,
    /// Minutes after 00:00 of the same day, past 1440 when it closes after midnight.
    #[schema(example = 1080)]
    closes: u16,
    /// `opens` as HH:MM.
    #[schema(example = "09:00")]
    opens_at: String,
    /// `closes` as HH:MM; `26:00` is 02:00 of the next day.
    #[schema(example = "18:00")]
    closes_at: String,
}

impl From<&Span> for HoursView {
    fn from(span: &Span) -> Self {
        Self {
            day: span.day,
            opens: span.opens,
            closes: span.closes,
            opens_at: clock(span.opens),
            closes_at: clock(span.closes),
        }
    }
}

impl InstitutionView {
    pub(super) fn of(document: InstitutionDocument, open: OpenView, index: IndexView) -> Self {
        Self {
            is_synthetic: document.registry == SYNTHETIC_REGISTRY,
            kind: document.kind.code(),
            kind_label: document.kind.label(),
            latitude: document.point.map(|point| point.latitude),
            longitude: document.point.map(|point| point.longitude),
            services: services_of(&document),
            hours: document.hours.iter().map(HoursView::from).collect(),
            open,
            index,
            id: document.id,
            registry: document.registry,
            official_code: document.official_code,
            name: document.name,
            sido: document.sido,
            sigungu: document.sigungu,
            eupmyeondong: document.eupmyeondong,
            address: document.address,
            postal_code: document.postal_code,
            phone: document.phone,
            homepage: document.homepage,
            doctor_count: document.doctor_count,
            specialist_count: document.specialist_count,
            has_emergency_room: document.has_emergency_room,
            parking_spaces: document.parking_spaces,
            parking_is_free: document.parking_is_free,
            opened_on: document.opened_on,
            description: document.description,
            source_updated_at: document.source_updated_at,
            departments: document
                .departments
                .into_iter()
                .map(DepartmentView::from)
                .collect(),
        }
    }
}
