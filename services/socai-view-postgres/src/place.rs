//! The projector's row: how far the tables are, who may move them on, and what serves.
//!
//! ```text
//! new ──► running ──► stopped
//!            │  ▲
//!            ▼  │ started again
//!          parked
//! ```

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use socai_store::Position;
use tokio_postgres::{Client, GenericClient, Row, Transaction};

use crate::batch::Batch;
use crate::connect::{Role, connect};
use crate::error::Error;
use crate::layout::LAYOUT;
use crate::rows::bigint;
use crate::settings::Settings;

/// The advisory lock of the projector: whoever holds it is the one, the others stand by.
pub const PROJECTOR_LOCK: i64 = 0x0050_CA10_0002;

/// Where the view is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The last record whose rows are in the tables.
    pub position: Position,
    /// Its id.
    pub record_id: Option<String>,
    /// When the ledger took it in.
    pub recorded_at: Option<Timestamp>,
    /// Where the log ended when the projector last wrote.
    pub log_head: Position,
    /// Counts take-overs.
    pub epoch: i64,
    /// `new`, `running`, `stopped` or `parked`.
    pub state: String,
    /// The record that cannot be folded, and why.
    pub parked: Option<(Position, String)>,
    /// The schema that serves.
    pub serving: String,
    /// When the projector last wrote, or said that it is there.
    pub written_at: Timestamp,
}

const COLUMNS: &str = "position, record_id::text, recorded_at, log_head, epoch, state, parked_at, parked_why, \
     serving, layout, written_at";

/// Reads where the view is.
///
/// # Errors
///
/// [`Error::NotMigrated`], [`Error::OtherLayout`], [`Error::NewerLayout`], [`Error::Unavailable`].
pub async fn status(settings: &Settings) -> Result<Place, Error> {
    let client = connect(settings, Role::Projector).await?;
    read(&client).await
}

pub(crate) async fn read(client: &impl GenericClient) -> Result<Place, Error> {
    let read = format!("SELECT {COLUMNS} FROM control.projection");
    let row = client
        .query_opt(&read, &[])
        .await
        .map_err(or_not_migrated)?;
    place(&row.ok_or(Error::NotMigrated)?)
}

fn place(row: &Row) -> Result<Place, Error> {
    let position = |column: i64| Position(column.unsigned_abs());
    let serving: Option<String> = row.get(8);
    let (Some(serving), Some(layout)) = (serving, row.get::<_, Option<i32>>(9)) else {
        return Err(Error::NotMigrated);
    };
    expect_layout(layout)?;
    let parked_at: Option<i64> = row.get(6);
    let why: Option<String> = row.get(7);
    Ok(Place {
        position: position(row.get(0)),
        record_id: row.get(1),
        recorded_at: row.get(2),
        log_head: position(row.get(3)),
        epoch: row.get(4),
        state: row.get(5),
        parked: parked_at.map(|at| (position(at), why.unwrap_or_default())),
        serving,
        written_at: row.get(10),
    })
}

fn expect_layout(found: i32) -> Result<(), Error> {
    let expected = LAYOUT;
    match found.cmp(&expected) {
        Ordering::Less => Err(Error::OtherLayout { found, expected }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::NewerLayout { found, expected }),
    }
}

/// Fails where the tables that serve are not to be made anew by this program: a later one made them.
pub(crate) async fn expect_none_newer(client: &impl GenericClient) -> Result<(), Error> {
    match read(client).await {
        Err(Error::OtherLayout { .. }) => Ok(()),
        read => read.map(drop),
    }
}

/// A schema or table that is not there was never made.
pub(crate) fn or_not_migrated(error: tokio_postgres::Error) -> Error {
    match error.code().map(tokio_postgres::error::SqlState::code) {
        Some("42P01" | "3F000") => Error::NotMigrated,
        _ => error.into(),
    }
}

/// Whether this session is the projector now. It stays so as long as it lives.
pub(crate) async fn try_lock(client: &Client) -> Result<bool, Error> {
    let lock = "SELECT pg_try_advisory_lock($1)";
    let row = client.query_one(lock, &[&PROJECTOR_LOCK]).await?;
    Ok(row.get(0))
}

/// Takes over: from here on nobody of an older epoch writes anything, and dashboards of today count the days of `due`.
pub(crate) async fn take_over(client: &Client, due: Option<(Date, Date)>) -> Result<Place, Error> {
    // Reads the layout first: tables of another program are not touched.
    read(client).await?;
    let take = format!(
        "UPDATE control.projection SET epoch = epoch + 1, state = 'running', parked_at = NULL, parked_why = NULL, \
         due_from = $1, due_to = $2, written_at = now() RETURNING {COLUMNS}"
    );
    let (from, to) = due.unzip();
    place(&client.query_one(&take, &[&from, &to]).await?)
}

/// Moves the place to the end of `batch`, and keeps every other writer out until the transaction ends.
/// Whether the place was where the batch begins, in `epoch`.
pub(crate) async fn advance(
    transaction: &Transaction<'_>,
    batch: &Batch,
    epoch: i64,
) -> Result<bool, Error> {
    let to = &batch.to;
    let head = batch.head.max(to.position);
    let moved = transaction
        .execute(
            "UPDATE control.projection SET position = $1, record_id = $2::text::uuid, recorded_at = $3, \
             log_head = $4, written_at = now() WHERE epoch = $5 AND position = $6",
            &[
                &bigint(to.position),
                &to.id,
                &to.recorded,
                &bigint(head),
                &epoch,
                &bigint(batch.from),
            ],
        )
        .await?;
    Ok(moved == 1)
}

/// Says that the record at `position` cannot be folded.
pub(crate) async fn park(
    client: &Client,
    epoch: i64,
    position: Position,
    why: &str,
) -> Result<(), Error> {
    let park = "UPDATE control.projection SET state = 'parked', parked_at = $2, parked_why = $3, \
                log_head = greatest(log_head, $2), written_at = now() WHERE epoch = $1";
    client
        .execute(park, &[&epoch, &bigint(position), &why])
        .await?;
    Ok(())
}

/// Says that this projector ended as it was asked to.
pub(crate) async fn stopped(client: &Client, epoch: i64) -> Result<(), Error> {
    let stop = "UPDATE control.projection SET state = 'stopped', written_at = now() \
                WHERE epoch = $1 AND state = 'running'";
    client.execute(stop, &[&epoch]).await?;
    Ok(())
}

/// Says that this projector is there. Whether it is the one of this epoch.
pub(crate) async fn alive(client: &Client, epoch: i64) -> Result<bool, Error> {
    let say = "UPDATE control.projection SET written_at = now() WHERE epoch = $1";
    Ok(client.execute(say, &[&epoch]).await? == 1)
}

/// Ends the session of a projector that has said nothing for `silent_ms` and is in no transaction: its
/// process is stopped, or its machine gone. One in a transaction is left to the server's own limit.
pub(crate) async fn end_silent(client: &Client, silent_ms: u64) -> Result<(), Error> {
    let silent = i64::try_from(silent_ms).unwrap_or(i64::MAX);
    let end = "WITH silent AS (SELECT FROM control.projection \
                 WHERE written_at < now() - $1::bigint * interval '1 millisecond' FOR UPDATE SKIP LOCKED) \
               SELECT pg_terminate_backend(l.pid) FROM silent, pg_locks l \
                JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() \
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
                  AND (l.classid::bigint << 32 | l.objid::bigint) = $2";
    let ended = client.query(end, &[&silent, &PROJECTOR_LOCK]).await?;
    if !ended.is_empty() {
        tracing::warn!("a projector that said nothing for too long was ended");
    }
    Ok(())
}
