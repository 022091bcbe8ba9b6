//! `ops/city`: the whole system by one command. What the API, PostgreSQL and the dashboards say of the demonstration is
//! what the command line says; a part that dies is named; stopping leaves nothing behind.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use jiff::civil::{Date, date};
use serde_json::Value;
use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::client::Client;
use crate::counted::BUCKETS;
use crate::servers::until;
use crate::watched::the_dashboards_show_the_demonstration;

const BINARY: &str = env!("CARGO_BIN_EXE_socai");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/city");
const PATIENCE: Duration = Duration::from_secs(120);

/// Every process of the city.
const PARTS: [&str; 11] = [
    "n1",
    "n2",
    "n3",
    "postgres",
    "api-1",
    "api-2",
    "watcher",
    "sealer-1",
    "sealer-2",
    "projector",
    "prometheus",
];

/// What is counted of tasks and of reports: a number for each bucket.
type Counts = [[i64; 6]; 2];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_command_starts_a_city_whose_every_answer_is_the_command_lines() {
    let city = Started::fresh();
    let said = city.expect(&["status"]);
    assert!(
        PARTS
            .iter()
            .all(|part| said.contains(&format!("{part}: runs"))),
        "{said}"
    );
    let of_2025 = Window::year(2025, date(2025, 12, 31));
    let here = city.counts_here(of_2025);
    assert_eq!(
        here,
        city.counts_of("demo/so-cai", of_2025),
        "as socai demo"
    );
    assert!(here.as_flattened().iter().sum::<i64>() > 100, "{here:?}");
    for api in ["api-1", "api-2"] {
        assert_eq!(here, city.counts_of_the_api(api, of_2025), "{api}");
    }
    until("PostgreSQL has what the ledger has", PATIENCE, || async {
        here == city.counts_in_sql(of_2025).await
    })
    .await;
    until("Prometheus asks every process", PATIENCE, || async {
        city.metric("up").len() == 6 && city.metric("up").iter().all(|one| value(one) == 1.0)
    })
    .await;
    the_dashboards_show_the_demonstration(&city).await;
    city.a_part_that_dies_is_named_and_started_again();
    city.expect(&["stop"]);
    city.nothing_is_left();
    // Asked again, it does nothing.
    city.expect(&["stop"]);
}

/// The due dates of a year, counted as of a day.
#[derive(Clone, Copy)]
struct Window {
    from: Date,
    to: Date,
    as_of: Date,
}

impl Window {
    fn year(year: i16, as_of: Date) -> Self {
        Self {
            from: date(year, 1, 1),
            to: date(year, 12, 31),
            as_of,
        }
    }
}

/// A city in a folder of its own. It ends with this value.
pub(crate) struct Started {
    home: TempDir,
}

impl Started {
    fn fresh() -> Self {
        let home = tempfile::Builder::new()
            .prefix("socai-city-")
            .tempdir_in("/tmp")
            .unwrap();
        // PostgreSQL may run as another user than this test.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        fs::set_permissions(home.path(), open).unwrap();
        let city = Self { home };
        city.expect(&["start", "--ports", "0", "--socai", BINARY, "--detach"]);
        city
    }

    pub(crate) fn dir(&self) -> std::path::PathBuf {
        self.home.path().join("city")
    }

    fn expect(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{arguments:?}: {text}{errors}");
        text
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(SCRIPT);
        command.args(arguments).arg("--dir").arg(self.dir());
        command.output().unwrap()
    }

    pub(crate) fn read(&self, file: &str) -> String {
        let read = fs::read_to_string(self.dir().join(file)).unwrap();
        read.trim().to_owned()
    }

    pub(crate) fn address(&self, part: &str) -> SocketAddr {
        let ports = self.read("ports");
        let found = ports
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{part}=")));
        (Ipv4Addr::LOCALHOST, found.unwrap().parse().unwrap()).into()
    }

    /// As `socai rates` counts the ledger on NATS.
    fn counts_here(&self, window: Window) -> Counts {
        self.counts_of("socai.toml", window)
    }

    fn counts_of(&self, ledger: &str, Window { from, to, as_of }: Window) -> Counts {
        let asked = Command::new(BINARY)
            .args(["rates", "--by", "kind", "--format", "json", "--data"])
            .arg(self.dir().join(ledger))
            .args(["--from", &from.to_string(), "--to", &to.to_string()])
            .args(["--as-of", &as_of.to_string()])
            .output()
            .unwrap();
        assert!(asked.status.success(), "{asked:?}");
        counts(&serde_json::from_slice(&asked.stdout).unwrap())
    }

    fn counts_of_the_api(&self, part: &str, Window { from, to, as_of }: Window) -> Counts {
        let token = self.read("inspector.token");
        let client = Client::with(self.address(part), Some(&token));
        let path = format!("/v1/rates?by=kind&from={from}&to={to}&as_of={as_of}");
        let answer = client.get(&path);
        assert_eq!(200, answer.status, "{}", answer.text());
        counts(&serde_json::from_slice(&answer.body).unwrap())
    }

    /// A session of `grafana_reader`, with the password that dashboards are given.
    pub(crate) async fn reader(&self) -> tokio_postgres::Client {
        let (client, connection) = tokio_postgres::Config::new()
            .host("127.0.0.1")
            .port(self.address("postgres").port())
            .user("grafana_reader")
            .password(self.read("secrets/postgres/grafana.password"))
            .dbname("socai")
            .connect(NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client
    }

    async fn counts_in_sql(&self, Window { from, to, as_of }: Window) -> Counts {
        let ask = "SELECT id, on_time, late, pending, overdue, no_due_date, excused \
                   FROM reporting.counts($1, 'kind', $2, $3)";
        let reader = self.reader().await;
        let rows = reader.query(ask, &[&as_of, &from, &to]).await.unwrap();
        let mut counted = Counts::default();
        for row in rows {
            let kind = place(row.get(0));
            counted[kind] = std::array::from_fn(|at| row.get(at + 1));
        }
        counted
    }

    /// Every series of that name, as it is now.
    fn metric(&self, name: &str) -> Vec<Value> {
        let client = Client::with(self.address("prometheus"), None);
        let answer = client.get(&format!("/api/v1/query?query={name}"));
        let said: Value = serde_json::from_slice(&answer.body).unwrap();
        said["data"]["result"].as_array().unwrap().clone()
    }

    fn a_part_that_dies_is_named_and_started_again(&self) {
        let line = self.read("run/sealer-1");
        let process = line.split(' ').next().unwrap();
        let killed = Command::new("kill").args(["-KILL", process]).status();
        assert!(killed.unwrap().success());
        let status = || {
            let ran = self.run(&["status"]);
            let named = String::from_utf8_lossy(&ran.stdout).contains("sealer-1: has ended");
            (ran.status.code(), named)
        };
        while status() != (Some(1), true) {
            std::thread::yield_now();
        }
        self.expect(&["start", "--socai", BINARY, "--detach"]);
        assert_eq!((Some(0), false), status());
    }

    /// No process has its arguments, its environment or its working directory in the folder.
    fn nothing_is_left(&self) {
        let dir = self.dir().display().to_string();
        let left = fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|process| belongs(process, &dir));
        let left: Vec<_> = left.collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.run(&["stop"]);
    }
}

fn belongs(process: &Path, dir: &str) -> bool {
    let says = |file: &str| {
        let read = fs::read(process.join(file)).unwrap_or_default();
        String::from_utf8_lossy(&read).contains(dir)
    };
    let works_there = fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(dir));
    says("cmdline") || says("environ") || works_there
}

fn value(series: &Value) -> f64 {
    series["value"][1].as_str().unwrap().parse().unwrap()
}

/// The numbers of an answer of `rates`, which is the same over HTTP and on the command line.
fn counts(answer: &Value) -> Counts {
    let mut counted = Counts::default();
    for row in answer["rows"].as_array().unwrap() {
        let kind = place(row["id"].as_str().unwrap());
        counted[kind] = BUCKETS.map(|bucket| row["buckets"][bucket].as_i64().unwrap());
    }
    counted
}

fn place(kind: &str) -> usize {
    let place = ["report", "task"].iter().position(|one| *one == kind);
    place.unwrap_or_else(|| panic!("{kind} is no kind of obligation"))
}
