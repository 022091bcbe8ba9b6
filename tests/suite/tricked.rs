//! A store whose appends go wrong as a test wants, and whose reads are those of the memory store.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use socai_store::{
    Append, AppendError, EventStore, Position, ReadError, Recorded, Revision, StreamId,
    Subscription,
};
use socai_store_memory::MemoryStore;

/// What becomes of an append.
#[async_trait]
pub(crate) trait Trick: Send + Sync {
    /// Appends to `store`, or does not, and answers.
    async fn append(
        &self,
        store: &MemoryStore,
        append: Append,
    ) -> Result<Vec<Position>, AppendError>;
}

/// The memory store, with a trick.
pub(crate) struct Tricked<T> {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) trick: T,
}

#[async_trait]
impl<T: Trick> EventStore for Tricked<T> {
    async fn append(&self, append: Append) -> Result<Vec<Position>, AppendError> {
        self.trick.append(&self.store, append).await
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
