//! The binary: the command line and the composition root.
//!
//! It opens a data directory, hands what was asked to `socai-app` and shows the answer. Deliberately
//! absent: rules, counting, knowledge of the log's format.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

use std::process::ExitCode;

use clap::Parser;

mod answering;
#[cfg(test)]
mod answers;
mod arguments;
mod at_rest;
mod backup_dir;
mod blobs;
mod commands;
mod config;
mod credentials;
mod data_dir;
mod lines;
mod log;
mod log_keys;
mod measured;
mod memory;
mod named;
mod new_key;
#[cfg(test)]
mod offered;
mod on_nats;
mod origin;
mod output;
mod place;
mod progress;
mod recorder;
mod restoring;
mod roles;
mod rounds;
mod scenario;
mod sealing;
mod serving;
mod stop;
mod tls;
mod traces;
mod who_asks;
mod witness_dir;
mod witnesses;

/// Facts are made on one thread and dropped on another, which the C library's allocator serialises: with
/// it a cold fold takes twice as long.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    match commands::run(arguments) {
        Ok(exit) => exit,
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("socai: {error:#}");
            ExitCode::from(1)
        }
    }
}
