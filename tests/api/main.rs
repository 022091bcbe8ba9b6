//! The ledger as programs meet it: the real `socai serve`, asked over HTTP and gRPC.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod accounts;
mod client;
mod server;
mod town;
