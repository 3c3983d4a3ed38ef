//! What can be asked of institutions.

use indexer::documents::{Kind, Point};
use utoipa::{IntoParams, ToSchema};

use crate::area::{BoundingBox, Polygon};
use crate::error::ApiError;
use crate::opening_state::Moment;
use crate::parameters::{Page, Parameters};

/// Larger circles hold half the country.
const RADIUS_KILOMETERS_MAX: f64 = 100.0;

/// More than any hospital has.
const SPECIALISTS_MAX: u64 = 10_000;

/// Order of the hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum Sort {
    Relevance,
    Distance,
}

/// Parameters of a search for institutions. Filters narrow down what the words find; the values of one list are alternatives.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchInstitutions {
    /// What is searched for (검색어), at most 200 characters; every word has to be found in the name, kind, departments, address or
    /// introduction. Empty: all institutions.
    #[param(nullable = false, example = "세곡동 약국", max_length = 200)]
    pub(crate) q: Option<String>,
    /// Kinds (종별), repeated or separated by commas: `tertiary_hospital`, `general_hospital`, `hospital`, `clinic`,
    /// `dental_hospital`, `dental_clinic`, `korean_medicine_hospital`, `korean_medicine_clinic`, `long_term_care_hospital`,
    /// `mental_hospital`, `midwifery_clinic`, `public_health_centre`, `public_health_subcentre`, `public_health_post`,
    /// `pharmacy`, `emergency_centre`, `other`.
    #[param(value_type = Vec<String>, required = false, example = json!(["pharmacy"]))]
    pub(crate) kind: Vec<Kind>,
    /// Departments (진료과목) by their names, former ones too, repeated or separated by commas.
    #[param(required = false, example = json!(["소아청소년과"]))]
    pub(crate) department: Vec<String>,
    /// Provinces and metropolitan cities (시도).
    #[param(required = false, example = json!(["서울특별시"]))]
    pub(crate) sido: Vec<String>,
    /// Cities, counties and districts (시군구).
    #[param(required = false, example = json!(["강남구"]))]
    pub(crate) sigungu: Vec<String>,
    /// Towns and neighbourhoods (읍면동).
    #[param(required = false, example = json!(["세곡동"]))]
    pub(crate) eupmyeondong: Vec<String>,
    /// WGS84 degrees north of where one is; together with `lng`.
    #[param(value_type = Option<f64>, nullable = false, minimum = 32, maximum = 39.5, example = 37.4666)]
    pub(crate) lat: Option<f64>,
    /// WGS84 degrees east of where one is; together with `lat`.
    #[param(value_type = Option<f64>, nullable = false, minimum = 124, maximum = 132.5, example = 127.1)]
    pub(crate) lng: Option<f64>,
    /// Only what is within so many kilometres of `lat`, `lng`, along the great circle.
    #[param(nullable = false, exclusive_minimum = 0, maximum = 100, example = 3)]
    pub(crate) radius_km: Option<f64>,
    /// Only what is in this part of the map, or on its border: `west,south,east,north` in WGS84 degrees.
    #[param(value_type = Option<String>, nullable = false, example = "126.9,37.4,127.2,37.6")]
    pub(crate) bbox: Option<BoundingBox>,
    /// Only what is in this polygon: `lng,lat;lng,lat;…`, 3 to 100 corners, of which the last is joined to the first. Edges are
    /// straight in longitude and latitude, as RFC 7946 has them. Where edges cross, the even-odd rule tells what is inside: a point
    /// from which a line to the east crosses an odd number of edges. Of two polygons that share an edge, exactly one has what
    /// lies on it.
    #[param(value_type = Option<String>, nullable = false, max_length = 4000, example = "126.97,37.55;127.06,37.49;127.02,37.46")]
    pub(crate) polygon: Option<Polygon>,
    /// Only what is open at this minute of the Korean wall clock (진료 중); the hours 24 to 29 are those after midnight of the
    /// next day. The replies' `open` is of this minute.
    #[param(value_type = Option<String>, nullable = false, example = "2026-11-22T14:00")]
    pub(crate) open_at: Option<Moment>,
    /// Only what is open now.
    #[param(value_type = bool, required = false)]
    pub(crate) open_now: bool,
    /// Only what is open after 21:00 on some day (야간진료).
    #[param(value_type = bool, required = false)]
    pub(crate) night: bool,
    /// Only what is open without a break from 12:00 to 14:00 on some weekday (점심시간 진료).
    #[param(value_type = bool, required = false)]
    pub(crate) lunch: bool,
    /// Only what is open on Saturday or Sunday (주말진료).
    #[param(value_type = bool, required = false)]
    pub(crate) weekend: bool,
    /// Only what is open on public holidays (공휴일 진료).
    #[param(value_type = bool, required = false)]
    pub(crate) holiday: bool,
    /// Only what is open for 24 hours on all seven days.
    #[param(value_type = bool, required = false)]
    pub(crate) always: bool,
    /// Only what runs an emergency room (응급실).
    #[param(value_type = bool, required = false)]
    pub(crate) emergency: bool,
    /// Only where a car can be parked (주차).
    #[param(value_type = bool, required = false)]
    pub(crate) parking: bool,
    /// Only what has so many specialists (전문의) or more, of all departments.
    #[param(nullable = false, minimum = 1, maximum = 10_000, example = 3)]
    pub(crate) specialists_min: Option<u64>,
    /// `relevance` (the default), or `distance`, which needs `lat` and `lng`. Without words, nearness is relevance.
    #[param(inline, nullable = false)]
    pub(crate) sort: Option<Sort>,
    /// Page, from 1; `page` times `per_page` is at most 10,000.
    #[param(required = false, minimum = 1, default = 1)]
    pub(crate) page: u32,
    /// Hits of a page.
    #[param(required = false, minimum = 1, maximum = 50, default = 20)]
    pub(crate) per_page: u32,
    /// Waits, up to 5 s, until the index covers this position of the database's binlog; then 503 `index_behind`.
    #[param(nullable = false)]
    pub(crate) min_position: Option<String>,
    /// Only what was typed is searched for: neither what the keys give on the other keyboard nor words spelt otherwise. `corrected` is
    /// null.
    #[param(value_type = bool, required = false)]
    pub(crate) as_typed: bool,
    /// Whether to count the hits by kind, department, place, service and specialists and, with `lat` and `lng`, by distance.
    #[param(value_type = bool, required = false)]
    pub(crate) facets: bool,
    /// Whether each hit says what its score is made of.
    #[param(value_type = bool, required = false)]
    pub(crate) explain: bool,
}

impl SearchInstitutions {
    pub(crate) fn parse(mut parameters: Parameters) -> Result<Self, ApiError> {
        let from = &mut parameters;
        let page = from.page()?;
        let request = Self {
            q: from.query()?,
            kind: kinds(from)?,
            department: from.list("department")?,
            sido: from.list("sido")?,
            sigungu: from.list("sigungu")?,
            eupmyeondong: from.list("eupmyeondong")?,
            lat: from.number("lat", 32.0..=39.5)?,
            lng: from.number("lng", 124.0..=132.5)?,
            radius_km: from.parsed(
                "radius_km",
                &format!("a number of kilometres, more than 0 and at most {RADIUS_KILOMETERS_MAX}"),
                |text| text.parse().ok().filter(|radius| *radius > 0.0 && *radius <= RADIUS_KILOMETERS_MAX),
            )?,
            bbox: from.parsed(
                "bbox",
                "`west,south,east,north` in degrees, west up to east and south up to north",
                BoundingBox::parse,
            )?,
            polygon: from.shape(
                "polygon",
                "3 to 100 corners in degrees, `lng,lat;lng,lat;lng,lat`",
                Polygon::parse,
            )?,
            open_at: from.parsed(
                "open_at",
                "a minute of the Korean wall clock such as 2026-11-22T14:00 or, past midnight, 2026-11-22T25:30",
                Moment::parse,
            )?,
            open_now: from.flag("open_now")?,
            night: from.flag("night")?,
            lunch: from.flag("lunch")?,
            weekend: from.flag("weekend")?,
            holiday: from.flag("holiday")?,
            always: from.flag("always")?,
            emergency: from.flag("emergency")?,
            parking: from.flag("parking")?,
            specialists_min: from.number("specialists_min", 1..=SPECIALISTS_MAX)?,
            sort: from.parsed("sort", "`relevance` or `distance`", |text| match text {
                "relevance" => Some(Sort::Relevance),
                "distance" => Some(Sort::Distance),
                _ => None,
            })?,
            page: page.number,
            per_page: page.size,
            min_position: from.min_position()?,
            as_typed: from.flag("as_typed")?,
            facets: from.flag("facets")?,
            explain: from.flag("explain")?,
        };
        parameters.finish()?;
        request.check()?;
        Ok(request)
    }

    /// What only makes sense together.
    fn check(&self) -> Result<(), ApiError> {
        let needs_point = "needs `lat` and `lng`";
        match (self.lat, self.lng) {
            (Some(_), None) => return Err(ApiError::invalid("lng", "`lat` needs `lng`")),
            (None, Some(_)) => return Err(ApiError::invalid("lat", "`lng` needs `lat`")),
            (None, None) if self.radius_km.is_some() => {
                return Err(ApiError::invalid(
                    "radius_km",
                    format!("`radius_km` {needs_point}"),
                ));
            }
            (None, None) if self.sort == Some(Sort::Distance) => {
                return Err(ApiError::invalid(
                    "sort",
                    format!("`sort=distance` {needs_point}"),
                ));
            }
            _ => {}
        }
        if self.open_now && self.open_at.is_some() {
            return Err(ApiError::invalid(
                "open_now",
                "give `open_at` or `open_now`, not both",
            ));
        }
        Ok(())
    }

    /// Whether anything but the words narrows it down.
    pub(crate) fn is_narrowed(&self) -> bool {
        let lists = [
            &self.department,
            &self.sido,
            &self.sigungu,
            &self.eupmyeondong,
        ];
        let has_list = lists.into_iter().any(|list| !list.is_empty()) || !self.kind.is_empty();
        let has_area = self.radius_km.is_some() || self.bbox.is_some() || self.polygon.is_some();
        let has_time = self.open_at.is_some() || self.open_now;
        has_list
            || has_area
            || has_time
            || self.specialists_min.is_some()
            || self.services().next().is_some()
    }

    pub(crate) fn page(&self) -> Page {
        Page {
            number: self.page,
            size: self.per_page,
        }
    }

    pub(crate) fn centre(&self) -> Option<Point> {
        let (latitude, longitude) = self.lat.zip(self.lng)?;
        Some(Point {
            latitude,
            longitude,
        })
    }

    /// Whether hits are ordered by their distance.
    pub(crate) fn nearest_first(&self) -> Option<Point> {
        let is_wanted = self.sort == Some(Sort::Distance) || self.q.is_none();
        self.centre().filter(|_| is_wanted)
    }

    /// The services, as index terms, of which each is wanted.
    pub(crate) fn services(&self) -> impl Iterator<Item = &'static str> {
        let wanted = [
            (self.night, "night"),
            (self.lunch, "lunch"),
            (self.weekend, "weekend"),
            (self.holiday, "holiday"),
            (self.always, "always"),
            (self.emergency, "emergency"),
            (self.parking, "parking"),
        ];
        wanted
            .into_iter()
            .filter_map(|(is_wanted, service)| is_wanted.then_some(service))
    }
}

fn kinds(parameters: &mut Parameters) -> Result<Vec<Kind>, ApiError> {
    let kind = |code: String| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.code() == code);
        kind.ok_or_else(|| {
            let codes = Kind::ALL.map(Kind::code).join(", ");
            ApiError::invalid("kind", format!("`kind` must be of {codes}"))
        })
    };
    parameters.list("kind")?.into_iter().map(kind).collect()
}
