//! Ports of the memory store on which one chosen call fails, before it took effect, halfway, or after. And calls
//! that let others go first.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::{
    AddError, Append, AppendError, BackendError, CheckpointError, CheckpointLog, EventStore, Held,
    Position, ReadError, Recorded, Register, RegisterError, Revision, StreamId, Subscription,
    SwapError, TileError, TileStore,
};
use socai_tlog::Tile;

/// How the chosen call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It fails, and has no effect.
    Fails,
    /// It has its effect in part, where it has parts, and fails.
    FailsHalfway,
    /// It has its effect, and its answer is lost.
    FailsAfterItTookEffect,
    /// Its answer is lost, and so is every later one: the process is gone.
    Dies,
}

pub(super) const FAULTS: [Fault; 4] = [
    Fault::Fails,
    Fault::FailsHalfway,
    Fault::FailsAfterItTookEffect,
    Fault::Dies,
];

/// Counts the calls of one process, over all its ports.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    made: usize,
    plan: Option<(usize, Fault)>,
    is_dead: bool,
    /// From which it follows how often a call lets others go first.
    chance: Option<u64>,
}

impl Calls {
    /// Lets call `at`, counted from here, go as `fault` says.
    pub(super) fn plan(&self, at: usize, fault: Fault) {
        let mut state = self.state.lock().unwrap();
        (state.made, state.plan) = (0, Some((at, fault)));
    }

    /// Whether the planned call was made. No other fails from here on.
    pub(super) fn heal(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.is_dead = false;
        state.plan.take().is_some_and(|(at, _)| state.made > at)
    }

    /// Calls since the last plan.
    pub(super) fn made(&self) -> usize {
        self.state.lock().unwrap().made
    }

    /// Lets others go first now and then, as `seed` wants it.
    pub(super) fn mix(&self, seed: u64) {
        self.state.lock().unwrap().chance = Some(seed);
    }

    async fn next(&self) -> Option<Fault> {
        for _ in 0..self.turns() {
            tokio::task::yield_now().await;
        }
        let mut state = self.state.lock().unwrap();
        let made = state.made;
        state.made += 1;
        if state.is_dead {
            return Some(Fault::Fails);
        }
        let (_, fault) = state.plan.filter(|(at, _)| *at == made)?;
        state.is_dead = fault == Fault::Dies;
        Some(fault)
    }

    fn turns(&self) -> u64 {
        let mut state = self.state.lock().unwrap();
        let Some(chance) = &mut state.chance else {
            return 0;
        };
        *chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        *chance >> 62
    }

    /// Makes a call that answers what there is.
    async fn look<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        error: impl FnOnce(BackendError) -> E,
    ) -> Result<T, E> {
        match self.next().await {
            None => call.await,
            Some(_) => Err(error("planned".into())),
        }
    }

    /// Makes a call that changes something.
    async fn change<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        unknown: impl FnOnce(BackendError) -> E,
    ) -> Result<T, E> {
        match self.next().await {
            None => call.await,
            Some(Fault::Fails | Fault::FailsHalfway) => Err(unknown("planned".into())),
            Some(Fault::FailsAfterItTookEffect | Fault::Dies) => {
                call.await?;
                Err(unknown("planned".into()))
            }
        }
    }
}

/// A port, with the calls made to it.
#[derive(Clone)]
pub(super) struct Faulty<P> {
    pub(super) port: P,
    pub(super) calls: Calls,
}

#[async_trait]
impl<P: TileStore> TileStore for Faulty<P> {
    async fn read(&self, tile: &Tile) -> Result<Option<Bytes>, TileError> {
        let call = self.port.read(tile);
        self.calls.look(call, TileError::Unavailable).await
    }

    async fn write(&self, mut tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), TileError> {
        let failed = || Err(TileError::Unavailable("planned".into()));
        match self.calls.next().await {
            None => self.port.write(tiles).await,
            Some(Fault::Fails) => failed(),
            Some(Fault::FailsHalfway) => {
                tiles.truncate(tiles.len() / 2);
                self.port.write(tiles).await?;
                failed()
            }
            Some(Fault::FailsAfterItTookEffect | Fault::Dies) => {
                self.port.write(tiles).await?;
                failed()
            }
        }
    }
}

#[async_trait]
impl<P: CheckpointLog> CheckpointLog for Faulty<P> {
    async fn len(&self) -> Result<u64, CheckpointError> {
        let call = self.port.len();
        self.calls.look(call, CheckpointError::Unavailable).await
    }

    async fn read(&self, after: u64, limit: NonZeroU32) -> Result<Vec<Bytes>, CheckpointError> {
        let call = self.port.read(after, limit);
        self.calls.look(call, CheckpointError::Unavailable).await
    }

    async fn last(&self) -> Result<Option<(u64, Bytes)>, CheckpointError> {
        let call = self.port.last();
        self.calls.look(call, CheckpointError::Unavailable).await
    }

    async fn append(&self, expected: u64, note: Bytes) -> Result<u64, AddError> {
        let call = self.port.append(expected, note);
        self.calls.change(call, AddError::Unknown).await
    }
}

#[async_trait]
impl<P: Register> Register for Faulty<P> {
    async fn read(&self) -> Result<Option<Held>, RegisterError> {
        self.calls.look(self.port.read(), RegisterError).await
    }

    async fn swap(&self, expected: Option<u64>, value: Bytes) -> Result<u64, SwapError> {
        let call = self.port.swap(expected, value);
        self.calls.change(call, SwapError::Unknown).await
    }
}

#[async_trait]
impl<P: EventStore> EventStore for Faulty<P> {
    async fn append(&self, append: Append) -> Result<Vec<Position>, AppendError> {
        self.port.append(append).await
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: Revision,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let call = self.port.read(stream, after, limit);
        self.calls.look(call, ReadError::Unavailable).await
    }

    async fn read_backwards(
        &self,
        stream: &StreamId,
        before: Option<Revision>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let call = self.port.read_backwards(stream, before, limit);
        self.calls.look(call, ReadError::Unavailable).await
    }

    async fn read_all(
        &self,
        after: Position,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let call = self.port.read_all(after, limit);
        self.calls.look(call, ReadError::Unavailable).await
    }

    async fn read_all_backwards(
        &self,
        before: Option<Position>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let call = self.port.read_all_backwards(before, limit);
        self.calls.look(call, ReadError::Unavailable).await
    }

    async fn subscribe(&self, after: Position) -> Result<Subscription, ReadError> {
        let call = self.port.subscribe(after);
        self.calls.look(call, ReadError::Unavailable).await
    }

    async fn head(&self) -> Result<Position, ReadError> {
        self.calls
            .look(self.port.head(), ReadError::Unavailable)
            .await
    }
}
