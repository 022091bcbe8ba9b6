//! Catch-up, then live.

use std::fmt;

use async_trait::async_trait;

use crate::{ReadError, Recorded};

/// What a subscription hands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The next record. Positions follow one another without a gap.
    Record(Recorded),
    /// Everything that the store held when it last looked has been handed out.
    /// Comes once before the first wait, and again each time that the
    /// subscription has run dry after more records.
    CaughtUp,
}

/// What a store implements to be subscribed to.
#[async_trait]
pub trait Feed: Send {
    /// As [`Subscription::next`].
    async fn next(&mut self) -> Result<Delivery, ReadError>;
}

/// Every record after a position, in order, each exactly once, without end.
pub struct Subscription {
    feed: Box<dyn Feed>,
}

impl Subscription {
    /// A subscription fed by `feed`.
    pub fn new(feed: impl Feed + 'static) -> Self {
        Self {
            feed: Box::new(feed),
        }
    }

    /// The next record, or the marker, or waits for one.
    ///
    /// Dropping the future loses nothing: the next call hands out what this one
    /// would have.
    ///
    /// # Errors
    ///
    /// [`ReadError`]; asking again tries the same place again.
    pub async fn next(&mut self) -> Result<Delivery, ReadError> {
        self.feed.next().await
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Subscription")
    }
}
