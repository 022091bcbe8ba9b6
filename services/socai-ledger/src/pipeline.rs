//! A fold over two threads: one decodes records, the other folds what was decoded, and decodes as well
//! while there is nothing to fold.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;

use socai_store::Recorded;

use crate::fact::Fact;
use crate::image::{FoldError, Image};

/// Chunks that the second thread decodes ahead of the fold, at most.
const AHEAD: usize = 4;

/// Why a fold over many records ended early.
#[derive(Debug, thiserror::Error)]
pub enum Interrupted<E> {
    /// The records could not be had. Everything before is folded.
    #[error("the records cannot be read")]
    Read(#[source] E),
    /// A record does not read or does not follow. Everything before is folded.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl Image {
    /// Folds chunks of records, one after another, of some thousand records each.
    ///
    /// # Errors
    ///
    /// [`Interrupted`], at the first chunk or record that fails. Chunks after it may have been asked for.
    pub fn fold_all<E: Send>(
        &mut self,
        chunks: impl Iterator<Item = Result<Vec<Recorded>, E>> + Send,
    ) -> Result<(), Interrupted<E>> {
        let source = Mutex::new(Source {
            chunks,
            next: 0,
            failed: false,
        });
        thread::scope(|scope| {
            let (sender, decoded) = sync_channel(AHEAD);
            let source = &source;
            scope.spawn(move || {
                while let Some(chunk) = decode_next(source) {
                    // Nobody listens once the fold has failed.
                    if sender.send(chunk).is_err() {
                        return;
                    }
                }
            });
            self.fold_decoded(&decoded, || decode_next(source))
        })
    }

    fn fold_decoded<E>(
        &mut self,
        decoded: &Receiver<Numbered<E>>,
        decode_next: impl Fn() -> Option<Numbered<E>>,
    ) -> Result<(), Interrupted<E>> {
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        loop {
            if let Some(chunk) = waiting.remove(&next) {
                self.fold_chunk(chunk)?;
                next += 1;
                continue;
            }
            let come = match decoded.try_recv() {
                Ok(chunk) => Some(chunk),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {
                    decode_next().or_else(|| decoded.recv().ok())
                }
            };
            let Some((number, chunk)) = come else {
                return Ok(());
            };
            waiting.insert(number, chunk);
        }
    }

    fn fold_chunk<E>(&mut self, chunk: Decoded<E>) -> Result<(), Interrupted<E>> {
        for fact in chunk.map_err(Interrupted::Read)? {
            self.fold(&fact?)?;
        }
        Ok(())
    }
}

type Decoded<E> = Result<Vec<Result<Fact, FoldError>>, E>;
type Numbered<E> = (usize, Decoded<E>);

/// Where chunks come from, and the number of the next one.
struct Source<I> {
    chunks: I,
    next: usize,
    failed: bool,
}

/// Takes the next chunk and decodes it; `None` where there is none, or none after one that failed.
fn decode_next<E, I>(source: &Mutex<Source<I>>) -> Option<Numbered<E>>
where
    I: Iterator<Item = Result<Vec<Recorded>, E>>,
{
    let (number, chunk) = {
        let mut source = source.lock().expect("no chunk panics while it is read");
        if source.failed {
            return None;
        }
        let chunk = source.chunks.next()?;
        source.failed = chunk.is_err();
        source.next += 1;
        (source.next - 1, chunk)
    };
    let decoded = chunk.map(|records| records.iter().map(Fact::decode).collect());
    Some((number, decoded))
}
