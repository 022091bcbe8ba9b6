//! Asked twice with the same key, done once: at the same time, later, and by the process that comes after.

use std::thread;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::client::{Answer, Client};
use crate::server::Server;
use crate::stage::Stage;
use crate::town::{progress, submission};

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

/// A file that is sent again with its key is the same attachment; nothing else goes by that key.
#[test]
fn a_file_sent_again_with_its_key_is_kept_once() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let beside = stage.client(&stage.town.beside);
    let of_a = "/v1/attachments?obligation=r_2024-h1_a&media=text%2Fplain";
    let with = |client: &Client, path: &str, key: &str, content: &[u8]| {
        let headers = [
            ("content-type", "application/octet-stream"),
            ("idempotency-key", key),
        ];
        client.ask(Method::POST, path, &headers, content)
    };
    let first = with(&clerk, of_a, "1", b"a report").expect(201).json();
    let records = stage.records();
    assert_eq!(
        with(&clerk, of_a, "1", b"a report").expect(201).json(),
        first
    );
    assert_eq!(kept(&stage), 1);
    for (path, content) in [
        (of_a, &b"a_report"[..]),
        (of_a, &b"another"[..]),
        (&of_a.replace("text%2Fplain", "text%2Fcsv"), b"a report"),
        (&format!("{of_a}&on=2024-07-02"), b"a report"),
        (
            "/v1/attachments?obligation=t_a&media=text%2Fplain",
            b"a report",
        ),
    ] {
        let other = with(&clerk, path, "1", content);
        assert!(
            matches!(other.status, 404 | 422),
            "{path}: {}",
            other.text()
        );
    }
    let other = with(&clerk, of_a, "1", b"a_report").expect(422);
    assert_eq!(other.code(), "command.id_used");
    assert_eq!((kept(&stage), stage.records()), (1, records));

    // Many at once are one, and a key is an account's own.
    let at_once: Vec<_> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| with(&clerk, of_a, "2", b"a minute").expect(201).json()))
            .collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    assert!(at_once.iter().all(|one| *one == at_once[0]), "{at_once:?}");
    assert_ne!(at_once[0], first);
    assert_eq!(kept(&stage), 2);
    let of_b = of_a.replace("_a&", "_b&");
    let theirs = with(&beside, &of_b, "1", b"a report").expect(201).json();
    assert_ne!(theirs["attachment"], first["attachment"]);
    // A command under the key of a file, and a file under the key of a command.
    let json = [
        ("content-type", "application/json"),
        ("idempotency-key", "1"),
    ];
    let body = submission().to_string();
    let path = "/v1/commands/report.submit";
    let command = clerk.ask(Method::POST, path, &json, body.as_bytes());
    assert_eq!(command.expect(422).code(), "command.id_used");
    let json = [
        ("content-type", "application/json"),
        ("idempotency-key", "3"),
    ];
    clerk
        .ask(Method::POST, path, &json, body.as_bytes())
        .expect(200);
    let file = with(&clerk, of_a, "3", b"a report").expect(422);
    assert_eq!(file.code(), "command.id_used");
    assert_eq!(kept(&stage), 3);

    // Over gRPC the id is the client's own.
    let id = "0192d3a0-0000-7000-8000-000000000001";
    let store = |piece: &str| {
        let filed = json!({"media": "text/plain", "obligation": "r_2024-h1_a", "id": id});
        json!({"call": "socai.v1.Works/StoreAttachment", "requests": [{"filed": filed}, {"piece": piece}]})
    };
    let steps = [store("aGFp"), store("aGFp"), store("aGFq")];
    let told = crate::grpc::took(&stage.server, &stage.town.reporter, &steps);
    assert_eq!(told[0]["code"], "OK", "{told:?}");
    assert_eq!(told[1], told[0]);
    assert_eq!(told[2]["socai_code"], "command.id_used", "{told:?}");
    assert_eq!(kept(&stage), 4);
}

/// How many files are kept.
fn kept(stage: &Stage) -> usize {
    let folders = std::fs::read_dir(stage.home.ledger().join("blobs")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path());
    folders
        .filter(|path| path.is_dir())
        .map(|folder| std::fs::read_dir(folder).unwrap().count())
        .sum()
}
