//! Blobs: the bytes of attachments, kept beside the log and addressed by a salted hash.
//!
//! ```text
//! kept bytes = salt (32 random bytes) | content        address = SHA-256(kept bytes)
//! ```
//!
//! The log names a blob by its address and is never changed, so the address outlives the blob. Without the
//! salt it would confirm a guess: whoever holds a file could hash it and look whether it had been there.
//! The salt goes with the content, and what is left is a number that nothing leads back from. The price:
//! the same content put twice has two addresses.
//!
//! Deliberately absent: names and media types of files (the log has what may be known of them), and any
//! knowledge of why a blob is erased.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use async_trait::async_trait;
use bytes::{BufMut, Bytes, BytesMut};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::BackendError;

/// Bytes of a blob's content, at most.
///
/// A blob is hashed, put and got as one piece of memory, twice over while it is salted. The object store
/// of JetStream cuts it into chunks of 128 KiB and acknowledges each: 256 round trips at this size.
pub const BLOB_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Random bytes before the content: as many as the hash has, so that neither is easier to guess.
pub const SALT_BYTES: usize = 32;

/// The name of a blob: SHA-256 of what is kept of it, written as 64 digits of `0-9a-f`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobAddress([u8; 32]);

/// A text that is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the address of an attachment: 64 digits of 0-9 and a-f")]
pub struct BadAddress;

/// Content with its salt, as every store keeps it. It hashes to its address.
#[derive(Debug, Clone)]
pub struct Salted {
    address: BlobAddress,
    kept: Bytes,
}

/// A blob that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its address.
    pub address: BlobAddress,
    /// Since when, by the clock of whoever keeps it.
    pub since: Timestamp,
}

/// A keeper of blobs.
///
/// A store is shared by every task of a process, and by several processes: all methods may run
/// concurrently. What [`put`](Self::put) has answered every later [`get`](Self::get) finds, until
/// somebody erases it. Nothing is ever overwritten.
///
/// Dropping the future of a `put` leaves a blob behind that nobody knows the address of, or a part of one
/// that the store clears away; dropping that of an `erase` leaves an erasure to be asked for again.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// Keeps `content` under a fresh address. It is durable on return: synced with the directory that
    /// names it, or acknowledged by the object store.
    ///
    /// # Errors
    ///
    /// [`PutError`].
    async fn put(&self, content: Bytes) -> Result<BlobAddress, PutError> {
        let salted = Salted::new(&content)?;
        let address = salted.address;
        self.keep(salted).await?;
        Ok(address)
    }

    /// The content at `address`, without its salt, hashed again on every call.
    ///
    /// # Errors
    ///
    /// [`GetError`].
    async fn get(&self, address: &BlobAddress) -> Result<Bytes, GetError> {
        Ok(self.kept(address).await?.content())
    }

    /// Keeps what another store kept, under the address that it has there. Durable on return as
    /// [`put`](Self::put); harmless where it is kept already.
    ///
    /// # Errors
    ///
    /// [`PutError`]. Asked again it is kept once.
    async fn keep(&self, salted: Salted) -> Result<(), PutError>;

    /// What is kept at `address`, hashed again on every call.
    ///
    /// # Errors
    ///
    /// [`GetError`].
    async fn kept(&self, address: &BlobAddress) -> Result<Salted, GetError>;

    /// Removes what is at `address`, salt and content, durably. Asking twice is harmless, and what was
    /// never there is erased as well.
    ///
    /// Removed is what this store keeps. Copies of its files made by others (backups, snapshots of a
    /// volume) and what a disk holds in blocks that it no longer shows are theirs to remove.
    ///
    /// # Errors
    ///
    /// [`EraseError`]: ask again.
    async fn erase(&self, address: &BlobAddress) -> Result<(), EraseError>;

    /// The blobs that are kept, by ascending address: at most `limit` after `after`, or from the first.
    /// What is put or erased meanwhile may or may not be among them. So may what a put or an erasure left
    /// half done, so that it can be erased.
    ///
    /// # Errors
    ///
    /// [`ListError`]: ask again.
    async fn list(
        &self,
        after: Option<BlobAddress>,
        limit: NonZeroU32,
    ) -> Result<Vec<Kept>, ListError>;
}

/// Why a put has no address to answer with.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// More than [`BLOB_BYTES_MAX`]. Nothing was kept: split the file.
    #[error("{bytes} bytes are more than the {BLOB_BYTES_MAX} that an attachment may have")]
    TooLarge { bytes: usize },
    /// Nothing was kept. The same content may be put later.
    #[error("the blob store is unavailable, and nothing was kept")]
    Unavailable(#[source] BackendError),
    /// It may be kept, under an address that nobody was told. Put it again; an audit finds the first one.
    #[error("the blob store cannot say whether the blob was kept")]
    Unknown(#[source] BackendError),
}

/// Why a get has no content to answer with.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// It was never there, or was erased: the log tells which.
    #[error("no blob is kept at {address}")]
    NotThere { address: BlobAddress },
    /// What is kept is not what was put. None of it is handed out: restore it from a copy.
    #[error("the blob at {address} is damaged: what is kept does not hash to its address")]
    Corrupt { address: BlobAddress },
    /// The same get may be tried later.
    #[error("the blob store is unavailable")]
    Unavailable(#[source] BackendError),
}

/// The blob may still be there, all of it or a part. Erase it again.
#[derive(Debug, thiserror::Error)]
#[error("the blob store cannot say whether the blob was erased")]
pub struct EraseError(#[source] pub BackendError);

/// The blobs cannot be listed now.
#[derive(Debug, thiserror::Error)]
#[error("the blob store is unavailable")]
pub struct ListError(#[source] pub BackendError);

impl Salted {
    /// Salts `content` with bytes of the operating system's generator.
    ///
    /// # Errors
    ///
    /// [`PutError::TooLarge`]; [`PutError::Unavailable`] where there is no randomness to be had.
    pub fn new(content: &[u8]) -> Result<Self, PutError> {
        let bytes = content.len();
        if bytes > BLOB_BYTES_MAX {
            return Err(PutError::TooLarge { bytes });
        }
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| PutError::Unavailable(error.into()))?;
        let mut kept = BytesMut::with_capacity(SALT_BYTES + bytes);
        kept.put_slice(&salt);
        kept.put_slice(content);
        let kept = kept.freeze();
        let address = BlobAddress::of(&kept);
        Ok(Self { address, kept })
    }

    /// What is kept at `address`.
    ///
    /// # Errors
    ///
    /// [`GetError::Corrupt`] where it does not hash to its address.
    pub fn of(address: BlobAddress, kept: Bytes) -> Result<Self, GetError> {
        if kept.len() < SALT_BYTES || BlobAddress::of(&kept) != address {
            return Err(GetError::Corrupt { address });
        }
        Ok(Self { address, kept })
    }

    /// What it is found by.
    pub const fn address(&self) -> BlobAddress {
        self.address
    }

    /// Salt and content.
    pub const fn bytes(&self) -> &Bytes {
        &self.kept
    }

    /// The content alone.
    pub fn content(&self) -> Bytes {
        self.kept.slice(SALT_BYTES..)
    }
}

impl BlobAddress {
    /// The address of what is kept.
    fn of(kept: &[u8]) -> Self {
        Self(Sha256::digest(kept).into())
    }

    /// The hash itself.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for BlobAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(BadAddress);
        }
        let mut address = [0; 32];
        for (byte, pair) in address.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(address))
    }
}

fn digit(letter: u8) -> Result<u8, BadAddress> {
    match letter {
        b'0'..=b'9' => Ok(letter - b'0'),
        b'a'..=b'f' => Ok(letter - b'a' + 10),
        _ => Err(BadAddress),
    }
}

impl fmt::Display for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_its_text() {
        let address = BlobAddress::of(b"salt and content");
        assert_eq!(address.to_string().parse(), Ok(address));
    }

    #[test]
    fn other_texts_are_no_address() {
        let good = BlobAddress::of(b"").to_string();
        let upper = good.to_uppercase();
        for bad in ["", "ab", &good[1..], &format!("{good}0"), &upper] {
            assert_eq!(bad.parse::<BlobAddress>(), Err(BadAddress), "{bad}");
        }
        let multibyte = format!("{}đ", &good[2..]);
        assert_eq!(multibyte.parse::<BlobAddress>(), Err(BadAddress));
    }

    #[test]
    fn addresses_are_ordered_as_their_texts() {
        let [one, other] = [BlobAddress::of(b"1"), BlobAddress::of(b"2")];
        assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
    }

    #[test]
    fn the_address_is_the_plain_hash_of_what_is_kept() {
        let salted = Salted::new(b"").unwrap();
        assert_eq!(salted.kept.len(), SALT_BYTES);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_ne!(salted.address.to_string(), empty, "nobody can guess it");
        assert_eq!(BlobAddress::of(b"").to_string(), empty);
    }

    #[test]
    fn what_is_kept_and_changed_is_corrupt() {
        let Salted { address, kept } = Salted::new(b"content").unwrap();
        let whole = Salted::of(address, kept.clone()).unwrap();
        assert_eq!(whole.content(), "content");
        for damaged in [kept.slice(1..), kept.slice(..8), Bytes::new()] {
            let got = Salted::of(address, damaged);
            assert!(matches!(got, Err(GetError::Corrupt { .. })), "{got:?}");
        }
    }
}
