use proptest::prelude::*;

use super::*;
use crate::cosignature::cosign;
use crate::hash::Hash;
use crate::key::{BadKey, KeyKind, SigningKey};

fn log(seed: u8) -> SigningKey {
    SigningKey::from_seed("example.com/log", KeyKind::Ed25519, [seed; 32]).unwrap()
}

fn witness(seed: u8) -> SigningKey {
    let name = format!("witness.example/{seed}");
    SigningKey::from_seed(&name, KeyKind::CosignatureV1, [seed; 32]).unwrap()
}

/// `X1` to `X3`, `Y1` and `Y2`, and what the file says of them.
fn policy(rules: &str) -> Result<Policy, BadPolicy> {
    let mut text = format!("# of the committee\n\n log\t{} \n", log(1).verifier_key());
    for (name, seed) in [("X1", 11), ("X2", 12), ("X3", 13), ("Y1", 21), ("Y2", 22)] {
        let key = witness(seed);
        text += &format!(
            "witness {name} {} https://{name}.example\n",
            key.verifier_key()
        );
    }
    Policy::parse(&(text + rules))
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: "example.com/log".to_owned(),
        size: 7,
        root: Hash::of_leaf(b"root"),
        extensions: Vec::new(),
    }
}

/// Signed by the log, and cosigned by the witnesses with these seeds at these times.
fn note(cosigned: &[(u8, u64)]) -> Note {
    let mut note = checkpoint().sign(&[&log(1)]);
    for (seed, at) in cosigned {
        note.add(cosign(&checkpoint().text(), &witness(*seed), *at));
    }
    note
}

const TWO_HOUSES: &str =
    "group X 2 X1 X2 X3\ngroup Y any Y1 Y2\ngroup X-and-Y all X Y\nquorum X-and-Y\n";

#[test]
fn the_quorum_is_reached_when_the_last_needed_witness_has_signed() {
    let policy = policy(TWO_HOUSES).unwrap();
    let cases: [(&[(u8, u64)], Quorum); 7] = [
        (&[], Quorum::NotReached),
        (&[(11, 5), (12, 6), (13, 7)], Quorum::NotReached),
        (&[(21, 5), (22, 6), (11, 7)], Quorum::NotReached),
        (&[(11, 5), (12, 6), (21, 4)], Quorum::Reached { at: 6 }),
        (&[(11, 5), (12, 6), (21, 9)], Quorum::Reached { at: 9 }),
        (
            &[(11, 5), (12, 8), (13, 7), (21, 4), (22, 3)],
            Quorum::Reached { at: 7 },
        ),
        (&[(11, 5), (11, 4), (11, 3), (21, 2)], Quorum::NotReached),
    ];
    for (cosigned, expected) in cases {
        let judged = policy.judge(&note(cosigned)).unwrap();
        assert_eq!(judged.quorum, expected, "{cosigned:?}");
    }
}

#[test]
fn it_says_who_signed_by_the_names_of_the_file() {
    let policy = policy(TWO_HOUSES).unwrap();
    let judged = policy
        .judge(&note(&[(22, 9), (11, 5), (11, 4), (99, 1)]))
        .unwrap();
    assert_eq!(judged.checkpoint, checkpoint());
    assert_eq!(judged.log_keys, [log(1).verifier_key().clone()]);
    assert_eq!(
        judged.cosigned,
        [("X1".to_owned(), 4), ("Y2".to_owned(), 9)]
    );
    assert_eq!(judged.first_seen(), Some(4));
    assert_eq!(
        policy.witnesses()[0].url.as_deref(),
        Some("https://X1.example")
    );
    assert_eq!(policy.logs()[0].url, None);
}

#[test]
fn one_witness_may_be_the_quorum_and_none_may_be_asked() {
    let single = policy("quorum X2").unwrap();
    assert_eq!(
        single.judge(&note(&[(12, 3)])).unwrap().quorum,
        Quorum::Reached { at: 3 }
    );
    assert_eq!(
        single.judge(&note(&[(11, 3)])).unwrap().quorum,
        Quorum::NotReached
    );
    let alone = policy("quorum none\n").unwrap();
    assert_eq!(
        alone.judge(&note(&[(12, 3)])).unwrap().quorum,
        Quorum::NotAsked
    );
}

#[test]
fn a_note_that_no_known_log_signed_is_not_judged() {
    let policy = policy(TWO_HOUSES).unwrap();
    let cosigned = note(&[(11, 5), (12, 6), (21, 4)]);

    let other = Note {
        text: "any\ntext\n".to_owned(),
        ..cosigned.clone()
    };
    let not = JudgeError::NotACheckpoint(BadCheckpoint::Lines);
    assert_eq!(policy.judge(&other), Err(not));

    let text = cosigned
        .text
        .replace("example.com/log", "example.com/other");
    let origin = "example.com/other".to_owned();
    let other = Note {
        text,
        ..cosigned.clone()
    };
    assert_eq!(policy.judge(&other), Err(JudgeError::UnknownLog { origin }));

    let mut stolen = checkpoint().sign(&[&log(2)]);
    cosigned.signatures[1..]
        .iter()
        .for_each(|signature| stolen.add(signature.clone()));
    let known = log(1).verifier_key().label();
    assert_eq!(policy.judge(&stolen), Err(JudgeError::NotSigned { known }));
}

#[test]
fn a_bad_signature_by_a_known_key_spoils_it_and_is_named() {
    let policy = policy(TWO_HOUSES).unwrap();
    for (place, key) in [(0, log(1)), (1, witness(11)), (3, witness(21))] {
        let mut spoilt = note(&[(11, 5), (12, 6), (21, 4)]);
        let last = spoilt.signatures[place].bytes.len() - 1;
        spoilt.signatures[place].bytes[last] ^= 1;
        let key = key.verifier_key().label();
        let bad = JudgeError::BadSignature(BadSignature { key });
        assert_eq!(policy.judge(&spoilt), Err(bad));
    }
    let mut unknown = note(&[(11, 5), (12, 6), (21, 4), (99, 1)]);
    unknown.signatures[4].bytes[30] ^= 1;
    assert!(policy.judge(&unknown).is_ok());
}

#[test]
fn while_keys_of_a_log_overlap_either_is_enough() {
    let both = format!(
        "log {}\nlog {}\nquorum none\n",
        log(1).verifier_key(),
        log(2).verifier_key()
    );
    let policy = Policy::parse(&both).unwrap();
    for (keys, expected) in [(vec![1], 1), (vec![2], 1), (vec![2, 1], 2)] {
        let keys: Vec<SigningKey> = keys.into_iter().map(log).collect();
        let note = checkpoint().sign(&keys.iter().collect::<Vec<_>>());
        assert_eq!(policy.judge(&note).unwrap().log_keys.len(), expected);
    }
}

#[test]
fn what_an_editor_on_windows_puts_into_a_policy_means_nothing() {
    let text = format!(
        "# of the committee\nlog {}\n\nquorum none\n",
        log(1).verifier_key()
    );
    let saved = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(Policy::parse(&saved), Policy::parse(&text));
    assert!(Policy::parse(&text).is_ok());
    let twice = Policy::parse(&format!("\u{feff}{saved}")).unwrap_err();
    assert_eq!((twice.line, twice.wrong), (1, Wrong::Form));
}

#[test]
fn a_line_that_says_nothing_sensible_is_refused_with_its_number() {
    let undefined = |name: &str| Wrong::Undefined(name.to_owned());
    let taken = |name: &str| Wrong::SameName(name.to_owned());
    let other = log(1).verifier_key().to_string();
    let known = witness(11).verifier_key().to_string();
    let expected = KeyKind::CosignatureV1;
    let found = KeyKind::Ed25519;
    let cases = [
        (String::new(), 9, Wrong::NoQuorum),
        ("quorum X1\nquorum X1".to_owned(), 10, Wrong::SecondQuorum),
        ("quorum".to_owned(), 9, Wrong::Form),
        ("quorum X1 X2".to_owned(), 9, Wrong::Form),
        ("quorum Z".to_owned(), 9, undefined("Z")),
        ("Quorum X1".to_owned(), 9, Wrong::Form),
        ("quorum\rX1".to_owned(), 9, Wrong::Control),
        ("group G any G".to_owned(), 9, undefined("G")),
        ("group G any none".to_owned(), 9, undefined("none")),
        ("group G any".to_owned(), 9, Wrong::Form),
        ("group G 0 X1".to_owned(), 9, Wrong::Threshold(1)),
        ("group G 3 X1 X2".to_owned(), 9, Wrong::Threshold(2)),
        ("group G 02 X1 X2".to_owned(), 9, Wrong::Threshold(2)),
        ("group G some X1 X2".to_owned(), 9, Wrong::Threshold(2)),
        (
            "group G 2 X1 X1".to_owned(),
            9,
            Wrong::SecondGroup("X1".to_owned()),
        ),
        (
            "group G all X1\ngroup H all X1".to_owned(),
            10,
            Wrong::SecondGroup("X1".to_owned()),
        ),
        ("group X1 all X2".to_owned(), 9, taken("X1")),
        ("group none all X2".to_owned(), 9, taken("none")),
        (
            format!("witness Z {known}"),
            9,
            Wrong::SameKey(witness(11).verifier_key().label()),
        ),
        (
            format!("log {other}"),
            9,
            Wrong::SameKey(log(1).verifier_key().label()),
        ),
        (
            format!("witness Z {other}"),
            9,
            Wrong::Key(BadKey::OtherKind { expected, found }),
        ),
        ("log not-a-key".to_owned(), 9, Wrong::Key(BadKey::Form)),
    ];
    for (rules, line, wrong) in cases {
        assert_eq!(policy(&rules), Err(BadPolicy { line, wrong }), "{rules:?}");
    }
}

#[test]
fn groups_stand_in_groups_but_not_without_end() {
    let tower = |storeys: usize| {
        let mut rules = "group G1 all X1\n".to_owned();
        for storey in 2..=storeys {
            rules += &format!("group G{storey} all G{}\n", storey - 1);
        }
        policy(&format!("{rules}quorum G{storeys}\n"))
    };
    let highest = tower(32).unwrap();
    assert_eq!(
        highest.judge(&note(&[(11, 8)])).unwrap().quorum,
        Quorum::Reached { at: 8 }
    );
    assert_eq!(tower(33).unwrap_err().wrong, Wrong::TooLarge);
    assert_eq!(
        Policy::parse(&"\n".repeat(POLICY_BYTES_MAX + 1))
            .unwrap_err()
            .wrong,
        Wrong::TooLarge
    );
}

proptest! {
    /// By any time before the quorum's, too few had signed; by the quorum's, enough.
    #[test]
    fn the_quorum_time_is_the_smallest(times in prop::collection::btree_map(0..5_usize, 0..9_u64, 0..=5)) {
        let policy = policy(TWO_HOUSES).unwrap();
        let by = |time: &u64| {
            let early = times.iter().filter(|(_, at)| *at <= time).map(|(place, at)| (*place, *at));
            policy.quorum_of(&early.collect()) != Quorum::NotReached
        };
        let expected = (0..9).find(by).map_or(Quorum::NotReached, |at| Quorum::Reached { at });
        prop_assert_eq!(policy.quorum_of(&times), expected);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(log|witness|group|quorum|X|none|all|any|[0-9]|[ \t\n#+é]){0,40}") {
        let _ = Policy::parse(&text);
    }
}
