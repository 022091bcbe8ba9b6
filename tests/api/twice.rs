//! Asked twice with the same key, done once: at the same time, later, and by the process that comes after.

use std::thread;

use serde_json::Value;
use ureq::http::Method;

use crate::client::{Answer, Client};
use crate::server::Server;
use crate::stage::Stage;
use crate::town::progress;

const KEY: &str = "0195f7b2-6c1e-7cc0-8a7e-2b6d5f0c1a11";

fn send(client: &Client, key: &str, body: &Value) -> Answer {
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    let body = body.to_string();
    client.ask(
        Method::POST,
        "/v1/commands/task.progress",
        &headers,
        body.as_bytes(),
    )
}

#[test]
fn of_many_at_once_with_one_key_one_is_recorded_and_all_are_told_of_it() {
    let stage = Stage::new();
    let before = stage.records();
    let told: Vec<Value> = thread::scope(|scope| {
        let asking = (0..24).map(|_| {
            let clerk = stage.client(&stage.town.reporter);
            scope.spawn(move || send(&clerk, KEY, &progress(1)).expect(200).json())
        });
        let asking: Vec<_> = asking.collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for one in &told {
        assert_eq!(one["positions"], told[0]["positions"], "{told:?}");
        assert_eq!(one["ids"], told[0]["ids"], "{told:?}");
    }
    assert_eq!(told[0]["positions"].as_array().unwrap().len(), 1);
    assert_eq!(stage.records(), before + 1);
}

#[test]
fn the_process_that_comes_after_knows_what_was_done() {
    let mut stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let first = send(&clerk, KEY, &progress(1)).expect(200).json();
    // Something else comes between, so that the command would be decided differently now.
    send(&clerk, "another", &progress(2)).expect(200);
    let records = stage.records();
    for end in ["kill", "stop"] {
        if end == "kill" {
            stage.server.kill9();
            stage.server = Server::start(&stage.home.config());
        } else {
            let next = stage.home.config();
            let Stage { town, server, home } = stage;
            server.stop();
            let server = Server::start(&next);
            stage = Stage { town, server, home };
        }
        let clerk = stage.client(&stage.town.reporter);
        let again = send(&clerk, KEY, &progress(1)).expect(200).json();
        assert_eq!(again["positions"], first["positions"], "{end}: {again}");
        assert_eq!(again["ids"], first["ids"], "{end}: {again}");
        assert_eq!(stage.records(), records, "{end}");
    }
}

#[test]
fn a_key_stands_for_one_command_of_one_account() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    send(&clerk, KEY, &progress(1)).expect(200);
    let records = stage.records();
    // The same key with other words is a mistake of the program that asks.
    let other = send(&clerk, KEY, &progress(2));
    assert!(matches!(other.status, 409 | 422), "{}", other.text());
    assert!(["command.id_used", "request.key_reused"].contains(&other.code().as_str()));
    assert_eq!(stage.records(), records);
    // Somebody else's key of the same name is their own, and tells nothing of whose it was before.
    let beside = stage.client(&stage.town.beside);
    let mut body = progress(1);
    body["data"]["obligation"] = "t_b".into();
    let told = send(&beside, KEY, &body).expect(200).json();
    assert_eq!(told["subjects"][0], "obligation.t_b", "{told}");
    assert_eq!(stage.records(), records + 1);
}

#[test]
fn what_was_refused_may_be_asked_again_with_its_key() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let mut early = progress(1);
    early["effective"] = "2014-02-01".into();
    let refused = send(&clerk, KEY, &early).expect(409);
    assert_eq!(refused.code(), "obligation.before_assignment");
    send(&clerk, KEY, &progress(1)).expect(200);
}

#[test]
fn a_key_is_a_short_text() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let before = stage.records();
    for key in [
        "",
        "hai tiếng",
        "a b",
        &"k".repeat(256),
        &"k".repeat(100_000),
    ] {
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let body = progress(1).to_string();
        let path = "/v1/commands/task.progress";
        // Where the head is too long, the connection ends, and there may be no answer.
        if let Ok(answer) = clerk.try_ask(Method::POST, path, &headers, body.as_bytes()) {
            assert!((400..=431).contains(&answer.status), "{}", answer.text());
        }
    }
    assert_eq!(stage.records(), before);
}
