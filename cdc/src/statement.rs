//! Statements of the binlog: which of them begin, end or change something. Not a SQL parser: what it does not know, it
//! takes for something that may have changed the tables it names.

use crate::event::TableName;

/// What a statement is to the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `BEGIN`, `XA START`.
    Begin,
    /// `COMMIT`, `ROLLBACK`.
    End,
    /// `SAVEPOINT`, `ROLLBACK TO`, `XA END`.
    Savepoint,
    /// Everything else.
    Other,
}

/// Reads the first words, past comments.
pub(crate) fn classify(text: &str) -> Kind {
    let mut words = without_comment(text)
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase);
    let (first, second) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    match (first.as_str(), second.as_str()) {
        ("BEGIN", _) | ("START", "TRANSACTION") | ("XA", "START") => Kind::Begin,
        ("ROLLBACK", "TO") | ("SAVEPOINT" | "RELEASE", _) | ("XA", "END") => Kind::Savepoint,
        ("COMMIT" | "ROLLBACK", _) => Kind::End,
        _ => Kind::Other,
    }
}

/// The text behind leading comments: `/* … */` (but for those that MySQL and MariaDB run), `-- …` and `# …`.
fn without_comment(text: &str) -> &str {
    let mut text = text.trim_start();
    loop {
        let block = text
            .strip_prefix("/*")
            .filter(|rest| !rest.starts_with(['!', 'M']));
        let line = text.strip_prefix('#').or_else(|| text.strip_prefix("--"));
        let rest = match (block, line) {
            (Some(block), _) => block.split_once("*/"),
            (None, Some(line)) => line.split_once('\n'),
            (None, None) => None,
        };
        match rest {
            Some((_, rest)) => text = rest.trim_start(),
            None => return text,
        }
    }
}

/// Whether a statement names the table, or drops its whole schema. Only whole words count, in any quoting.
pub(crate) fn may_touch(text: &str, default_schema: &str, table: &TableName) -> bool {
    let text = text.to_lowercase();
    let names = |name: &str| {
        let name = name.to_lowercase();
        text.match_indices(&name).any(|(start, found)| {
            let is_word = |character: char| {
                character.is_alphanumeric() || character == '_' || character == '$'
            };
            let before = text[..start].chars().next_back();
            let after = text[start + found.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    let in_schema = default_schema.eq_ignore_ascii_case(&table.schema) || names(&table.schema);
    let is_whole_schema = names("drop") && (names("database") || names("schema"));
    in_schema && (names(&table.table) || (is_whole_schema && names(&table.schema)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_begin_and_end_whatever_the_comment_or_case() {
        assert_eq!(classify("BEGIN"), Kind::Begin);
        assert_eq!(classify("/* app */ begin"), Kind::Begin);
        assert_eq!(
            classify("-- commit it\n# begin\ntruncate table t"),
            Kind::Other
        );
        assert_eq!(classify("COMMIT /* 7 */"), Kind::End);
        assert_eq!(classify("ROLLBACK TO `a`"), Kind::Savepoint);
        assert_eq!(classify("SAVEPOINT `a`"), Kind::Savepoint);
        assert_eq!(classify("alter table begin_times add x int"), Kind::Other);
    }

    #[test]
    fn a_statement_touches_only_tables_it_names() {
        let table = TableName {
            schema: "jinmaek".to_owned(),
            table: "articles".to_owned(),
        };
        let touches = |text, schema| may_touch(text, schema, &table);
        assert!(touches("TRUNCATE TABLE `articles`", "jinmaek"));
        assert!(touches("rename table a to jinmaek.ARTICLES", "other"));
        assert!(touches("drop database jinmaek", ""));
        assert!(!touches("truncate articles", "other"));
        assert!(!touches("truncate articles_old", "jinmaek"));
        assert!(!touches("create database if not exists `jinmaek`", ""));
    }
}
