//! What a process says of a request, end to end: the ids in the answer, in the log, in the spans that a collector takes
//! and in the ledger are the same, and nothing that people wrote is among them.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::TcpListener;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::acts::{self, acts};
use crate::client::Client;
use crate::collector::{self, Collector, Seen};
use crate::grpc::took;
use crate::server::Server;
use crate::stage::Stage;
use crate::town::{HISTORY, progress};

/// The trace and the span of a client, and how it names them.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

/// A kind of span, as OTLP counts them.
const SERVER: i32 = 2;

/// The town, with a log of JSON and spans as `traces` say.
fn stage(traces: &str) -> Stage {
    let mut stage = Stage::limited(traces);
    stage.server.kill9();
    let text = std::fs::read_to_string(stage.home.config()).unwrap();
    let text = text.replace("[serve]\n", "[serve]\nlog = \"json\"\n");
    let text = text.replace(r#""sealer"]"#, r#""sealer", "watcher"]"#);
    std::fs::write(stage.home.config(), text).unwrap();
    stage.server = Server::start(&stage.home.config());
    stage
}

/// The lines of a log of JSON.
fn lines(server: &Server) -> Vec<Value> {
    let said = server.said();
    said.iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The line that has `message` and, as `field`, `value`.
fn line(server: &Server, message: &str, field: &str, value: &str) -> Value {
    let has = |line: &Value| line["message"] == message && line[field] == value;
    server.until(message, || lines(server).iter().any(has));
    lines(server).into_iter().find(has).unwrap()
}

/// The one span called so.
fn one(stage: &Stage, collector: &Collector, name: &str) -> Seen {
    let seen = || !collector.named(name).is_empty();
    stage.server.until(name, seen);
    collector.named(name).remove(0)
}

#[test]
fn the_ids_of_a_command_are_the_same_in_answer_log_spans_and_ledger() {
    let collector = Collector::new();
    let stage = stage(&collector.settings());
    let clerk = stage.client(&stage.town.reporter);
    let parent = format!("00-{TRACE}-{SPAN}-01");
    let headers = [
        ("content-type", "application/json"),
        ("traceparent", &parent),
        ("tracestate", "vendor=forged"),
    ];
    let path = "/v1/commands/task.progress";
    let body = progress(7).to_string();
    let answer = clerk
        .ask(Method::POST, path, &headers, body.as_bytes())
        .expect(200);
    let id = answer.header("x-request-id");

    let request = one(&stage, &collector, &format!("POST {path}"));
    assert_eq!(request.attributes["request_id"], id);
    assert_eq!(request.attributes["trace_id"], TRACE);
    assert_eq!(
        (request.trace.as_str(), request.parent.as_str()),
        (TRACE, SPAN)
    );
    assert_eq!(request.kind, SERVER);
    assert_eq!(request.attributes["http.route"], path);
    assert_eq!(request.attributes["http.response.status_code"], "200");
    assert_eq!(request.resource["service.name"], "so-cai");

    let command = one(&stage, &collector, "task.progress");
    assert_eq!(
        (&command.trace, &command.parent),
        (&request.trace, &request.id)
    );
    assert_eq!(command.attributes["outcome"], "recorded");
    assert_eq!(command.attributes["stream"], "obligation.t_a");
    let position = answer.header("socai-position");
    assert_eq!(command.attributes["position"], position);
    for part in ["decide", "append"] {
        let within = |span: &Seen| (&span.trace, &span.parent) == (&command.trace, &command.id);
        let seen = || collector.named(part).iter().any(within);
        stage.server.until(part, seen);
    }

    let command_id = &command.attributes["command_id"];
    let told = line(&stage.server, "command", "command_id", command_id);
    assert_eq!(told["request_id"], id);
    assert_eq!(told["trace_id"], TRACE);
    assert_eq!(told["outcome"], "recorded");
    assert_eq!(told["position"].to_string(), position);
    let told = line(&stage.server, "answered", "request_id", id);
    assert_eq!(told["trace_id"], TRACE);
    assert_eq!(told["route"], path);
    assert_eq!(told["status"], 200);
    let position: usize = position.parse().unwrap();
    let record = &stage.home.records()[position - 1];
    assert_eq!(record["correlationid"], command_id.as_str());
}

#[test]
fn many_commands_that_are_recorded_together_are_told_of_one_by_one() {
    let collector = Collector::new();
    let stage = stage(&collector.settings());
    let clerk = stage.client(&stage.town.reporter);
    let line_of = |number| {
        let body = progress(number);
        let (on, data) = (&body["effective"], &body["data"]);
        format!(
            "{}\n",
            json!({"command": "task.progress", "effective": on, "data": data})
        )
    };
    let body = line_of(1) + &line_of(2);
    let kind = [("content-type", "application/x-ndjson")];
    let path = "/v1/commands?all_or_nothing=true";
    let answer = clerk
        .ask(Method::POST, path, &kind, body.as_bytes())
        .expect(200);
    let span = one(&stage, &collector, "commands");
    assert_eq!(span.attributes["commands"], "2");
    assert_eq!(span.attributes["outcome"], "recorded");
    assert_eq!(span.attributes["position"], answer.header("socai-position"));
    let id = answer.header("x-request-id");
    let told = lines(&stage.server);
    let told = told
        .iter()
        .filter(|line| line["message"] == "command" && line["request_id"] == id);
    let told: BTreeSet<&str> = told
        .map(|line| line["command_id"].as_str().unwrap())
        .collect();
    let records = stage.home.records();
    let last = records.iter().rev().take(2);
    let recorded: BTreeSet<&str> = last
        .map(|record| record["correlationid"].as_str().unwrap())
        .collect();
    assert_eq!(told, recorded);
}

#[test]
fn a_problem_says_what_the_log_calls_the_request() {
    let collector = Collector::new();
    let stage = stage(&collector.settings());
    let clerk = stage.client(&stage.town.reporter);
    let answer = clerk.get("/v1/rates?colour=red");
    let (problem, id) = (answer.problem(), answer.header("x-request-id"));
    assert_eq!(problem["request_id"], id);
    let span = one(&stage, &collector, "GET /v1/rates");
    assert_eq!(problem["trace_id"], span.trace.as_str());
    assert_eq!(span.parent, "", "nobody began it elsewhere");
    let told = line(&stage.server, "answered", "request_id", id);
    assert_eq!(told["trace_id"], span.trace.as_str());
}

/// What is over gRPC comes with the code that stands after the answer.
#[test]
fn a_call_has_its_method_and_its_code() {
    let collector = Collector::new();
    let stage = stage(&collector.settings());
    let steps = [
        json!({"call": "socai.v1.Questions/Rates", "request": {"from": "2024-01-01", "to": "2024-12-31"}}),
        json!({"call": "socai.v1.Questions/History", "request": {"obligation": "nobody"}}),
    ];
    let answers = took(&stage.server, &stage.town.inspector, &steps);
    for (answer, method) in answers.iter().zip(["Rates", "History"]) {
        let span = one(&stage, &collector, &format!("socai.v1.Questions/{method}"));
        assert_eq!(span.attributes["rpc.service"], "socai.v1.Questions");
        assert_eq!(span.attributes["rpc.method"], method);
        let id = &span.attributes["request_id"];
        let told = line(&stage.server, "answered", "request_id", id);
        assert_eq!(told["code"], answer["code"], "{told}");
        assert_eq!(told["account"], "committee");
        let number = if answer["code"] == "OK" { "0" } else { "5" };
        assert_eq!(span.attributes["rpc.grpc.status_code"], number, "{answer}");
    }
}

/// The roles of a process, in traces of their own.
#[test]
fn roles_have_spans_of_their_own() {
    let collector = Collector::new();
    let stage = stage(&collector.settings());
    let sealed = one(&stage, &collector, "seal");
    assert_eq!(sealed.parent, "");
    let watched = one(&stage, &collector, "watch");
    let flagged = one(&stage, &collector, "obligation.flag_late");
    assert_eq!(
        (&flagged.trace, &flagged.parent),
        (&watched.trace, &watched.id)
    );
}

/// No request is slower or fails for it, and nobody has to read the same line every second.
#[test]
fn a_collector_that_is_not_there_is_told_of_once() {
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = deaf.local_addr().unwrap();
    let stage = stage(&collector::settings(address));
    let clerk = stage.client(&stage.town.reporter);
    let silent = "no collector takes spans: they are lost until one does";
    let told = |what: &str| {
        let lines = lines(&stage.server);
        lines.iter().filter(|line| line["message"] == what).count()
    };
    // Each attempt to send is one that comes here and is hung up on.
    for _ in 0..4 {
        clerk.get("/v1/session").expect(200);
        let (mut come, _) = deaf.accept().unwrap();
        let _ = come.read(&mut [0; 64]);
    }
    stage.server.until("it is told", || told(silent) > 0);
    assert_eq!(told(silent), 1, "{:?}", stage.server.said());
    drop(deaf);
    let collector = Collector::at(address);
    let asked = || {
        clerk.get("/v1/session").expect(200);
        !collector.named("GET /v1/session").is_empty()
    };
    stage.server.until("somebody takes them again", asked);
    stage
        .server
        .until("it is told", || told("spans are taken again") == 1);
    assert_eq!(told(silent), 1, "{:?}", stage.server.said());
}

#[test]
fn what_is_left_goes_when_the_process_ends() {
    let collector = Collector::new();
    let stage = stage(&collector.settings());
    let answer = stage.client(&stage.town.reporter).get("/v1/session");
    stage.server.stop();
    let sent = collector.named("GET /v1/session");
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].attributes["request_id"],
        answer.header("x-request-id")
    );
}

/// Of traces that begin here none is sent; of one that the client collects, this part is.
#[test]
fn whoever_began_a_trace_says_whether_it_is_sent() {
    let collector = Collector::new();
    let stage = stage(&(collector.settings() + "ratio = 0.0\n"));
    let clerk = stage.client(&stage.town.reporter);
    clerk.get("/v1/session").expect(200);
    let parent = format!("00-{TRACE}-{SPAN}-01");
    clerk
        .get_with("/v1/session", &[("traceparent", &parent)])
        .expect(200);
    stage.server.stop();
    let sent = collector.seen();
    assert!(!sent.is_empty());
    assert!(sent.iter().all(|span| span.trace == TRACE), "{sent:?}");
}

/// Every command, and nothing of what people wrote in it.
#[test]
fn nothing_that_people_wrote_is_in_the_log_or_in_a_span() {
    let collector = Collector::new();
    let stage = stage(&collector.settings());
    for act in acts() {
        acts::asked(&stage, &act);
    }
    let nobody = Client::with(stage.server.address(), Some("socai_forged"));
    nobody.get("/v1/rates").expect(401);
    let password = "mat-khau-sai-7";
    nobody.post(
        "/v1/session",
        &json!({"account": "clerk-a", "password": password}),
    );
    let mut secrets = written_by_people();
    secrets.extend(stage.town.people().map(|person| person.token.clone()));
    secrets.extend([password, "socai_forged", "forged"].map(String::from));
    assert!(secrets.len() > 50, "{secrets:?}");
    let said = stage.server.stop();
    let seen = collector.seen();
    assert!(said.len() > 100 && seen.len() > 300, "{}", seen.len());
    let spans = seen.iter().map(|span| &span.all);
    for text in said.iter().chain(spans) {
        for secret in &secrets {
            assert!(!text.contains(secret), "{secret:?} stands in {text}");
        }
    }
    for line in said {
        let line: Value = serde_json::from_str(&line).unwrap();
        for field in ["timestamp", "level", "target"] {
            assert!(line[field].is_string(), "{line}");
        }
        if line["message"] == "answered" || line["message"] == "command" {
            let whose = [&line["request_id"], &line["role"]];
            assert!(whose.iter().any(|id| id.is_string()), "{line}");
        }
    }
}

/// Whatever has words in it, of everything that is recorded: no id has, no name of a command, and no line of the log
/// happens to.
fn written_by_people() -> BTreeSet<String> {
    let history = HISTORY.lines();
    let history = history.map(|line| serde_json::from_str(line).unwrap());
    let mut texts = BTreeSet::new();
    for act in acts().into_iter().chain(history) {
        gather(&act["data"], &mut texts);
    }
    texts
}

fn gather(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains(' ') || !text.is_ascii() => {
            texts.insert(text.clone());
        }
        Value::Array(all) => all.iter().for_each(|one| gather(one, texts)),
        Value::Object(all) => all.values().for_each(|one| gather(one, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
