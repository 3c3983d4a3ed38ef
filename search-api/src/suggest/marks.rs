//! Which part of a name has been typed, on the name as it is written.

use std::ops::Range;

use analyzers::{initials, jamo_key};

use super::alike::Alike;
use super::reading::Way;
use crate::highlight::{Segment, pieces};

/// The name in pieces. Nothing is marked of a name that was found by another one of the same thing (비뇨기과 of 비뇨의학과).
pub(super) fn marked(text: &str, way: &Way<'_>) -> Vec<Segment> {
    let range = match way {
        Way::Letters(key) => beginning(text, key, jamo_key),
        Way::Initials(key) => beginning(text, key, initials),
        Way::Alike(alike) => nearest(text, alike),
    };
    pieces(text, range.as_slice())
}

/// From the beginning of a word on, whole characters, as far as the letters of the key go.
fn beginning(text: &str, key: &str, key_of: fn(&str) -> String) -> Option<Range<usize>> {
    word_starts(text).find_map(|start| {
        let mut typed = ends(text, start).map(|end| (start..end, key_of(&text[start..end])));
        let (range, letters) = typed.find(|(_, letters)| letters.len() >= key.len())?;
        letters.starts_with(key).then_some(range)
    })
}

/// From the beginning of the word on that is nearest, whole characters, as far as it takes to be so near.
fn nearest(text: &str, alike: &Alike) -> Option<Range<usize>> {
    let ranges = word_starts(text).flat_map(|start| ends(text, start).map(move |end| start..end));
    let near = ranges.filter_map(|range| {
        let distance = alike.distance(jamo_key(&text[range.clone()]).as_bytes())?;
        Some((distance, range))
    });
    let (_, range) = near.min_by_key(|(distance, _)| *distance)?;
    Some(range)
}

fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter(|at| *at == 0 || text[..*at].ends_with(char::is_whitespace))
}

/// Where characters end that come after a place.
fn ends(text: &str, start: usize) -> impl Iterator<Item = usize> {
    let letters = text[start..].char_indices();
    letters.map(move |(at, letter)| start + at + letter.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::super::alike::ONE_WRONG_MIN;
    use super::super::reading::Reading;
    use super::*;

    fn shown(pieces: &[Segment]) -> String {
        let shown = |piece: &Segment| match piece.marked {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        };
        pieces.iter().map(shown).collect()
    }

    #[test]
    fn typed_letters_are_marked() {
        for (typed, text, expected) in [
            ("서우", "서울내과의원", "[서울]내과의원"),
            ("병ㅇ", "제일 병원", "제일 [병원]"),
            ("서울내", "서울 내과", "[서울 내]과"),
            ("MR", "mri의원", "[mr]i의원"),
            ("부산", "서울", "서울"),
            ("곷", "고척시장", "[고척]시장"),
        ] {
            let key = jamo_key(typed);
            assert_eq!(shown(&marked(text, &Way::Letters(&key))), expected);
        }
    }

    #[test]
    fn first_consonants_mark_their_syllables() {
        for (typed, text, expected) in [
            ("ㅅㅇㅂㅇ", "서울병원", "[서울병원]"),
            ("ㅅㅇㄷ", "서울 대학교병원", "[서울 대]학교병원"),
            ("ㅄ", "속초 부산의원", "속초 [부산]의원"),
            ("ㅅㅇ365", "서울365의원", "[서울365]의원"),
        ] {
            let reading = Reading::new(typed);
            let key = reading.initials.unwrap();
            assert_eq!(shown(&marked(text, &Way::Initials(&key))), expected);
        }
    }

    #[test]
    fn what_is_nearest_is_marked() {
        for (typed, text, expected) in [
            ("걍남", "강남구", "[강남]구"),
            ("서우대학", "서울대학교병원", "[서울대학]교병원"),
            ("세브린스", "속초 세브란스치과", "속초 [세브란스]치과"),
            ("충처", "춘천역", "[춘천]역"),
        ] {
            let alike = Alike::new(&jamo_key(typed), ONE_WRONG_MIN).unwrap();
            assert_eq!(shown(&marked(text, &Way::Alike(&alike))), expected);
        }
    }
}
