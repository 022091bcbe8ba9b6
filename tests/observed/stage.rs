//! A ledger that is served, projected, witnessed, verified and scraped: the demonstration, and something that is due this
//! year whatever year it is.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::accounts::Person;
use crate::client::Client as Caller;
use crate::server::{BINARY, Server, socai};
use crate::servers::postgres::Postgres;
use crate::servers::prometheus::{Prometheus, free_address};
use crate::sources::Sources;

/// A unit that two others were merged into, and that owes something this year.
pub(crate) const UNIT: &str = "hn-snv-2025";

/// Everything that runs.
pub(crate) struct Stage {
    pub(crate) sources: Sources,
    _prometheus: Prometheus,
    _server: Server,
    clerk: Caller,
    recorded: AtomicU32,
    _witness: Witness,
    _postgres: Postgres,
    home: TempDir,
}

impl Stage {
    /// Starts everything, and waits until it can be relied on.
    pub(crate) async fn start() -> Self {
        let (postgres, home) = (Postgres::start().await, tempfile::tempdir().unwrap());
        let demo = home.path().join("demo");
        expect(&["demo", "--once", "--keep", demo.to_str().unwrap()], b"");
        let ledger = demo.join("so-cai");
        let data = ["--data", ledger.to_str().unwrap()];
        let clerk = Person::new("ghi-so", "registrar", Some("hn-ubnd"));
        let lines = this_year() + &clerk.lines().join("\n");
        let record = [&["record", "-", "--trust-actors"], &data[..]].concat();
        expect(&record, lines.as_bytes());
        let witness = Witness::start(home.path(), &log_key(&data));
        let metrics = free_address();
        let config = home.path().join("socai.toml");
        fs::write(
            &config,
            configuration(&ledger, &postgres, &witness, metrics),
        )
        .unwrap();
        expect(
            &[
                "projection",
                "migrate",
                "--config",
                config.to_str().unwrap(),
            ],
            b"",
        );
        let server = Server::start(&config);
        let prometheus = Prometheus::start(&[metrics]).await;
        let sources = Sources {
            prometheus: prometheus.answers(),
            reader: postgres.session("grafana_reader").await,
            ledger,
        };
        let stage = Self {
            sources,
            clerk: Caller::of(server.address(), &clerk),
            recorded: AtomicU32::new(0),
            _server: server,
            _prometheus: prometheus,
            _witness: witness,
            _postgres: postgres,
            home,
        };
        stage.verify_and_back_up();
        stage
    }

    /// What the nightly timers do.
    fn verify_and_back_up(&self) {
        let backup = self.home.path().join("backup");
        let ledger = self.sources.ledger.to_str().unwrap();
        expect(&["verify", ledger], b"");
        expect(
            &["backup", "--data", ledger, "--to", backup.to_str().unwrap()],
            b"",
        );
    }

    /// Has something recorded over HTTP that counts nowhere, so that there is something to measure.
    pub(crate) fn records_something(&self) {
        let number = self.recorded.fetch_add(1, Ordering::Relaxed);
        let data = json!({"document": format!("x-{number}"), "type": "Công văn", "issuer": "hn-ubnd",
            "date": today().to_string(), "subject": "Để đo (minh họa)"});
        let body = json!({"effective": today().to_string(), "synthetic": true, "data": data});
        self.clerk
            .post("/v1/commands/document.issue", &body)
            .expect(200);
    }
}

fn expect(arguments: &[&str], input: &[u8]) -> String {
    let ran = socai(arguments, input);
    assert_eq!(0, ran.code, "{arguments:?}: {ran:?}");
    ran.out
}

fn log_key(data: &[&str]) -> String {
    let said = expect(&[&["key", "list", "--format", "json"], data].concat(), b"");
    let keys: Value = serde_json::from_str(&said).unwrap();
    keys[0]["key"].as_str().unwrap().to_owned()
}

fn configuration(
    ledger: &Path,
    postgres: &Postgres,
    witness: &Witness,
    metrics: SocketAddr,
) -> String {
    let reached = postgres.settings();
    format!(
        "[ledger]\ndirectory = {ledger:?}\n[serve]\nlisten = \"127.0.0.1:0\"\n\
         roles = [\"api\", \"watcher\", \"sealer\", \"projector\"]\n\
         [postgres]\nhost = {:?}\nport = {}\n[metrics]\nlisten = \"{metrics}\"\n\
         [sealer]\ncosign_seconds = 1\n[[sealer.witnesses]]\nurl = \"http://{}\"\nkey = {:?}\n",
        reached.host, reached.port, witness.address, witness.key
    )
}

/// Today in Việt Nam.
pub(crate) fn today() -> Date {
    let zone = TimeZone::fixed(Offset::constant(7));
    jiff::Timestamp::now().to_zoned(zone).date()
}

/// Reports and tasks of two units, due on 1 January and 31 December of this year: on time, not done, not due yet, undated,
/// excused.
fn this_year() -> String {
    let year = today().year();
    let (first, last) = (format!("{year}-01-01"), format!("{year}-12-31"));
    let task = |id: &str, due: &str| {
        line(
            "task.assign",
            &first,
            &format!(
                r#""task":"{id}","assignment":{{"document":"nay","title":"Việc {id} (minh họa)","leads":[{{"unit":"{UNIT}"}},{{"unit":"hn-stp"}}]{due}}}"#
            ),
        )
    };
    let fixed = |day: &str| format!(r#","due":{{"rule":"fixed","date":"{day}"}}"#);
    let of = |task: &str| format!(r#""obligation":"{task}_{UNIT}""#);
    [
        line("document.issue", &first, &format!(
            r#""document":"nay","number":"99/KH-UBND","type":"Kế hoạch","issuer":"hn-ubnd","date":"{first}","subject":"Việc của năm nay (minh họa)""#
        )),
        task("nay-1", &fixed(&first)),
        task("nay-2", &fixed(&last)),
        task("nay-3", r#","due":{"rule":"not_stated"}"#),
        task("nay-4", &fixed(&last)),
        line("task.claim", &first, &of("nay-1")),
        line("obligation.excuse", &first, &format!(r#"{},"by":"hn-ubnd","reason":"Minh họa","legal_basis":"Minh họa""#, of("nay-4"))),
        line("requirement.set", &first, &format!(
            r#""requirement":"nay-r","rule":{{"document":"nay","kind":"periodic","title":"Báo cáo năm nay (minh họa)","reporters":[{{"unit":"{UNIT}"}},{{"unit":"hn-stp"}}],"via":"hn-ubnd","cadence":"yearly","window":{{"rule":"calendar"}},"due":{{"rule":"fixed","date":"{first}"}},"day_off":"keep"}}"#
        )),
        line("period.open", &first, &format!(r#""requirement":"nay-r","period":"{year}""#)),
        line("report.submit", &first, &format!(
            r#""obligations":["nay-r_{year}_{UNIT}"],"submission":{{"date":"{first}","channel":"Minh họa"}}"#
        )),
    ]
    .concat()
}

fn line(command: &str, effective: &str, data: &str) -> String {
    format!(
        "{{\"command\":\"{command}\",\"effective\":\"{effective}\",\"synthetic\":true,\"data\":{{{data}}}}}\n"
    )
}

/// A witness that cosigns. It ends with this value.
struct Witness {
    address: SocketAddr,
    key: String,
    process: Child,
}

impl Witness {
    fn start(home: &Path, log: &str) -> Self {
        let dir = home.join("witness");
        let dir = dir.to_str().unwrap();
        let key = expect(
            &[
                "witness",
                "init",
                dir,
                "--name",
                "witness.example/committee",
            ],
            b"",
        );
        expect(&["witness", "trust", dir, log], b"");
        let address = free_address();
        let process = Command::new(BINARY)
            .args(["witness", "serve", dir, "--listen", &address.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            address,
            key: key.trim().to_owned(),
            process,
        }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
