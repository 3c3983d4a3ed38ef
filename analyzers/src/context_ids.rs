//! Context ids of ko-dic, learnt from words that every ko-dic has: another build numbers them otherwise.

use lindera::dictionary::Dictionary;

use crate::Error;

/// `(left, right)` ids of a word with this tag and nothing in the column of meanings.
///
/// # Errors
/// [`Error::NotKoDic`] when there is no such word.
pub(crate) fn ids_of(dictionary: &Dictionary, word: &str, tag: &str) -> Result<(u32, u32), Error> {
    let entries = dictionary.prefix_dictionary.find_surface(word);
    let found = entries.iter().find(|entry| {
        let mut fields = dictionary.word_details_iter(entry.word_id().id() as usize);
        fields.next() == Some(tag) && fields.next() == Some("*")
    });
    let missing = || Error::NotKoDic {
        reason: format!("it does not have {word}/{tag}"),
    };
    found
        .map(|entry| (entry.left_id(), entry.right_id()))
        .ok_or_else(missing)
}

/// `(left, right)` ids of common nouns (NNG). The right id depends on the last sound, because particles do: `병원은`, but `치과는`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NounIds {
    after_consonant: (u32, u32),
    after_vowel: (u32, u32),
}

impl NounIds {
    /// # Errors
    /// [`Error::NotKoDic`] when a noun is missing.
    pub(crate) fn find(dictionary: &Dictionary) -> Result<Self, Error> {
        Ok(Self {
            after_consonant: ids_of(dictionary, "병원", "NNG")?,
            after_vowel: ids_of(dictionary, "치과", "NNG")?,
        })
    }

    /// The ids of a noun that is spelt like this.
    pub(crate) fn ids(self, word: &str) -> (u32, u32) {
        if ends_in_consonant(word) {
            self.after_consonant
        } else {
            self.after_vowel
        }
    }
}

/// Whether the last syllable has a final consonant (받침); Latin and digits count as without.
pub(crate) fn ends_in_consonant(word: &str) -> bool {
    word.chars().next_back().is_some_and(|last| {
        matches!(last, '가'..='힣') && (u32::from(last) - u32::from('가')) % 28 != 0
    })
}
