//! Keys: whose signatures are known, and what signs (C2SP signed-note, tlog-cosignature; Ed25519).
//!
//! A key has a name, and an id made from name, kind and public key, so that neither can be exchanged unseen. Signatures
//! are verified strictly: what only some verifiers would accept is refused. Deliberately absent: making seeds (no
//! randomness here), reading key files, and every kind of key but two.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use sha2::{Digest, Sha256};

use crate::cosignature;
use crate::note::Signature;

/// Bytes of a public key, and of the seed of a private one.
pub const KEY_BYTES: usize = 32;

const PRIVATE: &str = "PRIVATE+KEY+";

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// The text of a note: the key of a log.
    Ed25519 = 1,
    /// A checkpoint and the time at which it was seen: the key of a witness.
    CosignatureV1 = 4,
}

/// Whom to believe: a name and a public key. Written `name+id+base64(kind ‖ key)`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    kind: KeyKind,
    public: [u8; KEY_BYTES],
}

/// What signs. Written `PRIVATE+KEY+name+id+base64(kind ‖ seed)`, the form of Go's `sumdb/note`.
pub struct SigningKey {
    verifier: VerifierKey,
    secret: ed25519_dalek::SigningKey,
}

/// A text that is no key. No variant quotes it: it may be a private one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Neither shape.
    #[error(
        "expected a key in one line: a verifier key is NAME+ID+BASE64, a private one PRIVATE+KEY+NAME+ID+BASE64; \
         the id is 8 lower-case hex digits"
    )]
    Form,
    /// The name cannot stand in a signature line.
    #[error("the name of a key is not empty, and holds no space, no `+` and no control character")]
    Name,
    /// Another algorithm.
    #[error(
        "kind {0:#04x} of key is not known here; known are 0x01 (Ed25519) and 0x04 (cosignature/v1)"
    )]
    Kind(u8),
    /// Name, id and key are not of one key.
    #[error("the id does not belong to this name and key: something was mistyped or exchanged")]
    Id,
    /// Nothing that Ed25519 can safely verify with.
    #[error("the key is no public key of Ed25519, or one for which signatures mean nothing")]
    Public,
    /// A key of the other kind is needed.
    #[error("expected a key of kind {expected}, this one is of kind {found}")]
    OtherKind {
        /// What is needed here.
        expected: KeyKind,
        /// What was given.
        found: KeyKind,
    },
}

/// A signature in the name of a known key that this key did not make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid signature in the name of key {key}")]
pub struct BadSignature {
    /// The key's name and id, as `name+id`.
    pub key: String,
}

impl VerifierKey {
    /// The key of this name with these bytes.
    ///
    /// # Errors
    ///
    /// [`BadKey::Name`] and [`BadKey::Public`].
    pub fn new(name: &str, kind: KeyKind, public: [u8; KEY_BYTES]) -> Result<Self, BadKey> {
        if !is_key_name(name) {
            return Err(BadKey::Name);
        }
        let point = ed25519_dalek::VerifyingKey::from_bytes(&public);
        if point.map_err(|_| BadKey::Public)?.is_weak() {
            return Err(BadKey::Public);
        }
        Ok(Self {
            name: name.to_owned(),
            id: id_of(name, kind, &public),
            kind,
            public,
        })
    }

    /// Its name. For the key of a log, the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first bytes of the hash of name, kind and key: what a signature line refers to.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// What it verifies.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public key itself.
    #[must_use]
    pub const fn public(&self) -> &[u8; KEY_BYTES] {
        &self.public
    }

    /// `name+id`: what tells keys apart in a message.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}+{}", self.name, hex(self.id))
    }

    /// This key, if it is of the kind that is needed.
    ///
    /// # Errors
    ///
    /// [`BadKey::OtherKind`].
    pub fn of_kind(self, expected: KeyKind) -> Result<Self, BadKey> {
        if self.kind == expected {
            Ok(self)
        } else {
            let found = self.kind;
            Err(BadKey::OtherKind { expected, found })
        }
    }

    /// Whether the signature says that this key made it. Whether that is so, [`Self::verify`] tells.
    #[must_use]
    pub fn is_named_by(&self, signature: &Signature) -> bool {
        self.name == signature.name && self.id == signature.id
    }

    /// Checks that this key made the signature over the text of a note; answers the time that a cosignature states.
    ///
    /// # Errors
    ///
    /// [`BadSignature`], also when the signature is in another's name.
    pub fn verify(&self, text: &str, signature: &Signature) -> Result<Option<u64>, BadSignature> {
        let verified = match self.kind {
            KeyKind::Ed25519 => self
                .verifies(text.as_bytes(), &signature.bytes)
                .then_some(None),
            KeyKind::CosignatureV1 => cosignature::verify(self, text, &signature.bytes).map(Some),
        };
        verified
            .filter(|_| self.is_named_by(signature))
            .ok_or_else(|| BadSignature { key: self.label() })
    }

    /// Whether these are the 64 bytes of an Ed25519 signature over the message.
    pub(crate) fn verifies(&self, message: &[u8], bytes: &[u8]) -> bool {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.public);
        let signature = ed25519_dalek::Signature::from_slice(bytes);
        match (key, signature) {
            (Ok(key), Ok(signature)) => key.verify_strict(message, &signature).is_ok(),
            (Err(_), _) | (_, Err(_)) => false,
        }
    }
}

impl SigningKey {
    /// The key with this seed. Whoever calls it sees to it that the seed is random, and that nobody else has it.
    ///
    /// # Errors
    ///
    /// [`BadKey::Name`].
    pub fn from_seed(name: &str, kind: KeyKind, seed: [u8; KEY_BYTES]) -> Result<Self, BadKey> {
        let secret = ed25519_dalek::SigningKey::from_bytes(&seed);
        let verifier = VerifierKey::new(name, kind, secret.verifying_key().to_bytes())?;
        Ok(Self { verifier, secret })
    }

    /// The key that verifies what this one signs. It may be shown to everybody.
    #[must_use]
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.verifier
    }

    /// This key, if it is of the kind that is needed.
    ///
    /// # Errors
    ///
    /// [`BadKey::OtherKind`].
    pub fn of_kind(self, expected: KeyKind) -> Result<Self, BadKey> {
        self.verifier.clone().of_kind(expected).map(|_| self)
    }

    /// The key as text, to be written to a file that nobody else can read. There is no `Display`, so that it is not
    /// printed by accident.
    #[must_use]
    pub fn encode(&self) -> String {
        let body = [&[self.verifier.kind as u8][..], &self.secret.to_bytes()].concat();
        format!(
            "{PRIVATE}{}+{}",
            self.verifier.label(),
            STANDARD.encode(body)
        )
    }

    /// Signs the text of a note.
    ///
    /// # Panics
    ///
    /// If it is the key of a witness: those sign with [`crate::cosignature::cosign`], which states a time.
    #[must_use]
    pub fn sign(&self, text: &str) -> Signature {
        assert_eq!(
            self.verifier.kind,
            KeyKind::Ed25519,
            "the key of a witness signs no notes"
        );
        self.signature(self.sign_message(text.as_bytes()).to_vec())
    }

    pub(crate) fn sign_message(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }

    pub(crate) fn signature(&self, bytes: Vec<u8>) -> Signature {
        Signature {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            bytes,
        }
    }
}

/// Whether a key may be called so: the name stands in a line of a note, between spaces, and in a key between pluses.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    let stands = |c: char| !c.is_whitespace() && c != '+' && c >= ' ';
    !name.is_empty() && name.chars().all(stands)
}

impl FromStr for VerifierKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (name, id, kind, public) = parts_of(text)?;
        let key = Self::new(name, kind, public)?;
        if hex(key.id) == id {
            Ok(key)
        } else {
            Err(BadKey::Id)
        }
    }
}

impl FromStr for SigningKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (name, id, kind, seed) = parts_of(text.strip_prefix(PRIVATE).ok_or(BadKey::Form)?)?;
        let key = Self::from_seed(name, kind, seed)?;
        if hex(key.verifier.id) == id {
            Ok(key)
        } else {
            Err(BadKey::Id)
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = [&[self.kind as u8][..], &self.public].concat();
        write!(out, "{}+{}", self.label(), STANDARD.encode(body))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "VerifierKey({self})")
    }
}

/// Shows whose it is, and nothing of the secret.
impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.verifier.label())
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ed25519 => "0x01 (Ed25519, of a log)",
            Self::CosignatureV1 => "0x04 (cosignature/v1, of a witness)",
        })
    }
}

/// `name+id+base64(kind ‖ 32 bytes)`, taken apart. The base64 may hold pluses, the name and the id cannot.
fn parts_of(text: &str) -> Result<(&str, &str, KeyKind, [u8; KEY_BYTES]), BadKey> {
    let (name, rest) = text.split_once('+').ok_or(BadKey::Form)?;
    let (id, body) = rest.split_once('+').ok_or(BadKey::Form)?;
    let body = STANDARD.decode(body).map_err(|_| BadKey::Form)?;
    let (kind, key) = body.split_first().ok_or(BadKey::Form)?;
    let kind = match kind {
        1 => KeyKind::Ed25519,
        4 => KeyKind::CosignatureV1,
        other => return Err(BadKey::Kind(*other)),
    };
    Ok((name, id, kind, key.try_into().map_err(|_| BadKey::Form)?))
}

fn id_of(name: &str, kind: KeyKind, public: &[u8; KEY_BYTES]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update([b'\n', kind as u8]);
    hash.update(public);
    let hash: [u8; 32] = hash.finalize().into();
    [hash[0], hash[1], hash[2], hash[3]]
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

#[cfg(test)]
mod tests;
