//! Nothing in a request says who asks, when it was recorded or where it stands: such a field is refused by name,
//! and nothing is recorded.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::stage::Stage;
use crate::town::submission;

/// What only the ledger says, and what nobody knows.
const FOREIGN: &[(&str, &str)] = &[
    ("actor", r#""committee""#),
    ("account", r#""committee""#),
    ("recordedtime", r#""2024-01-01T00:00:00Z""#),
    ("recorded_time", r#""2024-01-01T00:00:00Z""#),
    ("recorded", r#""2024-01-01T00:00:00Z""#),
    ("position", "7"),
    ("revision", "7"),
    ("correlationid", r#""01a219c9-9580-7e51-a694-98f4462be440""#),
    ("source", r#""/elsewhere""#),
    ("specversion", r#""2.0""#),
    ("subject", r#""obligation.rx_2024-h1_x""#),
    ("type", r#""report.accepted.v1""#),
    ("command", r#""report.accept""#),
    ("time", r#""2024-01-01""#),
    ("role", r#""operator""#),
    ("__proto__", "{}"),
];

#[test]
fn a_body_names_nobody_and_no_time() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let before = stage.records();
    for (field, value) in FOREIGN {
        let value: Value = serde_json::from_str(value).unwrap();
        for place in ["", "/data", "/data/submission"] {
            let mut body = submission();
            body.pointer_mut(place).unwrap()[field] = value.clone();
            let answer = clerk.post("/v1/commands/report.submit", &body);
            let told = answer.text();
            if place == "/data/submission" && answer.status == 200 {
                // What a submission says besides is no field of the event either.
                panic!("{field} in {place} was let through: {told}");
            }
            assert!(
                (400..=422).contains(&answer.status),
                "{field} {place}: {told}"
            );
            answer.problem();
            assert!(
                told.contains(field),
                "{place}: {told} does not name {field}"
            );
        }
        let address = format!("/v1/commands/report.submit?{field}=x");
        let answer = clerk.post(&address, &submission()).expect(400);
        assert!(answer.text().contains(field), "{}", answer.text());
    }
    assert_eq!(stage.records(), before);
}

#[test]
fn a_line_among_many_names_nobody_either() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let before = stage.records();
    for (field, value) in FOREIGN.iter().filter(|(field, _)| *field != "command") {
        let mut line = submission();
        line["command"] = "report.submit".into();
        line[field] = serde_json::from_str(value).unwrap();
        let lines = format!("{line}\n");
        let kind = [("content-type", "application/x-ndjson")];
        let answer = clerk.ask(Method::POST, "/v1/commands", &kind, lines.as_bytes());
        let told = answer.text();
        assert!(
            told.contains(field) && !told.contains("\"recorded\""),
            "{field}: {told}"
        );
    }
    assert_eq!(stage.records(), before);
}

#[test]
fn a_question_has_no_parameter_but_its_own() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    for field in [
        "actor", "account", "scope", "within", "today", "now", "as-of", "units[]",
    ] {
        let address = format!("/v1/obligations?from=2024-01-01&to=2024-12-31&{field}=x");
        let answer = clerk.get(&address).expect(400);
        answer.problem();
    }
    let twice = clerk.get("/v1/obligations?from=2024-01-01&from=2024-01-02&to=2024-12-31");
    twice.expect(400).problem();
}

/// A body that is no command gets a sentence and the status of a fault of whoever asks.
#[test]
fn a_body_that_is_no_command_gets_a_sentence() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let before = stage.records();
    let deep = "[".repeat(100_000);
    let wide = format!(
        r#"{{"effective":"2024-07-19","data":{{"obligations":[{}"r"]}}}}"#,
        r#""r","#.repeat(200_000)
    );
    let nested = format!(
        r#"{{"effective":"2024-07-19","data":{}1{}}}"#,
        r#"{"a":"#.repeat(5_000),
        "}".repeat(5_000)
    );
    let bodies: [(&str, &[u8]); 13] = [
        ("nothing", b""),
        ("no JSON", b"obligations=r"),
        ("a list", b"[]"),
        ("null", b"null"),
        ("cut off", br#"{"effective":"2024-07-19","data":{"#),
        ("two", br#"{"effective":"2024-07-19","data":{}}{}"#),
        ("no UTF-8", b"{\"effective\":\"\xff\xfe\"}"),
        ("a NUL", b"{\"effective\":\"2024-07-19\0\",\"data\":{}}"),
        ("a field twice", br#"{"effective":"2024-07-19","effective":"2024-07-18","data":{}}"#),
        ("a number without end", br#"{"effective":"2024-07-19","data":{"obligations":["r_2024-h1_a"],"submission":{"figures":{"n":1e999999}}}}"#),
        ("brackets", deep.as_bytes()),
        ("many", wide.as_bytes()),
        ("deep", nested.as_bytes()),
    ];
    for (what, body) in bodies {
        let kind = [("content-type", "application/json")];
        let answer = clerk.ask(Method::POST, "/v1/commands/report.submit", &kind, body);
        let good = (400..=422).contains(&answer.status);
        assert!(good, "{what}: {} {}", answer.status, answer.text());
        answer.problem();
    }
    let other = [("content-type", "text/xml")];
    let body = submission().to_string();
    let answer = clerk.ask(
        Method::POST,
        "/v1/commands/report.submit",
        &other,
        body.as_bytes(),
    );
    answer.expect(415).problem();
    let packed = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    let answer = clerk.ask(
        Method::POST,
        "/v1/commands/report.submit",
        &packed,
        b"\x1f\x8b\x08\0",
    );
    assert!((400..=422).contains(&answer.status), "{}", answer.text());
    assert_eq!(stage.records(), before);
    let good = clerk.post("/v1/commands/report.submit", &submission());
    assert_eq!(good.expect(200).json()["outcome"], json!("recorded"));
}
