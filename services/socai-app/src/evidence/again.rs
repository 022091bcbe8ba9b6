//! An export that was recorded before, announced once more: to be gathered at a later checkpoint, which more cosigned.

use std::num::NonZeroU32;

use socai_domain::event::Event;
use socai_domain::id::EvidenceId;
use socai_domain::root::Root;
use socai_domain::subject::Subject;
use socai_domain::{evidence, ledger};
use socai_ledger::image::Image;
use socai_store::{EventStore, Position, Recorded, Revision, StreamId, envelope};

use super::{Announced, Asked, EvidenceError, Query, root_over, select};
use crate::heads::tree_at;

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// An export, as the ledger recorded it.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Where it is recorded.
    pub position: Position,
    /// What was asked, and on which day.
    pub asked: Asked,
    /// The position up to which the heads were sealed.
    pub size: Position,
    records: u64,
    root: Root,
}

/// The export of this id.
///
/// # Errors
///
/// [`EvidenceError::NoExport`] where there is none.
pub async fn exported(store: &dyn EventStore, id: &EvidenceId) -> Result<Exported, EvidenceError> {
    let none = || EvidenceError::NoExport { id: id.clone() };
    let stream = StreamId::new("evidence", id.as_str()).map_err(|_| none())?;
    let records = store.read(&stream, Revision(0), NonZeroU32::MIN).await?;
    let record = records.first().ok_or_else(none)?;
    let told = envelope::parse(&record.bytes).map_err(|_| none())?;
    let subject = Subject::Evidence(id.clone());
    let event = Event::decode(&subject, &told.event_type, told.data).map_err(|_| none())?;
    let Event::Evidence(evidence::Event::Exported {
        of,
        from,
        to,
        inspection: _,
        size,
        records,
        root,
    }) = event
    else {
        return Err(none());
    };
    let query = Query { of, from, to };
    let on = told.time.date();
    Ok(Exported {
        position: record.position,
        asked: Asked { query, on },
        size: Position(size),
        records,
        root,
    })
}

/// Selects again what was exported. `image` is that of the records up to the size of the heads.
///
/// # Errors
///
/// [`EvidenceError`]; [`EvidenceError::Contradiction`] where other records answer than were exported.
pub async fn announce_again(
    store: &dyn EventStore,
    image: &Image,
    exported: Exported,
) -> Result<Announced, EvidenceError> {
    let streams = select::streams_of(image, &exported.asked)?;
    let heads = tree_at(image, exported.size);
    let selected = select::select(store, &exported.asked, heads, streams).await?;
    let found = (selected.records.len() as u64, root_over(&selected.leaves()));
    if found != (exported.records, exported.root) {
        return Err(EvidenceError::Contradiction(format!(
            "{} records answer now, and {} were exported, or not the same",
            found.0, exported.records
        )));
    }
    Ok(Announced {
        selected,
        heads: sealing(store, exported.size).await?,
        export: exported.position,
    })
}

/// The position of the record that seals the heads of this size.
async fn sealing(store: &dyn EventStore, size: Position) -> Result<Position, EvidenceError> {
    let main = StreamId::new("ledger", "main").expect("a plain word is an id");
    let mut after = Revision(0);
    loop {
        let records = store.read(&main, after, CHUNK).await?;
        let seals = |record: &&Recorded| record.position > size && seals(record, size);
        if let Some(record) = records.iter().find(seals) {
            return Ok(record.position);
        }
        after = Revision(after.0 + records.len() as u64);
        if records.is_empty() {
            let missing = format!("no record seals the heads of size {size}");
            return Err(EvidenceError::Contradiction(missing));
        }
    }
}

fn seals(record: &Recorded, of: Position) -> bool {
    let event = envelope::parse(&record.bytes)
        .ok()
        .and_then(|told| Event::decode(&Subject::Ledger, &told.event_type, told.data).ok());
    matches!(event, Some(Event::Ledger(ledger::Event::HeadsSealed { size, .. })) if size == of.0)
}
