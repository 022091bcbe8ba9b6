//! A ledger that has itself cosigned: by a witness over HTTP, or by file.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use socai_app::witness::name_of;
use socai_tlog::cosignature::cosigned_at;
use socai_tlog::{Note, VerifierKey};

use super::{Serving, Witness, copy};
use crate::socai::{Ledger, socai};

/// Long enough for a machine that does a lot else.
const PATIENCE: Duration = Duration::from_secs(60);

/// The last checkpoint of the ledger, as `socai checkpoints` shows it.
fn checkpoints(ledger: &Ledger) -> Vec<Value> {
    let ran = ledger.run(&["checkpoints", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json()[0].as_array().unwrap().clone()
}

fn log_key(ledger: &Ledger) -> VerifierKey {
    let created = ledger.export().lines().next().unwrap().to_owned();
    let created: Value = serde_json::from_str(&created).unwrap();
    created["data"]["log_key"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// A configuration of the ledger in `dir`, with this witness.
fn config(home: &Path, dir: &Path, url: &str, key: &VerifierKey) -> String {
    let file = home.join("socai.toml");
    let text = format!(
        "[ledger]\ndirectory = {dir:?}\n[sealer]\ncosign_seconds = 1\n\
         [[sealer.witnesses]]\nurl = \"{url}\"\nkey = \"{key}\"\n"
    );
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Waits until the sealer of a serving process is as `look` wants it.
fn wait_until(serving: &Serving, what: &str, look: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let status: Value = serde_json::from_str(&serving.get("/status").body).unwrap();
        let sealer = &status["roles"]["sealer"];
        if look(sealer) {
            return sealer.clone();
        }
        assert!(begun.elapsed() < PATIENCE, "still not: {what}: {sealer}");
        std::thread::yield_now();
    }
}

fn is_cosigned(sealer: &Value) -> bool {
    let lines = sealer["checkpoint"]["cosignatures"].as_array();
    lines.is_some_and(|lines| !lines.is_empty())
}

#[test]
fn a_served_ledger_is_cosigned_by_its_witness() {
    let ledger = Ledger::with_obligations();
    let witness = Witness::knowing(&log_key(&ledger));
    let cosigning = witness.serve();
    let config = config(
        witness.home.path(),
        ledger.dir(),
        &cosigning.url(),
        &witness.key,
    );
    let serving = Serving::start(&["serve", "--config", &config]);
    let sealer = wait_until(&serving, "it is cosigned", is_cosigned);
    assert_eq!(sealer["state"], "working");
    drop(serving);

    let last = checkpoints(&ledger).pop().unwrap();
    let note = Note::parse(last["note"].as_str().unwrap().as_bytes()).unwrap();
    assert!(cosigned_at(&note, &witness.key).unwrap().is_some());
    let origin = name_of(log_key(&ledger).name());
    let kept = cosigning.get(&format!("/{origin}/checkpoint")).body;
    assert_eq!(Note::parse(kept.as_bytes()).unwrap().text, note.text);
    assert_eq!(
        socai(&["verify", ledger.dir().to_str().unwrap()], b"").code,
        0
    );
}

#[test]
fn a_witness_that_is_not_there_keeps_nobody_from_sealing() {
    let ledger = Ledger::with_obligations();
    let witness = Witness::knowing(&log_key(&ledger));
    // Nothing listens on the port of a process that has ended.
    let gone = witness.serve().url();
    let config = config(witness.home.path(), ledger.dir(), &gone, &witness.key);
    let serving = Serving::start(&["serve", "--config", &config]);
    // A task and a report are overdue, and flagged.
    let records = ledger.export().lines().count();
    let sealer = wait_until(&serving, "what is recorded is sealed", |sealer| {
        sealer["checkpoint"]["size"].as_u64() >= Some(records as u64)
    });
    assert_eq!(sealer["state"], "working");
    assert!(!is_cosigned(&sealer));
}

#[test]
fn a_ledger_restored_from_an_older_copy_is_not_sealed_on() {
    let ledger = Ledger::with_obligations();
    let witness = Witness::knowing(&log_key(&ledger));
    let older = witness.home.path().join("older");
    copy(ledger.dir(), &older);
    let line = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"x","name":"X","kind":"other"}}"#;
    assert_eq!(ledger.record(line).code, 0);
    by_file(&ledger, &witness);

    let cosigning = witness.serve();
    let config = config(witness.home.path(), &older, &cosigning.url(), &witness.key);
    let serving = Serving::start(&["serve", "--config", &config, "--roles", "sealer"]);
    let sealer = wait_until(&serving, "it has stopped", |sealer| {
        sealer["state"] == "stopped"
    });
    let reason = sealer["reason"].as_str().unwrap();
    assert!(reason.contains("was rolled back"), "{reason}");
    assert!(reason.contains(&witness.key.label()), "{reason}");
}

/// Has the last checkpoint of the ledger cosigned by file, and says what `accept` printed.
fn by_file(ledger: &Ledger, witness: &Witness) -> String {
    let key = witness.key.to_string();
    let file = witness.home.path().join("request");
    let out = [
        "witness",
        "request",
        "--witness",
        &key,
        "--out",
        file.to_str().unwrap(),
    ];
    let asked = ledger.run(&out);
    assert_eq!(asked.code, 0, "{asked:?}");
    let signed = witness.sign(&fs::read(&file).unwrap());
    assert_eq!(signed.code, 0, "{signed:?}");
    let accept = ["witness", "accept", "--witness", &key, "-"];
    let accepted = ledger.run_with(&accept, signed.out.as_bytes());
    assert_eq!(accepted.code, 0, "{accepted:?}");
    accepted.out
}

#[test]
fn a_ledger_is_cosigned_by_a_witness_that_it_does_not_reach() {
    let ledger = Ledger::with_obligations();
    let witness = Witness::knowing(&log_key(&ledger));
    let first = by_file(&ledger, &witness);
    let records = ledger.export().lines().count();
    assert!(
        first.starts_with(&format!("{records} records cosigned")),
        "{first}"
    );

    let line = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"x","name":"X","kind":"other"}}"#;
    assert_eq!(ledger.record(line).code, 0);
    by_file(&ledger, &witness);
    let last = checkpoints(&ledger).pop().unwrap();
    assert_eq!(last["size"], records + 1);
    assert_eq!(last["cosigned_by"].as_array().unwrap().len(), 1);
    assert_eq!(witness.last().unwrap().0, records as u64 + 1);
}

/// As `head` does it.
#[test]
fn whoever_reads_no_further_gets_no_complaint() {
    let ledger = Ledger::with_obligations();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let key = Witness::new().key.to_string();
    let data = ledger.dir();
    let ran = std::process::Command::new(crate::socai::BINARY)
        .args(["witness", "request", "--witness", &key, "--data"])
        .arg(data)
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
}

#[test]
fn only_a_cosignature_of_this_ledger_by_that_witness_is_kept() {
    let ledger = Ledger::with_obligations();
    let other = Ledger::new();
    let witness = Witness::knowing(&log_key(&ledger));
    let stranger = Witness::knowing(&log_key(&ledger));
    let key = witness.key.to_string();
    let request = ledger.run(&["witness", "request", "--witness", &key]).out;
    let signed = witness.sign(request.as_bytes()).out;
    let before = checkpoints(&ledger).len();
    let by_stranger = stranger.sign(request.as_bytes()).out;
    let accept = ["witness", "accept", "--witness", &key];
    for (answer, why) in [
        ("", "the answer of a witness"),
        ("not cosigned\n", "no signature"),
        (&*by_stranger, "holds no signature by"),
    ] {
        let ran = ledger.run_with(&accept, answer.as_bytes());
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(why), "{ran:?}");
    }
    let elsewhere = other.run_with(&accept, signed.as_bytes());
    assert!(
        elsewhere.err.contains("none of this ledger's checkpoints"),
        "{elsewhere:?}"
    );
    assert_eq!(checkpoints(&ledger).len(), before);

    assert_eq!(ledger.run_with(&accept, signed.as_bytes()).code, 0);
    let again = ledger.run_with(&accept, signed.as_bytes());
    assert!(
        again.code == 0 && again.out.contains("kept before"),
        "{again:?}"
    );
    assert_eq!(checkpoints(&ledger).len(), before + 1);

    let further = ledger.run(&["witness", "request", "--witness", &key, "--old", "99999"]);
    assert!(further.err.contains("rolled back"), "{further:?}");
}
