//! The user words: departments, hospitals, places, conditions, symptoms, procedures and medicines as people write them.
//!
//! `analyzers/dict/*.tsv` is compiled in. A line is `word⇥parts⇥note`; parts are separated by spaces and concatenate to the word, `-`
//! keeps the word whole, `#` begins a comment. Nori's counterpart is `user_dictionary_rules` (`세종시 세종 시`).

use std::collections::BTreeMap;

use lindera::dictionary::{Dictionary, DictionaryBuilder, Metadata, UserDictionary};

use crate::Error;
use crate::context_ids::{NounIds, ends_in_consonant};
use crate::normalise::fold;

/// File name and text of a word list.
pub(crate) type List<'a> = (&'static str, &'a str);

/// The word lists.
pub(crate) const LISTS: [List<'static>; 9] = [
    ("departments.tsv", include_str!("../dict/departments.tsv")),
    ("institutions.tsv", include_str!("../dict/institutions.tsv")),
    ("brands.tsv", include_str!("../dict/brands.tsv")),
    ("places.tsv", include_str!("../dict/places.tsv")),
    ("conditions.tsv", include_str!("../dict/conditions.tsv")),
    ("symptoms.tsv", include_str!("../dict/symptoms.tsv")),
    ("body.tsv", include_str!("../dict/body.tsv")),
    ("procedures.tsv", include_str!("../dict/procedures.tsv")),
    ("medicines.tsv", include_str!("../dict/medicines.tsv")),
];

/// The class of the words among the conditions that are none: parts of the body, and stems of other words.
const NO_CONDITION: &str = "body part or stem";

/// Longest word, in characters; a longer one is a phrase.
const WORD_CHARACTERS_MAX: usize = 20;
/// Cost of a user word of two characters, and how much less each further character costs. ko-dic's nouns cost 1,500 to 5,000, and
/// another 2,000 or so for each that follows: so a user word beats any cut of its own letters, the surer the longer it is, but a
/// short one still loses where it would tear the words around it.
const COST_OF_TWO: i32 = 1000;
const COST_PER_CHARACTER: i32 = 1000;
const COST_MIN: i32 = -6000;

/// The user words, by lindera's id of each.
#[derive(Debug)]
pub(crate) struct UserWords {
    parts: Vec<Vec<String>>,
}

impl UserWords {
    /// All words.
    pub(crate) fn all(&self) -> impl Iterator<Item = String> {
        self.parts.iter().map(|parts| parts.concat())
    }

    /// The parts of a word, at least one; they concatenate to the word.
    pub(crate) fn parts(&self, id: u32) -> &[String] {
        self.parts.get(id as usize).map_or(&[], Vec::as_slice)
    }
}

/// The conditions and symptoms among the words, as the lists write them.
pub fn conditions() -> impl Iterator<Item = &'static str> {
    let named = |file: &str| LISTS.iter().find(|(name, _)| *name == file);
    let lists = ["conditions.tsv", "symptoms.tsv"]
        .into_iter()
        .filter_map(named);
    let lines = lists.flat_map(|(_, list)| list.lines());
    lines
        .filter(|line| !line.starts_with('#') && !line.ends_with(NO_CONDITION))
        .filter_map(|line| line.split('\t').next())
        .filter(|word| !word.is_empty())
}

/// Word → parts.
pub(crate) type Parts = BTreeMap<String, Vec<String>>;

/// Builds lindera's user dictionary of the words; of none there is none.
///
/// # Errors
/// [`Error::NotKoDic`] when `dictionary` has no nouns to learn the context ids from.
pub(crate) fn build(
    dictionary: &Dictionary,
    words: Parts,
) -> Result<(Option<UserDictionary>, UserWords), Error> {
    let words = with_parts(words);
    if words.is_empty() {
        return Ok((None, UserWords { parts: Vec::new() }));
    }
    let nouns = NounIds::find(dictionary)?;
    let mut csv = String::new();
    let mut parts = Vec::with_capacity(words.len());
    for (word, its_parts) in words {
        let (left, right) = nouns.ids(&word);
        let cost = cost(dictionary, &word);
        let coda = if ends_in_consonant(&word) { "T" } else { "F" };
        csv.push_str(&format!(
            "{word},{left},{right},{cost},NNG,*,{coda},{word},*,*,*,*\n"
        ));
        // lindera numbers the rows by surface, as the map does.
        parts.push(its_parts);
    }
    let built = DictionaryBuilder::new(Metadata::clone(&dictionary.metadata))
        .build_user_dict_from_reader(csv.as_bytes());
    let built = built.map_err(Error::lindera("building the user dictionary"))?;
    Ok((Some(built), UserWords { parts }))
}

/// Word → parts, of all lists. A word with a hyphen or the like is passed over: normalising makes it two (`x-ray` → `x ray`), so no text
/// has it.
///
/// # Errors
/// [`Error::UserWord`] for a wrong line.
pub(crate) fn parse(lists: &[List<'_>]) -> Result<Parts, Error> {
    let mut words = Parts::new();
    for &(file, list) in lists {
        for (index, line) in list.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |reason: String| Error::UserWord {
                file,
                line: index + 1,
                reason,
            };
            let mut columns = line.split('\t');
            let (word, parts) = (columns.next(), columns.next());
            let (word, parts) =
                checked(word.unwrap_or_default(), parts.unwrap_or_default()).map_err(wrong)?;
            if words.get(&word).is_some_and(|known| *known != parts) {
                return Err(wrong(format!("{word:?} has other parts in another line")));
            }
            if word.chars().all(char::is_alphanumeric) {
                words.insert(word, parts);
            }
        }
    }
    Ok(words)
}

/// Adds words with their parts (`None` keeps a word whole), which win over what is there. Those of no use are left out; why.
pub(crate) fn add<'a>(
    words: &mut Parts,
    own: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> Vec<String> {
    let mut left_out = Vec::new();
    for (word, parts) in own {
        match checked(word, parts.unwrap_or("-")) {
            Ok((word, parts)) if word.chars().all(char::is_alphanumeric) => {
                words.insert(word, parts);
            }
            Ok((word, _)) => left_out.push(format!("{word:?} is not of letters and digits")),
            Err(reason) => left_out.push(reason),
        }
    }
    left_out
}

/// A word and its parts, folded as texts are; else what is wrong with them.
fn checked(word: &str, parts: &str) -> Result<(String, Vec<String>), String> {
    let (word, parts) = (fold(word.trim()).into_owned(), fold(parts.trim()));
    if !(2..=WORD_CHARACTERS_MAX).contains(&word.chars().count()) {
        return Err(format!(
            "{word:?} is not 2 to {WORD_CHARACTERS_MAX} characters"
        ));
    }
    let parts: Vec<String> = match &*parts {
        "-" => vec![word.clone()],
        parts => parts.split_whitespace().map(ToOwned::to_owned).collect(),
    };
    if parts.concat() != word {
        return Err(format!(
            "the parts {parts:?} do not concatenate to {word:?}"
        ));
    }
    Ok((word, parts))
}

/// Makes a part inside a word and the same part alone come out the same: a part that is a word with parts is replaced by these, and
/// every other part becomes a word of its own, which stays whole (`청소년` of `소아청소년과`, which ko-dic would cut into `청` and `소년`).
fn with_parts(words: Parts) -> Parts {
    let mut all = Parts::new();
    for (word, parts) in &words {
        let mut flat = Vec::new();
        let mut pending: Vec<&String> = parts.iter().rev().collect();
        while let Some(part) = pending.pop() {
            match words.get(part) {
                // Each part is shorter than its word, so this ends.
                Some(inner) if inner.len() > 1 => pending.extend(inner.iter().rev()),
                _ => flat.push(part.clone()),
            }
        }
        for part in flat.iter().filter(|part| part.chars().count() > 1) {
            all.entry(part.clone())
                .or_insert_with(|| vec![part.clone()]);
        }
        all.insert(word.clone(), flat);
    }
    all
}

/// A word that ko-dic has as a noun costs a little less than there, so that our parts win and nothing else changes; unless a word
/// of its length costs less anyway.
fn cost(dictionary: &Dictionary, word: &str) -> i32 {
    let entries = dictionary.prefix_dictionary.find_surface(word);
    let nouns = entries.iter().filter(|entry| {
        let tag = dictionary
            .word_details_iter(entry.word_id().id() as usize)
            .next();
        matches!(tag, Some("NNG" | "NNP"))
    });
    let known = nouns.map(|entry| i32::from(entry.word_cost()) - 1).min();
    let length = word.chars().count() as i32; // at most WORD_CHARACTERS_MAX
    let own = (COST_OF_TWO - COST_PER_CHARACTER * (length - 2)).max(COST_MIN);
    known.map_or(own, |known| known.min(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(list: &str) -> Vec<String> {
        let words = with_parts(parse(&[("list.tsv", list)]).unwrap());
        words
            .into_iter()
            .map(|(word, parts)| format!("{word}={}", parts.join("+")))
            .collect()
    }

    fn error(list: &str) -> String {
        parse(&[("list.tsv", list)]).unwrap_err().to_string()
    }

    #[test]
    fn parts_are_words_too_and_words_with_parts_are_cut_inside_others() {
        let list = "# comment\n\n정형외과의원\t정형외과 의원\tclinic\n정형외과\t정형 외과\n소아과\t소아 과\nMRI\t-\nx-ray\t-\n";
        let expected = [
            "mri=mri",
            "소아=소아",
            "소아과=소아+과",
            "외과=외과",
            "의원=의원",
            "정형=정형",
            "정형외과=정형+외과",
        ];
        assert_eq!(parts(list)[..7], expected);
        assert_eq!(parts(list)[7..], ["정형외과의원=정형+외과+의원"]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        assert_eq!(
            error("병원\t-\n치과의원\t치과 병원\n"),
            r#"dict/list.tsv, line 2: the parts ["치과", "병원"] do not concatenate to "치과의원""#
        );
        assert_eq!(
            error("과\t-\n"),
            r#"dict/list.tsv, line 1: "과" is not 2 to 20 characters"#
        );
        assert_eq!(
            error("소아과\t-\n소아과\t소아 과\n"),
            r#"dict/list.tsv, line 2: "소아과" has other parts in another line"#
        );
    }

    #[test]
    fn words_of_operators_win_and_those_of_no_use_are_left_out_with_the_reason() {
        let mut words = parse(&[("list.tsv", "소아과\t소아 과\n")]).unwrap();
        let own = [
            ("소아과", None),
            ("ＭＲＩ실", Some("mri 실")),
            ("x-ray", None),
            ("과", None),
            ("치과의원", Some("치과 병원")),
        ];
        let left_out = add(&mut words, own);
        assert_eq!(words["소아과"], ["소아과"]);
        assert_eq!(words["mri실"], ["mri", "실"]);
        assert_eq!((words.len(), left_out.len()), (2, 3), "{left_out:?}");
    }

    #[test]
    fn conditions_are_no_parts_of_the_body() {
        let all: Vec<&str> = conditions().collect();
        assert!(all.contains(&"간경화") && all.contains(&"딸꾹질"));
        assert!(!all.contains(&"발가락") && !all.iter().any(|word| word.starts_with('#')));
    }

    #[test]
    fn the_lists_are_sound() {
        assert!(parse(&LISTS).unwrap().len() > 500);
    }
}
