//! What is known of `DIR/tlog/checkpoints`, and what a crash may have left of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use socai_store::CheckpointError;

use crate::disk::{Disk, DiskFile};
use crate::entry::{self, ENTRY_BYTES_MAX};
use crate::names::{Directories, if_there};
use crate::published::{publish, published};
use crate::scan::{Between, Scan};

const NAME: &str = "checkpoints";

/// Every so many entries their place is remembered.
const STRIDE: u64 = 256;

/// The entries that have been read and found whole.
pub(crate) struct Log {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    /// `None` before the first entry.
    file: Option<Arc<dyn DiskFile>>,
    /// Where the next entry goes.
    end: Between,
    last: Option<Bytes>,
    before_last: Option<Bytes>,
    /// Where the last entry begins.
    last_offset: u64,
    /// Where entries 1, 257, 513 … begin.
    places: Vec<u64>,
}

impl Log {
    /// Reads what there is, and leaves it as it is.
    pub(crate) fn read(disk: Arc<dyn Disk>, folder: &Path) -> Result<Self, CheckpointError> {
        let file = if_there(disk.open_read_only(&folder.join(NAME)));
        let mut log = Self::empty(disk, folder, file.map_err(unavailable)?);
        log.catch_up()?;
        Ok(log)
    }

    /// Reads what there is, leaves it as it is, and fails where something of it was lost or changed, as far as that shows.
    pub(crate) fn inspect(disk: Arc<dyn Disk>, folder: &Path) -> Result<Self, CheckpointError> {
        let file = if_there(disk.open_read_only(&folder.join(NAME)));
        let mut log = Self::empty(disk, folder, file.map_err(unavailable)?);
        let torn = log.catch_up()?;
        let published = published(&*log.disk, folder).map_err(unavailable)?;
        log.expect_published(published.as_deref(), torn)?;
        Ok(log)
    }

    /// Reads what there is, and mends what a crash left: a torn entry goes away, and what was not published is.
    pub(crate) fn recover(disk: Arc<dyn Disk>, folder: &Path) -> Result<Self, CheckpointError> {
        let file = if_there(disk.open(&folder.join(NAME)));
        let mut log = Self::empty(disk, folder, file.map_err(unavailable)?);
        let torn = log.catch_up()?;
        let published = published(&*log.disk, folder).map_err(unavailable)?;
        log.expect_published(published.as_deref(), torn)?;
        log.mend(published.as_deref()).map_err(unavailable)?;
        Ok(log)
    }

    fn empty(disk: Arc<dyn Disk>, folder: &Path, file: Option<Arc<dyn DiskFile>>) -> Self {
        Self {
            disk,
            folder: folder.to_owned(),
            file,
            end: Between::default(),
            last: None,
            before_last: None,
            last_offset: 0,
            places: Vec::new(),
        }
    }

    /// The log with what was added since.
    pub(crate) fn caught_up(mut self) -> Result<Self, CheckpointError> {
        if self.file.is_none() {
            return Self::read(self.disk, &self.folder);
        }
        self.catch_up()?;
        Ok(self)
    }

    pub(crate) fn entries(&self) -> u64 {
        self.end.entries
    }

    pub(crate) fn last(&self) -> Option<&Bytes> {
        self.last.as_ref()
    }

    /// Reads on from the last entry that is known, and says what is behind the last whole one.
    fn catch_up(&mut self) -> Result<Rest, CheckpointError> {
        let Some(file) = self.file.clone() else {
            return Ok(Rest::Nothing);
        };
        let mut scan = Scan::from(&*file, self.end);
        let mut begins = scan.place.offset;
        while let Some(note) = scan.next().map_err(unavailable)? {
            self.add(note, begins, scan.place);
            begins = scan.place.offset;
        }
        match file.size().map_err(unavailable)?.checked_sub(begins) {
            Some(0) => Ok(Rest::Nothing),
            Some(rest) if rest <= ENTRY_BYTES_MAX as u64 => Ok(Rest::Torn),
            Some(_) | None => Err(self.damage("expected an entry")),
        }
    }

    fn add(&mut self, note: Bytes, begins: u64, end: Between) {
        if (end.entries - 1).is_multiple_of(STRIDE) {
            self.places.push(begins);
        }
        self.before_last = self.last.replace(note);
        (self.last_offset, self.end) = (begins, end);
    }

    /// Fails where the log has lost something. An entry is published after it is durable and before the next one is
    /// written: what is published is the last one, or the one before, and nothing is torn then.
    fn expect_published(&self, note: Option<&[u8]>, rest: Rest) -> Result<(), CheckpointError> {
        let is_last = note == self.last.as_deref();
        let fits = match rest {
            Rest::Torn => is_last,
            Rest::Nothing => is_last || note.is_none() || note == self.before_last.as_deref(),
        };
        match (fits, rest) {
            (true, _) => Ok(()),
            (false, Rest::Torn) => Err(self.damage("expected an entry that was published")),
            (false, Rest::Nothing) => Err(self.damage("expected the entry in the file checkpoint")),
        }
    }

    /// Makes what will be served durable, and what will not be served go away.
    ///
    /// The sync of the last entry may have failed and left pages that only look clean; so it is written again.
    fn mend(&self, published: Option<&[u8]>) -> io::Result<()> {
        if let Some(file) = &self.file {
            file.set_len(self.end.offset)?;
            if let Some(last) = &self.last {
                let entry = entry::encode(self.end.entries, last);
                file.write_at(&entry, self.last_offset)?;
            }
            file.sync_data()?;
            self.disk.sync_dir(&self.folder)?;
        }
        match &self.last {
            Some(last) if published != Some(last) => publish(&*self.disk, &self.folder, last),
            Some(_) | None => Ok(()),
        }
    }

    /// At most `limit` notes after the first `after`.
    pub(crate) fn notes(&self, after: u64, limit: usize) -> Result<Vec<Bytes>, CheckpointError> {
        let Some(file) = self.file.as_deref().filter(|_| after < self.end.entries) else {
            return Ok(Vec::new());
        };
        let mut scan = Scan::from(file, self.before(after));
        let mut notes = Vec::new();
        while notes.len() < limit && scan.place.entries < self.end.entries {
            let place = scan.place;
            let note = scan.next().map_err(unavailable)?;
            let note = note.ok_or_else(|| self.damage_at(place, "expected an entry"))?;
            if place.entries >= after {
                notes.push(note);
            }
        }
        Ok(notes)
    }

    /// A remembered place that is not after entry `entries`, which there is.
    fn before(&self, entries: u64) -> Between {
        let stride = entries / STRIDE;
        let index = usize::try_from(stride).expect("what is remembered can be indexed");
        Between {
            entries: stride * STRIDE,
            offset: self.places[index],
        }
    }

    /// Adds `note`, durably, and publishes it. After an error nobody knows what is there.
    pub(crate) fn append(&mut self, note: Bytes) -> io::Result<u64> {
        let file = match &self.file {
            Some(file) => file.clone(),
            None => self.begin()?,
        };
        let (begins, number) = (self.end.offset, self.end.entries + 1);
        let entry = entry::encode(number, &note);
        file.write_at(&entry, begins)?;
        file.sync_data()?;
        publish(&*self.disk, &self.folder, &note)?;
        let end = Between {
            entries: number,
            offset: begins + entry.len() as u64,
        };
        self.add(note, begins, end);
        Ok(number)
    }

    fn begin(&mut self) -> io::Result<Arc<dyn DiskFile>> {
        Directories::below(self.folder.clone()).make(&*self.disk, &self.folder)?;
        let file = self.disk.create(&self.folder.join(NAME))?;
        self.disk.sync_dir(&self.folder)?;
        self.file = Some(file.clone());
        Ok(file)
    }

    fn damage(&self, what: &str) -> CheckpointError {
        self.damage_at(self.end, what)
    }

    fn damage_at(&self, place: Between, what: &str) -> CheckpointError {
        let path = self.folder.join(NAME);
        let at = format!("{}, byte {}: {what}", path.display(), place.offset);
        CheckpointError::Corrupt {
            entry: place.entries + 1,
            source: at.into(),
        }
    }
}

/// What is behind the last whole entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Nothing,
    /// Not more than one entry that is not whole.
    Torn,
}

fn unavailable(error: io::Error) -> CheckpointError {
    CheckpointError::Unavailable(error.into())
}
