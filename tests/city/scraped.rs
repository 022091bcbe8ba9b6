//! What Prometheus is told by processes of a city: the roles' states, the bytes of the stream, what PostgreSQL answers to
//! the reader of reports, and that a message of the stream is not what was recorded.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::PATIENCE;
use crate::processes::BINARY;
use crate::servers::nats::Server;
use crate::servers::postgres::Postgres;
use crate::servers::prometheus::free_address;
use crate::servers::until;

/// Words of a record that stand nowhere else.
const WORDS: &str = "Chi cục Bí mật";

/// A ledger on one server, with its tables.
struct Town {
    server: Server,
    postgres: Postgres,
    home: TempDir,
}

/// One `socai serve`. It is killed with its value.
struct Process {
    child: Child,
    metrics: String,
    status: String,
    log: PathBuf,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Town {
    async fn start() -> Self {
        let town = Self {
            server: Server::start(),
            postgres: Postgres::start().await,
            home: tempfile::tempdir().unwrap(),
        };
        let config = town.configure("tay");
        run(&["init", &config, "--origin", "hanoi"]);
        run(&["projection", "migrate", "--config", &config]);
        let line = format!(
            "{{\"command\":\"unit.form\",\"effective\":\"2024-01-01\",\"data\":{{\"unit\":\"a\",\"name\":{WORDS:?},\"kind\":\"department\"}}}}\n"
        );
        let lines = town.path("lines");
        fs::write(&lines, line).unwrap();
        run(&["record", &lines, "--trust-actors", "--data", &config]);
        town
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    /// The configuration of a process called `name`.
    fn configure(&self, name: &str) -> String {
        let password = |user| self.server.password(user).display().to_string();
        let rows = self.postgres.settings();
        let text = format!(
            "[nats]\nservers = [{:?}]\nstream = \"LEDGER\"\nprefix = \"ledger.hanoi\"\nreplicas = 1\n\
             login = {{ user = \"gateway\", password = {:?} }}\nsystem = {{ user = \"auditor\", password = {:?} }}\n\
             [postgres]\nhost = {:?}\nport = {}\n[serve]\nstate = {:?}\n[sealer]\nkey = {:?}\nterm_seconds = 2\n\
             [verification]\nevery_seconds = 1\n",
            self.server.url(),
            password("gateway"),
            password("auditor"),
            rows.host,
            rows.port,
            self.path(&format!("{name}-state")),
            self.path("log.key"),
        );
        let config = self.path(&format!("{name}.toml"));
        fs::write(&config, text).unwrap();
        config
    }

    fn serve(&self, name: &str, roles: &str) -> Process {
        let config = self.configure(name);
        let (listen, metrics) = (free_address().to_string(), free_address().to_string());
        let log = PathBuf::from(self.path(&format!("{name}.log")));
        let child = Command::new(BINARY)
            .args(["serve", "--config", &config, "--roles", roles])
            .args(["--listen", &listen])
            .env("SOCAI_METRICS__LISTEN", &metrics)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Process {
            child,
            metrics: format!("http://{metrics}/metrics"),
            status: format!("http://{listen}/status"),
            log,
        }
    }

    /// Changes a byte of the record in the server's file, while the server is stopped.
    fn spoil(&mut self) {
        self.server.stop();
        let block = file_below(&self.server.store(), "1.blk", WORDS.as_bytes());
        let mut bytes = fs::read(&block).unwrap();
        let at = place(&bytes, WORDS.as_bytes()).unwrap();
        bytes[at] ^= 1;
        fs::write(&block, bytes).unwrap();
        self.server.start_again();
    }
}

impl Process {
    fn told(&self) -> String {
        let answer = ureq::get(&self.metrics).call();
        answer.map_or_else(
            |_| String::new(),
            |mut answer| answer.body_mut().read_to_string().unwrap(),
        )
    }

    async fn tells(&self, line: &str) {
        let what = format!("it tells {line}; its log is {}", self.log.display());
        until(&what, PATIENCE, || async {
            self.told().lines().any(|told| told.starts_with(line))
        })
        .await;
    }

    fn says(&self) -> Value {
        let mut answer = ureq::get(&self.status).call().unwrap();
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }
}

fn place(bytes: &[u8], words: &[u8]) -> Option<usize> {
    let mut windows = bytes.windows(words.len());
    windows.position(|window| window == words)
}

/// The file called `name` somewhere below `folder` that has `words` in it.
fn file_below(folder: &Path, name: &str, words: &[u8]) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with(name) && place(&fs::read(&path).unwrap(), words).is_some() {
                return path;
            }
        }
    }
    panic!("no {name} has the record")
}

#[track_caller]
fn run(arguments: &[&str]) {
    let ran = Command::new(BINARY).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{arguments:?}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_of_a_city_tell_their_states_the_stream_and_what_postgresql_answers() {
    let mut town = Town::start().await;
    let first = town.serve("mot", "sealer,projector");
    for role in ["sealer", "projector"] {
        let working = format!("socai_role_state{{role=\"{role}\",state=\"working\"}} 1");
        first.tells(&working).await;
    }
    first.tells("socai_projection_position ").await;
    first
        .tells("socai_verification_last_success_timestamp_seconds ")
        .await;
    first.tells("socai_store_bytes ").await;
    let told = first.told();
    let bytes = told
        .lines()
        .find_map(|line| line.strip_prefix("socai_store_bytes "));
    assert!(bytes.unwrap().parse::<u64>().unwrap() > 0);
    let second = town.serve("hai", "sealer,projector");
    for role in ["sealer", "projector"] {
        let waits = format!("socai_role_state{{role=\"{role}\",state=\"standing_by\"}} 1");
        second.tells(&waits).await;
    }
    // Whoever stands by reads back what the other one wrote.
    for family in [
        "socai_reporting_position ",
        "socai_reporting_read_timestamp_seconds ",
        "socai_projection_written_timestamp_seconds ",
        "socai_reporting_obligations{kind=\"department\",obligation=\"report\",bucket=",
    ] {
        second.tells(family).await;
    }
    town.server.kill9();
    let third = town.serve("ba", "sealer");
    for process in [&first, &third] {
        let trying = "socai_role_state{role=\"sealer\",state=\"trying\"} 1";
        process.tells(trying).await;
    }
    town.server.start_again();
    first
        .tells("socai_role_state{role=\"projector\",state=\"working\"} 1")
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_another_on_the_servers_disk_is_counted_and_told_without_its_words() {
    let mut town = Town::start().await;
    let process = town.serve("mot", "sealer");
    process
        .tells("socai_verification_last_success_timestamp_seconds ")
        .await;
    process.tells("socai_verification_failures_total 0").await;
    town.spoil();
    until("it is counted", PATIENCE, || async {
        let told = process.told();
        let failures = told
            .lines()
            .find_map(|line| line.strip_prefix("socai_verification_failures_total "));
        failures.is_some_and(|failures| failures != "0")
    })
    .await;
    let said = process.says();
    let problem = said["verification"]["problem"].as_str().unwrap();
    assert!(
        problem.starts_with("the ledger is damaged at position "),
        "{said}"
    );
    let log = fs::read_to_string(&process.log).unwrap();
    for text in [said.to_string(), log] {
        assert!(!text.contains("Bí mật"), "{text}");
    }
}
