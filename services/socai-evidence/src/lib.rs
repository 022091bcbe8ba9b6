//! The evidence bundle: put together, read and judged without the ledger.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod archive;
