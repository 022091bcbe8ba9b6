//! The key by which a ledger's checkpoints are known: a verifier key of the signed note format (C2SP).
//!
//! ```text
//! socai/hanoi+c74f20a3+AUrZ…          name + key id, 8 hexadecimal digits + base64(0x01 ‖ 32 bytes)
//! ```
//!
//! Checked is the form alone. Whether the id is the hash of name and key is for whoever computes hashes.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of the name, at most.
const NAME_BYTES_MAX: usize = 160;

/// Characters of the base64 of an algorithm's byte and a public key of 32 bytes.
const KEY_CHARS: usize = 44;

/// An Ed25519 verifier key, `name+id+key`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct LogKey(
    #[schemars(regex(pattern = r"^[!-*,-~]{1,160}\+[0-9a-f]{8}\+A[Q-Za-f][A-Za-z0-9+/]{42}$"))]
    Box<str>,
);

/// Why a text is no verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an Ed25519 verifier key: a name without blanks and plus signs, +, 8 lower-case hexadecimal digits, \
     +, and 44 characters of base64"
)]
pub struct BadLogKey;

impl LogKey {
    /// The name, which is that of the log.
    pub fn name(&self) -> &str {
        self.0.split('+').next().unwrap_or_default()
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LogKey {
    type Error = BadLogKey;
    fn try_from(text: String) -> Result<Self, BadLogKey> {
        // A plus sign is also a digit of base64, so that only the first two part anything.
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().unwrap_or_default();
        let (name, id, key) = (part(), part(), part());
        let named = !name.is_empty() && name.len() <= NAME_BYTES_MAX;
        let named = named && name.bytes().all(|b| b.is_ascii_graphic());
        if named && is_id(id) && is_ed25519(key.as_bytes()) {
            return Ok(Self(text.into_boxed_str()));
        }
        Err(BadLogKey)
    }
}

fn is_id(id: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    id.len() == 8 && id.bytes().all(digit)
}

/// Whether it is base64 of 33 bytes, the first of which is 1.
fn is_ed25519(key: &[u8]) -> bool {
    let digit = |b: &u8| b.is_ascii_alphanumeric() || b"+/".contains(b);
    let first_is_one = matches!(key, [b'A', b'Q'..=b'Z' | b'a'..=b'f', ..]);
    key.len() == KEY_CHARS && first_is_one && key.iter().all(digit)
}

impl std::str::FromStr for LogKey {
    type Err = BadLogKey;
    fn from_str(text: &str) -> Result<Self, BadLogKey> {
        text.to_owned().try_into()
    }
}

impl From<LogKey> for String {
    fn from(key: LogKey) -> Self {
        key.0.into_string()
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the signed note format's own example.
    const KNOWN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn a_key_is_a_name_an_id_and_a_public_key() {
        let key: LogKey = KNOWN.parse().unwrap();
        assert_eq!((key.name(), key.as_str()), ("PeterNeumann", KNOWN));
        let plus = KNOWN.replace("ARpc", "AQ++");
        assert_eq!(plus.parse::<LogKey>().unwrap().name(), "PeterNeumann");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "a".repeat(NAME_BYTES_MAX + 1);
        let with = |from: &str, to: &str| KNOWN.replacen(from, to, 1);
        let bad = [
            String::new(),
            with("PeterNeumann", ""),
            with("PeterNeumann", "Peter Neumann"),
            with("PeterNeumann", "sổ-cái"),
            with("PeterNeumann", &long),
            with("c74f20a3", "C74F20A3"),
            with("c74f20a3", "c74f20a"),
            with("+ARpc", "-ARpc"),
            with("ARpc", "ARp"),
            with("ARpc", "BRpc"),
            with("ARpc", "AARpc"),
            with("ARpc", "A=pc"),
            with("ARpc", "Agpc"),
            format!("{KNOWN}\n"),
        ];
        for text in bad {
            assert!(text.parse::<LogKey>().is_err(), "{text:?}");
        }
    }
}
