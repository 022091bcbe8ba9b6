//! `socai export`: the records as they are stored.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use socai_operations::works::records::Lines;
use socai_store::{EventStore, Position};
use socai_store_segment::SegmentStore;

use crate::arguments::Export;
use crate::named::told;
use crate::place::Place;

pub(crate) async fn run(export: &Export) -> anyhow::Result<ExitCode> {
    let after = Position(export.from.saturating_sub(1));
    match Place::of(&export.data.dir)? {
        Place::Directory(dir) => from_directory(&dir, after)?,
        place @ Place::Nats(_) => from_store(place.look().await?.1, after).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What comes before damage is written as well.
fn from_directory(dir: &Path, after: Position) -> anyhow::Result<()> {
    let store = SegmentStore::open_read_only(dir)?;
    let mut out = BufWriter::new(io::stdout().lock());
    for chunk in store.scan(after) {
        for (_, record) in chunk?.iter() {
            out.write_all(record)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    if let Some(damage) = store.damage() {
        bail!("the ledger is damaged and the export ends before it: {damage}");
    }
    Ok(())
}

async fn from_store(store: Arc<dyn EventStore>, after: Position) -> anyhow::Result<()> {
    let end = store.head().await?;
    let mut lines = Lines::new(store, after, end);
    let mut out = BufWriter::new(io::stdout());
    while let Some(chunk) = lines.next().await.map_err(told)? {
        out.write_all(&chunk)?;
    }
    Ok(out.flush()?)
}
