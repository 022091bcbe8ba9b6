//! Where a ledger's checkpoints and tiles are, and sealing what a command recorded.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use jiff::SignedDuration;
use socai_app::sealer::{Place as Turn, Ports, SealError, Sealer};
use socai_app::sealing::Beside;
use socai_store::{CheckpointLog, EventStore, Register, TileStore};
use socai_store_nats::NatsStore;
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryMarks, DirectoryTiles};

use crate::config::Config;
use crate::place::Place;
use crate::{log_keys, on_nats};

/// What sealing a ledger needs.
#[derive(Clone)]
pub(crate) struct Sealing {
    pub(crate) ports: Ports,
    /// Who may try, where several processes may have the ledger open.
    register: Option<Arc<dyn Register>>,
}

impl Sealing {
    /// Of the ledger in `dir`, which this process has open for writing.
    ///
    /// # Errors
    ///
    /// Where its checkpoints are damaged.
    pub(crate) fn in_directory(
        dir: &Path,
        store: Arc<dyn EventStore>,
        key: Option<&Path>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            ports: Ports {
                store,
                tiles: Arc::new(DirectoryTiles::new(dir)),
                checkpoints: Arc::new(DirectoryCheckpoints::open(dir)?),
                marks: Arc::new(DirectoryMarks::new(dir)),
                keys: log_keys::in_directory(dir, key),
            },
            register: None,
        })
    }

    /// Of the ledger on NATS that `config` names.
    ///
    /// # Errors
    ///
    /// Where its register or its checkpoints can be neither opened nor made.
    pub(crate) async fn on_nats(config: &Config, store: &Arc<NatsStore>) -> anyhow::Result<Self> {
        let state = config.serve.state.as_deref();
        let state = state.context("serve.state is missing")?;
        let key = config.sealer.key.as_deref();
        Ok(Self {
            register: Some(on_nats::register(config, store).await?),
            ports: Ports {
                checkpoints: on_nats::checkpoints(config, store).await?,
                tiles: Arc::new(DirectoryTiles::new(state)),
                marks: Arc::new(DirectoryMarks::new(state)),
                keys: key.map_or_else(log_keys::unnamed, log_keys::in_file),
                store: store.clone(),
            },
        })
    }

    /// A sealer: one of several called `name` that keep the place for `term`, or the only one.
    pub(crate) fn sealer(&self, name: &str, term: SignedDuration) -> Sealer {
        match &self.register {
            None => Sealer::alone(self.ports.clone()),
            Some(register) => {
                let turn = Turn::new(register.clone(), name, term);
                Sealer::in_turn(self.ports.clone(), turn)
            }
        }
    }

    /// Keeps the alarm that a witness raised: nothing is signed from here on until a person has removed it.
    pub(crate) async fn raise(&self, sentence: &str) {
        if let Err(error) = self.ports.marks.raise(sentence).await {
            let error = format!("{:#}", anyhow!(error));
            tracing::error!(error, sentence, "the alarm could not be kept");
        }
    }
}

/// What a ledger says of which nothing is signed yet.
pub(crate) const NEVER_SEALED: &str = "nothing was ever sealed here; socai seal, or a process that serves as sealer, signs what is recorded";

/// The tiles of the ledger at `place`, as far as this machine has them.
///
/// # Errors
///
/// Where nothing says where they are.
pub(crate) fn tiles_of(place: &Place) -> anyhow::Result<Arc<dyn TileStore>> {
    match place {
        Place::Directory(dir) => Ok(Arc::new(DirectoryTiles::new(dir))),
        Place::Nats(config) => tiles_on_this_machine(config),
    }
}

/// The checkpoints of the ledger at `place`, to read; `None` where nothing was ever sealed.
///
/// # Errors
///
/// Where they are damaged, or cannot be reached.
pub(crate) async fn checkpoints_of(
    place: &Place,
) -> anyhow::Result<Option<Arc<dyn CheckpointLog>>> {
    match place {
        Place::Directory(dir) => Ok(Some(Arc::new(DirectoryCheckpoints::open_read_only(dir)?))),
        Place::Nats(config) => on_nats::look_at_checkpoints(config).await,
    }
}

/// The checkpoints of the ledger at `place`, to read.
///
/// # Errors
///
/// As [`checkpoints_of`], and where nothing was ever sealed.
pub(crate) async fn checkpoints_there(place: &Place) -> anyhow::Result<Arc<dyn CheckpointLog>> {
    checkpoints_of(place).await?.context(NEVER_SEALED)
}

/// The checkpoints of the ledger at `place`, which this process has open for writing, to add to.
///
/// # Errors
///
/// As [`checkpoints_of`].
pub(crate) async fn checkpoints_to_add_to(place: &Place) -> anyhow::Result<Arc<dyn CheckpointLog>> {
    match place {
        Place::Directory(dir) => Ok(Arc::new(DirectoryCheckpoints::open(dir)?)),
        Place::Nats(config) => {
            let store = on_nats::open(config).await?;
            on_nats::checkpoints(config, &store).await
        }
    }
}

/// The tiles that this machine has of the ledger on NATS that `config` names; there may be none.
///
/// # Errors
///
/// Where `serve.state` is missing.
pub(crate) fn tiles_on_this_machine(config: &Config) -> anyhow::Result<Arc<dyn TileStore>> {
    let state = config.serve.state.as_deref();
    let state = state.context("serve.state is missing")?;
    Ok(Arc::new(DirectoryTiles::new(state)))
}

/// Where the sealer of the ledger at `place` looks for its private keys, if it finds none there.
///
/// # Errors
///
/// Where one that is there cannot be read.
pub(crate) fn missing_key(place: &Place, key: Option<&Path>) -> anyhow::Result<Option<String>> {
    let keys = match place {
        Place::Directory(dir) => log_keys::in_directory(dir, key),
        Place::Nats(config) => config
            .sealer
            .key
            .as_deref()
            .map_or_else(log_keys::unnamed, log_keys::in_file),
    };
    let held = keys()?;
    Ok(held.keys.is_empty().then_some(held.looked))
}

/// Lets a sealer work beside whoever records into the ledger in `dir`.
///
/// # Errors
///
/// As [`Sealing::in_directory`].
pub(crate) fn beside(
    dir: &Path,
    store: Arc<dyn EventStore>,
    key: Option<&Path>,
) -> anyhow::Result<Beside> {
    let sealing = Sealing::in_directory(dir, store, key)?;
    Ok(Beside::start(Sealer::alone(sealing.ports)))
}

/// Seals what was recorded. Where that has to wait, for a key or for room, it is said.
///
/// # Errors
///
/// Where sealing is refused: a person has to look.
pub(crate) async fn finish(beside: Beside) -> anyhow::Result<()> {
    match beside.finish().await {
        Ok(_) => Ok(()),
        Err(error) if error.is_passing() || matches!(error, SealError::BadPrivateKey(_)) => {
            eprintln!("socai: recorded, not sealed: {:#}", anyhow!(error));
            Ok(())
        }
        Err(error) => Err(anyhow!(error).context("recorded, not sealed")),
    }
}
