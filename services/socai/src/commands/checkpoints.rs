//! `socai checkpoints`: what was ever signed.

use std::num::NonZeroU32;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::sealer::cosigned;
use socai_store::CheckpointLog;
use socai_tlog::{Checkpoint, Note, Signature};

use crate::arguments::{Checkpoints, Format};
use crate::output::{self, Cells, figures, words};
use crate::place::Place;
use crate::sealing;

/// Notes read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// One checkpoint, by what stands in it: `socai verify` checks it. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    /// Its place among all that were signed. One that was cosigned later is there again.
    entry: u64,
    /// The name of the log.
    origin: String,
    /// How many records it covers.
    size: u64,
    /// The root of their tree, in base64.
    root: String,
    /// The log keys that signed it, each as name+id.
    signed_by: Vec<String>,
    /// The witnesses that cosigned it.
    cosigned_by: Vec<Cosigned>,
    /// All of it: a signed note.
    note: String,
}

/// One that cosigned.
#[derive(Debug, Serialize, JsonSchema)]
struct Cosigned {
    /// Its key, as name+id.
    key: String,
    /// When, as it says.
    at: Timestamp,
}

pub(crate) async fn run(asked: &Checkpoints) -> anyhow::Result<ExitCode> {
    let log = sealing::checkpoints_of(&Place::of(&asked.data.dir)?).await?;
    let rows = match log {
        Some(log) => rows(&*log, asked.last).await?,
        None => Vec::new(),
    };
    show(asked.shown.format, &rows)?;
    Ok(ExitCode::SUCCESS)
}

/// The `last` entries, or all.
async fn rows(log: &dyn CheckpointLog, last: Option<u32>) -> anyhow::Result<Vec<Row>> {
    let entries = log.len().await?;
    let wanted = last.map_or(entries, u64::from);
    let mut read = entries.saturating_sub(wanted);
    let mut rows = Vec::new();
    while read < entries {
        for note in log.read(read, CHUNK).await? {
            read += 1;
            let note = Note::parse(&note).with_context(|| format!("entry {read}"))?;
            rows.push(Row::of(read, &note)?);
        }
    }
    Ok(rows)
}

impl Row {
    /// What `note` says, which is the one at `entry`.
    ///
    /// # Errors
    ///
    /// Where it is no checkpoint.
    pub(crate) fn of(entry: u64, note: &Note) -> anyhow::Result<Self> {
        let checkpoint = Checkpoint::parse(&note.text).with_context(|| format!("entry {entry}"))?;
        let (mut signed_by, mut cosigned_by) = (Vec::new(), Vec::new());
        for signature in &note.signatures {
            let key = name_of(signature);
            match cosigned(signature) {
                Some(by) => cosigned_by.push(Cosigned { key, at: by.at }),
                None => signed_by.push(key),
            }
        }
        Ok(Self {
            entry,
            origin: checkpoint.origin,
            size: checkpoint.size,
            root: checkpoint.root.to_string(),
            signed_by,
            cosigned_by,
            note: note.to_string(),
        })
    }
}

fn name_of(signature: &Signature) -> String {
    let id: String = signature
        .id
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}+{id}", signature.name)
}

/// Shows checkpoints.
///
/// # Errors
///
/// Where standard output cannot be written.
pub(crate) fn show(format: Format, rows: &[Row]) -> anyhow::Result<()> {
    output::show(format, None, rows, || Cells {
        columns: vec![
            figures("entry"),
            figures("size"),
            words("root"),
            words("signed by"),
            words("cosigned by"),
        ],
        rows: rows.iter().map(cells).collect(),
        empty: "nothing was sealed yet",
    })
}

fn cells(row: &Row) -> Vec<String> {
    let cosigned = row.cosigned_by.iter();
    let cosigned: Vec<String> = cosigned
        .map(|by| format!("{} at {}", by.key, by.at))
        .collect();
    vec![
        row.entry.to_string(),
        row.size.to_string(),
        row.root.clone(),
        row.signed_by.join(", "),
        cosigned.join(", "),
    ]
}
