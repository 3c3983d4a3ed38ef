//! Statements of the binlog: which of them begin, end or change something. Not a SQL parser: what it does not know, it
//! takes for something that may have changed the tables it names.

use crate::event::TableName;

/// What a statement is to the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// `BEGIN`.
    Begin,
    /// `COMMIT`.
    Commit,
    /// `ROLLBACK`: what the rows since the beginning told did not happen.
    Rollback,
    /// `ROLLBACK TO`: a part of it did not happen.
    RollbackTo,
    /// `SAVEPOINT`, `RELEASE SAVEPOINT`, `XA END`: nothing happens.
    Mark,
    /// `XA START`: rows follow that count only when the transaction is committed by a later statement.
    XaStart,
    /// `XA COMMIT` of the transaction with this id, as the servers write it: `X'61',X'',1`.
    XaCommit(&'a str),
    /// `XA ROLLBACK` of it.
    XaRollback(&'a str),
    /// A statement that changes no row and no column of a table.
    Harmless,
    /// Rows changed by a statement that was logged as such.
    Rows,
    /// Everything else: DDL, or what is not known.
    Other,
}

/// Reads the first words, past comments and quoted names.
pub(crate) fn classify(text: &str) -> Kind<'_> {
    let words = first_words(text);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["BEGIN", ..] | ["START", "TRANSACTION", ..] => Kind::Begin,
        ["XA", "START" | "BEGIN", ..] => Kind::XaStart,
        ["XA", "COMMIT", ..] => Kind::XaCommit(xa_id(without_comment(text))),
        ["XA", "ROLLBACK", ..] => Kind::XaRollback(xa_id(without_comment(text))),
        ["ROLLBACK", "TO", ..] => Kind::RollbackTo,
        ["SAVEPOINT" | "RELEASE", ..] | ["XA", "END", ..] => Kind::Mark,
        ["COMMIT", ..] => Kind::Commit,
        ["ROLLBACK", ..] => Kind::Rollback,
        // MariaDB's `set statement … for` runs what follows, and its `analyze` any other statement.
        ["SET", "STATEMENT", ..] => Kind::Other,
        [
            "ANALYZE",
            "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "FORMAT" | "WITH",
            ..,
        ]
        | [
            "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "LOAD" | "CALL" | "WITH",
            ..,
        ] => Kind::Rows,
        [
            "GRANT" | "REVOKE" | "ANALYZE" | "FLUSH" | "SET" | "KILL",
            ..,
        ] => Kind::Harmless,
        ["DROP", "INDEX", ..] if contains_word(&text.to_lowercase(), "primary") => Kind::Other,
        ["CREATE" | "DROP" | "ALTER", rest @ ..] if names_no_table(rest) => Kind::Harmless,
        _ => Kind::Other,
    }
}

/// The first words, which tell what a statement does and hold nothing of what rows hold: `ALTER TABLE`.
pub(crate) fn summary(text: &str) -> String {
    let mut words = first_words(text);
    words.truncate(2);
    words.join(" ")
}

/// In upper case.
fn first_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = without_comment(text);
    while let Some(token) = first_token(rest) {
        if token.starts_with(is_of_word) {
            words.push(token.to_ascii_uppercase());
        }
        if words.len() == WORDS_MAX {
            break;
        }
        rest = without_comment(rest.get(token.len()..).unwrap_or_default());
    }
    words
}

/// The first word, quoted text or other character of a text.
fn first_token(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let length = if matches!(first, '`' | '\'' | '"') {
        let tail = text.get(1..).unwrap_or_default();
        1 + tail.find(first).map_or(tail.len(), |end| end + 1)
    } else if is_of_word(first) {
        text.find(|character| !is_of_word(character))
            .unwrap_or(text.len())
    } else {
        first.len_utf8()
    };
    text.get(..length)
}

/// Whether the character is one of a name that needs no quotes.
fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Words that are looked at; `create or replace algorithm = merge definer = a@b sql security invoker view` has 13.
const WORDS_MAX: usize = 16;

/// Whether what is created, dropped or altered is something beside tables: the first word that names a kind of thing
/// tells. (An index changes no row; a view is none of the followed tables.)
fn names_no_table(words: &[&str]) -> bool {
    const TABLES: [&str; 3] = ["TABLE", "DATABASE", "SCHEMA"];
    const OTHERS: [&str; 11] = [
        "VIEW",
        "TRIGGER",
        "PROCEDURE",
        "FUNCTION",
        "EVENT",
        "INDEX",
        "USER",
        "ROLE",
        "SERVER",
        "SEQUENCE",
        "PACKAGE",
    ];
    words
        .iter()
        .find(|word| TABLES.contains(word) || OTHERS.contains(word))
        .is_some_and(|word| OTHERS.contains(word))
}

/// What stands behind `XA COMMIT`.
fn xa_id(text: &str) -> &str {
    text.splitn(3, ' ').nth(2).unwrap_or_default().trim_end()
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
    let text = lower_case(changed_part(text));
    let names = |name: &str| contains_word(&text, &lower_case(name));
    let in_schema = default_schema.eq_ignore_ascii_case(&table.schema) || names(&table.schema);
    let is_whole_schema = names("drop") && (names("database") || names("schema"));
    in_schema && (names(&table.table) || (is_whole_schema && names(&table.schema)))
}

/// What a statement may change of all that it names. `create table` changes one table; those that it copies from, or
/// refers to, come after the name, behind a parenthesis or one of these words.
fn changed_part(text: &str) -> &str {
    const BEHIND: [&str; 4] = ["LIKE", "SELECT", "AS", "WITH"];
    let words = first_words(text);
    let creates = words.first().is_some_and(|word| word == "CREATE")
        && words.iter().take(4).any(|word| word == "TABLE");
    if !creates {
        return text;
    }
    let mut rest = without_comment(text);
    while let Some(token) = first_token(rest) {
        let at = text.len() - rest.len();
        if token == "(" || BEHIND.contains(&token.to_ascii_uppercase().as_str()) {
            return text.get(..at).unwrap_or(text);
        }
        rest = without_comment(rest.get(token.len()..).unwrap_or_default());
    }
    text
}

/// Letter by letter: `str::to_lowercase` writes a Σ at the end of a word differently, and what is around a name in a
/// statement decides where its word ends.
fn lower_case(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether the name stands in the text as a word of its own, or with its backticks doubled as inside of backticks.
fn contains_word(text: &str, name: &str) -> bool {
    let stands = |name: &str| {
        text.match_indices(name).any(|(start, found)| {
            let before = text.get(..start).unwrap_or_default().chars().next_back();
            let after = text.get(start + found.len()..).unwrap_or_default();
            !before.is_some_and(is_of_word) && !after.chars().next().is_some_and(is_of_word)
        })
    };
    stands(name) || name.contains('`') && stands(&name.replace('`', "``"))
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
        assert_eq!(classify("COMMIT /* 7 */"), Kind::Commit);
        assert_eq!(classify("ROLLBACK"), Kind::Rollback);
        assert_eq!(classify("ROLLBACK TO `a`"), Kind::RollbackTo);
        assert_eq!(classify("SAVEPOINT `a`"), Kind::Mark);
        assert_eq!(classify("XA START X'61',X'',1"), Kind::XaStart);
        assert_eq!(
            classify("XA COMMIT X'61',X'71',1"),
            Kind::XaCommit("X'61',X'71',1")
        );
        assert_eq!(classify("alter table begin_times add x int"), Kind::Other);
    }

    #[test]
    fn statements_about_other_things_than_tables_are_harmless() {
        for text in [
            "grant select on t to a",
            "create or replace algorithm=merge definer=`a`@`b` sql security invoker view t as select 1",
            "drop trigger t",
            "drop index i on t",
            "analyze table t",
            "set password for a = 'b'",
            "CREATE UNIQUE INDEX i ON t (event)",
        ] {
            assert_eq!(classify(text), Kind::Harmless, "{text}");
        }
        for text in [
            "alter table t add column event int",
            "create temporary table t (view int)",
            "drop schema trigger_happy",
            "rename table a to t",
            "truncate t",
            "optimize table t",
            "alter /* view */ table t add x int",
            "alter/**/table t add x int",
            "set statement max_statement_time=1 for alter table t add x int",
            "drop index `PRIMARY` on t",
            "/*!50001 alter table t add x int */",
        ] {
            assert_eq!(classify(text), Kind::Other, "{text}");
        }
        assert_eq!(classify("/* x */ insert into t select 1"), Kind::Rows);
        assert_eq!(classify("analyze update t set a = 1"), Kind::Rows);
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
        let odd = TableName {
            schema: "jinmaek".to_owned(),
            table: "a`b".to_owned(),
        };
        assert!(may_touch("drop table `a``b`", "jinmaek", &odd));
        assert!(!touches("create database if not exists `jinmaek`", ""));
        // A table that is made like ours, of ours, or refers to ours, changes nothing of ours.
        for text in [
            "create table `_articles_gho` like `articles`",
            "create table copy as select * from articles",
            "create table a (id int references articles (id))",
        ] {
            assert!(!touches(text, "jinmaek"), "{text}");
        }
        for text in [
            "/* run with (care) */ create /* as */ or replace table articles like a",
            "create or replace table articles like a",
            "create table if not exists `as (like`.a select 1 from articles, articles",
            "create table articles (id int)",
        ] {
            assert_eq!(
                touches(text, "jinmaek"),
                text.contains("table articles"),
                "{text}"
            );
        }
        let greek = TableName {
            schema: "ΑΣ".to_owned(),
            table: "T".to_owned(),
        };
        assert!(may_touch("truncate `ΑΣ`.`T`", "", &greek));
    }
}
