//! What is known of the followed tables' columns beside what their table maps tell, and from which position on it is
//! certain.
//!
//! With `binlog_row_metadata=FULL` a table map names its columns, and all that is wanted beside it is what no table map
//! tells (MariaDB's UUID, INET4 and INET6 look like BINARY; the history of system-versioned tables looks like rows). With
//! less metadata the names, signs and labels come from here too.
//!
//! The rule is never to guess. A definition is read from `information_schema`, which tells the present, while the stream
//! may stand in the past. So it counts only once the stream has reached the position at which the server stood when the
//! reading ended, if no statement altered the table on the way; rows that need it before that are skipped, and the table
//! is read again at that position. What is certain is saved with the position ([`Schemas::save`]), so that a later start
//! goes on with it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::decode_error::DecodeError;
use crate::definition::Definition;
use crate::event::TableName;
use crate::position::Position;
use crate::server::Flavour;
use crate::table_map::TableMap;

/// What a subscriber stores of one table, together with a position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedSchema {
    table: TableName,
    /// The columns at that position, when they are certain.
    definition: Option<Arc<Definition>>,
    /// Whether rows were skipped, so that the table is still to be read again.
    has_skipped: bool,
}

impl SavedSchema {
    pub(crate) fn has_skipped(&self) -> bool {
        self.has_skipped
    }
}

/// What is known of one table.
#[derive(Debug, Default)]
struct Known {
    definition: Option<Arc<Definition>>,
    certainty: Certainty,
    has_skipped: bool,
}

#[derive(Debug, Default)]
enum Certainty {
    /// Nothing is known: the definition must be read.
    #[default]
    None,
    /// It is as it was read if the table was not altered up to this position.
    From(Position),
    /// It is as it is here.
    Certain,
}

/// By table, for the followed ones, in an order that is the same in every run.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    tables: BTreeMap<TableName, Known>,
    /// Tables whose certainty has a position.
    waiting: usize,
    wants_cascades: bool,
    /// Whether the server writes names into table maps: then little needs to be saved.
    has_names: bool,
    /// What [`Self::save`] gave last; `None` after a change.
    saved: Option<Arc<[SavedSchema]>>,
}

impl Schemas {
    /// What was saved of the tables that are wanted.
    pub(crate) fn new(saved: &[SavedSchema], is_wanted: impl Fn(&TableName) -> bool) -> Self {
        let mut schemas = Self::default();
        for saved in saved.iter().filter(|saved| is_wanted(&saved.table)) {
            let known = Known {
                definition: saved.definition.clone(),
                certainty: match saved.definition {
                    Some(_) => Certainty::Certain,
                    None => Certainty::None,
                },
                has_skipped: saved.has_skipped,
            };
            schemas.tables.insert(saved.table.clone(), known);
        }
        schemas
    }

    /// A table is followed.
    pub(crate) fn see(&mut self, table: &TableName) {
        if !self.tables.contains_key(table) {
            self.tables.insert(table.clone(), Known::default());
        }
    }

    /// All tables that are followed, that of the heartbeats too.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.tables.keys()
    }

    /// The tables whose definition must be read.
    pub(crate) fn wanted(&self) -> HashSet<TableName> {
        self.tables
            .iter()
            .filter(|(_, known)| matches!(known.certainty, Certainty::None))
            .map(|(table, _)| table.clone())
            .collect()
    }

    /// Whether anything must be read from the server before the next event.
    pub(crate) fn wants(&self) -> bool {
        self.wants_cascades
            || self
                .tables
                .values()
                .any(|known| matches!(known.certainty, Certainty::None))
    }

    /// Foreign keys may have changed.
    pub(crate) fn want_cascades(&mut self) {
        self.wants_cascades = true;
    }

    pub(crate) fn have_cascades(&mut self) {
        self.wants_cascades = false;
    }

    /// Takes what was read for `wanted`; the server stood at `until` when the reading had ended.
    pub(crate) fn learn(
        &mut self,
        wanted: HashSet<TableName>,
        mut definitions: HashMap<TableName, Definition>,
        until: &Position,
        has_names: bool,
    ) {
        self.has_names = has_names;
        for table in wanted {
            let definition = definitions.remove(&table).map(Arc::new);
            if let Some(known) = self.tables.get_mut(&table) {
                known.definition = definition;
                known.certainty = Certainty::From(until.clone());
            }
        }
        self.count_waiting();
    }

    /// A statement altered the table.
    pub(crate) fn altered(&mut self, table: &TableName) {
        if let Some(known) = self.tables.get_mut(table) {
            known.definition = None;
            known.certainty = Certainty::None;
        }
        self.count_waiting();
    }

    /// Rows of the table could not be read.
    pub(crate) fn skip(&mut self, table: &TableName) {
        if let Some(known) = self.tables.get_mut(table) {
            known.has_skipped = true;
            self.saved = None;
        }
    }

    /// The stream stands at `position`, between transactions. Which tables must be read again since their columns are
    /// certain now and rows were skipped before; `None` when nothing has become certain.
    pub(crate) fn reached(&mut self, position: &Position) -> Option<Vec<TableName>> {
        if self.waiting == 0 {
            return None;
        }
        let mut skipped = Vec::new();
        let mut is_any = false;
        for (table, known) in &mut self.tables {
            let Certainty::From(from) = &known.certainty else {
                continue;
            };
            if position.covers(from) != Some(true) {
                continue;
            }
            is_any = true;
            known.certainty = Certainty::Certain;
            if std::mem::take(&mut known.has_skipped) {
                skipped.push(table.clone());
            }
        }
        self.count_waiting();
        is_any.then_some(skipped)
    }

    fn count_waiting(&mut self) {
        self.saved = None;
        let waits = |known: &&Known| matches!(known.certainty, Certainty::From(_));
        self.waiting = self.tables.values().filter(waits).count();
    }

    /// Adds to a table map what it does not tell; with the index of the column that ends a row's life in a
    /// system-versioned table. `None` while that is not certain.
    ///
    /// # Errors
    /// When the two do not fit together.
    pub(crate) fn complete(
        &self,
        mut map: TableMap,
        flavour: Flavour,
    ) -> Result<Option<(TableMap, Option<usize>)>, DecodeError> {
        let Some(known) = self.tables.get(&map.table.name) else {
            return Ok(Some((map, None)));
        };
        let is_certain = matches!(known.certainty, Certainty::Certain);
        let definition = known.definition.as_deref();
        let is_versioned = definition.is_some_and(|definition| definition.row_end.is_some());
        let is_needed =
            !map.is_named() || is_versioned || flavour == Flavour::MariaDb && map.may_hide_types();
        match definition {
            _ if !is_needed => Ok(Some((map, None))),
            Some(definition) if is_certain => {
                map.complete(definition)?;
                Ok(Some((map, definition.row_end)))
            }
            None if is_certain => Err(DecodeError::Definition("the table is not there")),
            _ => Ok(None),
        }
    }

    /// What must be stored with the present position, so that a start from there knows the columns.
    pub(crate) fn save(&mut self) -> Arc<[SavedSchema]> {
        if let Some(saved) = &self.saved {
            return Arc::clone(saved);
        }
        let is_needed = |definition: &Arc<Definition>| !self.has_names || definition.is_needed();
        let saved: Arc<[SavedSchema]> = self
            .tables
            .iter()
            .map(|(table, known)| SavedSchema {
                table: table.clone(),
                definition: match known.certainty {
                    Certainty::Certain => known.definition.clone().filter(is_needed),
                    _ => None,
                },
                has_skipped: known.has_skipped,
            })
            .filter(|saved| saved.has_skipped || saved.definition.is_some())
            .collect();
        self.saved = Some(Arc::clone(&saved));
        saved
    }
}
