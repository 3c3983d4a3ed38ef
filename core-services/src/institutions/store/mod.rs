//! SQL of institutions: one batch is read and locked, compared here, and only what differs is written.

use std::collections::HashMap;

use sqlx::{MySqlConnection, MySqlPool, QueryBuilder};

use self::children::{Children, Differences};
use super::{Details, NewInstitution, Registry};
use crate::Error;
use crate::db::{Upserted, push_list};

mod children;

/// Whether there is any institution at all.
///
/// # Errors
/// [`Error::Database`].
pub async fn any(pool: &MySqlPool) -> Result<bool, Error> {
    let first = sqlx::query_scalar!("select id from institutions limit 1")
        .fetch_optional(pool)
        .await?;
    Ok(first.is_some())
}

/// Brings `batch` into the tables: call it inside a transaction. Rows that are equal are not touched, so nothing about them reaches
/// the binlog. An institution that the source no longer has stays as it is.
///
/// # Errors
/// [`Error::Database`] or [`Error::Constraint`].
pub async fn upsert(
    connection: &mut MySqlConnection,
    registry: Registry,
    batch: &[NewInstitution],
) -> Result<Upserted, Error> {
    let mut upserted = Upserted::default();
    if batch.is_empty() {
        return Ok(upserted);
    }
    let stored = lock(connection, registry, batch).await?;
    let mut differences = Differences::default();
    let mut missing = Vec::new();
    for new in batch {
        let Some(stored) = stored.get(&new.official_code.key()) else {
            missing.push(new);
            continue;
        };
        let details = new.over(Some(&stored.details));
        let row_differs = details != stored.details;
        if row_differs {
            update(connection, stored.id, &details).await?;
        }
        if differences.add(stored.id, &stored.children, new) || row_differs {
            upserted.changed += 1;
        } else {
            upserted.unchanged += 1;
        }
    }
    if !missing.is_empty() {
        insert(connection, registry, &missing).await?;
        for (id, new) in number(connection, registry, &missing).await? {
            differences.add(id, &Children::default(), new);
        }
        upserted.inserted = missing.len() as u64;
    }
    differences.write(connection).await?;
    Ok(upserted)
}

/// An institution as stored.
struct Institution {
    id: u64,
    details: Details,
    children: Children,
}

#[derive(sqlx::FromRow)]
struct InstitutionRow {
    id: u64,
    official_code: String,
    #[sqlx(flatten)]
    details: Details,
}

/// The stored institutions of `batch` with their hours and departments, locked until the transaction ends; by the key of their code.
async fn lock(
    connection: &mut MySqlConnection,
    registry: Registry,
    batch: &[NewInstitution],
) -> Result<HashMap<String, Institution>, Error> {
    let mut query = QueryBuilder::new(
        "select id, official_code, name, kind, sido, sigungu, eupmyeondong, address, postal_code, phone, homepage, latitude, \
         longitude, doctor_count, specialist_count, has_emergency_room, parking_spaces, parking_is_free, opened_on, description, \
         source_updated_at \
         from institutions where registry = ",
    );
    query.push_bind(registry).push(" and official_code in (");
    push_list(
        &mut query,
        batch.iter().map(|new| new.official_code.as_str()),
    );
    query.push(") for update");
    let rows: Vec<InstitutionRow> = query
        .build_query_as()
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?;
    let ids: Vec<u64> = rows.iter().map(|row| row.id).collect();
    let mut children = children::lock(connection, &ids).await?;
    let institutions = rows.into_iter().map(|row| {
        let institution = Institution {
            id: row.id,
            details: row.details,
            children: children.remove(&row.id).unwrap_or_default(),
        };
        (row.official_code.to_ascii_lowercase(), institution)
    });
    Ok(institutions.collect())
}

async fn update(connection: &mut MySqlConnection, id: u64, details: &Details) -> Result<(), Error> {
    sqlx::query!(
        "update institutions set name = ?, kind = ?, sido = ?, sigungu = ?, eupmyeondong = ?, address = ?, postal_code = ?, phone = ?, \
         homepage = ?, latitude = ?, longitude = ?, doctor_count = ?, specialist_count = ?, has_emergency_room = ?, parking_spaces = ?, \
         parking_is_free = ?, opened_on = ?, description = ?, source_updated_at = ? where id = ?",
        details.name,
        details.kind,
        details.address.sido,
        details.address.sigungu,
        details.address.eupmyeondong,
        details.address.full,
        details.postal_code,
        details.phone,
        details.homepage,
        details.latitude,
        details.longitude,
        details.doctor_count,
        details.specialist_count,
        details.has_emergency_room,
        details.parking_spaces,
        details.parking_is_free,
        details.opened_on,
        details.description,
        details.source_updated_at,
        id,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert(
    connection: &mut MySqlConnection,
    registry: Registry,
    batch: &[&NewInstitution],
) -> Result<(), Error> {
    let mut query = QueryBuilder::new(
        "insert into institutions (registry, official_code, name, kind, sido, sigungu, eupmyeondong, address, postal_code, phone, \
         homepage, latitude, longitude, doctor_count, specialist_count, has_emergency_room, parking_spaces, parking_is_free, opened_on, \
         description, source_updated_at) ",
    );
    query.push_values(batch, |mut row, new| {
        let details = new.over(None);
        row.push_bind(registry)
            .push_bind(new.official_code.as_str())
            .push_bind(details.name)
            .push_bind(details.kind)
            .push_bind(details.address.sido)
            .push_bind(details.address.sigungu)
            .push_bind(details.address.eupmyeondong)
            .push_bind(details.address.full)
            .push_bind(details.postal_code)
            .push_bind(details.phone)
            .push_bind(details.homepage)
            .push_bind(details.latitude)
            .push_bind(details.longitude)
            .push_bind(details.doctor_count)
            .push_bind(details.specialist_count)
            .push_bind(details.has_emergency_room)
            .push_bind(details.parking_spaces)
            .push_bind(details.parking_is_free)
            .push_bind(details.opened_on)
            .push_bind(details.description)
            .push_bind(details.source_updated_at);
    });
    query.build().persistent(false).execute(connection).await?;
    Ok(())
}

/// The numbers that the server gave to `batch`: there is no `returning` in MySQL.
async fn number<'a>(
    connection: &mut MySqlConnection,
    registry: Registry,
    batch: &[&'a NewInstitution],
) -> Result<Vec<(u64, &'a NewInstitution)>, Error> {
    let mut query =
        QueryBuilder::new("select official_code, id from institutions where registry = ");
    query.push_bind(registry).push(" and official_code in (");
    push_list(
        &mut query,
        batch.iter().map(|new| new.official_code.as_str()),
    );
    query.push(")");
    let rows: Vec<(String, u64)> = query
        .build_query_as()
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let ids: HashMap<String, u64> = rows
        .into_iter()
        .map(|(code, id)| (code.to_ascii_lowercase(), id))
        .collect();
    let numbered = batch.iter().map(|new| {
        let id = ids
            .get(&new.official_code.key())
            .ok_or(sqlx::Error::RowNotFound)?;
        Ok((*id, *new))
    });
    numbered.collect()
}
