//! Beginnings that very many names of a segment have, with the shortest of these: so that one typed letter, which begins tens of
//! thousands of names, takes no longer than ten.

use std::collections::{BinaryHeap, HashMap};
use std::io;

use tantivy::termdict::TermDictionary;

/// Terms that are looked at one by one, in a hundredth of a millisecond.
pub(super) const CROWD_MIN: usize = 128;
/// Names that are kept of a crowd: four for each of the most suggestions, since some may be deleted.
const KEPT: usize = 80;

/// The crowds among the terms of a field.
pub(super) struct Crowds {
    shortest: HashMap<Box<[u8]>, Box<[u32]>>,
}

/// A beginning that the term that is being read has in common with the one before.
struct Beginning {
    length: usize,
    terms: usize,
    /// The longest on top.
    shortest: BinaryHeap<(usize, u32)>,
}

impl Beginning {
    fn add(&mut self, length: usize, ordinal: u32) {
        self.terms += 1;
        if self.shortest.len() < KEPT {
            self.shortest.push((length, ordinal));
        } else if let Some(mut longest) = self.shortest.peek_mut()
            && (length, ordinal) < *longest
        {
            *longest = (length, ordinal);
        }
    }
}

impl Crowds {
    /// Reads every term once. There are at most as many crowds as all terms have letters, by [`CROWD_MIN`].
    pub(super) fn read(terms: &TermDictionary) -> io::Result<Self> {
        let mut crowds = HashMap::new();
        let mut open: Vec<Beginning> = Vec::new();
        let mut before: Vec<u8> = Vec::new();
        let mut stream = terms.stream()?;
        while stream.advance() {
            let (term, ordinal) = (stream.key(), stream.term_ord() as u32);
            let both = before.iter().zip(term);
            let same = both.take_while(|(one, other)| one == other).count();
            close(&mut crowds, &mut open, &before, same);
            let known = open.last().map_or(0, |beginning| beginning.length);
            // A letter ends where no byte of it follows.
            let ends = (known + 1..=same)
                .filter(|end| term.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80));
            open.extend(ends.map(|length| Beginning {
                length,
                terms: 1,
                shortest: [(before.len(), ordinal - 1)].into(),
            }));
            for beginning in &mut open {
                beginning.add(term.len(), ordinal);
            }
            before.clear();
            before.extend_from_slice(term);
        }
        close(&mut crowds, &mut open, &before, 0);
        Ok(Self { shortest: crowds })
    }

    /// The shortest terms with this beginning, as ordinals, the shortest first; `None` when they are few.
    pub(super) fn get(&self, beginning: &str) -> Option<&[u32]> {
        self.shortest.get(beginning.as_bytes()).map(AsRef::as_ref)
    }
}

/// No more terms begin with what is longer than this.
fn close(
    crowds: &mut HashMap<Box<[u8]>, Box<[u32]>>,
    open: &mut Vec<Beginning>,
    before: &[u8],
    same: usize,
) {
    while let Some(beginning) = open.pop_if(|beginning| beginning.length > same) {
        if beginning.terms > CROWD_MIN {
            let shortest = beginning.shortest.into_sorted_vec();
            let ordinals = shortest.into_iter().map(|(_, ordinal)| ordinal);
            crowds.insert(before[..beginning.length].into(), ordinals.collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::prelude::*;
    use tantivy::directory::FileSlice;
    use tantivy::postings::TermInfo;
    use tantivy::termdict::TermDictionaryBuilder;

    use super::*;

    #[test]
    fn a_crowd_has_the_shortest_terms_of_every_beginning_that_very_many_have() {
        let mut random = StdRng::seed_from_u64(1);
        let mut word = || -> String {
            let count = random.random_range(1..12);
            let letters = (0..count).filter_map(|_| ['ㄱ', 'ㅏ', 'a', 'é'].choose(&mut random));
            letters.collect()
        };
        let words: BTreeSet<String> = (0..4_000).map(|_| word()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut dictionary = TermDictionaryBuilder::create(Vec::new()).unwrap();
        for word in &words {
            dictionary.insert(word, &TermInfo::default()).unwrap();
        }
        let dictionary = FileSlice::from(dictionary.finish().unwrap());
        let crowds = Crowds::read(&TermDictionary::open(dictionary).unwrap()).unwrap();
        let mut sizes = [0; 2];
        for beginning in &words {
            let begins = |ordinal: &u32| words[*ordinal as usize].starts_with(beginning);
            let mut all: Vec<u32> = (0..words.len() as u32).filter(begins).collect();
            all.sort_by_key(|ordinal| words[*ordinal as usize].len());
            let is_crowd = all.len() > CROWD_MIN;
            all.truncate(KEPT);
            assert_eq!(
                crowds.get(beginning),
                is_crowd.then_some(&*all),
                "{beginning}"
            );
            sizes[usize::from(is_crowd)] += 1;
        }
        assert!(sizes.iter().all(|size| *size > 10), "{sizes:?}");
    }
}
