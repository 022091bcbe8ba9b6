//! Another unit's ids, in every operation of the document: whoever reports for `a` learns nothing of `x` and changes
//! nothing there. A new operation without a row here fails the test.

use serde_json::Value;

use crate::accounts::Person;
use crate::client::Answer;
use crate::document::{Operation, operations};
use crate::stage::Stage;

/// Ids of `x`, by what a parameter of the path or the query is called.
const IDS: &[(&str, &str)] = &[
    ("unit", "x"),
    ("document", "dx"),
    ("obligation", "rx_2024-h1_x"),
    ("requirement", "rx"),
    ("task", "tx"),
    ("inspection", "ix"),
    ("account", "clerk-x"),
    ("group", "qp"),
    ("words", "quận"),
    ("parent", "qh"),
    ("issuer", "qh"),
];

/// What is told of `x` and of what it owes, in no other words.
const SECRETS: &[&str] = &[
    "rx_2024-h1_x",
    "tx_x",
    "Việc riêng",
    "Báo cáo riêng",
    "điều chỉ quận biết",
    "9/BC-PB",
    "Kiểm tra Phường Bưởi",
    "clerk-x",
];

/// What each operation is for whoever only reports for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Its own part of it.
    OwnPart,
    /// Nobody but others.
    Others,
    /// Everybody: there is nothing of any unit in it.
    Everybody,
}

/// A row for each operation that reads. Commands are all in [`acts`](crate::acts).
const READS: &[(&str, For)] = &[
    ("GET /openapi.json", For::Everybody),
    ("GET /problems/{code}", For::Everybody),
    ("GET /v1/rates", For::OwnPart),
    ("GET /v1/obligations", For::OwnPart),
    ("GET /v1/history", For::OwnPart),
    ("GET /v1/search", For::OwnPart),
    ("GET /v1/units", For::OwnPart),
    ("GET /v1/groups", For::OwnPart),
    ("GET /v1/documents", For::OwnPart),
    ("GET /v1/requirements", For::OwnPart),
    ("GET /v1/tasks", For::OwnPart),
    ("GET /v1/inspections", For::Others),
    ("GET /v1/number", For::Everybody),
    ("GET /v1/keys", For::Everybody),
    ("GET /v1/checkpoints", For::Everybody),
    ("GET /metrics", For::Others),
    ("GET /checkpoint", For::Everybody),
    ("GET /tile/{path}", For::Everybody),
    ("GET /tile/entries/{path}", For::Others),
    ("GET /v1/accounts", For::Others),
    ("GET /v1/records", For::Others),
    ("GET /v1/attachments/{attachment}", For::Others),
    ("GET /v1/jobs", For::OwnPart),
    ("GET /v1/jobs/{job}", For::Others),
    ("GET /v1/jobs/{job}/files/{name}", For::Others),
    ("GET /v1/receipts/{position}", For::OwnPart),
    ("GET /v1/session", For::Everybody),
    ("GET /v1/oidc/login", For::Everybody),
    ("GET /v1/oidc/callback", For::Everybody),
];

#[test]
fn whoever_reports_for_a_unit_reads_nothing_of_another() {
    let stage = Stage::new();
    let operations = operations(&stage.server);
    let reads = operations
        .iter()
        .filter(|operation| operation.method == "GET" && !operation.streams);
    let clerk = &stage.town.reporter;
    for operation in reads {
        let row = READS.iter().find(|(name, _)| *name == operation.name());
        let (_, meant) =
            row.unwrap_or_else(|| panic!("{}: whose is it? It needs a row here", operation.name()));
        for query in queries(operation) {
            let path = format!("{}{query}", filled(operation));
            let answer = stage.client(clerk).get(&path);
            nothing_told(&path, &answer);
            if *meant == For::Others {
                // An empty list tells nothing either.
                let text = answer.text();
                let only_headings = text.starts_with('\u{feff}') && text.lines().count() <= 1;
                let empty = text.contains("\"rows\":[]") || only_headings;
                assert!(
                    matches!(answer.status, 400 | 403 | 404) || empty,
                    "{path}: {} {}",
                    answer.status,
                    answer.text()
                );
            }
        }
    }
    for (name, _) in READS {
        let known = operations.iter().any(|operation| operation.name() == *name);
        assert!(known, "{name} is not in the document");
    }
}

/// The same questions tell an inspector of `x`: that they tell a reporter nothing is no accident of the test.
#[test]
fn whoever_inspects_is_told_what_others_are_not() {
    let stage = Stage::new();
    let committee = stage.client(&stage.town.inspector);
    let mut told = String::new();
    for operation in operations(&stage.server)
        .iter()
        .filter(|operation| operation.method == "GET" && !operation.streams)
    {
        for query in queries(operation) {
            let answer = committee.get(&format!("{}{query}", filled(operation)));
            told.push_str(&answer.text());
        }
    }
    for secret in SECRETS {
        assert!(
            told.contains(secret),
            "nothing tells an inspector of {secret}"
        );
    }
}

/// Without parameters where none is needed, and with each that names something of `x`.
fn queries(operation: &Operation) -> Vec<String> {
    let asked: Vec<_> = operation
        .parameters
        .iter()
        .filter(|one| one.place == "query")
        .collect();
    let named = asked.iter().filter_map(|one| {
        let (name, id) = IDS.iter().find(|(name, _)| *name == one.name)?;
        Some(format!("?{name}={}", escaped(id)))
    });
    let mut queries: Vec<String> = named.collect();
    if asked.iter().all(|one| !one.required) {
        queries.push(String::new());
        if asked.iter().any(|one| one.name == "limit") {
            queries.push("?limit=1000".to_owned());
        }
    }
    if asked.iter().any(|one| one.name == "format") {
        let more: Vec<String> = queries
            .iter()
            .map(|query| {
                let joint = if query.is_empty() { '?' } else { '&' };
                format!("{query}{joint}format=csv")
            })
            .collect();
        queries.extend(more);
    }
    queries
}

fn escaped(text: &str) -> String {
    let sign = |byte: u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(sign).collect()
}

fn filled(operation: &Operation) -> String {
    let ids = operation.named().map(|name| {
        let id = IDS.iter().find(|(known, _)| *known == name);
        (name, id.map_or("x", |(_, id)| *id))
    });
    ids.fold(operation.path.clone(), |path, (name, id)| {
        path.replace(&format!("{{{name}}}"), id)
    })
}

fn nothing_told(path: &str, answer: &Answer) {
    assert!(
        answer.status < 500,
        "{path}: {} {}",
        answer.status,
        answer.text()
    );
    let told = answer.text();
    for secret in SECRETS {
        // Whoever names an id sees it again in the sentence that says that there is none.
        if answer.status >= 400 && path.contains(secret) {
            continue;
        }
        assert!(!told.contains(secret), "{path} tells of {secret}: {told}");
    }
}

/// What is not theirs to see and what is not there are told in the same words.
#[test]
fn what_is_not_theirs_is_as_if_it_were_not_there() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    for (parameter, theirs, nobodys) in [("unit", "x", "q"), ("obligation", "tx_x", "tq_q")] {
        for question in ["history", "obligations", "rates"] {
            if question != "history" && parameter == "obligation" {
                continue;
            }
            let ask = |id: &str| {
                clerk.get(
                    &format!("/v1/{question}?{parameter}={id}&from=2024-01-01&to=2024-12-31")
                        .replace(
                            if question == "history" {
                                "&from=2024-01-01&to=2024-12-31"
                            } else {
                                "\0"
                            },
                            "",
                        ),
                )
            };
            let (there, nowhere) = (ask(theirs), ask(nobodys));
            assert_eq!(
                there.status,
                nowhere.status,
                "{question} {parameter}: {} {}",
                there.text(),
                nowhere.text()
            );
            if there.status >= 400 {
                let same = there.said().replace(theirs, nobodys);
                assert_eq!(same, nowhere.said(), "{question} {parameter}");
            }
        }
    }
}

/// What changes or takes out something, with what is asked of `x`. A row for each operation that is no command.
const WORKS: &[(&str, &str)] = &[
    ("POST /v1/attachment-audits?mend=true", ""),
    (
        "POST /v1/attachments?obligation=rx_2024-h1_x&media=text%2Fplain",
        "x",
    ),
    (
        "POST /v1/attachments/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/erasure",
        r#"{"reason":"x","unit":"qh"}"#,
    ),
    (
        "POST /v1/commands",
        r#"{"command":"task.progress","effective":"2024-03-02","data":{"obligation":"tx_x","percent":1}}"#,
    ),
    (
        "POST /v1/evidence",
        r#"{"unit":"x","from":"2024-01-01","to":"2024-12-31"}"#,
    ),
    ("DELETE /v1/jobs/01a219c9-9580-7e51-a694-98f4462be440", ""),
    ("POST /v1/read", r#"{"text":"7-CT/QU"}"#),
    (
        "POST /v1/reviews",
        r#"{"document":"dx","from":"2024-01-01","to":"2024-12-31","as_of":"2024-12-31"}"#,
    ),
    ("DELETE /v1/session", ""),
    ("POST /v1/session", "{}"),
    ("POST /v1/sweeps", r#"{"on":"2024-12-31"}"#),
    ("POST /v1/verifications", "{}"),
    ("POST /v1/verify/bundle", "x"),
    ("POST /v1/verify/bundles?first_bytes=1", "xx"),
    ("POST /v1/verify/receipt", "{}"),
];

#[test]
fn no_work_is_done_upon_another_unit() {
    let stage = Stage::new();
    let before = stage.records();
    let clerk = stage.client(&stage.town.reporter);
    for operation in operations(&stage.server) {
        if operation.method == "GET" || operation.path.starts_with("/v1/commands/") {
            continue;
        }
        let begins = |(row, _): &&(&str, &str)| is_of(row, &operation);
        let row = WORKS.iter().find(begins);
        let (row, body) = row.unwrap_or_else(|| panic!("{} needs a row here", operation.name()));
        let (method, path) = row.split_once(' ').unwrap();
        let media = operation.media.first().map_or("", String::as_str);
        let headers = [("content-type", media)];
        let headers = if media.is_empty() {
            &[][..]
        } else {
            &headers[..]
        };
        let answer = clerk.ask(method.parse().unwrap(), path, headers, body.as_bytes());
        nothing_told(path, &answer);
        assert!(
            !answer.text().contains("\"recorded\""),
            "{row}: {}",
            answer.text()
        );
    }
    assert_eq!(stage.records(), before);
}

/// Whether the row's address is one of the operation's.
fn is_of(row: &str, operation: &Operation) -> bool {
    let (method, path) = row.split_once(' ').unwrap();
    let path = path.split('?').next().unwrap();
    let (mine, its): (Vec<_>, Vec<_>) = (
        path.split('/').collect(),
        operation.path.split('/').collect(),
    );
    let same = |(mine, its): (&&str, &&str)| its.starts_with('{') || mine == its;
    method == operation.method && mine.len() == its.len() && mine.iter().zip(&its).all(same)
}

/// Every command of the history of all commands, with the ids of `x` where those of `a` stand, asked by whoever
/// reports for `a`, and by the office above it.
#[test]
fn no_command_reaches_another_unit() {
    let stage = Stage::new();
    let before = stage.records();
    let mut asked = 0;
    for line in include_str!("acts.ndjson").lines() {
        let act: Value = serde_json::from_str(line).unwrap();
        let command = act["command"].as_str().unwrap().to_owned();
        let mut body = act;
        for field in ["actor", "command"] {
            body.as_object_mut().unwrap().remove(field);
        }
        theirs(&mut body);
        for person in [
            &stage.town.reporter,
            &stage.town.beside,
            &stage.town.consolidator,
            &stage.town.witness,
        ] {
            let answer = ask(&stage, person, &command, &body);
            let told = format!(
                "{command} by {}: {} {}",
                person.account,
                answer.status,
                answer.text()
            );
            assert!((400..500).contains(&answer.status), "{told}");
            nothing_told(&command, &answer);
            asked += u32::from(answer.code().starts_with("permission."));
        }
    }
    assert!(asked > 150, "only {asked} were refused for want of a right");
    assert_eq!(stage.records(), before);
}

fn ask(stage: &Stage, person: &Person, command: &str, body: &Value) -> Answer {
    stage
        .client(person)
        .post(&format!("/v1/commands/{command}"), body)
}

/// What names something of `a` or `tp` names something of `x` or `qh` instead.
fn theirs(value: &mut Value) {
    match value {
        Value::String(text) => {
            let other = match text.as_str() {
                "a" | "b" | "n1" | "n2" | "n3" => "x",
                "tp" => "qh",
                "d" | "d2" => "dx",
                "t" | "t2" | "t3" => "tx",
                "r" | "r2" => "rx",
                "i2" => "ix",
                "clerk-a" | "committee" => "clerk-x",
                text if text.starts_with("t") && (text.ends_with("_a") || text.ends_with("_b")) => {
                    "tx_x"
                }
                text if text.starts_with("r") && (text.ends_with("_a") || text.ends_with("_b")) => {
                    "rx_2024-h1_x"
                }
                _ => return,
            };
            *text = other.to_owned();
        }
        Value::Array(items) => items.iter_mut().for_each(theirs),
        Value::Object(fields) => fields.values_mut().for_each(theirs),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
