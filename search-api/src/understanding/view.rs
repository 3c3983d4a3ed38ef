//! What a query was taken to mean, as replies say it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{PlaceKind, Understanding, Urgency};

/// What a query was taken to mean.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnderstoodView {
    /// Departments (진료과목) that it names, or that what it complains of usually belongs to, the usual one first.
    departments: Vec<UnderstoodDepartment>,
    /// Places that it names.
    places: Vec<UnderstoodPlace>,
    /// What it complains of; null when it complains of nothing. Guidance, never a diagnosis.
    complaint: Option<UnderstoodComplaint>,
}

/// A department that is meant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnderstoodDepartment {
    /// Current name.
    #[schema(example = "정형외과")]
    name: String,
    /// How much it is meant, above 0 up to 1.
    weight: f32,
}

/// A place that is meant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnderstoodPlace {
    /// Its name.
    #[schema(example = "강남구")]
    name: String,
    /// `sido`, `sigungu`, `eupmyeondong`, `station` or `landmark`.
    kind: &'static str,
    /// 시도.
    sido: String,
    /// 시군구.
    sigungu: Option<String>,
}

/// What is complained of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnderstoodComplaint {
    /// The nearest complaint that we know.
    #[schema(example = "무릎이 시큰거려요")]
    text: String,
    /// How long one may wait.
    urgency: Urgency,
    /// A sentence for the patient; of an emergency, to be shown before everything else.
    note: Option<String>,
}

impl UnderstoodView {
    pub(crate) fn of(understood: &Understanding) -> Self {
        let department = |(name, weight): &(String, f32)| UnderstoodDepartment {
            name: name.clone(),
            weight: *weight,
        };
        let places = understood.places.iter().map(|place| UnderstoodPlace {
            name: place.name.clone(),
            kind: match place.kind {
                PlaceKind::Sido => "sido",
                PlaceKind::Sigungu => "sigungu",
                PlaceKind::Dong => "eupmyeondong",
                PlaceKind::Station => "station",
                PlaceKind::Landmark => "landmark",
            },
            sido: place.sido.clone(),
            sigungu: place.sigungu.first().cloned(),
        });
        let complaint = understood.complaint.as_ref();
        Self {
            departments: understood.departments.iter().map(department).collect(),
            places: places.collect(),
            complaint: complaint.map(|complaint| UnderstoodComplaint {
                text: complaint.text.clone(),
                urgency: complaint.urgency,
                note: complaint.note.clone(),
            }),
        }
    }
}
