//! A frame: one append's records under one checksum, so that there is no half batch.
//!
//! ```text
//! header, 44 bytes                          body                              end, 4 bytes
//! ┌──────┬──────┬──────┬──────┬───────┬─────────┬──────┬─────────┬─────────┬──────┐
//! │ SCF1 │ crc  │ body │ body │ first │ durable │ salt │ records │ streams │ mark │ …
//! │      │      │ size │ crc  │  u64  │   u64   │ u32  │   u16   │   u16   │      │
//! └──────┴──────┴──────┴──────┴───────┴─────────┴──────┴─────────┴─────────┴──────┘
//! body: streams × ( name size u8, name, first revision u64, records u16 )
//!       records × ( id 16 bytes, size u32 )
//!       the records' bytes, one after the other
//! ```
//!
//! Integers are little-endian, checksums CRC-32C: of the header from byte 8 on,
//! and of the whole body. `durable` is the last position that was known to be
//! synced when the frame was written. The marks are never zero, so a sector of
//! zeros inside a frame shows a write that was torn (see `recovery`).

use socai_store::Append;

pub(crate) const HEADER_BYTES: usize = 44;
pub(crate) const END_BYTES: usize = 4;
const RECORD_ENTRY_BYTES: usize = 20;
const MAGIC: [u8; 4] = *b"SCF1";
const HEADER_MARK: [u8; 4] = [0xA5, 0x5A, 0xC3, 0xE7];
const END_MARK: [u8; 4] = [0x5A, 0xA5, 0x3C, 0xE7];

/// What a frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) body_bytes: u32,
    body_checksum: u32,
    pub(crate) first: u64,
    pub(crate) durable: u64,
    pub(crate) salt: u32,
    pub(crate) records: u16,
    streams: u16,
}

impl Header {
    /// The header at the start of `bytes`, if it is there and unharmed.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.first_chunk::<HEADER_BYTES>()?;
        let intact = bytes[..4] == MAGIC
            && bytes[40..] == HEADER_MARK
            && u32_at(bytes, 4) == crc32c::crc32c(&bytes[8..]);
        intact.then(|| Self {
            body_bytes: u32_at(bytes, 8),
            body_checksum: u32_at(bytes, 12),
            first: u64_at(bytes, 16),
            durable: u64_at(bytes, 24),
            salt: u32_at(bytes, 32),
            records: u16_at(bytes, 36),
            streams: u16_at(bytes, 38),
        })
    }

    fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.body_checksum.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.durable.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.salt.to_le_bytes());
        bytes[36..38].copy_from_slice(&self.records.to_le_bytes());
        bytes[38..40].copy_from_slice(&self.streams.to_le_bytes());
        bytes[40..].copy_from_slice(&HEADER_MARK);
        let checksum = crc32c::crc32c(&bytes[8..]);
        bytes[4..8].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Header, body and end together.
    pub(crate) fn frame_bytes(&self) -> usize {
        HEADER_BYTES + self.body_bytes as usize + END_BYTES
    }
}

/// A frame whose checksums and tables have been found right.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) header: Header,
    streams: &'a [u8],
    table: &'a [u8],
}

/// The events of one stream in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) first_revision: u64,
    pub(crate) records: u16,
}

/// What is wrong with the bytes where a frame should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("no frame header is there, or its checksum is wrong")]
    Header,
    #[error("the frame is longer than what is left of the segment")]
    Short,
    #[error("the checksum of the frame's body is wrong")]
    Body,
    #[error("the frame's tables contradict its size")]
    Tables,
    #[error("the frame belongs to another ledger")]
    Stranger,
    #[error("the frame begins at position {found}")]
    Position { found: u64 },
    #[error("the frame contradicts the revisions of its streams")]
    Revision,
}

impl<'a> Frame<'a> {
    /// The frame at the start of `bytes`, every byte of it checked.
    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Flaw> {
        let header = Header::decode(bytes).ok_or(Flaw::Header)?;
        let frame = bytes
            .get(HEADER_BYTES..header.frame_bytes())
            .ok_or(Flaw::Short)?;
        let (body, end) = frame.split_at(frame.len() - END_BYTES);
        if end != END_MARK || crc32c::crc32c(body) != header.body_checksum {
            return Err(Flaw::Body);
        }
        Self::over(header, body).ok_or(Flaw::Tables)
    }

    /// The frame at the start of `bytes`, which this process has just encoded.
    pub(crate) fn over_own(bytes: &'a [u8]) -> Self {
        let own = || {
            let header = Header::decode(bytes)?;
            let end = header.frame_bytes() - END_BYTES;
            Self::over(header, &bytes[HEADER_BYTES..end])
        };
        own().expect("what encode writes, decode reads")
    }

    /// Finds the tables of `body`, and that they fill it exactly.
    fn over(header: Header, body: &'a [u8]) -> Option<Self> {
        let (mut at, mut records) = (0, 0_u32);
        for _ in 0..header.streams {
            let name_bytes = usize::from(*body.get(at)?);
            std::str::from_utf8(body.get(at + 1..at + 1 + name_bytes)?).ok()?;
            at += 1 + name_bytes + 10;
            records += u32::from(u16_at(body.get(at - 2..at)?, 0));
        }
        let (streams, rest) = body.split_at_checked(at)?;
        let entries = usize::from(header.records) * RECORD_ENTRY_BYTES;
        let (table, bytes) = rest.split_at_checked(entries)?;
        let frame = Self {
            header,
            streams,
            table,
        };
        let size: usize = frame.sizes().sum();
        (records == u32::from(header.records) && records > 0 && size == bytes.len())
            .then_some(frame)
    }

    fn sizes(self) -> impl Iterator<Item = usize> {
        self.table
            .chunks_exact(RECORD_ENTRY_BYTES)
            .map(|entry| u32_at(entry, 16) as usize)
    }

    /// The streams that the records belong to, in the records' order.
    pub(crate) fn streams(self) -> impl Iterator<Item = StreamEntry<'a>> {
        let mut rest = self.streams;
        (0..self.header.streams).map(move |_| {
            let (name, after) = rest[1..].split_at(usize::from(rest[0]));
            rest = &after[10..];
            StreamEntry {
                name: std::str::from_utf8(name).expect("names were checked by decode"),
                first_revision: u64_at(after, 0),
                records: u16_at(after, 8),
            }
        })
    }

    /// The events' ids, in order of position.
    pub(crate) fn ids(self) -> impl Iterator<Item = [u8; 16]> {
        self.table.chunks_exact(RECORD_ENTRY_BYTES).map(|entry| {
            entry[..16]
                .try_into()
                .expect("an entry begins with 16 bytes of id")
        })
    }

    /// Where each record's bytes are, counted from the start of the frame.
    pub(crate) fn places(self) -> impl Iterator<Item = (u32, u32)> {
        let mut at = HEADER_BYTES + self.streams.len() + self.table.len();
        self.sizes().map(move |size| {
            let from = at;
            at += size;
            (small(from), small(at))
        })
    }
}

/// Writes the frame of `append`, whose first event gets position `first`.
pub(crate) fn encode(into: &mut Vec<u8>, append: &Append, first: u64, durable: u64, salt: u32) {
    let start = into.len();
    into.extend_from_slice(&[0; HEADER_BYTES]);
    for write in &append.writes {
        let name = write.stream.as_str().as_bytes();
        into.push(u8::try_from(name.len()).expect("a stream's name has at most 200 bytes"));
        into.extend_from_slice(name);
        into.extend_from_slice(&(write.expected.0 + 1).to_le_bytes());
        into.extend_from_slice(&count(write.events.len()).to_le_bytes());
    }
    let events = || append.writes.iter().flat_map(|write| &write.events);
    for event in events() {
        into.extend_from_slice(event.id.as_bytes());
        into.extend_from_slice(&small(event.bytes.len()).to_le_bytes());
    }
    events().for_each(|event| into.extend_from_slice(&event.bytes));
    let body = &into[start + HEADER_BYTES..];
    let header = Header {
        body_bytes: small(body.len()),
        body_checksum: crc32c::crc32c(body),
        first,
        durable,
        salt,
        records: count(append.event_count()),
        streams: count(append.writes.len()),
    };
    into[start..start + HEADER_BYTES].copy_from_slice(&header.encode());
    into.extend_from_slice(&END_MARK);
}

fn count(count: usize) -> u16 {
    u16::try_from(count).expect("a batch has at most 1,000 events")
}

fn small(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("a batch has at most 8 MiB")
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(
        bytes[at..at + 4]
            .try_into()
            .expect("four bytes are four bytes"),
    )
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(
        bytes[at..at + 8]
            .try_into()
            .expect("eight bytes are eight bytes"),
    )
}

/// Whether a frame's bytes look like a write of which a part never reached the
/// disk, rather than like bytes that changed afterwards.
///
/// The log writes into zeros, and a disk writes sectors whole. So what is
/// missing of a torn frame is a sector of zeros, or, where the process died in
/// the middle of the write, everything from some byte on. Neither can come of a
/// frame that was complete: it holds no zero sector and ends in a mark. `rest` is
/// everything from the frame's start, at `offset`, to the end of the file.
pub(crate) fn looks_torn(rest: &[u8], offset: u64) -> bool {
    match Header::decode(rest) {
        None if rest.len() <= HEADER_BYTES => true,
        None => {
            let (header, after) = rest.split_at(HEADER_BYTES);
            is_zero(after) || has_zero_part(header, offset)
        }
        Some(header) => match rest.get(HEADER_BYTES..header.frame_bytes()) {
            None => true,
            Some(body) => {
                body.last() == Some(&0) || has_zero_part(body, offset + HEADER_BYTES as u64)
            }
        },
    }
}

const SECTOR_BYTES: u64 = 512;

/// Whether the part of `bytes` in one of the disk's sectors is all zeros.
fn has_zero_part(bytes: &[u8], offset: u64) -> bool {
    let to_boundary = (SECTOR_BYTES - offset % SECTOR_BYTES) as usize;
    let (first, rest) = bytes.split_at(to_boundary.min(bytes.len()));
    is_zero(first) || rest.chunks(SECTOR_BYTES as usize).any(is_zero)
}

pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// Where the first bytes of a frame may be, from `from` on.
pub(crate) fn find_magic(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(MAGIC.len())
        .position(|window| window == MAGIC)
        .map(|at| from + at)
}
