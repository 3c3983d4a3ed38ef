//! Opening hours as index terms: is it open at this minute?
//!
//! Hours of a day are spans of minutes after its midnight, up to the end of the next day, since a pharmacy that closes at
//! 26:00 on Sunday is open at 01:30 on Monday. A span is stored as the dyadic intervals that tile it: the interval of
//! level *l* and index *i* is the minutes *i·2^l* up to *(i+1)·2^l*. A minute lies in exactly one interval of each level,
//! so a search for [`terms_at`] finds the documents that are open, to the minute, by 13 terms per day.

use serde::{Deserialize, Serialize};

/// Minutes of a day.
pub(crate) const DAY_MINUTES: u16 = 1440;
/// 2^12 minutes hold two days.
const LEVELS: u16 = 12;

/// One span of opening hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// 1 Monday … 7 Sunday, 8 public holiday.
    pub day: u8,
    /// Minutes after 00:00 of the day.
    pub opens: u16,
    /// Minutes after 00:00 of the same day, up to 2880; the minute itself is closed.
    pub closes: u16,
}

/// The day number of public holidays.
pub const HOLIDAY: u8 = 8;

/// The terms of a span: its dyadic intervals, with its day.
#[must_use]
pub fn terms_of(span: Span) -> Vec<String> {
    let mut terms = Vec::new();
    let (mut start, end) = (span.opens, span.closes.min(2 * DAY_MINUTES));
    while start < end {
        // The largest interval that starts here and does not reach past the end.
        let level = (0..=LEVELS)
            .rev()
            .find(|level| start.is_multiple_of(1 << level) && start + (1 << level) <= end)
            .unwrap_or(0);
        terms.push(term(span.day, level, start >> level));
        start += 1 << level;
    }
    terms
}

/// The terms of which an institution that is open at the minute has one. `day` is what the date counts as (its weekday,
/// or [`HOLIDAY`]), `day_before` the same of the date before, whose hours may reach past midnight.
#[must_use]
pub fn terms_at(day: u8, day_before: u8, minute: u16) -> Vec<String> {
    let levels =
        |day, minute: u16| (0..=LEVELS).map(move |level| term(day, level, minute >> level));
    levels(day, minute)
        .chain(levels(day_before, minute + DAY_MINUTES))
        .collect()
}

fn term(day: u8, level: u16, index: u16) -> String {
    format!("{day}.{level}.{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(spans: &[Span], day: u8, day_before: u8, minute: u16) -> bool {
        let terms: Vec<_> = spans.iter().flat_map(|span| terms_of(*span)).collect();
        terms_at(day, day_before, minute)
            .iter()
            .any(|term| terms.contains(term))
    }

    #[test]
    fn a_minute_is_found_in_exactly_the_spans_that_hold_it() {
        for (opens, closes) in [
            (0, 1),
            (0, 1440),
            (539, 541),
            (540, 1080),
            (1000, 1560),
            (1439, 2879),
            (0, 2880),
        ] {
            let span = Span {
                day: 7,
                opens,
                closes,
            };
            for minute in 0..DAY_MINUTES {
                let same_day = (opens..closes).contains(&minute);
                let next_day = (opens..closes).contains(&(minute + DAY_MINUTES));
                assert_eq!(
                    is_open(&[span], 7, 6, minute),
                    same_day,
                    "{span:?} at {minute}"
                );
                assert_eq!(
                    is_open(&[span], 1, 7, minute),
                    next_day,
                    "{span:?} at {minute} of the next day"
                );
            }
        }
    }

    #[test]
    fn a_span_takes_few_terms() {
        let span = |opens, closes| {
            terms_of(Span {
                day: 1,
                opens,
                closes,
            })
            .len()
        };
        assert!(span(1, 2879) <= 2 * usize::from(LEVELS));
        assert_eq!(span(0, 0), 0);
    }
}
