//! Collects the morphemes of a text as tokens: joins runs of digits and of letters, and finds where each stood in the original.

use crate::Token;
use crate::kinds::Kind;
use crate::normalise::Normalised;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Keep {
    /// What has a meaning of its own.
    Meaning,
    /// All words, uncut.
    Words,
}

/// What is joined with its like when nothing stands between: ko-dic cuts `39.5` and may cut `covid`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Run {
    Number,
    Latin,
    None,
}

/// A term and where it stands in the normalised text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Joins runs, and makes tokens with offsets in the original text.
pub(crate) struct Collector<'a> {
    normalised: &'a Normalised,
    open: Option<(Span<'a>, Run)>,
    tokens: Vec<Token>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(normalised: &'a Normalised) -> Self {
        // Korean has a term for every eight bytes or so.
        let tokens = Vec::with_capacity(normalised.text.len() / 8);
        Self {
            normalised,
            open: None,
            tokens,
        }
    }

    pub(crate) fn push(&mut self, span: Span<'a>, run: Run) {
        if let Some((open, kind)) = &mut self.open
            && run != Run::None
            && *kind == run
            && open.end == span.start
        {
            open.end = span.end;
            open.text = &self.normalised.text[open.start..open.end];
            return;
        }
        self.close();
        self.open = Some((span, run));
    }

    /// A word that is one term, or none.
    pub(crate) fn push_as(&mut self, word: Span<'a>, kind: Kind, keep: Keep) {
        match kind {
            Kind::Number => self.push(word, Run::Number),
            Kind::Latin => self.push(word, Run::Latin),
            Kind::Dropped if keep == Keep::Meaning => {}
            _ => self.push(word, Run::None),
        }
    }

    /// Morphemes with whether each is kept. If they spell the word, each has its own place in it; else all have the word's.
    pub(crate) fn push_parts(
        &mut self,
        word: Span<'a>,
        parts: impl Iterator<Item = (&'a str, bool)>,
        spelled: bool,
    ) {
        let mut start = word.start;
        for (text, kept) in parts {
            let span = if spelled {
                Span {
                    text,
                    start,
                    end: start + text.len(),
                }
            } else {
                Span { text, ..word }
            };
            start += text.len();
            if kept {
                self.push(span, Run::None);
            }
        }
    }

    fn close(&mut self) {
        let Some((span, run)) = self.open.take() else {
            return;
        };
        let (start, end) = self.normalised.original(span.start, span.end);
        let text = if run == Run::Number {
            span.text.replace(',', "")
        } else {
            span.text.to_owned()
        };
        let position = self.tokens.len() as u32; // 2^32 terms would need some 300 GB
        self.tokens.push(Token {
            text,
            start,
            end,
            position,
        });
    }

    pub(crate) fn finish(mut self) -> Vec<Token> {
        self.close();
        self.tokens
    }
}
