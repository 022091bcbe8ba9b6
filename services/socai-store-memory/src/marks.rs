//! Marks that are gone with their last clone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use socai_store::{Alarm, Mark, MarkError, Marks};

/// Every promise of [`Marks`] but that they outlive the process.
#[derive(Debug, Clone, Default)]
pub struct MemoryMarks {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    mark: Option<Mark>,
    alarm: Option<String>,
}

impl MemoryMarks {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Marks for MemoryMarks {
    async fn mark(&self) -> Result<Option<Mark>, MarkError> {
        Ok(self.kept().mark)
    }

    async fn keep(&self, mark: Mark) -> Result<(), MarkError> {
        self.kept().mark = Some(mark);
        Ok(())
    }

    async fn alarm(&self) -> Result<Option<Alarm>, MarkError> {
        let raised = self.kept().alarm.clone();
        Ok(raised.map(|sentence| Alarm {
            sentence,
            place: "the alarm in memory".to_owned(),
        }))
    }

    async fn raise(&self, sentence: &str) -> Result<(), MarkError> {
        let mut kept = self.kept();
        kept.alarm.get_or_insert_with(|| sentence.to_owned());
        Ok(())
    }
}
