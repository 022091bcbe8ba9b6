//! The first events of a ledger: whose it is, and who makes the other accounts.

use std::sync::Arc;

use jiff::Timestamp;
use socai_domain::account;
use socai_domain::command::Decision;
use socai_domain::event::Event;
use socai_domain::id::{AccountId, Sha256Hex, TokenId};
use socai_domain::log_key::LogKey;
use socai_domain::origin::Origin;
use socai_domain::permission::Role;
use socai_domain::subject::Subject;
use socai_ledger::image::Image;
use socai_store::{AppendError, EventStore};
use uuid::Uuid;

use super::Ledger;
use super::pending::{Pending, Provenance};

/// What a new ledger says of itself.
#[derive(Debug, Clone)]
pub struct Founding {
    /// Whose ledger it is.
    pub origin: socai_domain::line::Line,
    /// A claim that nobody answers stands after so many days.
    pub claims_stand_after_days: Option<u16>,
    /// Recorded times are simulated.
    pub simulated_clock: bool,
    /// The key that signs its checkpoints.
    pub log_key: Option<LogKey>,
    /// The id of the founding, from which that of the first event follows.
    pub id: Uuid,
}

/// Whoever makes the other accounts.
#[derive(Debug, Clone)]
pub struct FirstOperator {
    /// The account.
    pub account: AccountId,
    /// What its token is called.
    pub token: TokenId,
    /// The SHA-256 of the token's text.
    pub hash: Sha256Hex,
    /// Until when the token holds.
    pub expires: Timestamp,
}

impl FirstOperator {
    fn events(&self) -> Vec<account::Event> {
        let Self {
            account: _,
            token,
            hash,
            expires,
        } = self.clone();
        let role = Role::Operator;
        vec![
            account::Event::Created { unit: None },
            account::Event::RoleGranted { role },
            account::Event::TokenIssued {
                token,
                hash,
                expires,
            },
        ]
    }
}

impl Ledger {
    /// Makes the ledger's first event in an empty store.
    ///
    /// # Errors
    ///
    /// As [`EventStore::append`]: a store that has records already conflicts.
    pub async fn found(
        store: Arc<dyn EventStore>,
        founding: &Founding,
        origin: &Origin,
    ) -> Result<Self, AppendError> {
        Self::found_with(store, founding, None, origin).await
    }

    /// As [`found`](Self::found), with the account of its first operator: both are there, or neither.
    ///
    /// # Errors
    ///
    /// As [`found`](Self::found).
    pub async fn found_with(
        store: Arc<dyn EventStore>,
        founding: &Founding,
        operator: Option<&FirstOperator>,
        origin: &Origin,
    ) -> Result<Self, AppendError> {
        let definition = socai_domain::line::Line::new(socai_domain::rate::DEFINITION);
        let created = socai_domain::ledger::Event::Created {
            origin: founding.origin.clone(),
            definition: definition.expect("a version is a word"),
            claims_stand_after_days: founding.claims_stand_after_days,
            simulated_clock: founding.simulated_clock,
            log_key: founding.log_key.clone(),
        };
        let source = format!("/{}", founding.origin);
        let mut ledger = Self {
            store,
            image: Image::new(),
            source,
            ahead: false,
        };
        let today = origin.today();
        let mut writes = vec![(Subject::Ledger, vec![(today, Event::Ledger(created))])];
        if let Some(first) = operator {
            let events = first.events().into_iter();
            let events = events.map(|event| (today, Event::Account(event)));
            writes.push((Subject::Account(first.account.clone()), events.collect()));
        }
        let decision = Decision { writes };
        let mut pending = Pending::default();
        let provenance = Provenance {
            id: founding.id,
            said: None,
            synthetic: false,
        };
        ledger.prepare(decision, &provenance, origin, 0, &mut pending);
        ledger.store.append(pending.append).await?;
        Ok(ledger)
    }
}
