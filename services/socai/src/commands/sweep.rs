//! `socai sweep`: late flags for what is overdue.

use std::process::ExitCode;

use anyhow::anyhow;
use socai_operations::works::sweep::cells;

use crate::arguments::Sweep;
use crate::named::told;
use crate::origin;
use crate::output;
use crate::recorder::Recorder;

pub(crate) async fn run(asked: &Sweep) -> anyhow::Result<ExitCode> {
    let (sweep, origin) = (asked.sweep, origin::now(&asked.actor.account));
    let mut ledger = Recorder::open(&asked.data.dir, &asked.key).await?;
    let requests = ledger.look(|image| sweep.flags(image, origin.today()));
    let requests: Vec<_> = requests
        .map_err(told)?
        .into_iter()
        .map(|flag| (flag, origin.clone()))
        .collect();
    let batch = ledger.record(&requests).await?;
    let position = ledger.look(|image| image.position().0);
    let swept = sweep.swept(batch.outcomes, position);
    if let Some(error) = batch.trouble {
        return Err(anyhow!(error).context(format!("{} flagged, then", swept.rows.len())));
    }
    let frame = Some(swept.frame);
    output::show(asked.shown.format, frame, &swept.rows, || {
        cells(&swept.rows)
    })?;
    ledger.close().await?;
    Ok(ExitCode::SUCCESS)
}
