//! Prometheus, from Debian's package: a server of its own with the configuration and rules of `ops/prometheus`, which
//! scrapes every two seconds.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::answers::{Answers, Pace};
use super::until;

/// Long enough for a machine that does a lot else.
const PATIENCE: Duration = Duration::from_secs(60);

const OPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/prometheus");

/// A running server.
pub(crate) struct Prometheus {
    folder: TempDir,
    address: SocketAddr,
    server: Child,
}

impl Prometheus {
    /// Starts a server that scrapes `targets`, and waits until it answers.
    pub(crate) async fn start(targets: &[SocketAddr]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        fs::write(&config, configuration()).unwrap();
        let targets: Vec<String> = targets.iter().map(ToString::to_string).collect();
        let targets = format!("- targets: {targets:?}\n");
        fs::write(folder.path().join("targets.yml"), targets).unwrap();
        let address = free_address();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let server = Command::new(program("prometheus"))
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .arg("--enable-feature=exemplar-storage")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut prometheus = Self {
            folder,
            address,
            server,
        };
        prometheus.is_ready().await;
        prometheus
    }

    async fn is_ready(&mut self) {
        until("Prometheus answers", PATIENCE, || {
            let ended = self.server.try_wait().unwrap();
            assert!(ended.is_none(), "Prometheus has ended:\n{}", self.said());
            let ready = ureq::get(format!("http://{}/-/ready", self.address)).call();
            async move { ready.is_ok() }
        })
        .await;
    }

    /// What is asked of it.
    pub(crate) fn answers(&self) -> Answers {
        Answers::of(self.address, Pace::Hurried)
    }

    /// What it wrote to its log.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The configuration as it is delivered, in a hurry.
fn configuration() -> String {
    let delivered = fs::read_to_string(format!("{OPS}/prometheus.yml")).unwrap();
    let hurried = [
        ("scrape_interval: 15s", "scrape_interval: 2s"),
        ("scrape_timeout: 10s", "scrape_timeout: 2s"),
        ("evaluation_interval: 30s", "evaluation_interval: 1s"),
        ("rules/*.yml", &format!("{OPS}/rules/*.yml")),
    ];
    hurried
        .into_iter()
        .fold(delivered, |text, (delivered, here)| {
            assert!(
                text.contains(delivered),
                "prometheus.yml has no {delivered}"
            );
            text.replace(delivered, here)
        })
}

/// A port that nobody listens at just now.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// A program of Prometheus.
pub(crate) fn program(name: &str) -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let places = tools.into_iter().chain(cached);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = places
        .map(|place| place.join("bin"))
        .chain(std::env::split_paths(&path))
        .map(|place| place.join(name));
    let found = programs.find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed: run ./ops/test, which installs it"))
}
