//! What an event is about: the name of its stream.

use std::fmt;

use crate::id::{
    AccountId, BadId, BadSha256Hex, DocumentId, EvidenceId, GroupId, InspectionId, ObligationId,
    RequirementId, Sha256Hex, TaskId, UnitId,
};

/// The aggregate that an event tells of, as `<category>.<id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `ledger.main`.
    Ledger,
    /// `calendar.<year>`.
    Calendar(i16),
    /// `unit.<id>`.
    Unit(UnitId),
    /// `group.<id>`.
    Group(GroupId),
    /// `document.<id>`.
    Document(DocumentId),
    /// `requirement.<id>`.
    Requirement(RequirementId),
    /// `task.<id>`.
    Task(TaskId),
    /// `obligation.<id>`.
    Obligation(ObligationId),
    /// `inspection.<id>`.
    Inspection(InspectionId),
    /// `attachment.<64 hexadecimal digits>`.
    Attachment(Sha256Hex),
    /// `evidence.<id>`.
    Evidence(EvidenceId),
    /// `account.<id>`.
    Account(AccountId),
}

/// Why a text names no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSubject {
    /// Its category is none of this program's. A reader keeps the record and goes on.
    #[error("{0:?} has no category that this program knows")]
    UnknownCategory(String),
    /// What follows the category is no id.
    #[error(transparent)]
    Id(#[from] BadId),
    /// What follows `attachment.` is no address.
    #[error(transparent)]
    Address(#[from] BadSha256Hex),
    /// What follows `calendar.` is no year.
    #[error("{0:?} is not a year")]
    Year(String),
}

impl Subject {
    /// Reads a subject.
    ///
    /// # Errors
    ///
    /// [`BadSubject`] where `text` is not `<category>.<id>` of a known category.
    pub fn parse(text: &str) -> Result<Self, BadSubject> {
        let unknown = || BadSubject::UnknownCategory(text.to_owned());
        let (category, id) = text.split_once('.').ok_or_else(unknown)?;
        Ok(match category {
            "obligation" => Self::Obligation(ObligationId::new(id)?),
            "unit" => Self::Unit(UnitId::new(id)?),
            "group" => Self::Group(GroupId::new(id)?),
            "document" => Self::Document(DocumentId::new(id)?),
            "requirement" => Self::Requirement(RequirementId::new(id)?),
            "task" => Self::Task(TaskId::new(id)?),
            "inspection" => Self::Inspection(InspectionId::new(id)?),
            "attachment" => Self::Attachment(id.parse()?),
            "evidence" => Self::Evidence(EvidenceId::new(id)?),
            "account" => Self::Account(AccountId::new(id)?),
            "calendar" => Self::Calendar(id.parse().map_err(|_| BadSubject::Year(id.to_owned()))?),
            "ledger" if id == "main" => Self::Ledger,
            _ => return Err(unknown()),
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger => f.write_str("ledger.main"),
            Self::Calendar(year) => write!(f, "calendar.{year}"),
            Self::Unit(id) => write!(f, "unit.{id}"),
            Self::Group(id) => write!(f, "group.{id}"),
            Self::Document(id) => write!(f, "document.{id}"),
            Self::Requirement(id) => write!(f, "requirement.{id}"),
            Self::Task(id) => write!(f, "task.{id}"),
            Self::Obligation(id) => write!(f, "obligation.{id}"),
            Self::Inspection(id) => write!(f, "inspection.{id}"),
            Self::Attachment(id) => write!(f, "attachment.{id}"),
            Self::Evidence(id) => write!(f, "evidence.{id}"),
            Self::Account(id) => write!(f, "account.{id}"),
        }
    }
}
