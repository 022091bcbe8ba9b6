//! Opening a log: what is there, what a crash left, what is damage.
//!
//! ```text
//! every segment but the last   its sidecar, or else every frame; nothing may be wrong
//! the last segment             every frame, then one of:
//!     zeros to the end             a clean end
//!     a later frame that was       damage: what is broken here had been synced
//!       written after a sync
//!     a torn write                 never acknowledged: wiped before anything is appended
//!     anything else                damage
//! ```

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::disk::Disk;
use crate::error::{Damage, OpenError};
use crate::frame::{self, Flaw, Frame, Header};
use crate::index::Index;
use crate::reader::Stretch;
use crate::scan::Chunk;
use crate::segment::{self, Extent, HEADER_BYTES, Place, Segment};
use crate::sidecar;
use socai_store::Identity;

/// What is read at once where everything is read.
pub(crate) const SCAN: Extent = Extent {
    bytes: 1024 * 1024,
    frames_max: usize::MAX,
};

/// What may be done to a log that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Mend the tail.
    Write,
    /// Change nothing.
    Read,
}

/// Whether sealed segments are read, or only their sidecars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sidecars {
    Trust,
    Ignore,
}

/// A log that may be written on.
pub(crate) struct Recovered {
    pub(crate) index: Index,
    /// The length of the last segment's file. Beyond its frames it is zeros.
    pub(crate) allocated: u64,
}

/// A log that may be read.
pub(crate) struct Inspected {
    pub(crate) index: Index,
    /// What is after the records that can be read.
    pub(crate) damage: Option<Damage>,
}

/// The first positions of the segments among the files called `names`, in order.
fn segments(names: &[String]) -> Vec<u64> {
    let first = |name: &String| name.strip_suffix(".seg")?.parse().ok();
    let mut found: Vec<u64> = names.iter().filter_map(first).collect();
    found.sort_unstable();
    found
}

/// Makes the log in `log` ready to be written on, unless it is damaged.
pub(crate) fn recover(
    disk: &dyn Disk,
    log: &Path,
    identity: &Identity,
) -> Result<Recovered, OpenError> {
    let (access, sidecars) = (Access::Write, Sidecars::Trust);
    let index = Index::for_writing();
    let seen = &mut |_| {};
    let mut recovery = Recovery {
        disk,
        log,
        identity,
        access,
        sidecars,
        seen,
        index,
    };
    let allocated = recovery.take_in()?;
    // A segment may have been put in place by a process that died, or failed,
    // before its name was durable.
    disk.sync_dir(log)
        .map_err(OpenError::write("mend", &log.join("lock")))?;
    Ok(Recovered {
        index: recovery.index,
        allocated,
    })
}

/// Takes in the log in `log` as it is, up to its damage if it has any.
pub(crate) fn inspect(
    disk: &dyn Disk,
    log: &Path,
    identity: &Identity,
    sidecars: Sidecars,
    seen: &mut dyn FnMut(Chunk),
) -> Result<Inspected, OpenError> {
    let index = match sidecars {
        Sidecars::Trust => Index::for_reading(),
        Sidecars::Ignore => Index::for_verifying(),
    };
    let mut recovery = Recovery {
        disk,
        log,
        identity,
        access: Access::Read,
        sidecars,
        seen,
        index,
    };
    let damage = match recovery.take_in() {
        Ok(_) => None,
        Err(OpenError::Damaged(damage)) => Some(damage),
        Err(error) => return Err(error),
    };
    Ok(Inspected {
        index: recovery.index,
        damage,
    })
}

struct Recovery<'a> {
    disk: &'a dyn Disk,
    log: &'a Path,
    identity: &'a Identity,
    access: Access,
    sidecars: Sidecars,
    /// Is given what was taken in.
    seen: &'a mut dyn FnMut(Chunk),
    index: Index,
}

impl Recovery<'_> {
    fn take_in(&mut self) -> Result<u64, OpenError> {
        let names = self
            .disk
            .list(self.log)
            .map_err(OpenError::io("list", self.log))?;
        let firsts = segments(&names);
        let Some((&last, sealed)) = firsts.split_last() else {
            let what = "the log has no segments".to_owned();
            return Err(OpenError::Damaged(Damage {
                segment: segment::name(1),
                offset: 0,
                position: 1,
                what,
            }));
        };
        for &first in sealed {
            let segment = self.open_segment(first)?;
            if !self.load_sidecar(&segment) {
                self.scan_sealed(&segment)?;
            }
        }
        let segment = self.open_segment(last)?;
        expect_no_successor(&segment, &names)?;
        self.scan_last(&segment)
    }

    fn load_sidecar(&mut self, segment: &Arc<Segment>) -> bool {
        self.sidecars == Sidecars::Trust
            && sidecar::load(self.disk, self.log, segment, &mut self.index)
    }

    fn open_segment(&self, first: u64) -> Result<Arc<Segment>, OpenError> {
        let name = segment::name(first);
        let path = self.log.join(&name);
        let file = match self.access {
            Access::Write => self.disk.open(&path),
            Access::Read => self.disk.open_read_only(&path),
        };
        let file = file.map_err(OpenError::write("open", &path))?;
        let next = self.index.head() + 1;
        Ok(Arc::new(Segment::open(name, file, self.identity, next)?))
    }

    fn scan_sealed(&mut self, segment: &Arc<Segment>) -> Result<(), OpenError> {
        let scanned = self.scan(segment)?;
        if let Some(flaw) = scanned.flaw {
            return Err(OpenError::Damaged(scanned.damage(segment, flaw)));
        }
        // A sidecar saves time and no more, so a log that has none is as good.
        if self.access == Access::Write {
            let _ = sidecar::write(self.disk, self.log, &self.index);
        }
        Ok(())
    }

    /// Takes in every frame of `segment` up to its end or its first flaw.
    fn scan(&mut self, segment: &Arc<Segment>) -> Result<Scanned, OpenError> {
        let broken = || OpenError::io("read", segment.name.as_ref());
        let end = segment.file.size().map_err(broken())?;
        let mut place = Place {
            offset: HEADER_BYTES,
            position: segment.first,
            end,
        };
        let mut group = Group {
            offset: HEADER_BYTES,
            durable: None,
        };
        let mut flaw = None;
        self.index.begin_segment(segment.clone());
        while place.offset < place.end && flaw.is_none() {
            let (first, mut places) = (place.position, Vec::new());
            let each = |offset, start: u32, frame: Frame<'_>| {
                group.see(offset, frame.header);
                self.index.push_frame(offset, frame)?;
                places.extend(frame.places().map(|(from, to)| (start + from, start + to)));
                Ok(())
            };
            let bytes;
            (bytes, flaw) = segment.read(&mut place, SCAN, each).map_err(broken())?;
            (self.seen)(Chunk::all_of(Stretch {
                bytes,
                first,
                places,
            }));
        }
        Ok(Scanned {
            place,
            group_offset: group.offset,
            flaw,
        })
    }

    fn scan_last(&mut self, segment: &Arc<Segment>) -> Result<u64, OpenError> {
        let broken = || OpenError::io("read", segment.name.as_ref());
        let scanned = self.scan(segment)?;
        let rest = rest(segment, scanned.place).map_err(broken())?;
        let clean = scanned.flaw.is_none() || frame::is_zero(&rest);
        if let Some(flaw) = scanned.flaw.filter(|_| !clean) {
            self.accept_torn(segment, &scanned, flaw, &rest)?;
        }
        if self.access == Access::Read {
            return Ok(scanned.place.end);
        }
        let mend = || self.mend(segment, &scanned, Clean(clean));
        mend().map_err(OpenError::write("mend", &self.log.join(&segment.name)))
    }

    /// Fails unless what comes after the last good frame is a write that was
    /// under way, and so never acknowledged.
    fn accept_torn(
        &self,
        segment: &Segment,
        scanned: &Scanned,
        flaw: Flaw,
        rest: &[u8],
    ) -> Result<(), OpenError> {
        let Place {
            offset, position, ..
        } = scanned.place;
        let was_synced = synced_past(rest, position, segment.salt);
        let misplaced = !matches!(flaw, Flaw::Header | Flaw::Short | Flaw::Body);
        if was_synced || misplaced || !frame::looks_torn(rest, offset) {
            // Where another process is writing, the frame was incomplete for a moment.
            let whole = self.access == Access::Read && is_whole_now(segment, scanned.place)?;
            if !whole {
                return Err(OpenError::Damaged(scanned.damage(segment, flaw)));
            }
        }
        Ok(())
    }

    /// Makes what will be served durable, and what will not be served go away.
    ///
    /// The last group may have been written and never synced, or its sync may
    /// have failed and left pages that only look clean; so it is written again.
    fn mend(&self, segment: &Segment, scanned: &Scanned, clean: Clean) -> io::Result<u64> {
        let (from, tail) = (scanned.group_offset, scanned.place.offset);
        let group = Place {
            offset: from,
            position: 0,
            end: tail,
        };
        segment.file.write_at(&rest(segment, group)?, from)?;
        let allocated = if clean.0 { scanned.place.end } else { tail };
        if !clean.0 {
            segment.file.set_len(tail)?;
        }
        segment.file.sync_data()?;
        Ok(allocated)
    }
}

/// Fails where `last` was not the last segment once: a sidecar is written when
/// the next segment is durable.
fn expect_no_successor(last: &Segment, names: &[String]) -> Result<(), OpenError> {
    if !names.contains(&sidecar::name(last.first)) {
        return Ok(());
    }
    let end = last
        .file
        .size()
        .map_err(OpenError::io("read", last.name.as_ref()))?;
    let what = "the segment after this one is missing".to_owned();
    Err(OpenError::Damaged(last.damage(end, last.first, what)))
}

/// Whether there is nothing but zeros after the last frame.
struct Clean(bool);

/// How far a scan came.
struct Scanned {
    place: Place,
    /// Where the last group of frames begins that was written as one.
    group_offset: u64,
    flaw: Option<Flaw>,
}

impl Scanned {
    fn damage(&self, segment: &Segment, flaw: Flaw) -> Damage {
        segment.damage(self.place.offset, self.place.position, flaw.to_string())
    }
}

/// The last frames that were written as one, seen so far.
struct Group {
    offset: u64,
    durable: Option<u64>,
}

impl Group {
    fn see(&mut self, offset: u64, header: Header) {
        if self.durable != Some(header.durable) {
            *self = Self {
                offset,
                durable: Some(header.durable),
            };
        }
    }
}

/// Whether there is a good frame at `place` if one looks again.
fn is_whole_now(segment: &Segment, mut place: Place) -> Result<bool, OpenError> {
    let once = Extent {
        bytes: 0,
        frames_max: 1,
    };
    let again = segment.read(&mut place, once, |_, _, _| Ok(()));
    let (_, flaw) = again.map_err(OpenError::io("read", segment.name.as_ref()))?;
    Ok(flaw.is_none())
}

/// What is in the segment from `place` to its end.
fn rest(segment: &Segment, place: Place) -> io::Result<Vec<u8>> {
    let bytes = usize::try_from(place.end - place.offset).expect("a segment is below 4 GiB");
    let mut rest = vec![0; bytes];
    let read = segment.file.read_at(&mut rest, place.offset)?;
    rest.truncate(read);
    Ok(rest)
}

/// Whether `rest` has a frame that was written when `position` was synced already.
fn synced_past(rest: &[u8], position: u64, salt: u32) -> bool {
    let mut from = 0;
    while let Some(at) = frame::find_magic(rest, from) {
        if let Ok(Frame { header, .. }) = Frame::decode(&rest[at..])
            && header.salt == salt
            && header.durable >= position
        {
            return true;
        }
        from = at + 1;
    }
    false
}
