//! A ledger in a directory of its own, and the binary on it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use socai_app::ledger::Founding;
use socai_domain::origin::Origin;
use socai_store::Identity;
use socai_store_segment::SegmentStore;
use tempfile::TempDir;
use uuid::Uuid;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_socai");

/// Records of a ledger that was just made: its creation, and its first operator with role and token.
pub(crate) const FOUNDED: u64 = 4;

/// What a run printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The answer's lines as JSON.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// Runs the binary with `arguments` and `input`.
pub(crate) fn socai(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(BINARY)
        .args(arguments)
        .env_remove("SOCAI_DATA")
        .env_remove("SOCAI_ACCOUNT")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that refuses early closes its input; that is for the test to judge by what it says.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let ran = Ran::of(child.wait_with_output().unwrap());
    writer.join().unwrap();
    ran
}

/// A ledger of its own.
pub(crate) struct Ledger {
    _home: TempDir,
    dir: PathBuf,
}

impl Ledger {
    /// A new ledger.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("so-cai");
        let made = socai(&["init", dir.to_str().unwrap(), "--origin", "hanoi"], b"");
        assert_eq!(made.code, 0, "{made:?}");
        Self { _home: home, dir }
    }

    /// A ledger that names no log key, as earlier programs made them.
    pub(crate) fn made_without_a_key() -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("so-cai");
        let identity = Identity::new(Uuid::now_v7(), "hanoi").unwrap();
        let store = SegmentStore::create(&dir, &identity).unwrap();
        let founding = Founding {
            origin: "hanoi".to_owned().try_into().unwrap(),
            claims_stand_after_days: None,
            simulated_clock: false,
            log_key: None,
            id: Uuid::now_v7(),
        };
        let operator = Origin {
            actor: "operator".parse().unwrap(),
            at: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let found = socai_app::ledger::Ledger::found(Arc::new(store), &founding, &operator);
        runtime.block_on(found).unwrap();
        Self { _home: home, dir }
    }

    /// A new ledger with units, a directive, a task and a report owed.
    pub(crate) fn with_obligations() -> Self {
        let ledger = Self::new();
        let ran = ledger.record(OBLIGATIONS);
        assert_eq!(ran.code, 0, "{ran:?}");
        ledger
    }

    /// The directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Runs `socai ARGUMENTS --data DIR`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// As [`run`](Self::run), with standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let data = ["--data", self.dir.to_str().unwrap()];
        socai(&[arguments, &data].concat(), input)
    }

    /// Records `lines` and answers in JSON.
    pub(crate) fn record(&self, lines: &str) -> Ran {
        self.run_with(&["record", "-", "--format", "json"], lines.as_bytes())
    }

    /// The records as they are stored.
    pub(crate) fn export(&self) -> String {
        let ran = self.run(&["export"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    }

    /// Records one line as `account` and answers its report.
    pub(crate) fn one(&self, account: &str, line: &str) -> serde_json::Value {
        let arguments = ["record", "-", "--format", "json", "--as", account];
        self.run_with(&arguments, line.as_bytes()).json().remove(0)
    }
}

/// Units a, b and c, a directive of c, a task of a due on 2024-06-30, a report of a due on 2024-07-20.
pub(crate) const OBLIGATIONS: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"c","name":"Thành ủy","kind":"party_committee"}}
{"command":"unit.form","effective":"2014-01-01","data":{"unit":"a","name":"Sở Nội vụ","kind":"department","parent":"c"}}
{"command":"unit.form","effective":"2014-01-01","data":{"unit":"b","name":"Sở Tư pháp","kind":"department","parent":"c"}}
{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"c","date":"2024-01-15","subject":"về cải cách hành chính"}}
{"command":"task.assign","effective":"2024-01-15","data":{"task":"t","assignment":{"document":"d","title":"Rà soát thủ tục","leads":[{"unit":"a"}],"due":{"rule":"fixed","date":"2024-06-30"}}}}
{"command":"requirement.set","effective":"2024-01-15","data":{"requirement":"r","rule":{"document":"d","kind":"periodic","title":"Báo cáo 6 tháng","reporters":[{"unit":"a"}],"via":"b","cadence":"six_monthly","window":{"rule":"calendar"},"due":{"rule":"fixed","date":"2024-07-20"},"day_off":"keep"}}}
{"command":"period.open","effective":"2024-01-15","data":{"requirement":"r","period":"2024-h1"}}
"#;
