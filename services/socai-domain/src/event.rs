//! Every event of the domain, between its stored form and its type.

mod event_type;

pub use event_type::EventType;

use crate::codec::{self, DecodeError};
use crate::subject::Subject;
use crate::{
    account, attachment, document, evidence, group, inspection, ledger, obligation, requirement,
    task, unit, year,
};

/// An event, by the aggregate that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Of the ledger itself.
    Ledger(ledger::Event),
    /// Of a year's calendar.
    Calendar(year::Event),
    /// Of a unit.
    Unit(unit::Event),
    /// Of a group.
    Group(group::Event),
    /// Of a document.
    Document(document::Event),
    /// Of a requirement.
    Requirement(requirement::Event),
    /// Of a task.
    Task(task::Event),
    /// Of an obligation.
    Obligation(obligation::Event),
    /// Of an inspection.
    Inspection(inspection::Event),
    /// Of an attachment.
    Attachment(attachment::Event),
    /// Of evidence.
    Evidence(evidence::Event),
    /// Of an account.
    Account(account::Event),
}

impl Event {
    /// Reads the event of type `name` about `subject` from its JSON `body`. Unknown fields are passed
    /// over: they are a later version's.
    ///
    /// # Errors
    ///
    /// [`DecodeError::UnknownType`] where no event of this program has that name.
    pub fn decode(subject: &Subject, name: &str, body: &str) -> Result<Self, DecodeError> {
        Ok(match subject {
            Subject::Obligation(_) => Self::Obligation(codec::decode(name, body)?),
            Subject::Ledger => Self::Ledger(codec::decode(name, body)?),
            Subject::Calendar(_) => Self::Calendar(codec::decode(name, body)?),
            Subject::Unit(_) => Self::Unit(codec::decode(name, body)?),
            Subject::Group(_) => Self::Group(codec::decode(name, body)?),
            Subject::Document(_) => Self::Document(codec::decode(name, body)?),
            Subject::Requirement(_) => Self::Requirement(codec::decode(name, body)?),
            Subject::Task(_) => Self::Task(codec::decode(name, body)?),
            Subject::Inspection(_) => Self::Inspection(codec::decode(name, body)?),
            Subject::Attachment(_) => Self::Attachment(codec::decode(name, body)?),
            Subject::Evidence(_) => Self::Evidence(codec::decode(name, body)?),
            Subject::Account(_) => Self::Account(codec::decode(name, body)?),
        })
    }

    /// The event's type, such as `report.submitted.v1`, and its JSON body.
    pub fn encode(&self) -> (String, String) {
        match self {
            Self::Ledger(event) => codec::encode(event),
            Self::Calendar(event) => codec::encode(event),
            Self::Unit(event) => codec::encode(event),
            Self::Group(event) => codec::encode(event),
            Self::Document(event) => codec::encode(event),
            Self::Requirement(event) => codec::encode(event),
            Self::Task(event) => codec::encode(event),
            Self::Obligation(event) => codec::encode(event),
            Self::Inspection(event) => codec::encode(event),
            Self::Attachment(event) => codec::encode(event),
            Self::Evidence(event) => codec::encode(event),
            Self::Account(event) => codec::encode(event),
        }
    }
}
