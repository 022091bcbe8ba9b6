//! Data directories and backups that earlier releases wrote: today's program opens, verifies, answers from, backs up,
//! restores and goes on with each. Nothing in `tests/golden/` is ever rewritten; a release adds its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use socai_credentials_redb::FileCredentials;
use socai_store::Credentials;
use tempfile::TempDir;

use crate::inspected::{copy, now};
use crate::socai::{Ran, socai};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");

/// What all of them hold: see [`is_as_it_was`].
const POSITION: u64 = 292;
const ROOT: &str = "FS4wicEz6Outk8qSTFq19S5MT362mQxEUy1t/zDP+5I=";

/// What is golden of one sort, each by its name.
fn all(sort: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(GOLDEN)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with(sort)
    };
    let found: Vec<PathBuf> = entries.filter(named).collect();
    assert!(!found.is_empty(), "{sort}");
    found
}

/// A copy to work on, with the modes that a repository does not keep.
fn taken_out(golden: &Path) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("so-cai");
    copy(golden, &dir);
    for file in ["keys/log.key", "credentials.redb"] {
        let path = dir.join(file);
        if path.exists() {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    (home, dir)
}

#[track_caller]
fn done(arguments: &[&str]) -> Ran {
    let ran = socai(arguments, b"");
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, ""),
        "{arguments:?}: {ran:?}"
    );
    ran
}

/// It verifies, and says what it said to the release that wrote it.
#[track_caller]
fn is_as_it_was(dir: &Path) {
    let path = dir.to_str().unwrap();
    let verified = done(&["verify", path, "--format", "json"]).json().remove(0);
    assert_eq!(
        (&verified["sealed"], &verified["root"]),
        (&POSITION.into(), &ROOT.into())
    );
    assert_eq!(verified["checkpoints"], 12);
    let audited = done(&["attach", "audit", "--data", path, "--format", "json"]);
    assert_eq!(audited.json()[0]["rows"], Value::Array(Vec::new()));
    let window = [
        "--from",
        "2024-01-01",
        "--to",
        "2024-12-31",
        "--as-of",
        "2024-08-01",
    ];
    let rates = ["rates", "--data", path, "--by", "unit", "--format", "json"];
    let rates = done(&[&rates[..], &window].concat()).json().remove(0);
    let was = fs::read(Path::new(GOLDEN).join("data-0.1.0/rates.json")).unwrap();
    let was: Value = serde_json::from_slice(&was).unwrap();
    assert_eq!(counted(&rates), counted(&was));
    let known = FileCredentials::open(&dir.join("credentials.redb")).unwrap();
    let person = now(known.person("thanh-tra")).unwrap().unwrap();
    assert_eq!(person.name.as_deref(), Some("Nguyễn Thị Hòa"));
    assert!(person.password.unwrap().0.starts_with("$argon2id$"));
}

/// The numbers of an answer; what later releases say besides is theirs.
fn counted(rates: &Value) -> Vec<[Value; 3]> {
    let rows = rates["rows"].as_array().unwrap().iter();
    rows.map(|row| ["id", "buckets", "rates"].map(|field| row[field].clone()))
        .collect()
}

#[test]
fn a_data_directory_of_every_release_is_opened_and_gone_on_with() {
    for golden in all("data-") {
        let (home, dir) = taken_out(&golden);
        is_as_it_was(&dir);
        let backup = home.path().join("ban-sao");
        let (data, to) = (dir.to_str().unwrap(), backup.to_str().unwrap());
        done(&["backup", "--data", data, "--to", to]);
        let restored = home.path().join("phuc-hoi");
        done(&["restore", "--from", to, "--to", restored.to_str().unwrap()]);
        is_as_it_was(&restored);

        let line = br#"{"command":"task.progress","effective":"2024-07-01","data":{"obligation":"t_a","percent":99}}"#;
        let recorded = socai(&["record", "-", "--data", data], line);
        assert_eq!(
            (recorded.code, recorded.err.as_str()),
            (0, ""),
            "{recorded:?}"
        );
        let verified = done(&["verify", data, "--format", "json"]).json().remove(0);
        assert_eq!(verified["sealed"], POSITION + 1, "{}", golden.display());
    }
}

#[test]
fn a_backup_of_every_release_is_restored_and_brought_on() {
    for golden in all("backup-") {
        let (home, backup) = taken_out(&golden);
        is_as_it_was(&backup);
        let restored = home.path().join("phuc-hoi");
        let (from, to) = (backup.to_str().unwrap(), restored.to_str().unwrap());
        done(&["restore", "--from", from, "--to", to]);
        is_as_it_was(&restored);
        let again = done(&["backup", "--data", to, "--to", from, "--format", "json"]);
        assert_eq!(again.json()[0]["brought"], 0, "{}", golden.display());
    }
}
