//! `socai migrate`: the same bytes at the same positions, elsewhere.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::attachments::{self, Brought};
use socai_app::migrate::checkpoints::{Brought as Moved, Signed};
use socai_app::migrate::{Migrated, migrate};
use socai_store::{CheckpointLog, EventStore, Identity};

use crate::arguments::{Format, Migrate};
use crate::place::Place;
use crate::progress::Phases;
use crate::{blobs, sealing};

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
    /// Where the target's sealer expects the private log key, which does not go along; absent where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_key_missing: Option<String>,
}

pub(crate) async fn run(asked: &Migrate) -> anyhow::Result<ExitCode> {
    let (from, to) = (Place::of(&asked.from)?, Place::of(&asked.to)?);
    let (identity, source) = from.look().await.context("--from")?;
    let target = target(&to, &identity).await.context("--to")?;
    let checkpoints = Checkpoints::read(&from).await?;
    let end = source.head().await?.0;
    let mut bars = Phases::to(end);
    let migrated = migrate(&*source, &*target, |progress| bars.show(progress)).await;
    bars.clear();
    let migrated = migrated?;
    let checkpoints = checkpoints.bring(&to, &*target).await?;
    let attachments = bring(&asked.from, &asked.to).await?;
    let whole = attachments.damaged.is_empty();
    let missing = sealing::missing_key(&to, asked.key.file.as_deref())?;
    show(asked, &migrated, checkpoints, &attachments, missing)?;
    if let Place::Directory(dir) = &to {
        sealing::finish(sealing::beside(dir, target, asked.key.file.as_deref())?).await?;
    }
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// The checkpoints of the source, read before its records are: whatever they sign it must have.
struct Checkpoints {
    from: Option<Arc<dyn CheckpointLog>>,
    signed: Signed,
}

impl Checkpoints {
    async fn read(from: &Place) -> anyhow::Result<Self> {
        let from = sealing::checkpoints_of(from).await?;
        let signed = match &from {
            Some(from) => Signed::read(&**from).await?,
            None => Signed::default(),
        };
        Ok(Self { from, signed })
    }

    async fn bring(&self, to: &Place, records: &dyn EventStore) -> anyhow::Result<Moved> {
        let Some(from) = &self.from else {
            return Ok(Moved::default());
        };
        let to = sealing::checkpoints_to_add_to(to).await?;
        Ok(self.signed.bring(&**from, &*to, records).await?)
    }
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
    checkpoints: Moved,
    attachments: &Brought,
    log_key_missing: Option<String>,
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
        log_key_missing,
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
            if let Some(looked) = &report.log_key_missing {
                println!("the private log key does not go along: {looked}");
            }
            for address in &report.attachments_damaged {
                eprintln!(
                    "socai: the attachment at {address} is damaged, and was left where it is"
                );
            }
        }
    }
    Ok(())
}
