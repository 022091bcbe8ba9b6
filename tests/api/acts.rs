//! Every command, in a history that needs them all, and refusals of every aggregate: what is recorded over HTTP is
//! what the command line records, and what is refused there is refused here, with the same code and sentence.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::client::Answer;
use crate::server::Home;
use crate::stage::Stage;
use crate::town::Town;

/// Who asks what: `actor` is the account whose token is shown.
const ACTS: &str = include_str!("acts.ndjson");

/// Records that `socai init` makes: the ledger, its log key and its operator, with a token of its own.
const FOUNDING: usize = 4;

/// What a report says of a line and what does not depend on the run.
const SAME: [&str; 5] = ["outcome", "positions", "subjects", "code", "message"];

pub(crate) fn acts() -> Vec<Value> {
    ACTS.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn no_command_is_left_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/commands");
    let files = std::fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry
            .unwrap()
            .file_name()
            .into_string()
            .unwrap()
            .replace(".json", "")
    };
    let mut known: BTreeSet<String> = files.map(name).collect();
    known.remove("line");
    let asked = acts();
    let asked = asked
        .iter()
        .map(|act| act["command"].as_str().unwrap().to_owned());
    let asked: BTreeSet<String> = asked.collect();
    assert_eq!(
        known.difference(&asked).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}

#[test]
fn what_is_recorded_over_http_is_what_the_command_line_records() {
    let stage = Stage::new();
    let twin = Home::with(&Town::new().lines());
    let told = twin.run(
        &["record", "-", "--trust-actors", "--format", "json"],
        ACTS.as_bytes(),
    );
    let told: Vec<Value> = told
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let acts = acts();
    assert_eq!(told.len(), acts.len());
    let mut recorded = BTreeSet::new();
    for (act, there) in acts.iter().zip(&told) {
        let here = asked(&stage, act);
        let outcome = there["outcome"].as_str().unwrap();
        let expected = match outcome {
            "recorded" | "unchanged" => 200,
            _ => status(there["code"].as_str().unwrap()),
        };
        assert_eq!(here.status, expected, "{act}: {} but {there}", here.text());
        if expected == 200 {
            let report = here.json();
            for field in SAME {
                assert_eq!(report[field], there[field], "{act}: {report} but {there}");
            }
            recorded.insert(act["command"].as_str().unwrap());
        } else {
            let problem = here.problem();
            let code = over_http(there["code"].as_str().unwrap());
            assert_eq!(problem["code"], code, "{act}: {problem} but {there}");
            if code == "request.no_such_address" {
                continue;
            }
            let detail = plain(&problem["detail"]);
            let message = plain(&there["message"]);
            let same = message.contains(&detail) || detail.contains(&message);
            assert!(same, "{act}: {detail} but {message}");
        }
    }
    assert!(recorded.len() > 50, "{recorded:?}");
    same_records(&stage.home, &twin);
}

/// What is no line there is no body here, and what no command is called is no address.
fn over_http(code: &str) -> &str {
    match code {
        "line.not_a_request" => "request.bad_body",
        "line.unknown_command" => "request.no_such_address",
        _ => code,
    }
}

/// A sentence, without where in the bytes it is about: that each counts in its own way.
fn plain(sentence: &Value) -> String {
    let sentence = sentence.as_str().unwrap_or_default();
    sentence.split(" at line").next().unwrap().to_owned()
}

/// What may not depend on where it was asked: everything but times and ids made at random.
fn same_records(here: &Home, there: &Home) {
    let plain = |mut record: Value| {
        for field in ["id", "recordedtime", "correlationid"] {
            record.as_object_mut().unwrap().remove(field);
        }
        record
    };
    let records = |home: &Home| {
        home.records()
            .into_iter()
            .skip(FOUNDING)
            .map(plain)
            .collect::<Vec<_>>()
    };
    let (here, there) = (records(here), records(there));
    assert_eq!(here.len(), there.len());
    for (here, there) in here.iter().zip(&there) {
        assert_eq!(here, there);
    }
}

pub(crate) fn asked(stage: &Stage, act: &Value) -> Answer {
    let people = stage.town.people();
    let person = people
        .into_iter()
        .find(|person| act["actor"] == person.account.as_str());
    let mut body = act.clone();
    body.as_object_mut().unwrap().remove("actor");
    body.as_object_mut().unwrap().remove("command");
    let path = format!("/v1/commands/{}", act["command"].as_str().unwrap());
    stage.client(person.unwrap()).post(&path, &body)
}

/// The status of a code, as the document tells it.
fn status(code: &str) -> u16 {
    match code.split_once('.') {
        Some(("line", "too_long")) => 413,
        Some(("line", "unknown_command")) => 404,
        Some(("line", "bad_data")) => 422,
        Some(("line", _)) => 400,
        _ => 409,
    }
}

/// Many at once, over the address for lines.
#[test]
fn lines_sent_together_are_told_of_one_by_one() {
    let stage = Stage::new();
    let twin = Home::with(&Town::new().lines());
    let mine: Vec<Value> = acts()
        .into_iter()
        .filter(|act| act["actor"] == "chief")
        .collect();
    let lines: String = mine.iter().map(|act| format!("{act}\n")).collect();
    let there = twin.run(
        &["record", "-", "--trust-actors", "--format", "json"],
        lines.as_bytes(),
    );
    let nameless: String = mine
        .into_iter()
        .map(|mut act| {
            act.as_object_mut().unwrap().remove("actor");
            format!("{act}\n")
        })
        .collect();
    let kind = [("content-type", "application/x-ndjson")];
    let chief = stage.client(&stage.town.operator);
    let answer = chief
        .ask(
            ureq::http::Method::POST,
            "/v1/commands",
            &kind,
            nameless.as_bytes(),
        )
        .expect(200);
    let read = |text: &str| {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect::<Vec<Value>>()
    };
    let (here, there) = (read(&answer.text()), read(&there.out));
    assert_eq!(here.len(), there.len());
    for (here, there) in here.iter().zip(&there) {
        for field in ["line", "outcome", "positions", "subjects", "code"] {
            assert_eq!(here[field], there[field], "{here} but {there}");
        }
        assert_eq!(plain(&here["message"]), plain(&there["message"]));
    }
}
