use proptest::prelude::*;
use signed_note::{Note as TheirNote, StandardVerifier, VerifierList};

use super::*;
use crate::cosignature::{cosign, cosigned_at};
use crate::key::{KeyKind, SigningKey};

const TEXT: &str = "example.com/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

fn log(seed: u8) -> SigningKey {
    SigningKey::from_seed("example.com/log", KeyKind::Ed25519, [seed; 32]).unwrap()
}

fn witness(seed: u8) -> SigningKey {
    SigningKey::from_seed("witness.example/w", KeyKind::CosignatureV1, [seed; 32]).unwrap()
}

/// Signed by one log and one witness.
fn cosigned() -> Note {
    Note {
        text: TEXT.to_owned(),
        signatures: vec![log(1).sign(TEXT), cosign(TEXT, &witness(2), 1_700_000_000)],
    }
}

fn keys() -> Vec<VerifierKey> {
    vec![
        log(1).verifier_key().clone(),
        witness(2).verifier_key().clone(),
    ]
}

#[test]
fn a_note_reads_back_and_says_who_signed_it_and_when() {
    let note = Note::parse(cosigned().to_string().as_bytes()).unwrap();
    assert_eq!(note, cosigned());
    let keys = keys();
    let signed = note.verified_by(&keys).unwrap();
    assert_eq!(
        signed,
        [
            Signed {
                key: &keys[0],
                at: None
            },
            Signed {
                key: &keys[1],
                at: Some(1_700_000_000)
            },
        ]
    );
}

#[test]
fn signatures_of_strangers_are_passed_over() {
    let note = cosigned();
    let stranger = [log(9).verifier_key().clone()];
    assert_eq!(note.verified_by(&stranger), Ok(Vec::new()));
    assert_eq!(cosigned_at(&note, witness(9).verifier_key()), Ok(None));
}

#[test]
fn a_bad_signature_in_the_name_of_a_known_key_spoils_the_whole_note() {
    let mut note = cosigned();
    let mut forged = note.signatures[1].clone();
    forged.bytes[20] ^= 1;
    note.add(forged);
    let bad = note.verified_by(&keys()).unwrap_err();
    assert_eq!(bad.key, witness(2).verifier_key().label());
    assert!(
        note.verified_by(&keys()[..1]).is_ok(),
        "to whoever does not know the witness it is a stranger's"
    );
}

#[test]
fn a_cosignature_is_bound_to_its_time_its_text_and_its_kind() {
    let key = witness(2);
    let signed = cosign(TEXT, &key, 5);
    assert_eq!(key.verifier_key().verify(TEXT, &signed), Ok(Some(5)));
    assert!(
        key.verifier_key()
            .verify(&TEXT.replace('7', "8"), &signed)
            .is_err()
    );
    let mut later = signed.clone();
    later.bytes[7] = 6;
    assert!(key.verifier_key().verify(TEXT, &later).is_err());
    let mut plain = log(2).sign(TEXT);
    plain.name.clone_from(&signed.name);
    plain.id = signed.id;
    assert!(key.verifier_key().verify(TEXT, &plain).is_err());
}

#[test]
fn of_several_cosignatures_of_one_witness_the_earliest_counts() {
    let mut note = cosigned();
    note.add(cosign(TEXT, &witness(2), 1_600_000_000));
    note.add(cosign(TEXT, &witness(2), 1_600_000_000));
    assert_eq!(note.signatures.len(), 3, "the same one is not added twice");
    assert_eq!(
        cosigned_at(&note, witness(2).verifier_key()),
        Ok(Some(1_600_000_000))
    );
}

/// Every bit of every byte, and the bytes that mean something in a note.
#[test]
fn no_byte_of_a_signed_note_can_be_another() {
    let (text, keys) = (cosigned().to_string(), keys());
    for (at, byte) in text.bytes().enumerate() {
        let flipped = (0..8).map(|bit| byte ^ (1 << bit));
        for other in flipped.chain(*b"\n +=A\0").filter(|other| *other != byte) {
            let mut mutated = text.clone().into_bytes();
            mutated[at] = other;
            let Ok(note) = Note::parse(&mutated) else {
                continue;
            };
            let signed = note.verified_by(&keys);
            let is_whole = signed.as_ref().is_ok_and(|signed| signed.len() == 2);
            assert!(!is_whole, "byte {at} as {other}: {signed:?}");
            assert!(
                note.text == TEXT || signed.is_err(),
                "byte {at} as {other}: {signed:?}"
            );
        }
    }
}

#[test]
fn a_note_splits_at_its_last_blank_line() {
    let text = "one\n\ntwo\n\n\nthree\n\n".to_owned();
    let signatures = vec![log(1).sign(&text)];
    let note = Note { text, signatures };
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read, note);
    assert_eq!(read.verified_by(&keys()).unwrap().len(), 1);
}

#[test]
fn bytes_that_are_no_note_are_refused_with_the_reason() {
    let line = log(1).sign(TEXT).to_string();
    let many = format!("{line}\n").repeat(NOTE_SIGNATURES_MAX + 1);
    let cases = [
        (String::new(), BadNote::Form),
        (TEXT.to_owned(), BadNote::Form),
        (format!("{TEXT}\n"), BadNote::Form),
        (format!("{TEXT}{line}\n"), BadNote::Form),
        (format!("{TEXT}\n{line}"), BadNote::Form),
        (format!("{TEXT}\n\n\n"), BadNote::Form),
        (format!("{TEXT}\r\n\n{line}\n"), BadNote::NotText),
        (format!("{TEXT}\t\n\n{line}\n"), BadNote::NotText),
        (format!("{TEXT}\nno signature\n"), BadNote::SignatureLine(1)),
        (
            format!("{TEXT}\n{line}\n- name AAAAAAA=\n"),
            BadNote::SignatureLine(2),
        ),
        (format!("{TEXT}\n— name\n"), BadNote::SignatureLine(1)),
        (format!("{TEXT}\n—  AAAAAAA=\n"), BadNote::SignatureLine(1)),
        (
            format!("{TEXT}\n— a+b AAAAAAA=\n"),
            BadNote::SignatureLine(1),
        ),
        (format!("{TEXT}\n— name AAAA\n"), BadNote::SignatureLine(1)),
        (
            format!("{TEXT}\n— name AAAAAA==\n"),
            BadNote::SignatureLine(1),
        ),
        (
            format!("{TEXT}\n— name AAAAAAB=\n"),
            BadNote::SignatureLine(1),
        ),
        (format!("{TEXT}\n{many}"), BadNote::TooLarge),
        ("a".repeat(NOTE_BYTES_MAX + 1), BadNote::TooLarge),
    ];
    for (text, expected) in cases {
        let shown = &text[..text.len().min(200)];
        assert_eq!(Note::parse(text.as_bytes()), Err(expected), "{shown:?}");
    }
    assert_eq!(Note::parse(b"\xff\n\n"), Err(BadNote::NotText));
}

#[test]
fn the_lines_that_a_witness_answers_read_as_signatures() {
    let note = cosigned();
    let lines = format!("{}\n{}\n", note.signatures[0], note.signatures[1]);
    assert_eq!(
        Signature::parse_lines(lines.as_bytes()),
        Ok(note.signatures)
    );
    assert_eq!(Signature::parse_lines(b""), Err(BadNote::Form));
    assert_eq!(
        Signature::parse_lines(b"3\n"),
        Err(BadNote::SignatureLine(1))
    );
}

/// What both read as a note of one text and these signatures, `signed_note` of Cloudflare's log says.
fn theirs(bytes: &[u8], key: &VerifierKey) -> Option<usize> {
    let note = TheirNote::from_bytes(bytes).ok()?;
    let verifier = StandardVerifier::new(&key.to_string()).unwrap();
    let known = VerifierList::new(vec![Box::new(verifier)]);
    note.verify(&known).ok().map(|(verified, _)| verified.len())
}

fn ours(bytes: &[u8], key: &VerifierKey) -> Option<usize> {
    let note = Note::parse(bytes).ok()?;
    let signed = note.verified_by([key]).ok()?;
    (!signed.is_empty()).then_some(signed.len())
}

proptest! {
    #[test]
    fn others_verify_what_is_signed_here(text in "([^\\x00-\\x1f]{0,20}\n){1,5}", seed: u8) {
        let key = log(seed);
        let note = Note { signatures: vec![key.sign(&text)], text };
        let bytes = note.to_string().into_bytes();
        prop_assert_eq!(ours(&bytes, key.verifier_key()), Some(1));
        prop_assert_eq!(theirs(&bytes, key.verifier_key()), Some(1));
        prop_assert_eq!(TheirNote::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    }

    #[test]
    fn what_others_refuse_of_a_changed_note_is_refused_here(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let key = log(1);
        let mut bytes = cosigned().to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if theirs(&bytes, key.verifier_key()).is_none() {
            prop_assert_eq!(ours(&bytes, key.verifier_key()), None);
        }
    }

    #[test]
    fn whatever_reads_as_a_note_is_written_the_same(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "([a-z— \n]{0,9}\n\n(— [a-z]{1,3} [A-Za-z0-9+/]{8}\n){0,3}){0,2}".prop_map(String::into_bytes),
        ],
    ) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }
}
