//! The form of E-Gen (응급의료포털) and of Seoul open data: hours for each weekday and for public holidays.

use std::collections::BTreeSet;

use crate::Unreadable;
use crate::import::Reject;
use crate::import::rows::{Column, Header, Values};
use crate::institutions::{
    Address, InvalidValue, Kind, NewInstitution, OfficialCode, OpeningSpan, Point, Told, phone,
    postal_code, stamp,
};

use super::{address_line, line, name};

const CODES: [&str; 4] = ["약국ID", "기관ID", "병원ID", "HPID"];
const NAMES: [&str; 3] = ["약국명", "기관명", "병원명"];

/// Days in the order of their numbers, 1 to 8.
const DAYS: [&str; 8] = [
    "월요일",
    "화요일",
    "수요일",
    "목요일",
    "금요일",
    "토요일",
    "일요일",
    "공휴일",
];

/// An introduction longer than this is no introduction.
const DESCRIPTION_CHARS_MAX: usize = 2_000;

/// Where the form's columns are.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) code: Column,
    name: Column,
    is_pharmacies: bool,
    kind: Option<Column>,
    address: Option<Column>,
    phone: Option<Column>,
    /// Opens, closes; by day.
    hours: Vec<(Option<Column>, Option<Column>)>,
    postal_code: [Option<Column>; 2],
    latitude: Option<Column>,
    longitude: Option<Column>,
    emergency_room: Option<Column>,
    description: Option<Column>,
    updated_at: Option<Column>,
}

/// Whether the header is of this form.
pub(super) fn is_form(header: &Header) -> bool {
    header.find(&CODES).is_some()
        || header
            .find(&["진료시간(월요일)S", "진료시간(월요일)C"])
            .is_some()
}

impl Columns {
    pub(super) fn parse(header: &Header) -> Result<Self, Unreadable> {
        let (code, name) = (header.find(&CODES), header.find(&NAMES));
        let (Some(code), Some(name)) = (code, name) else {
            let missing = [
                code.is_none().then_some("약국ID(또는 기관ID)"),
                name.is_none().then_some("약국명(또는 기관명)"),
            ];
            return Err(Unreadable::MissingColumns {
                form: "E-Gen",
                columns: missing.into_iter().flatten().collect::<Vec<_>>().join(", "),
            });
        };
        let hours = DAYS.map(|day| {
            let column = |side| header.find(&[&format!("진료시간({day}){side}")]);
            (column('S'), column('C'))
        });
        Ok(Self {
            code,
            name,
            is_pharmacies: header.find(&["약국ID", "약국명"]).is_some(),
            kind: header.find(&["병원분류명"]),
            address: header.find(&["주소"]),
            phone: header.find(&["대표전화1", "대표전화"]),
            hours: hours.to_vec(),
            postal_code: [header.find(&["우편번호1"]), header.find(&["우편번호2"])],
            latitude: header.find(&["병원위도", "위도"]),
            longitude: header.find(&["병원경도", "경도"]),
            emergency_room: header.find(&["응급실운영여부(1/2)", "응급실운영여부"]),
            description: header.find(&["기관설명상세"]),
            updated_at: header.find(&["작업일시"]),
        })
    }

    pub(super) fn institution(&self, values: Values<'_>) -> Result<NewInstitution, Reject> {
        let code = values.parsed(Some(self.code), OfficialCode::parse)?;
        let name = values.parsed(Some(self.name), name)?;
        let kind = self.kind(values, &name)?;
        let mut new = NewInstitution::new(code, name, kind);
        if self.address.is_some() {
            let line = values.parsed(self.address, address_line)?;
            new.address = Told::Value(line.map(|line| Address::parse(&line)).unwrap_or_default());
        }
        if self.phone.is_some() {
            new.phone = Told::Value(phone(values.text(self.phone)?));
        }
        if self.postal_code[0].is_some() {
            let code = format!(
                "{}{}",
                values.text(self.postal_code[0])?,
                values.text(self.postal_code[1])?
            );
            new.postal_code = Told::Value(postal_code(&code));
        }
        if self.latitude.is_some() && self.longitude.is_some() {
            let longitude = values.text(self.longitude)?;
            new.point = Told::Value(
                values.parsed(self.latitude, |latitude| Point::parse(latitude, longitude))?,
            );
        }
        if self.emergency_room.is_some() {
            new.has_emergency_room = Told::Value(values.text(self.emergency_room)? == "1");
        }
        if self.description.is_some() {
            let description =
                values.parsed(self.description, |text| line(text, DESCRIPTION_CHARS_MAX))?;
            new.description = Told::Value(description);
        }
        if self.updated_at.is_some() {
            new.source_updated_at = Told::Value(values.parsed(self.updated_at, stamp)?);
        }
        new.hours = self.hours(values)?;
        Ok(new)
    }

    fn kind(&self, values: Values<'_>, name: &str) -> Result<Kind, Reject> {
        if self.is_pharmacies {
            return Ok(Kind::Pharmacy);
        }
        let word = values.text(self.kind)?;
        let kind = if word.is_empty() {
            Kind::from_name(name)
        } else {
            Kind::from_word(word)
        };
        kind.ok_or_else(|| {
            values.reject(
                self.kind.or(Some(self.name)),
                &InvalidValue::UnknownKind.to_string(),
            )
        })
    }

    fn hours(&self, values: Values<'_>) -> Result<Told<BTreeSet<OpeningSpan>>, Reject> {
        if self
            .hours
            .iter()
            .all(|(opens, closes)| opens.is_none() && closes.is_none())
        {
            return Ok(Told::Silent);
        }
        let mut spans = BTreeSet::new();
        for ((opens, closes), day) in self.hours.iter().zip(1..) {
            let span = OpeningSpan::parse(day, values.text(*opens)?, values.text(*closes)?)
                .map_err(|err| {
                    let column = if err.is_opening() { opens } else { closes };
                    values.reject(column.or(*opens), &err.to_string())
                })?;
            spans.extend(span);
        }
        Ok(Told::Value(spans))
    }
}
