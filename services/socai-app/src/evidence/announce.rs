//! Seals the heads and records the export, before anything is handed out.

use socai_domain::command::Command;
use socai_domain::evidence;
use socai_domain::id::{EvidenceId, InspectionId};
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_store::{EventStore, Position};

use super::select::{self, Selected, Streams};
use super::{Asked, EvidenceError, root_over};
use crate::heads;
use crate::ledger::{Outcome, fold_until};
use crate::records::{RecordError, Records};
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

/// For whom records are handed out.
#[derive(Debug, Clone)]
pub struct Export {
    /// Its own id.
    pub evidence: EvidenceId,
    /// The inspection that it is for.
    pub inspection: Option<InspectionId>,
}

/// Seals the heads, selects the records that answer, and records that they are handed out.
///
/// # Errors
///
/// [`EvidenceError`].
pub async fn announce(
    records: &mut dyn Records,
    store: &dyn EventStore,
    asked: &Asked,
    export: Export,
    origin: &Origin,
) -> Result<Announced, EvidenceError> {
    // Whoever asks for something that is not there leaves nothing in the ledger.
    streams_of(records, asked).1?;
    let sealed = heads::seal(records, origin).await?;
    let streams = match streams_of(records, asked) {
        (position, streams) if position <= sealed.position => streams?,
        // Others recorded meanwhile. What answers is what answers at the size of the heads, whoever asks again.
        _ => {
            let size = Position(sealed.tree.size());
            let image = fold_until(store, Image::new(), Some(size)).await?;
            select::streams_of(&image, asked)?
        }
    };
    let selected = select::select(store, asked, sealed.tree, streams).await?;
    let export = record(records, &selected, export, origin).await?;
    Ok(Announced {
        selected,
        heads: sealed.position,
        export,
    })
}

/// The streams that answer now, and the position of now.
fn streams_of(records: &dyn Records, asked: &Asked) -> (Position, Result<Streams, EvidenceError>) {
    let mut streams = None;
    records.look(&mut |image| {
        streams = Some((image.position(), select::streams_of(image, asked)));
    });
    streams.expect("whoever records has an image to look at")
}

async fn record(
    records: &mut dyn Records,
    selected: &Selected,
    export: Export,
    origin: &Origin,
) -> Result<Position, EvidenceError> {
    let request = Request {
        command: command(selected, export),
        effective: origin.today(),
        synthetic: false,
        id: None,
        actor: None,
    };
    match records.one(request, origin).await? {
        Outcome::Recorded(written) => {
            let position = written.first().map(|event| event.position);
            Ok(position.expect("one event follows"))
        }
        Outcome::Refused(refused) => Err(RecordError::Refused(refused).into()),
        Outcome::Unchanged | Outcome::Failed | Outcome::Unknown => {
            unreachable!("an export under a new id is recorded, refused or an error")
        }
    }
}

fn command(selected: &Selected, export: Export) -> Command {
    let Export {
        evidence,
        inspection,
    } = export;
    Command::Evidence(evidence::Command::Export {
        evidence,
        of: selected.query.of.clone(),
        from: selected.query.from,
        to: selected.query.to,
        inspection,
        size: selected.heads.size(),
        records: selected.records.len() as u64,
        root: root_over(&selected.leaves()),
    })
}
