//! The real binary, run as its users run it.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod account;
mod attach;
mod backup;
mod bad_input;
mod crash;
mod demo;
mod disk;
mod evidence;
mod golden;
mod independent;
mod inspected;
mod keys;
mod mutations;
mod receipts;
mod record;
mod sealing;
mod serve;
mod socai;
mod tampered;
mod two_histories;
#[path = "../independent/mod.rs"]
mod verifiers;
mod verify;
mod witness;
