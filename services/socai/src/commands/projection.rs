//! `socai projection`: the tables in PostgreSQL, as an operator cares for them.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::ledger::fold_until;
use socai_ledger::image::Image;
use socai_store::{EventStore, Position};
use socai_view_postgres::{
    Check, Difference, Place as View, Progress, Settings, Stage, migrate, rebuild, status,
};

use crate::arguments::{Format, Projection, ProjectionCommand, Shown};
use crate::config::Config;
use crate::output::{self, Cells, words};
use crate::place::Place;
use crate::progress;

/// Where the tables stand. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Standing {
    /// The last record whose rows are in the tables.
    position: u64,
    /// Where the log ended when a projector last wrote.
    log_head: u64,
    /// How often a projector has taken over.
    epoch: i64,
    /// The schema whose tables serve.
    serving: String,
    /// `new`, `running`, `stopped` or `parked`.
    state: String,
    /// The record that cannot be folded, if one cannot.
    parked_at: Option<u64>,
    /// Why.
    reason: Option<String>,
    /// When a projector last wrote.
    written_at: String,
}

/// Where SQL and the image do not say the same. A row of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Differs {
    /// What was asked of both.
    question: String,
    /// The row of the answer.
    id: String,
    /// What each says.
    difference: String,
}

pub(crate) async fn run(asked: &Projection) -> anyhow::Result<ExitCode> {
    let config = Config::load(&asked.config)?;
    let settings = config.postgres.clone();
    let settings = settings.context("[postgres] is missing: where the database is")?;
    match &asked.command {
        ProjectionCommand::Migrate => {
            migrate(&settings).await?;
            println!("the database is prepared; a projector may run");
        }
        ProjectionCommand::Status { shown } => show(status(&settings).await?, shown)?,
        ProjectionCommand::Rebuild => renew(&config, &settings).await?,
        ProjectionCommand::Check { shown } => {
            return compare(&config, &settings, shown, &asked.config).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(view: View, shown: &Shown) -> anyhow::Result<()> {
    let (parked_at, reason) = view.parked.unzip();
    let standing = Standing {
        position: view.position.0,
        log_head: view.log_head.0,
        epoch: view.epoch,
        serving: view.serving,
        state: view.state,
        parked_at: parked_at.map(|at| at.0),
        reason,
        written_at: view.written_at.to_string(),
    };
    if shown.format == Format::Json {
        println!("{}", serde_json::to_string(&standing)?);
        return Ok(());
    }
    println!(
        "{}: position {} of {}, in schema {}, epoch {}, last written {}",
        standing.state,
        standing.position,
        standing.log_head,
        standing.serving,
        standing.epoch,
        standing.written_at
    );
    if let (Some(at), Some(reason)) = (standing.parked_at, standing.reason) {
        println!("parked before position {at}: {reason}");
    }
    Ok(())
}

async fn renew(config: &Config, settings: &Settings) -> anyhow::Result<()> {
    let (_, store) = Place::in_config(config.clone()).look().await?;
    let mut bar: Option<(Stage, ProgressBar)> = None;
    let rebuilt = rebuild(store, settings, |progress| step(&mut bar, &progress)).await;
    if let Some((_, bar)) = bar {
        bar.finish_and_clear();
    }
    let rebuilt = rebuilt?;
    println!(
        "{} rows are in schema {}, checked against the image; it serves, at position {}",
        rebuilt.rows, rebuilt.schema, rebuilt.position
    );
    Ok(())
}

fn step(shown: &mut Option<(Stage, ProgressBar)>, progress: &Progress) {
    let stage = progress.stage;
    if shown.as_ref().is_none_or(|(shown, _)| *shown != stage) {
        if let Some((_, bar)) = shown.take() {
            bar.finish_and_clear();
        }
        *shown = Some((stage, progress::bar(progress.of, name(stage))));
    }
    if let Some((_, bar)) = shown {
        bar.set_position(progress.done);
    }
}

const fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Folding => "folding",
        Stage::Writing => "writing",
        Stage::Indexing => "indexing",
        Stage::Checking => "checking",
        Stage::Swapping => "swapping",
    }
}

async fn compare(
    config: &Config,
    settings: &Settings,
    shown: &Shown,
    file: &Path,
) -> anyhow::Result<ExitCode> {
    let (_, store) = Place::in_config(config.clone()).look().await?;
    // Most is folded before the tables are taken hold of, so that they are not held for long.
    let near = Check::begin(settings).await?.position();
    let image = at(&*store, Image::new(), near, file).await?;
    let tables = Check::begin(settings).await?;
    let image = at(&*store, image, tables.position(), file).await?;
    let differences: Vec<Differs> = tables.compare(&image).await?.iter().map(differs).collect();
    output::show(shown.format, None, &differences, || cells(&differences))?;
    Ok(if differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// The image at `position`, which the ledger has to have.
async fn at(
    store: &dyn EventStore,
    image: Image,
    position: Position,
    file: &Path,
) -> anyhow::Result<Image> {
    let end = store.head().await?;
    if end < position {
        bail!(
            "the log ends at {end}, and the tables are at {position}: is {} the configuration of their ledger?",
            file.display()
        );
    }
    Ok(fold_until(store, image, Some(position)).await?)
}

fn differs(difference: &Difference) -> Differs {
    Differs {
        question: difference.question.clone(),
        id: difference.id.clone(),
        difference: difference.to_string(),
    }
}

fn cells(differences: &[Differs]) -> Cells {
    let row = |one: &Differs| vec![one.id.clone(), one.difference.clone()];
    Cells {
        columns: vec![words("id"), words("difference")],
        rows: differences.iter().map(row).collect(),
        empty: "SQL and the image say the same",
    }
}
