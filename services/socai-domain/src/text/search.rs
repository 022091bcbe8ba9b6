//! Finding text by what a person types, with or without the marks.

use unicode_normalization::UnicodeNormalization as _;

use super::{collapse, fold};

/// How well a text answers a query. The better rank is the smaller one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// The text is the query, marks and all; only case and separators may differ.
    Same,
    /// The words of the query follow each other in the text, marks and all.
    Accented,
    /// They follow each other once the marks are dropped.
    Folded,
    /// Each word of the query begins some word of the text, in any order.
    Words,
}

/// A text made ready for searching, or a query made ready to be asked.
///
/// Everything that is neither letter nor digit separates words. A document is searched as its
/// type and its number in one text, so that "chi thi 25" finds `Chỉ thị 25-CT/TU` (words: chi,
/// thi, 25, ct, tu) and does not find `Chỉ thị 125-CT/TU`. The last word of a query may be the
/// beginning of a word only, as it is while somebody types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchKey {
    /// Lower-case words with their marks; a space before each.
    accented: String,
    /// The same without marks.
    folded: String,
}

impl SearchKey {
    /// The key of `text`.
    pub fn new(text: &str) -> Self {
        let lower: String = text.to_lowercase().nfc().collect();
        Self {
            accented: words(&lower),
            folded: words(&fold(text)),
        }
    }

    /// How well this text answers `query`, or `None` if it does not. An empty query finds nothing.
    pub fn rank(&self, query: &SearchKey) -> Option<Rank> {
        if query.folded.is_empty() {
            None
        } else if self.accented == query.accented {
            Some(Rank::Same)
        } else if self.accented.contains(&query.accented) {
            Some(Rank::Accented)
        } else if self.folded.contains(&query.folded) {
            Some(Rank::Folded)
        } else {
            self.has_each_word_of(query).then_some(Rank::Words)
        }
    }

    fn has_each_word_of(&self, query: &SearchKey) -> bool {
        query.folded.split_whitespace().all(|asked| {
            self.folded
                .split_whitespace()
                .any(|word| word.starts_with(asked))
        })
    }
}

/// The words of `text`, each after one space: a query found in it begins at the start of a word.
fn words(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|sign| if sign.is_alphanumeric() { sign } else { ' ' })
        .collect();
    let spaced = collapse(&spaced);
    if spaced.is_empty() {
        spaced
    } else {
        format!(" {spaced}")
    }
}
