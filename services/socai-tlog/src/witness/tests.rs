use proptest::prelude::*;

use super::*;
use crate::key::{KeyKind, SigningKey};
use crate::proof::consistency_in;
use crate::tree::root_of;

fn log(seed: u8) -> SigningKey {
    SigningKey::from_seed("example.com/log", KeyKind::Ed25519, [seed; 32]).unwrap()
}

fn leaves(size: u64) -> Vec<Hash> {
    (0..size)
        .map(|leaf| Hash::of_leaf(&leaf.to_be_bytes()))
        .collect()
}

fn last(size: u64) -> Option<(u64, Hash)> {
    Some((size, root_of(&leaves(size))))
}

/// Signed by the log with this seed, with the proof from `old`.
fn request(old: u64, size: u64, seed: u8) -> AddCheckpoint {
    let leaves = leaves(size);
    let checkpoint = Checkpoint {
        origin: "example.com/log".to_owned(),
        size,
        root: root_of(&leaves),
        extensions: Vec::new(),
    };
    let proof = if old == 0 {
        None
    } else {
        consistency_in(&leaves, old)
    };
    AddCheckpoint {
        old,
        proof: proof.unwrap_or_default(),
        checkpoint: checkpoint.sign(&[&log(seed)]),
    }
}

fn decided(request: &AddCheckpoint, last: Option<(u64, Hash)>) -> Result<u64, Refusal> {
    let logs = [log(1).verifier_key().clone()];
    decide(request, &logs, last).map(|checkpoint| checkpoint.size)
}

#[test]
fn a_log_that_grows_is_cosigned_and_so_is_one_that_stands_still() {
    assert_eq!(decided(&request(0, 0, 1), None), Ok(0));
    assert_eq!(decided(&request(0, 3, 1), None), Ok(3));
    assert_eq!(decided(&request(3, 3, 1), last(3)), Ok(3));
    assert_eq!(decided(&request(3, 11, 1), last(3)), Ok(11));
    assert_eq!(
        decided(&request(0, 4, 1), Some((0, Hash::OF_NOTHING))),
        Ok(4)
    );
}

/// Each row mends what the row before was refused for.
#[test]
fn the_rules_apply_in_the_order_of_the_protocol() {
    let asked = |change: &dyn Fn(&mut AddCheckpoint)| {
        let mut asked = request(3, 11, 1);
        change(&mut asked);
        asked
    };
    let signed_by_another = request(3, 11, 2);
    let other_origin = |asked: &mut AddCheckpoint| {
        asked.checkpoint.text = asked.checkpoint.text.replace("com/log", "com/other");
    };
    let ladder = [
        (
            "no checkpoint",
            asked(&|asked| asked.checkpoint.text = "text\n".to_owned()),
            400,
        ),
        ("another log", asked(&other_origin), 404),
        ("by another key", signed_by_another, 403),
        ("from a larger size", asked(&|asked| asked.old = 12), 400),
        ("from another size", asked(&|asked| asked.old = 2), 409),
        ("without a proof", asked(&|asked| asked.proof.clear()), 422),
        (
            "with another proof",
            asked(&|asked| asked.proof.swap(0, 1)),
            422,
        ),
    ];
    for (rung, request, status) in ladder {
        let refusal = decided(&request, last(3)).unwrap_err();
        assert_eq!(refusal.status(), status, "{rung}: {refusal}");
    }
    assert_eq!(decided(&request(3, 11, 1), last(3)), Ok(11));
}

#[test]
fn a_size_is_never_cosigned_with_two_roots() {
    let other = Some((3, Hash::of_leaf(b"another history")));
    let forked = Refusal::Forked { size: 3 };
    assert_eq!(decided(&request(3, 3, 1), other), Err(forked.clone()));
    assert_eq!((forked.status(), forked.cosigned_size()), (409, Some(3)));
    let refusal = decided(&request(3, 11, 1), other).unwrap_err();
    assert_eq!(refusal.status(), 422);
    let empty = decided(
        &AddCheckpoint {
            old: 0,
            ..request(3, 3, 1)
        },
        None,
    );
    assert_eq!(
        empty,
        Ok(3),
        "nothing was proven to somebody who has seen nothing"
    );
}

#[test]
fn a_smaller_size_is_answered_with_the_size_that_was_cosigned() {
    for old in [0, 3] {
        let refusal = decided(&request(old, 3, 1), last(11)).unwrap_err();
        assert_eq!(refusal, Refusal::Conflict { size: 11, old });
        assert_eq!((refusal.status(), refusal.cosigned_size()), (409, Some(11)));
    }
}

#[test]
fn hashes_where_there_is_nothing_to_prove_are_refused() {
    for (old, size) in [(0, 3), (3, 3)] {
        let mut request = request(old, size, 1);
        request.proof.push(Hash::OF_NOTHING);
        let refusal = decided(&request, last(old).filter(|_| old > 0)).unwrap_err();
        assert_eq!(refusal.status(), 422);
    }
}

#[test]
fn a_request_reads_back_and_anything_else_is_refused() {
    for (old, size) in [(0, 1), (3, 11)] {
        let request = request(old, size, 1);
        assert_eq!(
            AddCheckpoint::parse(request.to_string().as_bytes()),
            Ok(request)
        );
    }
    let good = request(3, 11, 1).to_string();
    let many = format!("old 3{}", format!("\n{}", Hash::OF_NOTHING).repeat(64));
    let cases = [
        (String::new(), 400),
        (good.replace("old 3", "old 03"), 400),
        (good.replace("old 3", "old -3"), 400),
        (good.replace("old 3", "odd 3"), 400),
        (good.replace("old 3", "old 3\nAAAA"), 400),
        (good.replace("old 3", &many), 400),
        (good.replace("— ", "- "), 403),
        (good[..good.len() - 1].to_owned(), 400),
    ];
    for (text, status) in cases {
        assert_eq!(
            AddCheckpoint::parse(text.as_bytes()).unwrap_err().status(),
            status,
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn hostile_requests_are_answered_and_never_panic(
        bytes: Vec<u8>,
        at: prop::sample::Index,
        byte: u8,
        old in prop_oneof![0..12_u64, any::<u64>()],
        cosigned in prop_oneof![0..12_u64, any::<u64>()],
    ) {
        prop_assert!(AddCheckpoint::parse(&bytes).is_err());
        let mut bytes = request(3, 11, 1).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(mut request) = AddCheckpoint::parse(&bytes) {
            let _ = decided(&request, last(3));
            request.old = old;
            let _ = decided(&request, Some((cosigned, Hash::OF_NOTHING)));
        }
    }
}
