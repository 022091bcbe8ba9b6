//! A ledger opened to record into: alone, where it is in a directory, or beside others, on NATS.
//!
//! Whoever records alone seals as well, beside the recording. On NATS a process with that role does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use socai_app::leaves::leaves_of;
use socai_app::ledger::{AllOrNothingError, Batch, Ledger, LoadError, Outcome, Rehearsal};
use socai_app::live::{ExecuteError, Live};
use socai_app::records::{RecordError, Records};
use socai_app::request::Request;
use socai_app::sealing::Beside;
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_store::{AppendError, EventStore, Position};
use socai_tlog::Hash;

use crate::arguments::LogKey;
use crate::place::Place;
use crate::{data_dir, on_nats, sealing};

/// How often all or nothing is tried again because others wrote first.
const ATTEMPTS_MAX: usize = 16;

/// A ledger opened to record into.
pub(crate) enum Recorder {
    /// Nobody else writes. Commands are decided ahead of the log, and share appends.
    Alone {
        ledger: Box<Ledger>,
        dir: PathBuf,
        /// Where its snapshot stands.
        kept: Position,
        /// The file of the private log keys, where it is not in the directory.
        key: Option<PathBuf>,
        /// What seals, since something was to be recorded.
        sealing: Option<Beside>,
    },
    /// Others write as well. Each command is recorded before the next is decided.
    Beside {
        live: Box<Live>,
        place: Place,
        /// What rehearsals are decided on.
        scratch: Option<Box<Ledger>>,
    },
}

impl Recorder {
    /// Opens the ledger at `path`.
    ///
    /// # Errors
    ///
    /// Where it is not there, in use, damaged, or cannot be reached.
    pub(crate) async fn open(path: &Path, key: &LogKey) -> anyhow::Result<Self> {
        match Place::of(path)? {
            Place::Directory(dir) => {
                let (ledger, kept) = data_dir::open(&dir)?;
                let ledger = Box::new(ledger);
                let key = key.file.clone();
                Ok(Self::Alone {
                    ledger,
                    dir,
                    kept,
                    key,
                    sealing: None,
                })
            }
            Place::Nats(config) => {
                let live = Box::new(on_nats::live(&config).await?);
                let scratch = None;
                Ok(Self::Beside {
                    live,
                    place: Place::Nats(config),
                    scratch,
                })
            }
        }
    }

    /// The ledger's store.
    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        match self {
            Self::Alone { ledger, .. } => Arc::clone(ledger.store()),
            Self::Beside { live, .. } => Arc::clone(live.store()),
        }
    }

    /// What `look` sees in the image.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Image) -> T) -> T {
        match self {
            Self::Alone { ledger, .. } => look(ledger.image()),
            Self::Beside { live, .. } => look(&live.image()),
        }
    }

    /// Lets a sealer work beside what is recorded from here on. Where it cannot, [`close`](Self::close) says so.
    pub(crate) fn seal_beside(&mut self) {
        let _ = self.begin_sealing();
    }

    fn begin_sealing(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Alone { sealing, .. } if sealing.is_some() => Ok(()),
            Self::Alone {
                ledger,
                dir,
                key,
                sealing,
                ..
            } => {
                let store = Arc::clone(ledger.store());
                *sealing = Some(sealing::beside(dir, store, key.as_deref())?);
                Ok(())
            }
            Self::Beside { .. } => Ok(()),
        }
    }

    /// Records commands, in order, each decided against everything before it.
    ///
    /// # Errors
    ///
    /// [`LoadError`] where nothing more can be said.
    pub(crate) async fn record(&mut self, asked: &[(Request, Origin)]) -> Result<Batch, LoadError> {
        match self {
            Self::Alone { ledger, .. } => ledger.record(asked).await,
            Self::Beside { live, .. } => Ok(one_by_one(live, asked).await),
        }
    }

    /// Decides commands as if those before had been recorded, and records none.
    ///
    /// # Errors
    ///
    /// Where the ledger cannot be read.
    pub(crate) async fn rehearse(
        &mut self,
        asked: &[(Request, Origin)],
    ) -> Result<Rehearsal, LoadError> {
        match self {
            Self::Alone { ledger, .. } => Ok(ledger.rehearse(asked)),
            Self::Beside { live, scratch, .. } => {
                if scratch.is_none() {
                    let store = Arc::clone(live.store());
                    *scratch = Some(Box::new(Ledger::load(store).await?));
                }
                let scratch = scratch.as_mut().expect("it was just made");
                Ok(scratch.rehearse(asked))
            }
        }
    }

    /// The leaf hashes of what was recorded, by position; none where the ledger does not say now.
    pub(crate) async fn leaves(&self, outcomes: &[Outcome]) -> BTreeMap<Position, Hash> {
        let store = match self {
            Self::Alone { ledger, .. } => ledger.store(),
            Self::Beside { live, .. } => live.store(),
        };
        // It is recorded all the same, and a receipt may be asked for later.
        leaves_of(&**store, outcomes).await.unwrap_or_default()
    }

    /// Records every command in one append, or none.
    ///
    /// # Errors
    ///
    /// As [`Ledger::record_all_or_nothing`].
    pub(crate) async fn record_all_or_nothing(
        &mut self,
        asked: &[(Request, Origin)],
    ) -> Result<Vec<Outcome>, AllOrNothingError> {
        match self {
            Self::Alone { ledger, .. } => ledger.record_all_or_nothing(asked).await,
            Self::Beside { live, .. } => {
                let mut attempt = 1;
                loop {
                    let mut ledger = Ledger::load(Arc::clone(live.store())).await?;
                    match ledger.record_all_or_nothing(asked).await {
                        Err(AllOrNothingError::Append(AppendError::Conflict { .. }))
                            if attempt < ATTEMPTS_MAX =>
                        {
                            attempt += 1;
                        }
                        answer => return answer,
                    }
                }
            }
        }
    }

    /// Ends the work: seals what was recorded.
    ///
    /// # Errors
    ///
    /// Where sealing is refused. What was recorded stays recorded.
    pub(crate) async fn close(mut self) -> anyhow::Result<()> {
        let begun = self.begin_sealing();
        match self {
            Self::Alone {
                ledger,
                dir,
                kept,
                sealing,
                ..
            } => {
                data_dir::close(&dir, ledger.image(), kept);
                begun.context("recorded, not sealed")?;
                match sealing {
                    Some(sealing) => sealing::finish(sealing).await,
                    None => Ok(()),
                }
            }
            Self::Beside { .. } => Ok(()),
        }
    }
}

#[async_trait]
impl Records for Recorder {
    async fn one(&mut self, request: Request, origin: &Origin) -> Result<Outcome, RecordError> {
        match self {
            Self::Alone { ledger, .. } => ledger.one(request, origin).await,
            Self::Beside { live, .. } => (&**live).one(request, origin).await,
        }
    }

    fn look(&self, see: &mut dyn FnMut(&Image)) {
        self.look(see);
    }
}

/// What came after trouble is not tried: it may rest on what was not recorded.
async fn one_by_one(live: &Live, asked: &[(Request, Origin)]) -> Batch {
    let mut batch = Batch::default();
    for (request, origin) in asked {
        if batch.trouble.is_some() {
            batch.outcomes.push(Outcome::Failed);
            continue;
        }
        match live.execute(request, origin).await {
            Ok(outcome) => batch.outcomes.push(outcome),
            Err(error) => {
                let unknown = matches!(error, ExecuteError::Append(AppendError::Unknown(_)));
                batch.outcomes.push(if unknown {
                    Outcome::Unknown
                } else {
                    Outcome::Failed
                });
                batch.trouble = Some(match error {
                    ExecuteError::Append(error) => error,
                    other => AppendError::Unavailable(other.into()),
                });
            }
        }
    }
    batch
}
