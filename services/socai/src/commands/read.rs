//! `socai read`: what a text cites, as proposals for a person to confirm.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;
use socai_reading::{Findings, Proposal, propose, read};

use crate::arguments::Read;
use crate::output::{self, Cells, words};

/// The shape of `--format json`, as one element: findings, and the commands they propose.
#[derive(Serialize)]
struct Answer<'a> {
    findings: &'a Findings,
    proposals: &'a [Proposal],
}

pub(crate) fn run(asked: &Read) -> anyhow::Result<ExitCode> {
    let text = text_of(&asked.file)?;
    let findings = read(&text)?;
    let proposals = propose(&findings);
    let answer = [Answer {
        findings: &findings,
        proposals: &proposals,
    }];
    output::show(asked.shown.format, None, &answer, || cells(&proposals))?;
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
    let place = |error: &std::string::FromUtf8Error| error.utf8_error().valid_up_to() + 1;
    String::from_utf8(bytes).map_err(|error| {
        anyhow::anyhow!(
            "{}: byte {} is not UTF-8: save it as UTF-8 text",
            file.display(),
            place(&error)
        )
    })
}

fn cells(_: &[Proposal]) -> Cells {
    Cells {
        columns: vec![words("x")],
        rows: Vec::new(),
        empty: "",
    }
}
