//! `socai receipt`: the proof that one record is in the ledger.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use socai_app::tree::Sources;
use socai_operations::trouble::Trouble;
use socai_operations::works::receipt;
use socai_store::Position;

use crate::arguments::Receipt;
use crate::named::plainly;
use crate::place::Place;
use crate::sealing;

pub(crate) async fn run(asked: &Receipt) -> anyhow::Result<ExitCode> {
    let sources = sources(&Place::of(&asked.data.dir)?).await?;
    let receipt = receipt::receipt(&sources, Position(asked.position)).await;
    let receipt = receipt.map_err(|trouble| sealing_helps(trouble, &asked.data.dir))?;
    match &asked.out {
        None => write!(std::io::stdout(), "{receipt}").context("standard output")?,
        Some(file) => put(file, &receipt)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that was not there.
fn put(file: &Path, receipt: &str) -> anyhow::Result<()> {
    let written = File::create_new(file).and_then(|mut file| file.write_all(receipt.as_bytes()));
    written.with_context(|| format!("cannot write {}", file.display()))
}

async fn sources(place: &Place) -> anyhow::Result<Sources> {
    let (_, store) = place.look().await?;
    Ok(Sources {
        store,
        tiles: sealing::tiles_of(place)?,
        checkpoints: sealing::checkpoints_there(place).await?,
    })
}

/// What to do about it, where that depends on where the ledger is.
fn sealing_helps(trouble: Trouble, data: &Path) -> anyhow::Error {
    match trouble {
        Trouble::Unavailable(_) => {
            let data = data.display();
            plainly(trouble).context(format!(
                "there is no receipt yet; socai seal --data {data} seals"
            ))
        }
        other => plainly(other),
    }
}
