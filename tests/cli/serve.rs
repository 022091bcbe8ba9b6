//! A ledger in a directory, served: what it answers, what it does by itself, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::socai::{BINARY, Ledger, socai};

/// Long enough for a machine that does a lot else.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    pub(crate) fn start(ledger: &Ledger) -> Self {
        let mut process = Command::new(BINARY)
            .args(["serve", "--data", ledger.dir().to_str().unwrap()])
            .args(["--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = lines.find_map(|line| {
            let line = line.unwrap();
            Some(line.split_once("listening address=")?.1.to_owned())
        });
        // Whoever writes to a log that nobody reads would be ended by it.
        std::thread::spawn(move || lines.for_each(drop));
        let address = listening.expect("it says where it listens");
        Self { process, address }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: socai\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let code = head.split(' ').nth(1).unwrap().parse().unwrap();
        (code, body.to_owned())
    }

    pub(crate) fn wait_until(&self, what: &str, look: impl Fn(&Value) -> bool) {
        let begun = Instant::now();
        loop {
            let (_, body) = self.get("/status");
            if look(&serde_json::from_str(&body).unwrap()) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "still not: {what}: {body}");
            std::thread::yield_now();
        }
    }

    fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_served_ledger_is_watched_and_sealed_and_stops_when_it_is_asked_to() {
    let ledger = Ledger::with_obligations();
    let records = ledger.export().lines().count();
    let mut serving = Serving::start(&ledger);
    assert_eq!(serving.get("/healthz"), (200, "ok".to_owned()));
    // A task and a report are overdue: the watcher flags both and seals the heads; image and sealer follow.
    let all = records as u64 + 3;
    serving.wait_until("everything overdue is flagged and sealed", |status| {
        let at = |role: &str| status["roles"][role]["position"] == all;
        status["ready"] == true && at("api") && at("sealer")
    });
    assert_eq!(serving.get("/readyz").0, 200);
    assert_eq!(serving.get("/nowhere").0, 404);
    // Nobody else writes into a ledger that is served.
    let refused = ledger.record(r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"x","name":"X","kind":"other"}}"#);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("in use"), "{}", refused.err);
    // But it can be looked at.
    assert_eq!(ledger.run(&["export"]).out.lines().count() as u64, all);
    serving.signal("-TERM");
    assert!(serving.process.wait().unwrap().success());
    let verified = socai(&["verify", ledger.dir().to_str().unwrap()], b"");
    assert_eq!(verified.code, 0, "{verified:?}");
    let flags = ledger
        .export()
        .matches("obligation.flagged_late.v1")
        .count();
    assert_eq!(flags, 2);
    assert_eq!(ledger.export().matches("ledger.heads_sealed.v1").count(), 1);
}

#[test]
fn what_was_flagged_is_not_flagged_by_the_next_process() {
    let ledger = Ledger::with_obligations();
    for _ in 0..2 {
        let mut serving = Serving::start(&ledger);
        serving.wait_until("it is ready", |status| status["ready"] == true);
        serving.signal("-INT");
        assert!(serving.process.wait().unwrap().success());
    }
    assert_eq!(
        ledger
            .export()
            .matches("obligation.flagged_late.v1")
            .count(),
        2
    );
}

#[test]
fn a_configuration_that_cannot_be_meant_gets_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("socai.toml");
    let ladder = [
        ("[ledger]\ndirectory = 7", "directory"),
        ("[ledger]\ndirectory = \"nowhere\"", "nowhere"),
        (
            "[ledger]\ndirectory = \"x\"\n[serve]\nroles = []",
            "serve.roles is empty",
        ),
        (
            "[ledger]\ndirectory = \"x\"\n[serve]\nroles = [\"projector\"]",
            "needs [postgres]",
        ),
        (
            "[ledger]\ndirectory = \"x\"\n[serve]\nlisten = \"1.2.3.4:1\"",
            "serve.listen",
        ),
        (
            "[nats]\nservers = [\"nats://127.0.0.1:1\"]\nstream = \"a b\"\nprefix = \"l\"\n[serve]\nstate = \"s\"",
            "nats.stream",
        ),
    ];
    for (text, place) in ladder {
        std::fs::write(&file, text).unwrap();
        let ran = socai(&["serve", "--config", file.to_str().unwrap()], b"");
        assert_eq!(ran.code, 1, "{text}: {ran:?}");
        assert!(ran.err.contains(place), "{text}: {}", ran.err);
    }
    let neither = socai(&["serve"], b"");
    assert_eq!(neither.code, 2, "{neither:?}");
}

#[test]
fn a_migrated_directory_is_the_same_ledger_and_another_one_is_refused() {
    let (ledger, other) = (Ledger::with_obligations(), Ledger::with_obligations());
    let home = tempfile::tempdir().unwrap();
    let copy = home.path().join("copy");
    let (from, to) = (ledger.dir().to_str().unwrap(), copy.to_str().unwrap());
    let migrate = |from: &str, to: &str| {
        socai(
            &["migrate", "--from", from, "--to", to, "--format", "json"],
            b"",
        )
    };
    let first = migrate(from, to);
    assert_eq!(first.code, 0, "{first:?}");
    let records = ledger.export();
    assert_eq!(socai(&["export", "--data", to], b"").out, records);
    assert_eq!(first.json()[0]["brought"], records.lines().count());
    let again = migrate(from, to).json().remove(0);
    assert_eq!(
        (&again["brought"], &again["root"]),
        (&0.into(), &first.json()[0]["root"])
    );
    let refused = migrate(other.dir().to_str().unwrap(), to);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err.contains("it holds the ledger"),
        "{}",
        refused.err
    );
    let nowhere = migrate("nowhere", to);
    assert!(
        nowhere.code == 1 && nowhere.err.contains("--from"),
        "{nowhere:?}"
    );
    assert_eq!(socai(&["export", "--data", to], b"").out, records);
}
