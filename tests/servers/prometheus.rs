//! Prometheus, from Debian's package: a server of its own with the configuration and rules of `ops/prometheus`, which
//! scrapes every two seconds.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use super::until;

/// Long enough for a machine that does a lot else.
const PATIENCE: Duration = Duration::from_secs(60);

const OPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/prometheus");

/// How far back a question over time looks, and how far its moments are apart.
const SPAN: Duration = Duration::from_secs(30);
const STEP: &str = "1";

/// A running server.
pub(crate) struct Prometheus {
    folder: TempDir,
    address: SocketAddr,
    server: Child,
}

/// A series and its last value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
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
        prometheus.answers().await;
        prometheus
    }

    async fn answers(&mut self) {
        until("Prometheus answers", PATIENCE, || {
            let ended = self.server.try_wait().unwrap();
            assert!(ended.is_none(), "Prometheus has ended:\n{}", self.said());
            let ready = ureq::get(format!("http://{}/-/ready", self.address)).call();
            async move { ready.is_ok() }
        })
        .await;
    }

    /// What `expr` is now. What Prometheus says instead, where it refuses.
    pub(crate) fn now(&self, expr: &str) -> Result<Vec<Sample>, String> {
        let answer = self.get("query", &[("query", expr)])?;
        Ok(samples(&answer, |series| series["value"].clone()))
    }

    /// What `expr` was over the last half minute: of each series the last value that is a number.
    pub(crate) fn lately(&self, expr: &str) -> Result<Vec<Sample>, String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap();
        let [start, end] = [now - SPAN, now].map(|at| at.as_secs_f64().to_string());
        let asked = [
            ("query", expr),
            ("start", &start),
            ("end", &end),
            ("step", STEP),
        ];
        let answer = self.get("query_range", &asked)?;
        Ok(samples(&answer, |series| {
            let mut values = series["values"].as_array().unwrap().iter().rev();
            let number = values.find(|pair| pair[1] != "NaN");
            number.cloned().unwrap_or_default()
        }))
    }

    /// Alerts that fire or are about to, by name.
    pub(crate) fn alerts(&self) -> Vec<String> {
        let answer = self.get("alerts", &[]).unwrap();
        let alerts = answer["alerts"].as_array().unwrap().iter();
        let name = |alert: &Value| alert["labels"]["alertname"].as_str().unwrap().to_owned();
        alerts.map(name).collect()
    }

    /// Rules that could not be evaluated, with the reason.
    pub(crate) fn broken_rules(&self) -> Vec<String> {
        let answer = self.get("rules", &[]).unwrap();
        let groups = answer["groups"].as_array().unwrap().iter();
        let rules = groups.flat_map(|group| group["rules"].as_array().unwrap());
        let broken = rules.filter(|rule| rule["health"] == "err");
        broken.map(ToString::to_string).collect()
    }

    fn get(&self, what: &str, asked: &[(&str, &str)]) -> Result<Value, String> {
        let mut request = ureq::get(format!("http://{}/api/v1/{what}", self.address))
            .config()
            .http_status_as_error(false)
            .build();
        for (name, value) in asked {
            request = request.query(name, value);
        }
        let mut answer = request.call().map_err(|error| error.to_string())?;
        let text = answer.body_mut().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).map_err(|_| text.clone())?;
        match answer["status"].as_str() {
            Some("success") => Ok(answer["data"].take()),
            _ => Err(text),
        }
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

/// Every series of `answer`, with the value that `pick` takes: a pair of a moment and a number. Without one it is left out.
fn samples(answer: &Value, pick: impl Fn(&Value) -> Value) -> Vec<Sample> {
    let sample = |series: &Value| {
        let value = pick(series)[1].as_str()?.parse().ok()?;
        let labels = series["metric"].as_object().into_iter().flatten();
        let labels = labels.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        Some(Sample {
            labels: labels.collect(),
            value,
        })
    };
    let series = answer["result"].as_array().unwrap();
    series.iter().filter_map(sample).collect()
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
