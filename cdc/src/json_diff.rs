//! Differences between two JSON documents, which MySQL writes instead of the second when `binlog_row_value_options` is
//! `PARTIAL_JSON`.
//!
//! Source: MySQL's `sql/json_diff.h` and `json_diff.cc` (`Json_diff_vector::read_binary`, `apply_json_diffs`).

use std::borrow::Cow;

use crate::bytes::Bytes;
use crate::decode_error::DecodeError;
use crate::json::{self, Json};

const MALFORMED: DecodeError = DecodeError::Malformed("a difference of JSON documents");

/// The text of the document after all differences: for each an operation (1 byte), a path, and but for a removal a value,
/// both with their lengths.
///
/// # Errors
/// When they are not of this document.
pub(crate) fn apply(document: &[u8], differences: &[u8]) -> Result<String, DecodeError> {
    const REPLACE: u8 = 0;
    const INSERT: u8 = 1;
    const REMOVE: u8 = 2;
    let mut root = json::parse(document)?;
    let mut differences = Bytes::new(differences);
    while !differences.is_empty() {
        let operation = differences.u8()?;
        let path = differences.lenenc_bytes()?;
        let path = path_legs(std::str::from_utf8(path).map_err(|_| MALFORMED)?)?;
        let (last, parents) = path.split_last().ok_or(MALFORMED)?;
        let mut parent = &mut root;
        for leg in parents {
            parent = child(parent, leg).ok_or(MALFORMED)?;
        }
        match operation {
            REPLACE => {
                let value = json::parse(differences.lenenc_bytes()?)?;
                *child(parent, last).ok_or(MALFORMED)? = value;
            }
            INSERT => insert(parent, last, json::parse(differences.lenenc_bytes()?)?)?,
            REMOVE => remove(parent, last)?,
            _ => return Err(MALFORMED),
        }
    }
    root.print()
}

/// A step of a path.
#[derive(Debug, PartialEq)]
enum Leg<'a> {
    Member(Cow<'a, str>),
    /// An element, from the front.
    Element(usize),
    /// An element, from the back: 0 is the last.
    FromLast(usize),
}

/// `$.name."other name"[3][last-1]`
fn path_legs(path: &str) -> Result<Vec<Leg<'_>>, DecodeError> {
    let mut rest = path.strip_prefix('$').ok_or(MALFORMED)?;
    let mut legs = Vec::new();
    while !rest.is_empty() {
        let leg = if let Some(member) = rest.strip_prefix('.') {
            let length = if member.starts_with('"') {
                quoted_length(member)?
            } else {
                member.find(['.', '[']).unwrap_or(member.len())
            };
            let (name, after) = member.split_at_checked(length).ok_or(MALFORMED)?;
            rest = after;
            Leg::Member(if name.starts_with('"') {
                Cow::Owned(serde_json::from_str(name).map_err(|_| MALFORMED)?)
            } else {
                Cow::Borrowed(name)
            })
        } else {
            let (index, after) = rest
                .strip_prefix('[')
                .and_then(|inside| inside.split_once(']'))
                .ok_or(MALFORMED)?;
            rest = after;
            let number = |digits: &str| digits.trim().parse().map_err(|_| MALFORMED);
            match index.trim().strip_prefix("last") {
                None => Leg::Element(number(index)?),
                Some("") => Leg::FromLast(0),
                Some(back) => {
                    Leg::FromLast(number(back.trim().strip_prefix('-').ok_or(MALFORMED)?)?)
                }
            }
        };
        legs.push(leg);
    }
    Ok(legs)
}

/// Bytes of the string that begins here, with its quotes.
fn quoted_length(text: &str) -> Result<usize, DecodeError> {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !is_escaped => return Ok(index + 1),
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    Err(MALFORMED)
}

impl Leg<'_> {
    /// The index in an array of this length; past its end too.
    fn index(&self, length: usize) -> Option<usize> {
        match self {
            Self::Member(_) => None,
            Self::Element(index) => Some(*index),
            Self::FromLast(back) => length.checked_sub(1)?.checked_sub(*back),
        }
    }
}

fn child<'d, 'a>(parent: &'d mut Json<'a>, leg: &Leg<'_>) -> Option<&'d mut Json<'a>> {
    match (parent, leg) {
        (Json::Array(values), leg) => {
            let index = leg.index(values.len())?;
            values.get_mut(index)
        }
        (Json::Object(members), Leg::Member(name)) => members
            .iter_mut()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value),
        _ => None,
    }
}

fn insert<'a>(parent: &mut Json<'a>, leg: &Leg<'a>, value: Json<'a>) -> Result<(), DecodeError> {
    match (parent, leg) {
        (Json::Array(values), leg) => {
            let index = leg.index(values.len()).ok_or(MALFORMED)?;
            values.insert(index.min(values.len()), value);
        }
        (Json::Object(members), Leg::Member(name)) => {
            let order = |name: &str| (name.len(), name.to_owned());
            let place = members.binary_search_by_key(&order(name), |(known, _)| order(known));
            let Err(index) = place else {
                return Err(MALFORMED);
            };
            members.insert(index, (name.clone(), value));
        }
        _ => return Err(MALFORMED),
    }
    Ok(())
}

fn remove(parent: &mut Json<'_>, leg: &Leg<'_>) -> Result<(), DecodeError> {
    match (parent, leg) {
        (Json::Array(values), leg) => {
            let index = leg.index(values.len());
            values.remove(
                index
                    .filter(|index| *index < values.len())
                    .ok_or(MALFORMED)?,
            );
        }
        (Json::Object(members), Leg::Member(name)) => {
            let index = members.iter().position(|(known, _)| known == name);
            members.remove(index.ok_or(MALFORMED)?);
        }
        _ => return Err(MALFORMED),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_members_elements_and_quoted_names() {
        let legs = path_legs(r#"$.a[3]."b \"c\".[]"[last][last-2].한"#).unwrap();
        let member = |name: &'static str| Leg::Member(Cow::Borrowed(name));
        assert_eq!(
            legs,
            [
                member("a"),
                Leg::Element(3),
                member("b \"c\".[]"),
                Leg::FromLast(0),
                Leg::FromLast(2),
                member("한")
            ]
        );
        for bad in ["", "a", "$a", "$[", "$[x]", "$.\"a", "$[last+1]"] {
            assert!(path_legs(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn differences_of_another_document_are_an_error() {
        // The document 1, and: remove $.a.
        assert_eq!(apply(&[5, 1, 0], &[2, 3, b'$', b'.', b'a']), Err(MALFORMED));
        assert_eq!(apply(&[5, 1, 0], &[]).unwrap(), "1");
    }
}
