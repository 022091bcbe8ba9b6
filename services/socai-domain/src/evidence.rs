//! An export of evidence: that somebody was handed records, and which.
//!
//! The bundle itself is kept by whoever it was handed to. The ledger says what was asked for, how many records
//! below which size answered, and their root, so that a bundle with fewer is told from the one that was made.

use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{DocumentId, EvidenceId, InspectionId, ObligationId, UnitId};
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};
use crate::root::Root;

/// What the records are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// `{"unit":"…"}`: the unit, and what it owes or owed.
    Unit(UnitId),
    /// `{"document":"…"}`: the document, what it asks for, and what became of that.
    Document(DocumentId),
    /// `{"obligation":"…"}`: what opened it, and what became of it.
    Obligation(ObligationId),
}

/// What is asked of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// Records are handed out. `socai evidence` gathers them and says so.
    #[serde(rename = "evidence.export")]
    Export {
        evidence: EvidenceId,
        of: Of,
        /// The first due date that counts.
        from: Date,
        /// The last.
        to: Date,
        /// The inspection that they are for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inspection: Option<InspectionId>,
        /// The records up to this position were looked at: those whose heads were sealed.
        size: u64,
        /// How many of them answered.
        records: u64,
        /// The root of the RFC 6962 tree over those, in the order of their positions.
        root: Root,
    },
}

/// What became true of evidence. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// Of the records up to position `size`, those about `of` from `from` to `to` were handed out: `records`
    /// of them, under `root`.
    #[serde(rename = "evidence.exported.v1")]
    Exported {
        of: Of,
        from: Date,
        to: Date,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inspection: Option<InspectionId>,
        size: u64,
        records: u64,
        root: Root,
    },
}

/// An export as its event tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The day of the export.
    pub on: Date,
    /// What was exported.
    pub exported: Event,
}

refusals!("evidence" {
    /// Something named is not in the ledger.
    UnknownSubject = "unknown_subject", "a unit, document, obligation or inspection named is not in the ledger";
    /// A window has a day in it.
    EndsBeforeItBegins = "ends_before_it_begins", "the window ends before it begins";
    /// No more can answer than there are.
    MoreThanThereAre = "more_than_there_are", "more records are handed out than there are below that size";
    /// Without sealed heads nobody can tell what was left out.
    HeadsNotSealed = "heads_not_sealed", "the heads of all streams are not sealed at that size";
    /// An id is given once.
    AlreadyExported = "already_exported", "evidence of this id was exported already, with other facts";
});

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<(EvidenceId, Vec<Event>), Refused> {
    let Command::Export {
        evidence,
        of,
        from,
        to,
        inspection,
        size,
        records,
        root,
    } = command.clone();
    let registry = asking.registry;
    of.check(asking)?;
    if let Some(unknown) = inspection
        .as_ref()
        .filter(|id| !registry.inspections.contains_key(*id))
    {
        return Err(Refusal::UnknownSubject.about(unknown));
    }
    if to < from {
        return Err(Refusal::EndsBeforeItBegins.about(to));
    }
    if records > size {
        return Err(Refusal::MoreThanThereAre.about(size));
    }
    if registry
        .ledger
        .heads
        .as_ref()
        .is_none_or(|heads| heads.size < size)
    {
        return Err(Refusal::HeadsNotSealed.about(size));
    }
    let exported = Event::Exported {
        of,
        from,
        to,
        inspection,
        size,
        records,
        root,
    };
    match registry.evidence.get(&evidence) {
        Some(known) if known.exported == exported => Ok((evidence, Vec::new())),
        Some(_) => Err(Refusal::AlreadyExported.about(evidence)),
        None => Ok((evidence, vec![exported])),
    }
}

impl Of {
    fn check(&self, asking: &Asking<'_>) -> Result<(), Refused> {
        let known = match self {
            Self::Unit(id) => asking.registry.unit(id).is_some(),
            Self::Document(id) => asking.registry.documents.contains_key(id),
            Self::Obligation(id) => asking.obligations.has(id),
        };
        if known {
            Ok(())
        } else {
            Err(Refusal::UnknownSubject.about(self))
        }
    }
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(id) => id.fmt(f),
            Self::Document(id) => id.fmt(f),
            Self::Obligation(id) => id.fmt(f),
        }
    }
}

/// Tells `evidence` one more fact, true from `on`; `None` where the event cannot follow: it is exported once.
pub fn evolve(evidence: Option<Evidence>, on: Date, event: &Event) -> Option<Evidence> {
    match evidence {
        Some(_) => None,
        None => Some(Evidence {
            on,
            exported: event.clone(),
        }),
    }
}

#[cfg(test)]
pub(crate) mod tests;
