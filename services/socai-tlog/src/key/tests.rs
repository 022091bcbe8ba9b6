use super::*;

const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PRIVATE_ONE: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

fn key(kind: KeyKind) -> SigningKey {
    SigningKey::from_seed("example.com/key", kind, [7; KEY_BYTES]).unwrap()
}

#[test]
fn a_published_pair_of_keys_reads_back_and_belongs_together() {
    let verifier: VerifierKey = VERIFIER.parse().unwrap();
    let private: SigningKey = PRIVATE_ONE.parse().unwrap();
    assert_eq!(private.verifier_key(), &verifier);
    assert_eq!(verifier.to_string(), VERIFIER);
    assert_eq!(private.encode(), PRIVATE_ONE);
    assert_eq!(verifier.name(), "PeterNeumann");
    assert_eq!(verifier.kind(), KeyKind::Ed25519);
}

#[test]
fn one_seed_of_two_kinds_is_two_keys() {
    let (log, witness) = (key(KeyKind::Ed25519), key(KeyKind::CosignatureV1));
    assert_eq!(log.verifier_key().public(), witness.verifier_key().public());
    assert_ne!(log.verifier_key().id(), witness.verifier_key().id());
    for key in [log, witness] {
        let verifier = key.verifier_key().to_string();
        assert_eq!(
            &verifier.parse::<VerifierKey>().unwrap(),
            key.verifier_key()
        );
        let read: SigningKey = key.encode().parse().unwrap();
        assert_eq!(read.verifier_key(), key.verifier_key());
    }
}

#[test]
fn nothing_but_the_very_text_of_a_key_is_one() {
    for at in 0..VERIFIER.len() {
        for other in [b'A', b'0', b'+', b' ', b'\n'] {
            let mut bytes = VERIFIER.as_bytes().to_vec();
            if bytes[at] == other {
                continue;
            }
            bytes[at] = other;
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.parse::<VerifierKey>().is_err(), "{text}");
        }
    }
}

#[test]
fn a_text_that_is_no_key_is_refused_with_the_reason() {
    let cases = [
        ("", BadKey::Form),
        ("name", BadKey::Form),
        ("name+00000000", BadKey::Form),
        ("name+00000000+", BadKey::Form),
        ("name+00000000+AQ==", BadKey::Form),
        ("name+00000000+Bg==", BadKey::Kind(6)),
        (
            "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            BadKey::Id,
        ),
        (
            "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            BadKey::Id,
        ),
        (
            "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            BadKey::Name,
        ),
        (
            "a b+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            BadKey::Name,
        ),
        // A point of small order: any signature could be made to pass for its.
        (
            "name+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            BadKey::Public,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<VerifierKey>().unwrap_err(), expected, "{text}");
    }
    assert_eq!(VERIFIER.parse::<SigningKey>().unwrap_err(), BadKey::Form);
    assert_eq!(
        PRIVATE_ONE.parse::<VerifierKey>().unwrap_err(),
        BadKey::Form
    );
}

#[test]
fn what_is_shown_of_a_private_key_is_not_the_secret() {
    let key: SigningKey = PRIVATE_ONE.parse().unwrap();
    assert_eq!(format!("{key:?}"), "SigningKey(PeterNeumann+c74f20a3)");
    let mistyped = PRIVATE_ONE.replace("c74f", "c74e").parse::<SigningKey>();
    assert!(!mistyped.unwrap_err().to_string().contains("AYEK"));
}

#[test]
fn a_key_of_the_other_kind_is_refused_where_one_is_needed() {
    let found = KeyKind::CosignatureV1;
    let expected = KeyKind::Ed25519;
    let refused = BadKey::OtherKind { expected, found };
    assert_eq!(key(found).of_kind(expected).unwrap_err(), refused);
    assert!(key(found).of_kind(found).is_ok());
}

/// The order of the curve's prime subgroup, added to the second half of a signature, gives another signature that
/// the equation alone accepts. One message has one signature by a key here.
#[test]
fn a_signature_with_the_order_added_is_refused() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = key(KeyKind::Ed25519);
    let mut signature = key.sign("text\n");
    assert!(key.verifier_key().verify("text\n", &signature).is_ok());
    let mut carry = 0;
    for (byte, add) in signature.bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert!(key.verifier_key().verify("text\n", &signature).is_err());
}
