//! Texts of hits in pieces, marked where a token of the query was found. Pieces, not HTML: whoever shows them escapes them.

use std::ops::Range;

use analyzers::Analyzer;
use foldhash::{HashMap, HashMapExt};
use memchr::memmem::Finder;
use pulldown_cmark::{Event, Parser, TagEnd};
use serde::Serialize;
use utoipa::ToSchema;

/// Characters of the fragment of an article's text.
const FRAGMENT_CHARACTERS: usize = 160;
/// Characters before the first match of a fragment.
const LEAD_CHARACTERS: usize = 30;
/// Matches of a row among which the best fragment is looked for; an article may name its subject a hundred times.
const MATCHES_MAX: usize = 200;
/// Rows of terms that fragments are chosen by: a bit for each.
const ROWS_MAX: usize = u64::BITS as usize;

/// A piece of a text; the pieces of a text put together are the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Segment {
    /// The piece.
    #[schema(example = "세곡동")]
    pub(crate) text: String,
    /// Whether the query was found here.
    pub(crate) marked: bool,
}

/// Marks what was looked for: rows of terms.
pub(crate) struct Marker<'a> {
    analyzer: &'a Analyzer,
    /// The number of each term.
    terms: HashMap<&'a str, usize>,
    /// The rows, each as the numbers of its terms.
    rows: Vec<Vec<usize>>,
    /// Each finds a row where a text has its terms as they are.
    written: Vec<Finder<'a>>,
}

impl<'a> Marker<'a> {
    pub(crate) fn new(analyzer: &'a Analyzer, rows: &'a [Vec<String>]) -> Self {
        let mut terms = HashMap::new();
        let mut number = |term: &'a String| {
            let next = terms.len();
            *terms.entry(term.as_str()).or_insert(next)
        };
        let numbers = rows
            .iter()
            .map(|row| row.iter().map(&mut number).collect())
            .collect();
        let written = rows.iter().take(ROWS_MAX);
        let written = written.map(|row| Finder::new(&row.concat()).into_owned());
        Self {
            analyzer,
            terms,
            rows: numbers,
            written: written.collect(),
        }
    }

    /// The text with what was looked for marked, each term by the place that it had before it was analysed.
    pub(crate) fn mark(&self, text: &str) -> Vec<Segment> {
        if self.rows.is_empty() {
            return pieces(text, &[]);
        }
        let terms = self.analyzer.look_up(text, &self.terms);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        // Terms before this one are marked.
        let mut marked_to = 0;
        for (at, (term, place)) in terms.iter().enumerate() {
            if term.is_some() {
                marked_to = marked_to.max(at + self.longest_row(&terms[at..]));
            }
            if at >= marked_to {
                continue;
            }
            match ranges.last_mut() {
                Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
                _ => ranges.push(place.clone()),
            }
        }
        pieces(text, &ranges)
    }

    /// How many terms the longest row has that terms of a text begin with.
    fn longest_row(&self, terms: &[(Option<usize>, Range<usize>)]) -> usize {
        let begins = |row: &&Vec<usize>| {
            let first = terms.iter().take(row.len()).map(|(term, _)| *term);
            row.iter().copied().map(Some).eq(first)
        };
        let found = self.rows.iter().filter(begins).map(Vec::len);
        found.max().unwrap_or_default()
    }

    /// The part of an article's text that has the most of what was looked for, marked; its beginning when it has none as they are
    /// written.
    pub(crate) fn best_fragment(&self, body: &str) -> Vec<Segment> {
        let text = plain_text(body);
        let start = fragment_start(&text, self.best_place(&text));
        let end = fragment_end(&text, start);
        self.mark(text[start..end].trim_end())
    }

    /// Where the first of the most different rows is that a fragment can have.
    fn best_place(&self, text: &str) -> usize {
        // Only the letters of ASCII change their case, so that places stay.
        let searched = text.to_ascii_lowercase();
        let mut matches: Vec<(usize, u64)> = Vec::new();
        for (number, row) in self.written.iter().enumerate() {
            let found = row.find_iter(searched.as_bytes()).take(MATCHES_MAX);
            matches.extend(found.map(|place| (place, 1 << number)));
        }
        matches.sort_unstable();
        let mut best = (0, 0);
        // A fragment that would begin at the last match, by which that of the next is found.
        let mut last = 0..forward(text, 0, FRAGMENT_CHARACTERS - LEAD_CHARACTERS);
        for (at, (start, _)) in matches.iter().enumerate() {
            let further = text[last.start..*start].chars().count();
            last = *start..forward(text, last.end, further);
            let inside = matches[at..].iter();
            let inside = inside.take_while(|(place, _)| *place < last.end);
            let rows = inside.fold(0, |rows, (_, row)| rows | row).count_ones();
            if rows > best.0 {
                best = (rows, *start);
            }
        }
        best.1
    }
}

/// The text in pieces, of which those at the ranges are marked.
pub(crate) fn pieces(text: &str, ranges: &[Range<usize>]) -> Vec<Segment> {
    let mut pieces = Vec::new();
    let mut push = |range: Range<usize>, marked| {
        if !range.is_empty() {
            pieces.push(Segment {
                text: text[range].to_owned(),
                marked,
            });
        }
    };
    let mut at = 0;
    for range in ranges {
        push(at..range.start, false);
        push(range.clone(), true);
        at = range.end;
    }
    push(at..text.len(), false);
    pieces
}

/// The beginning of a word, a little before the place.
fn fragment_start(text: &str, place: usize) -> usize {
    let before = text[..place].char_indices().rev().take(LEAD_CHARACTERS);
    let Some((earliest, _)) = before.last().filter(|(at, _)| *at > 0) else {
        return 0;
    };
    let space = text[earliest..place].find(char::is_whitespace);
    space.map_or(place, |space| forward(text, earliest + space, 1))
}

/// The end of a word, so that none is cut into something else, unless a word is as long as a fragment.
fn fragment_end(text: &str, start: usize) -> usize {
    let end = forward(text, start, FRAGMENT_CHARACTERS);
    if end == text.len() {
        return end;
    }
    let space = text[start..end].rfind(char::is_whitespace);
    space.map_or(end, |space| start + space)
}

/// The place so many characters on, or the end.
fn forward(text: &str, from: usize, characters: usize) -> usize {
    let next = text[from..].char_indices().nth(characters);
    next.map_or(text.len(), |(at, _)| from + at)
}

/// What a reader sees of CommonMark, on one line.
fn plain_text(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    for event in Parser::new(body) {
        match event {
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock,
            ) => text.push(' '),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_not_shown() {
        assert_eq!(
            plain_text("# 감기\n\n**열**이 [39도](x) 넘으면\n\n- 하나\n- `둘`\n").trim_end(),
            "감기 열이 39도 넘으면 하나 둘"
        );
    }

    #[test]
    fn a_fragment_begins_with_a_word() {
        let text = "가나다 ".repeat(40);
        for place in (0..text.len()).step_by("가나다 ".len()) {
            let start = fragment_start(&text, place);
            let end = fragment_end(&text, start);
            assert!(end == text.len() || text[end..].starts_with(' '));
            assert!(
                start <= place && (start == 0 || text[..start].ends_with(' ')),
                "{place} {start}"
            );
        }
    }
}
