//! A fresh fold of every record, compared with the snapshot on its way.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};

use socai_ledger::image::Image;
use socai_ledger::pipeline::Interrupted;
use socai_store::{Position, ReadError, Recorded};
use tokio::sync::mpsc::Receiver;

use super::problem::Problem;
use super::{Progress, heads};
use crate::snapshots::Kept;

/// What the records come to.
pub(super) struct Refolded {
    /// The image, at the last record that follows from those before it.
    pub(super) image: Image,
    /// The position of the snapshot that equals it there.
    pub(super) snapshot: Option<u64>,
    /// How many records the heads cover that the ledger sealed last, if they are right.
    pub(super) heads: Option<u64>,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
}

/// Folds every record that comes, and tells `progress` how many. Reads on to the end whatever is wrong.
pub(super) fn refold(
    records: Receiver<Vec<Recorded>>,
    snapshot: Option<&Kept>,
    progress: &Progress,
) -> Refolded {
    let mut source = Source {
        records,
        rest: Vec::new(),
        progress,
    };
    let mut refolded = Refolded {
        image: Image::new(),
        snapshot: None,
        heads: None,
        problems: Vec::new(),
    };
    match refolded.fold(&mut source, snapshot) {
        Ok(()) => refolded.check_heads(),
        Err(error) => refolded.problems.push(error.into()),
    }
    // Whoever reads goes on for others, who need no fold.
    while source.records.blocking_recv().is_some() {}
    refolded
}

/// What the ledger itself says of checkpoints, where none are kept: evidence is exported only of what is sealed.
pub(super) fn told_of_checkpoints(image: &Image) -> Option<Problem> {
    let mut exports = image.heads().map(|head| head.stream.to_string());
    let stream = exports.find(|name| name.starts_with("evidence."))?;
    Some(Problem::NoCheckpoints { stream })
}

impl Refolded {
    fn fold(
        &mut self,
        source: &mut Source<'_>,
        snapshot: Option<&Kept>,
    ) -> Result<(), Interrupted<ReadError>> {
        if let Some(kept) = snapshot {
            self.image.fold_all(source.until(kept.position))?;
            self.compare(kept);
        }
        self.image.fold_all(source.until(Position(u64::MAX)))
    }

    fn check_heads(&mut self) {
        match heads::check(&self.image) {
            Ok(covered) => self.heads = covered,
            Err(problem) => self.problems.push(problem),
        }
    }

    /// One that cannot be read is passed over, as by whoever opens the ledger.
    fn compare(&mut self, kept: &Kept) {
        let position = kept.position.0;
        if self.image.position() != kept.position {
            return;
        }
        if is_snapshot_of(&self.image, kept).is_ok_and(|same| same) {
            self.snapshot = Some(position);
        } else if kept.read().is_some() {
            let path = kept.path.display().to_string();
            self.problems.push(Problem::Snapshot { position, path });
        }
    }
}

/// Whether the file has the bytes that the image would be written as.
fn is_snapshot_of(image: &Image, kept: &Kept) -> io::Result<bool> {
    let mut same = Same {
        file: BufReader::with_capacity(1 << 20, File::open(&kept.path)?),
        chunk: Vec::new(),
        differs: false,
    };
    image.write_snapshot(BufWriter::with_capacity(1 << 16, &mut same))?;
    let ends = same.file.read(&mut [0])? == 0;
    Ok(ends && !same.differs)
}

/// Takes bytes to be written, and says whether they are those of a file.
struct Same {
    file: BufReader<File>,
    chunk: Vec<u8>,
    differs: bool,
}

impl Write for Same {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.differs {
            self.chunk.resize(bytes.len(), 0);
            let there = self.file.read_exact(&mut self.chunk).is_ok();
            self.differs = !there || self.chunk != bytes;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Records as they come, to be stopped at a position.
struct Source<'a> {
    records: Receiver<Vec<Recorded>>,
    /// What came beyond the last stop.
    rest: Vec<Recorded>,
    progress: &'a Progress,
}

impl Source<'_> {
    fn until(
        &mut self,
        stop: Position,
    ) -> impl Iterator<Item = Result<Vec<Recorded>, ReadError>> + Send + '_ {
        std::iter::from_fn(move || {
            let mut chunk = match std::mem::take(&mut self.rest) {
                none if none.is_empty() => self.records.blocking_recv()?,
                rest => rest,
            };
            let within = chunk.partition_point(|record| record.position <= stop);
            self.rest = chunk.split_off(within);
            (self.progress)(chunk.len() as u64);
            (!chunk.is_empty()).then_some(Ok(chunk))
        })
    }
}
