//! A segment: a file of frames, and the header that says which.
//!
//! ```text
//! 0        8         10       12     16          32       40        60    64
//! ┌────────┬─────────┬────────┬──────┬───────────┬────────┬─────────┬─────┬────────
//! │SOCAILOG│ version │ header │ salt │ ledger id │ first  │ zeros   │ crc │ frames …
//! │        │   u16   │ bytes  │ u32  │ 16 bytes  │ u64    │         │     │
//! └────────┴─────────┴────────┴──────┴───────────┴────────┴─────────┴─────┴────────
//! ```

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::disk::DiskFile;
use crate::error::{Damage, OpenError};
use crate::frame::{self, Flaw, Frame, Header};
use crate::identity::{self, FORMAT_VERSION};
use socai_store::Identity;

/// Where the first frame is.
pub(crate) const HEADER_BYTES: u64 = 64;
const MAGIC: [u8; 8] = *b"SOCAILOG";

/// A file of frames, named after the first position that it may hold.
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) first: u64,
    pub(crate) salt: u32,
    pub(crate) file: Arc<dyn DiskFile>,
}

/// The name of the segment that begins at position `first`.
pub(crate) fn name(first: u64) -> String {
    format!("{first:020}.seg")
}

pub(crate) fn encode_header(identity: &Identity, first: u64) -> [u8; HEADER_BYTES as usize] {
    let mut bytes = [0; HEADER_BYTES as usize];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..10].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes[10..12].copy_from_slice(&(HEADER_BYTES as u16).to_le_bytes());
    bytes[12..16].copy_from_slice(&identity::salt(identity).to_le_bytes());
    bytes[16..32].copy_from_slice(identity.id().as_bytes());
    bytes[32..40].copy_from_slice(&first.to_le_bytes());
    let checksum = crc32c::crc32c(&bytes[..60]);
    bytes[60..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

impl Segment {
    /// The segment in `file`, which must be one of `identity`'s and begin at `first`.
    pub(crate) fn open(
        name: String,
        file: Arc<dyn DiskFile>,
        identity: &Identity,
        first: u64,
    ) -> Result<Self, OpenError> {
        let mut bytes = [0; HEADER_BYTES as usize];
        let read = file
            .read_at(&mut bytes, 0)
            .map_err(OpenError::io("read", name.as_ref()))?;
        let segment = Self {
            name,
            first,
            salt: identity::salt(identity),
            file,
        };
        let damaged = |what: String| OpenError::Damaged(segment.damage(0, first, what));
        let checksum = crc32c::crc32c(&bytes[..60]);
        if read < bytes.len() || bytes[..8] != MAGIC || frame::u32_at(&bytes, 60) != checksum {
            return Err(damaged(
                "the segment's header is not one, or its checksum is wrong".into(),
            ));
        }
        // Every version keeps its number and its checksum in these places.
        let version = frame::u16_at(&bytes, 8);
        if version > FORMAT_VERSION {
            let file = segment.name.clone();
            return Err(OpenError::NewerFormat {
                file,
                version,
                supported: FORMAT_VERSION,
            });
        }
        if bytes[16..32] != *identity.id().as_bytes() {
            return Err(damaged("the segment belongs to another ledger".into()));
        }
        match frame::u64_at(&bytes, 32) {
            found if found == first => Ok(segment),
            found => Err(damaged(format!(
                "the segment begins at position {found}, but {first} comes next: \
                 a segment is missing or in the wrong place"
            ))),
        }
    }

    pub(crate) fn damage(&self, offset: u64, position: u64, what: String) -> Damage {
        Damage {
            segment: self.name.clone(),
            offset,
            position,
            what,
        }
    }
}

/// How far a reader has come in a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Where the next frame begins.
    pub(crate) offset: u64,
    /// The position of its first record.
    pub(crate) position: u64,
    /// Where to stop: the file's end, or the end of what is durable.
    pub(crate) end: u64,
}

/// How much to read at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) bytes: usize,
    pub(crate) frames_max: usize,
}

impl Segment {
    /// Reads frames from `place` on, at least one, and moves `place` past them.
    ///
    /// `each` is told each frame's offset in the segment, its offset in the
    /// bytes that are answered, and the frame. Where a frame is flawed, or `each`
    /// finds it so, `place` stays before it and the flaw is answered.
    pub(crate) fn read(
        &self,
        place: &mut Place,
        extent: Extent,
        mut each: impl FnMut(u64, u32, Frame<'_>) -> Result<(), Flaw>,
    ) -> io::Result<(Bytes, Option<Flaw>)> {
        let buffer = self.read_bytes(*place, extent.bytes)?;
        let (mut at, mut flaw) = (0, None);
        for _ in 0..extent.frames_max {
            if place.offset == place.end {
                break;
            }
            match self.decode(&buffer[at..], *place).and_then(|frame| {
                let start = u32::try_from(at).expect("a read is far below 4 GiB");
                each(place.offset, start, frame).map(|()| frame.header)
            }) {
                Ok(header) => {
                    at += header.frame_bytes();
                    place.offset += header.frame_bytes() as u64;
                    place.position += u64::from(header.records);
                }
                // The rest of the frame was not read; the next read begins with it.
                Err(Flaw::Short | Flaw::Header)
                    if at > 0 && self.goes_on(*place, &buffer[at..]) =>
                {
                    break;
                }
                Err(found) => {
                    flaw = Some(found);
                    break;
                }
            }
        }
        Ok((Bytes::from(buffer), flaw))
    }

    fn decode<'a>(&self, bytes: &'a [u8], place: Place) -> Result<Frame<'a>, Flaw> {
        let frame = Frame::decode(bytes)?;
        if frame.header.salt != self.salt {
            return Err(Flaw::Stranger);
        }
        match frame.header.first {
            found if found == place.position => Ok(frame),
            found => Err(Flaw::Position { found }),
        }
    }

    /// Whether the segment has more bytes than `rest` from `place` on.
    fn goes_on(&self, place: Place, rest: &[u8]) -> bool {
        place.offset + (rest.len() as u64) < place.end
    }

    /// At least the frame at `place` if it is whole, and about `bytes` if they are there.
    fn read_bytes(&self, place: Place, bytes: usize) -> io::Result<Vec<u8>> {
        let mut buffer = self.read_exactly(place, bytes.max(frame::HEADER_BYTES))?;
        if let Some(header) = Header::decode(&buffer)
            && header.frame_bytes() > buffer.len()
        {
            buffer = self.read_exactly(place, header.frame_bytes())?;
        }
        Ok(buffer)
    }

    fn read_exactly(&self, place: Place, bytes: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(place.end - place.offset).unwrap_or(usize::MAX);
        let mut buffer = vec![0; bytes.min(left)];
        let read = self.file.read_at(&mut buffer, place.offset)?;
        buffer.truncate(read);
        Ok(buffer)
    }
}
