//! Where a ledger is: in a directory of this machine, or on NATS, as a configuration says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use socai_app::ledger::{FirstOperator, Founding, Ledger};
use socai_app::sealer::HeldKeys;
use socai_domain::origin::Origin;
use socai_store::{AppendError, EventStore, Identity};
use socai_store_segment::{OpenError, SegmentStore};
use uuid::Uuid;

use crate::config::Config;
use crate::new_key::NewKey;
use crate::{backup_dir, data_dir, log_keys, on_nats};

/// Where a ledger is.
pub(crate) enum Place {
    /// In a directory.
    Directory(PathBuf),
    /// On NATS.
    Nats(Box<Config>),
}

impl Place {
    /// What `path` means: a file called `….toml` is a configuration, everything else a directory.
    ///
    /// # Errors
    ///
    /// What is wrong with the configuration.
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        if path.extension().is_none_or(|extension| extension != "toml") || path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        Ok(Self::in_config(Config::load(path)?))
    }

    /// Where `config` says that the ledger is.
    pub(crate) fn in_config(config: Config) -> Self {
        match &config.ledger {
            Some(ledger) => Self::Directory(ledger.directory.clone()),
            None => Self::Nats(Box::new(config)),
        }
    }

    /// The file that its private log keys are made in: `named`, or where they are expected.
    ///
    /// # Errors
    ///
    /// Where nothing says where that is.
    pub(crate) fn log_key_file(&self, named: Option<&Path>) -> anyhow::Result<PathBuf> {
        match (named, self) {
            (Some(named), _) => Ok(named.to_owned()),
            (None, Self::Directory(dir)) => Ok(log_keys::file_in_directory(dir)),
            (None, Self::Nats(config)) => config.sealer.key.clone().context(
                "sealer.key names no file: say there, or with --key, where the private log key is kept",
            ),
        }
    }

    /// Where a process keeps what it notes of the ledger, besides the ledger itself.
    ///
    /// # Errors
    ///
    /// Where nothing says where that is.
    pub(crate) fn state(&self) -> anyhow::Result<&Path> {
        match self {
            Self::Directory(dir) => Ok(dir),
            Self::Nats(config) => {
                let state = config.serve.state.as_deref();
                state.context("serve.state is missing")
            }
        }
    }

    /// The private log keys that are at hand: those in `named`, or where they are expected.
    pub(crate) fn held_log_keys(&self, named: Option<&Path>) -> HeldKeys {
        match self {
            Self::Directory(dir) => log_keys::in_directory(dir, named),
            Self::Nats(config) => {
                let file = named.or(config.sealer.key.as_deref());
                file.map_or_else(log_keys::unnamed, log_keys::in_file)
            }
        }
    }

    /// Makes a new ledger, its first log key, and its first event, which names the key; with it the account of
    /// its first operator, where it gets one.
    ///
    /// # Errors
    ///
    /// Where there is one already, or it cannot be made.
    pub(crate) async fn create(
        &self,
        founding: &Founding,
        key: &NewKey,
        operator: Option<&FirstOperator>,
        origin: &Origin,
    ) -> anyhow::Result<Ledger> {
        let named = founding.origin.as_str();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !named.chars().all(plain) {
            bail!("--origin {named:?}: expected a-z, 0-9 and -, such as hanoi");
        }
        let identity = Identity::new(Uuid::now_v7(), named);
        let identity = identity.context("--origin: expected a short name")?;
        let founding = Founding {
            log_key: Some(key.as_named()?),
            ..founding.clone()
        };
        if !self.has_a_log() {
            // Refused before anything is made.
            key.check_free()?;
        }
        let store = self.create_empty(&identity).await?;
        key.keep()?;
        let found = Ledger::found_with(store, &founding, operator, origin).await;
        if let Err(error) = &found
            && !matches!(error, AppendError::Unknown(_))
        {
            key.discard();
        }
        Ok(found?)
    }

    /// Whether making a ledger here would find one, or may.
    fn has_a_log(&self) -> bool {
        match self {
            Self::Directory(dir) => !matches!(
                SegmentStore::open_read_only(dir),
                Err(OpenError::NoLedger { .. })
            ),
            Self::Nats(_) => true,
        }
    }

    /// Makes a store for the ledger called `identity`, without an event.
    ///
    /// # Errors
    ///
    /// Where one is there that has events.
    pub(crate) async fn create_empty(
        &self,
        identity: &Identity,
    ) -> anyhow::Result<Arc<dyn EventStore>> {
        match self {
            Self::Directory(dir) => {
                let made = std::fs::create_dir_all(dir);
                made.with_context(|| format!("cannot make {}", dir.display()))?;
                Ok(Arc::new(SegmentStore::create(dir, identity)?))
            }
            Self::Nats(config) => on_nats::create(config, identity).await,
        }
    }

    /// Opens the ledger for writing, or says that there is none.
    ///
    /// # Errors
    ///
    /// Where it is in use, damaged, or cannot be reached.
    pub(crate) async fn open_if_there(
        &self,
    ) -> anyhow::Result<Option<(Identity, Arc<dyn EventStore>)>> {
        match self {
            Self::Directory(dir) => {
                backup_dir::expect_none(dir)?;
                let store = match SegmentStore::open(dir) {
                    Err(OpenError::NoLedger { .. }) => return Ok(None),
                    opened => opened?,
                };
                data_dir::check_reached(dir, store.last_position())?;
                Ok(Some((store.identity().clone(), Arc::new(store))))
            }
            Self::Nats(config) => on_nats::open_if_there(config).await,
        }
    }

    /// Opens the ledger to look at it, whoever else writes into it.
    ///
    /// # Errors
    ///
    /// Where it is not there, damaged, or cannot be reached.
    pub(crate) async fn look(&self) -> anyhow::Result<(Identity, Arc<dyn EventStore>)> {
        match self {
            Self::Directory(dir) => {
                let store = data_dir::look_at_log(dir)?;
                Ok((store.identity().clone(), Arc::new(store)))
            }
            Self::Nats(config) => {
                let there = on_nats::look_if_there(config).await?;
                there.context("there is no ledger on those servers; socai init FILE.toml makes one")
            }
        }
    }
}
