//! The statement that reads a chunk.

use super::key::{Comparison, KeyColumn, compare_keys};
use super::request::{Key, Scope};
use super::state::ChunkEnd;
use crate::event::TableName;
use crate::select::quoted;

/// Keys looked up by one statement: the server's memory for planning it is limited.
const KEYS_PER_STATEMENT_MAX: usize = 500;

/// A part of a table to read.
pub(super) struct Chunk<'a> {
    pub(super) table: &'a TableName,
    pub(super) scope: &'a Scope,
    pub(super) key: &'a [KeyColumn],
    /// Where the chunk before it ended.
    pub(super) after: Option<&'a ChunkEnd>,
    pub(super) rows_max: usize,
}

/// A key of the request that does not fit the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongKey(pub(super) Key);

impl Chunk<'_> {
    /// The keys of a request by keys that this chunk looks up.
    pub(super) fn keys(&self) -> &[Key] {
        let Scope::Keys(keys) = self.scope else {
            return &[];
        };
        let done = match self.after {
            Some(ChunkEnd::Keys(done)) => *done,
            _ => 0,
        };
        let left = keys.get(done..).unwrap_or_default();
        let count = self.rows_max.min(KEYS_PER_STATEMENT_MAX).min(left.len());
        left.get(..count).unwrap_or_default()
    }

    /// `columns` is the list of what to select. In the key's order, and along the key, so that the server need not sort.
    pub(super) fn statement(&self, columns: &str) -> Result<String, WrongKey> {
        let key: Vec<_> = self.key.iter().map(|column| quoted(&column.name)).collect();
        let conditions = self.conditions()?;
        let condition = if conditions.is_empty() {
            String::new()
        } else {
            format!(" where {}", conditions.join(" and "))
        };
        Ok(format!(
            "select {columns} from {}.{} force index (primary){condition} order by {} limit {}",
            quoted(&self.table.schema),
            quoted(&self.table.table),
            key.join(", "),
            self.rows_max,
        ))
    }

    fn conditions(&self) -> Result<Vec<String>, WrongKey> {
        let compare = |comparison, key: &Key| {
            compare_keys(self.key, comparison, key).ok_or_else(|| WrongKey(key.clone()))
        };
        let mut conditions = Vec::new();
        match self.scope {
            Scope::Table => {}
            Scope::Range { from, to } => {
                for (comparison, end) in [
                    (Comparison::GreaterOrEqual, from),
                    (Comparison::LessOrEqual, to),
                ] {
                    if let Some(end) = end {
                        conditions.push(compare(comparison, end)?);
                    }
                }
            }
            Scope::Keys(_) => {
                let mut alternatives = Vec::new();
                for key in self.keys() {
                    if key.0.len() != self.key.len() {
                        return Err(WrongKey(key.clone()));
                    }
                    alternatives.push(format!("({})", compare(Comparison::Equal, key)?));
                }
                if alternatives.is_empty() {
                    alternatives.push("false".to_owned());
                }
                conditions.push(format!("({})", alternatives.join(" or ")));
            }
            // On lines of its own, so that a comment at its end ends there.
            Scope::Condition(text) => conditions.push(format!("(\n{text}\n)")),
        }
        if let Some(ChunkEnd::Key(last)) = self.after {
            conditions.push(compare(Comparison::Greater, last)?);
        }
        Ok(conditions)
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::KeyKind;
    use super::*;

    fn statement(scope: &Scope, after: Option<&ChunkEnd>) -> Result<String, WrongKey> {
        let table = TableName {
            schema: "s".to_owned(),
            table: "a`b".to_owned(),
        };
        let key = ["a", "b"].map(|name| KeyColumn {
            name: name.to_owned(),
            kind: KeyKind::Number,
        });
        let chunk = Chunk {
            table: &table,
            scope,
            key: &key,
            after,
            rows_max: 2,
        };
        chunk.statement("*")
    }

    #[test]
    fn a_chunk_goes_on_after_the_one_before_it() {
        let key = |a: i64, b: i64| Key(vec![a.into(), b.into()]);
        assert_eq!(
            statement(&Scope::Table, None).unwrap(),
            "select * from `s`.`a``b` force index (primary) order by `a`, `b` limit 2"
        );
        let range = Scope::Range {
            from: None,
            to: Some(Key(vec![9.into()])),
        };
        assert_eq!(
            statement(&range, Some(&ChunkEnd::Key(key(1, 2)))).unwrap(),
            "select * from `s`.`a``b` force index (primary) where `a` <= 9 and \
             (`a` > 1 or (`a` = 1 and `b` > 2)) order by `a`, `b` limit 2"
        );
        let keys = Scope::Keys(vec![key(1, 1), key(2, 2), key(3, 3)]);
        assert_eq!(
            statement(&keys, Some(&ChunkEnd::Keys(2))).unwrap(),
            "select * from `s`.`a``b` force index (primary) where ((`a` = 3 and `b` = 3)) order by `a`, `b` limit 2"
        );
        let short = Key(vec![1.into()]);
        assert_eq!(
            statement(&Scope::Keys(vec![short.clone()]), None),
            Err(WrongKey(short))
        );
    }
}
