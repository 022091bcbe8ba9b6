//! A log of checkpoints that is gone with its last clone.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::{AddError, CheckpointError, CheckpointLog, NOTE_BYTES_MAX};

/// Every promise of [`CheckpointLog`] but that it outlives the process.
#[derive(Debug, Clone, Default)]
pub struct MemoryCheckpoints {
    notes: Arc<Mutex<Vec<Bytes>>>,
}

impl MemoryCheckpoints {
    fn notes(&self) -> MutexGuard<'_, Vec<Bytes>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CheckpointLog for MemoryCheckpoints {
    async fn len(&self) -> Result<u64, CheckpointError> {
        Ok(self.notes().len() as u64)
    }

    async fn read(&self, after: u64, limit: NonZeroU32) -> Result<Vec<Bytes>, CheckpointError> {
        let notes = self.notes();
        let range = crate::forwards(after, limit, notes.len());
        Ok(notes[range].to_vec())
    }

    async fn last(&self) -> Result<Option<(u64, Bytes)>, CheckpointError> {
        let notes = self.notes();
        let last = notes.last().cloned();
        Ok(last.map(|note| (notes.len() as u64, note)))
    }

    async fn append(&self, expected: u64, note: Bytes) -> Result<u64, AddError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(AddError::TooLarge { bytes: note.len() });
        }
        let mut notes = self.notes();
        let entries = notes.len() as u64;
        if entries.checked_sub(1) == Some(expected) && notes.last() == Some(&note) {
            return Ok(entries);
        }
        if entries != expected {
            return Err(AddError::Lost);
        }
        notes.push(note);
        Ok(entries + 1)
    }
}
