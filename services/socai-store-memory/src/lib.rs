//! A store in memory: every promise of [`EventStore`] but that it outlives the
//! process. For tests and demonstrations; blobs, registers, tiles, checkpoints and
//! credentials are kept beside it in the same way.
//!
//! Deliberately absent: files, limits of its own, faults.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use socai_store::{
    Append, AppendError, Delivery, EventStore, Feed, Guard, Position, ReadError, Recorded,
    Revision, StreamAppend, StreamId, Subscription,
};
use tokio::sync::watch;
use uuid::Uuid;

mod blobs;
mod checkpoints;
mod credentials;
mod marks;
mod register;
mod tiles;

pub use blobs::MemoryBlobs;
pub use checkpoints::MemoryCheckpoints;
pub use credentials::MemoryCredentials;
pub use marks::MemoryMarks;
pub use register::MemoryRegister;
pub use tiles::MemoryTiles;

/// A ledger that is gone with its last clone.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    log: Mutex<Log>,
    head: watch::Sender<Position>,
}

/// Everything recorded, and where to find it.
#[derive(Debug, Default)]
struct Log {
    records: Vec<Recorded>,
    ids: HashMap<Uuid, Position>,
    streams: HashMap<StreamId, Vec<Position>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        let head = watch::Sender::new(Position::ZERO);
        Self {
            shared: Arc::new(Shared {
                log: Mutex::default(),
                head,
            }),
        }
    }
}

impl MemoryStore {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.shared
            .log
            .lock()
            .expect("no code panics while it holds the log")
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn append(&self, append: Append) -> Result<Vec<Position>, AppendError> {
        append.check()?;
        let mut log = self.log();
        if let Some(positions) = log.recorded_before(&append) {
            return Ok(positions);
        }
        log.check(&append)?;
        let positions = log.record(append);
        self.shared.head.send_replace(log.head());
        Ok(positions)
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: Revision,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let log = self.log();
        let positions = log.positions(stream);
        let range = forwards(after.0, limit, positions.len());
        Ok(positions[range]
            .iter()
            .map(|&position| log.at(position).clone())
            .collect())
    }

    async fn read_backwards(
        &self,
        stream: &StreamId,
        before: Option<Revision>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let log = self.log();
        let positions = log.positions(stream);
        let range = backwards(before.map(|before| before.0), limit, positions.len());
        Ok(positions[range]
            .iter()
            .rev()
            .map(|&position| log.at(position).clone())
            .collect())
    }

    async fn read_all(
        &self,
        after: Position,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let log = self.log();
        let range = forwards(after.0, limit, log.records.len());
        Ok(log.records[range].to_vec())
    }

    async fn read_all_backwards(
        &self,
        before: Option<Position>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let log = self.log();
        let range = backwards(before.map(|before| before.0), limit, log.records.len());
        Ok(log.records[range].iter().rev().cloned().collect())
    }

    async fn subscribe(&self, after: Position) -> Result<Subscription, ReadError> {
        let head = self.shared.head.subscribe();
        Ok(Subscription::new(Tail {
            store: self.clone(),
            head,
            last: after,
            told: false,
        }))
    }

    async fn head(&self) -> Result<Position, ReadError> {
        Ok(self.log().head())
    }
}

impl Log {
    fn head(&self) -> Position {
        Position(self.records.len() as u64)
    }

    fn at(&self, position: Position) -> &Recorded {
        let index = usize::try_from(position.0 - 1).expect("what is in memory can be indexed");
        &self.records[index]
    }

    fn after(&self, position: Position) -> Option<&Recorded> {
        self.records.get(usize::try_from(position.0).ok()?)
    }

    fn positions(&self, stream: &StreamId) -> &[Position] {
        self.streams.get(stream).map_or(&[], Vec::as_slice)
    }

    /// The positions of `append` if it has been recorded already, all of it.
    fn recorded_before(&self, append: &Append) -> Option<Vec<Position>> {
        let writes = append
            .writes
            .iter()
            .map(|write| self.write_recorded_before(write));
        writes
            .collect::<Option<Vec<_>>>()
            .map(|positions| positions.concat())
    }

    fn write_recorded_before(&self, write: &StreamAppend) -> Option<Vec<Position>> {
        let from = usize::try_from(write.expected.0).ok()?;
        let to = from.checked_add(write.events.len())?;
        let recorded = self.positions(&write.stream).get(from..to)?;
        let asked = write.events.iter().map(|event| self.ids.get(&event.id));
        asked
            .eq(recorded.iter().map(Some))
            .then(|| recorded.to_vec())
    }

    fn check(&self, append: &Append) -> Result<(), AppendError> {
        for StreamAppend {
            stream, expected, ..
        } in &append.writes
        {
            self.expect(stream, *expected)?;
        }
        for Guard { stream, expected } in &append.guards {
            self.expect(stream, *expected)?;
        }
        let mut events = append.writes.iter().flat_map(|write| &write.events);
        match events.find(|event| self.ids.contains_key(&event.id)) {
            Some(event) => Err(AppendError::IdTaken { id: event.id }),
            None => Ok(()),
        }
    }

    fn expect(&self, stream: &StreamId, expected: Revision) -> Result<(), AppendError> {
        let actual = Revision(self.positions(stream).len() as u64);
        if actual == expected {
            return Ok(());
        }
        Err(AppendError::Conflict {
            stream: stream.clone(),
            expected,
            actual,
        })
    }

    fn record(&mut self, append: Append) -> Vec<Position> {
        let mut given = Vec::with_capacity(append.event_count());
        for write in append.writes {
            let stream = self.streams.entry(write.stream).or_default();
            for event in write.events {
                let position = Position(self.records.len() as u64 + 1);
                self.records.push(Recorded {
                    position,
                    bytes: event.bytes,
                });
                self.ids.insert(event.id, position);
                stream.push(position);
                given.push(position);
            }
        }
        given
    }
}

/// The indexes of at most `limit` items after the first `after`, of `count`.
fn forwards(after: u64, limit: NonZeroU32, count: usize) -> Range<usize> {
    let from = usize::try_from(after).map_or(count, |after| after.min(count));
    from..count.min(from.saturating_add(limit.get() as usize))
}

/// The indexes of the last `limit` items before item `before`, of `count`.
fn backwards(before: Option<u64>, limit: NonZeroU32, count: usize) -> Range<usize> {
    let to = before.map_or(u64::MAX, |before| before.saturating_sub(1));
    let to = usize::try_from(to).map_or(count, |to| to.min(count));
    to.saturating_sub(limit.get() as usize)..to
}

/// A subscription's place in the log.
struct Tail {
    store: MemoryStore,
    head: watch::Receiver<Position>,
    last: Position,
    /// Whether it has been said that the end was reached, since the last record.
    told: bool,
}

#[async_trait]
impl Feed for Tail {
    async fn next(&mut self) -> Result<Delivery, ReadError> {
        loop {
            if let Some(next) = self.store.log().after(self.last) {
                (self.last, self.told) = (next.position, false);
                return Ok(Delivery::Record(next.clone()));
            }
            if !self.told {
                self.told = true;
                return Ok(Delivery::CaughtUp);
            }
            let last = self.last;
            let waited = self.head.wait_for(|head| *head > last).await;
            waited.map_err(|closed| ReadError::Unavailable(closed.into()))?;
        }
    }
}
