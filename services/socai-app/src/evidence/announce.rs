//! Seals the heads and records the export, before anything is handed out.

use socai_domain::command::Command;
use socai_domain::id::{EvidenceId, InspectionId};
use socai_domain::origin::Origin;
use socai_domain::{evidence, ledger};
use socai_evidence::HeadsTree;
use socai_store::{EventStore, Position, Revision, StreamId, envelope};

use super::{EvidenceError, Selected, root_over};
use crate::ledger::Outcome;
use crate::records::Records;
use crate::request::Request;

/// An export that is recorded and not gathered yet.
#[derive(Debug)]
pub struct Announced {
    /// What was selected.
    pub selected: Selected,
    /// The position of the record that seals the heads.
    pub heads: Position,
    /// The position of the record of the export.
    pub export: Position,
}

/// Seals `heads` unless they are sealed, and answers the position of the record that does.
///
/// # Errors
///
/// [`EvidenceError`].
pub async fn seal_heads(
    records: &mut dyn Records,
    store: &dyn EventStore,
    heads: &HeadsTree,
    origin: &Origin,
) -> Result<Position, EvidenceError> {
    let root = heads.root().to_string();
    let root = root
        .parse()
        .expect("a hash is written as the ledger reads it");
    let command = Command::Ledger(ledger::Command::SealHeads {
        size: heads.size(),
        streams: heads.streams(),
        root,
    });
    match ask(records, command, origin).await? {
        Some(position) => Ok(position),
        None => sealed_before(store, heads).await,
    }
}

/// Records that the records selected are handed out.
///
/// # Errors
///
/// [`EvidenceError`].
pub async fn announce(
    records: &mut dyn Records,
    store: &dyn EventStore,
    selected: Selected,
    (evidence, inspection): (EvidenceId, Option<InspectionId>),
    origin: &Origin,
) -> Result<Announced, EvidenceError> {
    let heads = seal_heads(records, store, &selected.heads, origin).await?;
    let command = Command::Evidence(evidence::Command::Export {
        evidence: evidence.clone(),
        of: selected.query.of.clone(),
        from: selected.query.from,
        to: selected.query.to,
        inspection,
        size: selected.heads.size(),
        records: selected.records.len() as u64,
        root: root_over(&selected.leaves()),
    });
    let unchanged = || EvidenceError::Contradiction(format!("{evidence} was exported before"));
    let export = ask(records, command, origin).await?;
    Ok(Announced {
        selected,
        heads,
        export: export.ok_or_else(unchanged)?,
    })
}

/// Asks one command, and answers where its event stands; `None` where it was so already.
async fn ask(
    records: &mut dyn Records,
    command: Command,
    origin: &Origin,
) -> Result<Option<Position>, EvidenceError> {
    let request = Request {
        command,
        effective: origin.today(),
        synthetic: false,
        id: None,
        actor: None,
    };
    match records.one(request, origin).await? {
        Outcome::Recorded(written) => Ok(written.first().map(|event| event.position)),
        Outcome::Unchanged => Ok(None),
        Outcome::Refused(refused) => Err(EvidenceError::Refused(refused)),
        Outcome::Failed | Outcome::Unknown => Err(EvidenceError::Contradiction(
            "a command alone failed without a reason".to_owned(),
        )),
    }
}

/// The record that sealed these heads, looked for from the end of what the ledger says of itself.
async fn sealed_before(
    store: &dyn EventStore,
    heads: &HeadsTree,
) -> Result<Position, EvidenceError> {
    let main = StreamId::new("ledger", "main").expect("a plain word is an id");
    let mut before: Option<Revision> = None;
    loop {
        let last = store
            .read_backwards(&main, before, std::num::NonZeroU32::MIN)
            .await?;
        let Some(record) = last.first() else {
            let missing = format!("no record seals the heads of size {}", heads.size());
            return Err(EvidenceError::Contradiction(missing));
        };
        let told = envelope::parse(&record.bytes)
            .map_err(|error| EvidenceError::Contradiction(error.to_string()))?;
        let size = format!("\"size\":{},", heads.size());
        let says = String::from_utf8_lossy(told.data);
        if told.event_type == "ledger.heads_sealed.v1" && says.contains(&size) {
            return Ok(record.position);
        }
        before = Some(told.revision);
    }
}
