//! A fold over two threads: one reads records, the other folds what was read.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use socai_store::Recorded;

use crate::fact::Fact;
use crate::image::{FoldError, Image};

/// Chunks that are read ahead of the fold, at most.
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
    /// Folds chunks of records, one after another, decoding on a second thread.
    ///
    /// # Errors
    ///
    /// [`Interrupted`], at the first chunk or record that fails.
    pub fn fold_all<E: Send>(
        &mut self,
        chunks: impl Iterator<Item = Result<Vec<Recorded>, E>> + Send,
    ) -> Result<(), Interrupted<E>> {
        thread::scope(|scope| {
            let (sender, receiver) = sync_channel(AHEAD);
            scope.spawn(move || {
                for chunk in chunks {
                    let decoded = chunk.map(|records| records.iter().map(Fact::decode).collect());
                    let last = decoded.is_err();
                    if sender.send(decoded).is_err() || last {
                        return;
                    }
                }
            });
            self.fold_decoded(&receiver)
        })
    }

    fn fold_decoded<E>(&mut self, decoded: &Receiver<Decoded<E>>) -> Result<(), Interrupted<E>> {
        for chunk in decoded {
            for fact in chunk.map_err(Interrupted::Read)? {
                self.fold(&fact?)?;
            }
        }
        Ok(())
    }
}

type Decoded<E> = Result<Vec<Result<Fact, FoldError>>, E>;
