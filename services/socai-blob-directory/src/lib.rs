//! Blobs as files in a directory: one file a blob, named by its address.
//!
//! ```text
//! blobs/lock            taken by the one process that writes
//! blobs/drafts/7        being written; whatever lies here when the directory is opened is a leftover
//! blobs/ab/cdef…        the blob at abcdef…: its salt, then its content
//! ```
//!
//! A blob is written as a draft, synced, renamed to its place, and its folder synced: under its address
//! there is the whole of it or nothing. Only the owner may read any of it (0600, folders 0700).
//! What is not named as a blob is passed over, and stays.
//!
//! Assumed of the file system: a rename is atomic, and a synced folder keeps its names. Deliberately
//! absent: overwriting what is erased, which neither a journal nor an SSD would do in place.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::num::NonZeroU32;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use socai_store::BackendError;
use socai_store::blob::{
    BlobAddress, BlobStore, EraseError, GetError, Kept, ListError, PutError, Salted,
};

/// Where drafts are written.
const DRAFTS: &str = "drafts";

/// Who writes.
const LOCK: &str = "lock";

/// Digits of an address that name the folder: 256 folders, each small enough to list.
const FOLDER_DIGITS: usize = 2;

/// A directory of blobs. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct DirectoryBlobs {
    place: Arc<Place>,
}

#[derive(Debug)]
struct Place {
    dir: PathBuf,
    /// `None` where it was opened to read only.
    writer: Option<Writer>,
}

#[derive(Debug)]
struct Writer {
    /// The number of the next draft.
    next: AtomicU64,
    /// Held as long as this process writes.
    _lock: File,
}

/// Why a directory cannot be opened for writing. Nothing was changed but what a crash had left.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Let the other process end.
    #[error("the blobs in {} are in use by another process", dir.display())]
    InUse { dir: PathBuf },
    /// Mend the permissions or the disk.
    #[error("the blobs in {} cannot be written to", dir.display())]
    Io {
        dir: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl DirectoryBlobs {
    /// Opens `dir` to put, get and erase, makes it where it is not there, and clears away the drafts that
    /// a crash left.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let lock = prepare(dir).map_err(|source| match source.kind() {
            ErrorKind::WouldBlock => OpenError::InUse { dir: dir.into() },
            _ => OpenError::Io {
                dir: dir.into(),
                source,
            },
        })?;
        let writer = Writer {
            next: AtomicU64::new(1),
            _lock: lock,
        };
        Ok(Self::at(dir, Some(writer)))
    }

    /// Opens `dir` to get and list, also while another process writes. Where it is not there, nothing is
    /// kept in it.
    pub fn open_read_only(dir: &Path) -> Self {
        Self::at(dir, None)
    }

    fn at(dir: &Path, writer: Option<Writer>) -> Self {
        let dir = dir.to_owned();
        Self {
            place: Arc::new(Place { dir, writer }),
        }
    }

    /// Does `work` on a thread that may wait for the disk.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Place) -> T + Send + 'static,
    ) -> Result<T, BackendError> {
        let place = self.place.clone();
        let done = tokio::task::spawn_blocking(move || work(&place)).await;
        done.map_err(BackendError::from)
    }
}

#[async_trait]
impl BlobStore for DirectoryBlobs {
    async fn keep(&self, salted: Salted) -> Result<(), PutError> {
        let done = self.on_disk(move |place| place.keep(&salted)).await;
        done.map_err(PutError::Unknown)?
    }

    async fn kept(&self, address: &BlobAddress) -> Result<Salted, GetError> {
        let address = *address;
        let done = self.on_disk(move |place| place.kept(address)).await;
        done.map_err(GetError::Unavailable)?
    }

    async fn erase(&self, address: &BlobAddress) -> Result<(), EraseError> {
        let address = *address;
        let done = self.on_disk(move |place| place.erase(address)).await;
        done.map_err(EraseError)?
            .map_err(|error| EraseError(error.into()))
    }

    async fn list(
        &self,
        after: Option<BlobAddress>,
        limit: NonZeroU32,
    ) -> Result<Vec<Kept>, ListError> {
        let limit = limit.get() as usize;
        let done = self.on_disk(move |place| place.list(after, limit)).await;
        done.map_err(ListError)?
            .map_err(|error| ListError(error.into()))
    }
}

impl Place {
    fn keep(&self, salted: &Salted) -> Result<(), PutError> {
        let unavailable = |error: io::Error| PutError::Unavailable(error.into());
        let writer = self.writer().map_err(unavailable)?;
        let number = writer.next.fetch_add(1, Ordering::Relaxed);
        let draft = self.dir.join(DRAFTS).join(number.to_string());
        let placed = self.place(&draft, salted.address(), salted.bytes());
        if placed.is_err() {
            // What cannot be removed now is removed when the directory is opened next.
            let _ = fs::remove_file(&draft);
        }
        let folder = placed.map_err(unavailable)?;
        // From here on it has its name, and a crash may keep or lose it.
        sync_dir(&folder).map_err(|error| PutError::Unknown(error.into()))
    }

    /// Writes a draft and gives it its name; answers the folder, whose names are not durable yet.
    fn place(&self, draft: &Path, address: BlobAddress, kept: &[u8]) -> io::Result<PathBuf> {
        let (folder, name) = self.of(address);
        write_synced(draft, kept)?;
        make_dir(&folder)?;
        // Also where another put made the folder: it may not have come to sync it yet.
        sync_dir(&self.dir)?;
        fs::rename(draft, folder.join(name))?;
        Ok(folder)
    }

    fn kept(&self, address: BlobAddress) -> Result<Salted, GetError> {
        let (folder, name) = self.of(address);
        match fs::read(folder.join(name)) {
            Ok(kept) => Salted::of(address, kept.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(GetError::NotThere { address })
            }
            Err(error) => Err(GetError::Unavailable(error.into())),
        }
    }

    fn erase(&self, address: BlobAddress) -> io::Result<()> {
        self.writer()?;
        let (folder, name) = self.of(address);
        // An earlier erasure may have removed the file and not have come to sync its folder.
        absent_is_fine(fs::remove_file(folder.join(name)))?;
        absent_is_fine(sync_dir(&folder))
    }

    fn list(&self, after: Option<BlobAddress>, limit: usize) -> io::Result<Vec<Kept>> {
        let after = after.map_or_else(String::new, |after| after.to_string());
        let first = after.get(..FOLDER_DIGITS).unwrap_or_default();
        let mut found = Vec::new();
        for folder in names(&self.dir)? {
            if folder.len() != FOLDER_DIGITS || folder.as_str() < first {
                continue;
            }
            for name in names(&self.dir.join(&folder))? {
                let text = format!("{folder}{name}");
                if text <= after {
                    continue;
                }
                let Ok(address) = text.parse() else {
                    continue;
                };
                found.extend(kept(address, &self.dir.join(&folder).join(name))?);
                if found.len() == limit {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    fn writer(&self) -> io::Result<&Writer> {
        let read_only = || io::Error::new(ErrorKind::ReadOnlyFilesystem, "opened to read only");
        self.writer.as_ref().ok_or_else(read_only)
    }

    /// The folder of a blob, and its name there.
    fn of(&self, address: BlobAddress) -> (PathBuf, String) {
        let mut folder = address.to_string();
        let name = folder.split_off(FOLDER_DIGITS);
        (self.dir.join(folder), name)
    }
}

/// `None` where it was erased since it was listed.
fn kept(address: BlobAddress, path: &Path) -> io::Result<Option<Kept>> {
    let written = match fs::metadata(path) {
        Ok(found) => found.modified()?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let since = Timestamp::try_from(written).map_err(io::Error::other)?;
    Ok(Some(Kept { address, since }))
}

/// The sorted names in `dir`; none where it is not there, or no folder.
fn names(dir: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().into_string().ok());
    let names: io::Result<Vec<Option<String>>> = entries.map(name).collect();
    let mut names: Vec<String> = names?.into_iter().flatten().collect();
    names.sort();
    Ok(names)
}

/// Makes the directory, takes its lock, and removes leftover drafts.
fn prepare(dir: &Path) -> io::Result<File> {
    if make_dir(dir)?
        && let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty())
    {
        sync_dir(parent)?;
    }
    let mut options = OpenOptions::new();
    let lock = options.write(true).create(true).truncate(false).mode(0o600);
    let lock = lock.open(dir.join(LOCK))?;
    lock.try_lock()?;
    let drafts = dir.join(DRAFTS);
    make_dir(&drafts)?;
    for leftover in fs::read_dir(&drafts)? {
        fs::remove_file(leftover?.path())?;
    }
    sync_dir(&drafts)?;
    sync_dir(dir)?;
    Ok(lock)
}

/// Makes a folder that its owner alone may enter, and says whether it was not there.
fn make_dir(dir: &Path) -> io::Result<bool> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
