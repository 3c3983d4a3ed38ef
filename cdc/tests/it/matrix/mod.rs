//! The type matrix: every column type with its edge values, under each row metadata and row image. What SELECT reads, what
//! the binlog's row images hold and what the server prints must be the same value.

use std::collections::BTreeMap;
use std::sync::Arc;

use cdc::private_server::{Options, PrivateServer};
use cdc::{ChangeEvent, Flavour, Op, Row, Server, Table, Value};

use crate::support::{TestDatabase, changes_until};

use self::columns::{Group, Tested, groups};
use self::printed::{Printed, is_printed_as};

mod character_sets;
mod columns;
mod columns_of_one;
mod printed;
mod texts;

#[tokio::test]
async fn every_value_is_the_same_from_select_and_the_binlog_with_full_metadata() {
    run("FULL").await;
}

#[tokio::test]
async fn every_value_is_the_same_from_select_and_the_binlog_with_minimal_metadata() {
    run("MINIMAL").await;
}

#[tokio::test]
async fn every_value_is_the_same_from_select_and_the_binlog_with_no_metadata() {
    // MySQL has no such setting.
    if Options::for_tests("").flavour() == Flavour::MariaDb {
        run("NO_LOG").await;
    }
}

/// One server with this `binlog_row_metadata`, each group of columns under both row images.
async fn run(metadata: &'static str) {
    let home = tempfile::tempdir().unwrap();
    let options =
        Options::for_tests(home.path()).with_argument(format!("--binlog-row-metadata={metadata}"));
    let flavour = options.flavour();
    let private = PrivateServer::start(options).await.unwrap();
    let mut report = Report::default();
    for image in ["FULL", "MINIMAL"] {
        let mut database = TestDatabase::on(&private).await;
        database
            .run(&format!(
                "set names utf8mb4, sql_mode = '', time_zone = '+00:00', binlog_row_image = {image}"
            ))
            .await;
        let groups = groups(flavour);
        for group in &groups {
            group.create(&mut database).await;
        }
        for group in groups {
            let run = format!("{metadata} metadata, {image} image, {}", group.name);
            Trial::new(&mut database, group, image)
                .await
                .check(&run, &mut report);
        }
    }
    println!(
        "{flavour}, {metadata} metadata: {} cells, {} differ",
        report.cells,
        report.differing.len()
    );
    assert!(
        report.differing.is_empty(),
        "{}",
        report.differing.join("\n")
    );
}

#[derive(Default)]
struct Report {
    /// A cell is one type, one value, one row metadata, one row image.
    cells: usize,
    differing: Vec<String>,
}

impl Group {
    async fn create(&self, database: &mut TestDatabase) {
        let columns: Vec<_> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| format!("c{index} {}", column.definition))
            .collect();
        if let Some([name, value, _]) = self.setting {
            database.run(&format!("set global {name} = {value}")).await;
        }
        database
            .run(&format!(
                "create table {} (id int primary key, {}) engine = innodb default character set utf8mb4 {}",
                self.name,
                columns.join(", "),
                self.table_options
            ))
            .await;
        if let Some([name, _, value]) = self.setting {
            database.run(&format!("set global {name} = {value}")).await;
        }
    }

    fn rows(&self) -> usize {
        let lengths = self.columns.iter().map(|column| column.values.len());
        lengths.max().unwrap_or(0)
    }

    /// `c0 = value, …` of a row.
    fn assignments(&self, row: usize) -> String {
        let columns = self.columns.iter().enumerate();
        let assignments: Vec<_> = columns
            .filter(|(_, column)| !column.values.is_empty())
            .map(|(index, column)| format!("c{index} = {}", column.value(row)))
            .collect();
        assignments.join(", ")
    }
}

impl Tested {
    fn value(&self, row: usize) -> &str {
        &self.values[row % self.values.len()]
    }
}

/// The rows of a table, by their id.
type Rows = BTreeMap<i64, Row>;

/// What became of one table.
struct Trial {
    group: Group,
    is_full_image: bool,
    inserted: Snapshot,
    updated: Snapshot,
    changes: Vec<Arc<ChangeEvent>>,
}

/// The table at one time.
struct Snapshot {
    table: Arc<Table>,
    rows: Rows,
    printed: Vec<Vec<Printed>>,
}

impl Trial {
    /// Inserts the rows, gives each the next one's values, deletes them; looks at the table in between.
    async fn new(database: &mut TestDatabase, group: Group, image: &str) -> Self {
        let mut stream = database.follow(&[group.name]).await;
        for row in 0..group.rows() {
            database
                .run(&format!(
                    "insert into {} set id = {row}, {}",
                    group.name,
                    group.assignments(row)
                ))
                .await;
        }
        let inserted = Snapshot::take(database, &group).await;
        for row in 0..group.rows() {
            database
                .run(&format!(
                    "update {} set {} where id = {row}",
                    group.name,
                    group.assignments(row + 1)
                ))
                .await;
        }
        let updated = Snapshot::take(database, &group).await;
        database.run(&format!("delete from {}", group.name)).await;
        let end = database.position().await;
        Self {
            is_full_image: image == "FULL",
            changes: changes_until(&mut stream, &end).await,
            group,
            inserted,
            updated,
        }
    }

    fn check(&self, run: &str, report: &mut Report) {
        for change in &self.changes {
            if change.table != self.inserted.table {
                let tables = format!("{:?} and {:?}", change.table, self.inserted.table);
                report
                    .differing
                    .push(format!("{run}: the tables differ: {tables}"));
                return;
            }
        }
        for (index, column) in self.group.columns.iter().enumerate() {
            let values = if column.values.is_empty() {
                self.group.rows()
            } else {
                column.values.len()
            };
            for row in 0..values {
                report.cells += 1;
                if let Err(difference) = self.check_cell(row, index) {
                    let value: String = match column.values.get(row) {
                        Some(value) => value.chars().take(60).collect(),
                        None => "generated".to_owned(),
                    };
                    let definition: String = column.definition.chars().take(40).collect();
                    let place = format!("{run}: {definition} {value}");
                    report.differing.push(format!("{place}: {difference}"));
                }
            }
        }
    }

    fn check_cell(&self, row: usize, column: usize) -> Result<(), String> {
        let id = row as i64;
        // The id comes first, then the columns.
        let index = column + 1;
        let is_written = !self.group.columns[column].values.is_empty();
        for snapshot in [&self.inserted, &self.updated] {
            let value = snapshot.value(id, index)?;
            let printed = &snapshot.printed[row][column];
            if !is_printed_as(value, printed) {
                return Err(format!(
                    "selected {}, printed {}",
                    shown(value),
                    show(printed)
                ));
            }
        }
        for change in self.changes.iter().filter(|change| id_of(change) == id) {
            let (before, after) = match change.op {
                Op::Create => (None, Some(&self.inserted)),
                Op::Update => (Some(&self.inserted), Some(&self.updated)),
                Op::Delete => (Some(&self.updated), None),
                Op::Read => panic!("nobody asked for a snapshot"),
            };
            let images = [(&change.before, before), (&change.after, after)];
            for (image, snapshot) in images {
                let (Some(image), Some(snapshot)) = (image, snapshot) else {
                    continue;
                };
                let expected = snapshot.value(id, index)?;
                match image.value(index) {
                    Some(value) if value == expected => {}
                    Some(value) => {
                        let (value, expected) = (shown(value), shown(expected));
                        return Err(format!(
                            "{:?}: binlog {value}, selected {expected}",
                            change.op
                        ));
                    }
                    None if self.is_full_image || change.op == Op::Create && is_written => {
                        return Err(format!("{:?}: not in the image", change.op));
                    }
                    None => {}
                }
            }
        }
        let ops: Vec<_> = self
            .changes
            .iter()
            .filter(|change| id_of(change) == id)
            .collect();
        if ops.len() != 3 {
            return Err(format!("{} changes", ops.len()));
        }
        Ok(())
    }
}

fn id_of(change: &ChangeEvent) -> i64 {
    match change.values_of("id").next() {
        Some(Value::Int(id)) => *id,
        _ => -1,
    }
}

impl Snapshot {
    async fn take(database: &mut TestDatabase, group: &Group) -> Self {
        let mut server = Server::connect(&database.url).await.unwrap();
        let name = database.table(group.name);
        let (table, rows) = server.rows(&name).await.unwrap().unwrap();
        let rows = rows.into_iter().map(|row| match row.value(0) {
            Some(Value::Int(id)) => (*id, row),
            other => panic!("the id is {other:?}"),
        });
        let columns: Vec<_> = (0..group.columns.len())
            .map(|index| format!("c{index}"))
            .collect();
        let statement = format!(
            "select {} from {} order by id",
            columns.join(", "),
            group.name
        );
        Self {
            table,
            rows: rows.collect(),
            printed: database.printed(&statement).await,
        }
    }

    fn value(&self, id: i64, index: usize) -> Result<&Value, String> {
        let row = self.rows.get(&id).ok_or("the row is not there")?;
        row.value(index).ok_or_else(|| "not selected".to_owned())
    }
}

fn shown(value: &Value) -> String {
    format!("{value:?}").chars().take(120).collect()
}

fn show(printed: &Printed) -> String {
    match printed {
        Some(bytes) => String::from_utf8_lossy(bytes).chars().take(120).collect(),
        None => "NULL".to_owned(),
    }
}
