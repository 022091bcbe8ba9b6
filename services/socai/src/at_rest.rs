//! A ledger as it is kept, to be verified: in a directory every frame of the log, on servers every record.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use socai_app::audit::{Against, AtRest, AuditError, KeptTiles, Opened, Problem, Records, Stored};
use socai_app::snapshots::Snapshots;
use socai_store::{CheckpointError, CheckpointLog, EventStore, Marks, Position};
use socai_store_segment::{Chunk, OpenError, SegmentStore};
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryMarks, DirectoryTiles};

use crate::place::Place;
use crate::{data_dir, sealing};

/// The ledger at `place`.
///
/// # Errors
///
/// Where servers cannot be reached.
pub(crate) async fn at(place: Place) -> anyhow::Result<Arc<dyn AtRest>> {
    let state = match &place {
        Place::Directory(dir) => return Ok(in_directory(dir)),
        Place::Nats(config) => config.serve.state.clone(),
    };
    let (_, store) = place.look().await?;
    let checkpoints = sealing::checkpoints_of(&place).await?;
    Ok(on_servers(store, checkpoints, state.as_deref()))
}

/// The ledger in a directory, also while a process records into it.
pub(crate) fn in_directory(dir: &Path) -> Arc<dyn AtRest> {
    Arc::new(InDirectory {
        dir: dir.to_owned(),
    })
}

/// A ledger on servers. Tiles are copies there, in the folder `state` of each machine's own.
pub(crate) fn on_servers(
    store: Arc<dyn EventStore>,
    checkpoints: Option<Arc<dyn CheckpointLog>>,
    state: Option<&Path>,
) -> Arc<dyn AtRest> {
    let (tiles, marks): (_, Option<Arc<dyn Marks>>) = match state {
        None => (KeptTiles::Nowhere, None),
        Some(state) => (
            KeptTiles::Copies(Arc::new(DirectoryTiles::new(state))),
            Some(Arc::new(DirectoryMarks::new(state))),
        ),
    };
    Arc::new(Stored {
        store,
        tiles,
        checkpoints,
        marks,
    })
}

struct InDirectory {
    dir: PathBuf,
}

#[async_trait]
impl AtRest for InDirectory {
    async fn open(&self) -> Result<Opened, AuditError> {
        let dir = self.dir.clone();
        let opened = tokio::task::spawn_blocking(move || open(&dir)).await;
        opened.map_err(|stopped| AuditError::Open(stopped.into()))?
    }

    async fn read(&self, records: Records) -> Result<Option<String>, AuditError> {
        let dir = self.dir.clone();
        let read = tokio::task::spawn_blocking(move || read(&dir, &records)).await;
        let read = read.map_err(|stopped| AuditError::Open(stopped.into()))?;
        read.map_err(|error| AuditError::Open(error.into()))
    }
}

fn open(dir: &Path) -> Result<Opened, AuditError> {
    let store = SegmentStore::open_read_only(dir);
    let store = store.map_err(|error| AuditError::Open(error.into()))?;
    let end = store.last_position();
    let damage = damage_of(DirectoryCheckpoints::verify(dir))?;
    let checkpoints: Option<Arc<dyn CheckpointLog>> =
        match DirectoryCheckpoints::open_read_only(dir) {
            Ok(log) => Some(Arc::new(log)),
            Err(_) => None,
        };
    Ok(Opened {
        end,
        against: Against {
            store: Arc::new(store),
            tiles: KeptTiles::All(Arc::new(DirectoryTiles::new(dir))),
            checkpoints,
            policy: None,
            snapshot: Snapshots::of(dir).kept(Some(end)).into_iter().next(),
        },
        marks: Some(Arc::new(DirectoryMarks::new(dir))),
        damage,
    })
}

fn damage_of(checkpoints: Result<(), CheckpointError>) -> Result<Option<String>, CheckpointError> {
    match checkpoints {
        Ok(()) => Ok(None),
        Err(damage @ CheckpointError::Corrupt { .. }) => {
            Ok(Some(Problem::Checkpoints(damage).to_string()))
        }
        Err(unavailable @ CheckpointError::Unavailable(_)) => Err(unavailable),
    }
}

/// Reads every frame, and gives away what is in it.
fn read(dir: &Path, records: &Records) -> Result<Option<String>, OpenError> {
    let give = |chunk: Chunk| records.give_blocking(chunk.recorded().collect());
    let verified = SegmentStore::verify(dir, give)?;
    let damage = verified.damage.map(|damage| damage.to_string());
    let reached = data_dir::check_reached(dir, Position(verified.position));
    Ok(damage.or_else(|| reached.err().map(|error| error.to_string())))
}
