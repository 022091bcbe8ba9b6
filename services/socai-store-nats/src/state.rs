//! What the tasks of a store share: what is recorded, as far as this process has seen it.
//!
//! Events come in from two sides: an answered append takes its own in at once, the follower takes in
//! everything. They come in only in the order of positions, so whatever is known here has no gap.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use bytes::Bytes;
use socai_store::{AppendError, BackendError, Position, ReadError, Recorded, StreamId};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::connection::Connection;
use crate::error::{Damage, Flaw, Trouble};
use crate::index::Index;
use crate::message::Subjects;

/// Records kept for subscriptions that are nearly there, at most, and their bytes.
const RECENT_RECORDS: usize = 4_096;
const RECENT_BYTES: usize = 16 * 1024 * 1024;

pub(crate) struct Shared {
    pub(crate) connection: Connection,
    /// The stream's name.
    pub(crate) stream: String,
    pub(crate) subjects: Subjects,
    pub(crate) timeout: Duration,
    log: RwLock<Log>,
    head: watch::Sender<Position>,
    damage: OnceLock<Damage>,
    /// Servers that were found not to sync while the ledger was open.
    unsynced: RwLock<Vec<String>>,
    /// The connection, by its number, over which the stream was found to be where this process saw it.
    trusted: watch::Sender<u64>,
}

#[derive(Default)]
struct Log {
    index: Index,
    /// Acknowledged events whose predecessors have not been seen yet.
    early: BTreeMap<u64, Arrival>,
    recent: VecDeque<Recorded>,
    recent_bytes: usize,
}

/// An event that is known to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) stream: StreamId,
    pub(crate) id: Uuid,
    pub(crate) revision: u64,
    /// Its record, where that came along.
    pub(crate) bytes: Option<Bytes>,
}

impl Shared {
    pub(crate) fn new(
        connection: Connection,
        stream: &str,
        subjects: Subjects,
        timeout: Duration,
    ) -> Self {
        Self {
            connection,
            stream: stream.to_owned(),
            subjects,
            timeout,
            log: RwLock::default(),
            head: watch::Sender::new(Position::ZERO),
            damage: OnceLock::new(),
            unsynced: RwLock::default(),
            trusted: watch::Sender::new(0),
        }
    }

    pub(crate) fn head(&self) -> u64 {
        self.head.borrow().0
    }

    pub(crate) fn watch_head(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    /// Asks the index. Not to be held over an await.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Index) -> T) -> T {
        question(&self.log().index)
    }

    fn log(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in events from position `first` on. Those that are known already must be the same.
    pub(crate) fn arrive(&self, first: u64, arrivals: impl IntoIterator<Item = Arrival>) {
        let mut log = self.log.write().unwrap_or_else(PoisonError::into_inner);
        for (position, arrival) in (first..).zip(arrivals) {
            if let Err((position, flaw)) = log.arrive(position, arrival) {
                drop(log);
                self.condemn(position, &flaw);
                return;
            }
        }
        let head = Position(log.index.head());
        drop(log);
        self.head.send_if_modified(|known| {
            let grown = head > *known;
            *known = head.max(*known);
            grown
        });
    }

    /// The records of positions `from` to `to`, if all of them are at hand.
    pub(crate) fn recent(&self, from: u64, to: u64) -> Option<Vec<Recorded>> {
        let log = self.log();
        let first = log.recent.front()?.position.0;
        let skip = usize::try_from(from.checked_sub(first)?).ok()?;
        let count = usize::try_from(to.checked_sub(from)?)
            .ok()?
            .checked_add(1)?;
        let there = skip.checked_add(count)? <= log.recent.len();
        there.then(|| log.recent.range(skip..skip + count).cloned().collect())
    }

    /// Nothing of this ledger is handed out or taken in any more.
    pub(crate) fn condemn(&self, position: u64, flaw: &dyn std::error::Error) {
        let (position, what) = (Position(position), flaw.to_string());
        tracing::error!(%position, what, stream = self.stream, "the ledger is damaged");
        // The first damage is the one that is told.
        let _ = self.damage.set(Damage { position, what });
        // Whoever waits for the head or for trust looks again.
        self.head.send_modify(|_| ());
        self.trusted.send_modify(|_| ());
    }

    /// Takes down which servers do not sync. While there are some nothing is appended.
    pub(crate) fn unsynced(&self, servers: Vec<String>) {
        let mut known = self
            .unsynced
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if *known != servers {
            tracing::error!(?servers, "these servers do not sync what they acknowledge");
            *known = servers;
        }
    }

    /// # Errors
    ///
    /// [`AppendError::Unavailable`] while a server is known not to sync.
    pub(crate) fn expect_synced(&self) -> Result<(), AppendError> {
        let known = self.unsynced.read().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return Ok(());
        }
        let trouble = Trouble::Unsynced(known.clone());
        Err(AppendError::Unavailable(trouble.into()))
    }

    pub(crate) fn damage(&self) -> Option<&Damage> {
        self.damage.get()
    }

    /// # Errors
    ///
    /// [`ReadError::Corrupt`] where damage is known.
    pub(crate) fn expect_sound(&self) -> Result<(), ReadError> {
        self.damage().map_or(Ok(()), |damage| {
            Err(corrupt(damage.position.0, damage.clone()))
        })
    }

    pub(crate) fn trust(&self, connection: u64) {
        self.trusted.send_replace(connection);
    }

    /// Waits until the connection is up and the stream was looked at over it.
    pub(crate) async fn trusted(&self, deadline: Instant) -> Result<(), BackendError> {
        let mut trusted = self.trusted.subscribe();
        let look = async {
            loop {
                if let Some(damage) = self.damage() {
                    return Err(damage.clone().into());
                }
                let link = *self.connection.link.borrow();
                if link.up && *trusted.borrow_and_update() == link.made {
                    return Ok(());
                }
                trusted.changed().await.map_err(|_| Trouble::Closed)?;
            }
        };
        let looked = timeout_at(deadline, look).await;
        looked.unwrap_or_else(|_| Err(Trouble::Disconnected.into()))
    }

    /// Waits until everything up to `position` is known.
    pub(crate) async fn known(&self, position: u64, deadline: Instant) -> Result<(), BackendError> {
        let mut head = self.head.subscribe();
        let there = head.wait_for(|head| head.0 >= position || self.damage().is_some());
        let waited = timeout_at(deadline, there).await;
        waited
            .map_err(|_| Trouble::Late)?
            .map_err(|_| Trouble::Closed)?;
        self.damage()
            .map_or(Ok(()), |damage| Err(damage.clone().into()))
    }
}

impl Log {
    fn arrive(&mut self, position: u64, arrival: Arrival) -> Result<(), (u64, Flaw)> {
        let head = self.index.head();
        if position > head + 1 {
            self.early.insert(position, arrival);
            return Ok(());
        }
        match self.index.id_at(position) {
            Some(expected) if expected != arrival.id => {
                let found = arrival.id;
                Err((position, Flaw::OtherEvent { found, expected }))
            }
            Some(_) => Ok(()),
            None => self.push(arrival),
        }
    }

    /// Takes in the next event, and those that waited for it.
    fn push(&mut self, arrival: Arrival) -> Result<(), (u64, Flaw)> {
        let mut next = Some(arrival);
        while let Some(arrival) = next {
            let position = self.index.head() + 1;
            self.compare_with_early(position, arrival.id)?;
            let pushed = self
                .index
                .push(arrival.stream.as_str(), arrival.id, arrival.revision);
            pushed.map_err(|flaw| (position, flaw))?;
            self.remember(position, arrival.bytes);
            next = self.early.remove(&(position + 1));
        }
        Ok(())
    }

    /// What the server said that it stored here must be what is here.
    fn compare_with_early(&mut self, position: u64, found: Uuid) -> Result<(), (u64, Flaw)> {
        match self.early.remove(&position) {
            Some(Arrival { id: expected, .. }) if expected != found => {
                Err((position, Flaw::OtherEvent { found, expected }))
            }
            _ => Ok(()),
        }
    }

    fn remember(&mut self, position: u64, bytes: Option<Bytes>) {
        let Some(bytes) = bytes else {
            self.recent.clear();
            self.recent_bytes = 0;
            return;
        };
        self.recent_bytes += bytes.len();
        let position = Position(position);
        self.recent.push_back(Recorded { position, bytes });
        while self.recent.len() > RECENT_RECORDS || self.recent_bytes > RECENT_BYTES {
            let oldest = self
                .recent
                .pop_front()
                .expect("what is too much is something");
            self.recent_bytes -= oldest.bytes.len();
        }
    }
}

pub(crate) fn corrupt(position: u64, source: impl Into<BackendError>) -> ReadError {
    let (position, source) = (Position(position), source.into());
    ReadError::Corrupt { position, source }
}
