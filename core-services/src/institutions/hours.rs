//! Opening hours: how a registry's "opens" and "closes" of a day become a span.

/// The longest span past midnight that is believed when a registry writes a closing time before the opening time. Real night
/// pharmacies reach 16½ hours (0900–0130); what is longer turned out to be slips such as 1830–1330 for 0830–1330.
const WRAPPED_MINUTES_MAX: u16 = 18 * 60;

const DAY_MINUTES: u16 = 24 * 60;

/// One stretch of opening hours (진료시간).
///
/// `day` is 1 Monday … 7 Sunday, 8 public holiday; on a public holiday the hours of day 8 hold *instead of* those of its weekday. Minutes
/// count from 00:00 of that day on the Korean wall clock, so a span that lasts past midnight ends after minute 1440 and belongs to the
/// day on which it began. No span on a day means closed.
///
/// Registries write `HHMM` (`900`, `0900` and `09:00` are the same):
///
/// | opens | closes | meaning |
/// |---|---|---|
/// | 0900 | 1800 | 09:00 to 18:00 |
/// | 2200 | 2600 | 22:00 to 02:00 of the next day |
/// | 1900 | 0100 | the same thing written otherwise: closing before opening means the next day, for up to 18 hours |
/// | 0000 | 2400 | around the clock |
/// | *blank* | *blank* | closed |
/// | 0000 | 0000 | closed: E-Gen's way to say so for a single day |
/// | 1830 | 1330 | a slip (19 hours past midnight): refused |
/// | 0900 | *blank*, 0900, 0960, abc | nonsense: refused |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpeningSpan {
    /// 1 Monday … 7 Sunday, 8 public holiday.
    pub day: u8,
    /// Minutes after 00:00, below 1440.
    pub opens_minute: u16,
    /// Minutes after 00:00 of the same day: more than `opens_minute`, at most 1440 more.
    pub closes_minute: u16,
}

/// Why the hours of a day cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// The opening time is no `HHMM` below 2400.
    #[error("여는 시각이 0000~2359의 HHMM이 아님")]
    Opens,
    /// The closing time is no `HHMM` up to 4800.
    #[error("닫는 시각이 0000~4800의 HHMM이 아님")]
    Closes,
    /// Closes, but never opens.
    #[error("닫는 시각은 있는데 여는 시각이 없음")]
    OpensMissing,
    /// Opens, but never closes.
    #[error("여는 시각은 있는데 닫는 시각이 없음")]
    ClosesMissing,
    /// Opens and closes at the same minute.
    #[error("여는 시각과 닫는 시각이 같음")]
    Empty,
    /// More than a day, or longer past midnight than anyone works.
    #[error("자정을 넘긴 것으로 보면 {hours}시간이 되어 오타로 보임")]
    TooLong {
        /// How long it would be, in hours rounded up.
        hours: u16,
    },
}

impl HoursError {
    /// Whether the opening time is at fault, rather than the closing time.
    #[must_use]
    pub fn is_opening(self) -> bool {
        matches!(self, Self::Opens | Self::OpensMissing)
    }
}

impl OpeningSpan {
    /// A span from figures that are known to be right; `None` if they are not (see the fields).
    #[must_use]
    pub fn new(day: u8, opens_minute: u16, closes_minute: u16) -> Option<Self> {
        let right = (1..=8).contains(&day)
            && opens_minute < DAY_MINUTES
            && closes_minute > opens_minute
            && closes_minute <= opens_minute + DAY_MINUTES;
        right.then_some(Self {
            day,
            opens_minute,
            closes_minute,
        })
    }

    /// Reads a day's figures as a registry writes them; `None` when closed that day.
    ///
    /// # Errors
    /// When they make no sense, as told above.
    pub fn parse(day: u8, opens: &str, closes: &str) -> Result<Option<Self>, HoursError> {
        let (opens, closes) = (opens.trim(), closes.trim());
        match (opens.is_empty(), closes.is_empty()) {
            (true, true) => return Ok(None),
            (true, false) => return Err(HoursError::OpensMissing),
            (false, true) => return Err(HoursError::ClosesMissing),
            (false, false) => {}
        }
        let opens_minute = minute(opens)
            .filter(|&minute| minute < DAY_MINUTES)
            .ok_or(HoursError::Opens)?;
        let mut closes_minute = minute(closes)
            .filter(|&minute| minute <= 2 * DAY_MINUTES)
            .ok_or(HoursError::Closes)?;
        if opens_minute == closes_minute {
            return if opens_minute == 0 {
                Ok(None)
            } else {
                Err(HoursError::Empty)
            };
        }
        let mut minutes_max = DAY_MINUTES;
        if closes_minute < opens_minute {
            closes_minute += DAY_MINUTES;
            minutes_max = WRAPPED_MINUTES_MAX;
        }
        let minutes = closes_minute - opens_minute;
        if minutes > minutes_max {
            return Err(HoursError::TooLong {
                hours: minutes.div_ceil(60),
            });
        }
        Ok(Self::new(day, opens_minute, closes_minute))
    }
}

/// `HHMM`, `HMM` or `HH:MM` in minutes.
fn minute(text: &str) -> Option<u16> {
    let digits = match text.split_once(':') {
        Some((hour, minute)) if hour.len() <= 2 && minute.len() == 2 => format!("{hour}{minute}"),
        Some(_) => return None,
        None => text.to_owned(),
    };
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let figure: u16 = digits.parse().ok()?;
    let (hours, minutes) = (figure / 100, figure % 100);
    (minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_figures_become_spans() {
        for (opens, closes, expected) in [
            ("0900", "1800", Ok(Some((540, 1080)))),
            ("900", "18:00", Ok(Some((540, 1080)))),
            ("2200", "2600", Ok(Some((1320, 1560)))),
            ("1900", "0100", Ok(Some((1140, 1500)))),
            ("0000", "2400", Ok(Some((0, 1440)))),
            ("0600", "3000", Ok(Some((360, 1800)))),
            ("", " ", Ok(None)),
            ("0000", "0000", Ok(None)),
            ("0900", "0900", Err(HoursError::Empty)),
            ("0900", "", Err(HoursError::ClosesMissing)),
            ("", "1800", Err(HoursError::OpensMissing)),
            ("0960", "1800", Err(HoursError::Opens)),
            ("2400", "2600", Err(HoursError::Opens)),
            ("0900", "18시", Err(HoursError::Closes)),
            ("0900", "9999", Err(HoursError::Closes)),
            ("1830", "1330", Err(HoursError::TooLong { hours: 19 })),
            ("0600", "3001", Err(HoursError::TooLong { hours: 25 })),
        ] {
            let span = OpeningSpan::parse(1, opens, closes);
            assert_eq!(
                span.map(|span| span.map(|span| (span.opens_minute, span.closes_minute))),
                expected,
                "{opens}–{closes}"
            );
        }
    }
}
