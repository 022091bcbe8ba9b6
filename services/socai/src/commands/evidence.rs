//! `socai evidence`: records handed out, with the proof that nothing of them was altered or left out.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use socai_app::cosigning::{Answer, CosignError};
use socai_app::evidence::{
    Announced, Asked, Export, Query, Search, Top, announce, announce_again, compose, day_of,
    exported, gather,
};
use socai_app::sealer::{Sealed, Sealer};
use socai_app::sealing::{Ended, to_the_end};
use socai_app::tree::Sources;
use socai_domain::evidence::Of;
use socai_domain::id::EvidenceId;
use socai_domain::origin::Origin;
use socai_evidence::{Outcome, verify};
use socai_ledger::image::Image;
use socai_operations::known_at::KnownAt;
use socai_store::Position;
use uuid::Uuid;

use crate::arguments::Evidence;
use crate::config::Config;
use crate::recorder::Recorder;
use crate::sealing::{self, Sealing};
use crate::{data_dir, named, origin, progress, witnesses};

mod show;

pub(crate) use show::Written;

/// How often is looked whether a server sealed the export.
const LOOK_EVERY: Duration = Duration::from_millis(250);

pub(crate) async fn run(asked: &Evidence) -> anyhow::Result<ExitCode> {
    let folder = folder_for(&asked.out)?;
    let mut recorder = Recorder::open(&asked.data.dir, &asked.key).await?;
    let (id, announced) = match &asked.of.export {
        Some(id) => (id.clone(), again(asked, id).await?),
        None => record(&mut recorder, asked).await?,
    };
    let (sources, top) = sealed(&recorder, asked, (&id, announced.export)).await?;
    let facts = gather(&sources, announced, &top).await?;
    let zip = compose(&facts);
    check(&zip)?;
    put(&folder, &asked.out, &zip)?;
    let out = asked.out.display().to_string();
    let written = Written::of(id.to_string(), out, (&facts, &top), &zip);
    show::show(asked.shown.format, &written)?;
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
async fn record(
    recorder: &mut Recorder,
    asked: &Evidence,
) -> anyhow::Result<(EvidenceId, Announced)> {
    let origin = origin::now(&asked.actor.account);
    let id = format!("e-{}", Uuid::now_v7().simple());
    let evidence = EvidenceId::new(&id).context("the id of the export")?;
    let store = recorder.store();
    let question = recorder.look(|image| question(asked, image, &origin))?;
    let export = Export {
        evidence: evidence.clone(),
        inspection: asked.inspection.clone(),
    };
    let announced = announce(recorder, &*store, &question, export, &origin).await?;
    Ok((evidence, announced))
}

/// Selects what was exported before.
async fn again(asked: &Evidence, id: &EvidenceId) -> anyhow::Result<Announced> {
    let now = data_dir::look(&asked.data.dir, None).await?;
    let exported = exported(&*now.store, id).await?;
    let size = KnownAt::Position(exported.size.0);
    let then = data_dir::look(&asked.data.dir, Some(size)).await?;
    Ok(announce_again(&*then.store, &then.image, exported).await?)
}

fn question(asked: &Evidence, image: &Image, origin: &Origin) -> anyhow::Result<Asked> {
    let of = match (&asked.of.unit, &asked.of.document, &asked.of.obligation) {
        (Some(unit), _, _) => {
            named::unit(image, unit)?;
            Of::Unit(unit.clone())
        }
        (_, Some(document), _) => Of::Document(named::document(image, document)?),
        (_, _, Some(obligation)) => Of::Obligation(obligation.clone()),
        (None, None, None) => {
            bail!("--unit, --document or --obligation says what it is about")
        }
    };
    let on = origin.today();
    let (from, to) = match (asked.from, asked.to, &of) {
        (Some(from), Some(to), _) if to < from => {
            bail!("--from {from} --to {to}: the window ends before it begins")
        }
        (Some(from), Some(to), _) => (from, to),
        (from, to, Of::Obligation(obligation)) => {
            let day = day_of(image, obligation, on)?;
            (from.unwrap_or(day), to.unwrap_or(day))
        }
        (_, _, Of::Unit(_) | Of::Document(_)) => {
            bail!("--from and --to: the first and the last due date that count")
        }
    };
    let query = Query { of, from, to };
    Ok(Asked { query, on })
}

/// A checkpoint that covers the export, and everything that a bundle is gathered from.
async fn sealed(
    recorder: &Recorder,
    asked: &Evidence,
    announced: (&EvidenceId, Position),
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
        Recorder::Beside { .. } => Duration::from_secs(asked.wait.into()),
    };
    let top = wait_for(&sources, asked.cosignatures, announced, patience).await?;
    Ok((sources, top))
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

/// Waits for a checkpoint that covers the export, with so many cosignatures.
async fn wait_for(
    sources: &Sources,
    cosignatures: usize,
    (id, export): (&EvidenceId, Position),
    patience: Duration,
) -> anyhow::Result<Top> {
    let deadline = Timestamp::now() + patience;
    let spinner = progress::spinner("waiting for a checkpoint");
    let mut search = Search::new(export);
    loop {
        let late = Timestamp::now() >= deadline;
        let covered = match search.look(&*sources.checkpoints).await? {
            Some(top) if top.cosignatures() >= cosignatures => {
                spinner.finish_and_clear();
                return Ok(top.clone());
            }
            Some(top) => format!("{} of {cosignatures} cosigned", top.cosignatures()),
            None => "no checkpoint covers it: a process with the role sealer has to run".to_owned(),
        };
        if late {
            bail!(
                "the export is recorded at position {export}, and {covered}; socai evidence --export {id} makes its \
                 bundle later"
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What is handed out has to hold together before anybody else looks at it.
fn check(zip: &[u8]) -> anyhow::Result<()> {
    let verdict = verify(zip, None, socai_evidence::TOLERANCE_HOURS);
    match verdict.outcome() {
        Outcome::Valid | Outcome::Incomplete => Ok(()),
        Outcome::Invalid => {
            let first = verdict.findings.first().map(ToString::to_string);
            let first = first.unwrap_or_default();
            Err(anyhow!(first).context(
                "nothing was written: the bundle would be invalid, so the ledger does not hold together; socai verify \
                 says more",
            ))
        }
    }
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
