//! Identities: types over short strings, made where text enters.
//!
//! An id is 1 to [`ID_BYTES_MAX`] bytes of `a-z`, `0-9`, `_` and `-`, and begins with a letter or
//! a digit, so that it can stand in a stream's name, a file name and an address without escaping.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of an id, at most. With its category an id must fit a stream's name.
pub const ID_BYTES_MAX: usize = 160;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not an id: expected 1 to {ID_BYTES_MAX} characters of a-z, 0-9, _ and -, \
     beginning with a letter or a digit"
)]
pub struct BadId {
    text: String,
}

/// The bytes of an id. A table, since reading a ledger checks every id in every record.
static ALLOWED: [bool; 256] = {
    let mut allowed = [false; 256];
    let bytes = b"abcdefghijklmnopqrstuvwxyz0123456789_-";
    let mut at = 0;
    while at < bytes.len() {
        allowed[bytes[at] as usize] = true;
        at += 1;
    }
    allowed
};

fn check(text: &str) -> Result<(), BadId> {
    let begins = text
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphanumeric);
    let allowed = |b: u8| ALLOWED[usize::from(b)];
    if begins && text.len() <= ID_BYTES_MAX && text.bytes().all(allowed) {
        return Ok(());
    }
    let text = text.chars().take(40).collect();
    Err(BadId { text })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(#[schemars(regex(pattern = r"^[a-z0-9][a-z0-9_-]{0,159}$"))] Box<str>);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            ///
            /// [`BadId`] where `text` has another character, or is empty or too long.
            pub fn new(text: &str) -> Result<Self, BadId> {
                check(text)?;
                Ok(Self(text.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                check(&text)?;
                Ok(Self(text.into_boxed_str()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into_string()
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )+};
}

ids! {
    /// An organisation that owes or receives.
    UnitId
    /// A named set of units.
    GroupId
    /// An issued text.
    DocumentId
    /// A rule that creates report obligations.
    RequirementId
    /// Work that a document assigns.
    TaskId
    /// What one unit owes by one due date.
    ObligationId
    /// An inspection, from its opening to its conclusion.
    InspectionId
    /// Records that were handed out.
    EvidenceId
    /// Whoever records: a person or a program, never by name.
    AccountId
    /// A token of an account.
    TokenId
    /// Something that an account took out of the ledger.
    ExportId
}

/// A SHA-256 as 64 lower-case hexadecimal digits: the address of an attachment.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hex(#[schemars(regex(pattern = "^[0-9a-f]{64}$"))] String);

/// Why a text is no SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a SHA-256 as 64 lower-case hexadecimal digits")]
pub struct BadSha256Hex;

impl TryFrom<String> for Sha256Hex {
    type Error = BadSha256Hex;
    fn try_from(text: String) -> Result<Self, BadSha256Hex> {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 64 && text.bytes().all(digit) {
            return Ok(Self(text));
        }
        Err(BadSha256Hex)
    }
}

impl std::str::FromStr for Sha256Hex {
    type Err = BadSha256Hex;
    fn from_str(text: &str) -> Result<Self, BadSha256Hex> {
        text.to_owned().try_into()
    }
}

impl From<Sha256Hex> for String {
    fn from(hex: Sha256Hex) -> Self {
        hex.0
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ObligationId {
    /// The obligation that a period of a requirement creates for a unit.
    ///
    /// # Errors
    ///
    /// [`BadId`] where the parts together are longer than an id may be.
    pub fn of_report(
        requirement: &RequirementId,
        period: &str,
        unit: &UnitId,
    ) -> Result<Self, BadId> {
        Self::new(&format!("{requirement}_{period}_{unit}"))
    }

    /// The obligation that a task creates for a lead unit.
    ///
    /// # Errors
    ///
    /// [`BadId`] where the parts together are longer than an id may be.
    pub fn of_task(task: &TaskId, unit: &UnitId) -> Result<Self, BadId> {
        Self::new(&format!("{task}_{unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_plain_text() {
        let longest = "a".repeat(ID_BYTES_MAX);
        for good in ["a", "0", "hn-snv", "25-ct-tu_2014-01-21_hn-btv", &longest] {
            assert_eq!(
                UnitId::new(good).map(|id| id.to_string()).as_deref(),
                Ok(good)
            );
        }
        let too_long = "a".repeat(ID_BYTES_MAX + 1);
        for bad in [
            "", "-a", "_a", "A", "a b", "đ", "a/b", "a.b", "a\n", &too_long,
        ] {
            assert!(UnitId::new(bad).is_err(), "{bad:?}");
        }
    }
}
