//! The parts that synthetic institutions are put together from: districts with their roads, and words for names and introductions.

use std::collections::HashMap;

use serde::Deserialize;

use crate::Error;
use crate::departments::{self, Department};
use crate::institutions::Province;

const DISTRICTS: &str = include_str!("../../sample/districts.tsv");
const NAMES: &str = include_str!("../../sample/names.toml");

/// Departments that clinics are named after, and how many of a hundred clinics there are of each.
const CLINIC_DEPARTMENTS: [(&str, u32); 17] = [
    ("내과", 19),
    ("소아청소년과", 9),
    ("이비인후과", 9),
    ("정형외과", 9),
    ("가정의학과", 8),
    ("피부과", 8),
    ("안과", 7),
    ("산부인과", 6),
    ("정신건강의학과", 5),
    ("마취통증의학과", 5),
    ("비뇨의학과", 4),
    ("성형외과", 4),
    ("외과", 3),
    ("신경외과", 2),
    ("재활의학과", 1),
    ("신경과", 1),
    ("영상의학과", 1),
];

/// A district (시군구).
#[derive(Debug)]
pub(super) struct District {
    pub(super) province: &'static Province,
    pub(super) sigungu: String,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) weight: f64,
    pub(super) neighbourhoods: Vec<String>,
    pub(super) roads: Vec<String>,
}

/// Words for names, and introductions by kind.
#[derive(Debug, Deserialize)]
pub(super) struct Names {
    pub(super) brands: Vec<String>,
    pub(super) pharmacy_brands: Vec<String>,
    pub(super) hospital_brands: Vec<String>,
    pub(super) introductions: HashMap<String, Vec<String>>,
}

/// All parts, checked: no list is empty and every department is known.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) districts: Vec<District>,
    pub(super) names: Names,
    departments: HashMap<&'static str, Department>,
    pub(super) clinic_departments: Vec<(Department, u32)>,
}

/// Departments besides [`CLINIC_DEPARTMENTS`] that other kinds run.
const OTHER_DEPARTMENTS: [&str; 4] = ["치과", "한방내과", "한방부인과", "응급의학과"];

/// Every department that is needed.
pub(super) fn department_names() -> impl Iterator<Item = &'static str> {
    let clinics = CLINIC_DEPARTMENTS.into_iter().map(|(name, _)| name);
    clinics.chain(OTHER_DEPARTMENTS)
}

impl Parts {
    pub(super) fn load(known: &[Department]) -> Result<Self, Error> {
        let names: Names =
            toml::from_str(NAMES).map_err(|err| broken("names.toml", &err.to_string()))?;
        let lists = [
            &names.brands,
            &names.pharmacy_brands,
            &names.hospital_brands,
        ];
        if lists
            .into_iter()
            .chain(names.introductions.values())
            .any(Vec::is_empty)
        {
            return Err(broken("names.toml", "an empty list"));
        }
        let districts = DISTRICTS
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .skip(1)
            .map(|line| District::parse(line).ok_or_else(|| broken("districts.tsv", line)))
            .collect::<Result<_, _>>()?;
        let department = |name: &'static str| {
            departments::find(known, name)
                .cloned()
                .ok_or_else(|| broken("departments", name))
        };
        let clinic_departments = CLINIC_DEPARTMENTS
            .into_iter()
            .map(|(name, weight)| Ok((department(name)?, weight)))
            .collect::<Result<_, Error>>()?;
        let departments = department_names()
            .map(|name| Ok((name, department(name)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            districts,
            names,
            departments,
            clinic_departments,
        })
    }

    /// A department by one of the names above.
    pub(super) fn department(&self, name: &str) -> Option<&Department> {
        self.departments.get(name)
    }
}

impl District {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [
            sido,
            sigungu,
            latitude,
            longitude,
            weight,
            neighbourhoods,
            roads,
        ] = fields.as_slice()
        else {
            return None;
        };
        let list = |text: &str| -> Option<Vec<String>> {
            let list: Vec<String> = text.split(',').map(|word| word.trim().to_owned()).collect();
            list.iter().all(|word| !word.is_empty()).then_some(list)
        };
        Some(Self {
            province: Province::find(sido)?,
            sigungu: (*sigungu).to_owned(),
            latitude: latitude.parse().ok()?,
            longitude: longitude.parse().ok()?,
            weight: weight.parse().ok().filter(|weight| *weight > 0.0)?,
            neighbourhoods: list(neighbourhoods)?,
            roads: list(roads)?,
        })
    }

    /// The district without its last syllable, as hospitals put it before their name: `강남`, `수원` … `중구` would leave one syllable,
    /// so the province stands for it: `부산`.
    pub(super) fn stem(&self) -> &str {
        let word = self.sigungu.split(' ').next().unwrap_or_default();
        let stem = word.strip_suffix(['시', '군', '구']).unwrap_or(word);
        if stem.chars().count() >= 2 {
            stem
        } else {
            self.province.other_names.first().copied().unwrap_or(stem)
        }
    }

    /// The district as people call it: `강남구`, `장안구`.
    pub(super) fn short_name(&self) -> &str {
        self.sigungu.rsplit(' ').next().unwrap_or_default()
    }
}

fn broken(file: &str, what: &str) -> Error {
    Error::Sample(format!("{file}: {what}"))
}
