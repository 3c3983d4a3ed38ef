//! Foreign keys whose cascades change rows of followed tables: MariaDB, and MySQL before 9.6, leave no trace of these rows
//! in the binlog, only the rows of the table where the cascade starts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use mysql_async::prelude::WithParams;

use crate::ask;
use crate::error::Error;
use crate::event::TableName;
use crate::server::Server;

/// Foreign keys by the table that they refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cascades {
    by_parent: Arc<HashMap<TableName, Vec<Cascade>>>,
}

#[derive(Debug)]
struct Cascade {
    child: TableName,
    on_delete: bool,
    on_update: bool,
    /// The columns that are referred to.
    columns: Vec<String>,
    /// The followed tables that change when rows of the child do, itself first.
    reaches: Vec<TableName>,
}

impl Cascades {
    /// Reads the foreign keys of the followed tables' schemas.
    ///
    /// # Errors
    /// When the connection fails.
    pub(crate) async fn load(
        server: &mut Server,
        followed: &HashSet<TableName>,
    ) -> Result<Self, Error> {
        type Key = (String, String, String, String, String, String, String);
        const STATEMENT: &str = "select k.constraint_name, k.table_schema, k.table_name, \
             k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name, \
             concat(r.delete_rule, '/', r.update_rule) \
             from information_schema.referential_constraints r \
             join information_schema.key_column_usage k on k.constraint_schema = r.constraint_schema \
             and k.constraint_name = r.constraint_name and k.table_name = r.table_name \
             where r.constraint_schema = ? and \
             (r.delete_rule in ('CASCADE', 'SET NULL', 'SET DEFAULT') or r.update_rule in ('CASCADE', 'SET NULL', 'SET DEFAULT')) \
             order by k.table_name, k.constraint_name, k.ordinal_position";
        let schemas: HashSet<&str> = followed.iter().map(|table| table.schema.as_str()).collect();
        let mut keys: Vec<Key> = Vec::new();
        for schema in schemas {
            let rows: Vec<Key> = ask::all(&mut server.connection, STATEMENT.with((schema,)))
                .await
                .map_err(Error::Connection)?;
            keys.extend(rows);
        }
        let mut by_parent: HashMap<TableName, Vec<Cascade>> = HashMap::new();
        let mut last = String::new();
        for (constraint, schema, table, parent_schema, parent, column, rules) in keys {
            let child = TableName { schema, table };
            let parent = TableName {
                schema: parent_schema,
                table: parent,
            };
            let name = format!("{child}.{constraint}");
            let cascades = by_parent.entry(parent).or_default();
            match cascades.last_mut() {
                Some(cascade) if name == last => cascade.columns.push(column),
                _ => {
                    let (delete, update) = rules.split_once('/').unwrap_or_default();
                    let cascades_on =
                        |rule: &str| matches!(rule, "CASCADE" | "SET NULL" | "SET DEFAULT");
                    cascades.push(Cascade {
                        child,
                        on_delete: cascades_on(delete),
                        on_update: cascades_on(update),
                        columns: vec![column],
                        reaches: Vec::new(),
                    });
                }
            }
            last = name;
        }
        Ok(Self::new(by_parent, followed))
    }

    /// One foreign key that cascades.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn of_one(
        parent: TableName,
        child: TableName,
        column: &str,
        followed: &HashSet<TableName>,
    ) -> Self {
        let cascade = Cascade {
            child,
            on_delete: true,
            on_update: true,
            columns: vec![column.to_owned()],
            reaches: Vec::new(),
        };
        Self::new(HashMap::from([(parent, vec![cascade])]), followed)
    }

    fn new(mut by_parent: HashMap<TableName, Vec<Cascade>>, followed: &HashSet<TableName>) -> Self {
        let edges: HashMap<TableName, Vec<TableName>> = by_parent
            .iter()
            .map(|(parent, cascades)| {
                let children = cascades.iter().map(|cascade| cascade.child.clone());
                (parent.clone(), children.collect())
            })
            .collect();
        for cascade in by_parent.values_mut().flatten() {
            let mut reached = vec![cascade.child.clone()];
            let mut next = 0;
            while let Some(table) = reached.get(next) {
                let further = edges.get(table).cloned().unwrap_or_default();
                for child in further {
                    if !reached.contains(&child) {
                        reached.push(child);
                    }
                }
                next += 1;
            }
            reached.retain(|table| followed.contains(table));
            cascade.reaches = reached;
        }
        by_parent.retain(|_, cascades| {
            cascades.retain(|cascade| !cascade.reaches.is_empty());
            !cascades.is_empty()
        });
        Self {
            by_parent: Arc::new(by_parent),
        }
    }

    /// Whether changes of this table may cascade into followed ones.
    pub(crate) fn start_at(&self, table: &TableName) -> bool {
        self.by_parent.contains_key(table)
    }

    /// The tables at which cascades into followed ones start.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &TableName> {
        self.by_parent.keys()
    }

    /// These parents with the followed tables whose rows may change with theirs, however they are changed.
    pub(crate) fn of_any<'a>(
        &'a self,
        parents: impl Iterator<Item = &'a TableName>,
    ) -> impl Iterator<Item = (&'a TableName, &'a TableName)> {
        parents.flat_map(|parent| {
            let cascades = self.by_parent.get(parent).into_iter().flatten();
            let reached = cascades.flat_map(|cascade| &cascade.reaches);
            reached.map(move |child| (parent, child))
        })
    }

    /// The followed tables whose rows may change when rows of `parent` are deleted.
    pub(crate) fn of_delete(&self, parent: &TableName) -> Vec<TableName> {
        self.reached(parent, |cascade| cascade.on_delete)
    }

    /// The same when these columns of its rows change. A column without a name may be any.
    pub(crate) fn of_update(&self, parent: &TableName, changed: &[&str]) -> Vec<TableName> {
        let is_changed = |column: &String| {
            changed
                .iter()
                .any(|name| name.is_empty() || name.eq_ignore_ascii_case(column))
        };
        self.reached(parent, |cascade| {
            cascade.on_update && cascade.columns.iter().any(is_changed)
        })
    }

    fn reached(&self, parent: &TableName, is_meant: impl Fn(&Cascade) -> bool) -> Vec<TableName> {
        let mut tables = Vec::new();
        for cascade in self.by_parent.get(parent).into_iter().flatten() {
            if !is_meant(cascade) {
                continue;
            }
            for table in &cascade.reaches {
                if !tables.contains(table) {
                    tables.push(table.clone());
                }
            }
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> TableName {
        TableName {
            schema: "s".to_owned(),
            table: name.to_owned(),
        }
    }

    fn cascade(child: &str, on_delete: bool, on_update: bool) -> Cascade {
        Cascade {
            child: table(child),
            on_delete,
            on_update,
            columns: vec!["id".to_owned()],
            reaches: Vec::new(),
        }
    }

    #[test]
    fn a_cascade_goes_on_through_tables_that_nobody_follows_and_round_in_circles() {
        let by_parent = HashMap::from([
            (table("a"), vec![cascade("b", true, false)]),
            (
                table("b"),
                vec![cascade("c", true, true), cascade("b", true, false)],
            ),
            (table("c"), vec![cascade("a", false, true)]),
        ]);
        let followed = HashSet::from([table("c")]);
        let cascades = Cascades::new(by_parent, &followed);
        assert_eq!(cascades.of_delete(&table("a")), [table("c")]);
        assert_eq!(cascades.of_update(&table("a"), &["id"]), []);
        assert_eq!(cascades.of_update(&table("b"), &["ID"]), [table("c")]);
        assert_eq!(cascades.of_update(&table("b"), &["other"]), []);
        assert_eq!(cascades.of_update(&table("b"), &[""]), [table("c")]);
        assert!(!cascades.start_at(&table("d")));
    }
}
