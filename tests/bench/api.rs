//! What the API costs beside its store: 200 clients, each with a token of its own, hand reports in over
//! connections that they keep, and look at what became of them. Then as many appends of the same size by as many
//! tasks straight into a store on the same disk, in the same run.
//!
//! In the end the server is stopped, and every submission that it acknowledged has to be in the log, once, where
//! it said. With `SOCAI_LONG=1` the load lasts 60 seconds.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

#[path = "../api/accounts.rs"]
mod accounts;
#[path = "api/clients.rs"]
mod clients;
#[path = "api/kept.rs"]
mod kept;
#[path = "api/latency.rs"]
mod latency;
#[path = "api/offices.rs"]
mod offices;
#[path = "../api/server.rs"]
mod server;
#[path = "api/store.rs"]
mod store;

use std::time::Duration;

use latency::print;
use server::{Home, Server};

/// As the binary has it: the store that is measured in this process allocates as the server does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Clients, each an office with an account.
const CLIENTS: usize = 200;

fn main() {
    let lasts = Duration::from_secs(match (long(), short()) {
        (true, _) => 60,
        (false, true) => 3,
        (false, false) => 20,
    });
    // On the disk that the build is on, which a temporary directory may not be.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let home = Home::within(dir, &offices::lines(lasts));
    home.configure(offices::LIMITS);
    let server = Server::start(&home.config());
    let done = clients::work(server.address(), lasts);
    let peak = server.resident_kib();
    server.stop();
    let bytes = kept::check(&home.ledger(), &done.acknowledged);
    let own = store::appends(done.acknowledged.len(), bytes);

    println!("\n{CLIENTS} clients for {} s\n", lasts.as_secs());
    println!("                                    count       /s     p50 ms     p99 ms     max ms");
    print("submissions over HTTP", &done.submissions);
    print("reads over HTTP", &done.reads);
    print("the store's own appends", &own);
    let share = done.submissions.rate() / own.rate();
    println!(
        "\nsubmissions over HTTP: {share:.2} × the store's own rate, beside the reads; no error"
    );
    println!(
        "acknowledged and found in the log, each once: {}",
        done.acknowledged.len()
    );
    println!("the server's memory at the end: {} MiB", peak / 1024);
}

/// At full length.
fn long() -> bool {
    std::env::var_os("SOCAI_LONG").is_some()
}

/// `cargo bench -- --test` only wants to know that it runs.
fn short() -> bool {
    std::env::args().any(|argument| argument == "--test")
}
