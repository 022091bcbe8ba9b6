//! The ledger as one stream of NATS JetStream.

pub mod blob;
