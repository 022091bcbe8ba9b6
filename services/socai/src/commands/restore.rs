//! `socai restore`: a ledger of a backup, once everything in it was verified.

use std::num::NonZeroU32;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::attachments::{self, Finding, Mirrored};
use socai_app::backup::{self, Copy, Persons, Proven, bring_persons};
use socai_app::migrate::checkpoints::Signed;
use socai_app::sealer::LogKeys;
use socai_ledger::image::Image;
use socai_operations::known_at::KnownAt;
use socai_store::{CheckpointLog, EventStore, Identity, Marks, Position};
use socai_tlog::{Note, VerifierKey};
use socai_tlog_directory::DirectoryMarks;

use crate::arguments::Format;
use crate::arguments::backup::{Restore, Unsealed};
use crate::backup_dir::{self, Manifest};
use crate::commands::verify;
use crate::place::Place;
use crate::progress::Phases;
use crate::{blobs, credentials, data_dir, on_nats, restoring, sealing};

/// What was restored. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report {
    /// Up to where the backup was proven: the size of its last checkpoint then.
    position: u64,
    /// The root of the tree over every record up to there, read back from the restored ledger, in base64: the one that
    /// was signed.
    root: String,
    /// The keys of the log that signed it.
    signed_by: Vec<String>,
    /// Records behind that position that were restored as well.
    unsealed_taken: u64,
    /// Records behind that position that stayed in the backup.
    unsealed_left: u64,
    /// Attachments that were restored.
    attachments: u64,
    /// Attachments that were not, by address: the backup has them not, or damaged.
    attachments_lost: Vec<String>,
    /// Persons who were restored, or are known where the ledger is now; `null` where the backup has none, or nothing says
    /// where they are to be kept.
    persons: Option<u64>,
    /// Where the ledger's sealer expects the private log key, which no backup has; absent where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_key_missing: Option<String>,
}

/// A backup that was verified.
struct Backup<'a> {
    dir: &'a Path,
    identity: Identity,
    records: Arc<dyn EventStore>,
    checkpoints: Arc<dyn CheckpointLog>,
    signed: Signed,
    signed_by: Vec<VerifierKey>,
    /// Up to where it is proven.
    proven: Position,
    /// Up to where it is restored.
    until: Position,
    /// Where its records end.
    end: Position,
}

pub(crate) async fn run(asked: &Restore) -> anyhow::Result<ExitCode> {
    let manifest = manifest(&asked.from)?;
    let to = Place::of(&asked.to)?;
    expect_nothing(&to, &manifest).await.context("--to")?;
    let backup = verified(asked, &manifest).await.context("--from")?;
    let (proven, mirrored, persons) = match &to {
        Place::Directory(dir) => {
            backup_dir::begin_restoring(dir)?;
            let restored = restore(&backup, &to, &asked.to).await?;
            data_dir::note_reached(dir, backup.until)?;
            backup_dir::end_restoring(dir)?;
            restored
        }
        Place::Nats(config) => {
            restoring::begin(config, manifest.ledger).await?;
            let restored = restore(&backup, &to, &asked.to).await?;
            restoring::end(config).await?;
            restored
        }
    };
    let report = Report {
        position: proven.position.0,
        root: proven.root.to_string(),
        signed_by: backup.signed_by.iter().map(ToString::to_string).collect(),
        unsealed_taken: proven.unsealed,
        unsealed_left: backup.end.0 - backup.until.0,
        attachments: mirrored.brought,
        attachments_lost: mirrored.lost.iter().map(ToString::to_string).collect(),
        persons: persons.map(|Persons { there, brought }| there + brought),
        log_key_missing: sealing::missing_key(&to, None)?,
    };
    match asked.shown.format {
        Format::Json => println!("{}", serde_json::to_string(&report)?),
        Format::Table | Format::Csv => tell(asked, &report, &to),
    }
    Ok(ExitCode::SUCCESS)
}

fn manifest(from: &Path) -> anyhow::Result<Manifest> {
    let manifest = Manifest::read(from).context("--from")?.with_context(|| {
        format!(
            "--from: {} is no backup as socai backup makes them; socai migrate moves a ledger",
            from.display()
        )
    })?;
    if manifest.finished.is_none() {
        bail!(
            "--from: the backup in {} was never finished, and nothing in it is proven",
            from.display()
        );
    }
    Ok(manifest)
}

/// Fails where there is anything at `to` but what a restore into servers left that was cut off.
async fn expect_nothing(to: &Place, manifest: &Manifest) -> anyhow::Result<()> {
    let config = match to {
        Place::Directory(dir) => return backup_dir::expect_empty(dir),
        Place::Nats(config) => config,
    };
    let (connection, settings) = on_nats::connected(config).await?;
    let left = restoring::of(&connection, settings).await?;
    if left.is_some_and(|ledger| ledger == manifest.ledger.to_string()) {
        return Ok(());
    }
    let Some((identity, store)) = on_nats::look_if_there(config).await? else {
        return Ok(());
    };
    if store.head().await? > Position::ZERO || identity.id() != manifest.ledger {
        bail!(
            "the stream holds the ledger {} of {} already, and nothing was changed: name another stream",
            identity.id(),
            identity.origin()
        );
    }
    Ok(())
}

/// Verifies everything in the backup.
async fn verified<'a>(asked: &'a Restore, manifest: &Manifest) -> anyhow::Result<Backup<'a>> {
    let dir = &*asked.from;
    verify::expect_valid(dir).await?;
    let place = Place::Directory(dir.to_owned());
    let (identity, records) = place.look().await?;
    if identity.id() != manifest.ledger {
        bail!(
            "the backup says that it is of the ledger {}, and holds the ledger {} of {}",
            manifest.ledger,
            identity.id(),
            identity.origin()
        );
    }
    let checkpoints = sealing::checkpoints_there(&place).await?;
    let signed = proven(dir, &*checkpoints).await?;
    let (size, _) = signed.last().context(sealing::NEVER_SEALED)?;
    let entry = signed.entry(size).context(sealing::NEVER_SEALED)?;
    let note = checkpoints.read(entry - 1, NonZeroU32::MIN).await?;
    let note = note.first().context(sealing::NEVER_SEALED)?;
    let signed_by = signed_by(&*records, size, note, asked.key.as_ref()).await?;
    let (proven, end) = (Position(size), records.head().await?);
    let until = until(proven, end, asked.unsealed)?;
    if !asked.accept_lost_attachments {
        expect_attachments(dir, until, manifest).await?;
    }
    Ok(Backup {
        dir,
        identity,
        records,
        checkpoints,
        signed,
        signed_by,
        proven,
        until,
        end,
    })
}

/// The checkpoints by which the backup was proven. There may be more, of a run that was cut off.
async fn proven(dir: &Path, checkpoints: &dyn CheckpointLog) -> anyhow::Result<Signed> {
    let mark = DirectoryMarks::new(dir).mark().await?;
    let mark = mark.with_context(|| {
        format!(
            "{} is missing: nothing says up to where the backup was proven",
            dir.join("sealed").display()
        )
    })?;
    let signed = Signed::read_first(checkpoints, mark.entries).await?;
    if signed.last() != Some((mark.size, mark.root)) {
        bail!(
            "the backup says that it was proven up to position {} with root {}, and its checkpoints do not",
            mark.size,
            mark.root
        );
    }
    Ok(signed)
}

/// The keys of the log below `note`, a checkpoint of `size` records; of those that the backup's own records name. Among
/// them has to be `known`.
async fn signed_by(
    records: &dyn EventStore,
    size: u64,
    note: &[u8],
    known: Option<&VerifierKey>,
) -> anyhow::Result<Vec<VerifierKey>> {
    let mut keys = LogKeys::default();
    keys.read_on(records).await?;
    let note = Note::parse(note)?;
    let named: Vec<VerifierKey> = keys.in_force(size).cloned().collect();
    let signed = note.verified_by(&named)?;
    let signed: Vec<VerifierKey> = signed
        .into_iter()
        .map(|signed| signed.key.clone())
        .collect();
    match known {
        Some(known) if !signed.contains(known) => bail!(
            "its checkpoint is signed by {}, and not by the key that --key names: this is another ledger, or its \
             key was changed since",
            signed
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Some(_) | None => Ok(signed),
    }
}

/// Up to where is restored.
fn until(proven: Position, end: Position, asked: Option<Unsealed>) -> anyhow::Result<Position> {
    if end == proven {
        return Ok(end);
    }
    match asked {
        Some(Unsealed::Take) => Ok(end),
        Some(Unsealed::Leave) => Ok(proven),
        None => bail!(
            "the backup has {} records behind position {proven}, up to which it was proven: a run was cut off, or nothing \
             was sealed, and nobody vouches for them. --unsealed take restores them, --unsealed leave does not",
            end.0 - proven.0
        ),
    }
}

/// Fails where an attachment is damaged in the backup, or missing and the ledger had it when it was backed up.
async fn expect_attachments(
    dir: &Path,
    until: Position,
    manifest: &Manifest,
) -> anyhow::Result<()> {
    let image = image(dir, until).await?;
    let kept = blobs::open_to_read(dir).await?;
    let audit = attachments::audit(&image.registry().attachments, &*kept).await?;
    for (address, finding) in audit.findings {
        let what = match finding {
            Finding::Damaged => "is damaged: it is not what was stored",
            Finding::Lost if !manifest.lost.contains(&address.to_string()) => "is missing",
            Finding::Lost | Finding::NotYetErased | Finding::Orphan(_) => continue,
        };
        bail!(
            "the attachment at {address} in the backup {what}. --accept-lost-attachments restores the ledger without it"
        );
    }
    Ok(())
}

/// The backup's image, as known at `until`.
async fn image(dir: &Path, until: Position) -> anyhow::Result<Image> {
    let known = KnownAt::Position(until.0);
    Ok(data_dir::look(dir, Some(known)).await?.image)
}

/// Brings everything. Persons come first: where those cannot be kept, nothing else was brought.
async fn restore(
    backup: &Backup<'_>,
    to: &Place,
    path: &Path,
) -> anyhow::Result<(Proven, Mirrored, Option<Persons>)> {
    let persons = bring_known(backup.dir, to).await?;
    let proven = copy(backup, to).await?;
    let image = image(backup.dir, backup.until).await?;
    let (from, blobs) = (
        blobs::open_to_read(backup.dir).await?,
        blobs::open(path).await?,
    );
    let mirrored = attachments::mirror(&image.registry().attachments, &*from, &*blobs).await?;
    Ok((proven, mirrored, persons))
}

/// The file of persons is read from a copy: a backup may be on a disk that cannot be written to.
async fn bring_known(from: &Path, to: &Place) -> anyhow::Result<Option<Persons>> {
    let kept = from.join(credentials::FILE);
    let nowhere = matches!(to, Place::Nats(config) if config.postgres.is_none());
    if nowhere || !kept.exists() {
        return Ok(None);
    }
    backup_dir::make_private(to.state()?)?;
    let copy = to.state()?.join("credentials.restoring");
    let brought = async {
        std::fs::copy(&kept, &copy)?;
        let known = credentials::in_file(&copy)?;
        Ok(bring_persons(&known, &*credentials::beside(to)?).await?)
    };
    let brought: anyhow::Result<Persons> = brought.await;
    let _ = std::fs::remove_file(&copy);
    let brought = brought.with_context(|| {
        format!(
            "what is known of persons is not restored, and nothing else: to do without, move {} away",
            kept.display()
        )
    });
    brought.map(Some)
}

async fn copy(backup: &Backup<'_>, to: &Place) -> anyhow::Result<Proven> {
    let place = match to {
        Place::Directory(dir) => {
            backup_dir::copy_in(dir, to.create_empty(&backup.identity).await?)?
        }
        Place::Nats(config) => {
            let records = on_nats::to_restore_into(config, &backup.identity).await?;
            backup::Place {
                checkpoints: on_nats::checkpoints(config, &records).await?,
                records,
                tiles: None,
                marks: None,
            }
        }
    };
    let mut bars = Phases::to(backup.until.0);
    let copy = Copy::open(place, |done| bars.show(done)).await?;
    let brought = copy
        .bring(&*backup.records, backup.until, |done| bars.show(done))
        .await;
    bars.clear();
    brought?;
    let mut bars = Phases::to(backup.proven.0);
    let proven = copy
        .prove(&backup.signed, &*backup.checkpoints, |done| bars.show(done))
        .await;
    bars.clear();
    Ok(proven?)
}

fn tell(asked: &Restore, report: &Report, to: &Place) {
    let Report { position, root, .. } = report;
    println!(
        "restored up to position {position}: root {root}, as the checkpoint of that size signs it"
    );
    for key in &report.signed_by {
        println!("signed by {key}");
    }
    if asked.key.is_none() {
        println!(
            "compare that with the key that was handed over on paper: it was taken from the backup itself"
        );
    }
    if report.unsealed_taken > 0 {
        println!(
            "{} records behind it were restored as well; no checkpoint vouches for them",
            report.unsealed_taken
        );
    }
    if report.unsealed_left > 0 {
        println!(
            "{} records behind it were left in the backup",
            report.unsealed_left
        );
    }
    println!("{} attachments were restored", report.attachments);
    match report.persons {
        Some(persons) => println!("{persons} persons are known; everybody has to log in again"),
        None => println!("no person is known: the backup has none, or there is no place for them"),
    }
    if let Some(looked) = &report.log_key_missing {
        println!("the private log key is in no backup: {looked}");
    }
    if let Place::Nats(config) = to
        && config.postgres.is_some()
    {
        println!(
            "the tables in PostgreSQL are made again from the records: socai projection rebuild"
        );
    }
    println!(
        "what was recorded after position {} is not in it. Witnesses, receipts and processes that saw more refuse it \
         from here on; ops/runbook/restore.md says what then",
        position + report.unsealed_taken
    );
    for address in &report.attachments_lost {
        eprintln!(
            "socai: the attachment at {address} is not restored: the backup has it not, or damaged"
        );
    }
}
