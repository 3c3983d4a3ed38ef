//! A primary key's columns in SQL: how a row's key is selected exactly, and how it is compared with a given one.
//!
//! Keys are compared by the server alone, since only it knows its collations. A key that came from a row goes back as it
//! is stored: text as bytes in its column's character set, ENUM, SET and BIT as numbers, FLOAT with all its digits.

use std::cmp::Ordering;

use mysql_async::Value as Wire;

use super::request::{Hex, Key, KeyPart};
use crate::select::quoted;

/// Above so many labels an ENUM is compared as a number, which is right too but makes no use of the index behind it.
const LABELS_LISTED_MAX: usize = 64;

/// A column of a primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyColumn {
    pub(super) name: String,
    pub(super) kind: KeyKind,
}

/// How the values of a key column are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// Integers and YEAR.
    Number,
    /// BIT and SET, by their bits.
    Bits,
    /// By the index of the label.
    Enum(Vec<String>),
    Decimal,
    /// FLOAT and DOUBLE.
    Float,
    /// With the name of the character set.
    Text(String),
    Binary,
    /// What is written in quotes and has no character set: dates and times, UUID, INET4, INET6.
    Quoted,
}

/// How a column or a key lies to a given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }

    /// The same without equality, for the columns before the last.
    fn strictly(self) -> Self {
        match self {
            Self::GreaterOrEqual => Self::Greater,
            Self::LessOrEqual => Self::Less,
            other => other,
        }
    }
}

impl KeyColumn {
    /// An expression for the value from which [`Self::part`] reads it.
    pub(super) fn expression(&self) -> String {
        let name = quoted(&self.name);
        match self.kind {
            KeyKind::Number => name,
            KeyKind::Bits | KeyKind::Enum(_) => format!("cast({name} as unsigned)"),
            KeyKind::Decimal | KeyKind::Quoted => format!("cast({name} as char)"),
            KeyKind::Float => format!("{name} + 0e0"),
            KeyKind::Text(_) | KeyKind::Binary => format!("hex({name})"),
        }
    }

    /// Reads what the server answers for [`Self::expression`], in either of its protocols.
    pub(super) fn part(&self, value: &Wire) -> Option<KeyPart> {
        let text = match value {
            Wire::Int(number) => return Some(KeyPart::Int(*number)),
            Wire::UInt(number) => return Some(KeyPart::Unsigned(*number)),
            Wire::Double(number) => return Some(KeyPart::Text(format!("{number:e}"))),
            Wire::Bytes(bytes) => String::from_utf8(bytes.clone()).ok()?,
            _ => return None,
        };
        match self.kind {
            KeyKind::Number | KeyKind::Bits | KeyKind::Enum(_) => number(&text),
            KeyKind::Decimal | KeyKind::Float | KeyKind::Quoted => Some(KeyPart::Text(text)),
            KeyKind::Text(_) | KeyKind::Binary => {
                Hex::try_from(text).ok().map(|hex| KeyPart::Bytes { hex })
            }
        }
    }

    /// A condition on the column; `None` when such a value can't be in it.
    fn compare(&self, comparison: Comparison, part: &KeyPart) -> Option<String> {
        let name = quoted(&self.name);
        if let KeyKind::Enum(labels) = &self.kind
            && labels.len() <= LABELS_LISTED_MAX
        {
            let index = self.index(labels, part)?;
            return Some(enum_condition(&name, labels, comparison, index));
        }
        let (sign, literal) = (comparison.sign(), self.literal(part)?);
        Some(format!("{name} {sign} {literal}"))
    }

    fn index(&self, labels: &[String], part: &KeyPart) -> Option<usize> {
        match part {
            KeyPart::Int(index) => usize::try_from(*index).ok(),
            KeyPart::Unsigned(index) => usize::try_from(*index).ok(),
            KeyPart::Text(text) => labels
                .iter()
                .position(|label| label == text)
                .map(|index| index + 1),
            KeyPart::Bytes { .. } => None,
        }
    }

    /// The value in SQL; `None` when it is none of the column's type. Nothing that could end a literal gets into it.
    fn literal(&self, part: &KeyPart) -> Option<String> {
        match (&self.kind, part) {
            (KeyKind::Enum(labels), part) => Some(self.index(labels, part)?.to_string()),
            (KeyKind::Number | KeyKind::Bits | KeyKind::Decimal, KeyPart::Int(number)) => {
                Some(number.to_string())
            }
            (KeyKind::Number | KeyKind::Bits | KeyKind::Decimal, KeyPart::Unsigned(number)) => {
                Some(number.to_string())
            }
            (KeyKind::Number | KeyKind::Bits, KeyPart::Text(text)) => self.literal(&number(text)?),
            (KeyKind::Decimal, KeyPart::Text(text)) => is_decimal(text).then(|| text.clone()),
            (KeyKind::Float, KeyPart::Int(number)) => Some(format!("{number}e0")),
            (KeyKind::Float, KeyPart::Unsigned(number)) => Some(format!("{number}e0")),
            (KeyKind::Float, KeyPart::Text(text)) => float_literal(text),
            (KeyKind::Text(charset), KeyPart::Bytes { hex }) => {
                Some(format!("_{charset} x'{}'", hex.digits()))
            }
            // The server writes it in the column's character set before it compares.
            (KeyKind::Text(_), KeyPart::Text(text)) => Some(format!(
                "_utf8mb4 x'{}'",
                Hex::from(text.as_bytes()).digits()
            )),
            (KeyKind::Binary, KeyPart::Bytes { hex }) => Some(format!("x'{}'", hex.digits())),
            (KeyKind::Binary, KeyPart::Text(text)) => {
                Some(format!("x'{}'", Hex::from(text.as_bytes()).digits()))
            }
            (KeyKind::Quoted, KeyPart::Text(text)) => is_plain(text).then(|| format!("'{text}'")),
            _ => None,
        }
    }
}

/// `name` compared with the label of this index, as a list of labels: only so does the server use the index behind it.
/// Index 0 is the server's mark for a value that was no label.
fn enum_condition(name: &str, labels: &[String], comparison: Comparison, index: usize) -> String {
    let mut conditions = Vec::new();
    if comparison.holds(0.cmp(&index)) {
        conditions.push(format!("{name} = 0"));
    }
    let listed: Vec<_> = labels
        .iter()
        .enumerate()
        .filter(|(nth, _)| comparison.holds((nth + 1).cmp(&index)))
        .map(|(_, label)| format!("_utf8mb4 x'{}'", Hex::from(label.as_bytes()).digits()))
        .collect();
    if !listed.is_empty() {
        conditions.push(format!("{name} in ({})", listed.join(", ")));
    }
    match conditions.as_slice() {
        [] => "false".to_owned(),
        conditions => format!("({})", conditions.join(" or ")),
    }
}

fn number(text: &str) -> Option<KeyPart> {
    let signed = text.parse().map(KeyPart::Int);
    signed.or_else(|_| text.parse().map(KeyPart::Unsigned)).ok()
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// With an exponent, without which the server would take the number for a DECIMAL.
fn float_literal(text: &str) -> Option<String> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| format!("{number:e}"))
}

fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" :.-+".contains(&byte);
    text.bytes().all(is_plain)
}

/// The condition under which a row's key lies so to `key`, which may be shorter than the primary key: then only its
/// columns are compared. Written out (`a > 1 or (a = 1 and b > 2)`), because neither server uses an index for
/// `(a, b) > (1, 2)`. `None` when the key does not fit the columns.
pub(super) fn compare_keys(
    columns: &[KeyColumn],
    comparison: Comparison,
    key: &Key,
) -> Option<String> {
    if key.0.len() > columns.len() {
        return None;
    }
    let mut pairs = columns.iter().zip(&key.0).rev();
    let (column, part) = pairs.next()?;
    let mut condition = column.compare(comparison, part)?;
    for (column, part) in pairs {
        let equal = column.compare(Comparison::Equal, part)?;
        condition = if comparison == Comparison::Equal {
            format!("{equal} and {condition}")
        } else {
            let before = column.compare(comparison.strictly(), part)?;
            format!("({before} or ({equal} and {condition}))")
        };
    }
    Some(condition)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: KeyKind) -> KeyColumn {
        KeyColumn {
            name: name.to_owned(),
            kind,
        }
    }

    #[test]
    fn keys_are_compared_column_by_column() {
        let columns = [
            column("a", KeyKind::Number),
            column("b", KeyKind::Text("euckr".to_owned())),
        ];
        let key = Key(vec![7.into(), b"\xc7\xd1"[..].into()]);
        assert_eq!(
            compare_keys(&columns, Comparison::Greater, &key).unwrap(),
            "(`a` > 7 or (`a` = 7 and `b` > _euckr x'c7d1'))"
        );
        assert_eq!(
            compare_keys(&columns, Comparison::LessOrEqual, &key).unwrap(),
            "(`a` < 7 or (`a` = 7 and `b` <= _euckr x'c7d1'))"
        );
        assert_eq!(
            compare_keys(&columns, Comparison::Equal, &key).unwrap(),
            "`a` = 7 and `b` = _euckr x'c7d1'"
        );
        let beginning = Key(vec![7.into()]);
        assert_eq!(
            compare_keys(&columns, Comparison::GreaterOrEqual, &beginning).unwrap(),
            "`a` >= 7"
        );
    }

    #[test]
    fn an_enum_is_compared_by_the_labels_on_that_side() {
        let labels = ["z", "y", "x"].map(str::to_owned).to_vec();
        let columns = [column("e", KeyKind::Enum(labels))];
        let condition = |comparison, part: KeyPart| {
            compare_keys(&columns, comparison, &Key(vec![part])).unwrap()
        };
        assert_eq!(
            condition(Comparison::Greater, 1.into()),
            "(`e` in (_utf8mb4 x'79', _utf8mb4 x'78'))"
        );
        assert_eq!(condition(Comparison::Greater, "x".into()), "false");
        assert_eq!(
            condition(Comparison::LessOrEqual, "z".into()),
            "(`e` = 0 or `e` in (_utf8mb4 x'7a'))"
        );
    }

    #[test]
    fn nothing_that_is_no_value_of_the_column_gets_into_a_statement() {
        for (kind, text) in [
            (KeyKind::Number, "1 or 1=1"),
            (KeyKind::Decimal, "1.5e3"),
            (KeyKind::Decimal, "."),
            (KeyKind::Float, "nan"),
            (KeyKind::Quoted, "2026-11-21' or '1"),
            (KeyKind::Quoted, "\\"),
            (KeyKind::Enum(vec!["a".to_owned()]), "b"),
        ] {
            let column = column("k", kind);
            assert_eq!(column.literal(&text.into()), None, "{column:?} {text}");
        }
        let text = column("k", KeyKind::Text("utf8mb4".to_owned()));
        assert_eq!(text.literal(&"'".into()).unwrap(), "_utf8mb4 x'27'");
    }
}
