//! What an institution is made of: as a source tells it, and as the table holds it.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};

use crate::db::travels_as_text;

use super::{Address, InvalidValue, Kind, OpeningSpan};

/// Column width of the table, in characters.
const OFFICIAL_CODE_CHARS_MAX: usize = 200;

/// Who gave an institution its official code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Encode, sqlx::Decode)]
#[sqlx(rename_all = "snake_case")]
pub enum Registry {
    /// E-Gen (응급의료포털), also through Seoul open data; codes are HPIDs.
    Egen,
    /// HIRA (건강보험심사평가원); codes are 암호화요양기호.
    Hira,
    /// Our own synthetic sample.
    Sample,
}

travels_as_text!(Registry);

/// A code in a registry: printable ASCII without spaces, as HPIDs and HIRA's codes are. Two codes that differ only in upper and lower
/// case are one to the table; neither registry gives out such a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialCode(String);

impl OfficialCode {
    /// Reads a code.
    ///
    /// # Errors
    /// When it is blank, too long, or has characters that no registry uses.
    pub fn parse(text: &str) -> Result<Self, InvalidValue> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidValue::Blank);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidValue::CodeCharacter);
        }
        if text.len() > OFFICIAL_CODE_CHARS_MAX {
            return Err(InvalidValue::TooLong(OFFICIAL_CODE_CHARS_MAX));
        }
        Ok(Self(text.to_owned()))
    }

    /// The code itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What tells two codes apart in the table.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// A point on the map, WGS84 degrees, in Korea.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    latitude: f64,
    longitude: f64,
}

impl Point {
    /// A point, if it is in Korea.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let in_korea = (32.0..=39.5).contains(&latitude) && (124.0..=132.5).contains(&longitude);
        in_korea.then_some(Self {
            latitude,
            longitude,
        })
    }

    /// Reads the two columns of a file; blank or 0 twice means unknown.
    ///
    /// # Errors
    /// When it is no number, outside Korea, or only half there.
    pub fn parse(latitude: &str, longitude: &str) -> Result<Option<Self>, InvalidValue> {
        match (degrees(latitude)?, degrees(longitude)?) {
            (None, None) => Ok(None),
            (Some(latitude), Some(longitude)) => Self::new(latitude, longitude)
                .map(Some)
                .ok_or(InvalidValue::OutsideKorea),
            _ => Err(InvalidValue::HalfAPoint),
        }
    }
}

fn degrees(text: &str) -> Result<Option<f64>, InvalidValue> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let degrees: f64 = text.parse().map_err(|_| InvalidValue::NotDegrees)?;
    Ok((degrees != 0.0).then_some(degrees))
}

/// What a source says of something: a value (perhaps that there is none), or not a word, as when the file lacks the column. Then what
/// is stored stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Told<T> {
    /// The source does not speak of it.
    #[default]
    Silent,
    /// The source says this.
    Value(T),
}

impl<T: Clone> Told<T> {
    fn or(&self, stored: Option<&T>) -> T
    where
        T: Default,
    {
        match self {
            Self::Value(value) => value.clone(),
            Self::Silent => stored.cloned().unwrap_or_default(),
        }
    }
}

/// A department that an institution runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunsDepartment {
    /// The department.
    pub department_id: u16,
    /// Its specialists there, if known.
    pub specialist_count: Option<u16>,
}

/// An institution as a source tells it, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewInstitution {
    /// The code in the registry.
    pub official_code: OfficialCode,
    /// Name as registered: not blank, at most 200 characters.
    pub name: String,
    /// 종별.
    pub kind: Kind,
    /// Where it is.
    pub address: Told<Address>,
    /// 우편번호, five digits.
    pub postal_code: Told<Option<String>>,
    /// Main telephone number.
    pub phone: Told<Option<String>>,
    /// Homepage with its scheme.
    pub homepage: Told<Option<String>>,
    /// Where it is on the map.
    pub point: Told<Option<Point>>,
    /// 총의사수.
    pub doctor_count: Told<Option<u32>>,
    /// 전문의.
    pub specialist_count: Told<Option<u32>>,
    /// 응급실.
    pub has_emergency_room: Told<bool>,
    /// 주차 가능 대수.
    pub parking_spaces: Told<Option<u32>>,
    /// 주차비용 부담 없음.
    pub parking_is_free: Told<Option<bool>>,
    /// 개설일자.
    pub opened_on: Told<Option<NaiveDate>>,
    /// A short introduction.
    pub description: Told<Option<String>>,
    /// 작업일시, Korean wall clock, whole seconds.
    pub source_updated_at: Told<Option<NaiveDateTime>>,
    /// Opening hours of the whole week; spans of one day begin at different minutes.
    pub hours: Told<BTreeSet<OpeningSpan>>,
    /// Departments, each once.
    pub departments: Told<BTreeSet<RunsDepartment>>,
}

/// What the `institutions` row holds beside its number and code.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
#[expect(
    missing_docs,
    reason = "the fields are the columns of `institutions`, explained in the migration"
)]
pub struct Details {
    pub name: String,
    pub kind: Kind,
    #[sqlx(flatten)]
    pub address: Address,
    pub postal_code: Option<String>,
    pub phone: Option<String>,
    pub homepage: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub doctor_count: Option<u32>,
    pub specialist_count: Option<u32>,
    pub has_emergency_room: bool,
    pub parking_spaces: Option<u32>,
    pub parking_is_free: Option<bool>,
    pub opened_on: Option<NaiveDate>,
    pub description: Option<String>,
    pub source_updated_at: Option<NaiveDateTime>,
}

impl NewInstitution {
    /// An institution of which nothing else is told yet.
    #[must_use]
    pub fn new(official_code: OfficialCode, name: String, kind: Kind) -> Self {
        Self {
            official_code,
            name,
            kind,
            address: Told::Silent,
            postal_code: Told::Silent,
            phone: Told::Silent,
            homepage: Told::Silent,
            point: Told::Silent,
            doctor_count: Told::Silent,
            specialist_count: Told::Silent,
            has_emergency_room: Told::Silent,
            parking_spaces: Told::Silent,
            parking_is_free: Told::Silent,
            opened_on: Told::Silent,
            description: Told::Silent,
            source_updated_at: Told::Silent,
            hours: Told::Silent,
            departments: Told::Silent,
        }
    }

    /// What the row must hold after this source has spoken over what is `stored`.
    #[must_use]
    pub fn over(&self, stored: Option<&Details>) -> Details {
        let stored_point =
            stored.and_then(|stored| Point::new(stored.latitude?, stored.longitude?));
        let point = self.point.or(Some(&stored_point));
        Details {
            name: self.name.clone(),
            kind: self.kind,
            address: self.address.or(stored.map(|stored| &stored.address)),
            postal_code: self
                .postal_code
                .or(stored.map(|stored| &stored.postal_code)),
            phone: self.phone.or(stored.map(|stored| &stored.phone)),
            homepage: self.homepage.or(stored.map(|stored| &stored.homepage)),
            latitude: point.map(|point| point.latitude),
            longitude: point.map(|point| point.longitude),
            doctor_count: self
                .doctor_count
                .or(stored.map(|stored| &stored.doctor_count)),
            specialist_count: self
                .specialist_count
                .or(stored.map(|stored| &stored.specialist_count)),
            has_emergency_room: self
                .has_emergency_room
                .or(stored.map(|stored| &stored.has_emergency_room)),
            parking_spaces: self
                .parking_spaces
                .or(stored.map(|stored| &stored.parking_spaces)),
            parking_is_free: self
                .parking_is_free
                .or(stored.map(|stored| &stored.parking_is_free)),
            opened_on: self.opened_on.or(stored.map(|stored| &stored.opened_on)),
            description: self
                .description
                .or(stored.map(|stored| &stored.description)),
            source_updated_at: self
                .source_updated_at
                .or(stored.map(|stored| &stored.source_updated_at)),
        }
    }
}
