//! Texts of hits in pieces, marked where a token of the query was found. Pieces, not HTML: whoever shows them escapes them.

use std::ops::Range;

use analyzers::Analyzer;
use memchr::memmem;
use pulldown_cmark::{Event, Parser, TagEnd};
use serde::Serialize;
use utoipa::ToSchema;

/// Characters of the fragment of an article's text.
const FRAGMENT_CHARACTERS: usize = 160;
/// Characters before the first match of a fragment.
const LEAD_CHARACTERS: usize = 30;
/// Places where a fragment is tried; an article may name its subject a hundred times.
const CANDIDATES_MAX: usize = 200;

/// A piece of a text; the pieces of a text put together are the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Segment {
    /// The piece.
    #[schema(example = "세곡동")]
    pub(crate) text: String,
    /// Whether the query was found here.
    pub(crate) marked: bool,
}

/// The text with what was looked for marked, rows of terms, by the place that each term had before it was analysed.
pub(crate) fn marked(analyzer: &Analyzer, rows: &[Vec<String>], text: &str) -> Vec<Segment> {
    if rows.is_empty() {
        return pieces(text, &[]);
    }
    let tokens = analyzer.analyze(text);
    let mut ranges: Vec<Range<usize>> = Vec::new();
    // Terms before this one are marked.
    let mut marked_to = 0;
    for (at, token) in tokens.iter().enumerate() {
        let is_here = |row: &&Vec<String>| {
            let rest = tokens[at..].iter().map(|token| &token.text);
            row.len() <= tokens.len() - at && row.iter().eq(rest.take(row.len()))
        };
        let found = rows.iter().filter(is_here).map(Vec::len).max();
        marked_to = found.map_or(marked_to, |length| marked_to.max(at + length));
        if at >= marked_to {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if token.start <= last.end => last.end = last.end.max(token.end),
            _ => ranges.push(token.start..token.end),
        }
    }
    pieces(text, &ranges)
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

/// The part of an article's text that has the most of what was looked for, marked; its beginning when it has none as they are
/// written.
pub(crate) fn best_fragment(analyzer: &Analyzer, rows: &[Vec<String>], body: &str) -> Vec<Segment> {
    let text = plain_text(body);
    // Only the letters of ASCII change their case, so that places stay.
    let searched = text.to_ascii_lowercase();
    let mut matches: Vec<(usize, usize)> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let row = row.concat();
        let found = memmem::find_iter(searched.as_bytes(), row.as_bytes());
        matches.extend(found.take(CANDIDATES_MAX).map(|at| (at, number)));
    }
    matches.sort_unstable();
    let mut best = (0, 0);
    for (first, (start, _)) in matches.iter().enumerate().take(CANDIDATES_MAX) {
        let end = forward(&text, *start, FRAGMENT_CHARACTERS - LEAD_CHARACTERS);
        let inside = matches[first..].iter().take_while(|(at, _)| *at < end);
        let mut numbers: Vec<usize> = inside.map(|(_, number)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() > best.0 {
            best = (numbers.len(), *start);
        }
    }
    let start = fragment_start(&text, best.1);
    let end = fragment_end(&text, start);
    marked(analyzer, rows, text[start..end].trim_end())
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
