//! The real `socai serve`, as a process of its own on a free port, and everything that it says.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_socai");

/// Long enough for a machine that does a lot else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A process that serves. It is killed with its value, where it was not stopped before.
pub(crate) struct Server {
    process: Option<Child>,
    address: SocketAddr,
    log: NamedTempFile,
}

impl Server {
    /// Starts `socai serve --config FILE` and waits until it can be relied on.
    pub(crate) fn start(config: &Path) -> Self {
        let log = NamedTempFile::new().unwrap();
        let process = command(&["serve", "--config", config.to_str().unwrap()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        let mut server = Self {
            process: Some(process),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            log,
        };
        server.until("it listens", || server.listens_at().is_some());
        server.address = server.listens_at().unwrap();
        server.until("it is ready", || server.is_ready());
        server
    }

    fn listens_at(&self) -> Option<SocketAddr> {
        let said = self.said();
        let mut lines = said.iter();
        let line = lines.find(|line| line.contains("listening"))?;
        // `address=127.0.0.1:1`, or in a log of JSON `"address":"127.0.0.1:1"`.
        let rest = line.split_once("127.0.0.1:")?.1;
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        Some((Ipv4Addr::LOCALHOST, port.parse().ok()?).into())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where Prometheus asks, as it says.
    pub(crate) fn scraped_at(&self) -> SocketAddr {
        let line = "metrics address=";
        let said = self.said();
        let said = said.iter().find(|said| said.contains(line));
        let address = said.expect("it says where").split_once(line).unwrap().1;
        address.trim().parse().unwrap()
    }

    /// Its address in front of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it wrote to its log, up to now.
    pub(crate) fn said(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.log.path()).unwrap();
        log.lines().map(str::to_owned).collect()
    }

    /// Looks again and again, with a pause that lets others work, until it is so.
    pub(crate) fn until(&self, what: &str, look: impl Fn() -> bool) {
        let begun = Instant::now();
        while !look() {
            let said = || self.said().join("\n");
            assert!(begun.elapsed() < PATIENCE, "still not: {what}\n{}", said());
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn is_ready(&self) -> bool {
        let answer = ureq::get(self.url("/readyz")).call();
        answer.is_ok_and(|answer| answer.status() == 200)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Asks it to stop, and waits until it has. It says that nothing went wrong.
    pub(crate) fn stop(mut self) -> Vec<String> {
        let mut process = self.process.take().unwrap();
        let id = process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.unwrap().success());
        let status = process.wait().unwrap();
        assert!(status.success(), "{status}\n{}", self.said().join("\n"));
        self.said()
    }

    /// The files that it has open, by where they are or were.
    pub(crate) fn open_files(&self) -> Vec<PathBuf> {
        let id = self.process.as_ref().unwrap().id();
        let open = std::fs::read_dir(format!("/proc/{id}/fd")).unwrap();
        open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
            .collect()
    }

    /// Bytes of memory that are its own: resident, in kibibytes.
    pub(crate) fn resident_kib(&self) -> u64 {
        let id = self.process.as_ref().unwrap().id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let figure = line.and_then(|line| line.split_whitespace().nth(1));
        figure.unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// What a run printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the binary with `arguments` and `input`.
pub(crate) fn socai(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that refuses early closes its input; that is for the test to judge by what it says.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran {
        code: status.code().unwrap_or(-1),
        out: text(stdout),
        err: text(stderr),
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(arguments)
        .env_remove("SOCAI_DATA")
        .env_remove("SOCAI_ACCOUNT")
        .env_remove("RUST_LOG");
    command
}

/// A ledger in a directory of its own, and the file that says how it is served.
pub(crate) struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    /// A new ledger, with `lines` recorded into it.
    pub(crate) fn with(lines: &str) -> Self {
        Self::within(tempfile::tempdir().unwrap(), lines)
    }

    /// As [`with`](Self::with), in `dir`.
    pub(crate) fn within(dir: tempfile::TempDir, lines: &str) -> Self {
        let home = Self { dir };
        let ledger = home.ledger();
        let ledger = ledger.to_str().unwrap();
        let made = socai(&["init", ledger, "--origin", "hanoi"], b"");
        assert_eq!(made.code, 0, "{made:?}");
        home.record(lines);
        home.configure("");
        home
    }

    /// Where the ledger is.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir.path().join("so-cai")
    }

    /// How it is served.
    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("socai.toml")
    }

    /// Says how it is served: on any free port, with `more` in the file.
    pub(crate) fn configure(&self, more: &str) {
        let ledger = self.ledger().display().to_string();
        let text = format!(
            "[ledger]\ndirectory = {ledger:?}\n[serve]\nlisten = \"127.0.0.1:0\"\nroles = [\"api\", \"sealer\"]\n{more}"
        );
        std::fs::write(self.config(), text).unwrap();
    }

    /// Records `lines`, all of which have to be right.
    pub(crate) fn record(&self, lines: &str) {
        let ran = self.run(&["record", "-", "--trust-actors"], lines.as_bytes());
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    /// Runs `socai ARGUMENTS --data DIR`.
    pub(crate) fn run(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let ledger = self.ledger();
        let data = ["--data", ledger.to_str().unwrap()];
        socai(&[arguments, &data].concat(), input)
    }

    /// The records as they are stored, each as JSON.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        let ran = self.run(&["export"], b"");
        assert_eq!(ran.code, 0, "{ran:?}");
        let lines = ran.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}
