//! Records as they are stored, one a line.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use socai_store::{EventStore, Position};

use crate::trouble::Trouble;

/// Records read at once. They are at most 512 KiB each, and some hundred bytes mostly.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// The records after a position, up to another.
pub struct Lines {
    store: Arc<dyn EventStore>,
    after: Position,
    end: Position,
}

impl Lines {
    /// The records of `store` after `after`, up to `end`.
    pub fn new(store: Arc<dyn EventStore>, after: Position, end: Position) -> Self {
        Self { store, after, end }
    }

    /// How many are left.
    pub fn left(&self) -> u64 {
        self.end.0.saturating_sub(self.after.0)
    }

    /// The next records, each with the end of its line; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; asked again, it tries the same place again.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Trouble> {
        let left = self.left().min(CHUNK.get().into());
        let Some(limit) = u32::try_from(left).ok().and_then(NonZeroU32::new) else {
            return Ok(None);
        };
        let records = self.store.read_all(self.after, limit).await?;
        let Some(last) = records.last() else {
            let end = self.after;
            return Err(Trouble::Stopped(format!(
                "the ledger ends at position {end}, where it had more"
            )));
        };
        self.after = last.position;
        let bytes = records.iter().map(|record| record.bytes.len() + 1).sum();
        let mut lines = BytesMut::with_capacity(bytes);
        for record in &records {
            lines.put_slice(&record.bytes);
            lines.put_u8(b'\n');
        }
        Ok(Some(lines.freeze()))
    }
}
