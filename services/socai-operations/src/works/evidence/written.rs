//! What there is to say of a bundle.

use schemars::JsonSchema;
use serde::Serialize;
use socai_app::evidence::Top;
use socai_evidence::Facts;

use crate::hex::sha256;

/// A bundle that was written.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Written {
    /// The id of the export in the ledger: its stream is `evidence.<id>`.
    pub evidence: String,
    /// The file.
    pub out: String,
    /// Its SHA-256, for the record of handing over.
    pub sha256: String,
    /// The log's origin.
    pub origin: String,
    /// The size of the checkpoint at which it was made.
    pub size: u64,
    /// The root of that checkpoint.
    pub root: String,
    /// The position of the record of the export.
    pub export: u64,
    /// How many records were asked for.
    pub records: u64,
    /// How many follow the sealed heads.
    pub tail: u64,
    /// How many streams are given whole.
    pub streams: u64,
    /// Who cosigned the checkpoint.
    pub cosigned_by: Vec<String>,
}

impl Written {
    /// What there is to say of `zip`, the bundle of `facts` at `top`, which goes into the file `out`.
    pub(super) fn of(
        (evidence, out): (String, String),
        (facts, top): (&Facts, &Top),
        zip: &[u8],
    ) -> Self {
        Self {
            evidence,
            out,
            sha256: sha256(zip),
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
    let signatures = top.note.signatures.iter();
    let cosigned = signatures.filter_map(socai_app::sealer::cosigned);
    cosigned.map(|by| by.by).collect()
}
