//! The ledger over gRPC.
//!
//! Questions and commands are carried by descriptor: a new one needs no line here. Deliberately absent: meaning of
//! its own; connections and TLS, which are those of the HTTP server.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`carry`] | JSON into messages and back |
//! | [`names`] | how commands and questions are called |
//! | [`codec`] | messages on the wire, by descriptor |
//! | [`event_store`] | head, reads, subscriptions |
//! | [`reading`] | a read that goes on page by page |
//! | [`status`] | what went wrong, as a status |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod carry;
mod codec;
mod event_store;
pub mod names;
mod reading;
mod status;
