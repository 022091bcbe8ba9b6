//! `socai backup`: a copy, brought on while the ledger is used, and proven.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::attachments::{self, Mirrored};
use socai_app::backup::{Copy, CopyError, Proven, bring_persons, count_persons};
use socai_app::migrate::checkpoints::Signed;
use socai_app::snapshots::Snapshots;
use socai_store::{CheckpointLog, EventStore, Position};
use tokio::time::Instant;

use crate::arguments::Format;
use crate::arguments::backup::Backup;
use crate::backup_dir::{self, Manifest};
use crate::place::Place;
use crate::progress::Phases;
use crate::{blobs, credentials, data_dir, sealing};

/// How long is waited for a checkpoint of what was copied. Where a sealer works there is one after a second.
const SEALED_WITHIN: Duration = Duration::from_secs(10);

/// How often is looked for it.
const LOOKED_AGAIN: Duration = Duration::from_millis(100);

/// What the last backup of a ledger came to, beside the ledger, for whoever watches it.
const NOTE: &str = "backup.json";

/// What the backup came to. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report {
    /// Up to where the backup is proven: the size of the last checkpoint.
    position: u64,
    /// The root of the tree over every record up to there, read back from the backup, in base64: the one that was signed.
    root: String,
    /// When it was proven.
    #[schemars(with = "String")]
    at: Timestamp,
    /// Records that were brought.
    brought: u64,
    /// Records in the backup behind the last checkpoint, which nothing vouches for yet.
    unsealed: u64,
    /// Checkpoints that were brought.
    checkpoints_brought: u64,
    /// Attachments that the backup had already.
    attachments_there: u64,
    /// Attachments that were brought.
    attachments_brought: u64,
    /// Attachments that went from the backup, because they are erased.
    attachments_removed: u64,
    /// Attachments that could not be had, by address: erased a moment ago, lost or damaged.
    attachments_lost: Vec<String>,
    /// Persons who are known in the backup; `null` where nothing is kept of any.
    persons: Option<u64>,
    /// Whether those are the persons of an earlier run, because the ledger has no file of them any more.
    persons_of_an_earlier_run: bool,
}

/// As [`Report`], for metrics.
#[derive(Serialize)]
struct Note<'a> {
    position: u64,
    at: Timestamp,
    root: &'a str,
}

pub(crate) async fn run(asked: &Backup) -> anyhow::Result<ExitCode> {
    let (from, to) = (Place::of(&asked.data.dir)?, &*asked.to);
    let (identity, _) = from.look().await.context("--data")?;
    let records = backup_dir::open(to, &identity).context("--to")?;
    let there = records.head().await?;
    let (attachments, proven) = copy(&from, asked, records.clone()).await?;
    let at = Timestamp::now();
    let lost = attachments.lost.iter().map(ToString::to_string).collect();
    Manifest::new(identity.id(), Some(at), lost).keep(to)?;
    let removed = prune(to).await?;
    if asked.data.dir.is_file() {
        keep_configuration(&asked.data.dir, to)?;
    }
    let persons = keep_persons(&from, to).await;
    let persons =
        persons.context("the records are backed up, and what is known of persons is not")?;
    let (persons, persons_of_an_earlier_run) = match persons {
        Kept::Now(persons) => (Some(persons), false),
        Kept::Earlier(persons) => (Some(persons), true),
        Kept::Nobody => (None, false),
    };
    let brought = records.head().await?.0 - there.0;
    let report = Report {
        brought,
        attachments_removed: removed,
        persons,
        persons_of_an_earlier_run,
        ..report(&proven, &attachments, at)
    };
    note(&from, &report)?;
    show(asked, &report)?;
    Ok(ExitCode::SUCCESS)
}

/// Copies the records that are there, waits until they are sealed, and copies up to there; then their attachments.
/// When all of it is there, it is proven.
async fn copy(
    from: &Place,
    asked: &Backup,
    records: Arc<dyn EventStore>,
) -> anyhow::Result<(Mirrored, Proven)> {
    let to = &*asked.to;
    let log = sealing::checkpoints_of(from).await?;
    let log = log.ok_or(CopyError::NeverSealed)?;
    let mut signed = Signed::read(&*log).await?;
    let mut bars = Phases::to(records.head().await?.0);
    let copy = Copy::open(backup_dir::copy_in(to, records)?, |done| bars.show(done)).await;
    bars.clear();
    let copy = copy.context("--to")?;
    copy.expect_continued_by(&signed)?;
    let head = bring(from, &copy, None).await?;
    wait_until_sealed(&*log, &mut signed, head).await?;
    let sealed = signed
        .last()
        .map_or(Position::ZERO, |(size, _)| Position(size));
    if sealed > head {
        bring(from, &copy, Some(sealed)).await?;
    }
    let attachments = mirror(&asked.data.dir, to).await?;
    let mut bars = Phases::to(sealed.0);
    let proven = copy.prove(&signed, &*log, |done| bars.show(done)).await;
    bars.clear();
    Ok((attachments, proven?))
}

/// Brings what is there now, or what is there up to `until`; answers up to where.
async fn bring(from: &Place, copy: &Copy, until: Option<Position>) -> anyhow::Result<Position> {
    let (_, source) = from.look().await.context("--data")?;
    let until = match until {
        Some(until) => until,
        None => source.head().await?,
    };
    let mut bars = Phases::to(until.0);
    let brought = copy.bring(&*source, until, |done| bars.show(done)).await;
    bars.clear();
    brought?;
    Ok(until)
}

async fn wait_until_sealed(
    log: &dyn CheckpointLog,
    signed: &mut Signed,
    head: Position,
) -> anyhow::Result<()> {
    let waits_until = Instant::now() + SEALED_WITHIN;
    loop {
        signed.read_on(log).await?;
        let sealed = signed.last().is_some_and(|(size, _)| size >= head.0);
        if sealed || Instant::now() > waits_until {
            return Ok(());
        }
        tokio::time::sleep(LOOKED_AGAIN).await;
    }
}

/// Brings the attachments that the backup's own records tell of.
async fn mirror(from: &Path, to: &Path) -> anyhow::Result<Mirrored> {
    let image = data_dir::look(to, None).await?.image;
    let (from, blobs) = (blobs::open_to_read(from).await?, blobs::open(to).await?);
    Ok(attachments::mirror(&image.registry().attachments, &*from, &*blobs).await?)
}

/// Removes the attachments that the backup's own records call erased; answers how many.
async fn prune(to: &Path) -> anyhow::Result<u64> {
    let kept = Snapshots::of(to).kept(None).into_iter().next();
    let kept = kept.map_or(Position::ZERO, |kept| kept.position);
    let image = data_dir::look(to, None).await?.image;
    let blobs = blobs::open(to).await?;
    let removed = attachments::prune(&image.registry().attachments, &*blobs).await?;
    data_dir::close(to, &image, kept);
    Ok(removed)
}

fn keep_configuration(file: &Path, to: &Path) -> anyhow::Result<()> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    backup_dir::keep(to, "socai.toml", &text)
}

/// Whose names and passwords the backup keeps, and how many persons that are.
enum Kept {
    /// Of those who are known now.
    Now(u64),
    /// Of those who were known when it ran before: the ledger has no file of them any more.
    Earlier(u64),
    /// Of nobody.
    Nobody,
}

/// Keeps everybody who is known now, and nobody who was forgotten. Where nothing is known at all, those stay who were
/// known before: nobody is forgotten by a file that is lost.
async fn keep_persons(from: &Place, to: &Path) -> anyhow::Result<Kept> {
    let kept = to.join(credentials::FILE);
    let Some(known) = credentials::if_there(from)? else {
        if !kept.exists() {
            return Ok(Kept::Nobody);
        }
        let persons = count_persons(&credentials::in_file(&kept)?).await?;
        return Ok(Kept::Earlier(persons));
    };
    let draft = to.join("credentials.draft");
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let persons = bring_persons(&*known, &credentials::in_file(&draft)?).await?;
    std::fs::rename(&draft, &kept)?;
    std::fs::File::open(to)?.sync_all()?;
    Ok(Kept::Now(persons.brought))
}

fn report(proven: &Proven, attachments: &Mirrored, at: Timestamp) -> Report {
    Report {
        position: proven.position.0,
        root: proven.root.to_string(),
        at,
        brought: 0,
        unsealed: proven.unsealed,
        checkpoints_brought: proven.checkpoints,
        attachments_there: attachments.there,
        attachments_brought: attachments.brought,
        attachments_removed: 0,
        attachments_lost: attachments.lost.iter().map(ToString::to_string).collect(),
        persons: None,
        persons_of_an_earlier_run: false,
    }
}

/// Leaves word beside the ledger that it was backed up.
fn note(from: &Place, report: &Report) -> anyhow::Result<()> {
    let note = Note {
        position: report.position,
        at: report.at,
        root: &report.root,
    };
    let text = serde_json::to_string(&note).expect("numbers and times have a JSON form");
    let state = from.state()?;
    backup_dir::make_private(state)?;
    backup_dir::keep(state, NOTE, (text + "\n").as_bytes())
}

fn show(asked: &Backup, report: &Report) -> anyhow::Result<()> {
    match asked.shown.format {
        Format::Json => println!("{}", serde_json::to_string(report)?),
        Format::Table | Format::Csv => tell(report),
    }
    Ok(())
}

fn tell(report: &Report) {
    let Report { position, root, .. } = report;
    println!(
        "{} records, {} checkpoints and {} attachments were brought",
        report.brought, report.checkpoints_brought, report.attachments_brought
    );
    if report.attachments_removed > 0 {
        println!(
            "{} attachments are erased, and gone from the backup",
            report.attachments_removed
        );
    }
    match report.persons {
        Some(persons) => println!("{persons} persons are known in it, without their sessions"),
        None => println!("nothing was known of any person"),
    }
    if report.persons_of_an_earlier_run {
        println!(
            "the ledger has no file of persons any more: those of an earlier run are kept. Where that is meant, remove \
             {} from the backup",
            credentials::FILE
        );
    }
    println!("proven up to position {position}: root {root}, as the last checkpoint signs it");
    if report.unsealed > 0 {
        println!(
            "{} records behind it are in the backup, and no checkpoint vouches for them: is the sealer working?",
            report.unsealed
        );
    }
    for address in &report.attachments_lost {
        eprintln!(
            "socai: the attachment at {address} was not to be had: it was erased a moment ago, or is lost; socai attach \
             audit tells"
        );
    }
}
