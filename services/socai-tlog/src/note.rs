//! Signed notes: a text, a blank line, and lines that each hold a signature (C2SP signed-note).
//!
//! ```text
//! text, of any number of lines
//!
//! — name base64(id ‖ signature)
//! — another base64(id ‖ signature)
//! ```
//!
//! A note splits at its *last* blank line. Base64 is read strictly, so that there is one way to write a signature.
//! Nothing here says whom to believe: that is the caller's list of keys, or a [policy](crate::policy).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::key::{BadSignature, VerifierKey, is_key_name};

/// Bytes of the largest note that is read.
pub const NOTE_BYTES_MAX: usize = 1 << 20;

/// The most signatures that a note may have.
pub const NOTE_SIGNATURES_MAX: usize = 100;

/// A text and who signed it, by what they say themselves: [`Note::verified_by`] checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text that was signed, with its last newline.
    pub text: String,
    /// The lines below it, in their order.
    pub signatures: Vec<Signature>,
}

/// One line below a note: `— name base64(id ‖ signature)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: [u8; 4],
    /// The signature itself. For a cosignature, its time and then the signature.
    pub bytes: Vec<u8>,
}

/// A known key that signed a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'keys> {
    /// The key.
    pub key: &'keys VerifierKey,
    /// Seconds since 1970 at which a witness says it saw the checkpoint; `None` for the key of a log.
    pub at: Option<u64>,
}

/// Bytes that are no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// More than anybody signs.
    #[error("a note has at most {NOTE_BYTES_MAX} bytes and {NOTE_SIGNATURES_MAX} signatures")]
    TooLarge,
    /// Not text.
    #[error("a note is UTF-8 without control characters other than newline")]
    NotText,
    /// No blank line, no signatures, or no newline at the end.
    #[error(
        "a note is a text, a blank line, and at least one line with a signature, each ended by a newline"
    )]
    Form,
    /// A line below the last blank line that is no signature.
    #[error("line {0} below the note's text is no signature: expected `— name base64`")]
    SignatureLine(usize),
}

impl Note {
    /// Reads a signed note.
    ///
    /// # Errors
    ///
    /// What is wrong with it. A note that reads may still be signed by nobody: see [`Self::verified_by`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadNote> {
        let all = text_of(bytes)?;
        let (text, lines) = all.rsplit_once("\n\n").ok_or(BadNote::Form)?;
        let signatures = signatures_in(lines)?;
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// Which of these keys signed it, in the order of its lines. Signatures by other keys are passed over.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] for the first that is in the name of one of these keys and not by it. Such a note is to be
    /// thrown away whole, whoever else signed it.
    pub fn verified_by<'keys>(
        &self,
        keys: impl IntoIterator<Item = &'keys VerifierKey> + Clone,
    ) -> Result<Vec<Signed<'keys>>, BadSignature> {
        let mut signed = Vec::new();
        for signature in &self.signatures {
            let named = keys
                .clone()
                .into_iter()
                .filter(|key| key.is_named_by(signature));
            signed.extend(self.verify_one(signature, named)?);
        }
        Ok(signed)
    }

    /// The key that made the signature, of those in whose name it is. There is more than one where two keys of one
    /// name have by chance the same id.
    fn verify_one<'keys>(
        &self,
        signature: &Signature,
        named: impl Iterator<Item = &'keys VerifierKey>,
    ) -> Result<Option<Signed<'keys>>, BadSignature> {
        let mut refused = None;
        for key in named {
            match key.verify(&self.text, signature) {
                Ok(at) => return Ok(Some(Signed { key, at })),
                Err(bad) => refused = Some(bad),
            }
        }
        refused.map_or(Ok(None), Err)
    }

    /// Adds a signature below the others, unless this very one is there.
    pub fn add(&mut self, signature: Signature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }
}

impl Signature {
    /// Reads lines of signatures, as a witness answers them.
    ///
    /// # Errors
    ///
    /// As [`Note::parse`].
    pub fn parse_lines(bytes: &[u8]) -> Result<Vec<Self>, BadNote> {
        signatures_in(text_of(bytes)?)
    }
}

impl FromStr for Signature {
    /// It says nothing more: whoever reads a line knows which one it is.
    type Err = NotASignature;

    /// Reads a line without its newline.
    fn from_str(line: &str) -> Result<Self, NotASignature> {
        let rest = line.strip_prefix("— ").ok_or(NotASignature)?;
        let (name, body) = rest.split_once(' ').ok_or(NotASignature)?;
        let body = STANDARD.decode(body).map_err(|_| NotASignature)?;
        let (id, bytes) = body.split_first_chunk::<4>().ok_or(NotASignature)?;
        if bytes.is_empty() || !is_key_name(name) {
            return Err(NotASignature);
        }
        Ok(Self {
            name: name.to_owned(),
            id: *id,
            bytes: bytes.to_vec(),
        })
    }
}

/// A line that is no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a signature: `— name base64`")]
pub struct NotASignature;

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(out, "{signature}"))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = [&self.id[..], &self.bytes].concat();
        write!(out, "— {} {}", self.name, STANDARD.encode(body))
    }
}

fn text_of(bytes: &[u8]) -> Result<&str, BadNote> {
    if bytes.len() > NOTE_BYTES_MAX {
        return Err(BadNote::TooLarge);
    }
    let text = str::from_utf8(bytes).map_err(|_| BadNote::NotText)?;
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(BadNote::NotText);
    }
    Ok(text)
}

fn signatures_in(lines: &str) -> Result<Vec<Signature>, BadNote> {
    let lines = lines.strip_suffix('\n').ok_or(BadNote::Form)?;
    if lines.split('\n').count() > NOTE_SIGNATURES_MAX {
        return Err(BadNote::TooLarge);
    }
    let numbered = lines.split('\n').zip(1..);
    numbered
        .map(|(line, number)| line.parse().map_err(|_| BadNote::SignatureLine(number)))
        .collect()
}

#[cfg(test)]
mod tests;
