//! Somebody who asks for much, or for what is not theirs, beside others: they are served as before.

use std::io::Write;
use std::net::TcpStream;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::http::Method;

use crate::client::{Answer, Client, rest, status_of};
use crate::grpc::took;
use crate::stage::Stage;
use crate::town::progress;

const KEY: &str = "0195f7b2-6c1e-7cc0-8a7e-2b6d5f0c1a12";

fn keyed(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    client.ask(Method::POST, path, &headers, body.to_string().as_bytes())
}

fn lines(client: &Client, lines: &[Value]) -> Answer {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let headers = [("content-type", "application/x-ndjson")];
    client.ask(Method::POST, "/v1/commands", &headers, lines.as_bytes())
}

/// The progress of `unit` as a line with an id.
fn line(unit: &str, number: u32, id: &str) -> Value {
    let mut line = progress(number);
    line["data"]["obligation"] = format!("t_{unit}").into();
    line["command"] = "task.progress".into();
    line["id"] = id.into();
    line
}

/// Where the job is that was begun.
fn begun(answer: Answer) -> String {
    answer.expect(202).header("location").to_owned()
}

fn state(client: &Client, job: &str) -> Value {
    client.get(job).expect(200).json()["state"].clone()
}

fn until_it_is(stage: &Stage, client: &Client, job: &str, wanted: &str) {
    stage.server.until(wanted, || state(client, job) == wanted);
}

#[test]
fn whoever_may_record_nothing_is_refused_before_anything_of_it_is_waited_for() {
    let stage = Stage::new();
    let witness = &stage.town.witness;
    for (path, media) in [
        ("/v1/commands", "application/x-ndjson"),
        ("/v1/commands/task.progress", "application/json"),
    ] {
        let mut stream = TcpStream::connect(stage.server.address()).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: socai\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Type: {media}\r\nContent-Length: 1000000\r\n\r\n",
            witness.token
        );
        stream.write_all(head.as_bytes()).unwrap();
        let answer = rest(&mut stream);
        assert_eq!(status_of(&answer), 403, "{path}: {answer}");
        assert!(answer.contains("permission.no_role"), "{path}: {answer}");
    }
    // Over gRPC it is not read: what does not read is not told.
    let unread = json!({"effective": "no day", "task_progress": {"obligation": "no obligation"}});
    let steps =
        [json!({"call": "socai.v1.Commands/RecordMany", "requests": [{"command": unread}]})];
    let told = took(&stage.server, witness, &steps);
    assert_eq!(told[0]["code"], "PERMISSION_DENIED", "{told:?}");
}

#[test]
fn nobody_takes_the_name_of_a_command_from_somebody_else() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let beside = stage.client(&stage.town.beside);
    // What the id of the command of `clerk-a` will be, as its key makes it.
    let hash = Sha256::digest(format!("clerk-a\n{KEY}"));
    let id = uuid::Builder::from_custom_bytes(hash[..16].try_into().unwrap()).into_uuid();
    for (number, id) in [(1, id.to_string()), (2, KEY.to_owned())] {
        let told = lines(&beside, &[line("b", number, &id)]).expect(200);
        assert_eq!(told.json()["outcome"], "recorded", "{}", told.text());
    }
    let other = line("b", 3, "");
    let record = json!({
        "effective": other["effective"], "id": id.to_string(), "task_progress": other["data"],
    });
    let steps = [json!({"call": "socai.v1.Commands/Record", "request": record})];
    // That account gave the same id to another command: it is its own mistake, and of nobody else.
    let told = took(&stage.server, &stage.town.beside, &steps);
    assert_eq!(told[0]["socai_code"], "command.id_used", "{told:?}");
    let path = "/v1/commands/task.progress";
    let told = keyed(&clerk, path, KEY, &progress(1)).expect(200).json();
    assert_eq!(told["outcome"], "recorded", "{told}");
}

#[test]
fn a_command_that_an_account_sends_again_is_known_on_every_wire() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let path = "/v1/commands/task.progress";
    let first = keyed(&clerk, path, KEY, &progress(1)).expect(200).json();
    let records = stage.records();
    let again = lines(&clerk, &[line("a", 1, KEY)]).expect(200).json();
    assert_eq!(again["positions"], first["positions"], "{again}");
    let sent = progress(1);
    let record = json!({"effective": sent["effective"], "id": KEY, "task_progress": sent["data"]});
    let steps = [
        json!({"call": "socai.v1.Commands/Record", "request": record}),
        json!({"call": "socai.v1.Commands/RecordMany", "requests": [{"command": record}]}),
    ];
    for told in took(&stage.server, &stage.town.reporter, &steps) {
        assert_eq!(told["code"], "OK", "{told}");
        let position = &told["answers"][0]["positions"][0];
        assert_eq!(*position, first["positions"][0], "{told}");
    }
    assert_eq!(stage.records(), records);
}

#[test]
fn a_key_for_many_commands_is_refused() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let before = stage.records();
    let headers = [
        ("content-type", "application/x-ndjson"),
        ("idempotency-key", KEY),
    ];
    let body = line("a", 1, KEY).to_string();
    let refused = clerk.ask(Method::POST, "/v1/commands", &headers, body.as_bytes());
    let problem = refused.expect(400).problem();
    assert_eq!(problem["where"], "idempotency-key");
    assert!(problem["detail"].as_str().unwrap().contains("\"id\""));
    assert_eq!(stage.records(), before);
}

fn review() -> Value {
    json!({"document": "d", "from": "2024-01-01", "to": "2024-12-31", "as_of": "2024-07-31"})
}

#[test]
fn a_key_stands_for_one_job() {
    let stage = Stage::new();
    let client = stage.client(&stage.town.inspector);
    let first = keyed(&client, "/v1/reviews", KEY, &review());
    let first = begun(first);
    assert_eq!(begun(keyed(&client, "/v1/reviews", KEY, &review())), first);
    let mut other = review();
    other["to"] = "2024-06-30".into();
    let evidence = json!({"unit": "a", "from": "2024-01-01", "to": "2024-12-31"});
    for (path, body) in [("/v1/reviews", other), ("/v1/evidence", evidence)] {
        let refused = keyed(&client, path, KEY, &body).expect(422);
        assert_eq!(refused.code(), "command.id_used", "{path}");
    }
    assert_eq!(
        client
            .get("/v1/jobs")
            .expect(200)
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn an_account_that_begins_many_jobs_makes_room_of_its_own() {
    let stage = Stage::new();
    let committee = stage.client(&stage.town.inspector);
    let others = begun(committee.post("/v1/reviews", &review()));
    until_it_is(&stage, &committee, &others, "done");
    let chief = stage.client(&stage.town.operator);
    let mut jobs = Vec::new();
    for _ in 0..34 {
        let job = begun(chief.post_nothing("/v1/attachment-audits"));
        until_it_is(&stage, &chief, &job, "done");
        jobs.push(job);
    }
    let known = chief.get("/v1/jobs").expect(200).json();
    assert_eq!(known.as_array().unwrap().len(), 32);
    chief.get(&jobs[1]).expect(404);
    chief.get(&jobs[2]).expect(200);
    committee
        .get(&format!("{others}/files/review.json"))
        .expect(200);
}

#[test]
fn what_a_job_made_is_for_whoever_may_still_have_it_and_what_waits_does_not_begin() {
    let stage = Stage::new();
    let committee = stage.client(&stage.town.inspector);
    let done = begun(committee.post("/v1/reviews", &review()));
    until_it_is(&stage, &committee, &done, "done");
    let file = format!("{done}/files/review.json");
    committee.get(&file).expect(200);
    // As many as run at once wait for what nobody signs.
    let held = [(); 2].map(|()| {
        let asked = json!({"unit": "a", "from": "2024-01-01", "to": "2024-12-31", "cosignatures": 9, "wait": 3600});
        let job = begun(committee.post("/v1/evidence", &asked));
        until_it_is(&stage, &committee, &job, "running");
        job
    });
    let waits = begun(committee.post("/v1/reviews", &review()));
    assert_eq!(state(&committee, &waits), "waiting");
    let chief = stage.client(&stage.town.operator);
    let revoked =
        json!({"effective": "2026-01-03", "data": {"account": "committee", "role": "inspector"}});
    chief
        .post("/v1/commands/account.revoke_role", &revoked)
        .expect(200);

    let refused = committee.get(&file).expect(403);
    assert_eq!(refused.code(), "permission.no_role");
    let id = done.rsplit('/').next().unwrap();
    let watch = [json!({"call": "socai.v1.Works/WatchJob", "request": {"id": id}})];
    let told = took(&stage.server, &stage.town.inspector, &watch);
    assert_eq!(told[0]["code"], "PERMISSION_DENIED", "{told:?}");
    for job in &held {
        committee.ask(Method::DELETE, job, &[], b"").expect(204);
    }
    until_it_is(&stage, &committee, &waits, "failed");
    let standing = committee.get(&waits).expect(200).json();
    let problem = standing["problem"].as_str().unwrap();
    assert!(problem.contains("no role"), "{problem}");
    assert_eq!(standing["files"], json!([]));
}
