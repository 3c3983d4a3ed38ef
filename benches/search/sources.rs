//! What the synthetic rows are drawn from: real names, real places, real questions, where the files are there.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use core_services::institutions::Address;
use encoding_rs::EUC_KR;
use serde::Deserialize;

/// What names of institutions end in, the longer before the shorter: a name is given only to an institution whose own has the same.
const CLASSES: [&str; 34] = [
    "보건진료소",
    "보건지소",
    "보건소",
    "응급의료센터",
    "대학교병원",
    "종합병원",
    "요양병원",
    "한방병원",
    "치과병원",
    "약국",
    "치과의원",
    "한의원",
    "심장혈관흉부외과의원",
    "소아청소년과의원",
    "정신건강의학과의원",
    "마취통증의학과의원",
    "이비인후과의원",
    "비뇨의학과의원",
    "비뇨기과의원",
    "영상의학과의원",
    "가정의학과의원",
    "재활의학과의원",
    "산부인과의원",
    "정형외과의원",
    "신경외과의원",
    "성형외과의원",
    "피부과의원",
    "신경과의원",
    "안과의원",
    "내과의원",
    "외과의원",
    "치과",
    "의원",
    "병원",
];
/// The class of names that tell no department.
const PLAIN_CLINIC: &str = "의원";

/// A real point with its address.
pub(crate) struct Place {
    pub(crate) address: Address,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

/// What the files hold; empty where they are not there.
#[derive(Default)]
pub(crate) struct Sources {
    by_class: HashMap<&'static str, Vec<String>>,
    pub(crate) places: Vec<Place>,
    /// Paragraphs of an encyclopedia.
    pub(crate) paragraphs: Vec<String>,
    pub(crate) questions: Vec<String>,
}

#[derive(Deserialize)]
struct KorQuad {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    paragraphs: Vec<Paragraph>,
}

#[derive(Deserialize)]
struct Paragraph {
    context: String,
    qas: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    question: String,
}

impl Sources {
    /// Reads the files of `JINMAEK_BENCH_DATA`, or of `../shared/data`.
    pub(crate) fn read() -> Self {
        let directory = std::env::var_os("JINMAEK_BENCH_DATA").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")),
            PathBuf::from,
        );
        let read = |file: &str| fs::read(directory.join(file)).ok();
        let mut sources = Self::default();
        let mut names = HashSet::new();
        if let Some(bytes) = read("hira_institutions_2021_03.csv") {
            names.extend(rows(&bytes).filter_map(|row| row.get("요양기관명").cloned()));
        }
        if let Some(bytes) = read("seoul_pharmacy_hours.csv") {
            for row in rows(&bytes) {
                names.extend(row.get("약국명").cloned());
                sources.places.extend(place(&row));
            }
        }
        let mut names: Vec<String> = names.into_iter().collect();
        names.sort_unstable();
        for name in names {
            if let Some(class) = class(&name) {
                sources.by_class.entry(class).or_default().push(name);
            }
        }
        if let Some(bytes) = read("KorQuAD_v1.0_dev.json") {
            let set: KorQuad = serde_json::from_slice(&bytes).expect("KorQuAD 1.0");
            for paragraph in set.data.into_iter().flat_map(|entry| entry.paragraphs) {
                sources.paragraphs.push(paragraph.context);
                let asked = paragraph.qas.into_iter();
                sources.questions.extend(asked.map(|asked| asked.question));
            }
        }
        sources
    }

    /// Real names for an institution that is called so now; with `is_plain`, those that tell no department will do for a clinic.
    pub(crate) fn names_like(&self, name: &str, is_plain: bool) -> &[String] {
        let Some(class) = class(name) else {
            return &[];
        };
        let is_clinic = class.ends_with("과의원") && class != "치과의원";
        let class = if is_plain && is_clinic {
            PLAIN_CLINIC
        } else {
            class
        };
        self.by_class.get(class).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn describe(&self) -> String {
        let names: usize = self.by_class.values().map(Vec::len).sum();
        format!(
            "{names} real names (HIRA 2021-03, Seoul 2023-05), {} real points with their addresses (Seoul), {} KorQuAD paragraphs",
            self.places.len(),
            self.paragraphs.len()
        )
    }
}

fn class(name: &str) -> Option<&'static str> {
    CLASSES.into_iter().find(|class| name.contains(class))
}

/// The rows of a CSV file in UTF-8 or CP949, by the names of their columns.
fn rows(bytes: &[u8]) -> impl Iterator<Item = HashMap<String, String>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => EUC_KR.decode(bytes).0.into_owned(),
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<HashMap<String, String>> = reader
        .deserialize()
        .collect::<Result<_, _>>()
        .expect("a CSV file with a header");
    rows.into_iter()
}

fn place(row: &HashMap<String, String>) -> Option<Place> {
    let degrees = |column: &str| row.get(column)?.trim().parse::<f64>().ok();
    let (latitude, longitude) = (degrees("병원위도")?, degrees("병원경도")?);
    let address = Address::parse(row.get("주소")?);
    let is_in_seoul = (37.4..37.75).contains(&latitude) && (126.7..127.3).contains(&longitude);
    (is_in_seoul && address.sigungu.is_some()).then_some(Place {
        address,
        latitude,
        longitude,
    })
}
