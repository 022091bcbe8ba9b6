//! Notes that others signed: of Go's checksum database, of Tessera's test log, of Sunlight's witnesses.

use std::fs;

use serde::Deserialize;
use socai_tlog::cosignature::cosigned_at;
use socai_tlog::policy::JudgeError;
use socai_tlog::{Checkpoint, Hash, KeyKind, Note, Policy, Quorum, SigningKey, VerifierKey};

use super::data;

#[derive(Deserialize)]
struct Published {
    name: String,
    vkey: Option<String>,
    #[serde(rename = "skey_TEST_ONLY")]
    skey: Option<String>,
    note: String,
}

fn published() -> Vec<Published> {
    let file = fs::read(data("notes/signed-notes.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}

fn note(path: &str) -> Note {
    Note::parse(&fs::read(data(path)).unwrap()).unwrap()
}

/// The key in a witness's own description of itself.
fn key_in(path: &str) -> VerifierKey {
    let file = fs::read(data(path)).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let key = file["verifier_keys"][0].as_str().unwrap();
    key.parse::<VerifierKey>()
        .unwrap()
        .of_kind(KeyKind::CosignatureV1)
        .unwrap()
}

const TESSERA: &str =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
const MIRRORED: &str = "000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706";

#[test]
fn published_notes_verify_by_their_keys_and_are_written_as_published() {
    let published = published();
    assert_eq!(published.len(), 6);
    for it in published {
        let note = Note::parse(it.note.as_bytes()).unwrap();
        assert_eq!(note.to_string(), it.note, "{}", it.name);
        let Some(key) = it.vkey else { continue };
        let key: VerifierKey = key.parse().unwrap();
        let signed = note.verified_by([&key]).unwrap();
        assert_eq!(signed.len(), 1, "{}", it.name);

        let mut forged = note.clone();
        forged.text.insert(0, ' ');
        assert!(forged.verified_by([&key]).is_err(), "{}", it.name);
    }
}

#[test]
fn a_published_private_key_signs_as_published() {
    for it in published() {
        let Some(private) = it.skey else { continue };
        let key: SigningKey = private.parse().unwrap();
        let note = Note::parse(it.note.as_bytes()).unwrap();
        assert_eq!(note.signatures, [key.sign(&note.text)]);
    }
}

#[test]
fn published_tree_heads_are_checkpoints() {
    let heads = published()
        .into_iter()
        .filter_map(|it| Checkpoint::parse(&Note::parse(it.note.as_bytes()).unwrap().text).ok());
    let heads: Vec<(String, u64)> = heads.map(|it| (it.origin, it.size)).collect();
    let expected = [
        ("go.sum database tree", 6_476_701),
        ("go.sum database tree", 35_225_469),
        ("example.com/behind-the-sofa", 20_852_163),
    ];
    assert_eq!(
        heads,
        expected.map(|(origin, size)| (origin.to_owned(), size))
    );
}

#[test]
fn every_checkpoint_of_the_test_log_verifies_and_no_other_key_signed_it() {
    let policy = Policy::parse(&format!("log {TESSERA}\nquorum none\n")).unwrap();
    for size in 0..=15 {
        let note = note(&format!("tessera-testlog/checkpoint.{size}"));
        let judged = policy.judge(&note).unwrap();
        assert_eq!(judged.checkpoint.size, size);
        assert_eq!(judged.checkpoint.text(), note.text);
        assert_eq!(judged.log_keys, [TESSERA.parse().unwrap()]);
        assert_eq!(judged.quorum, Quorum::NotAsked);
    }
    let empty = Checkpoint::parse(&note("tessera-testlog/checkpoint.0").text).unwrap();
    assert_eq!(empty.root, Hash::OF_NOTHING);
}

#[test]
fn cosignatures_of_others_witnesses_verify_and_state_their_time() {
    let cases = [
        ("witness", "witness.v0.json"),
        ("witness/mirror", "mirror.v0.json"),
    ];
    for (folder, description) in cases {
        let key = key_in(&format!("sunlight-witness/{folder}/{description}"));
        let note = note(&format!("sunlight-witness/{folder}/{MIRRORED}/checkpoint"));
        assert_eq!(
            cosigned_at(&note, &key),
            Ok(Some(1_767_139_200)),
            "{folder}"
        );
    }
    let key = key_in("sunlight-witness/witness2/witness.v0.json");
    let origin = "88ad7a28caeb0b2aa890fdf0304c2fcaf59fca2ee140134ff8c1300bac493482";
    let note = note(&format!("sunlight-witness/witness2/{origin}/checkpoint"));
    assert_eq!(cosigned_at(&note, &key), Ok(Some(1_767_139_200)));
}

/// Both are validly cosigned, each by another witness: together they prove that the log showed two histories.
#[test]
fn two_histories_of_one_size_are_seen_by_whoever_holds_both() {
    let one = note(&format!("sunlight-witness/witness/{MIRRORED}/checkpoint"));
    let other = note(&format!(
        "sunlight-witness/witness/mirror/{MIRRORED}/checkpoint"
    ));
    let (one, other) = (
        Checkpoint::parse(&one.text).unwrap(),
        Checkpoint::parse(&other.text).unwrap(),
    );
    assert_eq!((&one.origin, one.size), (&other.origin, other.size));
    assert_ne!(one.root, other.root);
}

/// Its log signs in the way of certificate transparency, which no policy here can ask for.
#[test]
fn a_checkpoint_signed_by_an_unknown_kind_of_key_is_not_believed() {
    let text = format!("log {TESSERA}\nquorum none\n");
    let text = text.replace(
        "example.com/log/testdata+33d7b496",
        "rome2026h1.example.org+00000000",
    );
    assert!(Policy::parse(&text).is_err());
    let policy = Policy::parse(&format!("log {TESSERA}\nquorum none\n")).unwrap();
    let note = note(&format!("sunlight-witness/witness/{MIRRORED}/checkpoint"));
    let origin = "rome2026h1.example.org".to_owned();
    assert_eq!(policy.judge(&note), Err(JudgeError::UnknownLog { origin }));
}

/// A line of another algorithm, far longer than ours, is a stranger's signature and not an error.
#[test]
fn a_cosignature_of_another_algorithm_is_passed_over() {
    let file = fs::read(data("witness/mldsa44-cosignature-selfmade.json")).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    assert!(
        file["vkey"]
            .as_str()
            .unwrap()
            .parse::<VerifierKey>()
            .is_err()
    );
    let note = file
        .as_object()
        .unwrap()
        .values()
        .filter_map(|it| it.as_str());
    let mut notes = note.filter_map(|it| Note::parse(it.as_bytes()).ok());
    let note = notes.next().unwrap();
    assert_eq!(
        note.verified_by([&TESSERA.parse().unwrap()]),
        Ok(Vec::new())
    );
}
