//! Every string of one byte, and of two where characters have two, in every character set that is decoded: it is the text
//! that the server prints.

use cdc::{Server, Value};

use crate::support::TestDatabase;

use super::printed::Printed;

const OF_ONE_BYTE: [&str; 29] = [
    "armscii8", "ascii", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "dec8",
    "geostd8", "greek", "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin1", "latin2", "latin5",
    "latin7", "macce", "macroman", "swe7", "tis620", "utf8mb3", "utf8mb4", "utf8", "ucs2",
];
const OF_TWO_BYTES: [&str; 9] = [
    "big5", "cp932", "eucjpms", "euckr", "gb18030", "gb2312", "gbk", "sjis", "ujis",
];

#[tokio::test]
async fn every_character_of_the_character_sets_is_what_the_server_prints() {
    let mut database = TestDatabase::new().await;
    database.run("set names utf8mb4, sql_mode = ''").await;
    database
        .run("create table bytes (value int primary key)")
        .await;
    let values: Vec<_> = (0..256).map(|value| format!("({value})")).collect();
    database
        .run(&format!("insert into bytes values {}", values.join(", ")))
        .await;
    let one = "select value as id, char(value) as code from bytes";
    let two = "select high.value * 256 + low.value as id, char(high.value, low.value) as code \
         from bytes as high, bytes as low where high.value >= 128 and low.value >= 48";
    let known = known(&mut database).await;
    for (table, charsets, codes) in [("one", &OF_ONE_BYTE[..], one), ("two", &OF_TWO_BYTES, two)] {
        let charsets: Vec<_> = charsets
            .iter()
            .filter(|charset| known.contains(&(**charset).to_owned()))
            .copied()
            .collect();
        let differing = differing(&mut database, table, &charsets, codes).await;
        assert!(differing.is_empty(), "{}", differing.join("\n"));
    }
}

/// Writes the codes into a column for each character set.
async fn differing(
    database: &mut TestDatabase,
    table: &str,
    charsets: &[&str],
    codes: &str,
) -> Vec<String> {
    let columns: Vec<_> = charsets
        .iter()
        .map(|charset| format!("{charset} varchar(2) character set {charset}"))
        .collect();
    let columns = columns.join(", ");
    database
        .run(&format!(
            "create table {table} (id int primary key, {columns})"
        ))
        .await;
    let code = vec!["code"; charsets.len()].join(", ");
    database
        .run(&format!(
            "insert into {table} select id, {code} from ({codes}) as codes"
        ))
        .await;
    let mut server = Server::connect(&database.url).await.unwrap();
    let name = database.table(table);
    // Both come in the order of the primary key.
    let (_, rows) = server.rows(&name).await.unwrap().unwrap();
    let statement = format!("select {} from {table} order by id", charsets.join(", "));
    let printed = database.printed(&statement).await;
    assert_eq!(rows.len(), printed.len());
    let mut differing = Vec::new();
    for (row, printed) in rows.iter().zip(&printed) {
        for (index, charset) in charsets.iter().enumerate() {
            let (value, printed) = (row.value(index + 1).unwrap(), &printed[index]);
            // The rows C6 to C8 of Big5, of which there are several, stay bytes.
            let is_left = *charset == "big5" && matches!(value, Value::Bytes(_));
            if !is_left && !is_same(value, printed) {
                let id = row.value(0);
                differing.push(format!("{charset} {id:?}: {value:?}, printed {printed:?}"));
            }
        }
    }
    println!("{} strings in {charsets:?}", rows.len() * charsets.len());
    differing
}

/// The server prints a question mark for a character that it does not know itself; what is for private use we don't know.
fn is_same(value: &Value, printed: &Printed) -> bool {
    let printed = String::from_utf8_lossy(printed.as_deref().unwrap_or_default());
    let is_unknown = |character| matches!(character, '?' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}');
    match value {
        Value::Text(text) => {
            let mut pairs = text.chars().zip(printed.chars());
            text.chars().count() == printed.chars().count()
                && pairs.all(|(ours, theirs)| ours == theirs || is_unknown(theirs))
        }
        Value::Bytes(_) => printed.contains(is_unknown),
        _ => false,
    }
}

/// The character sets that the server has.
async fn known(database: &mut TestDatabase) -> Vec<String> {
    let statement = "select character_set_name from information_schema.character_sets";
    let names = database.printed(statement).await;
    names
        .into_iter()
        .flatten()
        .flatten()
        .map(|name| String::from_utf8(name).unwrap())
        .collect()
}
