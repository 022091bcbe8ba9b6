//! A byte of a served ledger is another one on its disk: whoever watches is told, with the place and without a word of
//! what was recorded; and who asks for something else is answered.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::client::{Client, bytes};
use crate::server::{Home, Server};
use crate::servers::prometheus::{Prometheus, free_address};
use crate::servers::until;
use crate::stage::Stage;
use crate::town::{Town, progress};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Words of a record that stand nowhere else.
const WORDS: &str = "Phường Bưởi";

/// The town, read again every second.
fn read_again(metrics: std::net::SocketAddr) -> Stage {
    let town = Town::new();
    let home = Home::with(&town.lines());
    home.configure(&format!(
        "[metrics]\nlisten = \"{metrics}\"\n[verification]\nevery_seconds = 1\n"
    ));
    let server = Server::start(&home.config());
    Stage { town, server, home }
}

/// A byte of the first segment.
struct Byte {
    segment: PathBuf,
    at: u64,
    was: u8,
}

impl Byte {
    /// The first of [`WORDS`].
    fn of(stage: &Stage) -> Self {
        let segment = stage.home.ledger().join("log/00000000000000000001.seg");
        let bytes = fs::read(&segment).unwrap();
        let mut windows = bytes.windows(WORDS.len());
        let at = windows.position(|window| window == WORDS.as_bytes());
        let at = at.expect("the record is in the log as it was sent");
        let was = bytes[at];
        let at = at as u64;
        Self { segment, at, was }
    }

    fn becomes(&self, byte: u8) {
        let file = File::options().write(true).open(&self.segment).unwrap();
        file.write_all_at(&[byte], self.at).unwrap();
    }
}

/// What `/status` says of reading again.
fn said(stage: &Stage) -> Value {
    let status = Client::with(stage.server.address(), None).get("/status");
    status.json()["verification"].clone()
}

/// The value of a metric without labels.
fn metric(scraped: &Client, name: &str) -> Option<f64> {
    let text = scraped.get("/metrics").expect(200).text();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map(|value| value.trim().parse().unwrap())
}

const FAILURES: &str = "socai_verification_failures_total ";
const SUCCESS: &str = "socai_verification_last_success_timestamp_seconds ";
const ALERT: &str = "SocaiIntegrityFailure";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_that_is_another_on_the_disk_is_told_to_whoever_watches_and_keeps_nobody_waiting() {
    let metrics = free_address();
    let stage = read_again(metrics);
    let scraped = Client::with(metrics, None);
    let prometheus = Prometheus::start(&[metrics]).await;
    stage.server.until("it was read, and right", || {
        metric(&scraped, SUCCESS).is_some()
    });
    assert_eq!(metric(&scraped, FAILURES), Some(0.0));
    assert!(!prometheus.answers().alerts().contains(&ALERT.to_owned()));

    let byte = Byte::of(&stage);
    byte.becomes(byte.was ^ 1);
    stage
        .server
        .until("it is counted", || metric(&scraped, FAILURES) >= Some(1.0));
    let problem = said(&stage)["problem"].as_str().unwrap().to_owned();
    let place = "the ledger is damaged at position ";
    assert!(problem.starts_with(place), "{problem}");
    let log = stage.server.said();
    let line = log
        .iter()
        .find(|line| line.contains("not what was sealed"))
        .expect("the log says so");
    assert!(
        line.contains("ERROR") && line.contains(place) && line.contains("ops/runbook"),
        "{line}"
    );
    until("Prometheus fires", PATIENCE, || async {
        prometheus.answers().alerts().contains(&ALERT.to_owned())
    })
    .await;
    goes_on(&stage);
    for text in [problem, log.join("\n")] {
        let words = WORDS.split(' ').find(|word| text.contains(word));
        assert_eq!(words, None, "{text}");
    }

    // It is as it was: what went wrong stays counted.
    byte.becomes(byte.was);
    stage
        .server
        .until("it is right again", || said(&stage)["problem"].is_null());
    assert!(metric(&scraped, FAILURES) >= Some(1.0));
    stage.server.stop();
}

/// Whoever asks for something else is answered, and recorded is what is new; the record itself is not handed out.
fn goes_on(stage: &Stage) {
    let inspector = stage.client(&stage.town.inspector);
    let rates = "/v1/rates?from=2024-01-01&to=2024-12-31";
    inspector.get(rates).expect(200);
    let clerk = stage.client(&stage.town.reporter);
    clerk
        .post("/v1/commands/task.progress", &progress(1))
        .expect(200);
    let ready = Client::with(stage.server.address(), None);
    ready.get("/readyz").expect(200);
    let token = &stage.town.inspector.token;
    let asked = format!(
        "GET /v1/records HTTP/1.1\r\nhost: s\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    let records = bytes(stage.server.address(), asked.as_bytes());
    assert!(
        !records.contains("Bưởi") && !records.ends_with("\r\n0\r\n\r\n"),
        "a damaged record was handed out, or its absence passes for the end: {records}"
    );
}
