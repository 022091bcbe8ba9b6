//! `socai evidence`: records handed out, with the proof that nothing of them was altered or left out.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use socai_app::evidence::{
    Announced, Asked, Query, Selected, Sources, Top, announce, compose, day_of, gather, heads_of,
    latest, select, streams_of,
};
use socai_app::sealing::{Ended, to_the_end};
use socai_domain::evidence::Of;
use socai_domain::id::EvidenceId;
use socai_domain::origin::Origin;
use socai_evidence::{Outcome, verify};
use socai_ledger::image::Image;
use socai_store::Position;
use uuid::Uuid;

use crate::arguments::{Evidence, Format};
use crate::output::{self, Cells, figures, words};
use crate::recorder::Recorder;
use crate::sealing::Sealing;
use crate::{named, on_nats, origin, progress};

/// How often is looked whether a server sealed the export.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A bundle that was written. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Written {
    /// The id of the export in the ledger: its stream is `evidence.<id>`.
    evidence: String,
    /// The file.
    out: String,
    /// Its SHA-256, for the record of handing over.
    sha256: String,
    /// The log's origin.
    origin: String,
    /// The size of the checkpoint at which it was made.
    size: u64,
    /// The root of that checkpoint.
    root: String,
    /// The position of the record of the export.
    export: u64,
    /// How many records were asked for.
    records: u64,
    /// How many follow the sealed heads.
    tail: u64,
    /// How many streams are given whole.
    streams: u64,
    /// Who cosigned the checkpoint.
    cosigned_by: Vec<String>,
}

pub(crate) async fn run(asked: &Evidence) -> anyhow::Result<ExitCode> {
    let folder = folder_for(&asked.out)?;
    let origin = origin::now(&asked.actor.account);
    let mut recorder = Recorder::open(&asked.data.dir, &asked.key).await?;
    let id = format!("e-{}", Uuid::now_v7().simple());
    let id = EvidenceId::new(&id).context("the id of the export")?;
    let announced = record(&mut recorder, asked, &id, &origin).await?;
    let (sources, top) = sealed(&recorder, asked, announced.export).await?;
    let facts = gather(&sources, announced, &top).await?;
    let zip = compose(&facts);
    check(&zip)?;
    put(&folder, &asked.out, &zip)?;
    let written = Written {
        evidence: id.to_string(),
        out: asked.out.display().to_string(),
        sha256: hex(&zip),
        origin: top.checkpoint.origin.clone(),
        size: top.checkpoint.size,
        root: top.checkpoint.root.to_string(),
        export: facts.export,
        records: facts.records.range(..=facts.heads.size).count() as u64,
        tail: facts.records.range(facts.heads.size + 1..).count() as u64,
        streams: facts.streams.len() as u64,
        cosigned_by: cosigners(&top),
    };
    show(asked.shown.format, &written)?;
    recorder.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The folder that `out` goes into, where nothing of that name is there yet.
fn folder_for(out: &Path) -> anyhow::Result<std::path::PathBuf> {
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
    id: &EvidenceId,
    origin: &Origin,
) -> anyhow::Result<Announced> {
    let store = recorder.store();
    // Heads and streams are of one position, whoever else records meanwhile.
    let looked = recorder.look(|image| {
        let asked = question(asked, image, origin)?;
        let streams = streams_of(image, &asked)?;
        Ok::<_, anyhow::Error>((asked, streams, heads_of(image)))
    });
    let (question, streams, heads) = looked?;
    let selected: Selected = select(&*store, &question, heads, streams).await?;
    let export = (id.clone(), asked.inspection.clone());
    Ok(announce(recorder, &*store, selected, export, origin).await?)
}

fn question(asked: &Evidence, image: &Image, origin: &Origin) -> anyhow::Result<Asked> {
    let of = match (&asked.of.unit, &asked.of.document, &asked.of.obligation) {
        (Some(unit), _, _) => {
            named::unit(image, unit)?;
            Of::Unit(unit.clone())
        }
        (_, Some(document), _) => Of::Document(named::document(image, document)?),
        (_, _, Some(obligation)) => Of::Obligation(obligation.clone()),
        (None, None, None) => bail!("--unit, --document or --obligation says what it is about"),
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
    export: Position,
) -> anyhow::Result<(Sources, Top)> {
    let store = recorder.store();
    let sources = match recorder {
        Recorder::Alone { dir, key, .. } => {
            let sealing = Sealing::in_directory(dir, Arc::clone(&store), key.as_deref())?;
            seal_now(&sealing)
                .await
                .context("the export is recorded, and not sealed")?;
            Sources {
                store,
                tiles: sealing.ports.tiles,
                checkpoints: sealing.ports.checkpoints,
            }
        }
        Recorder::Beside { config, .. } => Sources {
            store,
            tiles: crate::sealing::tiles_on_this_machine(config)?,
            checkpoints: on_nats::look_at_checkpoints(config)
                .await?
                .context(crate::sealing::NEVER_SEALED)?,
        },
    };
    let top = wait_for(&sources, asked, export).await?;
    Ok((sources, top))
}

async fn seal_now(sealing: &Sealing) -> anyhow::Result<()> {
    let mut sealer = socai_app::sealer::Sealer::alone(sealing.ports.clone());
    match to_the_end(&mut sealer).await? {
        Ended::Sealed(_) => Ok(()),
        Ended::ByAnother(seal) => bail!("{} seals this ledger until {}", seal.name, seal.until),
    }
}

/// Waits for a checkpoint that covers `export`, cosigned by as many as asked.
async fn wait_for(sources: &Sources, asked: &Evidence, export: Position) -> anyhow::Result<Top> {
    let deadline = Timestamp::now() + Duration::from_secs(asked.wait.into());
    let spinner = progress::spinner("waiting for a checkpoint");
    loop {
        let top = latest(&*sources.checkpoints, export).await?;
        let cosigned = top.as_ref().map(Top::cosignatures);
        let late = Timestamp::now() >= deadline;
        match (top, cosigned) {
            (Some(top), Some(cosigned)) if cosigned >= asked.cosignatures => {
                spinner.finish_and_clear();
                return Ok(top);
            }
            (Some(_), Some(cosigned)) if late => bail!(
                "the export is recorded at position {export}, and {cosigned} of {} cosigned a checkpoint of it within \
                 {} s: ask again later (--cosignatures says how many have to)",
                asked.cosignatures,
                asked.wait
            ),
            (None, _) if late => bail!(
                "the export is recorded at position {export}, and no checkpoint covers it after {} s: a process with \
                 the role sealer has to run",
                asked.wait
            ),
            (Some(_), _) | (None, _) => tokio::time::sleep(LOOK_EVERY).await,
        }
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

fn cosigners(top: &Top) -> Vec<String> {
    let cosigned = top
        .note
        .signatures
        .iter()
        .filter_map(socai_app::sealer::cosigned);
    cosigned.map(|by| by.by).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn show(format: Format, written: &Written) -> anyhow::Result<()> {
    match format {
        Format::Json => println!("{}", serde_json::to_string(written)?),
        Format::Csv => output::show(format, None, std::slice::from_ref(written), || {
            cells(written)
        })?,
        Format::Table => tell(written),
    }
    Ok(())
}

fn cells(written: &Written) -> Cells {
    Cells {
        columns: vec![
            words("evidence"),
            words("out"),
            words("sha256"),
            figures("size"),
            words("root"),
            figures("records"),
            words("cosigned by"),
        ],
        rows: vec![vec![
            written.evidence.clone(),
            written.out.clone(),
            written.sha256.clone(),
            written.size.to_string(),
            written.root.clone(),
            written.records.to_string(),
            written.cosigned_by.join(", "),
        ]],
        empty: "",
    }
}

fn tell(written: &Written) {
    println!("{}", written.out);
    println!("sha256      {}", written.sha256);
    println!(
        "records     {} of {} streams, and {} since the heads were sealed",
        written.records, written.streams, written.tail
    );
    println!(
        "export      {} at position {}",
        written.evidence, written.export
    );
    println!("checkpoint  {}, size {}", written.origin, written.size);
    println!("root        {}", written.root);
    match &written.cosigned_by[..] {
        [] => println!(
            "cosigned    by nobody: only the operator vouches that there is no other history"
        ),
        some => println!("cosigned    by {}", some.join(", ")),
    }
}
