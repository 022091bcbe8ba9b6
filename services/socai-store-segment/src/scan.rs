//! Reading the whole log quickly, for whoever folds it: large reads, no copies,
//! every checksum compared.

use bytes::Bytes;
use socai_store::{Position, ReadError, Recorded};

use crate::reader::{Reader, Stretch};

/// What is read at once.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Records that lie behind one another, out of one buffer.
pub struct Chunk {
    stretch: Stretch,
    /// Records of the first frame that come before what was asked for.
    skip: usize,
    /// How many records are handed out after those.
    take: usize,
}

impl Chunk {
    pub(crate) fn all_of(stretch: Stretch) -> Self {
        let take = stretch.places.len();
        let skip = 0;
        Self {
            stretch,
            skip,
            take,
        }
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.take
    }

    /// Whether there is none, which is so only where a log has none or none that is whole.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.take == 0
    }

    /// The position of the first record; the others follow without a gap.
    #[must_use]
    pub fn first(&self) -> Position {
        Position(self.stretch.first + self.skip as u64)
    }

    /// The records, borrowed.
    pub fn iter(&self) -> impl Iterator<Item = (Position, &[u8])> {
        let positions = (self.first().0..).map(Position);
        let bytes = self
            .places()
            .map(|(from, to)| &self.stretch.bytes[from..to]);
        positions.zip(bytes)
    }

    /// The records, each sharing the chunk's buffer.
    pub fn recorded(&self) -> impl Iterator<Item = Recorded> {
        let positions = (self.first().0..).map(Position);
        let slice = |(from, to)| Bytes::slice(&self.stretch.bytes, from..to);
        let bytes = self.places().map(slice);
        positions
            .zip(bytes)
            .map(|(position, bytes)| Recorded { position, bytes })
    }

    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let places = &self.stretch.places[self.skip..self.skip + self.take];
        places
            .iter()
            .map(|&(from, to)| (from as usize, to as usize))
    }
}

/// Every record after a position up to the head when the scan began, in order.
///
/// Ends after an error.
pub struct Scan {
    reader: Reader,
    next: u64,
    head: u64,
}

impl Scan {
    pub(crate) fn new(reader: Reader, after: Position) -> Self {
        let head = reader.head();
        Self {
            reader,
            next: after.0.saturating_add(1),
            head,
        }
    }
}

impl Iterator for Scan {
    type Item = Result<Chunk, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next > self.head {
            return None;
        }
        let stretch = match self.reader.stretch(self.next, CHUNK_BYTES) {
            Ok(stretch) => stretch?,
            Err(error) => {
                self.next = u64::MAX;
                return Some(Err(error));
            }
        };
        let skip = usize::try_from(self.next - stretch.first).expect("a stretch is in memory");
        let left = usize::try_from(self.head - self.next).map_or(usize::MAX, |left| left + 1);
        let take = (stretch.places.len() - skip).min(left);
        self.next += take as u64;
        Some(Ok(Chunk {
            stretch,
            skip,
            take,
        }))
    }
}
