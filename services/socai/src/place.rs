//! Where a ledger is: in a directory of this machine, or on NATS, as a configuration says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use socai_app::ledger::{Founding, Ledger};
use socai_domain::origin::Origin;
use socai_store::{EventStore, Identity};
use socai_store_segment::{OpenError, SegmentStore};
use uuid::Uuid;

use crate::config::Config;
use crate::{data_dir, on_nats};

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

    /// Makes a new ledger, and its first event.
    ///
    /// # Errors
    ///
    /// Where there is one already, or it cannot be made.
    pub(crate) async fn create(
        &self,
        founding: &Founding,
        origin: &Origin,
    ) -> anyhow::Result<Ledger> {
        let named = founding.origin.as_str();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !named.chars().all(plain) {
            bail!("--origin {named:?}: expected a-z, 0-9 and -, such as hanoi");
        }
        let identity = Identity::new(Uuid::now_v7(), named);
        let identity = identity.context("--origin: expected a short name")?;
        let store = self.create_empty(&identity).await?;
        Ok(Ledger::found(store, founding, origin).await?)
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
