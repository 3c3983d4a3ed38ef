//! `GET /institutions/{id}`: everything known of an institution.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::{Datelike, NaiveDate};

use super::cards::{Doors, Phone, directions};
use super::problem::ProblemPage;
use crate::api::{Api, Institution, InstitutionDepartment, Span};
use crate::choices::Choices;
use crate::frame::{Frame, show as reply};
use crate::korean;

/// Minutes of a day.
const DAY_MINUTES: u16 = 1440;

/// The opening hours of one day.
struct Day {
    name: &'static str,
    is_today: bool,
    spans: Vec<String>,
    breaks: Vec<String>,
}

/// A department with the search for others that run it.
struct Department {
    name: String,
    former_name: Option<String>,
    specialists: Option<String>,
    address: String,
}

/// The registry's name and, when it names one, the place of its file.
struct Source {
    name: &'static str,
    updated_at: Option<String>,
}

#[derive(Template)]
#[template(path = "institution.html")]
struct InstitutionPage {
    frame: Frame,
    name: String,
    kind: String,
    is_synthetic: bool,
    has_emergency_room: bool,
    doors: Doors,
    description: Option<String>,
    place: Option<String>,
    postal_code: Option<String>,
    phone: Option<Phone>,
    homepage: Option<String>,
    directions: Option<String>,
    days: Vec<Day>,
    departments: Vec<Department>,
    /// What there is to say in one line each: doctors, since when.
    facts: Vec<(&'static str, String)>,
    source: Source,
    similar: String,
}

pub(crate) async fn show(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, ProblemPage> {
    let id = id.parse().map_err(|_| ProblemPage::not_found())?;
    let institution = api.institution(id).await?;
    Ok(reply(&InstitutionPage::new(
        institution,
        korean::now().date_naive(),
    )))
}

impl InstitutionPage {
    fn new(institution: Institution, today: NaiveDate) -> Self {
        let similar = similar(&institution);
        let point = institution.latitude.zip(institution.longitude);
        let homepage = institution
            .homepage
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        let people = |count: u32| format!("{}명", korean::number(count.into()));
        let facts = [
            (
                "의사",
                institution
                    .doctor_count
                    .filter(|count| *count > 0)
                    .map(people),
            ),
            (
                "전문의",
                institution
                    .specialist_count
                    .filter(|count| *count > 0)
                    .map(people),
            ),
            (
                "주차",
                institution
                    .parking_spaces
                    .map(|spaces| korean::parking(spaces, institution.parking_is_free)),
            ),
            ("문을 연 날", institution.opened_on.map(korean::date)),
        ];
        Self {
            frame: Frame::fresh(&institution.index),
            doors: Doors::new(&institution.open, today),
            directions: point
                .map(|(latitude, longitude)| directions(&institution.name, latitude, longitude)),
            name: institution.name,
            kind: institution.kind_label,
            is_synthetic: institution.is_synthetic,
            has_emergency_room: institution.has_emergency_room,
            description: institution.description,
            place: institution.address,
            postal_code: institution.postal_code,
            phone: institution.phone.and_then(Phone::new),
            homepage,
            days: days(&institution.hours, today),
            departments: institution
                .departments
                .into_iter()
                .map(department)
                .collect(),
            facts: facts
                .into_iter()
                .filter_map(|(name, fact)| Some((name, fact?)))
                .collect(),
            source: Source {
                name: registry(&institution.registry),
                updated_at: institution
                    .source_updated_at
                    .map(|time| korean::date(time.date())),
            },
            similar,
        }
    }
}

/// Others of the kind in the same district.
fn similar(institution: &Institution) -> String {
    let mut choices = Choices::default().with("kind", &institution.kind);
    for (key, value) in [
        ("sido", &institution.sido),
        ("sigungu", &institution.sigungu),
    ] {
        if let Some(value) = value {
            choices = choices.with(key, value);
        }
    }
    choices.address()
}

fn department(department: InstitutionDepartment) -> Department {
    Department {
        address: Choices::default()
            .with("department", &department.name)
            .address(),
        specialists: department
            .specialist_count
            .filter(|count| *count > 0)
            .map(|count| format!("전문의 {count}명")),
        name: department.name,
        former_name: department.former_name,
    }
}

/// The week and public holidays; no rows when nothing is known.
fn days(hours: &[Span], today: NaiveDate) -> Vec<Day> {
    if hours.is_empty() {
        return Vec::new();
    }
    let today = today.weekday().number_from_monday() as usize;
    let day = |(name, number): (&'static str, usize)| {
        let mut spans: Vec<_> = hours
            .iter()
            .filter(|span| usize::from(span.day) == number)
            .collect();
        spans.sort_by_key(|span| span.opens);
        Day {
            name,
            is_today: number == today,
            breaks: spans
                .windows(2)
                .filter(|pair| pair[0].closes < pair[1].opens)
                .map(|pair| gap(pair[0], pair[1]))
                .collect(),
            spans: spans.into_iter().map(span).collect(),
        }
    };
    korean::DAYS.into_iter().zip(1..).map(day).collect()
}

fn span(span: &Span) -> String {
    if span.opens == 0 && span.closes == DAY_MINUTES {
        return "24시간".to_owned();
    }
    format!(
        "{} – {}",
        korean::clock(span.opens),
        korean::clock(span.closes)
    )
}

/// Between two spans of a day; around noon that is lunch.
fn gap(before: &Span, after: &Span) -> String {
    let is_lunch = before.closes >= 11 * 60 && after.opens <= 15 * 60;
    let name = if is_lunch { "점심" } else { "쉬는 시간" };
    format!(
        "{name} {} – {}",
        korean::clock(before.closes),
        korean::clock(after.opens)
    )
}

fn registry(registry: &str) -> &'static str {
    match registry {
        "egen" => "국립중앙의료원 응급의료포털(E-Gen)",
        "hira" => "건강보험심사평가원",
        "sample" => "진맥의 견본 데이터",
        _ => "등록 기관 알 수 없음",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_shows_lunch_nights_and_days_off() {
        let hours = [(1, 840, 1080), (1, 540, 780), (5, 600, 1530), (7, 0, 1440)];
        let hours = hours.map(|(day, opens, closes)| Span { day, opens, closes });
        // A Friday.
        let week = days(&hours, "2026-09-11".parse().unwrap());
        assert_eq!(week[0].spans, ["09:00 – 13:00", "14:00 – 18:00"]);
        assert_eq!(week[0].breaks, ["점심 13:00 – 14:00"]);
        assert!(week[1].spans.is_empty());
        assert_eq!(week[4].spans, ["10:00 – 다음 날 01:30"]);
        assert_eq!(week[6].spans, ["24시간"]);
        assert_eq!(
            week.iter()
                .filter(|day| day.is_today)
                .map(|day| day.name)
                .collect::<Vec<_>>(),
            ["금"]
        );
        assert!(days(&[], "2026-09-11".parse().unwrap()).is_empty());
    }
}
