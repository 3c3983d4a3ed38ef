//! Single values of a registry's row: telephone numbers, homepages, dates … as text, and what they mean.
//!
//! One rule decides what becomes of a value that makes no sense. Where people write freely (telephone, homepage, postal code), it is
//! dropped and the row is kept. Where a figure must stand (dates, counts, coordinates, hours), the row is refused: a figure that is
//! none tells that columns have shifted, and then nothing in that row can be trusted.

use chrono::{Datelike, NaiveDate, NaiveDateTime};

/// Column width of the table, in characters.
const HOMEPAGE_CHARS_MAX: usize = 500;

/// The longest telephone number that is kept as it stands: the column holds 30.
const PHONE_CHARS_MAX: usize = 30;

/// Dates before the first modern hospital of Korea or long after today are slips.
const YEARS: std::ops::RangeInclusive<i32> = 1880..=2100;

/// Why a value cannot be used, in words for the one who keeps the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// Nothing where something must be.
    #[error("비어 있음")]
    Blank,
    /// More characters than the table can hold.
    #[error("{0}자를 넘음")]
    TooLong(usize),
    /// A code with characters that no registry uses.
    #[error("코드에 쓸 수 없는 글자가 있음(영문자·숫자·기호만 가능)")]
    CodeCharacter,
    /// Not a whole number that counts people.
    #[error("0 이상의 정수가 아님")]
    NotACount,
    /// Not a date.
    #[error("날짜(YYYYMMDD, YYYY-MM-DD)가 아님")]
    NotADate,
    /// Not a date and time.
    #[error("일시(YYYY-MM-DD HH:MM:SS)가 아님")]
    NotAStamp,
    /// Not a number of degrees.
    #[error("좌표(도 단위의 수)가 아님")]
    NotDegrees,
    /// Degrees, but not in Korea; most often the two are swapped or in another coordinate system.
    #[error("좌표가 대한민국(위도 32~39.5, 경도 124~132.5) 밖임")]
    OutsideKorea,
    /// One coordinate without the other.
    #[error("위도와 경도 중 하나만 있음")]
    HalfAPoint,
    /// Nothing says what kind of institution it is.
    #[error("종별을 알 수 없음")]
    UnknownKind,
}

/// One line of text: white space and control characters become single spaces.
///
/// # Errors
/// When it is longer than `chars_max`.
pub fn line(text: &str, chars_max: usize) -> Result<Option<String>, InvalidValue> {
    let line = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() > chars_max {
        return Err(InvalidValue::TooLong(chars_max));
    }
    Ok((!line.is_empty()).then_some(line))
}

/// A telephone number with hyphens. Known shapes are hyphenated anew (`024272949` → `02-427-2949`, `050-71378-2231` → `0507-1378-2231`);
/// others are kept as they stand if they could be a number at all. Numbers of nothing but zeros (`02-000-0000`) stand for "none".
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let other_than_digits = text
        .chars()
        .any(|character| !character.is_ascii_digit() && !"-() .".contains(character));
    let area_digits = match digits.as_bytes() {
        [b'0', b'2', ..] => 2,
        [b'0', b'5', b'0', ..] => 4,
        [b'0', ..] => 3,
        [b'1', b'5' | b'6' | b'8', ..] if digits.len() == 8 => 0,
        _ => usize::MAX,
    };
    let rest = digits.len().saturating_sub(area_digits);
    if area_digits <= digits.len() && digits[area_digits..].bytes().all(|digit| digit == b'0') {
        return None;
    }
    // `02-765-5885-6` means two numbers, 5885 and 5886.
    let is_range = text
        .trim()
        .rsplit('-')
        .next()
        .is_some_and(|last| last.len() < 4);
    if other_than_digits || is_range || !(7..=8).contains(&rest) {
        let kept = text.trim();
        return (digits.len() >= 7 && kept.chars().count() <= PHONE_CHARS_MAX)
            .then(|| kept.to_owned());
    }
    let (area, number) = digits.split_at(area_digits);
    let (exchange, subscriber) = number.split_at(rest - 4);
    Some(if area.is_empty() {
        format!("{exchange}-{subscriber}")
    } else {
        format!("{area}-{exchange}-{subscriber}")
    })
}

/// A five-digit postal code; four digits lost their zero in a spreadsheet. Six digits are a code of before 2015, which says nothing
/// today: none.
#[must_use]
pub fn postal_code(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = (4..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| format!("{text:0>5}"))
}

/// A homepage with its scheme; `http://` is put before one that has none. What cannot be an address (`없음`, `-`, an e-mail address) is none.
#[must_use]
pub fn homepage(text: &str) -> Option<String> {
    let text = text.trim();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => (String::from("http"), text),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, domain) = host.rsplit_once('.')?;
    let is_address = matches!(scheme.as_str(), "http" | "https")
        && !name.is_empty()
        && !name.starts_with('.')
        && domain.chars().count() >= 2
        && !host.contains('@')
        && !rest.contains(|character: char| {
            character.is_whitespace() || character.is_control() || "\"<>".contains(character)
        });
    let homepage = format!("{scheme}://{rest}");
    (is_address && homepage.chars().count() <= HOMEPAGE_CHARS_MAX).then_some(homepage)
}

/// A number of people.
///
/// # Errors
/// When there is text, but no whole number.
pub fn count(text: &str) -> Result<Option<u32>, InvalidValue> {
    let text = text.trim().replace(',', "");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| InvalidValue::NotACount)
}

/// A date: `YYYYMMDD`, `YYYY-MM-DD` (also with dots or slashes, or a time behind it), or the five digits by which Excel counts days.
///
/// # Errors
/// When there is text, but no date of 1880 to 2100.
pub fn date(text: &str) -> Result<Option<NaiveDate>, InvalidValue> {
    let Some(day) = text
        .trim()
        .split([' ', 'T'])
        .next()
        .filter(|day| !day.is_empty())
    else {
        return Ok(None);
    };
    let date = if day.len() == 5 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        let days = day.parse().map_err(|_| InvalidValue::NotADate)?;
        NaiveDate::from_ymd_opt(1899, 12, 30)
            .and_then(|epoch| epoch.checked_add_days(chrono::Days::new(days)))
    } else {
        let day = day.trim_end_matches('.').replace(['.', '/'], "-");
        let format = if day.contains('-') {
            "%Y-%m-%d"
        } else {
            "%Y%m%d"
        };
        NaiveDate::parse_from_str(&day, format).ok()
    };
    date.filter(|date| YEARS.contains(&date.year()))
        .map(Some)
        .ok_or(InvalidValue::NotADate)
}

/// A date and time of the Korean wall clock, cut to whole seconds: `2023-05-20 17:42:24.0`.
///
/// # Errors
/// When there is text, but no date and time.
pub fn stamp(text: &str) -> Result<Option<NaiveDateTime>, InvalidValue> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let seconds = text.split('.').next().unwrap_or_default().replace('T', " ");
    let stamp = NaiveDateTime::parse_from_str(&seconds, "%Y-%m-%d %H:%M:%S")
        .ok()
        .or_else(|| {
            date(&seconds)
                .ok()
                .flatten()
                .and_then(|date| date.and_hms_opt(0, 0, 0))
        });
    stamp
        .filter(|stamp| YEARS.contains(&stamp.year()))
        .map(Some)
        .ok_or(InvalidValue::NotAStamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_get_their_hyphens() {
        for (text, number) in [
            ("02-445-1460", Some("02-445-1460")),
            ("024272949", Some("02-427-2949")),
            ("02-20552370", Some("02-2055-2370")),
            ("050-71378-2231", Some("0507-1378-2231")),
            ("07086158032", Some("070-8615-8032")),
            ("031) 123-4567", Some("031-123-4567")),
            ("1588-1234", Some("1588-1234")),
            ("02-765-5885-6", Some("02-765-5885-6")),
            ("02-123-4567 내선 3", Some("02-123-4567 내선 3")),
            ("02-000-0000", None),
            ("없음", None),
            ("", None),
            ("02", None),
        ] {
            assert_eq!(phone(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn homepages_get_a_scheme_or_are_dropped() {
        for (text, expected) in [
            ("http://www.snuh.org", Some("http://www.snuh.org")),
            ("HTTPS://snuh.org/a?b=c", Some("https://snuh.org/a?b=c")),
            ("www.snuh.org", Some("http://www.snuh.org")),
            ("병원.한국", Some("http://병원.한국")),
            ("blog.naver.com/drkim", Some("http://blog.naver.com/drkim")),
            ("javascript://alert.com", None),
            ("drkim@naver.com", None),
            ("없음", None),
            ("-", None),
            ("http://", None),
            ("a b.com", None),
        ] {
            assert_eq!(homepage(text).as_deref(), expected, "{text}");
        }
        assert_eq!(
            homepage(&format!("{}.kr", "a".repeat(HOMEPAGE_CHARS_MAX))),
            None
        );
    }

    #[test]
    fn dates_are_read_in_every_spelling_of_the_registries() {
        let day = NaiveDate::from_ymd_opt(2005, 1, 2);
        for text in [
            "20050102",
            "2005-01-02",
            "2005.01.02.",
            "2005/1/2",
            "2005-01-02 00:00:00",
            "38354",
        ] {
            assert_eq!(date(text), Ok(day), "{text}");
        }
        assert_eq!(date(" "), Ok(None));
        for text in ["99999999", "20051301", "0", "-", "2005", "30000101", "어제"] {
            assert_eq!(date(text), Err(InvalidValue::NotADate), "{text}");
        }
        let second =
            NaiveDate::from_ymd_opt(2023, 5, 20).and_then(|day| day.and_hms_opt(17, 42, 24));
        assert_eq!(stamp("2023-05-20 17:42:24.0"), Ok(second));
        assert_eq!(stamp("2023-05-20T17:42:24"), Ok(second));
        assert_eq!(stamp("방금"), Err(InvalidValue::NotAStamp));
    }

    #[test]
    fn postal_codes_have_five_digits() {
        for (text, code) in [
            ("06376", Some("06376")),
            ("6376", Some("06376")),
            ("138042", None),
            ("", None),
            ("O6376", None),
        ] {
            assert_eq!(postal_code(text).as_deref(), code, "{text}");
        }
    }
}
