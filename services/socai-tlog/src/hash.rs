//! The hashes of leaves and nodes: SHA-256 with a prefix that keeps one from passing for the other (RFC 6962, 2.1).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// A hash of the tree. Written as base64 with padding, as in checkpoints and proofs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; HASH_BYTES]);

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a hash: 32 bytes in base64, 44 characters")]
pub struct BadHash;

impl Hash {
    /// The root of a tree without leaves: SHA-256 of nothing.
    pub const OF_NOTHING: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// The hash of a leaf: `SHA-256(0x00 ‖ record)`.
    #[must_use]
    pub fn of_leaf(record: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update([0]);
        hash.update(record);
        Self(hash.finalize().into())
    }

    /// The hash of a node: `SHA-256(0x01 ‖ left ‖ right)`.
    #[must_use]
    pub fn of_node(left: &Self, right: &Self) -> Self {
        let mut block = [1; 1 + 2 * HASH_BYTES];
        block[1..=HASH_BYTES].copy_from_slice(&left.0);
        block[1 + HASH_BYTES..].copy_from_slice(&right.0);
        Self(Sha256::digest(block).into())
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Hash({self})")
    }
}

impl FromStr for Hash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        let bytes = STANDARD.decode(text).map_err(|_| BadHash)?;
        bytes.try_into().map(Self).map_err(|_| BadHash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_does_not_pass_for_a_node() {
        let (left, right) = (Hash::of_leaf(b"a"), Hash::of_leaf(b"b"));
        let both = [*left.as_bytes(), *right.as_bytes()].concat();
        assert_ne!(Hash::of_node(&left, &right), Hash::of_leaf(&both));
        assert_ne!(Hash::of_node(&left, &right), Hash::of_node(&right, &left));
        assert_eq!(Hash::OF_NOTHING.as_bytes(), Sha256::digest(b"").as_slice());
    }

    #[test]
    fn it_reads_back_and_nothing_else_does() {
        let hash = Hash::of_leaf(b"");
        assert_eq!(
            hash.to_string(),
            "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0="
        );
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for bad in [
            "",
            "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0",
            "AAAA",
            "bjQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB0=",
        ] {
            assert_eq!(bad.parse::<Hash>(), Err(BadHash), "{bad}");
        }
    }
}
