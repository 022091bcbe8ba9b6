//! Short texts as the ledger keeps them: NFC, trimmed, bounded, without control characters.
//!
//! Narrative (reports, letters, statements) is not kept here: it lives outside the log.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Characters of a [`Line`], at most: the longest subject (trích yếu) met in the seeds has 180.
pub const LINE_CHARS_MAX: usize = 1_000;

/// One line of text: a name, a title, a subject, a reason, a quoted passage.
///
/// Decomposed Vietnamese is composed on the way in, and runs of white space become one blank.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Line(#[schemars(length(min = 1, max = 1000))] Box<str>);

/// Why a text is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// Nothing is left after trimming.
    #[error("the text is empty")]
    Empty,
    /// More than [`LINE_CHARS_MAX`] characters.
    #[error("the text is longer than {LINE_CHARS_MAX} characters")]
    TooLong,
    /// A control character, such as NUL or an escape.
    #[error("the text has a control character")]
    Control,
}

impl Line {
    /// Takes in a text.
    ///
    /// # Errors
    ///
    /// [`BadLine`] where it is empty, too long, or has control characters other than white space.
    pub fn new(text: &str) -> Result<Self, BadLine> {
        // Before anything is composed, for that takes time; a letter of Vietnamese has at most two marks.
        let written = text.chars().filter(|c| !c.is_whitespace());
        if written.take(3 * LINE_CHARS_MAX + 1).count() > 3 * LINE_CHARS_MAX {
            return Err(BadLine::TooLong);
        }
        let mut kept = String::with_capacity(text.len());
        for word in text.split_whitespace() {
            if !kept.is_empty() {
                kept.push(' ');
            }
            kept.extend(word.nfc());
        }
        if kept.is_empty() {
            return Err(BadLine::Empty);
        }
        if kept.chars().any(char::is_control) {
            return Err(BadLine::Control);
        }
        if kept.chars().count() > LINE_CHARS_MAX {
            return Err(BadLine::TooLong);
        }
        Ok(Self(kept.into_boxed_str()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` is as a line is kept. Every recorded one is, and reading a ledger is mostly this.
    fn is_kept(text: &str) -> bool {
        let blanks_are_single = !text.is_empty()
            && !text.starts_with(' ')
            && !text.ends_with(' ')
            && !text.contains("  ");
        let plain = |b: u8| matches!(b, b' '..=b'~');
        let bounded = text.len() <= LINE_CHARS_MAX || text.chars().count() <= LINE_CHARS_MAX;
        let composed = || {
            let mut other = text.chars().filter(|c| !c.is_ascii());
            text.bytes().all(|b| plain(b) || !b.is_ascii())
                && !other.any(|c| c.is_whitespace() || c.is_control())
                && is_nfc_quick(text.chars()) == IsNormalized::Yes
        };
        blanks_are_single && bounded && (text.bytes().all(plain) || composed())
    }
}

impl TryFrom<String> for Line {
    type Error = BadLine;
    fn try_from(text: String) -> Result<Self, BadLine> {
        if Self::is_kept(&text) {
            return Ok(Self(text.into_boxed_str()));
        }
        Self::new(&text)
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0.into_string()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short way and the long way agree.
    #[test]
    fn what_is_kept_is_kept_again() {
        for text in [
            "",
            " ",
            "a",
            " a",
            "a ",
            "a  b",
            "a\tb",
            "Đường",
            "Sơ\u{323}",
            "a\u{a0}b",
            "a\u{0}",
        ] {
            assert_eq!(Line::try_from(text.to_owned()), Line::new(text), "{text:?}");
        }
        let kept = Line::new("Sở Giáo dục và Đào tạo").unwrap();
        assert!(Line::is_kept(kept.as_str()));
    }

    #[test]
    fn a_line_is_composed_trimmed_and_bounded() {
        assert_eq!(Line::new("  Đường\u{a0} bộ\n"), Line::new("Đường bộ"));
        assert_eq!(
            Line::new("Sơ\u{323}").map(|l| l.to_string()),
            Ok("Sợ".to_owned())
        );
        assert_eq!(Line::new(" \t"), Err(BadLine::Empty));
        assert_eq!(Line::new("a\u{0}b"), Err(BadLine::Control));
        assert_eq!(
            Line::new(&"ă".repeat(LINE_CHARS_MAX + 1)),
            Err(BadLine::TooLong)
        );
        assert!(Line::new(&"ă".repeat(LINE_CHARS_MAX)).is_ok());
        assert!(Line::new(&"a\u{302}\u{301}".repeat(LINE_CHARS_MAX)).is_ok());
        assert_eq!(
            Line::new(&format!("a{}", "\u{301}".repeat(3 * LINE_CHARS_MAX))),
            Err(BadLine::TooLong)
        );
    }

    #[test]
    fn what_is_kept_already_is_told_from_what_is_not() {
        let long = "ă".repeat(LINE_CHARS_MAX);
        for kept in ["a", "Đường bộ", "17/BC-UBND", &long] {
            assert!(Line::is_kept(kept), "{kept}");
        }
        let longer = "ă".repeat(LINE_CHARS_MAX + 1);
        let others = [
            "",
            " ",
            " a",
            "a ",
            "a  b",
            "a\tb",
            "a\u{a0}b",
            "a\u{0}",
            "a\u{85}b",
            "So\u{31b}",
            &longer,
        ];
        for other in others {
            assert!(!Line::is_kept(other), "{other:?}");
        }
        for text in [
            "a",
            "Đường bộ",
            " a",
            "a\tb",
            "So\u{31b}",
            "a\u{0}",
            &long,
            &longer,
            "",
        ] {
            assert_eq!(Line::new(text), Line::try_from(text.to_owned()), "{text:?}");
        }
    }
}
