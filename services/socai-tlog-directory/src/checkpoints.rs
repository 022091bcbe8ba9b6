//! The log of checkpoints, in one file that is only ever added to.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::{AddError, CheckpointError, CheckpointLog, NOTE_BYTES_MAX};

use crate::FOLDER;
use crate::disk::{Disk, RealDisk};
use crate::log::Log;

/// How often two files are looked at before they count as different.
const LOOKS: u32 = 4;

/// The log of checkpoints in a directory. Cloning is cheap.
#[derive(Clone)]
pub struct DirectoryCheckpoints {
    place: Arc<Place>,
}

struct Place {
    disk: Arc<dyn Disk>,
    /// `DIR/tlog`.
    folder: PathBuf,
    access: Access,
    /// `None` where a write has failed: what is there is read again before anybody is told.
    log: Mutex<Option<Log>>,
}

/// What the log was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

impl DirectoryCheckpoints {
    /// Opens the checkpoints of the ledger in `dir`, to read and to add. What a crash left of an entry that was
    /// being added is cut off. Where there are none, nothing is written before the first is added.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Corrupt`] with the place, where anything else is wrong with them.
    pub fn open(dir: &Path) -> Result<Self, CheckpointError> {
        Self::open_on(Arc::new(RealDisk), dir)
    }

    /// The same on any disk.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_on(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, CheckpointError> {
        Self::with(disk, dir, Access::Write)
    }

    /// Opens them to read, also while another process adds to them. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Corrupt`] with the place.
    pub fn open_read_only(dir: &Path) -> Result<Self, CheckpointError> {
        Self::with(Arc::new(RealDisk), dir, Access::Read)
    }

    /// Reads every entry, and holds the last one against the file `checkpoint`: an entry that was changed looks like one
    /// that a crash tore, but the file tells. Nothing is changed, and another process may add meanwhile.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Corrupt`] with the place.
    pub fn verify(dir: &Path) -> Result<(), CheckpointError> {
        let (disk, folder) = (Arc::new(RealDisk), dir.join(FOLDER));
        // Whoever adds while the two files are read makes them differ for a moment.
        for _ in 1..LOOKS {
            if Log::inspect(disk.clone(), &folder).is_ok() {
                return Ok(());
            }
        }
        Log::inspect(disk, &folder).map(drop)
    }

    fn with(disk: Arc<dyn Disk>, dir: &Path, access: Access) -> Result<Self, CheckpointError> {
        let place = Place {
            disk,
            folder: dir.join(FOLDER),
            access,
            log: Mutex::new(None),
        };
        place.log(&mut place.held())?;
        Ok(Self {
            place: Arc::new(place),
        })
    }

    /// Does `work` on a thread that may wait for the disk.
    async fn read_with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Log) -> Result<T, CheckpointError> + Send + 'static,
    ) -> Result<T, CheckpointError> {
        let place = self.place.clone();
        let done = tokio::task::spawn_blocking(move || work(place.log(&mut place.held())?)).await;
        done.map_err(|stopped| CheckpointError::Unavailable(stopped.into()))?
    }
}

#[async_trait]
impl CheckpointLog for DirectoryCheckpoints {
    async fn len(&self) -> Result<u64, CheckpointError> {
        self.read_with(|log| Ok(log.entries())).await
    }

    async fn read(&self, after: u64, limit: NonZeroU32) -> Result<Vec<Bytes>, CheckpointError> {
        let limit = limit.get() as usize;
        self.read_with(move |log| log.notes(after, limit)).await
    }

    async fn last(&self) -> Result<Option<(u64, Bytes)>, CheckpointError> {
        let last = |log: &Log| log.last().map(|note| (log.entries(), note.clone()));
        self.read_with(move |log| Ok(last(log))).await
    }

    async fn append(&self, expected: u64, note: Bytes) -> Result<u64, AddError> {
        let place = self.place.clone();
        let done = tokio::task::spawn_blocking(move || place.append(expected, note)).await;
        done.map_err(|stopped| AddError::Unknown(stopped.into()))?
    }
}

impl Place {
    fn held(&self) -> MutexGuard<'_, Option<Log>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is durable, or for a reader all that is there.
    fn log<'a>(&self, held: &'a mut Option<Log>) -> Result<&'a mut Log, CheckpointError> {
        let log = match (held.take(), self.access) {
            (None, Access::Write) => Log::recover(self.disk.clone(), &self.folder)?,
            (Some(log), Access::Write) => log,
            (None, Access::Read) => Log::read(self.disk.clone(), &self.folder)?,
            (Some(log), Access::Read) => log.caught_up()?,
        };
        Ok(held.insert(log))
    }

    fn append(&self, expected: u64, note: Bytes) -> Result<u64, AddError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(AddError::TooLarge { bytes: note.len() });
        }
        if self.access == Access::Read {
            return Err(AddError::Unavailable("opened to read only".into()));
        }
        let mut held = self.held();
        let log = self.log(&mut held);
        let log = log.map_err(|error| AddError::Unavailable(error.into()))?;
        let added = add(log, expected, note);
        if matches!(added, Err(AddError::Unknown(_))) {
            *held = None;
        }
        added
    }
}

fn add(log: &mut Log, expected: u64, note: Bytes) -> Result<u64, AddError> {
    let is_there = expected.checked_add(1) == Some(log.entries()) && log.last() == Some(&note);
    if is_there {
        return Ok(log.entries());
    }
    if log.entries() != expected {
        return Err(AddError::Lost);
    }
    let added = log.append(note);
    added.map_err(|error| AddError::Unknown(error.into()))
}
