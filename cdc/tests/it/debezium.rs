//! The envelope beside Debezium's documented one, field by field.

use std::time::{Duration, SystemTime};

use cdc::{ChangeStream, Envelope, Flavour, Options, Position};
use serde_json::{Value, json};

use crate::support::{TestDatabase, changes_until};

/// The documented payload of an update (Debezium 3, MySQL connector, “update events”), with its values in our words:
/// each field must be there, of this JSON type, and none beside them.
fn documented() -> Value {
    json!({
        "before": { "id": 1, "v": "하나" },
        "after": { "id": 1, "v": "둘" },
        "source": {
            "version": "text", "connector": "text", "name": "text",
            "ts_ms": 0, "ts_us": 0, "ts_ns": 0,
            "snapshot": "text", "db": "text", "sequence": null, "table": "text",
            "server_id": 0, "gtid": "text", "file": "text", "pos": 0, "row": 0,
            "thread": 0, "query": "text"
        },
        "transaction": { "id": "text", "total_order": 0, "data_collection_order": 0 },
        "op": "text", "ts_ms": 0, "ts_us": 0, "ts_ns": 0
    })
}

/// Same fields, same types; `null` stands for any, where a server has nothing to tell.
fn assert_shape(path: &str, found: &Value, documented: &Value) {
    match (found, documented) {
        (Value::Object(found), Value::Object(documented)) => {
            let names = |object: &serde_json::Map<String, Value>| -> Vec<String> {
                let mut names: Vec<_> = object.keys().cloned().collect();
                names.sort();
                names
            };
            assert_eq!(names(found), names(documented), "{path}");
            for (name, value) in found {
                assert_shape(&format!("{path}.{name}"), value, &documented[name]);
            }
        }
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Null, _) => {}
        _ => panic!("{path}: {found} where {documented} is documented"),
    }
}

#[tokio::test]
async fn every_documented_field_is_there_with_its_meaning() {
    let mut database = TestDatabase::new().await;
    database
        .run("create table t (id int primary key, v varchar(20))")
        .await;
    database.run("create table u (id int primary key)").await;
    let tables = ["t", "u"].map(|table| database.table(table));
    let mut options = Options::new(&database.url, tables);
    options.with_queries = true;
    let position = database.position().await;
    let mut stream = ChangeStream::open(options, position).await.unwrap();
    let flavour = stream.flavour();
    if flavour == Flavour::MySql {
        database
            .run("set session binlog_rows_query_log_events = on")
            .await;
    }
    let started = SystemTime::now();
    for statement in [
        "begin",
        "insert into u values (7)",
        "insert into t values (1, '하나')",
        "update t set v = '둘' where id = 1",
        "delete from t where id = 1",
        "commit",
    ] {
        database.run(statement).await;
    }
    let end = database.position().await;
    let changes = changes_until(&mut stream, &end).await;
    let now = SystemTime::UNIX_EPOCH + Duration::from_micros(1_234_567);
    let envelopes: Vec<Value> = changes
        .iter()
        .map(|change| {
            let envelope = Envelope::new(change, flavour, "jinmaek", now);
            serde_json::to_value(envelope).unwrap()
        })
        .collect();
    let [_, create, update, delete] = envelopes.as_slice() else {
        panic!("{envelopes:?}");
    };
    assert_shape("update", update, &documented());

    assert_eq!(
        (&create["op"], &create["before"]),
        (&json!("c"), &Value::Null)
    );
    assert_eq!(create["after"], json!({ "id": 1, "v": "하나" }));
    assert_eq!(update["op"], "u");
    assert_eq!(update["before"], json!({ "id": 1, "v": "하나" }));
    assert_eq!(update["after"], json!({ "id": 1, "v": "둘" }));
    assert_eq!(
        (&delete["op"], &delete["after"]),
        (&json!("d"), &Value::Null)
    );
    assert_eq!(
        (&update["ts_ms"], &update["ts_us"], &update["ts_ns"]),
        (&json!(1_234), &json!(1_234_567), &json!(1_234_567_000))
    );

    check_source(&update["source"], &database, flavour, &end, started);

    // The third change of the transaction, the second of its table.
    assert_eq!(update["transaction"]["id"], update["source"]["gtid"]);
    assert_eq!(update["transaction"]["total_order"], 3);
    assert_eq!(update["transaction"]["data_collection_order"], 2);
}

/// What the update says of its place and time.
fn check_source(
    source: &Value,
    database: &TestDatabase,
    flavour: Flavour,
    end: &Position,
    started: SystemTime,
) {
    let connector = if flavour == Flavour::MySql {
        "mysql"
    } else {
        "mariadb"
    };
    assert_eq!(source["connector"], connector);
    assert_eq!(source["name"], "jinmaek");
    assert_eq!(source["snapshot"], "false");
    assert_eq!(source["db"], database.name);
    assert_eq!(source["table"], "t");
    assert_eq!(source["file"], end.file);
    assert!(source["pos"].as_u64().unwrap() < end.offset);
    assert_eq!(source["row"], 0);
    assert_eq!(source["query"], "update t set v = '둘' where id = 1");
    // MariaDB tells neither the connection nor fractions of a second.
    assert_eq!(source["thread"].is_null(), flavour == Flavour::MariaDb);
    let made = Duration::from_micros(source["ts_us"].as_u64().unwrap());
    let since = started.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert!(made + Duration::from_secs(2) > since, "{made:?} {since:?}");
}
