//! Parameters that are no single text, made of one.
//!
//! An address and the command line know nothing but texts, a message knows numbers, truth and lists as well.
//! Whoever asks may write either.

use serde::{Deserialize, Deserializer, Serializer, de};

/// Truth, written as such or as `true` and `false`.
///
/// # Errors
///
/// Where it is neither.
pub fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Truth(bool),
        Text(String),
    }
    match Written::deserialize(from)? {
        Written::Truth(truth) => Ok(truth),
        Written::Text(text) => text
            .parse()
            .map_err(|_| de::Error::custom(format!("{text:?}: expected true or false"))),
    }
}

/// A number, written as such or as a text.
///
/// # Errors
///
/// Where it is neither.
pub fn figure<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u32),
        Text(String),
    }
    match Option::deserialize(from)? {
        None => Ok(None),
        Some(Written::Number(number)) => Ok(Some(number)),
        Some(Written::Text(text)) => {
            let bad = |_| de::Error::custom(format!("{text:?}: expected a number"));
            text.parse().map(Some).map_err(bad)
        }
    }
}

/// Texts, or one of them alone.
///
/// # Errors
///
/// Where it is neither.
pub fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Written::deserialize(from)? {
        Written::One(text) => vec![text],
        Written::Several(texts) => texts,
    })
}

/// Words, written as one text.
pub mod words {
    use super::{Deserialize, Deserializer, Serializer};

    /// Reads words.
    ///
    /// # Errors
    ///
    /// Where it is no text.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
        let text = String::deserialize(from)?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    /// Writes words.
    ///
    /// # Errors
    ///
    /// Where whatever is written to fails.
    pub fn serialize<S: Serializer>(words: &[String], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&words.join(" "))
    }
}
