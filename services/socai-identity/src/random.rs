//! Keys that nobody can guess.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Characters of a key: 256 bits in base64url.
pub(crate) const KEY_CHARS: usize = 43;

/// Random bytes of the operating system.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("an operating system that has started gives random bytes");
    bytes
}

/// A fresh key of 256 random bits. So many need no salt and no slow hash: they cannot be tried one by one.
pub(crate) fn key() -> String {
    base64url(&bytes::<32>())
}

/// The SHA-256 of `text`.
pub(crate) fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// `bytes` in base64url.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
