//! What a word and a group of synonyms must be to be of use. What is stored here the analysis and the searches can take as it is.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::db::travels_as_text;

/// What the analysis takes: one character is never a word of its own choice, and more than twenty are a phrase.
const WORD_CHARS_MIN: usize = 2;
const WORD_CHARS_MAX: usize = 20;
/// Widths of the columns, in characters.
const NOTE_CHARS_MAX: usize = 200;
const SYNONYMS_CHARS_MAX: usize = 500;
/// A synonym may be a phrase of a few words.
const SYNONYM_CHARS_MAX: usize = 40;
/// More words than that mean no longer the same; each widens the search.
const SYNONYMS_MAX: usize = 20;

/// Between the words of a group, and before the words of a one-way group.
const COMMA: &str = ", ";
const ARROW: &str = " => ";

/// Why a word or a group of synonyms can't be stored. The text is for people, the [`Fault::code`] for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The word is too short or too long.
    #[error("단어는 2자에서 20자까지 쓸 수 있습니다")]
    WordLength,
    /// Spaces, hyphens and the like: the analysis would never see such a word.
    #[error("단어에는 글자와 숫자만 쓸 수 있습니다")]
    WordLetters,
    /// The parts say another word.
    #[error("나눈 부분을 이으면 단어와 같아야 합니다")]
    Parts,
    /// The note is too long.
    #[error("메모는 200자까지 쓸 수 있습니다")]
    NoteLength,
    /// Another row has this word.
    #[error("이미 있는 단어입니다")]
    WordTaken,
    /// There is nothing that the word could mean the same as.
    #[error("동의어는 쉼표로 나누어 두 개 이상 적어 주세요")]
    SynonymsFew,
    /// More words than a group may have.
    #[error("동의어는 모두 20개, 500자까지 쓸 수 있습니다")]
    SynonymsMany,
    /// A synonym is too long or has no letter.
    #[error("동의어 하나는 글자나 숫자를 포함해 40자까지 쓸 수 있습니다")]
    SynonymLength,
    /// Two synonyms are the same word.
    #[error("같은 단어가 두 번 나옵니다")]
    SynonymTwice,
    /// Not one word on the left, or several arrows.
    #[error("한 방향 동의어는 ‘단어 => 단어, 단어’처럼 화살표 하나와 왼쪽 단어 하나로 적어 주세요")]
    Arrow,
    /// A word of the group is in another one already.
    #[error("다른 동의어 묶음에 이미 있는 단어가 있습니다")]
    SynonymTaken,
    /// There is no such class.
    #[error("없는 분류입니다")]
    Class,
    /// As many rows as there may be.
    #[error("더 넣을 자리가 없습니다. 쓰지 않는 것을 지워 주세요")]
    Full,
}

impl Fault {
    /// A stable name, and the field of the request that is to blame.
    #[must_use]
    pub fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::WordLength => ("word_length", "word"),
            Self::WordLetters => ("word_letters", "word"),
            Self::Parts => ("parts_differ", "parts"),
            Self::NoteLength => ("note_length", "note"),
            Self::WordTaken => ("word_taken", "word"),
            Self::SynonymsFew => ("synonyms_few", "words"),
            Self::SynonymsMany => ("synonyms_many", "words"),
            Self::SynonymLength => ("synonym_length", "words"),
            Self::SynonymTwice => ("synonym_twice", "words"),
            Self::Arrow => ("arrow", "words"),
            Self::SynonymTaken => ("synonym_taken", "words"),
            Self::Class => ("class_unknown", "class"),
            Self::Full => ("full", ""),
        }
    }
}

/// A word, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWord {
    /// Letters and digits, normalised.
    pub word: String,
    /// What it is cut into, separated by single spaces; `None` keeps it whole.
    pub parts: Option<String>,
    /// Why it is here.
    pub note: Option<String>,
}

/// A stored word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Word {
    /// Our number.
    pub id: u64,
    /// The word.
    pub word: String,
    /// What it is cut into, separated by single spaces; null keeps it whole.
    pub parts: Option<String>,
    /// Why it is here.
    pub note: Option<String>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl NewWord {
    /// Of what an operator wrote; empty parts keep the word whole.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(word: &str, parts: &str, note: &str) -> Result<Self, Fault> {
        let word = normalised(word);
        if !(WORD_CHARS_MIN..=WORD_CHARS_MAX).contains(&word.chars().count()) {
            return Err(Fault::WordLength);
        }
        if !word.chars().all(is_letter) {
            return Err(Fault::WordLetters);
        }
        let parts = normalised(parts);
        if !parts.is_empty() && parts.replace(' ', "") != word {
            return Err(Fault::Parts);
        }
        Ok(Self {
            // One part is the whole word.
            parts: Some(parts).filter(|parts| parts.contains(' ')),
            word,
            note: note_of(note)?,
        })
    }
}

/// What the words of a group are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Encode, sqlx::Decode)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Class {
    Department,
    Institution,
    Test,
    Procedure,
    Condition,
    Symptom,
    Body,
    Medicine,
    Spelling,
    Service,
}

travels_as_text!(Class);

/// A group of synonyms, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSynonyms {
    /// `a, b` goes both ways, `a => b, c` one way.
    pub words: String,
    /// What they are of.
    pub class: Option<Class>,
    /// Why it is here.
    pub note: Option<String>,
    /// The words that a search is widened by, in lower case: each may be in one group only.
    pub(super) keys: Vec<String>,
}

/// A stored group of synonyms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SynonymGroup {
    /// Our number.
    pub id: u64,
    /// `a, b` goes both ways, `a => b, c` one way.
    pub words: String,
    /// What they are of.
    pub class: Option<Class>,
    /// Why it is here.
    pub note: Option<String>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl NewSynonyms {
    /// Of what an operator wrote, in the syntax of `analyzers/dict/synonyms.tsv`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(words: &str, class: &str, note: &str) -> Result<Self, Fault> {
        let list = |text: &str| -> Vec<String> {
            let words = text.split(',').map(normalised);
            words.filter(|word| !word.is_empty()).collect()
        };
        let (left, right) = match words.split_once("=>") {
            Some((left, right)) => (list(left), list(right)),
            None => (Vec::new(), list(words)),
        };
        let is_one_way = words.contains("=>");
        if is_one_way && left.len() != 1 || right.iter().any(|word| word.contains("=>")) {
            return Err(Fault::Arrow);
        }
        if right.is_empty() || left.len() + right.len() < 2 {
            return Err(Fault::SynonymsFew);
        }
        let mut all: Vec<&String> = left.iter().chain(&right).collect();
        if all.len() > SYNONYMS_MAX {
            return Err(Fault::SynonymsMany);
        }
        let is_wrong = |word: &&String| {
            word.chars().count() > SYNONYM_CHARS_MAX || !word.chars().any(is_letter)
        };
        // A comment in the lists that are built in.
        if all.iter().any(is_wrong) || all[0].starts_with('#') {
            return Err(Fault::SynonymLength);
        }
        all.sort();
        if all.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Fault::SynonymTwice);
        }
        let mut words = right.join(COMMA);
        if let Some(left) = left.first() {
            words = [left, words.as_str()].join(ARROW);
        }
        if words.chars().count() > SYNONYMS_CHARS_MAX {
            return Err(Fault::SynonymsMany);
        }
        Ok(Self {
            words,
            class: class_of(class)?,
            note: note_of(note)?,
            keys: if is_one_way { left } else { right },
        })
    }
}

fn class_of(text: &str) -> Result<Option<Class>, Fault> {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};
    if text.trim().is_empty() {
        return Ok(None);
    }
    let name: StrDeserializer<'_, Error> = text.trim().into_deserializer();
    Class::deserialize(name).map(Some).map_err(|_| Fault::Class)
}

fn note_of(text: &str) -> Result<Option<String>, Fault> {
    let note = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(Fault::NoteLength);
    }
    Ok(Some(note).filter(|note| !note.is_empty()))
}

/// Compatibility forms and case made the same, spaces single: as the analysis does with every text.
pub(super) fn normalised(text: &str) -> String {
    let text: String = text.nfkc().collect::<String>().to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_letter(character: char) -> bool {
    character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_normalised_and_its_parts_must_say_it() {
        let word = NewWord::parse(" ＭＲＩ검사 ", "MRI  검사", "  새 검사 ").unwrap();
        assert_eq!(word.word, "mri검사");
        assert_eq!(word.parts.as_deref(), Some("mri 검사"));
        assert_eq!(word.note.as_deref(), Some("새 검사"));
        // Decomposed, as some keyboards write it.
        let whole = NewWord::parse(
            "\u{1107}\u{1167}\u{11bc}\u{110b}\u{116f}\u{11ab}",
            "병원",
            "",
        );
        assert_eq!(whole.unwrap().parts, None);
        let fault = |word: &str, parts: &str| NewWord::parse(word, parts, "").unwrap_err();
        assert_eq!(fault("약", ""), Fault::WordLength);
        assert_eq!(fault(&"가".repeat(21), ""), Fault::WordLength);
        assert_eq!(fault("x-ray", ""), Fault::WordLetters);
        assert_eq!(fault("두 단어", ""), Fault::WordLetters);
        assert_eq!(fault("치과의원", "치과 병원"), Fault::Parts);
        assert_eq!(
            NewWord::parse("병원", "", &"가".repeat(201)),
            Err(Fault::NoteLength)
        );
    }

    #[test]
    fn synonyms_have_the_form_of_the_built_in_list() {
        let group = NewSynonyms::parse(" 맹장염 ,충수염,, Appendicitis", "condition", "").unwrap();
        assert_eq!(group.words, "맹장염, 충수염, appendicitis");
        assert_eq!(group.class, Some(Class::Condition));
        assert_eq!(group.keys, ["맹장염", "충수염", "appendicitis"]);
        let one_way = NewSynonyms::parse("타이레놀=>아세트아미노펜, 해열제", "", "").unwrap();
        assert_eq!(one_way.words, "타이레놀 => 아세트아미노펜, 해열제");
        assert_eq!(
            (one_way.class, one_way.keys),
            (None, vec!["타이레놀".to_owned()])
        );
        let fault = |words: &str| NewSynonyms::parse(words, "", "").unwrap_err();
        for few in ["", "맹장염", "맹장염 =>", ","] {
            assert_eq!(fault(few), Fault::SynonymsFew, "{few}");
        }
        for arrow in ["=> 맹장염", "a, b => c", "a => b => c"] {
            assert_eq!(fault(arrow), Fault::Arrow, "{arrow}");
        }
        assert_eq!(fault("MRI, ｍｒｉ"), Fault::SynonymTwice);
        assert_eq!(fault("mri => 검사, MRI"), Fault::SynonymTwice);
        assert_eq!(fault("mri, --"), Fault::SynonymLength);
        assert_eq!(fault("#mri, 검사"), Fault::SynonymLength);
        assert_eq!(
            fault(&format!("mri, {}", "가".repeat(41))),
            Fault::SynonymLength
        );
        let many: Vec<_> = (0..21).map(|number| number.to_string()).collect();
        assert_eq!(fault(&many.join(",")), Fault::SynonymsMany);
        assert_eq!(NewSynonyms::parse("a, b", "colour", ""), Err(Fault::Class));
    }
}
