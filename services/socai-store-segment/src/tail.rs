//! A subscription's place in the log.

use std::collections::VecDeque;

use async_trait::async_trait;
use socai_store::{Delivery, Feed, Position, ReadError, Recorded};
use tokio::sync::watch;

use crate::reader::{self, Reader};

/// Records read ahead, at most.
const AHEAD_RECORDS: u64 = 1_000;

pub(crate) struct Tail {
    reader: Reader,
    head: watch::Receiver<Position>,
    /// The last record handed out.
    last: Position,
    ahead: VecDeque<Recorded>,
    /// Whether it has been said that the end was reached, since the last record.
    told: bool,
}

impl Tail {
    pub(crate) fn new(reader: Reader, head: watch::Receiver<Position>, after: Position) -> Self {
        Self {
            reader,
            head,
            last: after,
            ahead: VecDeque::new(),
            told: false,
        }
    }

    async fn read_ahead(&mut self) -> Result<(), ReadError> {
        let from = self.last.0.saturating_add(1);
        let to = self.last.0.saturating_add(AHEAD_RECORDS);
        let read = move |reader: Reader| reader.range(from, to);
        self.ahead = reader::blocking(self.reader.clone(), read).await?.into();
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
            let last = self.last;
            if self.reader.head() > last.0 {
                self.read_ahead().await?;
                continue;
            }
            if !self.told {
                self.told = true;
                return Ok(Delivery::CaughtUp);
            }
            let waited = self.head.wait_for(|head| *head > last).await;
            waited.map_err(|closed| ReadError::Unavailable(closed.into()))?;
        }
    }
}
