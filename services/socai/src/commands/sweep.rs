//! `socai sweep`: late flags for what is overdue.

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::ledger::{Outcome, sweep};

use crate::arguments::Sweep;
use crate::origin;
use crate::output::{self, Cells, figures, words};
use crate::recorder::Recorder;

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
    let mut ledger = Recorder::open(&asked.data.dir, &asked.key).await?;
    let requests = ledger.look(|image| sweep(image, asked.on));
    let requests: Vec<_> = requests
        .into_iter()
        .map(|flag| (flag, origin.clone()))
        .collect();
    let batch = ledger.record(&requests).await?;
    let flagged: Vec<Flagged> = batch.outcomes.into_iter().flat_map(flagged).collect();
    if let Some(error) = batch.trouble {
        return Err(anyhow!(error).context(format!("{} flagged, then", flagged.len())));
    }
    let position = ledger.look(|image| image.position().0);
    let frame = output::Frame {
        position,
        known_at: position,
        as_of: Some(asked.on),
        definition: socai_domain::rate::DEFINITION,
    };
    output::show(asked.shown.format, Some(frame), &flagged, || {
        cells(&flagged)
    })?;
    ledger.close().await?;
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
