//! The disaster, as a drill: backed up while many record, killed, the disk gone, restored. Nothing that was acknowledged
//! before the backup's position is missing, and the root is the one that was signed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use uuid::Uuid;

use crate::crash::send;
use crate::server::{Ran, Server, socai};
use crate::stage::Stage;

/// Clients at once.
const CLIENTS: u32 = 6;

const PATH: &str = "/v1/commands/task.progress";

/// What was acknowledged: the position, and what was said there.
type Told = Mutex<Vec<(u64, String)>>;

struct Drill {
    stage: Stage,
    backup: PathBuf,
    told: Told,
}

impl Drill {
    fn new() -> Self {
        let stage = Stage::new();
        let backup = stage.home.config().with_file_name("ban-sao");
        let told = Mutex::default();
        Self {
            stage,
            backup,
            told,
        }
    }

    fn data(&self) -> String {
        self.stage.home.ledger().to_str().unwrap().to_owned()
    }

    fn backed_up(&self) -> Value {
        let config = self.stage.home.config();
        let to = self.backup.to_str().unwrap();
        let ran = socai(
            &[
                "backup",
                "--data",
                config.to_str().unwrap(),
                "--to",
                to,
                "--format",
                "json",
            ],
            b"",
        );
        json(&ran)
    }

    /// Records with many clients until so many more were acknowledged and `meanwhile` has ended.
    fn under_load<T>(&self, enough: usize, meanwhile: impl FnOnce() -> T) -> T {
        let (url, token) = (self.stage.server.url(PATH), &self.stage.town.reporter.token);
        let (done, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let before = self.told.lock().unwrap().len();
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (url, told, done, over) = (&url, &self.told, &done, &over);
                scope.spawn(move || {
                    for at in 0.. {
                        if over.load(Ordering::SeqCst) > 0 {
                            return;
                        }
                        let number =
                            u32::try_from(before).unwrap() * 100_000 + client * 10_000 + at;
                        let Some(positions) = send(url, token, Uuid::now_v7(), number) else {
                            return;
                        };
                        let position = positions[0].as_u64().unwrap();
                        told.lock()
                            .unwrap()
                            .push((position, format!("lần {number}")));
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            // Also where what is done meanwhile fails.
            let _over = Over(&over);
            let acknowledged = || done.load(Ordering::SeqCst) >= enough;
            self.stage
                .server
                .until("enough was acknowledged", acknowledged);
            meanwhile()
        })
    }
}

/// Tells clients to end when it goes.
struct Over<'a>(&'a AtomicUsize);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(1, Ordering::SeqCst);
    }
}

#[track_caller]
fn json(ran: &Ran) -> Value {
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

fn records(dir: &str) -> Vec<Value> {
    let ran = socai(&["export", "--data", dir], b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines = ran.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What is owed and how much of it was done, as known at `position`.
fn rates(dir: &str, position: &Value) -> Value {
    let known = position.to_string();
    let window = [
        "--from",
        "2014-01-01",
        "--to",
        "2026-12-31",
        "--as-of",
        "2026-06-30",
    ];
    let asked = ["rates", "--data", dir, "--by", "unit", "--format", "json"];
    let at = ["--known-at", &known];
    json(&socai(&[&asked[..], &window, &at].concat(), b""))["rows"].clone()
}

/// The root that was signed of so many records.
fn signed_root(dir: &str, position: &Value) -> Value {
    let ran = socai(&["checkpoints", "--data", dir, "--format", "json"], b"");
    let all = json(&ran);
    let mut all = all.as_array().unwrap().iter();
    let signed = all.find(|checkpoint| checkpoint["size"] == *position);
    signed.expect("it was signed")["root"].clone()
}

#[test]
fn what_was_acknowledged_before_the_backup_survives_the_loss_of_the_disk() {
    let mut drill = Drill::new();
    let data = drill.data();
    let first = drill.under_load(200, || drill.backed_up());
    let before = drill.told.lock().unwrap().len();
    let second = drill.under_load(200, || drill.backed_up());
    // The second one brought what was new, and only that.
    let position = |report: &Value| report["position"].as_u64().unwrap();
    assert_eq!(
        second["brought"].as_u64().unwrap(),
        position(&second) - position(&first),
        "{first} {second}"
    );
    assert!(position(&second) > position(&first) && before > 0);
    assert_eq!(second["unsealed"], 0);
    let at = &second["position"];
    assert_eq!(second["root"], signed_root(&data, at));
    let noted = fs::read_to_string(Path::new(&data).join("backup.json")).unwrap();
    let noted: Value = serde_json::from_str(&noted).unwrap();
    assert_eq!((&noted["position"], &noted["root"]), (at, &second["root"]));
    let expected = rates(&data, at);

    // It goes on for a while, and then everything is gone.
    drill.under_load(50, || ());
    drill.stage.server.kill9();
    fs::remove_dir_all(&data).unwrap();

    let backup = drill.backup.to_str().unwrap().to_owned();
    let restore = [
        "restore", "--from", &backup, "--to", &data, "--format", "json",
    ];
    let restored = json(&socai(&restore, b""));
    assert_eq!(
        (&restored["position"], &restored["root"]),
        (at, &second["root"])
    );
    let verified = json(&socai(&["verify", &data, "--format", "json"], b""));
    assert_eq!(
        (&verified["sealed"], &verified["root"]),
        (at, &second["root"])
    );

    let records = records(&data);
    assert_eq!(records.len() as u64, position(&second));
    let told = drill.told.lock().unwrap();
    let kept = told.iter().filter(|(at, _)| *at <= position(&second));
    for (at, said) in kept.clone() {
        let record = &records[usize::try_from(*at).unwrap() - 1];
        assert_eq!(record["data"]["note"], **said, "{record}");
    }
    assert!(kept.count() >= 200, "it was backed up under load");
    assert_eq!(rates(&data, at), expected);
    println!("{} acknowledged, backed up to {at} of them", told.len());
}

#[test]
fn a_restored_ledger_is_served_and_goes_on_once_its_key_is_back() {
    let mut drill = Drill::new();
    let data = drill.data();
    let key = fs::read(Path::new(&data).join("keys/log.key")).unwrap();
    let backed_up = drill.under_load(20, || drill.backed_up());
    assert!(
        !contains_key(&drill.backup, &key),
        "no private key is in a backup"
    );
    drill.stage.server.kill9();
    fs::remove_dir_all(&data).unwrap();
    let backup = drill.backup.to_str().unwrap().to_owned();
    let restored = json(&socai(
        &[
            "restore", "--from", &backup, "--to", &data, "--format", "json",
        ],
        b"",
    ));
    let looked = restored["log_key_missing"].as_str().unwrap();
    assert!(looked.contains("keys/log.key"), "{looked}");
    put_key(Path::new(&data), &key);
    drill.stage.server = Server::start(&drill.stage.home.config());
    drill.under_load(20, || ());
    drill.stage.server.until("what is new is sealed", || {
        let ran = socai(&["checkpoints", "--data", &data, "--format", "json"], b"");
        let all: Value = serde_json::from_str(&ran.out).unwrap();
        let sizes = all.as_array().unwrap().iter();
        sizes.map(|it| it["size"].as_u64()).max().flatten() > backed_up["position"].as_u64()
    });
    // And it is backed up further, into the same backup.
    let again = drill.backed_up();
    assert!(again["position"].as_u64() > backed_up["position"].as_u64());
}

fn contains_key(dir: &Path, key: &[u8]) -> bool {
    let secret = key.trim_ascii();
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return contains_key(&path, key);
        }
        let bytes = fs::read(&path).unwrap();
        bytes.windows(secret.len()).any(|window| window == secret)
    })
}

fn put_key(data: &Path, key: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    let file = data.join("keys/log.key");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, key).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
}
