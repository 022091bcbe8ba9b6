//! Documents and their relations, requirements, tasks.

use jiff::civil::Date;
use socai_domain::document;
use socai_domain::id::DocumentId;

use super::{Changes, word};
use crate::image::Image;

/// An issued text. Keyed by its id, as its relations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<'a> {
    /// Its id.
    pub id: &'a str,
    /// Type and number as people write them.
    pub title: String,
    /// As spelled in the document.
    pub number: Option<&'a str>,
    /// The type in words.
    pub kind: &'a str,
    /// Who issued it.
    pub issuer: Option<&'a str>,
    /// Its date.
    pub date: Option<Date>,
    /// What it is about.
    pub subject: Option<&'a str>,
    /// Its content is kept elsewhere.
    pub secret: bool,
    /// The day on which the ledger holds it to exist.
    pub known: Date,
    /// The first day on which it is not in force.
    pub ended: Option<Date>,
    /// How it ended.
    pub ended_how: Option<String>,
    /// How often it was corrected.
    pub corrections: u32,
}

/// A relation from one document to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation<'a> {
    /// The document that says so.
    pub document: &'a str,
    /// Counts the relations of a document, from 1.
    pub ordinal: u32,
    /// The day from which it holds.
    pub from: Date,
    /// What it is.
    pub relation: &'static str,
    /// To which document.
    pub to: &'a str,
    /// What the one asks for counts for the other as well.
    pub carries_down: bool,
}

/// A rule that creates report obligations. Keyed by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement<'a> {
    /// Its id.
    pub id: &'a str,
    /// The document that asks for it.
    pub document: &'a str,
    /// What sort of report.
    pub kind: String,
    /// What it is called.
    pub title: &'a str,
    /// How often.
    pub cadence: String,
    /// The channel unit.
    pub via: Option<&'a str>,
    /// Who grants extensions, where that is not the issuer.
    pub assigner: Option<&'a str>,
    /// The requirement whose report it is a section of.
    pub host: Option<&'a str>,
    /// The day from which it is asked for.
    pub set: Date,
    /// The day from which it is not.
    pub ended: Option<Date>,
}

/// Assigned work. Keyed by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task<'a> {
    /// Its id.
    pub id: &'a str,
    /// The document that assigns it.
    pub document: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// Who confirms and extends, where that is not the issuer.
    pub assigner: Option<&'a str>,
    /// The day from which it is owed.
    pub assigned: Date,
    /// The due date that it was assigned with.
    pub due: Option<Date>,
    /// From when, and what: the due date that was set later.
    pub due_set: Option<(Date, Date)>,
    /// How many units owe it.
    pub owed_by: u32,
}

impl Changes {
    /// The documents to be written.
    pub fn documents<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Document<'a>> {
        self.documents_known(image).map(|(id, known)| Document {
            id: id.as_str(),
            title: known.title(),
            number: known.number.as_ref().map(|number| number.as_str()),
            kind: known.kind.as_str(),
            issuer: known.issuer.as_ref().map(|issuer| issuer.as_str()),
            date: known.date,
            subject: known.subject.as_ref().map(|subject| subject.as_str()),
            secret: known.secret,
            known: known.known,
            ended: known.ended.map(|(on, _)| on),
            ended_how: known.ended.map(|(_, how)| word(&how)),
            corrections: known.corrections,
        })
    }

    /// Their relations.
    pub fn relations<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Relation<'a>> {
        self.documents_known(image).flat_map(|(id, known)| {
            let row = |(ordinal, (from, relation, to)): (
                u32,
                &'a (Date, document::Relation, DocumentId),
            )| Relation {
                document: id.as_str(),
                ordinal,
                from: *from,
                relation: relation.id(),
                to: to.as_str(),
                carries_down: relation.carries_down(),
            };
            (1..).zip(&known.relations).map(row)
        })
    }

    fn documents_known<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = (&'a DocumentId, &'a document::Document)> {
        let known = &image.registry().documents;
        self.documents
            .iter()
            .filter_map(|id| known.get_key_value(id))
    }

    /// The requirements to be written.
    pub fn requirements<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Requirement<'a>> {
        let known = &image.registry().requirements;
        let noted = self.requirements.iter();
        noted
            .filter_map(|id| known.get_key_value(id))
            .map(|(id, known)| Requirement {
                id: id.as_str(),
                document: known.rule.document.as_str(),
                kind: word(&known.rule.kind),
                title: known.rule.title.as_str(),
                cadence: word(&known.rule.cadence),
                via: known.rule.via.as_ref().map(|unit| unit.as_str()),
                assigner: known.rule.assigner.as_ref().map(|unit| unit.as_str()),
                host: known.rule.host.as_ref().map(|host| host.as_str()),
                set: known.set,
                ended: known.ended,
            })
    }

    /// The tasks to be written.
    pub fn tasks<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Task<'a>> {
        let known = &image.registry().tasks;
        let noted = self.tasks.iter();
        noted
            .filter_map(|id| known.get_key_value(id))
            .map(|(id, known)| Task {
                id: id.as_str(),
                document: known.assignment.document.as_str(),
                title: known.assignment.title.as_str(),
                assigner: known.assignment.assigner.as_ref().map(|unit| unit.as_str()),
                assigned: known.assigned,
                due: known.due,
                due_set: known.due_set,
                owed_by: known.owed_by,
            })
    }
}
