//! A subscription's place in the ledger.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use socai_store::{Delivery, Feed, Position, ReadError, Recorded};
use tokio::sync::watch;

use crate::reader;
use crate::state::Shared;

/// Records read ahead, at most.
const AHEAD_RECORDS: u64 = 1_000;

pub(crate) struct Tail {
    shared: Arc<Shared>,
    head: watch::Receiver<Position>,
    /// The last record handed out.
    last: Position,
    ahead: VecDeque<Recorded>,
    /// Whether it has been said that the end was reached, since the last record.
    told: bool,
}

impl Tail {
    pub(crate) fn new(shared: Arc<Shared>, after: Position) -> Self {
        let head = shared.watch_head();
        let ahead = VecDeque::new();
        Self {
            shared,
            head,
            last: after,
            ahead,
            told: false,
        }
    }

    async fn read_ahead(&mut self) -> Result<(), ReadError> {
        let from = self.last.0 + 1;
        let to = self
            .shared
            .head()
            .min(self.last.0.saturating_add(AHEAD_RECORDS));
        self.ahead = reader::range(&self.shared, from, to).await?.into();
        Ok(())
    }
}

#[async_trait]
impl Feed for Tail {
    async fn next(&mut self) -> Result<Delivery, ReadError> {
        loop {
            if let Some(next) = self.ahead.pop_front() {
                (self.last, self.told) = (next.position, false);
                return Ok(Delivery::Record(next));
            }
            self.shared.expect_sound()?;
            let last = self.last;
            if self.head.borrow_and_update().0 > last.0 {
                self.read_ahead().await?;
                continue;
            }
            if !self.told {
                self.told = true;
                return Ok(Delivery::CaughtUp);
            }
            let waited = self.head.changed().await;
            waited.map_err(|closed| ReadError::Unavailable(closed.into()))?;
        }
    }
}
