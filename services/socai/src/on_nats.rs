//! A ledger on NATS, as a configuration names it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};
use socai_app::ledger::fold_until;
use socai_app::live::{ExecuteError, Live};
use socai_app::request::Request;
use socai_domain::command::Command;
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_store::{
    AppendError, CheckpointLog, EventStore, Identity, Position, ReadError, Register, RegisterError,
};
use socai_store_nats::blob::NatsBlobs;
use socai_store_nats::{
    ConnectError, Connection, NatsCheckpoints, NatsRegister, NatsStore, OpenError, Reached,
    Settings, connect,
};
use uuid::Uuid;

use crate::config::Config;
use crate::{origin, restoring};

/// How far the ledger was seen by a process that keeps its state here.
const REACHED: &str = "reached.json";

/// As [`Reached`], in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    position: u64,
    id: Uuid,
}

/// Makes the stream for the ledger called `identity`. One that is there, is the same ledger's and has no event yet
/// was left by an attempt that failed, and is taken.
///
/// # Errors
///
/// Where the stream is there, or cannot be made.
pub(crate) async fn create(
    config: &Config,
    identity: &Identity,
) -> anyhow::Result<Arc<dyn EventStore>> {
    let (connection, settings) = connected(config).await?;
    let store = made_or_opened(&connection, settings, identity).await?;
    let same = store.identity().origin() == identity.origin();
    if !same || store.head().await? > Position::ZERO {
        return Err(taken(settings, &store));
    }
    restoring::expect_whole(&connection, settings).await?;
    Ok(Arc::new(store))
}

/// Makes the stream that a restore fills with the ledger called `identity`, or opens what one that was cut off left.
///
/// # Errors
///
/// Where the stream is another ledger's, or can be neither made nor opened.
pub(crate) async fn to_restore_into(
    config: &Config,
    identity: &Identity,
) -> anyhow::Result<Arc<NatsStore>> {
    let (connection, settings) = connected(config).await?;
    let store = made_or_opened(&connection, settings, identity).await?;
    if store.identity() != identity {
        return Err(taken(settings, &store));
    }
    Ok(Arc::new(store))
}

async fn made_or_opened(
    connection: &Connection,
    settings: &Settings,
    identity: &Identity,
) -> Result<NatsStore, OpenError> {
    match NatsStore::create(connection, settings, identity).await {
        Err(OpenError::Exists { .. }) => NatsStore::open(connection, settings, None).await,
        made => made,
    }
}

fn taken(settings: &Settings, store: &NatsStore) -> anyhow::Error {
    let (stream, theirs) = (&settings.stream, store.identity().origin());
    anyhow!("stream {stream} holds the ledger of {theirs} already")
}

/// Opens the ledger for writing.
///
/// # Errors
///
/// [`OpenError`]; where `serve.state` says that the ledger was further once; where it is half a restore.
pub(crate) async fn open(config: &Config) -> anyhow::Result<NatsStore> {
    let (connection, settings) = connected(config).await?;
    let reached = config.serve.state.as_deref().map_or(Ok(None), reached)?;
    let store = NatsStore::open(&connection, settings, reached).await?;
    restoring::expect_whole(&connection, settings).await?;
    Ok(store)
}

/// Opens the ledger for writing, or says that there is none.
///
/// # Errors
///
/// As [`open`].
pub(crate) async fn open_if_there(
    config: &Config,
) -> anyhow::Result<Option<(Identity, Arc<dyn EventStore>)>> {
    found(open(config).await)
}

/// Opens the ledger to look at it, or says that there is none.
///
/// # Errors
///
/// As [`open`].
pub(crate) async fn look_if_there(
    config: &Config,
) -> anyhow::Result<Option<(Identity, Arc<dyn EventStore>)>> {
    let (connection, settings) = connected(config).await?;
    let opened = NatsStore::open_read_only(&connection, settings, None).await;
    let there = found(opened.map_err(anyhow::Error::from))?;
    // Whoever may only read the ledger may not ask for registers.
    if let Ok(left) = restoring::of(&connection, settings).await {
        restoring::expect_none(left, settings)?;
    }
    Ok(there)
}

fn found(
    opened: anyhow::Result<NatsStore>,
) -> anyhow::Result<Option<(Identity, Arc<dyn EventStore>)>> {
    match opened {
        Ok(store) => Ok(Some((store.identity().clone(), Arc::new(store)))),
        Err(error) => match error.downcast_ref::<OpenError>() {
            Some(OpenError::NoLedger { .. }) => Ok(None),
            _ => Err(error),
        },
    }
}

/// Opens the ledger and folds it, to record into it beside others.
///
/// # Errors
///
/// As [`open`], and where it cannot be folded.
pub(crate) async fn live(config: &Config) -> anyhow::Result<Live> {
    let store = Arc::new(open(config).await?);
    let image = fold_until(&*store, Image::new(), None).await?;
    live_on(&store, store.clone(), image).await
}

/// Follows the ledger on `nats`, over `store`, from where `image` stands. That servers do not sync is recorded first, where it is
/// accepted.
///
/// # Errors
///
/// Where that cannot be recorded, or the ledger is empty.
pub(crate) async fn live_on(
    nats: &NatsStore,
    store: Arc<dyn EventStore>,
    image: Image,
) -> anyhow::Result<Live> {
    let live = Live::start(store, image).await?;
    if !nats.unsynced().is_empty() {
        let (waiver, by) = waiver(nats.unsynced())?;
        live.execute(&waiver, &by).await?;
        tracing::warn!(servers = ?nats.unsynced(), "these do not sync what they acknowledge; the ledger says so");
    }
    Ok(live)
}

fn waiver(servers: &[String]) -> anyhow::Result<(Request, Origin)> {
    let by = origin::now(&AccountId::new("operator")?);
    let servers: Option<Vec<Line>> = servers
        .iter()
        .map(|server| Line::new(server).ok())
        .collect();
    let command = socai_domain::ledger::Command::WaiveDurability {
        reason: Line::new("nats.allow_unsynced")?,
        servers: servers.context("a server's name is not one line")?,
    };
    let request = Request {
        command: Command::Ledger(command),
        effective: by.today(),
        synthetic: false,
        id: None,
        actor: None,
    };
    Ok((request, by))
}

/// The register of the sealer, beside the ledger.
///
/// # Errors
///
/// Where it can be neither opened nor made.
pub(crate) async fn register(
    config: &Config,
    store: &NatsStore,
) -> anyhow::Result<Arc<dyn Register>> {
    let settings = settings(config)?;
    let register = NatsRegister::open(
        store.connection(),
        &registers(settings),
        "sealer",
        settings.replicas,
    )
    .await?;
    Ok(Arc::new(register))
}

/// The bucket of the ledger's registers.
pub(crate) fn registers(settings: &Settings) -> String {
    format!("{}-registers", settings.stream)
}

/// The log of checkpoints beside the ledger, to add to.
///
/// # Errors
///
/// Where it can be neither opened nor made.
pub(crate) async fn checkpoints(
    config: &Config,
    store: &NatsStore,
) -> anyhow::Result<Arc<dyn CheckpointLog>> {
    let log = NatsCheckpoints::open(store, settings(config)?).await?;
    Ok(Arc::new(log))
}

/// The log of checkpoints, to read; `None` where nothing was ever sealed.
///
/// # Errors
///
/// Where it, or the ledger, cannot be opened.
pub(crate) async fn look_at_checkpoints(
    config: &Config,
) -> anyhow::Result<Option<Arc<dyn CheckpointLog>>> {
    let (connection, settings) = connected(config).await?;
    let store = NatsStore::open_read_only(&connection, settings, None).await?;
    let log = NatsCheckpoints::open_read_only(&store, settings).await?;
    Ok(log.map(|log| Arc::new(log) as Arc<dyn CheckpointLog>))
}

/// The bytes of attachments, beside the ledger.
///
/// # Errors
///
/// Where the bucket can be neither opened nor made.
pub(crate) async fn blobs(config: &Config) -> anyhow::Result<NatsBlobs> {
    let (connection, settings) = connected(config).await?;
    let bucket = format!("{}-attachments", settings.stream);
    let context = connection.jetstream().clone();
    Ok(NatsBlobs::open(context, &bucket, settings.replicas).await?)
}

/// Whether waiting may help: servers are away, or have no leader.
pub(crate) fn is_passing(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let opened = cause.downcast_ref::<OpenError>().is_some_and(|error| {
            matches!(
                error,
                OpenError::Connect(ConnectError::Unreachable { .. }) | OpenError::Unavailable(_)
            )
        });
        let read = matches!(
            cause.downcast_ref::<ReadError>(),
            Some(ReadError::Unavailable(_))
        );
        let executed = matches!(
            cause.downcast_ref::<ExecuteError>(),
            Some(
                ExecuteError::Contended
                    | ExecuteError::Read(ReadError::Unavailable(_))
                    | ExecuteError::Append(AppendError::Unavailable(_) | AppendError::Unknown(_))
            )
        );
        opened || read || executed || cause.is::<RegisterError>()
    })
}

fn settings(config: &Config) -> anyhow::Result<&Settings> {
    config.nats.as_ref().context("[nats] is missing")
}

/// Connects to the servers that `config` names.
///
/// # Errors
///
/// Where they are not there, or do not let this process in.
pub(crate) async fn connected(config: &Config) -> anyhow::Result<(Connection, &Settings)> {
    let settings = settings(config)?;
    let connection = connect(settings).await.map_err(OpenError::from)?;
    Ok((connection, settings))
}

/// What a process that kept its state in `state` had seen.
fn reached(state: &Path) -> anyhow::Result<Option<Reached>> {
    let path = state.join(REACHED);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let seen: Seen = serde_json::from_slice(&text).with_context(|| {
        format!(
            "{} does not read; delete it if that is meant",
            path.display()
        )
    })?;
    Ok(Some(Reached {
        position: Position(seen.position),
        id: seen.id,
    }))
}

/// Notes how far the ledger has come.
///
/// # Errors
///
/// Where the directory cannot be written.
pub(crate) fn note_reached(state: &Path, store: &NatsStore) -> std::io::Result<()> {
    let Some(reached) = store.reached() else {
        return Ok(());
    };
    let seen = Seen {
        position: reached.position.0,
        id: reached.id,
    };
    std::fs::create_dir_all(state)?;
    let draft = state.join("reached.draft");
    let mut file = std::fs::File::create(&draft)?;
    serde_json::to_writer(&mut file, &seen)?;
    file.flush()?;
    file.sync_all()?;
    std::fs::rename(&draft, state.join(REACHED))
}
