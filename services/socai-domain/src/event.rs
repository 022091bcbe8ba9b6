//! Every event of the domain, between its stored form and its type.

use crate::codec::{self, DecodeError};
use crate::subject::Subject;
use crate::{
    account, attachment, document, evidence, group, inspection, ledger, obligation, requirement,
    task, unit, year,
};

/// The stored name of every event, in order.
pub const TYPES: [&str; 57] = [
    "account.closed.v1",
    "account.created.v1",
    "account.exported.v1",
    "account.role_granted.v1",
    "account.role_revoked.v1",
    "account.token_issued.v1",
    "account.token_revoked.v1",
    "attachment.erased.v1",
    "attachment.stored.v1",
    "calendar.published.v1",
    "document.corrected.v1",
    "document.ended.v1",
    "document.issued.v1",
    "document.related.v1",
    "evidence.exported.v1",
    "group.changed.v1",
    "group.defined.v1",
    "inspection.concluded.v1",
    "inspection.finding_recorded.v1",
    "inspection.follow_up_set.v1",
    "inspection.opened.v1",
    "ledger.created.v1",
    "ledger.definition_adopted.v1",
    "ledger.durability_waived.v1",
    "ledger.heads_sealed.v1",
    "ledger.log_key_added.v1",
    "ledger.log_key_retired.v1",
    "obligation.cancelled.v1",
    "obligation.escalated.v1",
    "obligation.excused.v1",
    "obligation.explained.v1",
    "obligation.explanation_requested.v1",
    "obligation.extended.v1",
    "obligation.flagged_late.v1",
    "obligation.reminded.v1",
    "obligation.reversed.v1",
    "obligation.transferred.v1",
    "period.opened.v1",
    "report.accepted.v1",
    "report.forwarded.v1",
    "report.received.v1",
    "report.returned.v1",
    "report.submitted.v1",
    "requirement.ended.v1",
    "requirement.set.v1",
    "task.acknowledged.v1",
    "task.assigned.v1",
    "task.claimed.v1",
    "task.confirmed.v1",
    "task.due_set.v1",
    "task.progressed.v1",
    "task.refused.v1",
    "unit.ended.v1",
    "unit.formed.v1",
    "unit.part_ceded.v1",
    "unit.renamed.v1",
    "unit.reparented.v1",
];

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

/// The place among [`TYPES`] of the one called `name`.
pub fn type_number(name: &str) -> Option<u8> {
    let place = TYPES.binary_search(&name).ok()?;
    u8::try_from(place).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_number() {
        let known: Vec<String> = crate::schema::events().into_keys().collect();
        assert_eq!(TYPES[..], known);
        for (number, name) in TYPES.iter().enumerate() {
            assert_eq!(type_number(name).map(usize::from), Some(number));
        }
        assert_eq!(type_number("unit.painted.v1"), None);
    }
}
