//! The form of HIRA's 병원정보서비스: one row per institution, without hours; with the columns of its 세부정보 on parking where they were
//! joined.

use chrono::NaiveDate;

use crate::Unreadable;
use crate::import::Reject;
use crate::import::rows::{Column, Header, Values};
use crate::institutions::{
    Address, InvalidValue, Kind, NewInstitution, OfficialCode, Point, Told, count, date, homepage,
    phone, postal_code,
};

use super::{address_line, name};

const CODE: &str = "암호화요양기호";
const NAME: &str = "요양기관명";

/// Newer files count specialists by profession; older ones not at all.
const SPECIALISTS: [&str; 3] = ["의과전문의인원수", "치과전문의인원수", "한방전문의인원수"];

/// Where the form's columns are. All but the first two may be missing.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) code: Column,
    name: Column,
    kind_code: Option<Column>,
    kind_word: Option<Column>,
    sido: Option<Column>,
    sigungu: Option<Column>,
    eupmyeondong: Option<Column>,
    address: Option<Column>,
    postal_code: Option<Column>,
    phone: Option<Column>,
    homepage: Option<Column>,
    opened_on: Option<Column>,
    doctor_count: Option<Column>,
    specialist_counts: Vec<Column>,
    parking_spaces: Option<Column>,
    parking_costs: Option<Column>,
    longitude: Option<Column>,
    latitude: Option<Column>,
}

/// Whether the header is of this form.
pub(super) fn is_form(header: &Header) -> bool {
    header.find(&[CODE, NAME]).is_some()
}

impl Columns {
    pub(super) fn parse(header: &Header) -> Result<Self, Unreadable> {
        let (code, name) = (header.find(&[CODE]), header.find(&[NAME]));
        let (Some(code), Some(name)) = (code, name) else {
            return Err(Unreadable::MissingColumns {
                form: "심평원 병원정보서비스",
                columns: if code.is_none() { CODE } else { NAME }.to_owned(),
            });
        };
        Ok(Self {
            code,
            name,
            kind_code: header.find(&["종별코드"]),
            kind_word: header.find(&["종별코드명"]),
            sido: header.find(&["시도코드명"]),
            sigungu: header.find(&["시군구코드명"]),
            eupmyeondong: header.find(&["읍면동"]),
            address: header.find(&["주소"]),
            postal_code: header.find(&["우편번호"]),
            phone: header.find(&["전화번호"]),
            homepage: header.find(&["병원홈페이지", "홈페이지"]),
            opened_on: header.find(&["개설일자"]),
            doctor_count: header.find(&["총의사수"]),
            specialist_counts: SPECIALISTS
                .iter()
                .filter_map(|name| header.find(&[name]))
                .collect(),
            parking_spaces: header.find(&["주차_가능대수", "주차가능대수"]),
            parking_costs: header.find(&["주차_비용부담여부", "주차비용부담여부"]),
            longitude: header.find(&["좌표(X)", "좌표(x)"]),
            latitude: header.find(&["좌표(Y)", "좌표(y)"]),
        })
    }

    pub(super) fn institution(&self, values: Values<'_>) -> Result<NewInstitution, Reject> {
        let code = values.parsed(Some(self.code), OfficialCode::parse)?;
        let name = values.parsed(Some(self.name), name)?;
        let kind = self.kind(values, &name)?;
        let mut new = NewInstitution::new(code, name, kind);
        new.address = self.address(values)?;
        if self.postal_code.is_some() {
            new.postal_code = Told::Value(postal_code(values.text(self.postal_code)?));
        }
        if self.phone.is_some() {
            new.phone = Told::Value(phone(values.text(self.phone)?));
        }
        if self.homepage.is_some() {
            new.homepage = Told::Value(homepage(values.text(self.homepage)?));
        }
        if self.opened_on.is_some() {
            let opened_on: Option<NaiveDate> = values.parsed(self.opened_on, date)?;
            new.opened_on = Told::Value(opened_on);
        }
        if self.doctor_count.is_some() {
            new.doctor_count = Told::Value(values.parsed(self.doctor_count, count)?);
        }
        if !self.specialist_counts.is_empty() {
            new.specialist_count = Told::Value(self.specialists(values)?);
        }
        if self.parking_spaces.is_some() {
            new.parking_spaces = Told::Value(values.parsed(self.parking_spaces, count)?);
        }
        if self.parking_costs.is_some() {
            new.parking_is_free = Told::Value(match values.text(self.parking_costs)? {
                "Y" => Some(false),
                "N" => Some(true),
                _ => None,
            });
        }
        if self.latitude.is_some() && self.longitude.is_some() {
            let longitude = values.text(self.longitude)?;
            new.point = Told::Value(
                values.parsed(self.latitude, |latitude| Point::parse(latitude, longitude))?,
            );
        }
        Ok(new)
    }

    /// By 종별코드, else by 종별코드명, else by the ending of the name.
    fn kind(&self, values: Values<'_>, name: &str) -> Result<Kind, Reject> {
        let (code, word) = (values.text(self.kind_code)?, values.text(self.kind_word)?);
        Kind::from_hira_code(code)
            .or_else(|| Kind::from_word(word))
            .or_else(|| {
                if code.is_empty() && word.is_empty() {
                    Kind::from_name(name)
                } else {
                    None
                }
            })
            .ok_or_else(|| {
                let column = if code.is_empty() && word.is_empty() {
                    Some(self.name)
                } else {
                    self.kind_code.or(self.kind_word)
                };
                values.reject(column, &InvalidValue::UnknownKind.to_string())
            })
    }

    /// The address line knows best; the columns beside it fill what it does not say.
    fn address(&self, values: Values<'_>) -> Result<Told<Address>, Reject> {
        if [self.address, self.sido, self.sigungu, self.eupmyeondong]
            .iter()
            .all(Option::is_none)
        {
            return Ok(Told::Silent);
        }
        let line = values.parsed(self.address, address_line)?;
        let part = |column| {
            values
                .text(column)
                .map(|text| Some(text).filter(|text| !text.is_empty()))
        };
        let parts = Address::from_parts(
            part(self.sido)?,
            part(self.sigungu)?,
            part(self.eupmyeondong)?,
        );
        Ok(Told::Value(
            line.map(|line| Address::parse(&line))
                .unwrap_or_default()
                .or(parts),
        ))
    }

    fn specialists(&self, values: Values<'_>) -> Result<Option<u32>, Reject> {
        let mut sum: Option<u32> = None;
        for column in &self.specialist_counts {
            if let Some(specialists) = values.parsed(Some(*column), count)? {
                sum = Some(sum.unwrap_or_default().saturating_add(specialists));
            }
        }
        Ok(sum)
    }
}
