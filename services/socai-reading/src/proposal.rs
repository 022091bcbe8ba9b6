//! What a person is asked to confirm: documents to be issued into the ledger, relations to be
//! recorded. A proposal is plain data; nothing is recorded from here.

use jiff::civil::Date;
use serde::Serialize;

use crate::{Basis, Document, Findings, FoundDate, Place, Relation, RelationKind, YearSource};

/// A command that the text suggests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "command")]
pub enum Proposal {
    /// Record that a document was issued.
    #[serde(rename = "document.issue")]
    Issue(Issue),
    /// Record how two documents relate.
    #[serde(rename = "document.relate")]
    Relate(Relate),
}

/// A document, as far as the text tells. What it does not tell stays absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// The number as it is written; `None` for a document cited without one.
    pub number: Option<String>,
    /// The number in its prescribed spelling.
    pub normalised: Option<String>,
    /// The type in words; `None` where the number is ambiguous and the text does not say.
    pub type_name: Option<String>,
    pub issuer: Option<String>,
    pub date: Option<Date>,
    /// How the date's year is known; `None` where there is no date at all.
    pub year: Option<YearSource>,
    pub subject: Option<String>,
    pub place: Place,
    pub passage: String,
}

/// A relation between two proposed documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relate {
    pub relation: RelationKind,
    /// Index into [`Findings::documents`], which is also the order of the [`Issue`]s; `None` is the
    /// text itself, whose number is not known.
    pub from: Option<usize>,
    pub to: usize,
    pub basis: Basis,
    pub place: Place,
    pub passage: String,
}

/// The commands that `findings` suggest: first every document, in order, then every relation.
pub fn propose(findings: &Findings) -> Vec<Proposal> {
    let issues = findings
        .documents
        .iter()
        .map(|document| Proposal::Issue(issue(document, &findings.dates)));
    let relates = findings
        .relations
        .iter()
        .map(|relation| Proposal::Relate(relate(relation)));
    issues.chain(relates).collect()
}

fn issue(document: &Document, dates: &[FoundDate]) -> Issue {
    let dated = document.date.map(|date| &dates[date]);
    let first = &document.mentions[0];
    Issue {
        number: document.number.as_ref().map(|number| number.raw.clone()),
        normalised: document
            .number
            .as_ref()
            .map(|number| number.normalised.clone()),
        type_name: document.type_name.clone(),
        issuer: document.issuer.clone(),
        date: dated.and_then(|dated| dated.date),
        year: dated.map(|dated| dated.year),
        subject: document.subject.clone(),
        place: first.place,
        passage: first.passage.clone(),
    }
}

fn relate(relation: &Relation) -> Relate {
    Relate {
        relation: relation.kind,
        from: relation.from,
        to: relation.to,
        basis: relation.basis,
        place: relation.place,
        passage: relation.passage.clone(),
    }
}
