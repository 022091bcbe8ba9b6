//! Damaged files, full disks, a second process, a directory that cannot be written.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::socai::{BINARY, FOUNDED, Ledger, OBLIGATIONS, socai};

/// The segments of a ledger, oldest first.
fn segments(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| {
        path.extension()
            .is_some_and(|e| e == "segment" || e == "seg")
    };
    let mut segments: Vec<PathBuf> = entries.filter(named).collect();
    segments.sort();
    assert!(!segments.is_empty());
    segments
}

/// Flips one bit of the first record that has `word` in it.
fn flip(file: &Path, word: &[u8]) {
    let mut bytes = Vec::new();
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .unwrap();
    file.read_to_end(&mut bytes).unwrap();
    let at = bytes
        .windows(word.len())
        .position(|window| window == word)
        .unwrap();
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(&[bytes[at] ^ 1]).unwrap();
}

#[test]
fn a_flipped_bit_is_found_named_and_not_counted() {
    let ledger = Ledger::with_obligations();
    flip(&segments(ledger.dir())[0], "Sở Nội vụ".as_bytes());
    let dir = ledger.dir().to_str().unwrap();

    let verified = socai(&["verify", dir, "--format", "json"], b"");
    let found = verified.json().remove(0);
    let whole = found["position"].as_u64().unwrap();
    let place = format!("position {}", whole + 1);
    assert_eq!(
        (verified.code, &found["valid"]),
        (1, &false.into()),
        "{verified:?}"
    );
    assert!(
        found["problem"].as_str().unwrap().contains(&place),
        "{verified:?}"
    );
    for arguments in [&["rates"][..], &["record", "-"]] {
        let ran = ledger.run(arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.err.contains("damaged") && ran.err.contains(&place),
            "{ran:?}"
        );
    }
    // What stands before the damage can still be looked at.
    let export = ledger.run(&["export"]);
    assert_eq!(
        (export.code, export.out.lines().count() as u64),
        (1, whole),
        "{export:?}"
    );
}

/// By itself a cut log looks like one whose last write a crash tore; how far it had reached tells.
#[test]
fn a_cut_file_is_damage_and_not_taken_for_the_end_of_the_log() {
    let ledger = Ledger::with_obligations();
    let last = segments(ledger.dir()).pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    for cut in [used - 10, used / 2] {
        OpenOptions::new()
            .write(true)
            .open(&last)
            .unwrap()
            .set_len(cut as u64)
            .unwrap();
        let verified = socai(&["verify", ledger.dir().to_str().unwrap()], b"");
        assert_eq!(verified.code, 1, "{verified:?}");
        for arguments in [&["rates"][..], &["record", "-"]] {
            let ran = ledger.run(arguments);
            assert_eq!(ran.code, 1, "{ran:?}");
            assert!(ran.err.contains("damaged"), "{ran:?}");
        }
    }
}

/// Where a cut is meant, as the message says how to, no snapshot of what was cut off is believed. What was sealed
/// cannot be taken back so: the checkpoints know, and nothing more is sealed.
#[test]
fn a_snapshot_past_the_end_of_the_log_is_not_believed() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("so-cai");
    let data = dir.to_str().unwrap();
    let simulate = [
        "simulate", "--units", "40", "--years", "2", "--events", "21000",
    ];
    assert_eq!(
        socai(&[&simulate[..], &["--data", data]].concat(), b"").code,
        0
    );
    assert_eq!(fs::read_dir(dir.join("image")).unwrap().count(), 1);
    let exported = || socai(&["export", "--data", data], b"").out.lines().count();
    let whole = exported();
    let last = segments(&dir).pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    let file = OpenOptions::new().write(true).open(&last).unwrap();
    file.set_len(used as u64 - 10).unwrap();
    fs::remove_file(dir.join("reached")).unwrap();

    let stored = exported();
    let rates = [
        "rates",
        "--by",
        "total",
        "--as-of",
        "2025-12-31",
        "--format",
        "json",
    ];
    let rates = socai(&[&rates[..], &["--data", data]].concat(), b"")
        .json()
        .remove(0);
    assert!(stored < whole, "{stored} of {whole}");
    assert_eq!(rates["known_at"].as_u64(), Some(stored as u64));
    // It was signed how much there was, so nothing is signed any more.
    let told = socai(&["record", "-", "--data", data], b"");
    let said = "the log is not what was sealed";
    assert!(told.code == 1 && told.err.contains(said), "{told:?}");
}

#[test]
fn a_second_process_is_kept_out_and_may_look() {
    let ledger = Ledger::with_obligations();
    let mut first = Command::new(BINARY)
        .args([
            "record",
            "-",
            "--data",
            ledger.dir().to_str().unwrap(),
            "--format",
            "json",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = first.stdin.take().unwrap();
    let line =
        r#"{"command":"unit.rename","effective":"2024-05-01","data":{"unit":"a","name":"Sở A"}}"#;
    writeln!(stdin, "{line}").unwrap();
    // Once it has answered, it holds the ledger.
    let mut answer = [0];
    first
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut answer)
        .unwrap();

    let second = ledger.record(OBLIGATIONS);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(
        second.err.contains("in use by another process"),
        "{second:?}"
    );
    let look = ledger.run(&["rates", "--by", "total", "--as-of", "2024-08-01"]);
    assert_eq!(look.code, 0, "{look:?}");

    drop(stdin);
    assert!(first.wait().unwrap().success());
    assert_eq!(ledger.record(OBLIGATIONS).code, 0);
}

/// Runs as somebody who is not root, whom permissions do not bind.
#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let ledger = Ledger::with_obligations();
    let home = ledger.dir().parent().unwrap();
    let copy = home.join("socai");
    fs::copy(BINARY, &copy).unwrap();
    fs::set_permissions(home, Permissions::from_mode(0o755)).unwrap();
    for path in [ledger.dir().to_owned(), ledger.dir().join("log")] {
        fs::set_permissions(&path, Permissions::from_mode(0o555)).unwrap();
    }
    let as_nobody = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
            .arg(&copy);
        command
            .args(arguments)
            .args(["--data", ledger.dir().to_str().unwrap()]);
        command.stdin(Stdio::null()).output().unwrap()
    };
    let recorded = as_nobody(&["record", "-"]);
    assert_eq!(recorded.status.code(), Some(1));
    let message = String::from_utf8(recorded.stderr).unwrap();
    assert!(message.contains("cannot be written"), "{message}");
    let looked = as_nobody(&["rates", "--as-of", "2024-08-01"]);
    assert_eq!(looked.status.code(), Some(0), "{looked:?}");
}

/// A file system of 5 MiB, gone with the test.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=5m", "tmpfs"])
            .arg(dir.path())
            .status();
        assert!(
            mounted.unwrap().success(),
            "this test mounts a small tmpfs, which needs root"
        );
        Self(dir)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

#[test]
fn a_full_disk_is_refused_before_it_is_acknowledged_and_room_mends_it() {
    let disk = SmallDisk::new();
    let dir = disk.0.path().join("so-cai");
    let dir = dir.to_str().unwrap();
    assert_eq!(socai(&["init", dir, "--origin", "hanoi"], b"").code, 0);
    let record = |lines: &str| {
        socai(
            &["record", "-", "--format", "json", "--data", dir],
            lines.as_bytes(),
        )
    };
    let line = |n: u32| {
        let name = format!("{n}-{}", "ă".repeat(900));
        format!(
            "{{\"command\":\"unit.form\",\"effective\":\"2024-01-01\",\"data\":{{\"unit\":\"u{n}\",\"name\":\"{name}\",\"kind\":\"other\"}}}}\n"
        )
    };
    let filling: String = (0..3_000).map(line).collect();
    let ran = record(&filling);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("recording stopped"), "{}", ran.err);
    let reports = ran.json();
    let acknowledged = reports
        .iter()
        .filter(|report| report["outcome"] == "recorded")
        .count();
    let failed = reports
        .iter()
        .filter(|report| report["outcome"] == "failed")
        .count();
    assert!(
        acknowledged > 500 && failed > 0,
        "{acknowledged} recorded, {failed} failed"
    );

    let exported = || socai(&["export", "--data", dir], b"").out.lines().count();
    assert_eq!(exported(), acknowledged + FOUNDED as usize);
    let more = Command::new("mount")
        .args(["-o", "remount,size=64m"])
        .arg(disk.0.path())
        .status();
    assert!(more.unwrap().success());
    assert_eq!(record(&filling).code, 0);
    assert_eq!(exported(), 3_000 + FOUNDED as usize);
    assert_eq!(socai(&["verify", dir], b"").code, 0);
}
