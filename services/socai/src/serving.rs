//! What a serving process has open: the store, the live image where a role needs it, the sealer's register,
//! and what it keeps so that its next start is quick and a ledger that was rolled back is known.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use socai_app::ledger::fold_until;
use socai_app::live::Live;
use socai_app::role::{Report, State};
use socai_app::snapshots::{Snapshots, WORTH_EVENTS};
use socai_ledger::image::Image;
use socai_store::{EventStore, Position, Register};
use socai_store_nats::{NatsStore, OpenError};
use socai_store_segment::DirectoryRegister;

use crate::config::{Config, RoleName};
use crate::place::Place;
use crate::stop::Stop;
use crate::{data_dir, on_nats};

/// How long a process waits before it asks again for servers that are not there.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often is noted how far the ledger has come.
const NOTED_EVERY: Duration = Duration::from_secs(5);

/// What a serving process has open.
pub(crate) struct Serving {
    store: Arc<dyn EventStore>,
    register: Arc<dyn Register>,
    live: Option<Arc<Live>>,
    kept: Position,
    keeps: Keeps,
}

/// Where notes and snapshots go.
#[derive(Clone)]
enum Keeps {
    InLedger(PathBuf),
    InState(PathBuf, Arc<NatsStore>),
}

impl Serving {
    /// Opens what the roles of `config` need. Servers that are not there are waited for, and the reports
    /// say so.
    ///
    /// # Errors
    ///
    /// What only a person can mend.
    pub(crate) async fn open(config: &Config, reports: &[Report]) -> anyhow::Result<Self> {
        let needs_image = |role| matches!(role, &RoleName::Api | &RoleName::Watcher);
        let needs_image = config.serve.roles.iter().any(needs_image);
        match Place::in_config(config.clone()) {
            Place::Directory(dir) => {
                let (ledger, kept) = data_dir::open(&dir)?;
                let store = Arc::clone(ledger.store());
                let register = Arc::new(DirectoryRegister::new(&dir, "sealer"));
                let live = if needs_image {
                    Some(Arc::new(
                        Live::start(store.clone(), ledger.into_image()).await?,
                    ))
                } else {
                    None
                };
                let keeps = Keeps::InLedger(dir);
                Ok(Self {
                    store,
                    register,
                    live,
                    kept,
                    keeps,
                })
            }
            Place::Nats(config) => {
                let nats = reach(&config, reports).await?;
                let store: Arc<dyn EventStore> = nats.clone();
                let register = on_nats::register(&config, &nats).await?;
                let state = config
                    .serve
                    .state
                    .clone()
                    .context("serve.state is missing")?;
                let snapshot = Snapshots::of(&state).latest(Some(store.head().await?));
                let snapshot = snapshot.unwrap_or_default();
                let kept = snapshot.position();
                let live = if needs_image {
                    let image = fold_until(&*store, snapshot, None).await?;
                    Some(Arc::new(on_nats::live_on(&nats, image).await?))
                } else {
                    None
                };
                let keeps = Keeps::InState(state, nats);
                Ok(Self {
                    store,
                    register,
                    live,
                    kept,
                    keeps,
                })
            }
        }
    }

    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        self.store.clone()
    }

    pub(crate) fn register(&self) -> Arc<dyn Register> {
        self.register.clone()
    }

    /// The live image.
    ///
    /// # Errors
    ///
    /// Where no role of this process was said to need it.
    pub(crate) fn live(&self) -> anyhow::Result<Arc<Live>> {
        self.live
            .clone()
            .context("no role of this process keeps the image")
    }

    /// Notes every now and then how far the ledger has come.
    pub(crate) fn keeping(&self, mut stop: Stop) -> impl Future<Output = ()> + Send + use<> {
        let keeps = self.keeps.clone();
        async move {
            while !stop.asked_within(NOTED_EVERY).await {
                keeps.note();
            }
        }
    }

    /// Ends the work: notes how far the ledger came, and keeps a snapshot where one is worth it.
    pub(crate) fn close(self) {
        let image = self.live.as_ref().map(|live| live.image());
        match &self.keeps {
            Keeps::InLedger(dir) => {
                if let Some(image) = &image {
                    data_dir::close(dir, image, self.kept);
                }
            }
            Keeps::InState(state, _) => {
                self.keeps.note();
                let worth = |image: &&Image| image.position().0 >= self.kept.0 + WORTH_EVENTS;
                let kept = image
                    .as_deref()
                    .filter(worth)
                    .map(|image| Snapshots::of(state).keep(image));
                if let Some(Err(error)) = kept {
                    tracing::warn!(%error, "the next start will take longer; the ledger is complete");
                }
            }
        }
    }
}

impl Keeps {
    fn note(&self) {
        let Self::InState(state, nats) = self else {
            return;
        };
        if let Err(error) = on_nats::note_reached(state, nats) {
            tracing::warn!(%error, "how far the ledger came could not be noted in serve.state");
        }
    }
}

/// Opens the ledger, and waits for servers that are not there.
async fn reach(config: &Config, reports: &[Report]) -> anyhow::Result<Arc<NatsStore>> {
    loop {
        let error = match on_nats::open(config).await {
            Ok(store) => return Ok(Arc::new(store)),
            Err(error) => error,
        };
        let passing = error
            .downcast_ref::<OpenError>()
            .is_some_and(on_nats::is_passing);
        if !passing {
            return Err(error);
        }
        for report in reports {
            let reason = format!("{error:#}");
            report.is(State::Trying { reason });
        }
        tokio::time::sleep(ASKED_AGAIN_AFTER).await;
    }
}
