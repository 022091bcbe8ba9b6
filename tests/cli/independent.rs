//! Whole ledgers, sealed by the binary, before verifiers that share no code with us.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::inspected::{Inspected, judged, log_key_of, notes_of};
use crate::socai::{Ledger, socai};
use crate::verifiers::{Log, Verdict, proof_by_scales};

/// The ledger in `dir` is what its checkpoints say, for Go and for tlog-scales; so is every checkpoint before.
#[track_caller]
fn everybody_accepts(dir: &Path, witnesses: &[String], story: &str) {
    let home = tempfile::tempdir().unwrap();
    let records = home.path().join("records");
    fs::write(&records, exported(dir)).unwrap();
    let older = notes_of(dir).into_iter().enumerate().map(|(entry, note)| {
        let file = home.path().join(format!("checkpoint.{entry}"));
        fs::write(&file, note).unwrap();
        file
    });
    let older: Vec<PathBuf> = older.collect();
    assert!(!older.is_empty(), "{story}: nothing was sealed");
    let log = Log {
        dir: dir.join("tlog"),
        records,
        older,
        keys: [&[log_key_of(dir)], witnesses].concat(),
        cosignatures: witnesses.len(),
    };
    log.by_go().accepts(&format!("Go, {story}"));
    log.by_scales().accepts(&format!("tlog-scales, {story}"));
}

fn exported(dir: &Path) -> String {
    let ran = socai(&["export", "--data", dir.to_str().unwrap()], b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

#[test]
fn a_random_city_is_accepted_by_everybody() {
    let seed = RandomState::new().build_hasher().finish();
    let story = format!("socai simulate --seed {seed}");
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("thanh-pho");
    let (seed, data) = (seed.to_string(), dir.to_str().unwrap());
    let plan = [
        "--units", "20", "--years", "1", "--events", "3000", "--seed", &seed,
    ];
    let ran = socai(&[&["simulate", "--data", data][..], &plan].concat(), b"");
    assert_eq!(ran.code, 0, "{story}: {ran:?}");
    everybody_accepts(&dir, &[], &story);
}

/// The demonstration's scenario, which is recorded and sealed file by file.
#[test]
fn the_demonstrations_scenario_is_accepted_by_everybody() {
    let ledger = Ledger::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/hanoi");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in &files {
        let ran = ledger.run(&["record", file.to_str().unwrap(), "--trust-actors"]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert!(notes_of(ledger.dir()).len() >= files.len());
    everybody_accepts(ledger.dir(), &[], "the demonstration's scenario");
}

#[test]
fn cosignatures_of_a_ledger_and_a_bundle_of_it_are_accepted_by_everybody() {
    let world = Inspected::new();
    let bundle = judged(&world, &world.bundle);
    let verdicts = [
        ("socai", bundle.socai),
        ("verify.py", bundle.python),
        ("Go", bundle.go),
        ("tlog-scales", bundle.scales),
    ];
    verdicts
        .iter()
        .for_each(|(who, verdict)| verdict.accepts(who));

    everybody_accepts(
        world.ledger.dir(),
        &world.keys()[1..],
        "a ledger that two witnesses cosigned",
    );
}

#[test]
fn a_receipt_is_the_proof_that_tlog_scales_makes() {
    let ledger = Ledger::with_obligations();
    let size = exported(ledger.dir()).lines().count() as u64;
    for position in [1, size / 2, size] {
        let receipt = ledger.run(&["receipt", &position.to_string()]);
        assert_eq!(receipt.code, 0, "{receipt:?}");
        let theirs: Verdict = proof_by_scales(&ledger.dir().join("tlog"), position - 1);
        theirs.accepts("gen-proof");
        assert_eq!(receipt.out, theirs.said, "position {position}");
    }
}
