//! A fold over two threads: one decodes records, the other folds what was decoded, and decodes as well
//! while there is nothing to fold.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
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
            let (folded, spent) = channel();
            let source = &source;
            scope.spawn(move || {
                while let Some(chunk) = decode_next(source) {
                    // Nobody listens once the fold has failed.
                    if sender.send(chunk).is_err() {
                        return;
                    }
                    // An allocator is quickest where a thread gives back what it took.
                    spent.try_iter().for_each(drop::<Facts>);
                }
            });
            self.fold_decoded(&Helper { decoded, folded }, || decode_next(source))
        })
    }

    fn fold_decoded<E>(
        &mut self,
        helper: &Helper<E>,
        decode_next: impl Fn() -> Option<Numbered<E>>,
    ) -> Result<(), Interrupted<E>> {
        let mut waiting = BTreeMap::new();
        for next in 0.. {
            let (chunk, from) = loop {
                if let Some(chunk) = waiting.remove(&next) {
                    break chunk;
                }
                let here = || decode_next().map(|chunk| (chunk, Thread::Here));
                let come = match helper.decoded.try_recv() {
                    Ok(chunk) => Some((chunk, Thread::Helper)),
                    // A helper that hangs behind is waited for.
                    Err(_) if waiting.len() > AHEAD => helper.wait(),
                    Err(_) => here().or_else(|| helper.wait()),
                };
                let Some(((number, chunk), from)) = come else {
                    return Ok(());
                };
                waiting.insert(number, (chunk, from));
            };
            let mut facts = chunk.map_err(Interrupted::Read)?;
            self.fold_facts(&mut facts)?;
            if from == Thread::Helper {
                // It may have ended, and then they are dropped here.
                drop(helper.folded.send(facts));
            }
        }
        Ok(())
    }

    fn fold_facts(&mut self, facts: &mut Facts) -> Result<(), FoldError> {
        for fact in &*facts {
            match fact {
                Ok(fact) => self.fold(fact)?,
                Err(_) => break,
            }
        }
        let failed = facts.iter().position(Result::is_err);
        failed.map_or(Ok(()), |at| facts.swap_remove(at).map(drop))
    }
}

type Facts = Vec<Result<Fact, FoldError>>;
type Decoded<E> = Result<Facts, E>;
type Numbered<E> = (usize, Decoded<E>);

/// Who decoded a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thread {
    Here,
    Helper,
}

/// What comes from the second thread, and what goes back to it.
struct Helper<E> {
    decoded: Receiver<Numbered<E>>,
    folded: Sender<Facts>,
}

impl<E> Helper<E> {
    fn wait(&self) -> Option<(Numbered<E>, Thread)> {
        Some((self.decoded.recv().ok()?, Thread::Helper))
    }
}

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
