//! How long answers and appends took, as metrics: under words of which a client cannot make more, and with examples that
//! lead to the log.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;
use ureq::http::Method;

use crate::client::{PATIENCE, bytes};
use crate::grpc::took;
use crate::server::Server;
use crate::stage::Stage;
use crate::town::progress;

/// What Prometheus is told now.
fn told(stage: &Stage) -> String {
    let operator = stage.client(&stage.town.operator);
    operator.get("/metrics").expect(200).text()
}

/// How often, by the labels of a histogram.
fn times(told: &str, family: &str, labels: &str) -> u64 {
    let series = format!("{family}_count{{{labels}}} ");
    let line = told.lines().find_map(|line| line.strip_prefix(&series));
    line.map_or(0, |count| count.parse().unwrap())
}

const HTTP: &str = "socai_http_request_duration_seconds";
const GRPC: &str = "socai_grpc_request_duration_seconds";
const APPEND: &str = "socai_append_duration_seconds";

#[test]
fn answers_are_counted_under_words_that_no_client_makes_up() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    for number in 0..5 {
        clerk.get("/v1/session").expect(200);
        clerk.get(&format!("/nowhere/{number}")).expect(404);
        clerk.get(&format!("/v1/jobs/{}", uuid::Uuid::from_u128(number)));
        let brewed =
            format!("BREW{number} /v1/session HTTP/1.1\r\nhost: s\r\nconnection: close\r\n\r\n");
        bytes(stage.server.address(), brewed.as_bytes());
    }
    let told = told(&stage);
    let labels = |route: &str, method: &str, status: &str| {
        format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"")
    };
    let counted = |route, method, status| times(&told, HTTP, &labels(route, method, status));
    assert_eq!(counted("/v1/session", "GET", "2xx"), 5, "{told}");
    assert_eq!(counted("unmatched", "GET", "4xx"), 5);
    assert_eq!(counted("/v1/jobs/{job}", "GET", "4xx"), 5);
    assert_eq!(counted("/v1/session", "other", "4xx"), 5);
    for made_up in ["nowhere", "BREW", "00000000-0000"] {
        let series = told.lines().filter(|line| line.starts_with(HTTP));
        let mut series = series.map(|line| line.split(" # ").next().unwrap());
        assert!(!series.any(|line| line.contains(made_up)), "{made_up}");
    }
}

#[test]
fn an_example_is_a_request_that_the_log_knows() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let answer = clerk.get("/v1/session").expect(200);
    let told = told(&stage);
    let id = answer.header("x-request-id");
    let example = format!("# {{request_id=\"{id}\"}}");
    let mut buckets = told.lines().filter(|line| line.starts_with(HTTP));
    assert!(buckets.any(|line| line.contains(&example)), "{told}");
    let known = || stage.server.said().iter().any(|line| line.contains(id));
    stage.server.until("the log has it", known);
}

#[test]
fn calls_are_counted_by_the_code_that_comes_last() {
    let stage = Stage::new();
    let rates = json!({"from": "2024-01-01", "to": "2024-12-31"});
    let steps = [
        json!({"call": "socai.v1.Questions/Rates", "request": rates}),
        json!({"call": "socai.v1.Questions/Rates", "request": rates}),
        json!({"call": "socai.v1.Questions/History", "request": {"obligation": "nobody"}}),
        json!({"call": "socai.v1.EventStore/Read", "request": {}}),
    ];
    let answers = took(&stage.server, &stage.town.inspector, &steps);
    let told = told(&stage);
    for (call, code, count) in [
        (("socai.v1.Questions", "Rates"), "OK", 2),
        (("socai.v1.Questions", "History"), "NOT_FOUND", 1),
        (("socai.v1.EventStore", "Read"), "OK", 1),
    ] {
        let (service, method) = call;
        let labels = format!("service=\"{service}\",method=\"{method}\",code=\"{code}\"");
        assert_eq!(times(&told, GRPC, &labels), count, "{answers:?}\n{told}");
    }
}

/// Somebody listens for as long as the test runs: that is no slow answer.
#[test]
fn whoever_listens_is_counted_when_the_answer_begins() {
    let stage = Stage::new();
    let _listens = listener(&stage.server, &stage.town.inspector.token);
    let told = told(&stage);
    let labels = "route=\"/v1/events\",method=\"GET\",status=\"2xx\"";
    assert_eq!(times(&told, HTTP, labels), 1, "{told}");
}

/// A connection on which updates have begun.
fn listener(server: &Server, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let asked =
        format!("GET /v1/events HTTP/1.1\r\nhost: s\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(asked.as_bytes()).unwrap();
    let mut begins = [0; 15];
    stream.read_exact(&mut begins).unwrap();
    assert_eq!(&begins, b"HTTP/1.1 200 OK");
    stream
}

#[test]
fn each_append_is_counted_by_how_it_ended() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    for number in 0..3 {
        let told = clerk.post("/v1/commands/task.progress", &progress(number));
        told.expect(200);
    }
    // It is so already, and a line that is refused: neither is appended.
    clerk
        .post("/v1/commands/task.progress", &progress(0))
        .expect(200);
    clerk.ask(Method::POST, "/v1/commands/task.claim", &[], b"{}");
    let told = told(&stage);
    let ended = |outcome: &str| times(&told, APPEND, &format!("outcome=\"{outcome}\""));
    assert_eq!(ended("recorded"), 3, "{told}");
    let others = ["conflict", "refused", "failed", "unknown"].map(ended);
    let others: BTreeSet<u64> = others.into();
    assert_eq!(others, BTreeSet::from([0]), "{told}");
}
