//! `socai receipt`: the proof that one record is in the ledger.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use socai_app::receipt::{self, ReceiptError};
use socai_app::tree::Sources;
use socai_store::Position;

use crate::arguments::Receipt;
use crate::place::Place;
use crate::sealing;

pub(crate) async fn run(asked: &Receipt) -> anyhow::Result<ExitCode> {
    let sources = sources(&Place::of(&asked.data.dir)?).await?;
    let receipt = receipt::receipt(&sources, Position(asked.position)).await;
    let receipt = receipt.map_err(|error| told(error, &asked.data.dir))?;
    match &asked.out {
        None => write!(std::io::stdout(), "{receipt}").context("standard output")?,
        Some(file) => put(file, &receipt.to_string())?,
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
fn told(error: ReceiptError, data: &Path) -> anyhow::Error {
    let is_waiting = matches!(error, ReceiptError::NotSealed { .. });
    let error = anyhow!(error);
    if is_waiting {
        let data = data.display();
        return error.context(format!(
            "there is no receipt yet; socai seal --data {data} seals"
        ));
    }
    error
}
