//! Which documents a change makes dirty. The event tells only that; the document is always rebuilt from its tables.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use cdc::{ChangeEvent, Heartbeats, TableName, Value};
use chrono::NaiveDate;
use gethostname::gethostname;
use serde::{Deserialize, Serialize};

/// What a document is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Noun {
    /// An institution.
    Institution,
    /// A health article.
    Article,
    /// A public holiday.
    Holiday,
    /// A word of the operators' dictionary.
    Word,
    /// A group of synonyms of the operators.
    Synonyms,
    /// A request of an operator to build the index anew.
    Request,
    /// A popular query.
    Query,
}

impl Noun {
    /// All of them, in the order in which an index is built.
    pub const ALL: [Self; 7] = [
        Self::Institution,
        Self::Article,
        Self::Holiday,
        Self::Word,
        Self::Synonyms,
        Self::Request,
        Self::Query,
    ];

    /// Its name, as in the index's field `noun`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Article => "article",
            Self::Holiday => "holiday",
            Self::Word => "word",
            Self::Synonyms => "synonyms",
            Self::Request => "request",
            Self::Query => "query",
        }
    }

    /// Whether its documents are few, and searches hold them all in memory.
    pub(crate) fn is_reference(self) -> bool {
        !matches!(self, Self::Institution | Self::Article)
    }

    /// The table that has a row for each of its documents.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Institution => "institutions",
            Self::Article => "articles",
            Self::Holiday => "public_holidays",
            Self::Word => "dictionary_words",
            Self::Synonyms => "synonym_groups",
            Self::Request => "index_requests",
            Self::Query => "popular_queries",
        }
    }
}

/// What a key column's values stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refers {
    Institution,
    Article,
    Holiday,
    Word,
    Synonyms,
    Request,
    Query,
    /// Every institution and article that shows the department.
    Department,
}

/// The tables that the index follows, each with the column that tells which document its rows belong to. This list is the
/// allow-list of the stream as well: rows of all other tables never reach the indexer. No table with anything about a
/// patient may ever stand here; a test says so.
const FOLLOWED: [(&str, &str, Refers); 13] = [
    ("institutions", "id", Refers::Institution),
    (
        "institution_departments",
        "institution_id",
        Refers::Institution,
    ),
    ("opening_hours", "institution_id", Refers::Institution),
    ("articles", "id", Refers::Article),
    ("article_topics", "article_id", Refers::Article),
    ("article_kcd_codes", "article_id", Refers::Article),
    ("article_departments", "article_id", Refers::Article),
    ("public_holidays", "day", Refers::Holiday),
    ("departments", "id", Refers::Department),
    ("dictionary_words", "id", Refers::Word),
    ("synonym_groups", "id", Refers::Synonyms),
    ("index_requests", "id", Refers::Request),
    ("popular_queries", "id", Refers::Query),
];

/// The followed tables of a database.
#[must_use]
pub fn followed_tables(schema: &str) -> HashSet<TableName> {
    FOLLOWED
        .iter()
        .map(|(table, ..)| TableName {
            schema: schema.to_owned(),
            table: (*table).to_owned(),
        })
        .collect()
}

/// The nouns whose documents are made of this table; none when it is not followed.
pub(crate) fn nouns_of(table: &str) -> &'static [Noun] {
    let followed = FOLLOWED.iter().find(|(name, ..)| *name == table);
    match followed {
        None => &[],
        Some((.., Refers::Institution)) => &[Noun::Institution],
        Some((.., Refers::Article)) => &[Noun::Article],
        Some((.., Refers::Holiday)) => &[Noun::Holiday],
        Some((.., Refers::Word)) => &[Noun::Word],
        Some((.., Refers::Synonyms)) => &[Noun::Synonyms],
        Some((.., Refers::Request)) => &[Noun::Request],
        Some((.., Refers::Query)) => &[Noun::Query],
        Some((.., Refers::Department)) => &[Noun::Institution, Noun::Article],
    }
}

/// The table of heartbeat rows, by which the stream measures its lag.
#[must_use]
pub fn heartbeat_table(schema: &str) -> TableName {
    TableName {
        schema: schema.to_owned(),
        table: "heartbeats".to_owned(),
    }
}

/// The heartbeat rows that this machine writes, and by which it measures its own lag.
#[must_use]
pub fn heartbeats(schema: &str) -> Heartbeats {
    Heartbeats {
        table: heartbeat_table(schema),
        // As long as the column is.
        name: gethostname().to_string_lossy().chars().take(64).collect(),
    }
}

/// A document by its noun and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DirtyKey {
    /// An institution by its id.
    Institution(u64),
    /// An article by its id.
    Article(u64),
    /// A public holiday by its date.
    Holiday(NaiveDate),
    /// A word of the operators by its id.
    Word(u64),
    /// A group of synonyms of the operators by its id.
    Synonyms(u64),
    /// A request to build the index anew by its id.
    Request(u64),
    /// A popular query by its id.
    Query(u64),
}

impl DirtyKey {
    /// The noun.
    #[must_use]
    pub fn noun(self) -> Noun {
        match self {
            Self::Institution(_) => Noun::Institution,
            Self::Article(_) => Noun::Article,
            Self::Holiday(_) => Noun::Holiday,
            Self::Word(_) => Noun::Word,
            Self::Synonyms(_) => Noun::Synonyms,
            Self::Request(_) => Noun::Request,
            Self::Query(_) => Noun::Query,
        }
    }

    /// The number that tells it from the others of its noun; of a date, its day.
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Institution(id)
            | Self::Article(id)
            | Self::Word(id)
            | Self::Synonyms(id)
            | Self::Request(id)
            | Self::Query(id) => id,
            Self::Holiday(day) => i64::from(day.to_epoch_days()).cast_unsigned(),
        }
    }
}

/// `institution:42`: the key's term in the index.
impl fmt::Display for DirtyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Institution(id)
            | Self::Article(id)
            | Self::Word(id)
            | Self::Synonyms(id)
            | Self::Request(id)
            | Self::Query(id) => write!(f, "{}:{id}", self.noun().name()),
            Self::Holiday(day) => write!(f, "{}:{day}", self.noun().name()),
        }
    }
}

impl FromStr for DirtyKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (noun, id) = text.split_once(':').ok_or(())?;
        match noun {
            "institution" => id.parse().map(Self::Institution).map_err(drop),
            "article" => id.parse().map(Self::Article).map_err(drop),
            "holiday" => id.parse().map(Self::Holiday).map_err(drop),
            "word" => id.parse().map(Self::Word).map_err(drop),
            "synonyms" => id.parse().map(Self::Synonyms).map_err(drop),
            "request" => id.parse().map(Self::Request).map_err(drop),
            "query" => id.parse().map(Self::Query).map_err(drop),
            _ => Err(()),
        }
    }
}

/// What one change makes dirty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dirty {
    Document(DirtyKey),
    /// All documents that show this department.
    Department(u64),
}

/// The documents that the change touches, before and after: when a key column itself changes, both.
pub(crate) fn dirty_of(event: &ChangeEvent) -> Vec<Dirty> {
    let followed = FOLLOWED
        .iter()
        .find(|(table, ..)| *table == event.table.name.table);
    let Some((_, column, refers)) = followed else {
        return Vec::new();
    };
    let mut dirty: Vec<Dirty> = event
        .values_of(column)
        .filter_map(|value| dirty_by(*refers, value))
        .collect();
    dirty.dedup();
    dirty
}

fn dirty_by(refers: Refers, value: &Value) -> Option<Dirty> {
    let by_id = |key: fn(u64) -> DirtyKey| value.as_u64().map(|id| Dirty::Document(key(id)));
    match refers {
        Refers::Institution => by_id(DirtyKey::Institution),
        Refers::Article => by_id(DirtyKey::Article),
        Refers::Word => by_id(DirtyKey::Word),
        Refers::Synonyms => by_id(DirtyKey::Synonyms),
        Refers::Request => by_id(DirtyKey::Request),
        Refers::Query => by_id(DirtyKey::Query),
        Refers::Department => value.as_u64().map(Dirty::Department),
        Refers::Holiday => {
            let Value::Date(date) = value else {
                return None;
            };
            let day =
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?;
            Some(Dirty::Document(DirtyKey::Holiday(day)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_term() {
        let day = NaiveDate::from_ymd_opt(2026, 9, 25).unwrap();
        for key in [
            DirtyKey::Institution(42),
            DirtyKey::Article(7),
            DirtyKey::Holiday(day),
            DirtyKey::Word(3),
            DirtyKey::Synonyms(4),
            DirtyKey::Request(5),
            DirtyKey::Query(6),
        ] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
    }

    #[test]
    fn no_table_of_patients_is_followed() {
        let allowed = [
            "institutions",
            "institution_departments",
            "opening_hours",
            "articles",
            "article_topics",
            "article_kcd_codes",
            "article_departments",
            "public_holidays",
            "departments",
            "dictionary_words",
            "synonym_groups",
            "index_requests",
            // Counts of words that many asked; who asked is written nowhere.
            "popular_queries",
        ];
        // A table that joins the list joins here too, by somebody who has made sure that it holds nothing of a patient.
        for (table, ..) in FOLLOWED {
            assert!(allowed.contains(&table), "{table}");
        }
    }
}
