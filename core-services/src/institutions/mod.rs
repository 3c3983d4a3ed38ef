//! Institutions (요양기관): hospitals, clinics and pharmacies with their place, opening hours and departments. A registry's row becomes a
//! [`NewInstitution`] (parsed, so that what holds one may rely on it), and [`save`] brings a batch of them into the tables.
//! Nothing here knows where the rows come from: files are read by [`crate::import`], synthetic ones are made by [`crate::sample`].

mod address;
mod hours;
mod kind;
mod model;
pub mod store;
mod values;

use sqlx::MySqlPool;

pub use address::{Address, PROVINCES, Province};
pub use hours::{HoursError, OpeningSpan};
pub use kind::Kind;
pub use model::{Details, NewInstitution, OfficialCode, Point, Registry, RunsDepartment, Told};
pub use values::{InvalidValue, count, date, homepage, line, phone, postal_code, stamp};

use crate::Error;
use crate::db::{self, Upserted};

/// The rows of one transaction: large enough to spare round trips, small enough that others hardly wait for its locks, and that its
/// widest statement (hours) stays below the 65,535 placeholders of the protocol.
pub const BATCH_ROWS_MAX: usize = 250;

/// Upserts a batch of at most [`BATCH_ROWS_MAX`] institutions of one registry, with their hours and departments, in one transaction.
/// The batch must not hold two institutions with the same code.
///
/// # Errors
/// [`Error::Database`] or [`Error::Constraint`]; then nothing of the batch is stored.
pub async fn save(
    pool: &MySqlPool,
    registry: Registry,
    batch: &[NewInstitution],
) -> Result<Upserted, Error> {
    db::retried(|| save_once(pool, registry, batch)).await
}

async fn save_once(
    pool: &MySqlPool,
    registry: Registry,
    batch: &[NewInstitution],
) -> Result<Upserted, Error> {
    let mut tx = pool.begin().await?;
    let upserted = store::upsert(&mut tx, registry, batch).await?;
    tx.commit().await?;
    Ok(upserted)
}
