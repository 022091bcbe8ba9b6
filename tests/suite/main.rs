//! Every promise of the project that needs more than one room.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod attachments;
mod audit;
mod blob;
mod checkpoints;
mod credentials;
mod domain;
mod faults;
mod grpc;
mod heads;
mod identity;
mod image;
mod independent;
mod live;
mod metrics;
mod moving;
mod oidc;
mod operations;
mod permitted;
mod projection;
mod proto;
mod published;
mod reading;
mod receipts;
mod recording;
mod register;
mod review;
mod runbook;
mod scenario;
mod sealing;
#[path = "../servers/mod.rs"]
mod servers;
mod simulate;
mod store;
mod tidy;
mod tiles;
mod transparency;
mod tricked;
#[path = "../independent/mod.rs"]
mod verifiers;
