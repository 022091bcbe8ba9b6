//! Killed while many record: what was acknowledged is there, and what was not can be asked again and is there once.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use uuid::Uuid;

use crate::server::Server;
use crate::stage::Stage;
use crate::town::progress;

/// Clients at once.
const CLIENTS: u32 = 12;

/// What one request was told: its key, what it said, and the positions, where an answer came.
type Told = (Uuid, u32, Option<Value>);

#[test]
fn what_was_acknowledged_survives_a_killed_server_and_the_rest_comes_once() {
    let mut stage = Stage::new();
    let rounds = if std::env::var_os("SOCAI_LONG").is_some() {
        30
    } else {
        3
    };
    let mut all: Vec<Told> = Vec::new();
    for round in 0..rounds {
        let told = killed_under_load(&mut stage, round, 40 + 37 * (round as usize % 6));
        stage.server = Server::start(&stage.home.config());
        let unanswered = told.iter().filter(|(_, _, positions)| positions.is_none());
        let again: Vec<Told> = unanswered
            .map(|(key, number, _)| {
                let told = send(
                    &stage.server.url(PATH),
                    &stage.town.reporter.token,
                    *key,
                    *number,
                );
                (*key, *number, Some(told.expect("it answers now")))
            })
            .collect();
        all.extend(
            told.into_iter()
                .filter(|(_, _, positions)| positions.is_some()),
        );
        all.extend(again);
    }
    let records = stage.home.records();
    let progressed = |record: &&Value| {
        record["type"] == "task.progressed.v1" && record["subject"] == "obligation.t_a"
    };
    for (_, number, positions) in &all {
        let position = positions.as_ref().unwrap()[0].as_u64().unwrap();
        let record = &records[usize::try_from(position).unwrap() - 1];
        assert_eq!(record["data"]["note"], format!("lần {number}"), "{record}");
    }
    assert_eq!(records.iter().filter(progressed).count(), all.len());
    println!("{} acknowledged over {rounds} kills", all.len());
}

const PATH: &str = "/v1/commands/task.progress";

/// Lets clients record until so many were acknowledged, kills the server, and answers what everybody was told.
fn killed_under_load(stage: &mut Stage, round: u32, enough: usize) -> Vec<Told> {
    let (url, token) = (stage.server.url(PATH), stage.town.reporter.token.clone());
    let (told, done) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (url, token, told, done) = (&url, &token, &told, &done);
            scope.spawn(move || {
                for at in 0.. {
                    let (key, number) = (Uuid::now_v7(), round * 1_000_000 + client * 10_000 + at);
                    let positions = send(url, token, key, number);
                    let over = positions.is_none();
                    told.lock().unwrap().push((key, number, positions));
                    if over {
                        return;
                    }
                    done.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let server = &mut stage.server;
        let waited = catch_unwind(AssertUnwindSafe(|| {
            server.until("enough was acknowledged", || {
                done.load(Ordering::SeqCst) >= enough
            });
        }));
        // Also where it was waited for in vain: the clients end with the server.
        server.kill9();
        waited.unwrap_or_else(|panicked| resume_unwind(panicked));
    });
    told.into_inner().unwrap()
}

/// The positions that were answered; nothing, where no answer came.
pub(crate) fn send(url: &str, token: &str, key: Uuid, number: u32) -> Option<Value> {
    let config = Agent::config_builder().http_status_as_error(false);
    let agent: Agent = config
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let request = agent
        .post(url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("idempotency-key", key.to_string());
    let mut answer = request.send(progress(number).to_string()).ok()?;
    let told = answer.body_mut().read_to_string().ok()?;
    assert_eq!(answer.status(), 200, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    Some(told["positions"].clone())
}
