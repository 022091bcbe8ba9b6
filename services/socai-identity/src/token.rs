//! A token: what stands for an account until it expires. The log has its hash, its holder the text.

use std::fmt;

use socai_domain::id::Sha256Hex;

use crate::random::{self, KEY_CHARS};

/// What every token begins with, so that scanners for leaked secrets find it.
pub const PREFIX: &str = "socai_";

/// A token that nobody has yet.
pub struct NewToken {
    /// What its holder shows. It is said once and kept nowhere.
    pub text: String,
    /// What the log keeps of it.
    pub hash: Sha256Hex,
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken")
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// Makes a token of 256 random bits.
#[must_use]
pub fn new_token() -> NewToken {
    let text = format!("{PREFIX}{}", random::key());
    let hash = hash_of(&text).expect("a fresh token has the form of one");
    NewToken { text, hash }
}

/// What the log would know `text` by; `None` where it has not the form of a token.
#[must_use]
pub fn hash_of(text: &str) -> Option<Sha256Hex> {
    let key = text.strip_prefix(PREFIX)?;
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if key.len() != KEY_CHARS || !key.bytes().all(base64url) {
        return None;
    }
    let digits: String = random::sha256(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Some(Sha256Hex::try_from(digits).expect("32 bytes are 64 hexadecimal digits"))
}
