//! A document: an issued text with type, number, date and issuer, and an identity of its own.
//!
//! A number is not an identity: it repeats in every province, every term, every year. Documents form
//! chains by their relations; everything issued under a document is found by following them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{BadId, DocumentId, UnitId};
use crate::line::Line;
use crate::refusal::refusals;

mod decide;
mod relation;

pub use decide::decide;
pub use relation::Relation;

/// How a document stopped being in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DocumentEnd")]
pub enum EndKind {
    /// Another took its place.
    Replaced,
    /// It was abolished.
    Abolished,
    /// Its term ran out.
    Expired,
}

/// Where a document says something: the words themselves, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passage {
    /// The words.
    pub text: Line,
    /// Where: a line, a section, an article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Line>,
}

/// What is asked of documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A document was issued. `effective` is its date, or where it has none, the day it became known.
    #[serde(rename = "document.issue")]
    Issue {
        /// Left out, it is made of number, date and issuer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<DocumentId>,
        /// As spelled in the document; absent stays absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        /// The type in words, such as "Chỉ thị"; the symbol alone can be ambiguous.
        #[serde(rename = "type")]
        kind: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<UnitId>,
        /// Absent stays absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        /// The document is secret: only that it exists is kept, nothing of its content.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        secret: bool,
    },
    /// A document relates to another.
    #[serde(rename = "document.relate")]
    Relate {
        document: DocumentId,
        relation: Relation,
        to: DocumentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passage: Option<Passage>,
    },
    /// A document is no longer in force from the effective day.
    #[serde(rename = "document.end")]
    End {
        document: DocumentId,
        how: EndKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DocumentId>,
    },
    /// What was recorded of a document was wrong. Only what is given changes; its id stays.
    #[serde(rename = "document.correct")]
    Correct {
        document: DocumentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
        kind: Option<Line>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        reason: Line,
    },
}

/// What became true of a document. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// It exists, with what is known of it.
    #[serde(rename = "document.issued.v1")]
    Issued {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        #[serde(rename = "type")]
        kind: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        secret: bool,
    },
    /// It relates to `to`, as `passage` says.
    #[serde(rename = "document.related.v1")]
    Related {
        relation: Relation,
        to: DocumentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passage: Option<Passage>,
    },
    /// The effective day is the first on which it is not in force.
    #[serde(rename = "document.ended.v1")]
    Ended {
        how: EndKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DocumentId>,
    },
    /// What is given here holds instead of what was recorded.
    #[serde(rename = "document.corrected.v1")]
    Corrected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
        kind: Option<Line>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        reason: Line,
    },
}

/// A document as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// As spelled in the document.
    pub number: Option<Line>,
    /// The type in words.
    pub kind: Line,
    /// Who issued it.
    pub issuer: Option<UnitId>,
    /// Its date.
    pub date: Option<Date>,
    /// What it is about.
    pub subject: Option<Line>,
    /// Whether its content is kept elsewhere.
    pub secret: bool,
    /// The day on which the ledger holds it to exist.
    pub known: Date,
    /// Its relations to others, oldest first, each with the day from which it holds.
    pub relations: Vec<(Date, Relation, DocumentId)>,
    /// The first day on which it is not in force, and how it ended.
    pub ended: Option<(Date, EndKind)>,
    /// How often it was corrected.
    pub corrections: u32,
    /// What was recorded of it first, where that was corrected.
    pub as_issued: Option<Box<Facts>>,
}

/// What an issue says of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// As spelled in the document.
    pub number: Option<Line>,
    /// The type in words.
    pub kind: Line,
    /// Who issued it.
    pub issuer: Option<UnitId>,
    /// Its date.
    pub date: Option<Date>,
    /// What it is about.
    pub subject: Option<Line>,
    /// Whether its content is kept elsewhere.
    pub secret: bool,
}

impl Document {
    /// What is known of it now.
    fn facts(&self) -> Facts {
        Facts {
            number: self.number.clone(),
            kind: self.kind.clone(),
            issuer: self.issuer.clone(),
            date: self.date,
            subject: self.subject.clone(),
            secret: self.secret,
        }
    }

    /// Type and number as people write them: "Chỉ thị 25-CT/TU".
    pub fn title(&self) -> String {
        match &self.number {
            Some(number) => format!("{} {number}", self.kind),
            None => self.kind.to_string(),
        }
    }
}

refusals!("document" {
    /// A correction says what it corrects.
    NothingCorrected = "nothing_corrected", "the correction names no number, type, date or subject";
    /// It is not in the ledger.
    Unknown = "unknown", "no such document is in the ledger";
    /// Its issuer is not in the ledger.
    UnknownIssuer = "unknown_issuer", "the issuer is not in the ledger: form the unit first";
    /// A document has no relation to itself.
    Itself = "itself", "a document has no relation to itself";
    /// The number cannot be read.
    BadNumber = "bad_number", "the number does not read as a Party or State document number";
    /// The words say another type than the symbol allows.
    TypeDisagrees = "type_disagrees", "the type is none that the number's symbol stands for";
    /// A dated document is effective on its date.
    DateDisagrees = "date_disagrees", "the effective day is not the document's date";
    /// A secret document keeps no content here: no subject, and no passage of it.
    Secret = "secret", "of a secret document nothing but type, number, issuer and date is kept";
    /// A document without a number cannot be told from others without an id.
    IdRequired = "id_required", "a document without a number needs an id of its own";
    /// An id is given once.
    AlreadyIssued = "already_issued", "the document is recorded already, with other facts: correct it instead";
    /// A chain leads from the top down.
    Cycle = "cycle", "the other document is issued under this one";
    /// What is not there yet cannot end.
    BeforeIssue = "before_issue", "the document did not exist on the effective day";
    /// It has ended already, otherwise.
    AlreadyEnded = "already_ended", "the document has ended already, otherwise";
});

/// The id that number, date and issuer make, such as `25-ct-tu_2014-01-21_hn-btv`.
///
/// # Errors
///
/// [`BadId`] where the parts together are longer than an id may be.
pub fn id_of(
    folded: &str,
    date: Option<Date>,
    issuer: Option<&UnitId>,
) -> Result<DocumentId, BadId> {
    let date = date.map_or_else(|| "undated".to_owned(), |date| date.to_string());
    let issuer = issuer.map_or("unnamed", |issuer| issuer.as_str());
    DocumentId::new(&format!("{folded}_{date}_{issuer}"))
}

/// Tells `document` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(document: Option<Document>, on: Date, event: &Event) -> Option<Document> {
    match (document, event.clone()) {
        (
            None,
            Event::Issued {
                number,
                kind,
                issuer,
                date,
                subject,
                secret,
            },
        ) => Some(Document {
            number,
            kind,
            issuer,
            date,
            subject,
            secret,
            known: on,
            relations: Vec::new(),
            ended: None,
            corrections: 0,
            as_issued: None,
        }),
        (
            Some(mut document),
            Event::Related {
                relation,
                to,
                passage: _,
            },
        ) => {
            document.relations.push((on, relation, to));
            Some(document)
        }
        (Some(mut document), Event::Ended { how, by: _ }) => {
            document.ended = Some((on, how));
            Some(document)
        }
        (
            Some(document),
            Event::Corrected {
                number,
                kind,
                date,
                subject,
                reason: _,
            },
        ) => Some(Document {
            as_issued: document
                .as_issued
                .clone()
                .or_else(|| Some(Box::new(document.facts()))),
            number: number.or(document.number),
            kind: kind.unwrap_or(document.kind),
            date: date.or(document.date),
            subject: subject.or(document.subject),
            corrections: document.corrections + 1,
            ..document
        }),
        (Some(_), Event::Issued { .. }) | (None, _) => None,
    }
}

/// `top` and everything issued under it, by relations that hold on `day`.
pub fn below(
    documents: &BTreeMap<DocumentId, Document>,
    top: &DocumentId,
    day: Date,
) -> BTreeSet<DocumentId> {
    let mut children: BTreeMap<&DocumentId, Vec<&DocumentId>> = BTreeMap::new();
    for (id, document) in documents {
        for (from, relation, to) in &document.relations {
            if relation.carries_down() && *from <= day {
                children.entry(to).or_default().push(id);
            }
        }
    }
    let (mut found, mut waiting) = (BTreeSet::new(), vec![top]);
    while let Some(id) = waiting.pop() {
        if found.insert(id.clone()) {
            waiting.extend(children.get(id).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
pub(crate) mod tests;
