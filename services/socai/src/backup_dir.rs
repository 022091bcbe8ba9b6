//! A backup's directory: it is laid out as a ledger's, so that whatever looks at a ledger looks at it as well, and
//! nobody records into it.
//!
//! ```text
//! DIR/manifest.json       says that it is a backup, of which ledger, and what was lost already
//! DIR/log, tlog, blobs    as a ledger has them
//! DIR/sealed              how far it is proven: written last
//! DIR/image, reached      as a ledger has them
//! DIR/credentials.redb    names, password hashes and links to single sign-on; no sessions
//! DIR/socai.toml          the configuration, where the backup was given one
//! ```
//!
//! Deliberately absent: private keys.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use socai_app::backup;
use socai_store::{EventStore, Identity};
use socai_store_segment::SegmentStore;
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryMarks, DirectoryTiles};
use uuid::Uuid;

/// What makes a directory a backup.
const MANIFEST: &str = "manifest.json";

/// The form of the directory.
const FORMAT: u64 = 1;

/// What makes a directory one that a restore has not finished.
const RESTORING: &str = "restoring";

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u64,
    /// Whose it is.
    pub(crate) ledger: Uuid,
    /// When the last run ended that proved it.
    pub(crate) finished: Option<Timestamp>,
    /// Attachments that the ledger itself had lost, by address.
    pub(crate) lost: Vec<String>,
}

/// What every format says first.
#[derive(Deserialize)]
struct Form {
    format: u64,
}

impl Manifest {
    /// Of a backup of `ledger`, at `finished`.
    pub(crate) const fn new(ledger: Uuid, finished: Option<Timestamp>, lost: Vec<String>) -> Self {
        Self {
            format: FORMAT,
            ledger,
            finished,
            lost,
        }
    }

    /// What the backup in `dir` says of itself; `None` where there is no backup.
    ///
    /// # Errors
    ///
    /// Where it is of a newer form, or does not read.
    pub(crate) fn read(dir: &Path) -> anyhow::Result<Option<Self>> {
        let path = dir.join(MANIFEST);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        let damaged = || format!("{} does not read", path.display());
        let Form { format } = serde_json::from_slice(&text).with_context(damaged)?;
        if format > FORMAT {
            bail!(
                "the backup in {} is of format {format}, and this program knows formats up to {FORMAT}: use the \
                 program that made it, or a later one",
                dir.display()
            );
        }
        serde_json::from_slice(&text)
            .map(Some)
            .with_context(damaged)
    }

    /// Keeps it.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be written.
    pub(crate) fn keep(&self, dir: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string(self).expect("ids and times have a JSON form");
        keep(dir, MANIFEST, (text + "\n").as_bytes())
    }
}

/// Opens the backup of the ledger called `identity` in `dir` to bring it on, or makes it.
///
/// # Errors
///
/// Where something else is there, or another process has it open.
pub(crate) fn open(dir: &Path, identity: &Identity) -> anyhow::Result<Arc<dyn EventStore>> {
    let Some(manifest) = Manifest::read(dir)? else {
        return make(dir, identity);
    };
    if manifest.ledger != identity.id() {
        bail!(
            "{} is a backup of the ledger {}, and this is the ledger {} of {}",
            dir.display(),
            manifest.ledger,
            identity.id(),
            identity.origin()
        );
    }
    match SegmentStore::open(dir) {
        // It was cut off before it had a log.
        Err(socai_store_segment::OpenError::NoLedger { .. }) => {
            Ok(Arc::new(SegmentStore::create(dir, identity)?))
        }
        opened => Ok(Arc::new(opened?)),
    }
}

fn make(dir: &Path, identity: &Identity) -> anyhow::Result<Arc<dyn EventStore>> {
    expect_empty(dir)?;
    make_private(dir)?;
    Manifest::new(identity.id(), None, Vec::new()).keep(dir)?;
    Ok(Arc::new(SegmentStore::create(dir, identity)?))
}

/// Makes a directory that its owner alone may enter, where there is none.
///
/// # Errors
///
/// Where it cannot be made.
pub(crate) fn make_private(dir: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().mode(0o700).recursive(true).create(dir);
    made.with_context(|| format!("cannot make {}", dir.display()))
}

/// Fails where there is something in `dir`.
///
/// # Errors
///
/// With what is there.
pub(crate) fn expect_empty(dir: &Path) -> anyhow::Result<()> {
    let mut entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", dir.display())),
    };
    if dir.join(RESTORING).exists() {
        bail!(
            "{} is what a restore left that was cut off: remove it, and restore again",
            dir.display()
        );
    }
    match entries.next() {
        None => Ok(()),
        Some(entry) => bail!(
            "{} is not empty, and nothing was changed: there is {} in it. Name a directory that is empty, or not there",
            dir.display(),
            entry?.file_name().display()
        ),
    }
}

/// The parts of the copy in `dir`, whose records are `records`.
///
/// # Errors
///
/// Where its checkpoints are damaged.
pub(crate) fn copy_in(dir: &Path, records: Arc<dyn EventStore>) -> anyhow::Result<backup::Place> {
    Ok(backup::Place {
        records,
        checkpoints: Arc::new(DirectoryCheckpoints::open(dir)?),
        tiles: Some(Arc::new(DirectoryTiles::new(dir))),
        marks: Some(Arc::new(DirectoryMarks::new(dir))),
    })
}

/// Fails where `dir` is a backup, which is brought on from its ledger and by nothing else, or half a restore.
///
/// # Errors
///
/// With what to do instead.
pub(crate) fn expect_none(dir: &Path) -> anyhow::Result<()> {
    if dir.join(MANIFEST).exists() {
        bail!(
            "{} is a backup, and nothing is recorded into it: socai restore --from {} --to DIR makes a ledger of it",
            dir.display(),
            dir.display()
        );
    }
    expect_whole(dir)
}

/// Fails where `dir` is half a restore.
///
/// # Errors
///
/// With what to do.
pub(crate) fn expect_whole(dir: &Path) -> anyhow::Result<()> {
    if dir.join(RESTORING).exists() {
        bail!(
            "{} is what a restore left that was cut off, and no whole ledger: remove it, and restore again",
            dir.display()
        );
    }
    Ok(())
}

/// Says that `dir` is being restored.
///
/// # Errors
///
/// Where it cannot be written.
pub(crate) fn begin_restoring(dir: &Path) -> anyhow::Result<()> {
    make_private(dir)?;
    keep(dir, RESTORING, b"")
}

/// Says that `dir` is a ledger.
///
/// # Errors
///
/// Where it cannot be written.
pub(crate) fn end_restoring(dir: &Path) -> anyhow::Result<()> {
    let ended = fs::remove_file(dir.join(RESTORING)).and_then(|()| File::open(dir)?.sync_all());
    ended.with_context(|| format!("cannot write {}", dir.display()))
}

/// Keeps `bytes` as `name` in `dir`, for its owner alone, in place of what was there: whole or not at all.
///
/// # Errors
///
/// Where the directory cannot be written.
pub(crate) fn keep(dir: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let kept = keep_file(dir, name, bytes);
    kept.with_context(|| format!("cannot write {}", dir.join(name).display()))
}

fn keep_file(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let draft = dir.join(format!("{name}.draft"));
    let mut options = File::options();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, dir.join(name))?;
    File::open(dir)?.sync_all()
}
