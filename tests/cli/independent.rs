//! Whole ledgers, sealed by the binary, before verifiers that share no code with us.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::inspected::{Inspected, done, judged, log_key_of, notes_of, unzip, verify};
use crate::socai::Ledger;
use crate::verifiers::{Bundle, Log, Verdict, proof_by_scales, verify_py};

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
    done(&["export", "--data", dir.to_str().unwrap()])
}

/// What is handed out `of` a unit or a document is valid for everybody, with the log's key alone.
#[track_caller]
fn everybody_accepts_evidence(dir: &Path, of: [&str; 2], story: &str) {
    let home = tempfile::tempdir().unwrap();
    let [zip, policy] = ["goi.zip", "policy"].map(|name| home.path().join(name));
    let key = log_key_of(dir);
    fs::write(&policy, format!("log {key}\nquorum none\n")).unwrap();
    let (data, out) = (dir.to_str().unwrap(), zip.to_str().unwrap());
    let window = ["--from", "2000-01-01", "--to", "2099-12-31"];
    done(
        &[
            &["evidence", "--data", data, "--out", out],
            &of[..],
            &window,
        ]
        .concat(),
    );

    let story = format!("{story}, {of:?}");
    verify(&[out, "--policy", policy.to_str().unwrap()]).accepts(&format!("socai, {story}"));
    verify_py(&zip, Some(&policy)).accepts(&format!("verify.py, {story}"));
    let unzipped = home.path().join("goi");
    unzip(&fs::read(&zip).unwrap(), &unzipped);
    let bundle = Bundle {
        dir: unzipped,
        keys: vec![key],
        cosignatures: 0,
    };
    bundle.by_go().accepts(&format!("Go, {story}"));
    bundle.by_scales().accepts(&format!("tlog-scales, {story}"));
}

#[test]
fn a_random_city_is_accepted_by_everybody() {
    let seed = RandomState::new().build_hasher().finish();
    let story = format!("socai simulate --seed {seed}");
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("thanh-pho");
    let (seed, data) = (seed.to_string(), dir.to_str().unwrap());
    let plan = ["--units", "20", "--years", "1", "--events", "3000"];
    done(&[&["simulate", "--data", data, "--seed", &seed], &plan[..]].concat());
    everybody_accepts(&dir, &[], &story);
    let unit = a_unit_of(&dir);
    everybody_accepts_evidence(&dir, ["--unit", &unit], &story);
}

/// The unit that was formed last.
fn a_unit_of(dir: &Path) -> String {
    let records = exported(dir);
    let formed = records
        .lines()
        .rfind(|record| record.contains(r#""type":"unit.formed.v1""#));
    let formed: serde_json::Value = serde_json::from_str(formed.unwrap()).unwrap();
    let subject = formed["subject"].as_str().unwrap();
    subject.strip_prefix("unit.").unwrap().to_owned()
}

/// The demonstration's scenario, which is recorded and sealed file by file.
#[test]
fn the_demonstrations_scenario_is_accepted_by_everybody() {
    let ledger = Ledger::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/hanoi");
    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in &files {
        let ran = ledger.run(&["record", file.to_str().unwrap(), "--trust-actors"]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let story = "the demonstration's scenario";
    assert!(notes_of(ledger.dir()).len() >= files.len());
    everybody_accepts(ledger.dir(), &[], story);
    for of in [["--unit", "hn-snv"], ["--document", "24-CT/TU"]] {
        everybody_accepts_evidence(ledger.dir(), of, story);
    }
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
