//! Blobs in memory: every promise of [`BlobStore`] but that they outlive the process.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use socai_store::blob::{
    BlobAddress, BlobStore, EraseError, GetError, Kept, ListError, PutError, Salted,
};

type Blobs = BTreeMap<BlobAddress, (Timestamp, Bytes)>;

/// Blobs that are gone with their last clone.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    blobs: Arc<Mutex<Blobs>>,
}

impl MemoryBlobs {
    fn blobs(&self) -> MutexGuard<'_, Blobs> {
        self.blobs
            .lock()
            .expect("no code panics while it holds the blobs")
    }
}

#[async_trait]
impl BlobStore for MemoryBlobs {
    async fn keep(&self, salted: Salted) -> Result<(), PutError> {
        let kept = (Timestamp::now(), salted.bytes().clone());
        self.blobs().entry(salted.address()).or_insert(kept);
        Ok(())
    }

    async fn kept(&self, address: &BlobAddress) -> Result<Salted, GetError> {
        match self.blobs().get(address) {
            Some((_, kept)) => Salted::of(*address, kept.clone()),
            None => Err(GetError::NotThere { address: *address }),
        }
    }

    async fn erase(&self, address: &BlobAddress) -> Result<(), EraseError> {
        self.blobs().remove(address);
        Ok(())
    }

    async fn list(
        &self,
        after: Option<BlobAddress>,
        limit: NonZeroU32,
    ) -> Result<Vec<Kept>, ListError> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let blobs = self.blobs();
        let kept = blobs.range((after, Bound::Unbounded));
        let kept = kept.map(|(&address, &(since, _))| Kept { address, since });
        Ok(kept.take(limit.get() as usize).collect())
    }
}
