//! `socai export`: the records as they are stored.

use std::io::{self, BufWriter, Write};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use socai_store::{EventStore, Position};
use socai_store_segment::SegmentStore;

use crate::arguments::Export;
use crate::place::Place;

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

pub(crate) async fn run(export: &Export) -> anyhow::Result<ExitCode> {
    let after = Position(export.from.saturating_sub(1));
    match Place::of(&export.data.dir)? {
        Place::Directory(dir) => from_directory(&dir, after)?,
        place @ Place::Nats(_) => from_store(&*place.look().await?.1, after).await?,
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

async fn from_store(store: &dyn EventStore, mut after: Position) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    loop {
        let records = store.read_all(after, CHUNK).await?;
        let Some(last) = records.last() else {
            return Ok(out.flush()?);
        };
        after = last.position;
        for record in &records {
            out.write_all(&record.bytes)?;
            out.write_all(b"\n")?;
        }
    }
}
