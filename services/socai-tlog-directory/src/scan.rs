//! Reading `DIR/tlog/checkpoints` from a place on.

use std::io;

use bytes::Bytes;

use crate::disk::DiskFile;
use crate::entry::{self, ENTRY_BYTES_MAX};

/// Bytes that are read at a time: a few hundred checkpoints.
const CHUNK_BYTES: usize = 128 * 1024;

/// Between two entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Between {
    /// Entries before it.
    pub(crate) entries: u64,
    /// Bytes before it.
    pub(crate) offset: u64,
}

/// Goes from entry to entry, and stops before the first that is not whole.
pub(crate) struct Scan<'a> {
    file: &'a dyn DiskFile,
    pub(crate) place: Between,
    chunk: Vec<u8>,
    /// Where the next entry begins in `chunk`.
    at: usize,
    /// Whether the file ends with `chunk`.
    is_last: bool,
}

impl<'a> Scan<'a> {
    pub(crate) fn from(file: &'a dyn DiskFile, place: Between) -> Self {
        Self {
            file,
            place,
            chunk: Vec::new(),
            at: 0,
            is_last: false,
        }
    }

    /// The next note, `None` at the end and before what is no entry.
    pub(crate) fn next(&mut self) -> io::Result<Option<Bytes>> {
        if !self.is_last && self.chunk.len() - self.at < ENTRY_BYTES_MAX {
            self.fill()?;
        }
        let found = entry::decode(self.place.entries + 1, &self.chunk[self.at..]);
        let Some((note, bytes)) = found else {
            return Ok(None);
        };
        self.at += bytes;
        self.place.entries += 1;
        self.place.offset += bytes as u64;
        Ok(Some(note))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.chunk.resize(CHUNK_BYTES, 0);
        let read = self.file.read_at(&mut self.chunk, self.place.offset)?;
        self.is_last = read < CHUNK_BYTES;
        self.chunk.truncate(read);
        self.at = 0;
        Ok(())
    }
}
