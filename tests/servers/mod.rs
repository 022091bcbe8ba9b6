//! Real servers for the tests: each on free ports, in a temporary directory, ended with its value.
//!
//! Where a program is missing the test fails, with the command that installs it.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

pub(crate) mod answers;
pub(crate) mod nats;
pub(crate) mod oidc;
pub(crate) mod postgres;
pub(crate) mod prometheus;
pub(crate) mod proxy;

use std::future::Future;
use std::time::{Duration, Instant};

/// Waits for the thing itself, looking many times a second. Answers how long it took.
pub(crate) async fn until<F>(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> F,
) -> Duration
where
    F: Future<Output = bool>,
{
    let begun = Instant::now();
    let mut turns = tokio::time::interval(Duration::from_millis(20));
    while !look().await {
        assert!(
            begun.elapsed() < patience,
            "after {patience:?} still not: {what}"
        );
        turns.tick().await;
    }
    begun.elapsed()
}
