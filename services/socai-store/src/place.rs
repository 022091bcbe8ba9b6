//! Where a record is: its stream, its revision there, its position in the ledger.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Bytes in a stream's name, at most: a name is one token of a NATS subject
/// and one length byte of a segment frame.
pub const STREAM_ID_BYTES_MAX: usize = 200;

/// The name of a stream: `<category>.<id>`, as in `obligation.hn-2019-0042`.
///
/// The category is of `[a-z]`, the id of `[a-z0-9_-]`; neither is empty.
/// Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(Arc<str>);

impl StreamId {
    /// The stream named `category.id`.
    ///
    /// # Errors
    ///
    /// [`StreamIdError`] where that is not a stream's name.
    pub fn new(category: &str, id: &str) -> Result<Self, StreamIdError> {
        Self::parse(&format!("{category}.{id}"))
    }

    /// The stream named `text`.
    ///
    /// # Errors
    ///
    /// [`StreamIdError`] where that is not a stream's name.
    pub fn parse(text: &str) -> Result<Self, StreamIdError> {
        check(text)?;
        Ok(Self(text.into()))
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What comes before the dot.
    #[must_use]
    pub fn category(&self) -> &str {
        self.split().0
    }

    /// What comes after the dot.
    #[must_use]
    pub fn id(&self) -> &str {
        self.split().1
    }

    fn split(&self) -> (&str, &str) {
        self.0
            .split_once('.')
            .expect("a stream's name has a dot since it was parsed")
    }
}

/// The bytes of an id.
static IN_ID: [bool; 256] = {
    let mut in_id = [false; 256];
    let allowed = b"abcdefghijklmnopqrstuvwxyz0123456789_-";
    let mut at = 0;
    while at < allowed.len() {
        in_id[allowed[at] as usize] = true;
        at += 1;
    }
    in_id
};

/// Checks that `text` names a stream, and says where its dot is.
pub(crate) fn check(text: &str) -> Result<usize, StreamIdError> {
    let error = |problem| StreamIdError {
        text: text.chars().take(80).collect(),
        problem,
    };
    if text.len() > STREAM_ID_BYTES_MAX {
        return Err(error("it is longer than 200 bytes"));
    }
    let bytes = text.as_bytes();
    let dot = bytes
        .iter()
        .position(|byte| !byte.is_ascii_lowercase())
        .filter(|&at| bytes[at] == b'.')
        .ok_or_else(|| error("a category of a-z must come before a dot"))?;
    if dot == 0 {
        return Err(error("its category is empty"));
    }
    let id = &bytes[dot + 1..];
    if id.is_empty() {
        return Err(error("its id is empty"));
    }
    if !id.iter().all(|byte| IN_ID[usize::from(*byte)]) {
        return Err(error("its id has a character other than a-z, 0-9, _ and -"));
    }
    Ok(dot)
}

impl fmt::Display for StreamId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for StreamId {
    type Err = StreamIdError;

    fn from_str(text: &str) -> Result<Self, StreamIdError> {
        Self::parse(text)
    }
}

impl Borrow<str> for StreamId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A text that does not name a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a stream's name: {problem}")]
pub struct StreamIdError {
    text: String,
    problem: &'static str,
}

/// An event's place in its stream, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

impl Revision {
    /// The stream does not exist.
    pub const NONE: Self = Self(0);

    /// The revision `count` events later.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0 + count)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// A record's place in the whole ledger, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before the first record.
    pub const ZERO: Self = Self(0);

    /// The position `count` records later.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0 + count)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_by_category_and_id() {
        let stream = StreamId::parse("obligation.hn-2019_0042").unwrap();
        assert_eq!(
            ("obligation", "hn-2019_0042"),
            (stream.category(), stream.id())
        );
        assert_eq!(stream, StreamId::new("obligation", "hn-2019_0042").unwrap());
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        let long = format!("unit.{}", "x".repeat(196));
        let ladder = [
            ("", "category"),
            ("unit", "category"),
            (".a", "category is empty"),
            ("Unit.a", "category"),
            ("unit2.a", "category"),
            ("unit.", "id is empty"),
            ("unit.A", "character"),
            ("unit.a.b", "character"),
            ("unit.đ", "character"),
            (&long, "200 bytes"),
        ];
        for (text, reason) in ladder {
            let error = StreamId::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!(StreamId::parse(&long[..200]).is_ok());
    }
}
