//! What is in the tables: some institutions with names, sixty whose hours and places follow a rule, some articles.

use std::fmt::Write;

use crate::support::execute;

/// An institution of the sample.
#[derive(Clone, Debug)]
pub(crate) struct Institution {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) place: [&'static str; 3],
    pub(crate) address: String,
    pub(crate) point: Option<(f64, f64)>,
    pub(crate) departments: &'static [u16],
    /// Day, opens, closes.
    pub(crate) hours: Vec<(u8, u16, u16)>,
    pub(crate) has_emergency_room: bool,
    pub(crate) description: &'static str,
}

const SEGOK: [&str; 3] = ["서울특별시", "강남구", "세곡동"];
const JONGNO: [&str; 3] = ["서울특별시", "종로구", "연건동"];
const SOKCHO: [&str; 3] = ["강원특별자치도", "속초시", "교동"];
const BUSAN: [&str; 3] = ["부산광역시", "중구", "남포동"];

fn institution(id: u64, name: &str, kind: &'static str, place: [&'static str; 3]) -> Institution {
    Institution {
        id,
        name: name.to_owned(),
        kind,
        place,
        address: format!("{} {} 큰길 {id} ({})", place[0], place[1], place[2]),
        point: None,
        departments: &[],
        hours: Vec::new(),
        has_emergency_room: false,
        description: "",
    }
}

fn week(opens: u16, closes: u16) -> Vec<(u8, u16, u16)> {
    (1..=5).map(|day| (day, opens, closes)).collect()
}

/// All institutions.
pub(crate) fn institutions() -> Vec<Institution> {
    let mut all = vec![
        Institution {
            point: Some((37.4666, 127.1049)),
            hours: vec![(1, 540, 1320), (7, 600, 1560), (8, 600, 720)],
            ..institution(1, "100세건강약국", "pharmacy", SEGOK)
        },
        Institution {
            point: Some((37.4700, 127.1000)),
            departments: &[1, 2],
            hours: [week(540, 780), week(840, 1080), vec![(6, 540, 780)]].concat(),
            description: "감기와 예방접종을 봅니다.",
            ..institution(2, "세곡내과의원", "clinic", SEGOK)
        },
        Institution {
            point: Some((37.5797, 126.9990)),
            departments: &[1, 6, 8, 14, 24],
            hours: (1..=8).map(|day| (day, 0, 1440)).collect(),
            has_emergency_room: true,
            ..institution(3, "서울대학교병원", "tertiary_hospital", JONGNO)
        },
        Institution {
            point: Some((38.2070, 128.5918)),
            departments: &[26],
            ..institution(4, "속초 세브란스치과의원", "dental_clinic", SOKCHO)
        },
        Institution {
            departments: &[26],
            ..institution(5, "세브란스치과의원", "dental_clinic", BUSAN)
        },
        Institution {
            departments: &[14],
            hours: week(600, 1140),
            ..institution(6, "튼튼비뇨의학과의원", "clinic", BUSAN)
        },
        institution(7, "<b>꺾쇠</b>의원", "clinic", BUSAN),
        Institution {
            departments: &[26],
            ..institution(8, "서울 미소치과의원 세브란스점", "dental_clinic", JONGNO)
        },
    ];
    all.extend((0..60).map(by_rule));
    all
}

/// Sixty of the same name, on a grid around Cheongju, with all kinds of hours.
fn by_rule(number: u64) -> Institution {
    let step = number as u16;
    let hours = match number % 6 {
        0 => week(540 + step, 1080 + step),
        1 => [week(480, 720), week(720 + step, 1200)].concat(),
        2 => vec![(6, 600, 1440 + step), (7, 119 + step, 1559)],
        3 => (1..=7).map(|day| (day, 0, 1440)).collect(),
        4 => vec![(8, 60 + step, 1440 + 2 * step), (4, 1320, 1500)],
        _ => Vec::new(),
    };
    let (row, column) = ((number / 8) as f64, (number % 8) as f64);
    Institution {
        point: Some((36.60 + row * 0.011, 127.45 + column * 0.013)),
        hours,
        ..institution(
            100 + number,
            "우리들의원",
            "clinic",
            ["충청북도", "청주시", "복대동"],
        )
    }
}

const ARTICLES: [(u64, &str, &str, &str, &str, &str, &str); 5] = [
    (
        1,
        "fever-in-children",
        "아이가 열이 날 때",
        "해열제와 병원에 가야 하는 때를 알아봅니다.",
        "## 체온 재기\n\n**고열**이 나면 [체온계](https://example.org)로 잽니다. 39.5도가 넘으면 소아청소년과에서 진료를 받으세요.",
        "증상",
        "2026-03-01",
    ),
    (
        2,
        "cold-or-flu",
        "감기와 독감은 어떻게 다를까요",
        "이름만 비슷할 뿐 원인이 다릅니다.",
        "감기는 여러 바이러스가, 독감은 인플루엔자 바이러스가 일으킵니다.",
        "질환",
        "2026-09-15",
    ),
    (
        3,
        "flu-vaccine",
        "독감 예방접종",
        "가을에 맞습니다.",
        "예방접종은 해마다 합니다.",
        "예방",
        "2026-09-15",
    ),
    (
        4,
        "stomach-ache",
        "배가 아플 때",
        "복통의 원인",
        "위염, 장염, 맹장염이 흔합니다.",
        "증상",
        "2025-01-01",
    ),
    (
        5,
        "draft",
        "아직 쓰는 글",
        "독감",
        "독감",
        "질환",
        "2026-01-01",
    ),
];

/// Puts the sample into the tables of a database that has been migrated.
pub(crate) async fn insert(database_url: &str) {
    let statements = [institution_rows(), article_rows()].concat();
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    execute(database_url, &statements).await;
}

fn institution_rows() -> Vec<String> {
    let mut statements = Vec::new();
    for institution in institutions() {
        let Institution {
            id,
            name,
            kind,
            place: [sido, sigungu, dong],
            address,
            has_emergency_room,
            description,
            ..
        } = &institution;
        let (latitude, longitude) = match institution.point {
            Some((latitude, longitude)) => (latitude.to_string(), longitude.to_string()),
            None => ("null".to_owned(), "null".to_owned()),
        };
        let registry = if *id < 100 { "egen" } else { "sample" };
        statements.push(format!(
            "insert into institutions (id, registry, official_code, name, kind, sido, sigungu, eupmyeondong, address, phone, \
             latitude, longitude, has_emergency_room, description) values ({id}, '{registry}', 'C{id}', '{name}', '{kind}', \
             '{sido}', '{sigungu}', '{dong}', '{address}', '02-000-{id:04}', {latitude}, {longitude}, {has_emergency_room}, \
             nullif('{description}', ''))"
        ));
        for department in institution.departments {
            statements.push(format!(
                "insert into institution_departments (institution_id, department_id) values ({id}, {department})"
            ));
        }
        let mut spans = String::new();
        for (day, opens, closes) in &institution.hours {
            let _ = write!(spans, ",({id}, {day}, {opens}, {closes})");
        }
        if !spans.is_empty() {
            statements.push(format!(
                "insert into opening_hours (institution_id, day, opens_minute, closes_minute) values {}",
                &spans[1..]
            ));
        }
    }
    statements
}

fn article_rows() -> Vec<String> {
    let mut statements = Vec::new();
    for (id, slug, title, summary, body, topic, day) in ARTICLES {
        let status = if slug == "draft" {
            "draft"
        } else {
            "published"
        };
        statements.push(format!(
            "insert into articles (id, slug, title, summary, body, reviewer, published_on, revised_on, status) values \
             ({id}, '{slug}', '{title}', '{summary}', '{body}', '진맥 편집부', '2025-01-01', '{day}', '{status}')"
        ));
        statements.push(format!(
            "insert into article_topics (article_id, topic) values ({id}, '{topic}')"
        ));
        statements.push(format!(
            "insert into article_departments (article_id, department_id) values ({id}, 2)"
        ));
    }
    statements.push(
        "insert into article_kcd_codes (article_id, kcd_code) values (2, 'J00'), (2, 'J10')"
            .to_owned(),
    );
    statements
}
