//! Checkpoints of a ledger in a directory: who makes them, when they wait, and what is refused.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::serve::Serving;
use crate::socai::{FOUNDED, Ledger, OBLIGATIONS, Ran, socai};

const UNIT: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"x","name":"X","kind":"other"}}"#;

/// Everything that was ever signed.
fn checkpoints(ledger: &Ledger) -> Vec<Value> {
    let ran = ledger.run(&["checkpoints", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json()[0].as_array().unwrap().clone()
}

/// How many records the last checkpoint covers.
fn sealed(ledger: &Ledger) -> u64 {
    checkpoints(ledger).last().unwrap()["size"]
        .as_u64()
        .unwrap()
}

fn records(ledger: &Ledger) -> u64 {
    ledger.export().lines().count() as u64
}

/// Records one more unit, called after `name`.
fn one_more(ledger: &Ledger, name: &str) -> Ran {
    ledger.record(&UNIT.replace(r#""x""#, &format!("{name:?}")))
}

#[test]
fn whatever_records_into_a_directory_seals_it_before_it_exits() {
    let ledger = Ledger::new();
    assert_eq!(sealed(&ledger), FOUNDED);
    let recorded = ledger.record(OBLIGATIONS);
    assert_eq!((recorded.code, recorded.err.as_str()), (0, ""));
    assert_eq!(sealed(&ledger), records(&ledger));
    assert_eq!(ledger.run(&["sweep", "--on", "2024-08-01"]).code, 0);
    assert_eq!(sealed(&ledger), records(&ledger));
    let minutes = ledger.dir().join("../bien-ban.txt");
    fs::write(&minutes, "Biên bản").unwrap();
    let stored = ledger.run(&[
        "attach",
        "store",
        minutes.to_str().unwrap(),
        "--media",
        "text/plain",
    ]);
    assert_eq!(stored.code, 0, "{stored:?}");
    assert_eq!(sealed(&ledger), records(&ledger));
    let signed: Vec<u64> = checkpoints(&ledger)
        .iter()
        .map(|row| row["size"].as_u64().unwrap())
        .collect();
    assert!(signed.is_sorted(), "{signed:?}");
    assert_eq!(checkpoints(&ledger)[0]["origin"], "socai/hanoi");
}

#[test]
fn seal_shows_the_last_checkpoint_and_signs_nothing_twice() {
    let ledger = Ledger::with_obligations();
    let before = checkpoints(&ledger);
    let ran = ledger.run(&["seal", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let shown = &ran.json()[0][0];
    assert_eq!(shown, before.last().unwrap());
    assert_eq!(checkpoints(&ledger), before);
    let note = shown["note"].as_str().unwrap();
    let published = fs::read_to_string(ledger.dir().join("tlog/checkpoint")).unwrap();
    assert_eq!(note, published);
    let last = ledger.run(&["checkpoints", "--last", "1"]);
    assert_eq!(last.out.matches("socai/hanoi+").count(), 1, "{}", last.out);
    let dry = ledger.run_with(&["record", "-", "--dry-run"], UNIT.as_bytes());
    assert_eq!(dry.code, 0, "{dry:?}");
    assert_eq!(checkpoints(&ledger), before);
}

#[test]
fn without_the_private_key_it_is_recorded_and_sealed_once_the_key_is_there() {
    let ledger = Ledger::new();
    let (keys, away) = (ledger.dir().join("keys"), ledger.dir().join("../away"));
    fs::rename(&keys, &away).unwrap();
    let recorded = one_more(&ledger, "x");
    assert_eq!(recorded.code, 0, "{recorded:?}");
    assert_eq!(recorded.json()[0]["outcome"], "recorded");
    let said = &recorded.err;
    assert!(
        said.contains("recorded, not sealed: no private key at hand for socai/hanoi+"),
        "{said}"
    );
    assert!(said.contains("keys/log.key"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(sealed(&ledger), FOUNDED);
    let refused = ledger.run(&["seal"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let key = away.join("log.key");
    let ran = ledger.run(&["seal", "--key", key.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(sealed(&ledger), FOUNDED + 1);
}

/// Copies `from` over `to`, which need not be there.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_log_restored_from_an_older_copy_is_refused() {
    let ledger = Ledger::with_obligations();
    let dir = ledger.dir();
    let older = dir.join("../older");
    copy(&dir.join("log"), &older);
    let size = records(&ledger);
    assert_eq!(one_more(&ledger, "x").code, 0);
    fs::remove_dir_all(dir.join("log")).unwrap();
    copy(&older, &dir.join("log"));
    // What else would notice it was restored with it.
    fs::remove_file(dir.join("reached")).unwrap();
    let refused = ledger.run(&["seal"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let said = format!("it was sealed up to position {}", size + 1);
    assert!(refused.err.contains(&said), "{}", refused.err);
    // Others were recorded since: each is told, and nothing of it is sealed.
    for name in ["y", "z"] {
        let recorded = one_more(&ledger, name);
        assert_eq!(recorded.code, 1, "{recorded:?}");
        assert_eq!(recorded.json()[0]["outcome"], "recorded");
        let said = "recorded, not sealed: the log is not what was sealed";
        assert!(recorded.err.contains(said), "{}", recorded.err);
    }
    let said = ledger.run(&["seal"]).err;
    assert!(
        said.contains(&format!("the record at position {}", size + 1)),
        "{said}"
    );
    assert_eq!(sealed(&ledger), size + 1);
}

#[test]
fn altered_tiles_are_refused_and_made_again_once_they_are_away() {
    let ledger = Ledger::with_obligations();
    let tiles = ledger.dir().join("tlog/tile");
    let tile = tiles.join(format!("0/000.p/{}", records(&ledger)));
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let refused = one_more(&ledger, "x");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err.contains("the tiles are not those of the log"),
        "{}",
        refused.err
    );
    fs::rename(&tiles, ledger.dir().join("../tiles")).unwrap();
    assert_eq!(ledger.run(&["seal"]).code, 0);
    assert_eq!(sealed(&ledger), records(&ledger));
}

#[test]
fn a_served_ledger_is_sealed_and_says_so() {
    let ledger = Ledger::with_obligations();
    // Two obligations are overdue: the watcher flags them, and seals the heads.
    let all = records(&ledger) + 3;
    let serving = Serving::start(&ledger);
    serving.wait_until("what the watcher flagged is sealed", |status| {
        let sealer = &status["roles"]["sealer"];
        let checkpoint = &sealer["checkpoint"];
        sealer["state"] == "working"
            && checkpoint["size"] == all
            && checkpoint["seconds_ago"].is_u64()
            && checkpoint["cosignatures"] == serde_json::json!([])
    });
    let (_, status) = serving.get("/status");
    let status: Value = serde_json::from_str(&status).unwrap();
    drop(serving);
    let last = checkpoints(&ledger).pop().unwrap();
    assert_eq!(
        last["root"],
        status["roles"]["sealer"]["checkpoint"]["root"]
    );
}

#[test]
fn checkpoints_go_along_when_a_ledger_moves() {
    let ledger = Ledger::with_obligations();
    let copy = ledger.dir().join("../copy");
    let (from, to) = (ledger.dir().to_str().unwrap(), copy.to_str().unwrap());
    let migrate = || {
        socai(
            &["migrate", "--from", from, "--to", to, "--format", "json"],
            b"",
        )
    };
    let moved = migrate();
    assert_eq!((moved.code, moved.err.as_str()), (0, ""), "{moved:?}");
    let report = &moved.json()[0];
    let before = checkpoints(&ledger);
    assert_eq!(report["checkpoints_brought"], before.len());
    assert_eq!(report["root"], before.last().unwrap()["root"]);
    // The private key stays where it is, and where it is expected is said.
    let missing = report["log_key_missing"].as_str().unwrap();
    assert!(missing.contains("copy/keys/log.key"), "{missing}");
    assert!(!copy.join("keys").exists());
    let there = socai(&["checkpoints", "--data", to, "--format", "json"], b"");
    assert_eq!(there.json()[0], Value::from(before));
    // The copy was sealed by itself: whoever comes back with the original is told.
    let key = ledger.dir().join("keys/log.key");
    let arguments = ["record", "-", "--data", to, "--key", key.to_str().unwrap()];
    assert_eq!(socai(&arguments, UNIT.as_bytes()).code, 0);
    assert_eq!(migrate().code, 1);
}

#[test]
fn a_key_that_cannot_be_read_leaves_it_recorded_and_not_sealed() {
    use std::os::unix::fs::PermissionsExt;
    let ledger = Ledger::new();
    let key = ledger.dir().join("keys/log.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let recorded = one_more(&ledger, "x");
    assert_eq!(recorded.code, 0, "{recorded:?}");
    assert!(
        recorded.err.starts_with("socai: recorded, not sealed: "),
        "{}",
        recorded.err
    );
    assert_eq!(sealed(&ledger), FOUNDED);
}

#[test]
fn checkpoints_that_were_removed_are_missed_by_verify_and_by_whoever_seals() {
    let ledger = Ledger::with_obligations();
    let dir = ledger.dir().to_str().unwrap().to_owned();
    fs::remove_dir_all(ledger.dir().join("tlog")).unwrap();
    let verified = socai(&["verify", &dir], b"");
    assert_eq!(verified.code, 1, "{verified:?}");
    assert!(
        verified.out.contains("checkpoints, and none are kept"),
        "{}",
        verified.out
    );
    assert!(!verified.out.ends_with("valid\n"), "{}", verified.out);
    let recorded = one_more(&ledger, "x");
    assert_eq!(recorded.code, 1, "{recorded:?}");
    let said = "recorded, not sealed: checkpoints are gone";
    assert!(recorded.err.contains(said), "{}", recorded.err);
    assert_eq!(ledger.run(&["seal"]).code, 1);
    assert_eq!(ledger.run(&["seal", "--anew"]).code, 0);
    assert_eq!(socai(&["verify", &dir], b"").code, 0);
    assert_eq!(one_more(&ledger, "y").code, 0);
}

#[test]
fn while_an_alarm_stands_nothing_is_sealed_and_verify_says_so() {
    let ledger = Ledger::new();
    let alarm = ledger.dir().join("alarm");
    fs::write(&alarm, "there are two histories\n").unwrap();
    let dir = ledger.dir().to_str().unwrap().to_owned();
    for ran in [ledger.run(&["seal"]), one_more(&ledger, "x")] {
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("there are two histories"), "{}", ran.err);
    }
    let verified = socai(&["verify", &dir], b"");
    assert_eq!(verified.code, 1, "{verified:?}");
    assert!(
        verified.out.contains("INVALID: an alarm was raised"),
        "{}",
        verified.out
    );
    fs::remove_file(alarm).unwrap();
    assert_eq!(ledger.run(&["seal"]).code, 0);
    assert_eq!(sealed(&ledger), FOUNDED + 1);
}
