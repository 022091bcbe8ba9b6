//! The keys of a ledger's checkpoints: added, retired and listed, as the ledger itself tells them.
//!
//! Deliberately absent: private keys. What signs, and with which of them, is the sealer's.

use std::num::NonZeroU32;

use socai_domain::command::Command;
use socai_domain::event::Event;
use socai_domain::ledger::{self, Retired};
use socai_domain::log_key::LogKey;
use socai_domain::origin::Origin;
use socai_domain::subject::Subject;
use socai_ledger::fact::Fact;
use socai_store::{EventStore, Position, Revision, StreamId};

use crate::ledger::{LoadError, Outcome};
use crate::records::{RecordError, Records};
use crate::request::Request;

mod rotated;

pub use rotated::{RotationError, check_rotated};

/// Events of the ledger about itself that are read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// A key that the ledger named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    /// The key.
    pub key: LogKey,
    /// The event that named it: it signs checkpoints of at least that size.
    pub since: Position,
    /// The event that retired it.
    pub retired: Option<Retirement>,
}

/// How a key was retired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retirement {
    /// The event: the key signs nothing from there on.
    pub at: Position,
    /// The largest size that is valid by this key alone.
    pub valid_to: u64,
    /// Why.
    pub reason: Retired,
}

impl Retirement {
    /// Both: from the first on, with the smaller size and the worse reason.
    fn and(self, later: &Self) -> Self {
        Self {
            at: self.at,
            valid_to: self.valid_to.min(later.valid_to),
            reason: self.reason.max(later.reason),
        }
    }
}

impl NamedKey {
    /// Whether a checkpoint of `size` counts by this key alone.
    pub fn is_in_force(&self, size: u64) -> bool {
        let retired = self.retired.as_ref();
        let alone = retired.is_none_or(|retired| match retired.reason {
            Retired::Rotation => size <= retired.valid_to,
            Retired::Stolen => false,
        });
        self.since.0 <= size && alone
    }
}

/// Every key that the ledger named, in the order in which it did.
///
/// # Errors
///
/// [`LoadError`] where the ledger cannot be read.
pub async fn named(store: &dyn EventStore) -> Result<Vec<NamedKey>, LoadError> {
    let main = Subject::Ledger.to_string();
    let main = StreamId::parse(&main).expect("a subject is a stream's name");
    let (mut keys, mut read) = (Vec::new(), Revision::NONE);
    loop {
        let records = store.read(&main, read, CHUNK).await?;
        if records.is_empty() {
            return Ok(keys);
        }
        for recorded in &records {
            let fact = Fact::decode(recorded)?;
            read = Revision(fact.revision);
            if let Some(Event::Ledger(event)) = fact.event {
                take_in(&mut keys, fact.position, event);
            }
        }
    }
}

fn take_in(keys: &mut Vec<NamedKey>, position: Position, event: ledger::Event) {
    match event {
        ledger::Event::Created {
            log_key: Some(key), ..
        }
        | ledger::Event::LogKeyAdded { key } => keys.push(NamedKey {
            key,
            since: position,
            retired: None,
        }),
        ledger::Event::LogKeyRetired {
            key,
            valid_to,
            reason,
        } => {
            if let Some(named) = keys.iter_mut().find(|named| named.key == key) {
                let new = Retirement {
                    at: position,
                    valid_to,
                    reason,
                };
                named.retired = Some(match named.retired.take() {
                    Some(before) => before.and(&new),
                    None => new,
                });
            }
        }
        ledger::Event::Created { log_key: None, .. }
        | ledger::Event::DefinitionAdopted { .. }
        | ledger::Event::DurabilityWaived { .. }
        | ledger::Event::HeadsSealed { .. } => {}
    }
}

/// Records that `key` signs from now on.
///
/// # Errors
///
/// [`RecordError`], which may be a refusal.
pub async fn add(
    records: &mut dyn Records,
    key: LogKey,
    origin: &Origin,
) -> Result<Option<Position>, RecordError> {
    ask(records, ledger::Command::AddLogKey { key }, origin).await
}

/// Records that `key` signs no more, and that no checkpoint larger than `valid_to` is valid by it alone.
///
/// # Errors
///
/// [`RecordError`], which may be a refusal.
pub async fn retire(
    records: &mut dyn Records,
    key: LogKey,
    valid_to: u64,
    reason: Retired,
    origin: &Origin,
) -> Result<Option<Position>, RecordError> {
    let command = ledger::Command::RetireLogKey {
        key,
        valid_to,
        reason,
    };
    ask(records, command, origin).await
}

/// Where the event stands; `None` where it was so already.
async fn ask(
    records: &mut dyn Records,
    command: ledger::Command,
    origin: &Origin,
) -> Result<Option<Position>, RecordError> {
    let request = Request {
        command: Command::Ledger(command),
        effective: origin.today(),
        synthetic: false,
        id: None,
        actor: None,
    };
    match records.one(request, origin).await? {
        Outcome::Recorded(written) => Ok(written.first().map(|event| event.position)),
        Outcome::Unchanged => Ok(None),
        Outcome::Refused(refused) => Err(RecordError::Refused(refused)),
        Outcome::Failed | Outcome::Unknown => {
            unreachable!("what was not recorded has its reason, which is an error")
        }
    }
}
