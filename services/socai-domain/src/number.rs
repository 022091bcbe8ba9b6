//! Document numbers: what `25-CT/TU` or `09/2017/NĐ-CP` says.
//!
//! State and Party numbers have different grammars, and some symbols mean two things, so a number
//! reads as *candidates*:
//!
//! ```text
//! number  = party | legal | slash
//! party   = seq "-" type "/" organ {"-" organ} ["(" sub ")"]         25-CT/TU, 15-KH/ĐU(UBND)
//! legal   = seq "/" year "/" type "-" organ {"-" organ}              09/2017/NĐ-CP
//!         | seq "/" year "/" ("QH" | "UBTVQH") term                  43/2022/QH15
//! slash   = seq "/" type "-" organ {"-" organ}                       37/KH-UBND
//!         | seq "/" organ ["-" unit {"-" unit}]                      3241/UBND-KGVX (công văn)
//! seq     = 1 to 6 digits, and a letter or none                      30c
//! ```
//!
//! Types are a closed table; organs are an open vocabulary, because each head fixes the
//! abbreviations of the house. Deliberately absent: any correction of an organ's symbol, and any
//! choice between candidates. A number is not an identity: `24-CT/TU` repeats in every province.

mod scan;
mod symbols;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;

use crate::text;

pub use symbols::{TypeSymbol, party_types, state_types};

/// The longest number that is read, in characters; joint circulars of six ministries have some 60.
pub const NUMBER_CHARS_MAX: usize = 120;

/// The grammar. It has no values: what a text reads as is a [`Reading`].
#[derive(Debug)]
pub enum Number {}

impl Number {
    /// Reads one number. A leading "Số" and stray spaces are accepted; anything else around the
    /// number is not.
    ///
    /// # Errors
    ///
    /// Where the text is not a document number: what was expected instead.
    pub fn parse(raw: &str) -> Result<Reading, NumberError> {
        if raw.chars().count() > NUMBER_CHARS_MAX {
            return Err(NumberError::TooLong);
        }
        let (normalised, candidates) = scan::number(&normalise(raw))?;
        Ok(Reading {
            raw: raw.to_owned(),
            normalised,
            candidates,
        })
    }
}

/// What a number says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reading {
    /// The number as it was written.
    pub raw: String,
    /// The same in the spelling that the rules of drafting prescribe.
    pub normalised: String,
    /// Every meaning, the likeliest first; never empty. More than one: a person has to choose.
    pub candidates: Vec<Candidate>,
}

impl Reading {
    /// The number as part of an id: `09/2017/NĐ-CP` becomes `09-2017-nd-cp`.
    pub fn folded(&self) -> String {
        folded(&self.normalised)
    }

    /// Whether the symbols alone do not tell what the document is.
    pub fn is_ambiguous(&self) -> bool {
        self.candidates.len() > 1
    }
}

/// One meaning of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Candidate {
    /// Which grammar it follows.
    pub family: Family,
    /// The sequence number, without leading zeros.
    pub seq: u32,
    /// The letter after the sequence number ("30c"), or empty.
    pub suffix: String,
    /// The year within the number; legal documents only.
    pub year: Option<u16>,
    /// The symbol of the type. A State letter has none in its number; here it is `CV`.
    pub type_code: String,
    /// The type in words.
    pub type_name: String,
    /// The symbols of the issuing organs, the leading one first; never empty.
    pub issuers: Vec<String>,
    /// The drafting unit or field of a State letter.
    pub unit: Option<String>,
    /// What a Party number adds in brackets.
    pub sub: Option<String>,
}

/// The grammar that a number follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// A Party document: `25-CT/TU`. Numbered within a term.
    Party,
    /// A legal normative document, with its year: `09/2017/NĐ-CP`.
    Legal,
    /// Any other State document with a type symbol: `37/KH-UBND`. Numbered within a year.
    StateTyped,
    /// A State letter (công văn), which has no type symbol: `3241/UBND-KGVX`.
    StateLetter,
}

/// Why a text is not read as a document number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// There is more text than any number has.
    #[error("a document number has at most {NUMBER_CHARS_MAX} characters")]
    TooLong,
    /// Nothing is left once "Số" and spaces are taken away.
    #[error("there is no text where a document number is expected")]
    Empty,
    /// A number starts with its sequence number.
    #[error("a document number starts with a sequence number of 1 to 6 digits, not with {found:?}")]
    NoSequence { found: String },
    /// A sequence number without a symbol says neither what nor whose the document is.
    #[error(
        "after the sequence number, \"-\" and a Party symbol or \"/\" and a State symbol is expected, not {found:?}"
    )]
    NoSymbol { found: String },
    /// The type is not in the table of its family.
    #[error("{symbol:?} is not the symbol of a type of document")]
    UnknownType { symbol: String },
    /// The number ends before it names its issuer.
    #[error("after {after:?} the symbol of the issuing organ is expected, not {found:?}")]
    NoIssuer { after: String, found: String },
    /// The number is complete and more text follows.
    #[error("{found:?} is left over after the number {number:?}")]
    LeftOver { number: String, found: String },
}

impl NumberError {
    /// The code that clients match on. It never changes once released.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "number.too_long",
            Self::Empty => "number.empty",
            Self::NoSequence { .. } => "number.no_sequence",
            Self::NoSymbol { .. } => "number.no_symbol",
            Self::UnknownType { .. } => "number.unknown_type",
            Self::NoIssuer { .. } => "number.no_issuer",
            Self::LeftOver { .. } => "number.left_over",
        }
    }
}

/// The spelling that is read: NFC, one kind of dash and slash, `Đ` for eth, neither "Số" before
/// nor a full stop after, no spaces around dashes and slashes.
///
/// What depends on the parts (case of the type, `TƯ` for `TW`) is settled by [`Number::parse`].
pub fn normalise(raw: &str) -> String {
    let plain: String = raw.chars().filter_map(plain_sign).collect();
    let plain = text::collapse(&text::stored(&plain));
    let mut rest = plain.as_str();
    while let Some(shorter) = without_label(rest).or_else(|| without_full_stop(rest)) {
        rest = shorter;
    }
    without_spaces_around_signs(rest)
}

/// `number` in the letters, digits and hyphens that ids are made of.
pub fn folded(number: &str) -> String {
    let bare = text::fold(number);
    let parts = bare.split(|sign: char| !sign.is_ascii_alphanumeric());
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Look-alikes become the sign that is meant; what has no width goes.
fn plain_sign(sign: char) -> Option<char> {
    match sign {
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => None,
        '\u{d0}' => Some('Đ'),
        '\u{f0}' => Some('đ'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Some('-'),
        '\u{2044}' | '\u{2215}' | '\u{ff0f}' => Some('/'),
        other => Some(other),
    }
}

/// `text` after a leading "Số" or "số:"; a word that only begins so is no label.
fn without_label(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(['S', 's'])?.strip_prefix(['Ố', 'ố'])?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(':').unwrap_or(rest).trim_start();
    (!rest.starts_with(char::is_alphabetic)).then_some(rest)
}

fn without_full_stop(text: &str) -> Option<&str> {
    text.strip_suffix(['.', ',', ';', ':']).map(str::trim_end)
}

fn without_spaces_around_signs(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for sign in text.chars() {
        if matches!(sign, '-' | '/') && joined.ends_with(' ') {
            joined.pop();
        }
        if sign != ' ' || !joined.ends_with(['-', '/']) {
            joined.push(sign);
        }
    }
    joined
}
