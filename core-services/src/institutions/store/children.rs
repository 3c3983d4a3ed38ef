//! SQL of the tables that belong to an institution: its opening hours and its departments.

use std::collections::{BTreeSet, HashMap};

use sqlx::{MySql, MySqlConnection, QueryBuilder};

use crate::Error;
use crate::db::push_list;
use crate::institutions::{NewInstitution, OpeningSpan, RunsDepartment, Told};

/// Rows of one multi-row statement on a child table: with four placeholders each they stay far below the protocol's 65,535.
const INSERTED_ROWS_MAX: usize = 5_000;

/// Rows of one multi-row delete: more, and the optimizer's memory for ranges (8 MiB on MySQL) could run out and it would scan the table.
const DELETED_ROWS_MAX: usize = 500;

/// The hours and departments of one institution.
#[derive(Default)]
pub(super) struct Children {
    hours: BTreeSet<OpeningSpan>,
    departments: BTreeSet<RunsDepartment>,
}

/// What is stored for the institutions `ids`, locked until the transaction ends; by id.
pub(super) async fn lock(
    connection: &mut MySqlConnection,
    ids: &[u64],
) -> Result<HashMap<u64, Children>, Error> {
    let mut children: HashMap<u64, Children> = HashMap::new();
    if ids.is_empty() {
        return Ok(children);
    }
    for (id, span) in lock_hours(connection, ids).await? {
        children.entry(id).or_default().hours.insert(span);
    }
    for (id, department) in lock_departments(connection, ids).await? {
        children
            .entry(id)
            .or_default()
            .departments
            .insert(department);
    }
    Ok(children)
}

async fn lock_hours(
    connection: &mut MySqlConnection,
    ids: &[u64],
) -> Result<Vec<(u64, OpeningSpan)>, Error> {
    let mut query = QueryBuilder::new(
        "select institution_id, day, opens_minute, closes_minute from opening_hours where institution_id in (",
    );
    push_list(&mut query, ids.iter().copied());
    query.push(") for update");
    let rows: Vec<(u64, u8, u16, u16)> = query
        .build_query_as()
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let spans = rows
        .into_iter()
        .map(|(id, day, opens_minute, closes_minute)| {
            let span = OpeningSpan {
                day,
                opens_minute,
                closes_minute,
            };
            (id, span)
        });
    Ok(spans.collect())
}

async fn lock_departments(
    connection: &mut MySqlConnection,
    ids: &[u64],
) -> Result<Vec<(u64, RunsDepartment)>, Error> {
    let mut query = QueryBuilder::new(
        "select institution_id, department_id, specialist_count from institution_departments where institution_id in (",
    );
    push_list(&mut query, ids.iter().copied());
    query.push(") for update");
    let rows: Vec<(u64, u16, Option<u16>)> = query
        .build_query_as()
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let departments = rows
        .into_iter()
        .map(|(id, department_id, specialist_count)| {
            let department = RunsDepartment {
                department_id,
                specialist_count,
            };
            (id, department)
        });
    Ok(departments.collect())
}

/// Rows that a batch makes vanish or appear. A row whose figures changed does both.
#[derive(Default)]
pub(super) struct Differences {
    gone_hours: Vec<(u64, OpeningSpan)>,
    new_hours: Vec<(u64, OpeningSpan)>,
    gone_departments: Vec<(u64, RunsDepartment)>,
    new_departments: Vec<(u64, RunsDepartment)>,
}

impl Differences {
    /// Notes what differs between what is stored of institution `id` and what `new` tells; whether anything does.
    pub(super) fn add(&mut self, id: u64, stored: &Children, new: &NewInstitution) -> bool {
        let (gone, come) = (&mut self.gone_hours, &mut self.new_hours);
        let hours_differ = differ(id, &stored.hours, &new.hours, gone, come);
        let (gone, come) = (&mut self.gone_departments, &mut self.new_departments);
        let departments_differ = differ(id, &stored.departments, &new.departments, gone, come);
        hours_differ || departments_differ
    }

    pub(super) async fn write(&self, connection: &mut MySqlConnection) -> Result<(), Error> {
        for rows in self.gone_hours.chunks(DELETED_ROWS_MAX) {
            delete_hours(connection, rows).await?;
        }
        for rows in self.new_hours.chunks(INSERTED_ROWS_MAX) {
            insert_hours(connection, rows).await?;
        }
        for rows in self.gone_departments.chunks(DELETED_ROWS_MAX) {
            delete_departments(connection, rows).await?;
        }
        for rows in self.new_departments.chunks(INSERTED_ROWS_MAX) {
            insert_departments(connection, rows).await?;
        }
        Ok(())
    }
}

async fn delete_hours(
    connection: &mut MySqlConnection,
    rows: &[(u64, OpeningSpan)],
) -> Result<(), Error> {
    let mut query = QueryBuilder::<MySql>::new("delete from opening_hours where ");
    let mut or = query.separated(" or ");
    for (id, span) in rows {
        or.push("(institution_id = ").push_bind_unseparated(*id);
        or.push_unseparated(" and day = ")
            .push_bind_unseparated(span.day);
        or.push_unseparated(" and opens_minute = ")
            .push_bind_unseparated(span.opens_minute)
            .push_unseparated(")");
    }
    query.build().persistent(false).execute(connection).await?;
    Ok(())
}

async fn insert_hours(
    connection: &mut MySqlConnection,
    rows: &[(u64, OpeningSpan)],
) -> Result<(), Error> {
    let mut query = QueryBuilder::<MySql>::new(
        "insert into opening_hours (institution_id, day, opens_minute, closes_minute) ",
    );
    query.push_values(rows, |mut row, (id, span)| {
        row.push_bind(*id)
            .push_bind(span.day)
            .push_bind(span.opens_minute)
            .push_bind(span.closes_minute);
    });
    query.build().persistent(false).execute(connection).await?;
    Ok(())
}

async fn delete_departments(
    connection: &mut MySqlConnection,
    rows: &[(u64, RunsDepartment)],
) -> Result<(), Error> {
    let mut query = QueryBuilder::<MySql>::new("delete from institution_departments where ");
    let mut or = query.separated(" or ");
    for (id, department) in rows {
        or.push("(institution_id = ").push_bind_unseparated(*id);
        or.push_unseparated(" and department_id = ")
            .push_bind_unseparated(department.department_id)
            .push_unseparated(")");
    }
    query.build().persistent(false).execute(connection).await?;
    Ok(())
}

async fn insert_departments(
    connection: &mut MySqlConnection,
    rows: &[(u64, RunsDepartment)],
) -> Result<(), Error> {
    let mut query = QueryBuilder::<MySql>::new(
        "insert into institution_departments (institution_id, department_id, specialist_count) ",
    );
    query.push_values(rows, |mut row, (id, department)| {
        row.push_bind(*id)
            .push_bind(department.department_id)
            .push_bind(department.specialist_count);
    });
    query.build().persistent(false).execute(connection).await?;
    Ok(())
}

/// What must go and what must come so that `stored` becomes what is told; whether anything must.
fn differ<T: Copy + Ord>(
    id: u64,
    stored: &BTreeSet<T>,
    told: &Told<BTreeSet<T>>,
    gone: &mut Vec<(u64, T)>,
    new: &mut Vec<(u64, T)>,
) -> bool {
    let Told::Value(told) = told else {
        return false;
    };
    gone.extend(stored.difference(told).map(|row| (id, *row)));
    new.extend(told.difference(stored).map(|row| (id, *row)));
    stored != told
}
