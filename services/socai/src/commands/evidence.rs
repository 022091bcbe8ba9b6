//! `socai evidence`: records handed out, with the proof that nothing of them was altered or left out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use jiff::Timestamp;
use socai_app::cosigning::{Answer, CosignError};
use socai_app::evidence::Top;
use socai_app::sealer::{Sealed, Sealer};
use socai_app::sealing::{Ended, to_the_end};
use socai_app::tree::Sources;
use socai_domain::id::EvidenceId;
use socai_operations::known_at::KnownAt;
use socai_operations::works::evidence::{self, Told};
use uuid::Uuid;

use crate::arguments::Evidence;
use crate::config::Config;
use crate::named::plainly;
use crate::recorder::Recorder;
use crate::sealing::{self, Sealing};
use crate::{data_dir, origin, progress, witnesses};

mod show;

pub(crate) async fn run(asked: &Evidence) -> anyhow::Result<ExitCode> {
    let folder = folder_for(&asked.out)?;
    let mut recorder = Recorder::open(&asked.data.dir, &asked.key).await?;
    let announced = match &asked.evidence.export {
        Some(id) => again(asked, id).await?,
        None => record(&mut recorder, asked).await?,
    };
    let (sources, top) = sealed(&recorder, asked, &announced).await?;
    let out = asked.out.display().to_string();
    let bundle = evidence::bundle(&sources, announced, &top, &out).await;
    let bundle = bundle.map_err(plainly)?;
    put(&folder, &asked.out, &bundle.zip)?;
    show::show(asked.shown.format, &bundle.written)?;
    recorder.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The folder that `out` goes into, where nothing of that name is there yet.
fn folder_for(out: &Path) -> anyhow::Result<PathBuf> {
    if out.exists() {
        bail!("--out {}: it is there already", out.display());
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        bail!(
            "--out {}: there is no folder {}",
            out.display(),
            folder.display()
        );
    }
    Ok(folder.to_owned())
}

/// Selects, seals the heads, and records the export.
async fn record(recorder: &mut Recorder, asked: &Evidence) -> anyhow::Result<Told> {
    let origin = origin::now(&asked.actor.account);
    let store = recorder.store();
    let id = Uuid::now_v7();
    let recorded = evidence::record(recorder, &*store, &asked.evidence, id, &origin).await;
    recorded.map_err(plainly)
}

/// Selects what was exported before.
async fn again(asked: &Evidence, id: &EvidenceId) -> anyhow::Result<Told> {
    let now = data_dir::look(&asked.data.dir, None).await?;
    let exported = evidence::find(&*now.store, id).await.map_err(plainly)?;
    let size = KnownAt::Position(exported.size.0);
    let then = data_dir::look(&asked.data.dir, Some(size)).await?;
    let again = evidence::again(&*then.store, &then.image, (id, exported)).await;
    again.map_err(plainly)
}

/// A checkpoint that covers the export, and everything that a bundle is gathered from.
async fn sealed(
    recorder: &Recorder,
    asked: &Evidence,
    announced: &Told,
) -> anyhow::Result<(Sources, Top)> {
    let store = recorder.store();
    let sources = match recorder {
        Recorder::Alone { dir, key, .. } => {
            let sealing = Sealing::in_directory(dir, Arc::clone(&store), key.as_deref())?;
            seal_now(&sealing, asked)
                .await
                .context("the export is recorded, and not sealed")?;
            Sources {
                store,
                tiles: sealing.ports.tiles,
                checkpoints: sealing.ports.checkpoints,
            }
        }
        Recorder::Beside { place, .. } => Sources {
            store,
            tiles: sealing::tiles_of(place)?,
            checkpoints: sealing::checkpoints_of(place)
                .await?
                .context(sealing::NEVER_SEALED)?,
        },
    };
    let patience = match recorder {
        // Nobody else can add a checkpoint meanwhile.
        Recorder::Alone { .. } => Duration::ZERO,
        Recorder::Beside { .. } => Duration::from_secs(asked.evidence.wait.into()),
    };
    let spinner = progress::spinner("waiting for a checkpoint");
    let cosignatures = asked.evidence.cosignatures;
    let top = evidence::wait_for(&sources, cosignatures, announced, patience).await;
    spinner.finish_and_clear();
    Ok((sources, top.map_err(plainly)?))
}

/// Seals what is recorded, and asks the witnesses that the configuration names, if it names any.
async fn seal_now(sealing: &Sealing, asked: &Evidence) -> anyhow::Result<()> {
    let mut sealer = Sealer::alone(sealing.ports.clone());
    match to_the_end(&mut sealer).await? {
        Ended::Sealed(Some(sealed)) => cosign(sealing, asked, &sealed).await,
        Ended::Sealed(None) => Ok(()),
        Ended::ByAnother(seal) => bail!("{} seals this ledger until {}", seal.name, seal.until),
    }
}

async fn cosign(sealing: &Sealing, asked: &Evidence, sealed: &Sealed) -> anyhow::Result<()> {
    let path = &asked.data.dir;
    if path.is_dir() {
        return Ok(());
    }
    let config = Config::load(path)?;
    let Some(mut cosigning) = witnesses::cosigning(&config.sealer, &sealing.ports)? else {
        return Ok(());
    };
    let collected = cosigning.collect(sealed, Timestamp::now()).await;
    if let Err(CosignError::Alarm(alarm)) = &collected {
        sealing.raise(&alarm.to_string()).await;
    }
    let collected = collected?;
    for (witness, answer) in &collected.answers {
        match answer {
            Answer::Standing | Answer::Cosigned { .. } => {}
            Answer::Nothing { why } => eprintln!("socai: {witness} did not cosign: {why}"),
        }
    }
    Ok(())
}

/// Writes the file whole or not at all.
fn put(folder: &Path, out: &Path, zip: &[u8]) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        std::io::Write::write_all(&mut file, zip)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(out)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", out.display()))
}
