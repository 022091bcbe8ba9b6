//! `socai sweep`: late flags for what is overdue.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::ledger::{Outcome, sweep};

use crate::arguments::Sweep;
use crate::output::{self, Cells, figures, words};
use crate::{data_dir, origin};

/// One obligation that was flagged.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Flagged {
    obligation: String,
    position: u64,
}

pub(crate) async fn run(asked: &Sweep) -> anyhow::Result<ExitCode> {
    let origin = origin::now(&asked.actor.account);
    if asked.on > origin.today() {
        bail!(
            "--on {}: that day is not over yet; today is {}",
            asked.on,
            origin.today()
        );
    }
    let (mut ledger, kept) = data_dir::open(&asked.data.dir)?;
    let requests = sweep(ledger.image(), asked.on);
    let requests: Vec<_> = requests
        .into_iter()
        .map(|flag| (flag, origin.clone()))
        .collect();
    let batch = ledger.record(&requests).await?;
    let flagged: Vec<Flagged> = batch.outcomes.into_iter().flat_map(flagged).collect();
    if let Some(error) = batch.trouble {
        return Err(anyhow!(error).context(format!("{} flagged, then", flagged.len())));
    }
    let frame = output::Frame {
        position: ledger.image().position().0,
        known_at: ledger.image().position().0,
        as_of: Some(asked.on),
        definition: socai_domain::rate::DEFINITION,
    };
    output::show(asked.shown.format, Some(frame), &flagged, || {
        cells(&flagged)
    })?;
    data_dir::close(&asked.data.dir, &ledger, kept);
    Ok(ExitCode::SUCCESS)
}

fn flagged(outcome: Outcome) -> Vec<Flagged> {
    let Outcome::Recorded(written) = outcome else {
        return Vec::new();
    };
    let flag = |event: socai_app::ledger::Written| Flagged {
        obligation: event.subject.trim_start_matches("obligation.").to_owned(),
        position: event.position.0,
    };
    written.into_iter().map(flag).collect()
}

fn cells(flagged: &[Flagged]) -> Cells {
    Cells {
        columns: vec![words("obligation"), figures("position")],
        rows: flagged
            .iter()
            .map(|f| vec![f.obligation.clone(), f.position.to_string()])
            .collect(),
        empty: "nothing is overdue that is not flagged already",
    }
}
