//! A register that is gone with its last clone.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::{Held, Register, RegisterError, SwapError};

/// Every promise of [`Register`] but that it outlives the process.
#[derive(Debug, Clone, Default)]
pub struct MemoryRegister {
    held: Arc<Mutex<Option<Held>>>,
}

#[async_trait]
impl Register for MemoryRegister {
    async fn read(&self) -> Result<Option<Held>, RegisterError> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(held.clone())
    }

    async fn swap(&self, expected: Option<u64>, value: Bytes) -> Result<u64, SwapError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.as_ref().map(|held| held.version);
        if found != expected {
            return Err(SwapError::Lost);
        }
        let version = found.unwrap_or(0) + 1;
        *held = Some(Held { value, version });
        Ok(version)
    }
}
