//! `socai read`: what a text cites, as commands for a person to confirm.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use socai_operations::question::Question;
use socai_operations::questions;

use crate::arguments::Read;
use crate::{origin, output};

pub(crate) fn run(asked: &Read) -> anyhow::Result<ExitCode> {
    let text = text_of(&asked.file)?;
    let row = questions::Read { text }.row(origin::today())?;
    if asked.commands {
        let commands = row.proposals.iter().map(|proposed| &proposed.command);
        commands.for_each(|command| println!("{command}"));
        return Ok(ExitCode::SUCCESS);
    }
    let rows = [row];
    output::show(asked.shown.format, None, &rows, || {
        questions::Read::cells(&rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn text_of(file: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("standard input")?;
    } else {
        bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to() + 1;
        anyhow::anyhow!(
            "{}: byte {place} is not UTF-8: save it as UTF-8 text",
            file.display()
        )
    })
}
