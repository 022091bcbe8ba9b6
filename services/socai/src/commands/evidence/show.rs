//! How a bundle that was written is shown.

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use socai_app::evidence::Top;
use socai_evidence::Facts;

use crate::arguments::Format;
use crate::output::{self, Cells, figures, words};

/// A bundle that was written. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Written {
    /// The id of the export in the ledger: its stream is `evidence.<id>`.
    pub(super) evidence: String,
    /// The file.
    pub(super) out: String,
    /// Its SHA-256, for the record of handing over.
    pub(super) sha256: String,
    /// The log's origin.
    pub(super) origin: String,
    /// The size of the checkpoint at which it was made.
    pub(super) size: u64,
    /// The root of that checkpoint.
    pub(super) root: String,
    /// The position of the record of the export.
    pub(super) export: u64,
    /// How many records were asked for.
    pub(super) records: u64,
    /// How many follow the sealed heads.
    pub(super) tail: u64,
    /// How many streams are given whole.
    pub(super) streams: u64,
    /// Who cosigned the checkpoint.
    pub(super) cosigned_by: Vec<String>,
}

impl Written {
    /// What there is to say of `zip`, the bundle of `facts` at `top`.
    pub(super) fn of(
        evidence: String,
        out: String,
        (facts, top): (&Facts, &Top),
        zip: &[u8],
    ) -> Self {
        Self {
            evidence,
            out,
            sha256: hex(zip),
            origin: top.checkpoint.origin.clone(),
            size: top.checkpoint.size,
            root: top.checkpoint.root.to_string(),
            export: facts.export,
            records: facts.records.range(..=facts.heads.size).count() as u64,
            tail: facts.records.range(facts.heads.size + 1..).count() as u64,
            streams: facts.streams.len() as u64,
            cosigned_by: cosigners(top),
        }
    }
}

fn cosigners(top: &Top) -> Vec<String> {
    let cosigned = top
        .note
        .signatures
        .iter()
        .filter_map(socai_app::sealer::cosigned);
    cosigned.map(|by| by.by).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Shows it, as asked.
///
/// # Errors
///
/// Where standard output cannot be written.
pub(super) fn show(format: Format, written: &Written) -> anyhow::Result<()> {
    match format {
        Format::Json => println!("{}", serde_json::to_string(written)?),
        Format::Csv => output::show(format, None, std::slice::from_ref(written), || {
            cells(written)
        })?,
        Format::Table => tell(written),
    }
    Ok(())
}

fn cells(written: &Written) -> Cells {
    Cells {
        columns: vec![
            words("evidence"),
            words("out"),
            words("sha256"),
            figures("size"),
            words("root"),
            figures("records"),
            words("cosigned by"),
        ],
        rows: vec![vec![
            written.evidence.clone(),
            written.out.clone(),
            written.sha256.clone(),
            written.size.to_string(),
            written.root.clone(),
            written.records.to_string(),
            written.cosigned_by.join(", "),
        ]],
        empty: "",
    }
}

fn tell(written: &Written) {
    println!("{}", written.out);
    println!("sha256      {}", written.sha256);
    println!(
        "records     {}, of {} streams; and {} since the heads were sealed",
        written.records, written.streams, written.tail
    );
    println!(
        "export      {} at position {}",
        written.evidence, written.export
    );
    println!("checkpoint  {}, size {}", written.origin, written.size);
    println!("root        {}", written.root);
    match &written.cosigned_by[..] {
        [] => println!(
            "cosigned    by nobody: only the operator vouches that there is no other history"
        ),
        some => println!("cosigned    by {}", some.join(", ")),
    }
}
