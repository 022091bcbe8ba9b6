//! Receipts on the command line: what is told when something is recorded is what a receipt proves later.

use socai_tlog::{Hash, ProofFile, VerifierKey};

use crate::socai::{Ledger, OBLIGATIONS};

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
    let leaf = Hash::of_leaf(ledger.export().lines().nth(1).unwrap().as_bytes());
    let line = format!("position 2, leaf {leaf}: unit.c");
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
    for position in ["0", "99"] {
        let ran = ledger.run(&["receipt", position]);
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains("the ledger ends at position 8"), "{ran:?}");
    }
}
