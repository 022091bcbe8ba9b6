//! `socai export`: the records as they are stored.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use anyhow::bail;
use socai_store::Position;
use socai_store_segment::SegmentStore;

use crate::arguments::Export;

pub(crate) async fn run(export: &Export) -> anyhow::Result<ExitCode> {
    let store = SegmentStore::open_read_only(&export.data.dir)?;
    let mut out = BufWriter::new(io::stdout().lock());
    for chunk in store.scan(Position(export.from.saturating_sub(1))) {
        for (_, record) in chunk?.iter() {
            out.write_all(record)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    if let Some(damage) = store.damage() {
        bail!("the ledger is damaged and the export ends before it: {damage}");
    }
    Ok(ExitCode::SUCCESS)
}
