//! The servers and the roles, as processes of their own.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use socai_store_nats::{Connection, Login, Settings, connect};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::load::Load;
use crate::servers::nats::Cluster;
use crate::servers::postgres::Postgres;
use crate::servers::until;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_socai");

/// Everything that runs, but the clerks.
pub(crate) struct City {
    pub(crate) cluster: Cluster,
    pub(crate) postgres: Postgres,
    pub(crate) roles: Vec<Role>,
    home: TempDir,
}

/// One `socai serve`.
pub(crate) struct Role {
    pub(crate) name: String,
    port: u16,
    config: PathBuf,
    state: PathBuf,
    log: PathBuf,
    process: Option<Child>,
}

impl City {
    /// Every role twice.
    pub(crate) async fn start() -> Self {
        let city = Self::with(&["api", "watcher", "projector", "sealer"], "").await;
        city.all_ready().await;
        city
    }

    /// Each of `roles` twice, on a new ledger, with `more` in the configuration.
    pub(crate) async fn with(roles: &[&str], more: &str) -> Self {
        let (cluster, postgres) = (Cluster::start(), Postgres::start().await);
        let home = tempfile::tempdir().unwrap();
        let mut city = Self {
            cluster,
            postgres,
            roles: Vec::new(),
            home,
        };
        city.configure(more);
        let config = city.config();
        let init = ["init", config.to_str().unwrap(), "--origin", "hanoi"];
        let made = || async { city.run(&init, Stdio::null()).is_ok() };
        until("three servers have a leader, and a ledger", PATIENCE, made).await;
        city.expect(&[
            "projection",
            "migrate",
            "--config",
            city.config().to_str().unwrap(),
        ]);
        city.serve(roles);
        city
    }

    /// Runs each of `roles` twice.
    pub(crate) fn serve(&mut self, roles: &[&str]) {
        for role in roles {
            for number in 1..=2 {
                self.roles.push(Role::new(role, number, self));
            }
        }
        self.roles.iter_mut().for_each(Role::run);
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.home.path().join("city.toml")
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Says where the servers are, with `more`.
    pub(crate) fn configure(&self, more: &str) {
        let password = |user| self.cluster.servers[0].password(user).display().to_string();
        let postgres = self.postgres.settings();
        let config = format!(
            r#"
[nats]
servers = {urls:?}
stream = "LEDGER"
prefix = "ledger.hanoi"
login = {{ user = "gateway", password = "{gateway}" }}
system = {{ user = "auditor", password = "{auditor}" }}
[postgres]
host = "{host}"
port = {port}
[serve]
state = "set by each process"
[watcher]
every_seconds = 1
[sealer]
term_seconds = 2
key = "{key}"
{more}
"#,
            urls = self.cluster.urls(),
            gateway = password("gateway"),
            auditor = password("auditor"),
            key = self.home().join("log.key").display(),
            host = postgres.host,
            port = postgres.port,
        );
        std::fs::write(self.config(), config).unwrap();
    }

    /// How a clerk's office connects, over `servers`.
    pub(crate) fn settings(&self, servers: Vec<String>) -> Settings {
        let login = |user: &str| Login {
            user: Some(user.to_owned()),
            password: Some(self.cluster.servers[0].password(user)),
            ..Login::default()
        };
        Settings {
            servers,
            // Offices give up soon, so that what they say then can be held against the ledger.
            request_timeout_ms: 1_500,
            login: login("gateway"),
            system: Some(login("auditor")),
            ..Settings::new("", "LEDGER", "ledger.hanoi")
        }
    }

    pub(crate) async fn connection(&self) -> Connection {
        connect(&self.settings(self.cluster.urls())).await.unwrap()
    }

    /// Runs the binary and answers what it said; it has to succeed.
    pub(crate) fn expect(&self, arguments: &[&str]) -> String {
        self.expect_of(arguments, Stdio::null())
    }

    /// As [`expect`](Self::expect), with standard input.
    pub(crate) fn expect_of(&self, arguments: &[&str], input: impl Into<Stdio>) -> String {
        let said = self.run(arguments, input);
        said.unwrap_or_else(|complaint| panic!("{arguments:?}: {complaint}"))
    }

    /// What the binary says when it fails, as it has to.
    pub(crate) fn complaint(&self, arguments: &[&str]) -> String {
        self.run(arguments, Stdio::null()).unwrap_err()
    }

    fn run(&self, arguments: &[&str], input: impl Into<Stdio>) -> Result<String, String> {
        let mut command = Command::new(BINARY);
        let Output {
            status,
            stdout,
            stderr,
        } = command.args(arguments).stdin(input).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if status.success() {
            Ok(text(stdout))
        } else {
            Err(text(stderr))
        }
    }

    /// Waits until every role says that it can be relied on.
    pub(crate) async fn all_ready(&self) -> Duration {
        let look = || async {
            self.roles
                .iter()
                .all(|role| role.status().is_some_and(|said| said.0))
        };
        let waited =
            tokio::time::timeout(PATIENCE, until("every role is ready", PATIENCE * 2, look));
        waited
            .await
            .unwrap_or_else(|_| panic!("not ready: {}", self.say()))
    }

    /// Waits until the projector that works is where the ledger is.
    pub(crate) async fn level(&self, load: &Load) -> Duration {
        let head = load.head();
        let look = || async {
            let projectors = self
                .roles
                .iter()
                .filter(|role| role.name.starts_with("projector"));
            let said = projectors.filter_map(Role::status).map(|said| said.1);
            said.max().unwrap_or(0) >= head
        };
        let waited =
            tokio::time::timeout(PATIENCE, until("PostgreSQL is level", PATIENCE * 2, look));
        waited
            .await
            .unwrap_or_else(|_| panic!("PostgreSQL is not at {head}: {}", self.say()))
    }

    fn say(&self) -> String {
        let say = |role: &Role| {
            format!(
                "{}: {:?}\n{}\n",
                role.name,
                role.get("/status"),
                role.log_tail()
            )
        };
        self.roles.iter().map(say).collect()
    }
}

impl Role {
    fn new(role: &str, number: usize, city: &City) -> Self {
        let name = format!("{role}-{number}");
        Self {
            port: free_port(),
            config: city.config(),
            state: city.home().join(&name),
            log: city.home().join(format!("{name}.log")),
            process: None,
            name,
        }
    }

    pub(crate) fn run(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .unwrap();
        let role = self.name.split('-').next().unwrap();
        let process = Command::new(BINARY)
            .args([
                "serve",
                "--config",
                self.config.to_str().unwrap(),
                "--roles",
                role,
            ])
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .env("SOCAI_SERVE__STATE", &self.state)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.process = Some(process.unwrap());
    }

    /// Where it answers.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(crate) fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Asks it to stop, and waits until it has. It says that nothing went wrong.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        let status = self.process.take().unwrap().wait().unwrap();
        assert!(
            status.success(),
            "{}: {status}\n{}",
            self.name,
            self.log_tail()
        );
    }

    pub(crate) fn signal(&self, signal: &str) {
        let process = self.process.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill")
            .arg(format!("-{signal}"))
            .arg(process)
            .status();
        assert!(sent.unwrap().success(), "kill -{signal} {}", self.name);
    }

    /// Whether it is ready, and how far it is.
    fn status(&self) -> Option<(bool, u64)> {
        let said = self.get("/status")?;
        let role = said["roles"].as_object()?.values().next()?;
        Some((
            said["ready"].as_bool()?,
            role["position"].as_u64().unwrap_or(0),
        ))
    }

    /// What its one role says of itself.
    pub(crate) fn state(&self) -> Value {
        let said = self.get("/status").unwrap_or_default();
        let role = said["roles"]
            .as_object()
            .and_then(|roles| roles.values().next().cloned());
        role.unwrap_or_default()
    }

    fn get(&self, path: &str) -> Option<Value> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(2)))
            .unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: socai\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
    }

    fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        self.kill9();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
