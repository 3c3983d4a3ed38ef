//! Korean addresses: province (시도), district (시군구) and neighbourhood (읍면동) out of one line, under today's official names.

/// A province or metropolitan city (시도).
#[derive(Debug, PartialEq, Eq)]
pub struct Province {
    /// The full official name today.
    pub name: &'static str,
    /// Short names, and the names it had before.
    pub other_names: &'static [&'static str],
    /// Telephone area code (지역번호).
    pub area_code: &'static str,
}

const fn province(
    name: &'static str,
    area_code: &'static str,
    other_names: &'static [&'static str],
) -> Province {
    Province {
        name,
        other_names,
        area_code,
    }
}

/// The seventeen provinces, in the official order.
pub const PROVINCES: [Province; 17] = [
    province("서울특별시", "02", &["서울", "서울시"]),
    province("부산광역시", "051", &["부산", "부산시", "부산직할시"]),
    province("대구광역시", "053", &["대구", "대구시", "대구직할시"]),
    province("인천광역시", "032", &["인천", "인천시", "인천직할시"]),
    province("광주광역시", "062", &["광주", "광주시", "광주직할시"]),
    province("대전광역시", "042", &["대전", "대전시", "대전직할시"]),
    province("울산광역시", "052", &["울산", "울산시"]),
    province(SEJONG, "044", &["세종", "세종시"]),
    province("경기도", "031", &["경기"]),
    province("강원특별자치도", "033", &["강원", "강원도"]),
    province("충청북도", "043", &["충북"]),
    province("충청남도", "041", &["충남"]),
    province("전북특별자치도", "063", &["전북", "전라북도", "전북도"]),
    province("전라남도", "061", &["전남"]),
    province("경상북도", "054", &["경북"]),
    province("경상남도", "055", &["경남"]),
    province("제주특별자치도", "064", &["제주", "제주도"]),
];

/// Cities with districts of their own (일반구), which HIRA writes in one word with them: `수원장안구`.
const CITIES_WITH_DISTRICTS: [&str; 13] = [
    "수원", "성남", "안양", "부천", "안산", "고양", "용인", "화성", "청주", "천안", "전주", "포항",
    "창원",
];

/// Sejong has no districts. Like HIRA we let the city stand for its only one, so that lists by district have a place for it.
const SEJONG: &str = "세종특별자치시";
const SEJONG_DISTRICT: &str = "세종시";

/// The one neighbourhood (in Seoul's 종로구) that is named like a road. Before a house number it is a road, also elsewhere.
const ROAD_AND_NEIGHBOURHOOD: &str = "세종로";

/// The longest neighbourhood name that is believed; the longest official ones have seven characters.
const NEIGHBOURHOOD_CHARS_MAX: usize = 12;

/// Where an institution is, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Address {
    /// 시도, full official name.
    pub sido: Option<String>,
    /// 시군구, such as `강남구` or `수원시 장안구`; in Sejong, which has none, `세종시`.
    pub sigungu: Option<String>,
    /// 읍면동: a town or township, or the neighbourhood (법정동) in the closing parentheses.
    pub eupmyeondong: Option<String>,
    /// The whole line, as registered.
    #[sqlx(rename = "address")]
    pub full: Option<String>,
}

impl Province {
    /// The province called `name`, in full, short or before.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        PROVINCES
            .iter()
            .find(|province| province.name == name || province.other_names.contains(&name))
    }

    /// Whether it is a special or metropolitan city, whose districts stand in no city below it.
    fn is_city(&self) -> bool {
        self.name.ends_with('시')
    }
}

impl Address {
    /// Splits a whole address. What is not there is `None`; the line itself is kept as it is.
    ///
    /// Examples: `서울특별시 강남구 헌릉로571길 7, 1층 (세곡동)`, `경기 수원시 장안구 …`, `강원도 평창군 진부면 …`, `세종시 한누리대로 …`.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut address = Self {
            full: Some(line.to_owned()),
            ..Self::default()
        };
        let mut words = line
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .peekable();
        let Some(province) = words.peek().and_then(|word| Province::find(word)) else {
            return address;
        };
        words.next();
        address.sido = Some(province.name.to_owned());
        if let Some(first) = words.peek().copied().filter(|word| is_district(word)) {
            words.next();
            let second = words
                .peek()
                .copied()
                .filter(|word| first.ends_with('시') && is_named(word, &['구']));
            address.sigungu = match second {
                Some(second) => {
                    words.next();
                    Some(format!("{first} {second}"))
                }
                None => Some(first.to_owned()),
            };
        }
        if province.name == SEJONG {
            address.sigungu = Some(SEJONG_DISTRICT.to_owned());
        }
        address.eupmyeondong = words
            .peek()
            .filter(|word| is_named(word, &['읍', '면']) || is_neighbourhood(word))
            .map(|word| (*word).to_owned())
            .or_else(|| neighbourhood_in_parentheses(line));
        address
    }

    /// From separate columns, when there is no line: HIRA's short names (`경기`, `수원장안구`, `부산해운대구`) become official ones.
    #[must_use]
    pub fn from_parts(
        sido: Option<&str>,
        sigungu: Option<&str>,
        eupmyeondong: Option<&str>,
    ) -> Self {
        let province = sido.and_then(Province::find);
        Self {
            sido: province.map(|province| province.name.to_owned()),
            sigungu: province
                .zip(sigungu)
                .and_then(|(province, sigungu)| official_district(province, sigungu)),
            eupmyeondong: eupmyeondong
                .filter(|name| is_believable(name))
                .map(str::to_owned),
            full: None,
        }
    }

    /// This address, with what it lacks taken from `other` if both are in the same province.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        if self.sido.is_none() || self.sido == other.sido {
            self.sido = self.sido.or(other.sido);
            self.sigungu = self.sigungu.or(other.sigungu);
            self.eupmyeondong = self.eupmyeondong.or(other.eupmyeondong);
        }
        self
    }
}

fn official_district(province: &Province, name: &str) -> Option<String> {
    if province.name == SEJONG {
        return Some(SEJONG_DISTRICT.to_owned());
    }
    if !is_believable(name) {
        return None;
    }
    if name.contains(' ') {
        return Some(name.to_owned());
    }
    if province.is_city() {
        let rest = province
            .other_names
            .iter()
            .find_map(|short| name.strip_prefix(short));
        return Some(
            rest.filter(|rest| is_district(rest))
                .unwrap_or(name)
                .to_owned(),
        );
    }
    for city in CITIES_WITH_DISTRICTS {
        if let Some(district) = name.strip_prefix(city)
            && is_named(district, &['구'])
        {
            return Some(format!("{city}시 {district}"));
        }
    }
    Some(name.to_owned())
}

fn is_district(word: &str) -> bool {
    is_named(word, &['시', '군', '구'])
}

/// A 법정동 or 행정동: `세곡동`, `종로1가`, `금호동2가`.
fn is_neighbourhood(word: &str) -> bool {
    let numbered = word
        .strip_suffix('가')
        .is_some_and(|name| name.ends_with(|last: char| last.is_ascii_digit()));
    is_named(word, &['동', '리']) || (numbered && is_believable(word))
}

fn is_named(word: &str, endings: &[char]) -> bool {
    is_believable(word) && word.chars().count() >= 2 && word.ends_with(endings)
}

/// Begins with Hangul, goes on with Hangul, figures or dots, and is not long.
fn is_believable(name: &str) -> bool {
    name.starts_with(is_hangul)
        && name.chars().count() <= NEIGHBOURHOOD_CHARS_MAX
        && name.chars().all(|character| {
            is_hangul(character) || character.is_ascii_digit() || " .·".contains(character)
        })
}

fn is_hangul(character: char) -> bool {
    ('가'..='힣').contains(&character)
}

/// The neighbourhood that street addresses carry in parentheses, before the building: `(도곡동, 뱅뱅빌딩)`. The last pair counts that has one.
fn neighbourhood_in_parentheses(line: &str) -> Option<String> {
    let (mut depth, mut start, mut found) = (0_usize, 0, None);
    for (at, character) in line.char_indices() {
        match character {
            '(' => {
                depth += 1;
                if depth == 1 {
                    start = at + 1;
                }
            }
            ')' if depth > 0 => {
                depth -= 1;
                let first = line[start..at]
                    .split([',', '('])
                    .next()
                    .unwrap_or_default()
                    .trim();
                if depth == 0 && (is_neighbourhood(first) || first == ROAD_AND_NEIGHBOURHOOD) {
                    found = Some(first.to_owned());
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(address: &Address) -> [&str; 3] {
        [&address.sido, &address.sigungu, &address.eupmyeondong]
            .map(|part| part.as_deref().unwrap_or("-"))
    }

    #[test]
    fn lines_are_split_under_todays_names() {
        for (line, expected) in [
            (
                "서울특별시 강남구 헌릉로571길 7, 강남레체 1층 101호 (세곡동)",
                ["서울특별시", "강남구", "세곡동"],
            ),
            (
                "서울특별시 성동구 무수막길 97  (금호동2가)",
                ["서울특별시", "성동구", "금호동2가"],
            ),
            (
                "서울 강남구 강남대로 292, 3층 (도곡동, 뱅뱅빌딩)",
                ["서울특별시", "강남구", "도곡동"],
            ),
            (
                "서울특별시 송파구 풍성로 55, (풍납동)",
                ["서울특별시", "송파구", "풍납동"],
            ),
            (
                "서울특별시 중구 세종대로 1 (서소문동, (제1호))",
                ["서울특별시", "중구", "서소문동"],
            ),
            (
                "서울특별시 구로구 디지털로 1 (현대지식산업센터)",
                ["서울특별시", "구로구", "-"],
            ),
            (
                "경기도 여주시 세종로 12 (홍문동)",
                ["경기도", "여주시", "홍문동"],
            ),
            (
                "서울특별시 종로구 세종대로 175 (세종로)",
                ["서울특별시", "종로구", "세종로"],
            ),
            (
                "서울특별시 강남구 역삼동 123-4",
                ["서울특별시", "강남구", "역삼동"],
            ),
            (
                "경기도 수원시 장안구 경수대로 893 (조원동)",
                ["경기도", "수원시 장안구", "조원동"],
            ),
            (
                "강원도 평창군 진부면 진부중앙로 1",
                ["강원특별자치도", "평창군", "진부면"],
            ),
            (
                "전라북도 전주시 완산구 팔달로 1, (전동)",
                ["전북특별자치도", "전주시 완산구", "전동"],
            ),
            (
                "세종특별자치시 한누리대로 2130 (보람동)",
                ["세종특별자치시", "세종시", "보람동"],
            ),
            (
                "세종시 세종시 조치원읍 새내로 1",
                ["세종특별자치시", "세종시", "조치원읍"],
            ),
            (
                "제주 제주시 한림읍 한림로 1",
                ["제주특별자치도", "제주시", "한림읍"],
            ),
            ("평양시 어딘가 1", ["-", "-", "-"]),
            ("", ["-", "-", "-"]),
            ("서울특별시 ((((", ["서울특별시", "-", "-"]),
        ] {
            assert_eq!(parts(&Address::parse(line)), expected, "{line}");
        }
    }

    #[test]
    fn hiras_short_names_become_official() {
        for (sido, sigungu, expected) in [
            ("경기", "수원장안구", ["경기도", "수원시 장안구", "-"]),
            ("부산", "부산해운대구", ["부산광역시", "해운대구", "-"]),
            ("대구", "대구중구", ["대구광역시", "중구", "-"]),
            ("서울", "강남구", ["서울특별시", "강남구", "-"]),
            ("경기", "고양시", ["경기도", "고양시", "-"]),
            ("세종시", "세종시", ["세종특별자치시", "세종시", "-"]),
        ] {
            assert_eq!(
                parts(&Address::from_parts(Some(sido), Some(sigungu), None)),
                expected
            );
        }
    }
}
