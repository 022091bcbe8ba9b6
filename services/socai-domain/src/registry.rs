//! Everything that the ledger holds but obligations: a fold of plain maps.
//!
//! Units, groups, documents, requirements, tasks, inspections, attachments, evidence and accounts are few and are looked at
//! by name, so their states stand here as the aggregates define them. Obligations are many; whoever keeps
//! them answers for them through [`Obligations`](crate::origin::Obligations).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::account::{self, Account, Token};
use crate::attachment::{self, Attachment};
use crate::calendar::Calendar;
use crate::document::{self, Document};
use crate::event::Event;
use crate::evidence::{self, Evidence};
use crate::group::{self, Addressee, Group};
use crate::id::{
    AccountId, DocumentId, EvidenceId, GroupId, InspectionId, RequirementId, Sha256Hex, TaskId,
    TokenId, UnitId,
};
use crate::inspection::{self, Inspection};
use crate::ledger::{self, Ledger};
use crate::requirement::{self, Requirement};
use crate::subject::Subject;
use crate::task::{self, Task};
use crate::unit::{self, Unit};
use crate::year;

/// The registry as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Registry {
    /// The ledger itself.
    pub ledger: Ledger,
    /// Organisations, ended ones included.
    pub units: BTreeMap<UnitId, Unit>,
    /// Named sets of units.
    pub groups: BTreeMap<GroupId, Group>,
    /// The published years.
    pub calendar: Calendar,
    /// Issued texts.
    pub documents: BTreeMap<DocumentId, Document>,
    /// Rules that create report obligations.
    pub requirements: BTreeMap<RequirementId, Requirement>,
    /// Assigned work.
    pub tasks: BTreeMap<TaskId, Task>,
    /// Inspections.
    pub inspections: BTreeMap<InspectionId, Inspection>,
    /// Files that were shown, erased ones included.
    pub attachments: BTreeMap<Sha256Hex, Attachment>,
    /// Records that were handed out.
    pub evidence: BTreeMap<EvidenceId, Evidence>,
    /// Who uses the ledger, closed accounts included.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Whose token has which hash.
    pub tokens: BTreeMap<Sha256Hex, (AccountId, TokenId)>,
}

/// The event does not fit what came before it: a bug, or a history that was not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{subject}: the event does not fit what came before it")]
pub struct Misfit {
    /// What the event is about.
    pub subject: String,
}

impl Registry {
    /// The unit of this id.
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// Whether the unit or group addressed is in the ledger.
    pub fn knows(&self, who: &Addressee) -> bool {
        match who {
            Addressee::Unit(unit) => self.units.contains_key(unit),
            Addressee::Group(group) => self.groups.contains_key(group),
        }
    }

    /// Who assigned what `document` asks for, where nobody else is named: its issuer.
    pub fn issuer(&self, document: &DocumentId) -> Option<&UnitId> {
        self.documents.get(document)?.issuer.as_ref()
    }

    /// Whether the content of `document` is kept elsewhere.
    pub fn is_secret(&self, document: &DocumentId) -> bool {
        self.documents
            .get(document)
            .is_some_and(|document| document.secret)
    }

    /// Whose token has this hash; whether it still holds is for whoever asks to see.
    pub fn token(&self, hash: &Sha256Hex) -> Option<(&AccountId, &TokenId, &Token)> {
        let (account, token) = self.tokens.get(hash)?;
        let issued = self.accounts.get(account)?.tokens.get(token)?;
        Some((account, token, issued))
    }

    /// Tells the registry one more fact, true from `on`. Events of obligations change nothing here.
    ///
    /// # Errors
    ///
    /// [`Misfit`] where the event cannot follow.
    pub fn fold(&mut self, subject: &Subject, on: Date, event: &Event) -> Result<(), Misfit> {
        let told = match (subject, event) {
            (Subject::Ledger, Event::Ledger(event)) => {
                let ledger = ledger::evolve(std::mem::take(&mut self.ledger), on, event);
                ledger.map(|ledger| self.ledger = ledger)
            }
            (Subject::Calendar(year), Event::Calendar(event)) => {
                year::evolve(&mut self.calendar, *year, event);
                Some(())
            }
            (Subject::Unit(id), Event::Unit(event)) => {
                replace(&mut self.units, id, |unit| unit::evolve(unit, on, event))
            }
            (Subject::Group(id), Event::Group(event)) => replace(&mut self.groups, id, |group| {
                group::evolve(group, on, event)
            }),
            (Subject::Document(id), Event::Document(event)) => {
                replace(&mut self.documents, id, |known| {
                    document::evolve(known, on, event)
                })
            }
            (Subject::Requirement(id), Event::Requirement(event)) => {
                replace(&mut self.requirements, id, |rule| {
                    requirement::evolve(rule, on, event)
                })
            }
            (Subject::Task(id), Event::Task(event)) => {
                replace(&mut self.tasks, id, |task| task::evolve(task, on, event))
            }
            (Subject::Inspection(id), Event::Inspection(event)) => {
                replace(&mut self.inspections, id, |case| {
                    inspection::evolve(case, on, event)
                })
            }
            (Subject::Attachment(id), Event::Attachment(event)) => {
                replace(&mut self.attachments, id, |file| {
                    attachment::evolve(file, on, event)
                })
            }
            (Subject::Evidence(id), Event::Evidence(event)) => {
                replace(&mut self.evidence, id, |known| {
                    evidence::evolve(known, on, event)
                })
            }
            (Subject::Account(id), Event::Account(event)) => {
                if let account::Event::TokenIssued { token, hash, .. } = event {
                    let whose = (id.clone(), token.clone());
                    self.tokens.insert(hash.clone(), whose);
                }
                replace(&mut self.accounts, id, |account| {
                    account::evolve(account, on, event)
                })
            }
            (Subject::Obligation(_), Event::Obligation(_)) => Some(()),
            _ => None,
        };
        told.ok_or_else(|| Misfit {
            subject: subject.to_string(),
        })
    }
}

/// Puts what `evolve` makes of the entry in its place; `None` leaves the map without it, which no
/// caller goes on from.
fn replace<K: Ord + Clone, V>(
    map: &mut BTreeMap<K, V>,
    id: &K,
    evolve: impl FnOnce(Option<V>) -> Option<V>,
) -> Option<()> {
    let (id, state) = map
        .remove_entry(id)
        .map_or((id.clone(), None), |(id, state)| (id, Some(state)));
    map.insert(id, evolve(state)?);
    Some(())
}
