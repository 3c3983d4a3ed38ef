//! An institution and an article as cards of a list.

use chrono::NaiveDate;
use reqwest::Url;

use crate::api::{
    ArticleHighlights, ArticleHit, InstitutionDepartment, InstitutionHit, Open, OpenState, Segment,
};
use crate::korean;

/// More departments than that are counted, not named.
const DEPARTMENTS_NAMED_MAX: usize = 4;

/// An institution in a list.
pub(crate) struct InstitutionCard {
    pub(crate) address: String,
    pub(crate) name: Vec<Segment>,
    pub(crate) kind: String,
    pub(crate) departments: String,
    pub(crate) place: Vec<Segment>,
    pub(crate) doors: Doors,
    pub(crate) distance: Option<String>,
    pub(crate) phone: Option<Phone>,
    pub(crate) directions: Option<String>,
    pub(crate) has_emergency_room: bool,
    pub(crate) has_parking: bool,
    /// Those of the department that was asked for, else all.
    pub(crate) specialists: Option<String>,
    pub(crate) is_synthetic: bool,
}

impl InstitutionCard {
    pub(crate) fn new(hit: InstitutionHit, today: NaiveDate) -> Self {
        let point = hit.latitude.zip(hit.longitude);
        Self {
            address: format!("/institutions/{}", hit.id),
            directions: point
                .map(|(latitude, longitude)| directions(&hit.name, latitude, longitude)),
            has_parking: hit.services.iter().any(|service| service == "parking"),
            specialists: specialists(&hit.chosen_departments, hit.specialist_count),
            name: marked(hit.highlights.name, &hit.name),
            kind: hit.kind_label,
            departments: departments(&hit.departments),
            place: marked(
                hit.highlights.address,
                hit.address.as_deref().unwrap_or_default(),
            ),
            doors: Doors::new(&hit.open, today),
            distance: hit.distance_meters.map(korean::distance),
            phone: hit.phone.and_then(Phone::new),
            has_emergency_room: hit.has_emergency_room,
            is_synthetic: hit.is_synthetic,
        }
    }
}

/// An article in a list.
pub(crate) struct ArticleCard {
    pub(crate) address: String,
    pub(crate) title: Vec<Segment>,
    pub(crate) summary: Vec<Segment>,
    pub(crate) topics: Vec<String>,
}

impl ArticleCard {
    pub(crate) fn new(hit: ArticleHit) -> Self {
        let ArticleHighlights {
            title,
            summary,
            body,
        } = hit.highlights;
        let is_met = |segments: &[Segment]| segments.iter().any(|segment| segment.marked);
        // Where the words were met says more than a summary without them.
        let says_more = !is_met(&title) && !is_met(&summary) && is_met(&body);
        Self {
            address: format!("/articles/{}", hit.slug),
            title: marked(title, &hit.title),
            summary: if says_more {
                body
            } else {
                marked(summary, &hit.summary)
            },
            topics: hit.topics,
        }
    }
}

/// Whether it is open, in words and for the stylesheet.
pub(crate) struct Doors {
    pub(crate) class: &'static str,
    pub(crate) text: String,
}

impl Doors {
    pub(crate) fn new(open: &Open, today: NaiveDate) -> Self {
        let class = match open.state {
            OpenState::Open => "open",
            OpenState::ClosingSoon | OpenState::OpeningSoon => "soon",
            OpenState::Closed => "closed",
            OpenState::Unknown => "unknown",
        };
        Self {
            class,
            text: korean::doors(open, today),
        }
    }
}

/// A telephone number to read and to call.
pub(crate) struct Phone {
    pub(crate) address: String,
    pub(crate) text: String,
}

impl Phone {
    /// `None` for a text without a number in it.
    pub(crate) fn new(text: String) -> Option<Self> {
        let dialled: String = text
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        (dialled.len() > 2).then(|| Self {
            address: format!("tel:{dialled}"),
            text,
        })
    }
}

/// The way there on Kakao's map.
pub(crate) fn directions(name: &str, latitude: f64, longitude: f64) -> String {
    let mut url =
        Url::parse("https://map.kakao.com/link/to").expect("an address without a surprise");
    if let Ok(mut path) = url.path_segments_mut() {
        // A comma ends the name there.
        path.push(&format!(
            "{},{latitude},{longitude}",
            name.replace(',', " ")
        ));
    }
    url.into()
}

/// The pieces of a highlight, or the plain text when there are none.
fn marked(highlight: Vec<Segment>, text: &str) -> Vec<Segment> {
    if !highlight.is_empty() {
        return highlight;
    }
    let text = text.to_owned();
    vec![Segment {
        text,
        marked: false,
    }]
}

fn departments(names: &[String]) -> String {
    let named = names
        .iter()
        .take(DEPARTMENTS_NAMED_MAX)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(DEPARTMENTS_NAMED_MAX) {
        0 => named,
        rest => format!("{named} 외 {rest}개"),
    }
}

/// `내과 전문의 3명, 외과 전문의 1명`; without a department `전문의 12명`.
fn specialists(chosen: &[InstitutionDepartment], all: Option<u32>) -> Option<String> {
    let known = |count: Option<u32>| count.filter(|count| *count > 0);
    if chosen.is_empty() {
        return known(all).map(|count| format!("전문의 {}명", korean::number(count.into())));
    }
    let of_department = |department: &InstitutionDepartment| {
        let count = known(department.specialist_count)?;
        Some(format!("{} 전문의 {count}명", department.name))
    };
    let named: Vec<_> = chosen.iter().filter_map(of_department).collect();
    (!named.is_empty()).then(|| named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_leave_its_place_in_the_address_of_the_map() {
        let address = directions("서울/병원, 2관?#", 37.5, 127.25);
        assert!(address.starts_with("https://map.kakao.com/link/to/"));
        assert!(
            address.ends_with("%20%202%EA%B4%80%3F%23,37.5,127.25"),
            "{address}"
        );
        assert!(address.contains("%2F"), "{address}");
    }

    #[test]
    fn only_numbers_can_be_called() {
        assert_eq!(
            Phone::new("02-123-4567".to_owned()).unwrap().address,
            "tel:021234567"
        );
        assert!(Phone::new("없음".to_owned()).is_none());
    }
}
