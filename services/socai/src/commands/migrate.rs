//! `socai migrate`: the same bytes at the same positions, elsewhere.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::attachments::{self, Brought};
use socai_app::migrate::{Migrated, Progress, checkpoints, migrate};
use socai_store::{EventStore, Identity, Position};

use crate::arguments::{Format, Migrate};
use crate::place::Place;
use crate::{blobs, progress, sealing};

/// What the migration came to. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Report {
    /// Where both ledgers end.
    position: u64,
    /// Records that the target had already.
    there: u64,
    /// Records that were brought.
    brought: u64,
    /// The root of the tree over every record up to there, read back from the target, in base64.
    root: String,
    /// Checkpoints that the target had already.
    checkpoints_there: u64,
    /// Checkpoints that were brought.
    checkpoints_brought: u64,
    /// Attachments that the target had already.
    attachments_there: u64,
    /// Attachments that were brought.
    attachments_brought: u64,
    /// Attachments that are damaged where they come from, by address: they were left there.
    attachments_damaged: Vec<String>,
}

pub(crate) async fn run(asked: &Migrate) -> anyhow::Result<ExitCode> {
    let (from, to) = (Place::of(&asked.from)?, Place::of(&asked.to)?);
    let (identity, source) = from.look().await.context("--from")?;
    let target = target(&to, &identity).await.context("--to")?;
    let end = source.head().await?.0;
    let mut bars = Bars { end, shown: None };
    let migrated = migrate(&*source, &*target, |progress| bars.show(progress)).await;
    bars.clear();
    let migrated = migrated?;
    let checkpoints = bring_checkpoints(&from, &to, migrated.end).await?;
    let attachments = bring(&asked.from, &asked.to).await?;
    let whole = attachments.damaged.is_empty();
    show(asked, &migrated, checkpoints, &attachments)?;
    if let Place::Directory(dir) = &to {
        sealing::finish(sealing::beside(dir, target, asked.key.file.as_deref())?).await?;
    }
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

async fn bring_checkpoints(
    from: &Place,
    to: &Place,
    end: Position,
) -> anyhow::Result<checkpoints::Brought> {
    let Some(from) = sealing::checkpoints_of(from).await? else {
        return Ok(checkpoints::Brought::default());
    };
    let to = sealing::checkpoints_to_add_to(to).await?;
    Ok(checkpoints::bring(&*from, &*to, end).await?)
}

async fn bring(from: &Path, to: &Path) -> anyhow::Result<Brought> {
    let (from, to) = (blobs::open_to_read(from).await?, blobs::open(to).await?);
    Ok(attachments::bring(&*from, &*to).await?)
}

async fn target(to: &Place, identity: &Identity) -> anyhow::Result<Arc<dyn EventStore>> {
    let Some((theirs, store)) = to.open_if_there().await? else {
        return to.create_empty(identity).await;
    };
    if theirs.id() != identity.id() {
        bail!(
            "it holds the ledger {} of {}, and the source is the ledger {} of {}",
            theirs.id(),
            theirs.origin(),
            identity.id(),
            identity.origin()
        );
    }
    Ok(store)
}

fn show(
    asked: &Migrate,
    migrated: &Migrated,
    checkpoints: checkpoints::Brought,
    attachments: &Brought,
) -> anyhow::Result<()> {
    let report = Report {
        position: migrated.end.0,
        there: migrated.there,
        brought: migrated.brought,
        root: migrated.root.to_string(),
        checkpoints_there: checkpoints.there,
        checkpoints_brought: checkpoints.brought,
        attachments_there: attachments.there,
        attachments_brought: attachments.brought,
        attachments_damaged: attachments
            .damaged
            .iter()
            .map(ToString::to_string)
            .collect(),
    };
    match asked.shown.format {
        Format::Json => println!("{}", serde_json::to_string(&report)?),
        Format::Table | Format::Csv => {
            println!(
                "{} records were there, {} were brought; both ledgers end at position {}",
                report.there, report.brought, report.position
            );
            println!(
                "read back from the target: the same bytes, root {}",
                report.root
            );
            println!(
                "{} checkpoints were there, {} were brought",
                report.checkpoints_there, report.checkpoints_brought
            );
            println!(
                "{} attachments were there, {} were brought",
                report.attachments_there, report.attachments_brought
            );
            for address in &report.attachments_damaged {
                eprintln!(
                    "socai: the attachment at {address} is damaged, and was left where it is"
                );
            }
        }
    }
    Ok(())
}

/// One bar a phase.
struct Bars {
    end: u64,
    shown: Option<(&'static str, ProgressBar)>,
}

impl Bars {
    fn show(&mut self, progress: Progress) {
        let (phase, position) = match progress {
            Progress::Compared(position) => ("comparing", position),
            Progress::Brought(position) => ("bringing", position),
            Progress::ReadBack(position) => ("reading back", position),
        };
        if self.shown.as_ref().is_none_or(|(shown, _)| *shown != phase) {
            self.clear();
            self.shown = Some((phase, progress::bar(self.end, phase)));
        }
        if let Some((_, bar)) = &self.shown {
            bar.set_position(position);
        }
    }

    fn clear(&mut self) {
        if let Some((_, bar)) = self.shown.take() {
            bar.finish_and_clear();
        }
    }
}
