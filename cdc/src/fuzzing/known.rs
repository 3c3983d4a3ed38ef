//! What the stand-in for a server knows of its tables.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::cascades::Cascades;
use crate::charset::Charset;
use crate::definition::{DefinedColumn, Definition};
use crate::event::TableName;
use crate::heartbeat::Heartbeats;

use super::rows;

/// What the stand-in for a server knows.
pub(super) struct Known {
    pub(super) tables: HashSet<TableName>,
    pub(super) heartbeats: Heartbeats,
    pub(super) charsets: Arc<HashMap<u64, Charset>>,
    pub(super) cascades: Cascades,
    pub(super) definitions: HashMap<TableName, Definition>,
}

pub(super) fn table(name: &str) -> TableName {
    TableName {
        schema: "f".to_owned(),
        table: name.to_owned(),
    }
}

/// Followed: `f.a` … `f.d`, of which `f.b` has a definition, `f.c` one that says that it is versioned, and `f.d` refers to
/// `f.p`.
pub(super) fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let tables: HashSet<_> = ["a", "b", "c", "d"].map(table).into();
        let column = |name: &str, data_type: &str| DefinedColumn {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            decimals: 6,
            labels: vec!["x".to_owned(), "y".to_owned()],
            ..DefinedColumn::default()
        };
        let definition = |columns: &[(&str, &str)], row_end| Definition {
            columns: columns
                .iter()
                .map(|(name, data_type)| column(name, data_type))
                .collect(),
            primary_key: vec![0],
            row_end,
        };
        let plain = [
            ("id", "int"),
            ("u", "uuid"),
            ("i", "inet6"),
            ("e", "enum"),
            ("v", "varchar"),
        ];
        let versioned = [
            ("id", "int"),
            ("row_start", "timestamp"),
            ("row_end", "timestamp"),
        ];
        Known {
            cascades: Cascades::of_one(table("p"), table("d"), "id", &tables),
            tables,
            heartbeats: Heartbeats {
                table: table("h"),
                name: "h".to_owned(),
            },
            charsets: Arc::new((0..300).map(|id| (id, rows::charset(id))).collect()),
            definitions: HashMap::from([
                (table("b"), definition(&plain, None)),
                (table("c"), definition(&versioned, Some(2))),
            ]),
        }
    })
}
