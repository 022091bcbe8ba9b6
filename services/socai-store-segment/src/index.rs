//! Where everything is, in memory: rebuilt from the segments or their sidecars.
//!
//! An event costs 24 bytes in arrays and 6 to 12 in the table of ids; a stream
//! costs its name, 24 bytes, and 6 to 12 in the table of names. With five events
//! a stream and names of 26 bytes that was measured as 48 bytes an event.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::frame::{Flaw, Frame};
use crate::segment::Segment;

/// Records in one log, at most: positions are kept in 32 bits.
pub(crate) const RECORDS_MAX: u64 = u32::MAX as u64;

/// Tables of ids. Each grows on its own, so that no append waits for all of them.
const SHARDS: usize = 64;

#[derive(Default)]
pub(crate) struct Index {
    /// By position.
    ids: Vec<[u8; 16]>,
    /// By position: where its frame begins in its segment.
    offsets: Vec<u32>,
    /// By position: the position before it in its stream, or 0.
    previous: Vec<u32>,
    by_id: Vec<HashTable<u32>>,
    /// Nobody will ask for an id: a log open for reading only appends nothing.
    ids_unasked: bool,
    streams: Streams,
    segments: Vec<(Arc<Segment>, u64)>,
    /// The stream of each event in the last segment, for its sidecar.
    last_segment: Vec<u32>,
    hasher: DefaultHashBuilder,
}

#[derive(Default)]
struct Streams {
    entries: Vec<StreamState>,
    names: Vec<u8>,
    by_name: HashTable<u32>,
}

struct StreamState {
    name_at: u64,
    name_bytes: u8,
    revision: u32,
    last: u32,
}

impl Streams {
    fn name(&self, number: u32) -> &[u8] {
        let state = &self.entries[number as usize];
        let at = usize::try_from(state.name_at).expect("names are in memory");
        &self.names[at..at + usize::from(state.name_bytes)]
    }
}

impl Index {
    /// An index that never answers where an id is, which halves the time to open a large log.
    pub(crate) fn for_reading() -> Self {
        Self {
            ids_unasked: true,
            ..Self::default()
        }
    }

    /// The last position that is known.
    pub(crate) fn head(&self) -> u64 {
        self.ids.len() as u64
    }

    pub(crate) fn reserve(&mut self, records: usize) {
        self.ids.reserve(records);
        self.offsets.reserve(records);
        self.previous.reserve(records);
    }

    /// Takes in a segment, as yet without frames.
    pub(crate) fn begin_segment(&mut self, segment: Arc<Segment>) {
        self.segments.push((segment, crate::segment::HEADER_BYTES));
        self.last_segment.clear();
    }

    /// Says that the last segment's frames end at `end`.
    pub(crate) fn end_segment(&mut self, end: u64) {
        self.segments.last_mut().expect("a log has a segment").1 = end;
    }

    /// The segment that is written, and where its frames end.
    pub(crate) fn last_segment(&self) -> &(Arc<Segment>, u64) {
        self.segments.last().expect("a log has a segment")
    }

    /// The streams of the events in the last segment.
    pub(crate) fn last_segment_streams(&self) -> &[u32] {
        &self.last_segment
    }

    /// The ids and offsets of the events in the last segment.
    pub(crate) fn last_segment_events(&self) -> (&[[u8; 16]], &[u32]) {
        let from = self.ids.len() - self.last_segment.len();
        (&self.ids[from..], &self.offsets[from..])
    }

    pub(crate) fn stream_name(&self, number: u32) -> &[u8] {
        self.streams.name(number)
    }

    /// Takes in a frame that begins at `offset` of the last segment.
    ///
    /// # Errors
    ///
    /// [`Flaw::Revision`] where a stream is not where the frame says; nothing is
    /// taken in.
    pub(crate) fn push_frame(&mut self, offset: u64, frame: Frame<'_>) -> Result<(), Flaw> {
        for entry in frame.streams() {
            if self.revision(entry.name) + 1 != entry.first_revision {
                return Err(Flaw::Revision);
            }
        }
        let offset = u32::try_from(offset).expect("a segment is smaller than 4 GiB");
        let mut ids = frame.ids();
        for entry in frame.streams() {
            let stream = self.intern(entry.name.as_bytes());
            for id in ids.by_ref().take(usize::from(entry.records)) {
                self.push(stream, id, offset);
            }
        }
        self.end_segment(u64::from(offset) + frame.header.frame_bytes() as u64);
        Ok(())
    }

    /// The number of the stream called `name`, which it is given if it has none.
    pub(crate) fn intern(&mut self, name: &[u8]) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let number = u32::try_from(self.streams.entries.len()).expect("at most one per record");
        let name_at = self.streams.names.len() as u64;
        let name_bytes = u8::try_from(name.len()).expect("a name has one byte of length");
        self.streams.names.extend_from_slice(name);
        self.streams.entries.push(StreamState {
            name_at,
            name_bytes,
            revision: 0,
            last: 0,
        });
        let (
            hasher,
            Streams {
                entries,
                names,
                by_name,
            },
        ) = (&self.hasher, &mut self.streams);
        by_name.insert_unique(hasher.hash_one(name), number, |&number| {
            let state = &entries[number as usize];
            let at = usize::try_from(state.name_at).expect("names are in memory");
            hasher.hash_one(&names[at..at + usize::from(state.name_bytes)])
        });
        number
    }

    fn find(&self, name: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(name);
        self.streams
            .by_name
            .find(hash, |&number| self.streams.name(number) == name)
            .copied()
    }

    /// Takes in one event, the next of `stream`.
    pub(crate) fn push(&mut self, stream: u32, id: [u8; 16], offset: u32) {
        let position = u32::try_from(self.ids.len() + 1).expect("the writer keeps to RECORDS_MAX");
        let state = &mut self.streams.entries[stream as usize];
        self.previous.push(state.last);
        (state.last, state.revision) = (position, state.revision + 1);
        self.ids.push(id);
        self.offsets.push(offset);
        self.last_segment.push(stream);
        if !self.ids_unasked {
            self.insert_id(id, position);
        }
    }

    fn insert_id(&mut self, id: [u8; 16], position: u32) {
        if self.by_id.is_empty() {
            self.by_id.resize_with(SHARDS, HashTable::new);
        }
        let hash = self.hasher.hash_one(id);
        let (ids, hasher) = (&self.ids, &self.hasher);
        self.by_id[shard(hash)].insert_unique(hash, position, |&position| {
            hasher.hash_one(ids[position as usize - 1])
        });
    }

    /// Where the event with this id is.
    pub(crate) fn position_of(&self, id: &[u8; 16]) -> Option<u64> {
        let hash = self.hasher.hash_one(id);
        let table = self.by_id.get(shard(hash))?;
        let found = table.find(hash, |&position| self.ids[position as usize - 1] == *id);
        found.map(|&position| u64::from(position))
    }

    /// The revision of the stream called `name`.
    pub(crate) fn revision(&self, name: &str) -> u64 {
        let number = self.find(name.as_bytes());
        number.map_or(0, |number| {
            u64::from(self.streams.entries[number as usize].revision)
        })
    }

    /// The positions of a stream's revisions `from` to `to`, both included, as
    /// far as they exist, oldest first.
    pub(crate) fn positions(&self, name: &str, from: u64, to: u64) -> Vec<u64> {
        let Some(number) = self.find(name.as_bytes()) else {
            return Vec::new();
        };
        let state = &self.streams.entries[number as usize];
        let (mut revision, mut position) = (u64::from(state.revision), state.last);
        let mut found = Vec::new();
        while position > 0 && revision >= from {
            if revision <= to {
                found.push(u64::from(position));
            }
            revision -= 1;
            position = self.previous[position as usize - 1];
        }
        found.reverse();
        found
    }

    /// The segment that holds `position`, the offset of its frame there, and
    /// where the segment's durable frames end.
    pub(crate) fn locate(&self, position: u64) -> Option<(Arc<Segment>, u64, u64)> {
        let index = usize::try_from(position.checked_sub(1)?).ok()?;
        let offset = u64::from(*self.offsets.get(index)?);
        let after = self
            .segments
            .partition_point(|(segment, _)| segment.first <= position);
        let (segment, end) = &self.segments[after - 1];
        Some((segment.clone(), offset, *end))
    }

    /// The first position in the frame that holds `position`.
    pub(crate) fn frame_first(&self, position: u64) -> u64 {
        let segment_first = self
            .locate(position)
            .map_or(1, |(segment, _, _)| segment.first);
        let index = |position: u64| usize::try_from(position - 1).expect("it is in memory");
        let offset = self.offsets[index(position)];
        let before = &self.offsets[index(segment_first)..index(position)];
        // Offsets only grow, so the frame's records are found by halving.
        segment_first + before.partition_point(|other| *other < offset) as u64
    }
}

fn shard(hash: u64) -> usize {
    // The table itself uses the lowest and the highest bits.
    (hash >> 40) as usize % SHARDS
}
