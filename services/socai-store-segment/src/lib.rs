//! The ledger as a log of segments in a directory, for one machine.
//!
//! An append is durable when it is answered: one thread writes everything that
//! waits as one write and one sync ([`mod@writer`]). An append is one frame under one
//! checksum ([`frame`]), so there is no half of it. What a crash leaves is told
//! apart from damage when the log is opened ([`recovery`]); damage is refused,
//! never mended. The bytes are drawn in `ops/formats/segment-log.md`.
//!
//! ```text
//! DIR/log/identity                      whose ledger it is
//! DIR/log/lock                          held by the process that writes
//! DIR/log/00000000000000000001.seg      frames, from position 1 on
//! DIR/log/00000000000000000001.idx      the index of a sealed segment, rebuildable
//! ```
//!
//! Deliberately absent: what an event means, a second copy, any repair of
//! damage. Other files in `DIR` belong to others.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

use std::any::Any;
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use async_trait::async_trait;
use socai_store::{
    Append, AppendError, EventStore, Position, ReadError, Recorded, Revision, StreamId,
    Subscription,
};
use tokio::sync::{oneshot, watch};

mod decision;
pub mod disk;
mod error;
mod frame;
mod identity;
mod index;
mod reader;
mod recovery;
mod register;
mod scan;
mod segment;
mod sidecar;
mod streams;
mod tail;
mod verify;
mod writer;

pub use error::{Damage, OpenError};
pub use register::DirectoryRegister;
pub use scan::{Chunk, Scan};
pub use socai_store::Identity;
pub use verify::Verified;

use disk::{Disk, RealDisk};
use reader::Reader;
use recovery::{Recovered, Sidecars};
use segment::Segment;
use writer::{Queue, Request, Trouble, Writer};

/// Sizes that tests make small. No file depends on them.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// A segment takes no more frames once they would go beyond this. A longer
    /// group has a segment of its own. At most 1 GiB.
    pub segment_bytes: u64,
    /// Room is made in multiples of this.
    pub allocate_bytes: u64,
    /// A group takes no more appends once it is this long.
    pub group_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 128 * 1024 * 1024,
            allocate_bytes: 4 * 1024 * 1024,
            group_bytes: 4 * 1024 * 1024,
        }
    }
}

/// A ledger in a directory. Dropping it writes what still waits, and closes it.
pub struct SegmentStore {
    identity: Identity,
    reader: Reader,
    head: watch::Receiver<Position>,
    mode: Mode,
    damage: Option<Damage>,
}

enum Mode {
    Write(Writing),
    /// Keeps subscriptions waiting: nothing will come, and nothing is wrong.
    Read {
        _head: watch::Sender<Position>,
    },
}

struct Writing {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Released once the thread has ended.
    _lock: Box<dyn Any + Send + Sync>,
}

impl SegmentStore {
    /// Makes a new ledger in `dir`, which may exist and have other files.
    ///
    /// # Errors
    ///
    /// [`OpenError::Exists`] where there is one already, and whatever the
    /// operating system says. A directory left by an attempt that failed can be
    /// tried again.
    pub fn create(dir: &Path, identity: &Identity) -> Result<Self, OpenError> {
        Self::create_on(Arc::new(RealDisk), dir, identity, Options::default())
    }

    /// As [`create`](Self::create), on `disk`.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    pub fn create_on(
        disk: Arc<dyn Disk>,
        dir: &Path,
        identity: &Identity,
        options: Options,
    ) -> Result<Self, OpenError> {
        let log = log_folder(dir);
        disk.create_dir(&log)
            .map_err(OpenError::write("create", &log))?;
        let lock = lock(disk.as_ref(), dir)?;
        if has_identity(disk.as_ref(), &log)? {
            return Err(OpenError::Exists {
                dir: dir.to_owned(),
            });
        }
        first_segment(disk.as_ref(), &log, identity).map_err(OpenError::write("create", &log))?;
        disk.sync_dir(dir)
            .map_err(OpenError::write("create", &log))?;
        identity::write(identity, disk.as_ref(), &log)?;
        Self::write(disk, &log, identity.clone(), lock, options)
    }

    /// Opens the ledger in `dir` for reading and writing.
    ///
    /// Every frame of the last segment is checked, and a write that a crash
    /// interrupted is removed. Frames of earlier segments are checked whenever
    /// they are read, and by [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// Each says what to do: see [`OpenError`].
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_on(Arc::new(RealDisk), dir, Options::default())
    }

    /// As [`open`](Self::open), on `disk`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_on(disk: Arc<dyn Disk>, dir: &Path, options: Options) -> Result<Self, OpenError> {
        let log = log_folder(dir);
        expect_ledger(disk.as_ref(), dir)?;
        let lock = lock(disk.as_ref(), dir)?;
        let identity = identity::read(disk.as_ref(), &log)?;
        Self::write(disk, &log, identity, lock, options)
    }

    /// Opens the ledger in `dir` as it is now, for reading: also one that is
    /// damaged, up to the [`damage`](Self::damage), and also one that another
    /// process writes, without what it writes from here on.
    ///
    /// # Errors
    ///
    /// [`OpenError::NoLedger`], [`OpenError::NewerFormat`] or
    /// [`OpenError::Io`]; an identity that is damaged is refused as well.
    pub fn open_read_only(dir: &Path) -> Result<Self, OpenError> {
        let (disk, log) = (RealDisk, log_folder(dir));
        expect_ledger(&disk, dir)?;
        let identity = identity::read(&disk, &log)?;
        let found = recovery::inspect(&disk, &log, &identity, Sidecars::Trust, &mut |_| {})?;
        let (sender, head) = watch::channel(Position(found.index.head()));
        let reader = Reader {
            index: Arc::new(RwLock::new(found.index)),
        };
        let mode = Mode::Read { _head: sender };
        Ok(Self {
            identity,
            reader,
            head,
            mode,
            damage: found.damage,
        })
    }

    /// Reads every frame of the ledger in `dir` and says the first that is wrong.
    ///
    /// Changes nothing, and may run while another process writes. `seen` is given every record before that, in
    /// order and in large chunks.
    ///
    /// # Errors
    ///
    /// Where it cannot be read at all. Damage is no error here but the answer.
    pub fn verify(dir: &Path, mut seen: impl FnMut(Chunk)) -> Result<Verified, OpenError> {
        expect_ledger(&RealDisk, dir)?;
        verify::verify(&RealDisk, &log_folder(dir), &mut seen)
    }

    fn write(
        disk: Arc<dyn Disk>,
        log: &Path,
        identity: Identity,
        lock: Box<dyn Any + Send + Sync>,
        options: Options,
    ) -> Result<Self, OpenError> {
        let recovered = recovery::recover(disk.as_ref(), log, &identity)?;
        let (sender, head) = watch::channel(Position(recovered.index.head()));
        let queue = Arc::new(Queue::default());
        let writer = writer(disk, log, &identity, options, recovered, sender, &queue);
        let reader = Reader {
            index: writer.index.clone(),
        };
        let thread = std::thread::Builder::new().name("socai-log".to_owned());
        let thread = thread.spawn(|| writer.run());
        let thread = thread.map_err(OpenError::io("start a thread for", log))?;
        let mode = Mode::Write(Writing {
            queue,
            thread: Mutex::new(Some(thread)),
            _lock: lock,
        });
        Ok(Self {
            identity,
            reader,
            head,
            mode,
            damage: None,
        })
    }

    /// Whose ledger it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What is wrong after the last record, in a ledger open for reading only.
    #[must_use]
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    /// The position of the last durable record.
    #[must_use]
    pub fn last_position(&self) -> Position {
        Position(self.reader.head())
    }

    /// Every record after `after` that is there now, in large chunks, on the
    /// caller's own thread.
    #[must_use]
    pub fn scan(&self, after: Position) -> Scan {
        Scan::new(self.reader.clone(), after)
    }

    fn queue(&self) -> Result<&Queue, AppendError> {
        match &self.mode {
            Mode::Write(writing) => Ok(&writing.queue),
            Mode::Read { .. } => Err(AppendError::ReadOnly),
        }
    }
}

/// Where in the directory of a ledger the files of its log are.
#[must_use]
pub fn log_folder(dir: &Path) -> PathBuf {
    dir.join("log")
}

fn has_identity(disk: &dyn Disk, log: &Path) -> Result<bool, OpenError> {
    match disk.list(log) {
        Ok(names) => Ok(names.iter().any(|name| name == identity::FILE)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(OpenError::io("list", log)(error)),
    }
}

fn expect_ledger(disk: &dyn Disk, dir: &Path) -> Result<(), OpenError> {
    if has_identity(disk, &log_folder(dir))? {
        return Ok(());
    }
    Err(OpenError::NoLedger {
        dir: dir.to_owned(),
    })
}

fn lock(disk: &dyn Disk, dir: &Path) -> Result<Box<dyn Any + Send + Sync>, OpenError> {
    let path = log_folder(dir).join("lock");
    disk.lock(&path).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => OpenError::Locked {
            dir: dir.to_owned(),
        },
        _ => OpenError::write("lock", &path)(error),
    })
}

fn first_segment(disk: &dyn Disk, log: &Path, identity: &Identity) -> io::Result<()> {
    let draft = log.join("segment.tmp");
    let file = disk.create(&draft)?;
    file.write_at(&segment::encode_header(identity, 1), 0)?;
    file.sync_data()?;
    disk.rename(&draft, &log.join(segment::name(1)))?;
    disk.sync_dir(log)
}

fn writer(
    disk: Arc<dyn Disk>,
    log: &Path,
    identity: &Identity,
    options: Options,
    Recovered { index, allocated }: Recovered,
    head: watch::Sender<Position>,
    queue: &Arc<Queue>,
) -> Writer {
    let (segment, tail): (Arc<Segment>, u64) = index.last_segment().clone();
    Writer {
        disk,
        log: log.to_owned(),
        identity: identity.clone(),
        options,
        index: Arc::new(RwLock::new(index)),
        queue: queue.clone(),
        head,
        segment,
        tail,
        allocated,
        sealed: false,
        stopped: None,
    }
}

impl Drop for SegmentStore {
    fn drop(&mut self) {
        let Mode::Write(writing) = &self.mode else {
            return;
        };
        writing.queue.close();
        let thread = writing
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            // A writer that panicked has answered nobody since: all was told then.
            let _ = thread.join();
        }
    }
}

#[async_trait]
impl EventStore for SegmentStore {
    async fn append(&self, append: Append) -> Result<Vec<Position>, AppendError> {
        append.check()?;
        let (answer, answered) = oneshot::channel();
        self.queue()?.push(Request { append, answer });
        let gone = |_| AppendError::Unknown(Trouble::Stopped("its thread ended".into()).into());
        answered.await.map_err(gone)?
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: Revision,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let (from, limit) = (after.0.saturating_add(1), u64::from(limit.get()));
        let to = after.0.saturating_add(limit);
        let stream = stream.clone();
        self.blocking(move |reader| reader.each(&reader.positions(stream.as_str(), from, to)))
            .await
    }

    async fn read_backwards(
        &self,
        stream: &StreamId,
        before: Option<Revision>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let (stream, limit) = (stream.clone(), u64::from(limit.get()));
        self.blocking(move |reader| {
            let last = reader.revision(stream.as_str());
            let to = before.map_or(last, |before| last.min(before.0.saturating_sub(1)));
            let from = to.saturating_sub(limit) + 1;
            let mut positions = reader.positions(stream.as_str(), from, to);
            positions.reverse();
            reader.each(&positions)
        })
        .await
    }

    async fn read_all(
        &self,
        after: Position,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let (from, limit) = (after.0.saturating_add(1), u64::from(limit.get()));
        let to = after.0.saturating_add(limit);
        self.blocking(move |reader| reader.range(from, to)).await
    }

    async fn read_all_backwards(
        &self,
        before: Option<Position>,
        limit: NonZeroU32,
    ) -> Result<Vec<Recorded>, ReadError> {
        let head = self.reader.head();
        let to = before.map_or(head, |before| head.min(before.0.saturating_sub(1)));
        let from = to.saturating_sub(u64::from(limit.get())) + 1;
        let mut records = self.blocking(move |reader| reader.range(from, to)).await?;
        records.reverse();
        Ok(records)
    }

    async fn subscribe(&self, after: Position) -> Result<Subscription, ReadError> {
        let (reader, head) = (self.reader.clone(), self.head.clone());
        Ok(Subscription::new(tail::Tail::new(reader, head, after)))
    }

    async fn head(&self) -> Result<Position, ReadError> {
        Ok(self.last_position())
    }
}

impl SegmentStore {
    /// Reads where a slow disk, or a table of streams that is made first, keeps no other task waiting.
    async fn blocking(
        &self,
        read: impl FnOnce(Reader) -> Result<Vec<Recorded>, ReadError> + Send + 'static,
    ) -> Result<Vec<Recorded>, ReadError> {
        reader::blocking(self.reader.clone(), read).await
    }
}
