//! What the log says of requests: one line each, nothing that a client wrote, and no secret.

use serde_json::{Value, json};
use ureq::http::Method;

use crate::client::{Client, bytes};
use crate::server::Server;
use crate::stage::Stage;

/// What a log must not show as it came: line ends, what colours terminals, what looks like a line of its own.
const EVIL: &[&str] = &[
    "%0d%0a2026-01-01T00:00:00Z%20ERROR%20forged",
    "%1b[31mscarlet%1b[0m",
    "%00%07%08",
    "%e2%80%ae%e2%80%a8forged",
];

#[test]
fn nothing_that_a_client_writes_stands_in_the_log() {
    let stage = Stage::new();
    ask_all_kinds_of_things(&stage);
    let lines = stage.server.stop();
    for line in &lines {
        let (begins, rest) = line.split_once(' ').unwrap_or((line, ""));
        let time: Result<jiff::Timestamp, _> = begins.parse();
        assert!(time.is_ok(), "a line of its own: {line:?}");
        let level = rest.trim_start().split(' ').next().unwrap();
        assert!(["INFO", "WARN", "ERROR"].contains(&level), "{line:?}");
        tells_no_secret(line);
    }
    assert!(lines.len() > 20, "{lines:?}");
}

#[test]
fn a_log_of_json_is_json_whatever_was_asked() {
    let mut stage = Stage::new();
    stage.server.kill9();
    let text = std::fs::read_to_string(stage.home.config()).unwrap();
    let text = text.replace("[serve]\n", "[serve]\nlog = \"json\"\n");
    std::fs::write(stage.home.config(), text).unwrap();
    // A log of JSON says where it listens in another form.
    stage.server = Server::start(&stage.home.config());
    ask_all_kinds_of_things(&stage);
    for line in stage.server.stop() {
        let read: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert!(read["level"].is_string(), "{line}");
        tells_no_secret(&line);
    }
}

fn tells_no_secret(line: &str) {
    assert!(line.chars().all(|c| !c.is_control()), "{line:?}");
    for secret in [
        "socai_forged",
        "forged",
        "scarlet",
        "mat-khau-sai",
        "Việc riêng",
        "lần 7",
        "\u{202e}",
        "\u{2028}",
        "from=2024",
    ] {
        assert!(!line.contains(secret), "{secret} stands in {line:?}");
    }
}

fn ask_all_kinds_of_things(stage: &Stage) {
    let clerk = stage.client(&stage.town.reporter);
    for evil in EVIL {
        clerk.get(&format!("/v1/{evil}"));
        clerk.get(&format!(
            "/v1/obligations?from=2024-01-01&to=2024-12-31&unit={evil}"
        ));
        clerk.get(&format!("/{evil}"));
        clerk.get_with(
            "/v1/rates",
            &[
                ("x-request-id", "forged-by-a-client"),
                ("user-agent", "scarlet"),
                ("referer", "forged"),
                ("x-forwarded-for", "forged"),
            ],
        );
        clerk.ask(
            Method::POST,
            "/v1/commands",
            &[
                ("content-type", "application/x-ndjson"),
                ("idempotency-key", "forged"),
            ],
            evil.as_bytes(),
        );
    }
    clerk
        .post("/v1/commands/task.progress", &crate::town::progress(7))
        .expect(200);
    clerk
        .get("/v1/obligations?from=2024-01-01&to=2024-12-31")
        .expect(200);
    let nobody = Client::with(stage.server.address(), Some("socai_forged"));
    nobody.get("/v1/rates");
    for account in [
        "clerk-a\r\n2026-01-01T00:00:00Z ERROR forged",
        "\u{1b}[31mscarlet",
        "clerk-a\u{2028}forged",
        "forged",
    ] {
        nobody.post(
            "/v1/session",
            &json!({"account": account, "password": "mat-khau-sai"}),
        );
    }
    for header in [
        "x-request-id: a\u{1b}[31mscarlet",
        "user-agent: \u{7}scarlet",
        "x-request-id: a\r\n ERROR forged",
    ] {
        let request =
            format!("GET /v1/rates HTTP/1.1\r\nhost: s\r\nconnection: close\r\n{header}\r\n\r\n");
        bytes(stage.server.address(), request.as_bytes());
    }
}

/// Its own id is in the answer, and no other.
#[test]
fn a_request_id_is_given_and_not_taken() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let asked = clerk.get_with("/v1/nothing", &[("x-request-id", "mine")]);
    let id = asked.header("x-request-id").to_owned();
    assert!(id.parse::<uuid::Uuid>().is_ok(), "{id}");
    let stands = |line: &String| line.contains(&id);
    stage
        .server
        .until("the log has it", || stage.server.said().iter().any(stands));
}
