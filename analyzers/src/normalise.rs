//! Makes different spellings of the same text the same, and remembers where each piece of it stood.
//!
//! NFKC (full-width letters become plain, decomposed Hangul is composed as by Lucene's `HangulCompositionCharFilter`), Latin in lower
//! case, zero-width characters dropped, and everything that is neither letter nor digit turned into spaces: ko-dic cuts a word
//! differently beside a bracket or an exclamation mark, and no search wants that (elastic/elasticsearch#80521). A point or comma
//! within a number stays, for [`crate::Analyzer`] to join.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A normalised text. It begins and ends with a space (why: see [`crate::Analyzer`]).
#[derive(Debug)]
pub(crate) struct Normalised {
    /// The text for the dictionary.
    pub(crate) text: String,
    runs: Vec<Run>,
}

/// A stretch of the normalised text and where it comes from; it lasts until the next run begins.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    original: usize,
    /// `None`: byte for byte. `Some(end)`: the stretch stands for the original bytes up to `end` as a whole.
    whole_to: Option<usize>,
}

impl Normalised {
    pub(crate) fn new(original: &str) -> Self {
        let mut writer = Writer {
            out: Vec::with_capacity(original.len() + 2),
            runs: vec![Run {
                start: 0,
                original: 0,
                whole_to: Some(0),
            }],
            last: Last::Whole,
        };
        writer.out.push(b' ');
        let mut at = 0;
        while at < original.len() {
            let rest = &original[at..];
            let plain = plain_length(rest);
            writer.write_plain(&rest[..plain], at);
            let rest = &rest[plain..];
            at += plain;
            if let Some(first) = rest.chars().next() {
                let joined = rest.chars().skip(1).take_while(|&next| joins(next));
                let length = first.len_utf8() + joined.map(char::len_utf8).sum::<usize>();
                writer.write(&rest[..length], first, at);
                at += length;
            }
        }
        let Writer {
            mut out, mut runs, ..
        } = writer;
        runs.push(Run {
            start: out.len(),
            original: original.len(),
            whole_to: Some(original.len()),
        });
        out.push(b' ');
        separate_numbers(&mut out);
        // Only whole characters were written, and only ASCII bytes were replaced by ASCII: the conversion cannot fail.
        let text = String::from_utf8(out).unwrap_or_default();
        Self { text, runs }
    }

    /// The original byte range of the normalised range `start..end`, which must not be empty.
    pub(crate) fn original(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.run(start);
        let last = self.run(end - 1);
        let from = if first.whole_to.is_some() {
            first.original
        } else {
            first.original + (start - first.start)
        };
        (
            from,
            last.whole_to.unwrap_or(last.original + (end - last.start)),
        )
    }

    fn run(&self, at: usize) -> Run {
        // The first run starts at 0, so at least one does not start after `at`.
        self.runs[self
            .runs
            .partition_point(|run| run.start <= at)
            .saturating_sub(1)]
    }
}

/// Bytes of the ASCII and whole syllables that a text begins with, but for a last one that something joins.
fn plain_length(text: &str) -> usize {
    let mut length = 0;
    let mut last = 0;
    for next in text.chars() {
        if !next.is_ascii() && !is_syllable(next) {
            return if joins(next) { length - last } else { length };
        }
        last = next.len_utf8();
        length += last;
    }
    length
}

/// Whether a character belongs to the one before it: combining marks and the medial and final jamo of decomposed Hangul.
fn joins(next: char) -> bool {
    next >= '\u{300}'
        && !is_syllable(next)
        && (matches!(next, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}')
            || is_combining_mark(next))
}

fn is_syllable(character: char) -> bool {
    matches!(character, '가'..='힣')
}

/// Invisible characters that mean nothing to a search: soft hyphen, joiners, directional marks, Hangul fillers, byte order mark …
pub(crate) fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// A text as the analysis sees it, in one line with single spaces: the same for texts that search for the same.
pub fn normalised(text: &str) -> String {
    let text = Normalised::new(text).text;
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// NFKC, lower case. Single jamo stay compatibility jamo (U+3131 …): NFKC would turn `ㅅㅇ` into conjoining ones, which no keyboard types.
pub(crate) fn fold(cluster: &str) -> Cow<'_, str> {
    let mut characters = cluster.chars();
    match (characters.next(), characters.next()) {
        (Some(one), None)
            if is_syllable(one) || (matches!(one, 'ㄱ'..='ㆎ') && !is_ignorable(one)) =>
        {
            Cow::Borrowed(cluster)
        }
        _ => Cow::Owned(
            cluster
                .chars()
                .filter(|&one| !is_ignorable(one))
                .nfkc()
                .flat_map(char::to_lowercase)
                .collect(),
        ),
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Last {
    /// The current run goes byte for byte and the next original byte would continue it.
    Linear {
        next: usize,
    },
    Whole,
}

struct Writer {
    out: Vec<u8>,
    runs: Vec<Run>,
    last: Last,
}

impl Writer {
    /// ASCII and whole syllables, which nothing joins.
    fn write_plain(&mut self, text: &str, at: usize) {
        if text.is_empty() {
            return;
        }
        self.linear(at, text.len());
        let before = self.out.len();
        self.out.extend_from_slice(text.as_bytes());
        for byte in &mut self.out[before..] {
            if byte.is_ascii() {
                *byte = plain_ascii(*byte);
            }
        }
    }

    /// One character with what joins it.
    fn write(&mut self, cluster: &str, first: char, at: usize) {
        let single = cluster.len() == first.len_utf8();
        let folded = fold(cluster);
        if folded.is_empty() {
            return;
        }
        let before = self.out.len();
        if single && folded.len() == cluster.len() && folded.chars().nth(1).is_none() {
            self.linear(at, cluster.len());
        } else {
            self.runs.push(Run {
                start: before,
                original: at,
                whole_to: Some(at + cluster.len()),
            });
            self.last = Last::Whole;
        }
        for character in folded.chars() {
            if character.is_ascii() {
                self.out.push(plain_ascii(character as u8));
            } else if character.is_alphanumeric() || is_combining_mark(character) {
                self.out
                    .extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                self.out
                    .extend(std::iter::repeat_n(b' ', character.len_utf8())); // as long as it was, so that offsets still go along
            }
        }
    }

    fn linear(&mut self, at: usize, length: usize) {
        if self.last != (Last::Linear { next: at }) {
            self.runs.push(Run {
                start: self.out.len(),
                original: at,
                whole_to: None,
            });
        }
        self.last = Last::Linear { next: at + length };
    }
}

/// Letters and digits in lower case, points and commas as they are, all else a space.
fn plain_ascii(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte.to_ascii_lowercase(),
        b'a'..=b'z' | b'0'..=b'9' | b'.' | b',' => byte,
        _ => b' ',
    }
}

/// Turns every point and comma into a space, but for the point of a decimal number (`39.5`, not `2024.10.15`) and the commas
/// that part thousands (`1,000`, not `15,7`).
fn separate_numbers(text: &mut [u8]) {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'0'..=b'9' => {
                let length = text[at..]
                    .iter()
                    .take_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b','))
                    .count();
                separate_number(&mut text[at..at + length]);
                at += length;
            }
            b'.' | b',' => {
                text[at] = b' ';
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// One run of digits, points and commas that begins with a digit.
fn separate_number(run: &mut [u8]) {
    let length = run.len()
        - run
            .iter()
            .rev()
            .take_while(|byte| !byte.is_ascii_digit())
            .count();
    let (number, after) = run.split_at_mut(length);
    after.fill(b' ');
    let mut parts = number.split(|&byte| byte == b'.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next();
    let decimal = parts.next().is_none()
        && fraction
            .is_none_or(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
    let mut groups = whole.split(|&byte| byte == b',');
    let leading = groups.next().unwrap_or_default().len();
    let grouped =
        groups.clone().all(|group| group.len() == 3) && (leading <= 3 || groups.next().is_none());
    for byte in number {
        let kept = match byte {
            b'.' => decimal && grouped,
            b',' => decimal && grouped,
            _ => true,
        };
        if !kept {
            *byte = b' ';
        }
    }
}
