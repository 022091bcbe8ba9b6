//! A restore into servers that was cut off: nobody takes what it left for a ledger, and the same restore goes on.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use socai_store_nats::{Connection, Login, Settings, connect};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::processes::BINARY;
use crate::servers::nats::Server;
use crate::servers::until;

/// More than are brought before the process can be ended.
const UNITS: usize = 4_000;

/// A backup, and servers without a ledger.
struct Lost {
    server: Server,
    home: TempDir,
}

impl Lost {
    fn new() -> Self {
        let lost = Self {
            server: Server::start(),
            home: tempfile::tempdir().unwrap(),
        };
        let (ledger, backup) = (lost.path("so-cai"), lost.path("ban-sao"));
        expect(&["init", &ledger, "--origin", "hanoi"], "");
        let record = ["record", "-", "--trust-actors", "--data", &ledger];
        expect(&record, &units());
        expect(&["backup", "--data", &ledger, "--to", &backup], "");
        lost.configure();
        lost
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }

    fn config(&self) -> String {
        self.path("city.toml")
    }

    fn configure(&self) {
        let password = |user| self.server.password(user).display().to_string();
        let text = format!(
            "[nats]\nservers = [{:?}]\nstream = \"LEDGER\"\nprefix = \"ledger.hanoi\"\nreplicas = 1\n\
             login = {{ user = \"gateway\", password = {:?} }}\nsystem = {{ user = \"auditor\", password = {:?} }}\n\
             [serve]\nstate = {:?}\nlisten = \"127.0.0.1:0\"\nroles = [\"sealer\"]\n",
            self.server.url(),
            password("gateway"),
            password("auditor"),
            self.path("state"),
        );
        fs::write(self.config(), text).unwrap();
    }

    /// `socai restore` as a process under way.
    fn restoring(&self) -> Child {
        Command::new(BINARY)
            .args(["restore", "--from", &self.path("ban-sao")])
            .args(["--to", &self.config()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    async fn connection(&self) -> Connection {
        let login = Login {
            user: Some("gateway".to_owned()),
            password: Some(self.server.password("gateway")),
            ..Login::default()
        };
        let url = self.server.url();
        let settings = Settings {
            login,
            ..Settings::new(&url, "LEDGER", "ledger.hanoi")
        };
        connect(&settings).await.unwrap()
    }

    /// What refuses `arguments`, which are asked of the servers.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let (ok, said) = run(arguments, "");
        assert!(!ok, "{arguments:?}: {said}");
        said
    }
}

/// How many records are in the stream; none where there is no stream.
async fn records(connection: &Connection) -> u64 {
    let stream = connection.jetstream().get_stream("LEDGER").await;
    stream.map_or(0, |stream| stream.cached_info().state.messages)
}

fn units() -> String {
    let unit = |number| {
        format!(
            "{{\"command\":\"unit.form\",\"effective\":\"2024-01-01\",\"data\":{{\"unit\":\"u-{number}\",\
             \"name\":\"Đơn vị {number}\",\"kind\":\"department\"}}}}\n"
        )
    };
    (0..UNITS).map(unit).collect()
}

fn run(arguments: &[&str], input: &str) -> (bool, String) {
    let mut process = Command::new(BINARY)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let ran = process.wait_with_output().unwrap();
    writer.join().unwrap();
    let said = if ran.status.success() {
        ran.stdout
    } else {
        ran.stderr
    };
    (ran.status.success(), String::from_utf8(said).unwrap())
}

#[track_caller]
fn expect(arguments: &[&str], input: &str) -> String {
    let (ok, said) = run(arguments, input);
    assert!(ok, "{arguments:?}: {said}");
    said
}

fn json(said: &str) -> Value {
    serde_json::from_str(said).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_was_cut_off_is_no_ledger_until_the_same_restore_has_gone_on() {
    let lost = Lost::new();
    let (config, backup) = (lost.config(), lost.path("ban-sao"));
    let connection = lost.connection().await;
    let mut restoring = lost.restoring();
    until("records arrive", PATIENCE, || async {
        records(&connection).await > 0
    })
    .await;
    restoring.kill().unwrap();
    restoring.wait().unwrap();
    let left = records(&connection).await;
    assert!(left < UNITS as u64, "it was not cut off: {left}");

    for arguments in [
        &["units", "--data", &config][..],
        &["verify", &config],
        &["record", "-", "--trust-actors", "--data", &config],
        &["migrate", "--from", &backup, "--to", &config],
        &["serve", "--config", &config],
    ] {
        let said = lost.refused(arguments);
        assert!(
            said.contains("left that was cut off"),
            "{arguments:?}: {said}"
        );
    }
    let other = lost.path("khac");
    let other_backup = lost.path("ban-sao-khac");
    expect(&["init", &other, "--origin", "hanoi"], "");
    expect(&["backup", "--data", &other, "--to", &other_backup], "");
    let said = lost.refused(&["restore", "--from", &other_backup, "--to", &config]);
    assert!(said.contains("left that was cut off"), "{said}");

    let restore = [
        "restore", "--from", &backup, "--to", &config, "--format", "json",
    ];
    let restored = json(&expect(&restore, ""));
    let proven =
        json(&fs::read_to_string(Path::new(&lost.path("so-cai")).join("backup.json")).unwrap());
    assert_eq!(
        (&restored["position"], &restored["root"]),
        (&proven["position"], &proven["root"])
    );
    let ledger = lost.path("so-cai");
    assert_eq!(
        expect(&["export", "--data", &config], ""),
        expect(&["export", "--data", &ledger], "")
    );
    let verified = json(&expect(&["verify", &config, "--format", "json"], ""));
    assert_eq!(verified["root"], proven["root"], "{verified}");
    let line = "{\"command\":\"unit.form\",\"effective\":\"2024-01-01\",\"data\":{\"unit\":\"sau\",\"name\":\"Sau\",\"kind\":\"department\"}}\n";
    expect(&["record", "-", "--trust-actors", "--data", &config], line);
    let said = lost.refused(&restore);
    assert!(said.contains("the stream holds the ledger"), "{said}");
}
