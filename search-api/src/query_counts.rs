//! What is searched for, as counts of a day: for popular queries, and for the list of what found nothing.
//!
//! Nobody's person is attached to a count, or known here at all; and nothing of it is logged. What looks like somebody's data is never
//! counted, and a query is handed over only once it has been asked [`ASKED_MIN`] times in this process on one day. That keeps what a
//! single person asks once or twice out of the tables; it does not promise that as many *persons* asked, since one may ask five times.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use analyzers::normalised;
use chrono::NaiveDate;
use indexer::Noun;

/// Searches of a day from which on a query is handed over: fewer are those that may tell of one person.
const ASKED_MIN: u32 = 5;
/// Queries that are counted at a time, in some 5 MB; when they are more, those that few have asked are forgotten.
const QUERIES_MAX: usize = 20_000;
/// Longer texts are sentences, which tell more of a person than of what people look for.
const CHARACTERS_MAX: usize = 40;
/// Digits in a row, and in all, of what is no number of a telephone, a person or a house: `24시 365일` may be counted.
const DIGITS_IN_A_ROW_MAX: usize = 3;
const DIGITS_MAX: usize = 6;

/// The counts of this process; clones share them.
#[derive(Clone, Debug, Default)]
pub struct QueryCounts(Arc<Mutex<Counting>>);

/// Searches for one query that have come since the last were taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryCount {
    /// By the Korean calendar.
    pub day: NaiveDate,
    /// What was searched for: institutions or articles.
    pub noun: Noun,
    /// Normalised, at most 40 characters.
    pub query: String,
    /// How often.
    pub searches: u32,
    /// How many of these found nothing that has all of it.
    pub found_nothing: u32,
}

#[derive(Debug, Default)]
struct Counting {
    day: NaiveDate,
    counts: HashMap<(Noun, String), Count>,
    /// No more room today, not even after forgetting.
    is_full: bool,
    /// What was left of the day before.
    left: Vec<QueryCount>,
}

#[derive(Debug, Default)]
struct Count {
    searches: u32,
    found_nothing: u32,
    /// How many of both have been taken.
    taken: (u32, u32),
}

impl QueryCounts {
    /// Counts a search, unless the text may be somebody's data.
    pub(crate) fn add(&self, day: NaiveDate, noun: Noun, text: &str, found_nothing: bool) {
        if is_personal(text) {
            return;
        }
        let query = normalised(text);
        // What a long ligature becomes may be longer.
        if query.is_empty() || query.chars().count() > CHARACTERS_MAX {
            return;
        }
        // Whoever panicked while holding the lock left counts that are still right.
        let mut counting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counting.day != day {
            counting.left = counting.take();
            counting.counts.clear();
            counting.is_full = false;
            counting.day = day;
        }
        counting.add((noun, query), found_nothing);
    }

    /// What has come since this was asked last, of queries that enough have asked.
    #[must_use]
    pub fn take(&self) -> Vec<QueryCount> {
        let mut counting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = mem::take(&mut counting.left);
        taken.extend(counting.take());
        taken
    }
}

impl Counting {
    fn add(&mut self, query: (Noun, String), found_nothing: bool) {
        if self.counts.len() >= QUERIES_MAX && !self.counts.contains_key(&query) {
            if self.is_full {
                return;
            }
            self.counts.retain(|_, count| count.searches >= ASKED_MIN);
            self.is_full = self.counts.len() >= QUERIES_MAX;
            if self.is_full {
                return;
            }
        }
        let count = self.counts.entry(query).or_default();
        count.searches = count.searches.saturating_add(1);
        count.found_nothing += u32::from(found_nothing);
    }

    fn take(&mut self) -> Vec<QueryCount> {
        let day = self.day;
        let asked = self.counts.iter_mut();
        let asked = asked.filter(|(_, count)| count.searches >= ASKED_MIN);
        let taken = asked.filter_map(|((noun, query), count)| {
            let (searches, found_nothing) = count.taken;
            count.taken = (count.searches, count.found_nothing);
            (count.searches > searches).then(|| QueryCount {
                day,
                noun: *noun,
                query: query.clone(),
                searches: count.searches - searches,
                found_nothing: count.found_nothing - found_nothing,
            })
        });
        taken.collect()
    }
}

/// Whether a text may tell who somebody is: an address of mail, a number of a telephone, a resident or a house, a whole sentence.
fn is_personal(text: &str) -> bool {
    let (mut digits, mut in_a_row, mut longest) = (0, 0, 0);
    for letter in text.chars() {
        if letter.is_numeric() {
            (digits, in_a_row) = (digits + 1, in_a_row + 1);
            longest = longest.max(in_a_row);
        } else {
            in_a_row = 0;
        }
    }
    longest > DIGITS_IN_A_ROW_MAX
        || digits > DIGITS_MAX
        || text.contains(['@', '＠'])
        || text.chars().count() > CHARACTERS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn shown(counts: &QueryCounts) -> Vec<(String, u32, u32)> {
        let taken = counts.take().into_iter();
        let mut shown: Vec<_> = taken
            .map(|count| (count.query, count.searches, count.found_nothing))
            .collect();
        shown.sort();
        shown
    }

    #[test]
    fn what_enough_have_asked_is_handed_over_once() {
        let counts = QueryCounts::default();
        let ask = |text, times, found_nothing| {
            for _ in 0..times {
                counts.add(day(21), Noun::Institution, text, found_nothing);
            }
        };
        ask("강남  치과", 3, false);
        ask("희귀한 이름", 4, true);
        assert_eq!(shown(&counts), []);
        // However it is written.
        ask("강남 치과\u{200b}", 2, true);
        ask("ＭＲＩ 검사", 5, false);
        let expected = [
            ("mri 검사".to_owned(), 5, 0),
            ("강남 치과".to_owned(), 5, 2),
        ];
        assert_eq!(shown(&counts), expected);
        assert_eq!(shown(&counts), []);
        ask("강남 치과", 1, true);
        assert_eq!(shown(&counts), [("강남 치과".to_owned(), 1, 1)]);
        // The next day begins anew, and what was left of this one is not lost.
        ask("강남 치과", 2, false);
        counts.add(day(22), Noun::Institution, "희귀한 이름", true);
        assert_eq!(shown(&counts), [("강남 치과".to_owned(), 2, 0)]);
    }

    #[test]
    fn what_may_be_personal_is_never_counted() {
        let counts = QueryCounts::default();
        for text in [
            "me@example.org",
            "me＠example.org",
            "010-1234-5678",
            "０１０ １２３４",
            "02 345 678",
            "900101-1234567",
            "900101",
            "역삼동 1234번지",
            &"아주 긴 문장 ".repeat(6),
            " ",
            "?!",
        ] {
            for _ in 0..ASKED_MIN {
                counts.add(day(21), Noun::Article, text, false);
            }
        }
        assert_eq!(shown(&counts), []);
        for _ in 0..ASKED_MIN {
            counts.add(day(21), Noun::Article, "24시 365일 약국", false);
        }
        assert_eq!(shown(&counts).len(), 1);
    }

    #[test]
    fn a_flood_of_queries_forgets_the_rare_ones_only() {
        let counts = QueryCounts::default();
        for _ in 0..ASKED_MIN {
            counts.add(day(21), Noun::Institution, "치과", false);
        }
        let letter = |number: usize| char::from_u32(0xac00 + number as u32).unwrap();
        for number in 0..QUERIES_MAX * 2 {
            let text = format!("{}{}", letter(number / 200), letter(number % 200));
            counts.add(day(21), Noun::Institution, &text, false);
        }
        assert!(counts.0.lock().unwrap().counts.len() <= QUERIES_MAX);
        assert_eq!(shown(&counts), [("치과".to_owned(), 5, 0)]);
    }
}
