//! Reads a Vietnamese document or news article and finds what it cites: documents with their
//! numbers, dates and issuers, and how they relate. Every finding carries its line and its
//! passage, so that a person can confirm or refuse what [`propose`] makes of it.
//!
//! ```text
//! text --Source--> clean text, sentences, noise
//!        --dates, citations, organs--> Findings --propose--> Vec<Proposal>
//! ```
//!
//! Reading follows the conventions of drafting (Decree 30/2020/NĐ-CP, Party guidance) and of
//! journalism about them, by tables of words and fixed patterns, each applied to a bounded
//! stretch around a citation, so that time is proportional to the text. Deliberately absent: any
//! learned model, any list of known documents or units beyond the names of provinces, any
//! recording. Nothing that is read becomes a fact before a person says so.

mod citation;
mod date;
mod details;
mod document;
mod organ;
mod proposal;
mod relation;
mod source;
mod unnumbered;
mod words;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use socai_domain::number::Reading;

pub use proposal::{Check, Proposal, propose};
pub use socai_domain::document::Relation as RelationKind;

/// The longest text that is read. The Civil Code has about half of it.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// Numbers of documents in a text, at most. A review of five years cites some hundred; each takes about a millisecond.
pub const CITATIONS_MAX: usize = 2_000;

/// Reads `text`.
///
/// # Errors
///
/// Where the text is longer than [`TEXT_BYTES_MAX`], or cites more than [`CITATIONS_MAX`] numbers.
pub fn read(text: &str) -> Result<Findings, ReadError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(ReadError::TooLong { bytes: text.len() });
    }
    let source = source::Source::new(text);
    let mut dates = date::find(&source);
    let citations = citation::find(&source, &dates);
    if citations.len() > CITATIONS_MAX {
        return Err(ReadError::TooManyCitations);
    }
    let publication = date::publication(&source, &dates);
    let mut documents = document::gather(&source, &citations, &dates);
    date::resolve(&source, &mut dates, &mut documents, publication);
    let relations = relation::find(&source, &citations, &documents);
    Ok(document::findings(
        &source, &citations, documents, &dates, relations,
    ))
}

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Split it and read the parts.
    #[error("a text of {bytes} bytes is longer than the {TEXT_BYTES_MAX} that are read")]
    TooLong { bytes: usize },
    /// Split it and read the parts.
    #[error(
        "the text cites more than the {CITATIONS_MAX} numbers of documents that are read at once"
    )]
    TooManyCitations,
}

/// What a text cites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Each cited document once, in the order of first mention.
    pub documents: Vec<Document>,
    /// The document that the text is, or reports on, as an index into `documents`.
    pub main: Option<usize>,
    /// Every date, in order.
    pub dates: Vec<FoundDate>,
    /// Every organisation named as an issuer, once, in order.
    pub issuers: Vec<Issuer>,
    /// How the documents relate, each relation once.
    pub relations: Vec<Relation>,
}

/// Where something stands. Counted in the cleaned text: NFC, `\n` at line ends, ordinary spaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In bytes, from 0.
    pub offset: usize,
}

/// A cited document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// The number and what it may mean; `None` for a document cited without one.
    pub number: Option<Reading>,
    /// The type: as the text says it, or as the number tells beyond doubt.
    pub type_name: Option<String>,
    /// The issuing organisation, in the words of the text.
    pub issuer: Option<String>,
    /// The date of issue, as an index into [`Findings::dates`].
    pub date: Option<usize>,
    /// What it is about, in the words of the text.
    pub subject: Option<String>,
    /// Every place where it is cited; never empty.
    pub mentions: Vec<Mention>,
}

/// One citation of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    pub place: Place,
    /// The citation as it is written.
    pub written: String,
    /// The sentence around it.
    pub passage: String,
}

/// A date as it is written, and the day that it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FoundDate {
    pub place: Place,
    pub written: String,
    /// `None` where the year is neither written nor told by the context.
    pub date: Option<Date>,
    /// Where the year comes from.
    pub year: YearSource,
    /// The sentence around it.
    pub passage: String,
}

/// Where the year of a date comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum YearSource {
    /// It is written.
    Stated,
    /// Resolved: the day nearest to the publication (for an issue date: the last such day before).
    Publication { on: Date },
    /// Resolved: the year within the document's own number.
    Number { year: i16 },
    /// Resolved: the year that the document's subject names.
    Subject { year: i16 },
    /// Resolved: the year that the text's title names.
    Title { year: i16 },
    /// Not resolved; a person has to say.
    Unknown,
}

/// An organisation named as an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issuer {
    pub place: Place,
    pub name: String,
}

/// How one document relates to another. Documents are indices into [`Findings::documents`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    pub kind: RelationKind,
    /// `None`: the text itself, whose number is not known.
    pub from: Option<usize>,
    pub to: usize,
    pub basis: Basis,
    /// Where the second document is cited in this relation.
    pub place: Place,
    /// The sentence that says so.
    pub passage: String,
}

/// Whether a relation stands in one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The passage says it.
    Stated,
    /// The passage names only one of the two; the other is what the text is about.
    Implied,
}
