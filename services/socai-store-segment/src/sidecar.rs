//! A sealed segment's part of the index, so that opening need not read the segment.
//!
//! It may be missing, stale or damaged at any time: then the segment is read. So
//! it is written without a sync.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::disk::Disk;
use crate::frame::{u16_at, u32_at, u64_at};
use crate::index::Index;
use crate::segment::Segment;
use crate::streams::split_names;

const MAGIC: [u8; 8] = *b"SOCAIIDX";
const VERSION: u16 = 1;
const HEADER_BYTES: usize = 42;

/// The name of the sidecar of the segment that begins at position `first`.
pub(crate) fn name(first: u64) -> String {
    format!("{first:020}.idx")
}

/// Writes the sidecar of the index's last segment, which is sealed.
pub(crate) fn write(disk: &dyn Disk, log: &Path, index: &Index) -> io::Result<()> {
    let (segment, end) = index.last_segment();
    let path = log.join(name(segment.first));
    let draft = log.join("sidecar.tmp");
    disk.create(&draft)?
        .write_at(&encode(index, segment, *end), 0)?;
    disk.rename(&draft, &path)
}

fn encode(index: &Index, segment: &Segment, end: u64) -> Vec<u8> {
    let (streams, ids, offsets) = index.last_segment_events();
    let (names, numbers) = number_streams(index, streams);
    let count = |count: usize| u32::try_from(count).expect("a segment is smaller than 4 GiB");
    let mut bytes = Vec::with_capacity(HEADER_BYTES + names.len() + ids.len() * 24);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&segment.salt.to_le_bytes());
    bytes.extend_from_slice(&segment.first.to_le_bytes());
    bytes.extend_from_slice(&end.to_le_bytes());
    bytes.extend_from_slice(&count(ids.len()).to_le_bytes());
    bytes.extend_from_slice(&count(names.len()).to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(&names);
    numbers
        .iter()
        .for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    offsets
        .iter()
        .for_each(|offset| bytes.extend_from_slice(&offset.to_le_bytes()));
    bytes.extend_from_slice(ids.as_flattened());
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The names of the segment's streams, numbered as they come, and each event's number.
fn number_streams(index: &Index, streams: &[u32]) -> (Vec<u8>, Vec<u32>) {
    let mut given = hashbrown::HashMap::new();
    let mut names = Vec::new();
    let numbers = streams.iter().map(|stream| {
        let next = u32::try_from(given.len()).expect("at most one per record");
        *given.entry(*stream).or_insert_with(|| {
            let name = index.stream_name(*stream);
            names.push(u8::try_from(name.len()).expect("a name has one byte of length"));
            names.extend_from_slice(name);
            next
        })
    });
    let numbers = numbers.collect();
    (names, numbers)
}

/// Takes `segment` into `index` by its sidecar, and says whether it could.
///
/// It cannot where there is no sidecar, or one of another state of the segment.
pub(crate) fn load(disk: &dyn Disk, log: &Path, segment: &Arc<Segment>, index: &mut Index) -> bool {
    let Some(bytes) = read(disk, &log.join(name(segment.first))) else {
        return false;
    };
    let Some(sidecar) = Sidecar::decode(&bytes, segment) else {
        return false;
    };
    index.begin_segment(segment.clone());
    index.push_sidecar(&sidecar);
    true
}

fn read(disk: &dyn Disk, path: &Path) -> Option<Vec<u8>> {
    let file = disk.open_read_only(path).ok()?;
    let mut bytes = vec![0; usize::try_from(file.size().ok()?).ok()?];
    let read = file.read_at(&mut bytes, 0).ok()?;
    (read == bytes.len()).then_some(bytes)
}

/// What a sidecar says of its segment.
pub(crate) struct Sidecar<'a> {
    pub(crate) end: u64,
    /// The names of its streams, one behind the other, each after its length.
    pub(crate) names: &'a [u8],
    pub(crate) split_names: Vec<&'a [u8]>,
    numbers: &'a [u8],
    offsets: &'a [u8],
    /// By event.
    pub(crate) ids: &'a [[u8; 16]],
}

impl<'a> Sidecar<'a> {
    fn decode(bytes: &'a [u8], segment: &Segment) -> Option<Self> {
        let (bytes, checksum) = bytes.split_last_chunk::<4>()?;
        let intact = bytes.len() >= HEADER_BYTES
            && bytes[..8] == MAGIC
            && u16_at(bytes, 8) == VERSION
            && crc32c::crc32c(bytes) == u32::from_le_bytes(*checksum);
        let end = intact.then(|| u64_at(bytes, 22))?;
        let same = u32_at(bytes, 10) == segment.salt
            && u64_at(bytes, 14) == segment.first
            && segment.file.size().ok()? == end;
        let count = same.then(|| u32_at(bytes, 30) as usize)?;
        let (names, rest) = bytes[HEADER_BYTES..].split_at_checked(u32_at(bytes, 34) as usize)?;
        let (numbers, rest) = rest.split_at_checked(count * 4)?;
        let (offsets, ids) = rest.split_at_checked(count * 4)?;
        let sidecar = Self {
            end,
            names,
            split_names: split_names(names)?,
            numbers,
            offsets,
            ids: ids.as_chunks().0,
        };
        let valid = |number| (number as usize) < sidecar.split_names.len();
        let whole = ids.len() == count * 16 && sidecar.numbers().all(valid);
        whole.then_some(sidecar)
    }

    /// By event: the number of its stream among the names.
    pub(crate) fn numbers(&self) -> impl ExactSizeIterator<Item = u32> {
        self.numbers.chunks_exact(4).map(|bytes| u32_at(bytes, 0))
    }

    /// By event: where its frame begins.
    pub(crate) fn offsets(&self) -> impl ExactSizeIterator<Item = u32> {
        self.offsets.chunks_exact(4).map(|bytes| u32_at(bytes, 0))
    }
}
