//! The root of a tree of hashes, as the ledger says it: base64, as it stands in checkpoints.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of 32 bytes in base64, without the padding.
const DIGITS: usize = 43;

/// 32 bytes in base64 with padding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Root(#[schemars(regex(pattern = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"))] Box<str>);

/// Why a text is no root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a hash: 32 bytes in base64, 44 characters with the padding")]
pub struct BadRoot;

impl Root {
    /// The root as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Root {
    type Error = BadRoot;
    fn try_from(text: String) -> Result<Self, BadRoot> {
        let digits = text.strip_suffix('=').ok_or(BadRoot)?;
        let digit = |b: u8| b.is_ascii_alphanumeric() || b"+/".contains(&b);
        // The last digit has two bits that no byte needs.
        let whole = digits.ends_with(|last| "AEIMQUYcgkosw048".contains(last));
        if digits.len() == DIGITS && whole && digits.bytes().all(digit) {
            return Ok(Self(text.into_boxed_str()));
        }
        Err(BadRoot)
    }
}

impl std::str::FromStr for Root {
    type Err = BadRoot;
    fn from_str(text: &str) -> Result<Self, BadRoot> {
        text.to_owned().try_into()
    }
}

impl From<Root> for String {
    fn from(root: Root) -> Self {
        root.0.into_string()
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_thirty_two_bytes_written_in_one_way() {
        let nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(nothing.parse::<Root>().unwrap().as_str(), nothing);
        let bad = [
            "",
            "=",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==",
            "47DEQpj8HBSa-_TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        ];
        for text in bad {
            assert!(text.parse::<Root>().is_err(), "{text:?}");
        }
    }
}
