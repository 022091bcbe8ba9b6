//! A store whose appends are timed: how long each took, by how it ended.
//!
//! It adds nothing else, and keeps every promise of the store that it stands before.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use socai_store::{
    Append, AppendError, EventStore, Position, ReadError, Recorded, Revision, StreamId,
    Subscription,
};

use crate::appends::{Appends, Outcome};

/// A store whose appends are timed.
pub struct Timed {
    store: Arc<dyn EventStore>,
    appends: Appends,
}

impl Timed {
    /// Stands before `store` and tells `appends`.
    pub fn new(store: Arc<dyn EventStore>, appends: Appends) -> Self {
        Self { store, appends }
    }
}

fn outcome(ended: &Result<Vec<Position>, AppendError>) -> Outcome {
    match ended {
        Ok(_) => Outcome::Recorded,
        Err(AppendError::Conflict { .. }) => Outcome::Conflict,
        Err(
            AppendError::BatchSize { .. }
            | AppendError::TooLarge { .. }
            | AppendError::StreamTwice { .. }
            | AppendError::IdTaken { .. }
            | AppendError::ReadOnly,
        ) => Outcome::Refused,
        Err(AppendError::Unavailable(_)) => Outcome::Failed,
        Err(AppendError::Unknown(_)) => Outcome::Unknown,
    }
}

#[async_trait]
impl EventStore for Timed {
    async fn append(&self, append: Append) -> Result<Vec<Position>, AppendError> {
        let begun = Instant::now();
        let ended = self.store.append(append).await;
        self.appends.ended(outcome(&ended), begun.elapsed());
        ended
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: Revision,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        self.store.read(stream, after, limit).await
    }

    async fn read_backwards(
        &self,
        stream: &StreamId,
        before: Option<Revision>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        self.store.read_backwards(stream, before, limit).await
    }

    async fn read_all(
        &self,
        after: Position,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        self.store.read_all(after, limit).await
    }

    async fn read_all_backwards(
        &self,
        before: Option<Position>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        self.store.read_all_backwards(before, limit).await
    }

    async fn subscribe(&self, after: Position) -> Result<Subscription, ReadError> {
        self.store.subscribe(after).await
    }

    async fn head(&self) -> Result<Position, ReadError> {
        self.store.head().await
    }
}
