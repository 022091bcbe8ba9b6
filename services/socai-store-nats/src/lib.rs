//! The ledger as one stream of NATS JetStream.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod blob;
mod connection;
mod settings;

pub use connection::{ConnectError, Connection, connect};
pub use settings::{Login, Settings, SettingsError, Tls};
