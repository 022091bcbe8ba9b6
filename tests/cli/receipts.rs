//! Receipts on the command line: what is told when something is recorded is what a receipt proves later.

use socai_tlog::{Hash, KeyKind, ProofFile, SigningKey, VerifierKey};

use crate::socai::{FOUNDED, Ledger, OBLIGATIONS, socai};

/// The key that the ledger was made with.
fn log_key(ledger: &Ledger) -> VerifierKey {
    let created = ledger.export();
    let created: serde_json::Value = serde_json::from_str(created.lines().next().unwrap()).unwrap();
    let key = created["data"]["log_key"].as_str().unwrap();
    key.parse().unwrap()
}

fn receipt(ledger: &Ledger, position: u64) -> ProofFile {
    let ran = ledger.run(&["receipt", &position.to_string()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ProofFile::parse(ran.out.as_bytes()).unwrap()
}

#[test]
fn every_leaf_that_was_told_has_a_receipt() {
    let ledger = Ledger::new();
    let told = ledger.record(OBLIGATIONS).json();
    let (key, records) = (log_key(&ledger), ledger.export());
    let mut proven = 0;
    for line in &told {
        let leaves = line["leaves"].as_array().unwrap();
        let positions = line["positions"].as_array().unwrap();
        assert_eq!(leaves.len(), positions.len(), "{line}");
        for (position, leaf) in positions.iter().zip(leaves) {
            let position = position.as_u64().unwrap();
            let leaf: Hash = leaf.as_str().unwrap().parse().unwrap();
            let record = records.lines().nth(usize::try_from(position).unwrap() - 1);
            assert_eq!(leaf, Hash::of_leaf(record.unwrap().as_bytes()));
            let receipt = receipt(&ledger, position);
            let checkpoint = receipt.verify(&leaf).unwrap();
            assert_eq!(checkpoint.origin, "socai/hanoi");
            assert_eq!(receipt.checkpoint.verified_by([&key]).unwrap().len(), 1);
            proven += 1;
        }
    }
    assert_eq!(proven, 7);
    let again = ledger.record(OBLIGATIONS).json();
    assert!(
        again
            .iter()
            .all(|line| line["leaves"] == serde_json::json!([]))
    );
}

/// All or nothing is one append, in which the events of one stream stand together.
#[test]
fn what_is_recorded_as_a_whole_tells_its_leaves_as_well() {
    let ledger = Ledger::new();
    let arguments = ["record", "-", "--format", "json", "--all-or-nothing"];
    let told = ledger.run_with(&arguments, OBLIGATIONS.as_bytes()).json();
    let records = ledger.export();
    for line in &told {
        let position = line["positions"][0].as_u64().unwrap();
        let record = records.lines().nth(usize::try_from(position).unwrap() - 1);
        let leaf = Hash::of_leaf(record.unwrap().as_bytes()).to_string();
        assert_eq!(line["leaves"][0], leaf);
    }
}

/// A person is told of a few events, and not of many.
#[test]
fn a_person_is_told_position_and_leaf_of_a_few() {
    let ledger = Ledger::new();
    let (first, _) = OBLIGATIONS.split_once('\n').unwrap();
    let few = ledger.run_with(&["record", "-"], first.as_bytes());
    let leaf = Hash::of_leaf(ledger.export().lines().last().unwrap().as_bytes());
    let line = format!("position {}, leaf {leaf}: unit.c", FOUNDED + 1);
    assert!(few.out.contains(&line), "{few:?}");
    let many = ledger.run_with(&["record", "-"], OBLIGATIONS.as_bytes());
    assert!(
        many.out.contains("6 recorded") && !many.out.contains("leaf"),
        "{many:?}"
    );
}

#[test]
fn a_receipt_goes_to_a_file_and_what_is_not_sealed_has_none() {
    let ledger = Ledger::made_without_a_key();
    let ran = ledger.run(&["receipt", "1"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("position 1 is not sealed yet") && ran.err.contains("socai seal"),
        "{ran:?}"
    );

    let ledger = Ledger::with_obligations();
    let file = ledger.dir().join("receipt");
    let ran = ledger.run(&["receipt", "3", "--out", file.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let written = ProofFile::parse(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written, receipt(&ledger, 3));
    let again = ledger.run(&["receipt", "4", "--out", file.to_str().unwrap()]);
    assert!(
        again.code == 1 && again.err.contains("File exists"),
        "{again:?}"
    );
    let kept = ProofFile::parse(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(kept, written, "a receipt replaces nothing");
    for position in ["0", "99"] {
        let ran = ledger.run(&["receipt", position]);
        assert_eq!(ran.code, 1);
        assert!(
            ran.err.contains("the ledger ends at position 11"),
            "{ran:?}"
        );
    }
}

/// Whoever holds a receipt, a record and a policy needs no ledger.
#[test]
fn a_receipt_is_verified_with_its_record_and_against_a_policy() {
    let ledger = Ledger::with_obligations();
    let home = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let file = home.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let records = ledger.export();
    let line = |position: usize| records.lines().nth(position - 1).unwrap();
    let receipt = put("r5", &ledger.run(&["receipt", "5"]).out);
    let key = log_key(&ledger);
    let policy = put("policy", &format!("log {key}\nquorum none\n"));
    let stranger = put(
        "stranger",
        &format!("log {}\nquorum none\n", stranger_of(&key)),
    );
    let witness = SigningKey::from_seed("w.example", KeyKind::CosignatureV1, [4; 32]).unwrap();
    let witness = witness.verifier_key();
    let asking = put(
        "asking",
        &format!("log {key}\nwitness w {witness}\nquorum w\n"),
    );
    let (own, bare) = (put("own", &format!("{}\n", line(5))), put("bare", line(5)));
    let other = put("other", line(6));

    let cases: [(&str, &[&str], i32, &str); 7] = [
        (
            "its line",
            &["--record", &own, "--policy", &policy],
            0,
            ": VALID\n",
        ),
        (
            "its bytes",
            &["--record", &bare, "--policy", &policy],
            0,
            "position 5",
        ),
        (
            "another",
            &["--record", &other, "--policy", &policy],
            1,
            "does not prove this record",
        ),
        ("no policy", &["--record", &own], 2, "no policy says"),
        (
            "no witness",
            &["--record", &own, "--policy", &asking],
            2,
            "fewer witnesses",
        ),
        (
            "another key",
            &["--record", &own, "--policy", &stranger],
            1,
            "not signed by any key",
        ),
        ("no record", &["--policy", &policy], 2, "is a receipt"),
    ];
    for (what, options, code, said) in cases {
        let ran = socai(&[&["verify", &*receipt], options].concat(), b"");
        assert_eq!(ran.code, code, "{what}: {ran:?}");
        assert!(
            format!("{}{}", ran.out, ran.err).contains(said),
            "{what}: {ran:?}"
        );
    }
    let cut = put("cut", "c2sp.org/tlog-proof@v1\n");
    let ran = socai(&["verify", &cut, "--record", &own, "--format", "json"], b"");
    assert_eq!(
        (ran.code, &ran.json()[0]["outcome"]),
        (1, &"invalid".into())
    );
    let ledger = ledger.dir();
    let ran = socai(&["verify", ledger.to_str().unwrap(), "--record", &own], b"");
    assert!(
        ran.code == 1 && ran.err.contains("is no receipt"),
        "{ran:?}"
    );
}

/// Another key of the same name.
fn stranger_of(key: &VerifierKey) -> VerifierKey {
    let other = SigningKey::from_seed(key.name(), KeyKind::Ed25519, [9; 32]).unwrap();
    other.verifier_key().clone()
}
