//! The ledger as programs meet it: the real `socai serve`, asked over HTTP and gRPC.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod accounts;
mod acts;
mod body;
mod broken;
mod bytes;
mod client;
mod collector;
mod crash;
mod crowded;
mod crowds;
mod document;
mod drill;
mod foreign;
mod fuzz;
mod grpc;
mod log_in;
mod log_lines;
mod manual;
mod measured;
mod metrics;
mod paths;
mod same;
mod server;
#[path = "../servers/mod.rs"]
mod servers;
mod session;
mod sheets;
mod stage;
mod taken;
mod tokens;
mod town;
mod traces;
mod twice;
mod uploads;
mod works;
