//! Hashes as they are written.

use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes`, as 64 digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
