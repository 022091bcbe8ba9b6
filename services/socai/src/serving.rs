//! What a serving process has open: the store, the live image where a role needs it, what sealing needs, and
//! what it keeps so that its next start is quick and a ledger that was rolled back is known.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use socai_app::audit::AtRest;
use socai_app::ledger::fold_until;
use socai_app::live::Live;
use socai_app::role::{Report, State};
use socai_app::snapshots::{Snapshots, WORTH_EVENTS};
use socai_app::tree::Sources;
use socai_ledger::image::Image;
use socai_metrics::machine::Directories;
use socai_metrics::timed::Timed;
use socai_metrics::{Appends, Noted};
use socai_store::{CheckpointLog, EventStore, Position};
use socai_store_nats::NatsStore;
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryTiles};

use crate::config::{Config, RoleName};
use crate::place::Place;
use crate::sealing::Sealing;
use crate::stop::Stop;
use crate::{at_rest, data_dir, on_nats};

/// How long a process waits before it asks again for servers that are not there.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often is noted how far the ledger has come.
const NOTED_EVERY: Duration = Duration::from_secs(5);

/// What a serving process has open.
pub(crate) struct Serving {
    store: Arc<dyn EventStore>,
    sealing: Option<Sealing>,
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

/// Attempts until it succeeds. What passes by itself (servers that are not there, or choose a leader) is waited for, and
/// the reports say so.
///
/// # Errors
///
/// What only a person can mend.
pub(crate) async fn patiently<T>(
    reports: &[Report],
    attempt: impl AsyncFn() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    loop {
        let error = match attempt().await {
            Ok(done) => return Ok(done),
            Err(error) if !on_nats::is_passing(&error) => return Err(error),
            Err(error) => error,
        };
        for report in reports {
            let reason = format!("{error:#}");
            report.is(State::Trying { reason });
        }
        tokio::time::sleep(ASKED_AGAIN_AFTER).await;
    }
}

impl Serving {
    /// Opens what the roles of `config` need.
    ///
    /// # Errors
    ///
    /// What only a person can mend.
    pub(crate) async fn open(
        config: &Config,
        reports: &[Report],
        appends: &Appends,
    ) -> anyhow::Result<Self> {
        patiently(reports, async || Self::open_now(config, appends).await).await
    }

    async fn open_now(config: &Config, appends: &Appends) -> anyhow::Result<Self> {
        match Place::in_config(config.clone()) {
            Place::Directory(dir) => Self::in_directory(dir, config, appends).await,
            Place::Nats(config) => Self::on_nats(&config, appends).await,
        }
    }

    async fn in_directory(
        dir: PathBuf,
        config: &Config,
        appends: &Appends,
    ) -> anyhow::Result<Self> {
        let (ledger, kept) = data_dir::open(&dir)?;
        let store = timed(ledger.store().clone(), appends);
        let sealing = if seals(config) {
            let key = config.sealer.key.as_deref();
            Some(Sealing::in_directory(&dir, store.clone(), key)?)
        } else {
            None
        };
        let live = if need_image(&config.serve.roles) {
            let live = Live::start(store.clone(), ledger.into_image()).await?;
            Some(Arc::new(live))
        } else {
            None
        };
        Ok(Self {
            store,
            sealing,
            live,
            kept,
            keeps: Keeps::InLedger(dir),
        })
    }

    async fn on_nats(config: &Config, appends: &Appends) -> anyhow::Result<Self> {
        let nats = Arc::new(on_nats::open(config).await?);
        let store = timed(nats.clone(), appends);
        let state = config.serve.state.clone();
        let state = state.context("serve.state is missing")?;
        let snapshot = Snapshots::of(&state).latest(Some(store.head().await?));
        let snapshot = snapshot.unwrap_or_default();
        let kept = snapshot.position();
        let live = if need_image(&config.serve.roles) {
            let image = fold_until(&*store, snapshot, None).await?;
            let live = on_nats::live_on(&nats, store.clone(), image).await?;
            Some(Arc::new(live))
        } else {
            None
        };
        let sealing = if seals(config) {
            Some(Sealing::on_nats(config, &nats).await?)
        } else {
            None
        };
        Ok(Self {
            sealing,
            store,
            live,
            kept,
            keeps: Keeps::InState(state, nats),
        })
    }

    pub(crate) fn store(&self) -> Arc<dyn EventStore> {
        self.store.clone()
    }

    /// What sealing needs.
    ///
    /// # Errors
    ///
    /// Where this process was not said to seal.
    pub(crate) fn sealing(&self) -> anyhow::Result<Sealing> {
        self.sealing.clone().context("this process does not seal")
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

    /// Where images of the ledger are kept.
    pub(crate) fn snapshots(&self) -> Snapshots {
        Snapshots::of(self.folder())
    }

    /// The folder that this process keeps things in.
    pub(crate) fn folder(&self) -> &Path {
        match &self.keeps {
            Keeps::InLedger(dir) | Keeps::InState(dir, _) => dir,
        }
    }

    /// What proofs are made from: of the sealer, where this process seals.
    ///
    /// # Errors
    ///
    /// Where the checkpoints are damaged, or cannot be reached.
    pub(crate) async fn sources(&self, config: &Config) -> anyhow::Result<Sources> {
        let checkpoints: Arc<dyn CheckpointLog> = match (&self.sealing, &self.keeps) {
            (Some(sealing), _) => sealing.ports.checkpoints.clone(),
            (None, Keeps::InLedger(dir)) => Arc::new(DirectoryCheckpoints::open_read_only(dir)?),
            (None, Keeps::InState(_, nats)) => on_nats::checkpoints(config, nats).await?,
        };
        Ok(Sources {
            store: self.store(),
            tiles: Arc::new(DirectoryTiles::new(self.folder())),
            checkpoints,
        })
    }

    /// The ledger as it is kept, to be read again.
    pub(crate) fn at_rest(&self, checkpoints: Arc<dyn CheckpointLog>) -> Arc<dyn AtRest> {
        match &self.keeps {
            Keeps::InLedger(dir) => at_rest::in_directory(dir),
            Keeps::InState(state, _) => {
                at_rest::on_servers(self.store(), Some(checkpoints), Some(state))
            }
        }
    }

    /// Notes every now and then how far the ledger has come, and tells the reports whether it answers.
    pub(crate) fn keeping(
        &self,
        reports: Vec<Report>,
        noted: Arc<Noted>,
        mut stop: Stop,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (keeps, store) = (self.keeps.clone(), self.store.clone());
        async move {
            while !stop.asked_within(NOTED_EVERY).await {
                keeps.note();
                if let Some(bytes) = keeps.log_bytes().await {
                    noted.store_has(bytes);
                }
                let silence = match store.head().await {
                    Ok(head) => {
                        noted.ledger_ends_at(head.0);
                        None
                    }
                    Err(error) => Some(format!("{:#}", anyhow::anyhow!(error))),
                };
                for report in &reports {
                    report.ledger_is_silent(silence.as_deref());
                }
            }
        }
    }

    /// What this process keeps on disks.
    pub(crate) fn directories(&self) -> Directories {
        self.keeps.directories()
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

fn timed(store: Arc<dyn EventStore>, appends: &Appends) -> Arc<dyn EventStore> {
    Arc::new(Timed::new(store, appends.clone()))
}

fn seals(config: &Config) -> bool {
    config.serve.roles.contains(&RoleName::Sealer)
}

fn need_image(roles: &[RoleName]) -> bool {
    let needs = |role: &RoleName| match role {
        RoleName::Api | RoleName::Watcher => true,
        RoleName::Projector | RoleName::Sealer => false,
    };
    roles.iter().any(needs)
}

impl Keeps {
    fn directories(&self) -> Directories {
        match self {
            Self::InLedger(dir) => {
                Directories::of_ledger(dir, socai_store_segment::log_folder(dir))
            }
            Self::InState(state, _) => Directories::of_state(state),
        }
    }

    /// Bytes of the ledger's records, as they are kept.
    async fn log_bytes(&self) -> Option<u64> {
        match self {
            Self::InLedger(_) => self.directories().log_bytes(),
            Self::InState(_, nats) => nats.bytes().await,
        }
    }

    fn note(&self) {
        let Self::InState(state, nats) = self else {
            return;
        };
        if let Err(error) = on_nats::note_reached(state, nats) {
            tracing::warn!(%error, "how far the ledger came could not be noted in serve.state");
        }
    }
}
