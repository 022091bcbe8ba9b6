//! The ledger as one stream of NATS JetStream, for several machines.
//!
//! An event is a message, its position the message's sequence ([`message`]). What is in the stream is
//! known to an index in memory ([`index`]), which a consumer keeps level ([`follower`]); appends are
//! decided there and guarded by the server ([`decision`], [`writer`]). Every start asserts the stream's
//! configuration ([`mod@stream`]) and that servers sync what they acknowledge ([`durability`]). A hole or
//! a rollback stops the ledger, for good and with an alarm.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`settings`] | what an operator writes |
//! | [`connection`] | a connection, shared with whatever else is kept there |
//! | [`register`] | small values that several processes agree on |
//! | [`checkpoints`] | everything that the sealer ever signed |
//!
//! Deliberately absent: what an event means, any repair of damage, any change of the stream once it is
//! made, and trust in JetStream's own memory of message ids.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use socai_store::{
    Append, AppendError, EventStore, Position, ReadError, Recorded, Revision, StreamId,
    Subscription,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

pub mod blob;
mod checkpoints;
mod connection;
mod decision;
mod durability;
mod error;
mod follower;
mod identity;
mod index;
mod message;
mod publish;
mod reader;
mod register;
mod settings;
mod state;
mod stream;
mod tail;
mod together;
mod writer;

pub use checkpoints::NatsCheckpoints;
pub use connection::{ConnectError, Connection, connect};
pub use error::{Damage, OpenError};
pub use register::NatsRegister;
pub use socai_store::Identity;

pub use settings::{Login, Settings, SettingsError, Tls};

use error::Trouble;
use follower::Deliver;
use message::Subjects;
use state::Shared;
use stream::Info;
use together::Together;
use writer::{Request, Writer};

/// How far a ledger was seen, to be asserted when it is opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// A position.
    pub position: Position,
    /// The id of the event there.
    pub id: Uuid,
}

/// What an opened ledger may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Write,
    Read,
}

/// A ledger on JetStream. Dropping it lets appends in flight land, and leaves.
pub struct NatsStore {
    identity: Identity,
    shared: Arc<Shared>,
    unsynced: Vec<String>,
    queue: Option<mpsc::UnboundedSender<Request>>,
    follower: Follower,
}

/// The task that follows the stream ends with the last who needs it.
#[derive(Clone)]
struct Follower {
    _task: Arc<AbortOnDrop>,
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl NatsStore {
    /// Makes a new ledger.
    ///
    /// # Errors
    ///
    /// [`OpenError::Exists`] where the stream is there, and as [`open`](Self::open).
    pub async fn create(
        connection: &Connection,
        settings: &Settings,
        identity: &Identity,
    ) -> Result<Self, OpenError> {
        if ask(connection, settings).await?.is_some() {
            let stream = settings.stream.clone();
            return Err(OpenError::Exists { stream });
        }
        stream::create(connection, &stream::of_events(settings, identity)).await?;
        Self::open(connection, settings, None).await
    }

    /// Opens a ledger for reading and writing, once everything in it is known.
    ///
    /// `reached` is what somebody who has seen the ledger before remembers of it.
    ///
    /// # Errors
    ///
    /// Each says what to do: see [`OpenError`].
    pub async fn open(
        connection: &Connection,
        settings: &Settings,
        reached: Option<Reached>,
    ) -> Result<Self, OpenError> {
        Self::open_for(Use::Write, connection, settings, reached).await
    }

    /// Opens a ledger for reading, as somebody who may not write it. Whether servers sync is not asked.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_read_only(
        connection: &Connection,
        settings: &Settings,
        reached: Option<Reached>,
    ) -> Result<Self, OpenError> {
        Self::open_for(Use::Read, connection, settings, reached).await
    }

    async fn open_for(
        purpose: Use,
        connection: &Connection,
        settings: &Settings,
        reached: Option<Reached>,
    ) -> Result<Self, OpenError> {
        settings.check().map_err(ConnectError::from)?;
        let stream = settings.stream.clone();
        let info = ask(connection, settings).await?;
        let Some(info) = info else {
            return Err(OpenError::NoLedger { stream });
        };
        let identity = info.identity().ok_or(OpenError::NotALedger { stream })?;
        info.expect_format()?;
        info.expect(stream::of_events(settings, &identity))?;
        let unsynced = match purpose {
            Use::Write => durability::unsynced(settings, &info.servers()).await?,
            Use::Read => Vec::new(),
        };
        let mut store = Self::follow(purpose, connection, settings, identity);
        store.unsynced = unsynced;
        store.catch_up(info.state.last_seq).await?;
        store.expect_reached(reached)?;
        if purpose == Use::Write {
            store.write(settings, info.servers());
        }
        Ok(store)
    }

    fn follow(
        purpose: Use,
        connection: &Connection,
        settings: &Settings,
        identity: Identity,
    ) -> Self {
        let subjects = Subjects::new(&settings.prefix);
        let (connection, timeout) = (connection.clone(), settings.request_timeout());
        let shared = Arc::new(Shared::new(connection, &settings.stream, subjects, timeout));
        let usual = match purpose {
            Use::Write => Deliver::Headers,
            Use::Read => Deliver::Records,
        };
        let task = tokio::spawn(follower::follow(shared.clone(), usual));
        let follower = Follower {
            _task: Arc::new(AbortOnDrop(task)),
        };
        Self {
            identity,
            shared,
            unsynced: Vec::new(),
            queue: None,
            follower,
        }
    }

    fn write(&mut self, settings: &Settings, servers: Vec<String>) {
        let (sender, queue) = mpsc::unbounded_channel();
        let writer = Writer::new(self.shared.clone(), Together::of(settings.replicas), queue);
        let follower = self.follower.clone();
        let watching = durability::watch(settings.clone(), servers, self.shared.clone());
        let watching = AbortOnDrop(tokio::spawn(watching));
        tokio::spawn(async move {
            writer.run().await;
            drop((follower, watching));
        });
        self.queue = Some(sender);
    }

    /// Waits until everything up to `last` is known, as long as there is progress.
    async fn catch_up(&self, last: u64) -> Result<(), OpenError> {
        let patience = reader::LEADER_PATIENCE + self.shared.timeout;
        let mut head = self.shared.watch_head();
        loop {
            if let Some(damage) = self.shared.damage() {
                return Err(OpenError::Damaged(damage.clone()));
            }
            let deadline = Instant::now() + patience;
            if head.borrow_and_update().0 >= last && self.shared.trusted(deadline).await.is_ok() {
                return Ok(());
            }
            let moved = timeout(patience, head.changed()).await;
            moved
                .map_err(|_| OpenError::Unavailable(Trouble::Late.into()))?
                .map_err(|_| OpenError::Unavailable(Trouble::Closed.into()))?;
        }
    }

    fn expect_reached(&self, reached: Option<Reached>) -> Result<(), OpenError> {
        match reached {
            Some(Reached { position, id })
                if self.shared.ask(|index| index.id_at(position.0)) != Some(id) =>
            {
                Err(OpenError::RolledBack { position, id })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The connection, for what is kept beside the ledger.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.shared.connection
    }

    /// Whose ledger it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The servers that did not say that they sync what they acknowledge, where that was accepted.
    /// Whoever opened the ledger records them.
    #[must_use]
    pub fn unsynced(&self) -> &[String] {
        &self.unsynced
    }

    /// The position of the last record that this process knows.
    #[must_use]
    pub fn last_position(&self) -> Position {
        Position(self.shared.head())
    }

    /// The last record that this process knows, to be remembered; `None` in an empty ledger.
    #[must_use]
    pub fn reached(&self) -> Option<Reached> {
        let last = |index: &index::Index| (index.head(), index.id_at(index.head()));
        let (position, id) = self.shared.ask(last);
        let position = Position(position);
        id.map(|id| Reached { position, id })
    }

    /// Bytes of the stream on one server; `None` where nobody says now.
    pub async fn bytes(&self) -> Option<u64> {
        let Shared {
            connection, stream, ..
        } = &*self.shared;
        let info = Info::ask(connection, stream).await.ok()??;
        Some(info.state.bytes)
    }

    /// Where the ledger was found to be damaged, if it was. Nothing is read or written since.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        self.shared.damage()
    }
}

async fn ask(connection: &Connection, settings: &Settings) -> Result<Option<Info>, OpenError> {
    let info = Info::ask(connection, &settings.stream).await;
    info.map_err(OpenError::Unavailable)
}

#[async_trait]
impl EventStore for NatsStore {
    async fn append(&self, append: Append) -> Result<Vec<Position>, AppendError> {
        append.check()?;
        self.shared.expect_synced()?;
        let queue = self.queue.as_ref().ok_or(AppendError::ReadOnly)?;
        let (answer, answered) = oneshot::channel();
        let closed = || AppendError::Unknown(Trouble::Closed.into());
        queue
            .send(Request { append, answer })
            .map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: Revision,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let from = after.0.saturating_add(1);
        let to = after.0.saturating_add(u64::from(limit.get()));
        let positions = self
            .shared
            .ask(|index| index.positions(stream.as_str(), from, to));
        reader::records(&self.shared, &positions, Some(stream)).await
    }

    async fn read_backwards(
        &self,
        stream: &StreamId,
        before: Option<Revision>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let positions = self.shared.ask(|index| {
            let last = index.revision(stream.as_str());
            let (from, to) = backwards(before.map(|before| before.0), limit, last);
            index.positions(stream.as_str(), from, to)
        });
        let mut records = reader::records(&self.shared, &positions, Some(stream)).await?;
        records.reverse();
        Ok(records)
    }

    async fn read_all(
        &self,
        after: Position,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let to = after.0.saturating_add(u64::from(limit.get()));
        let to = to.min(self.shared.head());
        reader::range(&self.shared, after.0.saturating_add(1), to).await
    }

    async fn read_all_backwards(
        &self,
        before: Option<Position>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let last = self.shared.head();
        let (from, to) = backwards(before.map(|before| before.0), limit, last);
        let mut records = reader::range(&self.shared, from, to).await?;
        records.reverse();
        Ok(records)
    }

    async fn subscribe(&self, after: Position) -> Result<Subscription, ReadError> {
        self.shared.expect_sound()?;
        Ok(Subscription::new(tail::Tail::new(
            self.shared.clone(),
            after,
        )))
    }

    /// Asks the stream's leader: what any process was told before is seen here from then on.
    async fn head(&self) -> Result<Position, ReadError> {
        let deadline = Instant::now() + self.shared.timeout;
        let asked = writer::catch_up(&self.shared, deadline).await;
        self.shared.expect_sound()?;
        asked.map_err(ReadError::Unavailable)?;
        Ok(self.last_position())
    }
}

/// The first and the last of the `limit` places before `before`, where `last` is the last there is.
fn backwards(before: Option<u64>, limit: NonZeroU32, last: u64) -> (u64, u64) {
    let to = before.map_or(last, |before| last.min(before.saturating_sub(1)));
    (to.saturating_sub(u64::from(limit.get())) + 1, to)
}
