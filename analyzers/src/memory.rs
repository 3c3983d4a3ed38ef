//! What became of the words that a thread met lately.
//!
//! A word is cut on its own, so it has the same terms wherever it stands; and half the words of KorQuAD's text were met shortly
//! before, the short and frequent ones.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};

use foldhash::HashMap;
use lindera::dictionary::Lattice;

use crate::cutter::{Cutter, Keep, Term};

/// Words that a thread remembers, at 200 bytes or so each 7 MB: half of them are the newest, the other half those before them.
const WORDS_MAX: usize = 32_768;
/// Longest word that is remembered, in bytes; longer ones (addresses of pages, sequences) seldom come again.
const WORD_BYTES_MAX: usize = 64;

thread_local! {
    /// One per thread needs no lock.
    static DESK: RefCell<Desk> = RefCell::default();
}

/// What a thread cuts with.
#[derive(Default)]
struct Desk {
    /// Growing a lattice costs more than a short text.
    lattice: Lattice,
    /// Whose words are remembered: another analyzer may have another dictionary.
    owner: u32,
    words: HashMap<Box<str>, Vec<Term>>,
    older: HashMap<Box<str>, Vec<Term>>,
}

/// The words of one analyzer.
#[derive(Debug)]
pub(crate) struct Memory {
    owner: u32,
}

impl Memory {
    pub(crate) fn new() -> Self {
        static OWNERS: AtomicU32 = AtomicU32::new(1);
        let owner = OWNERS.fetch_add(1, Ordering::Relaxed);
        Self { owner }
    }

    /// Hands each term of a word, given with a space on both sides, to `push`: as remembered, or as `cutter` cuts it.
    pub(crate) fn terms(&self, word: &str, keep: Keep, cutter: &Cutter, push: impl FnMut(&Term)) {
        DESK.with_borrow_mut(|desk| {
            if desk.owner != self.owner {
                desk.words.clear();
                desk.older.clear();
                desk.owner = self.owner;
            }
            if keep != Keep::Meaning || word.len() > WORD_BYTES_MAX {
                return cutter
                    .cut(word, keep, &mut desk.lattice)
                    .iter()
                    .for_each(push);
            }
            if let Some(terms) = desk.words.get(word) {
                return terms.iter().for_each(push);
            }
            let (word, terms) = desk
                .older
                .remove_entry(word)
                .unwrap_or_else(|| (word.into(), cutter.cut(word, keep, &mut desk.lattice)));
            terms.iter().for_each(push);
            if desk.words.len() == WORDS_MAX / 2 {
                std::mem::swap(&mut desk.words, &mut desk.older);
                desk.words.clear();
            }
            desk.words.insert(word, terms);
        });
    }
}
