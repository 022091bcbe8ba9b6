//! Checkpoints: how large a log is, and its root (C2SP tlog-checkpoint).
//!
//! ```text
//! origin
//! size
//! base64(root)
//! ```
//!
//! Our own logs write no further lines; those of others are kept, as they are part of what is signed.

use crate::hash::Hash;
use crate::key::SigningKey;
use crate::note::Note;

/// What a log says of itself: everything up to `size` has this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, for all its life.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// The root of the tree of these leaves.
    pub root: Hash,
    /// Lines that only the log understands.
    pub extensions: Vec<String>,
}

/// A text that is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// Too few lines, an empty one, or no newline at the end.
    #[error("a checkpoint is origin, size and root, each in a line, none of them empty")]
    Lines,
    /// The second line.
    #[error("line 2 of a checkpoint is the size: decimal, without sign and leading zeros")]
    Size,
    /// The third line.
    #[error("line 3 of a checkpoint is the root: 32 bytes in base64, 44 characters")]
    Root,
}

impl Checkpoint {
    /// Reads the text of a note.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BadCheckpoint> {
        let lines: Vec<&str> = text
            .strip_suffix('\n')
            .ok_or(BadCheckpoint::Lines)?
            .split('\n')
            .collect();
        if lines.iter().any(|line| line.is_empty()) {
            return Err(BadCheckpoint::Lines);
        }
        let [origin, size, root, extensions @ ..] = &lines[..] else {
            return Err(BadCheckpoint::Lines);
        };
        Ok(Self {
            origin: (*origin).to_owned(),
            size: decimal(size).ok_or(BadCheckpoint::Size)?,
            root: root.parse().map_err(|_| BadCheckpoint::Root)?,
            extensions: extensions.iter().map(|&line| line.to_owned()).collect(),
        })
    }

    /// The text that is signed. Reading it gives this checkpoint.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The checkpoint, signed by these keys of the log: more than one while keys overlap.
    ///
    /// # Panics
    ///
    /// As [`SigningKey::sign`].
    #[must_use]
    pub fn sign(&self, keys: &[&SigningKey]) -> Note {
        let text = self.text();
        let signatures = keys.iter().map(|key| key.sign(&text)).collect();
        Note { text, signatures }
    }
}

/// A number as these formats write it: decimal digits, no sign, no leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| canonical && digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn it_reads_back_with_the_lines_that_it_does_not_understand() {
        let text = format!("example.com/log\n0\n{ROOT}\nmore\nand more\n");
        let checkpoint = Checkpoint::parse(&text).unwrap();
        assert_eq!(checkpoint.origin, "example.com/log");
        assert_eq!((checkpoint.size, checkpoint.root), (0, Hash::OF_NOTHING));
        assert_eq!(checkpoint.extensions, ["more", "and more"]);
        assert_eq!(checkpoint.text(), text);
    }

    #[test]
    fn a_text_that_is_no_checkpoint_is_refused_with_the_reason() {
        let cases = [
            (String::new(), BadCheckpoint::Lines),
            (format!("origin\n1\n{ROOT}"), BadCheckpoint::Lines),
            ("origin\n1\n".to_owned(), BadCheckpoint::Lines),
            (format!("\n1\n{ROOT}\n"), BadCheckpoint::Lines),
            (format!("origin\n1\n{ROOT}\n\n"), BadCheckpoint::Lines),
            (format!("origin\n01\n{ROOT}\n"), BadCheckpoint::Size),
            (format!("origin\n+1\n{ROOT}\n"), BadCheckpoint::Size),
            (format!("origin\n-1\n{ROOT}\n"), BadCheckpoint::Size),
            (format!("origin\n 1\n{ROOT}\n"), BadCheckpoint::Size),
            (format!("origin\nfive\n{ROOT}\n"), BadCheckpoint::Size),
            (
                format!("origin\n18446744073709551616\n{ROOT}\n"),
                BadCheckpoint::Size,
            ),
            (format!("origin\n1\n{ROOT}A\n"), BadCheckpoint::Root),
            ("origin\n1\nAAAA\n".to_owned(), BadCheckpoint::Root),
        ];
        for (text, expected) in cases {
            assert_eq!(Checkpoint::parse(&text), Err(expected), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_reads_is_written_the_same(text in "[a-z+ ]{0,4}\n[0-9+]{1,3}\n(47DEQpj8HBSa\\+/TImW\\+5JCeuQeRkm5NMpJWZG3hSuFU=\n|\n){1,2}") {
            if let Ok(checkpoint) = Checkpoint::parse(&text) {
                prop_assert_eq!(checkpoint.text(), text);
            }
        }
    }
}
