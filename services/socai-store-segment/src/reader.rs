//! Reading records by position, every frame of them checked.

use std::collections::hash_map::{Entry, HashMap};
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use socai_store::{Position, ReadError, Recorded};

use crate::frame::{Flaw, Frame};
use crate::index::Index;
use crate::segment::{Extent, Place, Segment};

/// What is read at once for a stretch of the log.
const STRETCH_BYTES: usize = 256 * 1024;

/// What is read at once for one record: most frames are smaller.
const ONE: Extent = Extent {
    bytes: 4 * 1024,
    frames_max: 1,
};

/// Reads what is durable.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) index: Arc<RwLock<Index>>,
}

/// Records that lie behind one another.
pub(crate) struct Stretch {
    pub(crate) bytes: Bytes,
    /// The position of the first record of `places`.
    pub(crate) first: u64,
    /// Where each record's bytes are.
    pub(crate) places: Vec<(u32, u32)>,
}

impl Stretch {
    fn recorded(&self, index: usize) -> Recorded {
        let (from, to) = self.places[index];
        let position = Position(self.first + index as u64);
        Recorded {
            position,
            bytes: self.bytes.slice(from as usize..to as usize),
        }
    }
}

impl Reader {
    pub(crate) fn head(&self) -> u64 {
        self.index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .head()
    }

    /// The positions of a stream's revisions `from` to `to`, as far as they exist.
    pub(crate) fn positions(&self, stream: &str, from: u64, to: u64) -> Vec<u64> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.positions(stream, from, to)
    }

    pub(crate) fn revision(&self, stream: &str) -> u64 {
        self.index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .revision(stream)
    }

    /// The records from position `from` to `to`, both included, as far as they exist.
    pub(crate) fn range(&self, from: u64, to: u64) -> Result<Vec<Recorded>, ReadError> {
        let to = to.min(self.head());
        let mut records = Vec::new();
        let mut next = from;
        while next <= to {
            let left = usize::try_from(to - next).map_or(usize::MAX, |left| left.saturating_add(1));
            // One record is asked for as often as a thousand: what stands behind it is not read.
            let bytes = STRETCH_BYTES.min(left.saturating_mul(ONE.bytes));
            let stretch = self
                .stretch(next, bytes)?
                .expect("positions to the head exist");
            let skip = usize::try_from(next - stretch.first).expect("a stretch is in memory");
            let taken = (skip..stretch.places.len()).take(left);
            next += taken.len() as u64;
            records.extend(taken.map(|index| stretch.recorded(index)));
        }
        Ok(records)
    }

    /// The records at `positions`, in that order.
    pub(crate) fn each(&self, positions: &[u64]) -> Result<Vec<Recorded>, ReadError> {
        // Records of one import lie in one frame: it is read and checked once.
        let mut frames: HashMap<(u64, u64), Stretch> = HashMap::new();
        let mut records = Vec::with_capacity(positions.len());
        for &position in positions {
            let (segment, place) = self.place(position).expect("the index knows its positions");
            let key = (segment.first, place.offset);
            let frame = match frames.entry(key) {
                Entry::Occupied(read_before) => read_before.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(read(&segment, place, ONE)?),
            };
            let index = usize::try_from(position - frame.first).expect("a frame is in memory");
            records.push(frame.recorded(index));
        }
        Ok(records)
    }

    /// About `bytes` of frames, the first of which holds `position`.
    pub(crate) fn stretch(
        &self,
        position: u64,
        bytes: usize,
    ) -> Result<Option<Stretch>, ReadError> {
        let Some((segment, place)) = self.place(position) else {
            return Ok(None);
        };
        let extent = Extent {
            bytes,
            frames_max: usize::MAX,
        };
        read(&segment, place, extent).map(Some)
    }

    fn place(&self, position: u64) -> Option<(Arc<Segment>, Place)> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let (segment, offset, end) = index.locate(position)?;
        Some((
            segment,
            Place {
                offset,
                position: index.frame_first(position),
                end,
            },
        ))
    }
}

/// Reads frames from `place` on. What was found good when the log was opened or
/// written is damage if it is not good now.
fn read(segment: &Segment, mut place: Place, extent: Extent) -> Result<Stretch, ReadError> {
    let first = place.position;
    let mut places = Vec::new();
    let each = |_, start: u32, frame: Frame<'_>| {
        places.extend(frame.places().map(|(from, to)| (start + from, start + to)));
        Ok(())
    };
    let (bytes, flaw) = segment
        .read(&mut place, extent, each)
        .map_err(unavailable)?;
    match flaw {
        // What was good before the flaw is handed out; the next read finds it.
        Some(flaw) if places.is_empty() => Err(corrupt(segment, place, flaw)),
        _ => Ok(Stretch {
            bytes,
            first,
            places,
        }),
    }
}

fn unavailable(error: io::Error) -> ReadError {
    ReadError::Unavailable(error.into())
}

fn corrupt(segment: &Segment, place: Place, flaw: Flaw) -> ReadError {
    let damage = segment.damage(place.offset, place.position, flaw.to_string());
    ReadError::Corrupt {
        position: Position(place.position),
        source: damage.into(),
    }
}

/// Reads on a thread that may block, so that a slow disk keeps no task waiting.
pub(crate) async fn blocking(
    reader: Reader,
    read: impl FnOnce(Reader) -> Result<Vec<Recorded>, ReadError> + Send + 'static,
) -> Result<Vec<Recorded>, ReadError> {
    let read = tokio::task::spawn_blocking(move || read(reader)).await;
    read.map_err(|ended| ReadError::Unavailable(ended.into()))?
}
