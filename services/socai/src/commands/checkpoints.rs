//! `socai checkpoints`: what was ever signed.

use std::process::ExitCode;

use socai_operations::page::Wanted;
use socai_operations::question::Question;
use socai_operations::questions;
use socai_operations::questions::checkpoints::{Row, rows};
use socai_store::Position;

use crate::arguments::{Ask, Format};
use crate::named::told;
use crate::place::Place;
use crate::{data_dir, output, sealing};

pub(crate) async fn run(asked: &Ask<questions::Checkpoints>) -> anyhow::Result<ExitCode> {
    let log = sealing::checkpoints_of(&Place::of(&asked.data.dir)?).await?;
    let known = match asked.question.known_at {
        Some(known) => data_dir::look(&asked.data.dir, Some(known))
            .await?
            .image
            .position(),
        None => Position(u64::MAX),
    };
    let rows = match log {
        Some(log) => rows(&*log, asked.question.last, known, &Wanted::ALL)
            .await
            .map_err(told)?,
        None => Vec::new(),
    };
    show(asked.shown.format, &rows)?;
    Ok(ExitCode::SUCCESS)
}

/// Shows checkpoints.
///
/// # Errors
///
/// Where standard output cannot be written.
pub(crate) fn show(format: Format, rows: &[Row]) -> anyhow::Result<()> {
    output::show(format, None, rows, || questions::Checkpoints::cells(rows))
}
