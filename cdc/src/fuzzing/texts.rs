//! The texts that come from servers and subscribers: statements, positions, GTID sets.

use crate::bytes::Bytes;
use crate::event::TableName;
use crate::gtid::GtidSet;
use crate::position::Position;
use crate::statement::{classify, may_touch};

use super::{byte, up_to};

/// A schema and a table (a length and the name), then a statement.
///
/// # Panics
/// When a comment changes what a statement is, or a table that it names is not found in it.
pub fn statement(input: &[u8]) {
    let mut input = Bytes::new(input);
    let mut name = || {
        let length = usize::from(byte(&mut input) % 32);
        String::from_utf8_lossy(up_to(&mut input, length)).into_owned()
    };
    let table = TableName {
        schema: name(),
        table: name(),
    };
    let text = String::from_utf8_lossy(up_to(&mut input, usize::MAX));
    let commented = format!("/* of an application */ -- and\n{text}");
    assert_eq!(classify(&commented), classify(&text));
    let touches = may_touch(&text, &table.schema, &table);
    assert!(touches || !may_touch(&text, "", &table));
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let (schema, name) = (quoted(&table.schema), quoted(&table.table));
    let naming = format!("drop table {schema}.{name} {text}");
    assert!(may_touch(&naming, "", &table), "{naming}");
}

/// A position as subscribers write it.
///
/// # Panics
/// When a position that was read is not the same after it was written, or does not cover itself.
pub fn position(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for set in [GtidSet::parse_mariadb(&text), GtidSet::parse_mysql(&text)]
        .into_iter()
        .flatten()
    {
        let written = set.to_string();
        let read = match set {
            GtidSet::MySql(_) => GtidSet::parse_mysql(&written),
            _ => GtidSet::parse_mariadb(&written),
        };
        assert_eq!(read.as_ref(), Some(&set));
        assert_eq!(set.contains(&set), Some(true));
    }
    let Ok(position) = text.parse::<Position>() else {
        return;
    };
    let written = position.to_string();
    assert_eq!(written.parse().as_ref(), Ok(&position), "{written}");
    assert_eq!(position.covers(&position), Some(true));
}
