//! What becomes of a word of the dictionary, remembered once it has been looked up.
//!
//! lindera validates and splits a word's columns each time they are asked for, which cost a third of the time of an analysis. One byte per
//! word spares most of it: particles are dropped and plain nouns kept without reading a column.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::tags;

/// What becomes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// It is not indexed.
    Dropped = 1,
    /// It is a term as it stands.
    Plain,
    /// Digits: joined with digits beside it.
    Number,
    /// Letters of Latin and of scripts that ko-dic has no words of: joined with letters beside it.
    Foreign,
    /// Hanja, which is indexed as it is read.
    Hanja,
    /// It has an expression: a compound or an inflected word.
    Made,
    /// A word of numbers (NR): a number when what stands beside it fits (`numbers.rs`).
    Numeral,
    /// What is counted (NNBC): 원, 년, 명.
    Unit,
}

impl Kind {
    /// From the columns of the dictionary, which begin with the tag.
    pub(crate) fn of<'a>(mut columns: impl Iterator<Item = &'a str>, word: &str) -> Self {
        let tag = columns.next().unwrap_or_default();
        let reading = columns.nth(2).unwrap_or_default();
        let made = match columns.next() {
            // Two syllables are one idea: the parts of 두통 (두, 통) would be found in 두 줄 and 통신.
            Some("Compound") => word.chars().nth(2).is_some(),
            Some("Inflect" | "Preanalysis") => true,
            _ => false,
        };
        match tag {
            _ if made => Self::Made,
            _ if !tags::is_kept(tag, word) => Self::Dropped,
            "SN" => Self::Number,
            // Other scripts, and the half of the phonetic alphabet, are symbols to ko-dic.
            "SL" | "SY" => Self::Foreign,
            "NR" => Self::Numeral,
            "NNBC" => Self::Unit,
            _ if is_hanja(word) && !matches!(reading, "" | "*") => Self::Hanja,
            _ => Self::Plain,
        }
    }
}

/// The kinds by word id; threads share them without a lock, since each would write the same.
#[derive(Debug)]
pub(crate) struct Kinds {
    /// 0 where the word has not been met.
    seen: Box<[AtomicU8]>,
}

impl Kinds {
    pub(crate) fn new(word_count: usize) -> Self {
        Self {
            seen: (0..word_count).map(|_| AtomicU8::new(0)).collect(),
        }
    }

    /// The kind of a word, by `look_up` the first time.
    pub(crate) fn get(&self, id: u32, look_up: impl FnOnce() -> Kind) -> Kind {
        let Some(seen) = self.seen.get(id as usize) else {
            return look_up();
        };
        match seen.load(Ordering::Relaxed) {
            1 => Kind::Dropped,
            2 => Kind::Plain,
            3 => Kind::Number,
            4 => Kind::Foreign,
            5 => Kind::Hanja,
            6 => Kind::Made,
            7 => Kind::Numeral,
            8 => Kind::Unit,
            _ => {
                let kind = look_up();
                seen.store(kind as u8, Ordering::Relaxed);
                kind
            }
        }
    }
}

fn is_hanja(word: &str) -> bool {
    word.starts_with(|first| matches!(first, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'))
}
