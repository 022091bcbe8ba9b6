//! Records by position, and the position that a time means.

use std::num::NonZeroU32;

use jiff::Timestamp;
use socai_ledger::fact::Fact;
use socai_store::{EventStore, Position, ReadError, Recorded};

use crate::ledger::LoadError;

const ONE: NonZeroU32 = NonZeroU32::MIN;

/// The record at `position`, or `None` past the end.
///
/// # Errors
///
/// As [`EventStore::read_all`].
pub async fn record_at(
    store: &dyn EventStore,
    position: Position,
) -> Result<Option<Recorded>, ReadError> {
    let Some(before) = position.0.checked_sub(1) else {
        return Ok(None);
    };
    let records = store.read_all(Position(before), ONE).await?;
    Ok(records.into_iter().next())
}

/// The records at `positions`, in their order.
///
/// # Errors
///
/// As [`EventStore::read_all`].
pub async fn records_at(
    store: &dyn EventStore,
    positions: &[Position],
) -> Result<Vec<Recorded>, ReadError> {
    let mut records = Vec::with_capacity(positions.len());
    for position in positions {
        records.extend(record_at(store, *position).await?);
    }
    Ok(records)
}

/// How far is looked back for a record that another process, whose clock was ahead, had recorded before.
const LOOK_BACK: u64 = 4_096;

/// The last position of the prefix before the first record that was recorded later than `time`.
///
/// Times of one process never run backwards, so this is a binary search. Where several processes record,
/// a later time may stand a little before an earlier one: what was found is looked back over.
///
/// # Errors
///
/// [`LoadError`] where a record cannot be read.
pub async fn known_at(store: &dyn EventStore, time: Timestamp) -> Result<Position, LoadError> {
    let (mut known, mut later) = (0, store.head().await?.0 + 1);
    while known + 1 < later {
        let middle = Position(known + (later - known) / 2);
        let recorded = record_at(store, middle).await?;
        let by_then = match recorded {
            Some(recorded) => Fact::decode(&recorded)?.recorded <= time,
            None => false,
        };
        if by_then {
            known = middle.0
        } else {
            later = middle.0
        }
    }
    look_back(store, Position(known), time).await
}

async fn look_back(
    store: &dyn EventStore,
    known: Position,
    time: Timestamp,
) -> Result<Position, LoadError> {
    let after = Position(known.0.saturating_sub(LOOK_BACK));
    let Some(limit) = NonZeroU32::new(u32::try_from(known.0 - after.0).unwrap_or(u32::MAX)) else {
        return Ok(known);
    };
    for recorded in store.read_all(after, limit).await? {
        if Fact::decode(&recorded)?.recorded > time {
            return Ok(Position(recorded.position.0 - 1));
        }
    }
    Ok(known)
}
