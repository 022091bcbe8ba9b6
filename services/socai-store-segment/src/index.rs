//! Where everything is, in memory: rebuilt from the segments or their sidecars.
//!
//! An event costs 8 bytes in arrays, and 16 with 6 to 12 in the table of ids where
//! the log is written; streams come on top. With five events a stream and names of
//! 26 bytes all of it was measured as 48 bytes an event.

use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::frame::{Flaw, Frame};
use crate::segment::Segment;
use crate::sidecar::Sidecar;
use crate::streams::{Streams, Unasked};

/// Records in one log, at most: positions are kept in 32 bits.
pub(crate) const RECORDS_MAX: u64 = u32::MAX as u64;

/// Tables of ids. Each grows on its own, so that no append waits for all of them.
const SHARDS: usize = 64;

pub(crate) struct Index {
    /// By position: where its frame begins in its segment.
    offsets: Vec<u32>,
    streams: Known,
    /// `None` in a log that is only read: nobody asks for an id there.
    ids: Option<Ids>,
    segments: Vec<(Arc<Segment>, u64)>,
}

enum Known {
    Now(Streams),
    OnceAsked(Unasked),
}

/// What only a log that is written needs.
#[derive(Default)]
struct Ids {
    /// By position.
    ids: Vec<[u8; 16]>,
    by_id: Vec<HashTable<u32>>,
    hasher: DefaultHashBuilder,
    /// The stream of each event in the last segment, for its sidecar.
    last_segment: Vec<u32>,
}

impl Ids {
    fn push(&mut self, stream: u32, id: [u8; 16]) {
        self.ids.push(id);
        self.last_segment.push(stream);
        if self.by_id.is_empty() {
            self.by_id.resize_with(SHARDS, HashTable::new);
        }
        let position = u32::try_from(self.ids.len()).expect("the writer keeps to RECORDS_MAX");
        let hash = self.hasher.hash_one(id);
        let (ids, hasher) = (&self.ids, &self.hasher);
        self.by_id[shard(hash)].insert_unique(hash, position, |&position| {
            hasher.hash_one(ids[position as usize - 1])
        });
    }

    fn position_of(&self, id: &[u8; 16]) -> Option<u64> {
        let hash = self.hasher.hash_one(id);
        let table = self.by_id.get(shard(hash))?;
        let found = table.find(hash, |&position| self.ids[position as usize - 1] == *id);
        found.map(|&position| u64::from(position))
    }
}

impl Index {
    /// Of a log that is written.
    pub(crate) fn for_writing() -> Self {
        Self::new(Known::Now(Streams::default()), Some(Ids::default()))
    }

    /// Of a log of which every revision is compared, and no id asked for.
    pub(crate) fn for_verifying() -> Self {
        Self::new(Known::Now(Streams::default()), None)
    }

    /// Of a log that is looked at.
    pub(crate) fn for_reading() -> Self {
        Self::new(Known::OnceAsked(Unasked::default()), None)
    }

    fn new(streams: Known, ids: Option<Ids>) -> Self {
        Self {
            offsets: Vec::new(),
            streams,
            ids,
            segments: Vec::new(),
        }
    }

    fn streams(&self) -> &Streams {
        match &self.streams {
            Known::Now(streams) => streams,
            Known::OnceAsked(unasked) => unasked.streams(),
        }
    }

    /// The last position that is known.
    pub(crate) fn head(&self) -> u64 {
        self.offsets.len() as u64
    }

    /// Takes in a segment, as yet without frames.
    pub(crate) fn begin_segment(&mut self, segment: Arc<Segment>) {
        self.segments.push((segment, crate::segment::HEADER_BYTES));
        if let Some(ids) = &mut self.ids {
            ids.last_segment.clear();
        }
        if let Known::OnceAsked(unasked) = &mut self.streams {
            unasked.begin_segment();
        }
    }

    /// Says that the last segment's frames end at `end`.
    fn end_segment(&mut self, end: u64) {
        self.segments.last_mut().expect("a log has a segment").1 = end;
    }

    /// The segment that is written, and where its frames end.
    pub(crate) fn last_segment(&self) -> &(Arc<Segment>, u64) {
        self.segments.last().expect("a log has a segment")
    }

    /// The streams, ids and offsets of the events in the last segment of a log that is written.
    pub(crate) fn last_segment_events(&self) -> (&[u32], &[[u8; 16]], &[u32]) {
        let Some(ids) = &self.ids else {
            return (&[], &[], &[]);
        };
        let from = self.offsets.len() - ids.last_segment.len();
        (&ids.last_segment, &ids.ids[from..], &self.offsets[from..])
    }

    pub(crate) fn stream_name(&self, number: u32) -> &[u8] {
        self.streams().name(number)
    }

    /// Takes in a frame that begins at `offset` of the last segment.
    ///
    /// # Errors
    ///
    /// [`Flaw::Revision`] where a stream is not where the frame says; nothing is
    /// taken in.
    pub(crate) fn push_frame(&mut self, offset: u64, frame: Frame<'_>) -> Result<(), Flaw> {
        match &mut self.streams {
            Known::Now(streams) => {
                streams.expect(frame)?;
                let mut ids = frame.ids();
                for entry in frame.streams() {
                    let stream = streams.intern(entry.name.as_bytes());
                    for id in ids.by_ref().take(usize::from(entry.records)) {
                        streams.push(stream);
                        if let Some(ids) = &mut self.ids {
                            ids.push(stream, id);
                        }
                    }
                }
            }
            Known::OnceAsked(unasked) => unasked.push_frame(frame),
        }
        let end = offset + frame.header.frame_bytes() as u64;
        let offset = u32::try_from(offset).expect("a segment is smaller than 4 GiB");
        let offsets = std::iter::repeat_n(offset, frame.header.records.into());
        self.offsets.extend(offsets);
        self.end_segment(end);
        Ok(())
    }

    /// Takes in everything that the sidecar of the last segment tells.
    pub(crate) fn push_sidecar(&mut self, sidecar: &Sidecar<'_>) {
        match &mut self.streams {
            Known::Now(streams) => {
                let names = sidecar.split_names.iter();
                let names: Vec<u32> = names.map(|name| streams.intern(name)).collect();
                streams.reserve(sidecar.ids.len());
                for (number, id) in sidecar.numbers().zip(sidecar.ids) {
                    let stream = names[number as usize];
                    streams.push(stream);
                    if let Some(ids) = &mut self.ids {
                        ids.push(stream, *id);
                    }
                }
            }
            Known::OnceAsked(unasked) => unasked.push_sidecar(sidecar),
        }
        self.offsets.extend(sidecar.offsets());
        self.end_segment(sidecar.end);
    }

    /// Where the event with this id is, in a log that is written.
    pub(crate) fn position_of(&self, id: &[u8; 16]) -> Option<u64> {
        self.ids.as_ref()?.position_of(id)
    }

    /// The revision of the stream called `name`.
    pub(crate) fn revision(&self, name: &str) -> u64 {
        self.streams().revision(name)
    }

    /// The positions of a stream's revisions `from` to `to`, both included, as
    /// far as they exist, oldest first.
    pub(crate) fn positions(&self, name: &str, from: u64, to: u64) -> Vec<u64> {
        self.streams().positions(name, from, to)
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
