//! A city's ledger as it runs: three NATS servers, PostgreSQL, every role twice, clerks who record all the
//! while. Things are killed, paused and cut, round after round; in the end nothing is lost, nothing is there
//! twice, and PostgreSQL says what the image says.
//!
//! A few rounds, or with `SOCAI_LONG=1` many. `SOCAI_SEED` repeats a run's choices; `SOCAI_FAULT=WireCut`
//! makes every round one of that kind, and `SOCAI_ROUNDS` says how many.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

#[path = "../api/accounts.rs"]
mod accounts;
#[path = "../api/client.rs"]
mod client;
#[path = "../observed/counted.rs"]
mod counted;
mod cut_off;
mod drill;
mod faults;
#[path = "../observed/grafana.rs"]
mod grafana;
mod history;
mod load;
mod offices;
mod one_command;
mod processes;
mod scraped;
#[path = "../servers/mod.rs"]
mod servers;
#[path = "../observed/shown.rs"]
mod shown;
#[path = "../observed/sources.rs"]
mod sources;
mod tokens;
#[path = "../api/town.rs"]
mod town;
mod watched;

use std::time::Duration;

use faults::{Dice, Fault};
use load::Load;
use processes::City;

/// Long enough for a machine that does everything at once on two cores.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_city_loses_nothing_whatever_is_done_to_it() {
    let long = std::env::var_os("SOCAI_LONG").is_some();
    let rounds = std::env::var("SOCAI_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.unwrap_or(if long { 63 } else { Fault::ALL.len() });
    let seed = std::env::var("SOCAI_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    println!("SOCAI_SEED={seed}, {rounds} rounds");
    let only = std::env::var("SOCAI_FAULT")
        .ok()
        .map(|name| Fault::named(&name));
    let mut dice = Dice::new(seed);
    let mut city = City::start().await;
    let load = Load::start(&city, seed).await;
    for round in 0..rounds {
        // Every fault comes once before any comes again.
        let fault = only.unwrap_or(Fault::ALL[round % Fault::ALL.len()]);
        load.direct(round as u64 + 1).await;
        let acknowledged = load.acknowledged();
        let what = fault.happen(&mut city, &load, &mut dice).await;
        let appends = load.all_record_again(acknowledged).await;
        let ready = city.all_ready().await;
        let level = city.level(&load).await;
        println!(
            "round {:>2}: {what}; after it, appends by everybody {:.1} s, every role ready {:.1} s, PostgreSQL level {:.1} s",
            round + 1,
            appends.as_secs_f64(),
            (appends + ready).as_secs_f64(),
            (appends + ready + level).as_secs_f64(),
        );
    }
    let told = load.stop().await;
    history::check(&city, &told).await;
}
