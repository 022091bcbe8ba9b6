//! Every promise of the project that needs more than one room.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod domain;
mod faults;
mod image;
mod projection;
mod published;
mod reading;
mod recording;
mod review;
mod scenario;
#[path = "../servers/mod.rs"]
mod servers;
mod simulate;
mod store;
mod tidy;
