//! Institutions: hospitals, clinics, pharmacies.

use std::collections::HashMap;

use analyzers::{initials, jamo_key, letters_key};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use tantivy::TantivyDocument;
use tantivy::schema::Field;

use super::Document;
use super::kind::Kind;
use super::locking_read::Reader;
use super::service::{Service, services};
use crate::error::Error;
use crate::opening::{self, Span};
use crate::schema::{self, Fields, Keys};

/// An institution as it is searched and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstitutionDocument {
    /// Our number.
    pub id: u64,
    /// The registry of the official code: `egen`, `hira`, `sample`.
    pub registry: String,
    /// The code there.
    pub official_code: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// Province or metropolitan city (시도).
    pub sido: Option<String>,
    /// City, county or district (시군구).
    pub sigungu: Option<String>,
    /// Town or neighbourhood (읍면동).
    pub eupmyeondong: Option<String>,
    /// Whole address.
    pub address: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Homepage.
    pub homepage: Option<String>,
    /// Where it is.
    pub point: Option<Point>,
    /// All doctors.
    pub doctor_count: Option<u32>,
    /// Specialists.
    pub specialist_count: Option<u32>,
    /// Runs an emergency room (응급실).
    pub has_emergency_room: bool,
    /// Spaces to park a car (주차 가능 대수); 0 when there is none, `None` when nobody says.
    pub parking_spaces: Option<u32>,
    /// Parking costs nothing.
    pub parking_is_free: Option<bool>,
    /// Date of opening.
    pub opened_on: Option<NaiveDate>,
    /// Introduction.
    pub description: Option<String>,
    /// When the registry last touched its row, Korean wall clock.
    pub source_updated_at: Option<NaiveDateTime>,
    /// Departments, by their number.
    pub departments: Vec<DepartmentRef>,
    /// Opening hours, by day and time.
    pub hours: Vec<Span>,
}

/// A WGS84 point in degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// North.
    pub latitude: f64,
    /// East.
    pub longitude: f64,
}

/// A department of an institution or an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentRef {
    /// Current name.
    pub name: String,
    /// The name before it was changed.
    pub former_name: Option<String>,
    /// Specialists of an institution there.
    pub specialist_count: Option<u16>,
}

#[derive(FromRow)]
struct InstitutionRow {
    id: u64,
    registry: String,
    official_code: String,
    name: String,
    kind: String,
    sido: Option<String>,
    sigungu: Option<String>,
    eupmyeondong: Option<String>,
    address: Option<String>,
    postal_code: Option<String>,
    phone: Option<String>,
    homepage: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    doctor_count: Option<u32>,
    specialist_count: Option<u32>,
    has_emergency_room: bool,
    parking_spaces: Option<u32>,
    parking_is_free: Option<bool>,
    opened_on: Option<NaiveDate>,
    description: Option<String>,
    source_updated_at: Option<NaiveDateTime>,
}

#[derive(FromRow)]
struct DepartmentRow {
    institution_id: u64,
    name: String,
    former_name: Option<String>,
    specialist_count: Option<u16>,
}

#[derive(FromRow)]
struct SpanRow {
    institution_id: u64,
    day: u8,
    opens_minute: u16,
    closes_minute: u16,
}

const INSTITUTIONS: &str = "select id, registry, official_code, name, kind, sido, sigungu, eupmyeondong, address, \
    postal_code, phone, homepage, latitude, longitude, doctor_count, specialist_count, has_emergency_room, parking_spaces, \
    parking_is_free, opened_on, description, source_updated_at from institutions where id in";
const DEPARTMENTS: &str = "select d.institution_id, departments.name, departments.former_name, d.specialist_count \
    from institution_departments d join departments on departments.id = d.department_id where d.institution_id in";
const HOURS: &str = "select institution_id, day, opens_minute, closes_minute from opening_hours where institution_id in";

pub(super) async fn load(reader: Reader<'_>, ids: &[u64]) -> Result<Vec<Document>, Error> {
    let rows: Vec<InstitutionRow> = reader.rows(INSTITUTIONS, ids, "order by id").await?;
    let department_rows: Vec<DepartmentRow> = reader
        .rows(
            DEPARTMENTS,
            ids,
            "order by d.institution_id, d.department_id",
        )
        .await?;
    let span_rows: Vec<SpanRow> = reader
        .rows(HOURS, ids, "order by institution_id, day, opens_minute")
        .await?;
    let mut departments: HashMap<u64, Vec<DepartmentRef>> = HashMap::new();
    for row in department_rows {
        departments
            .entry(row.institution_id)
            .or_default()
            .push(DepartmentRef {
                name: row.name,
                former_name: row.former_name,
                specialist_count: row.specialist_count,
            });
    }
    let mut hours: HashMap<u64, Vec<Span>> = HashMap::new();
    for row in span_rows {
        hours.entry(row.institution_id).or_default().push(Span {
            day: row.day,
            opens: row.opens_minute,
            closes: row.closes_minute,
        });
    }
    let documents = rows.into_iter().map(|row| {
        let departments = departments.remove(&row.id).unwrap_or_default();
        let hours = hours.remove(&row.id).unwrap_or_default();
        Document::Institution(Box::new(row.into_document(departments, hours)))
    });
    Ok(documents.collect())
}

impl InstitutionRow {
    fn into_document(
        self,
        departments: Vec<DepartmentRef>,
        hours: Vec<Span>,
    ) -> InstitutionDocument {
        let point = self
            .latitude
            .zip(self.longitude)
            .map(|(latitude, longitude)| Point {
                latitude,
                longitude,
            });
        InstitutionDocument {
            id: self.id,
            registry: self.registry,
            official_code: self.official_code,
            name: self.name,
            // A kind that is younger than this program is shown as what it is to us.
            kind: Kind::find(&self.kind).unwrap_or(Kind::Other),
            sido: self.sido,
            sigungu: self.sigungu,
            eupmyeondong: self.eupmyeondong,
            address: self.address,
            postal_code: self.postal_code,
            phone: self.phone,
            homepage: self.homepage,
            point,
            doctor_count: self.doctor_count,
            specialist_count: self.specialist_count,
            has_emergency_room: self.has_emergency_room,
            parking_spaces: self.parking_spaces,
            parking_is_free: self.parking_is_free,
            opened_on: self.opened_on,
            description: self.description,
            source_updated_at: self.source_updated_at,
            departments,
            hours,
        }
    }
}

impl InstitutionDocument {
    /// What people filter by.
    #[must_use]
    pub fn services(&self) -> Vec<Service> {
        let has_parking = self.parking_spaces.is_some_and(|spaces| spaces > 0);
        services(&self.hours, self.has_emergency_room, has_parking)
    }

    pub(super) fn fill(&self, fields: &Fields, entry: &mut TantivyDocument) {
        entry.add_u64(fields.id, self.id);
        entry.add_text(fields.name, &self.name);
        add_keys(&fields.names, entry, &self.name);
        entry.add_text(fields.name_letters, letters_key(&self.name));
        entry.add_text(fields.kind, self.kind.code());
        entry.add_text(fields.keywords, self.kind.label());
        add_departments(fields, fields.keywords, entry, &self.departments);
        for (field, place) in [
            (fields.sido, &self.sido),
            (fields.sigungu, &self.sigungu),
            (fields.eupmyeondong, &self.eupmyeondong),
        ] {
            if let Some(place) = place {
                entry.add_text(field, place);
                entry.add_text(fields.address, place);
            }
        }
        if let Some(address) = &self.address {
            entry.add_text(fields.address, address);
        }
        if let Some(description) = &self.description {
            entry.add_text(fields.description, description);
        }
        if let Some(point) = self.point {
            entry.add_f64(fields.latitude, point.latitude);
            entry.add_f64(fields.longitude, point.longitude);
        }
        if let Some(specialists) = self.specialist_count {
            entry.add_u64(fields.specialists, specialists.into());
        }
        for span in &self.hours {
            for term in opening::terms_of(*span) {
                entry.add_text(fields.open, term);
            }
        }
        for service in self.services() {
            entry.add_text(fields.service, service.code());
            entry.add_text(fields.keywords, service.label());
        }
    }
}

/// A name can be found from its beginning and from the beginning of each later word, by its first consonants too, and as a whole
/// by one that is spelt alike.
pub(super) fn add_keys(keys: &Keys, entry: &mut TantivyDocument, name: &str) {
    entry.add_text(keys.whole, jamo_key(name));
    let words = name.split_whitespace().count();
    for first in 0..words {
        let rest: String = name.split_whitespace().skip(first).collect();
        entry.add_text(keys.words, jamo_key(&rest));
        let anchor = if first == 0 { schema::WHOLE } else { "" };
        let initials = format!("{anchor}{}", initials(&rest));
        entry.add_text(keys.initials, initials);
    }
}

pub(super) fn add_departments(
    fields: &Fields,
    called: Field,
    entry: &mut TantivyDocument,
    departments: &[DepartmentRef],
) {
    for department in departments {
        entry.add_text(fields.department, &department.name);
        entry.add_text(called, &department.name);
        if let Some(former_name) = &department.former_name {
            entry.add_text(called, former_name);
        }
    }
}
