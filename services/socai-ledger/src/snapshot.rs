//! An image as bytes: the same bytes for the same prefix, whoever folded it and in how many pieces.
//!
//! ```text
//! "SOCAIIMG" | version u32 | position u64 | last recorded i64 s, i32 ns, or i64::MAX
//! | registry: JSON | definition: text
//! | streams | counts of events u64 each | names: units, documents, makers, accounts
//! | entries | arguments | days of recording | openings | rows | asides | made | owed
//! | CRC-32C of all before u32
//! ```
//!
//! Little endian; every list and text has its length before it. A snapshot is a shortcut and no record:
//! one of another version, of another definition of counting, or with a wrong checksum is refused, and
//! whoever asked folds the ledger again. What can be computed is not in it: the tables that find a
//! number by its text.

use std::io::{self, Read, Write};

use jiff::Timestamp;
use socai_domain::rate::DEFINITION;
use socai_store::Position;

use crate::event_counts::EventCounts;
use crate::image::{Image, Stream};

mod parts;
pub(crate) mod wire;

use wire::{In, Out};

/// Changes with every change of the form, and of what a fold makes of a record.
pub const SNAPSHOT_VERSION: u32 = 6;

const MAGIC: &[u8; 8] = b"SOCAIIMG";

/// Why a snapshot cannot be read. Whatever it is: fold the ledger again.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes could not be had.
    #[error("the snapshot cannot be read")]
    Io(#[from] io::Error),
    /// It begins as no snapshot does.
    #[error("this is not a snapshot of an image")]
    NotASnapshot,
    /// Another program wrote it, or one that counts otherwise.
    #[error(
        "the snapshot is of version {found}, and this program reads version {SNAPSHOT_VERSION} of definition {DEFINITION}"
    )]
    OtherVersion {
        /// Its version.
        found: u32,
    },
    /// Its bytes are not those that were written.
    #[error("the snapshot is damaged")]
    Damaged,
}

impl Image {
    /// Writes the image to `to`, which should be buffered.
    ///
    /// # Errors
    ///
    /// What `to` says.
    pub fn write_snapshot(&self, to: impl Write) -> io::Result<()> {
        let mut out = Out::new(to);
        out.raw(MAGIC)?;
        out.u32(SNAPSHOT_VERSION)?;
        out.u64(self.position().0)?;
        out.timestamp(self.last_recorded)?;
        let registry = serde_json::to_vec(&self.registry).map_err(io::Error::other)?;
        out.bytes(&registry)?;
        out.bytes(DEFINITION.as_bytes())?;
        out.u64(self.streams.len() as u64)?;
        for (name, stream) in &self.streams {
            out.bytes(name.as_bytes())?;
            out.u32(stream.revision)?;
            out.u32(stream.last)?;
        }
        self.counted.write(&mut out)?;
        self.journal.write(&mut out)?;
        out.list(self.recorded.iter())?;
        self.table.write(&mut out)?;
        out.finish()
    }

    /// Reads what [`write_snapshot`](Self::write_snapshot) wrote.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`].
    pub fn read_snapshot(mut from: impl Read) -> Result<Self, SnapshotError> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        let head = bytes.get(..12).filter(|head| head.starts_with(MAGIC));
        let head = head.ok_or(SnapshotError::NotASnapshot)?;
        let found = u32::from_le_bytes(head[8..].try_into().expect("twelve less eight is four"));
        if found != SNAPSHOT_VERSION {
            return Err(SnapshotError::OtherVersion { found });
        }
        let whole = wire::checked(&bytes).ok_or(SnapshotError::Damaged)?;
        let mut parts = In::new(&whole[12..]);
        let position = parts.u64().ok_or(SnapshotError::Damaged)?;
        let image = Self::read(&mut parts).ok_or(SnapshotError::Damaged)?;
        match image {
            Some(image) if image.position() == Position(position) => Ok(image),
            Some(_) => Err(SnapshotError::Damaged),
            None => Err(SnapshotError::OtherVersion { found }),
        }
    }

    /// `Some(None)` where it counts by another definition.
    fn read(parts: &mut In<'_>) -> Option<Option<Self>> {
        let last_recorded = parts.timestamp()?;
        let registry = parts.bytes()?;
        if parts.bytes()? != DEFINITION.as_bytes() {
            return Some(None);
        }
        let mut image = Self {
            last_recorded,
            ..Self::default()
        };
        image.registry = serde_json::from_slice(registry).ok()?;
        image.read_counted(parts)?;
        Some(Some(image))
    }

    fn read_counted(&mut self, parts: &mut In<'_>) -> Option<()> {
        let streams = (0..parts.u64()?).map(|_| {
            let name = parts.text()?;
            let stream = Stream {
                revision: parts.u32()?,
                last: parts.u32()?,
            };
            Some((name.into(), stream))
        });
        // They stand in order, and a map of what is in order is not searched for each.
        self.streams = streams.collect::<Option<_>>()?;
        self.counted = EventCounts::read(parts)?;
        self.journal.read(parts)?;
        self.recorded = parts.list()?;
        self.table.read(parts)?;
        parts.is_done().then_some(())
    }
}

/// When a record was taken in, as two numbers.
fn split(time: Timestamp) -> (i64, i32) {
    (time.as_second(), time.subsec_nanosecond())
}
