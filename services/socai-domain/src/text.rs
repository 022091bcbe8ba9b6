//! Vietnamese text: how it is stored, searched and sorted.
//!
//! Stored text is NFC ([`stored`]). Search compares folded text ([`fold`], [`SearchKey`]), so that
//! "duong" finds "Đường"; an exact accented match still ranks first ([`Rank`]). Names sort in
//! Vietnamese alphabetical order ([`CollationKey`]). Deliberately absent: stemming, synonyms,
//! typing-error tolerance, and any other language's rules.

mod collation;
mod search;
#[cfg(test)]
mod tests;

pub use collation::CollationKey;
pub use search::{Rank, SearchKey};

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// `text` as the ledger keeps it: NFC, and nothing else changed.
pub fn stored(text: &str) -> String {
    text.nfc().collect()
}

/// `text` without marks and case, white space collapsed: "Đường  Láng" becomes "duong lang".
///
/// Eth (`Ð`), a common misspelling of `Đ`, folds to `d` as well.
pub fn fold(text: &str) -> String {
    let bare = text.to_lowercase();
    let bare: String = bare
        .nfd()
        .filter(|mark| !is_combining_mark(*mark))
        .map(|letter| match letter {
            'đ' | 'ð' => 'd',
            other => other,
        })
        .collect();
    collapse(&bare)
}

/// `text` with every run of white space as one space, none at the ends.
pub fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}
