//! Where the words of events come from.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use socai_ledger::Fact;
use socai_store::{EventStore, Position};

use crate::ledger::LoadError;

/// Records read at once. Positions of a review lie close together, so most of what is read is needed.
const READ_CHUNK: NonZeroU32 = NonZeroU32::new(512).expect("not zero");

/// The records of a ledger, as far as somebody has read them.
pub trait Words {
    /// The event at `position`; `None` where it was not read.
    fn fact(&self, position: Position) -> Option<&Fact>;
}

impl Words for BTreeMap<Position, Fact> {
    fn fact(&self, position: Position) -> Option<&Fact> {
        self.get(&position)
    }
}

/// Reads the records at `positions`, which ascend.
///
/// # Errors
///
/// [`LoadError`] where the store cannot be read, or a record does not read.
pub async fn read(
    store: &dyn EventStore,
    positions: &[Position],
) -> Result<BTreeMap<Position, Fact>, LoadError> {
    let mut facts = BTreeMap::new();
    let mut wanted = positions;
    while let Some(first) = wanted.first() {
        let records = store
            .read_all(Position(first.0.saturating_sub(1)), READ_CHUNK)
            .await?;
        let Some(last) = records.last().map(|record| record.position) else {
            return Ok(facts);
        };
        let (here, later) = wanted.split_at(wanted.partition_point(|at| *at <= last));
        for record in records
            .iter()
            .filter(|record| here.binary_search(&record.position).is_ok())
        {
            facts.insert(record.position, Fact::decode(record)?);
        }
        wanted = later;
    }
    Ok(facts)
}
