//! Cosignatures: a witness saw this checkpoint at this time, and nothing larger of this log (C2SP tlog-cosignature, v1).
//!
//! What is signed, and the bytes in the signature line after the key's id:
//!
//! ```text
//! cosignature/v1
//! time 1679315147              seconds (u64, big endian) ‖ Ed25519 signature (64 bytes)
//! the checkpoint's text …
//! ```

use crate::key::{BadSignature, KeyKind, SigningKey, VerifierKey};
use crate::note::{Note, Signature};

/// The largest time that may be stated.
pub const SECONDS_MAX: u64 = i64::MAX as u64;

/// Signs that this checkpoint was seen at `seconds` since 1970. Whoever calls it has persisted before that no other
/// will be signed at this size, and none smaller.
///
/// # Panics
///
/// If the key is that of a log, or the time is larger than [`SECONDS_MAX`].
#[must_use]
pub fn cosign(checkpoint_text: &str, key: &SigningKey, seconds: u64) -> Signature {
    let kind = key.verifier_key().kind();
    assert_eq!(
        kind,
        KeyKind::CosignatureV1,
        "the key of a log cosigns nothing"
    );
    assert!(seconds <= SECONDS_MAX, "no clock shows such a time");
    let signed = key.sign_message(&message(checkpoint_text, seconds));
    key.signature([&seconds.to_be_bytes()[..], &signed].concat())
}

/// When this witness saw the checkpoint, in seconds since 1970; the earliest time, if it signed more than once, and
/// `None` if it did not.
///
/// # Errors
///
/// [`BadSignature`] if a signature is in its name and not by it.
pub fn cosigned_at(note: &Note, key: &VerifierKey) -> Result<Option<u64>, BadSignature> {
    let signed = note.verified_by([key])?;
    Ok(signed.iter().filter_map(|signed| signed.at).min())
}

/// The time that the signature states, if it is by this key over this checkpoint.
pub(crate) fn verify(key: &VerifierKey, checkpoint_text: &str, bytes: &[u8]) -> Option<u64> {
    let (seconds, signature) = bytes.split_first_chunk::<8>()?;
    let seconds = u64::from_be_bytes(*seconds);
    let valid =
        seconds <= SECONDS_MAX && key.verifies(&message(checkpoint_text, seconds), signature);
    valid.then_some(seconds)
}

fn message(checkpoint_text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{checkpoint_text}").into_bytes()
}
