//! What is found wrong, missing or worth knowing in a bundle: one sentence for each way in which somebody may have
//! tampered with it, and what it is worth.
//!
//! The sentences say what the inspector sees, not which check failed. Declared in the order in which it is looked for.

use serde::Serialize;
use socai_domain::id::ObligationId;

use crate::archive::BadArchive;
use crate::manifest::BadManifest;

/// What a finding does to the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Worth knowing; the bundle is as valid as without it.
    Remark,
    /// What is there is valid, and not all that was asked for is there or is vouched for.
    Incomplete,
    /// The bundle proves nothing.
    Invalid,
}

/// One thing found.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// The zip is not one that a bundle can be.
    #[error("{0}")]
    Archive(BadArchive),
    /// The manifest does not read.
    #[error("manifest.json: {0}")]
    Manifest(BadManifest),
    /// A file is not what the manifest says.
    #[error("{name} was altered: its length or SHA-256 is not what the manifest says")]
    FileAltered { name: String },
    /// A file is not there.
    #[error("{name} is missing")]
    FileMissing { name: String },
    /// A file is there that no bundle has.
    #[error("{name} does not belong into this bundle")]
    FileForeign { name: String },
    /// A file of the bundle does not read.
    #[error("{name} does not read: {reason}")]
    FileUnreadable { name: String, reason: String },

    /// A checkpoint of another log.
    #[error("{name} is a checkpoint of another ledger's log: {found:?} instead of {expected:?}")]
    OtherLog {
        name: String,
        found: String,
        expected: String,
    },
    /// The manifest and the top checkpoint disagree.
    #[error(
        "the manifest says another size or root than the top checkpoint {name}: one of the two was exchanged"
    )]
    TopDiffers { name: String },
    /// Two histories of one size.
    #[error("checkpoints of size {size} have two roots: the log showed two histories")]
    TwoRoots { size: u64 },
    /// A signature is in the name of a known key, and not by it; or no known key signed.
    #[error("{name}: {reason}")]
    BadlySigned { name: String, reason: String },
    /// A checkpoint is not an earlier state of the top one.
    #[error(
        "{name} is no earlier state of the top checkpoint: the history was rewritten, or it is another ledger's ({reason})"
    )]
    Rewritten { name: String, reason: String },

    /// A proof of another record.
    #[error("the proof for position {position} is that of position {of}: proofs were exchanged")]
    ProofExchanged { position: u64, of: u64 },
    /// A proof ends elsewhere.
    #[error("the proof for position {position} does not end in the top checkpoint of this bundle")]
    ProofEndsElsewhere { position: u64 },
    /// A record that belongs to another position.
    #[error(
        "the record given for position {position} was recorded at position {real}: the order was changed"
    )]
    Reordered { position: u64, real: u64 },
    /// A record that was never sealed at its position.
    #[error(
        "the record given for position {position} is not the one that was sealed there: the record or its proof was altered ({reason})"
    )]
    NotSealed { position: u64, reason: String },

    /// A record that is none.
    #[error("the record at position {position} does not read: {reason}")]
    RecordUnreadable { position: u64, reason: String },
    /// A selected record of a stream that was not asked for.
    #[error(
        "the record at position {position} is of the stream {stream}, which is not among those of this bundle"
    )]
    RecordForeign { position: u64, stream: String },
    /// An event within a stream is not there.
    #[error(
        "an event of {stream} was left out: revision {revision} is missing before position {position}"
    )]
    EventMissing {
        stream: String,
        revision: u64,
        position: u64,
    },
    /// The last events of a stream are not there.
    #[error(
        "the last events of {stream} were left out: it ended at revision {revision} (position {last}) when the heads were sealed, and this bundle ends at revision {found}"
    )]
    LastEventsMissing {
        stream: String,
        revision: u64,
        last: u64,
        found: u64,
    },
    /// The manifest says more of a stream than there is, or other things.
    #[error("{stream} does not end as the manifest says: revision {revision} at position {last}")]
    StreamDiffers {
        stream: String,
        revision: u64,
        last: u64,
    },

    /// The record of the heads is not there or says something else.
    #[error(
        "the record at position {position} does not seal these heads: heads.json was altered or is another ledger's"
    )]
    HeadsDiffer { position: u64 },
    /// The head of a stream is not proven.
    #[error(
        "the head of {stream} is not proven: it is not among the heads that were sealed, or was altered"
    )]
    HeadUnproven { stream: String },
    /// A stream said to be empty is not proven to be.
    #[error(
        "it is not proven that {stream} has no event: its neighbours among the sealed heads are missing"
    )]
    AbsenceUnproven { stream: String },
    /// A record between the heads and the top is not there.
    #[error(
        "position {position} is missing between the sealed heads and the top checkpoint: something may be hidden there"
    )]
    TailGap { position: u64 },

    /// The record of the export is not there.
    #[error("the record at position {position} is no export of evidence")]
    NoExport { position: u64 },
    /// The record of the export says something else.
    #[error("the manifest does not fit the recorded export: {what} differs")]
    ExportDiffers { what: &'static str },

    /// The ledger does not know who signed.
    #[error(
        "{name} is signed by a log key that the ledger does not name at or before its size: {key}"
    )]
    KeyNotNamed { name: String, key: String },
    /// The key was retired before, and nobody else vouches.
    #[error(
        "{name} is signed only by a log key that was retired for sizes above {valid_to}, and has no quorum of witnesses: {key}"
    )]
    KeyRetired {
        name: String,
        key: String,
        valid_to: u64,
    },
    /// The key was stolen, and nobody else vouches.
    #[error(
        "{name} is signed only by a log key that was stolen, and has no quorum of witnesses: {key}"
    )]
    KeyStolen { name: String, key: String },

    /// The page or the instructions are not what the records give.
    #[error("{name} is not what the records of this bundle give: it was altered")]
    PageAltered { name: &'static str },

    /// An obligation that was opened is not there.
    #[error(
        "{obligation} was opened at position {position} and falls into what was asked for, but its events are not in this bundle"
    )]
    Omitted {
        obligation: ObligationId,
        position: u64,
    },
    /// A record could open obligations, and this program cannot tell which.
    #[error(
        "the record at position {position} is of a newer kind ({event_type}): what it opened cannot be checked"
    )]
    NotUnderstood { position: u64, event_type: String },
    /// Too few witnesses.
    #[error(
        "the top checkpoint is not cosigned by the quorum of the policy: only the log vouches that there is no other history (cosigned by: {by})"
    )]
    Uncosigned { by: String },
    /// Nobody said whom to believe.
    #[error("no policy was given: the bundle holds together, but nothing says who signed it")]
    NoPolicy,
    /// Made by a newer program.
    #[error(
        "index.html and VERIFY.md are of version {version}, which this program does not know: they were not compared with the records"
    )]
    PageUnknown { version: u32 },

    /// Whoever signed a checkpoint below the top one does not count: it says nothing of time.
    #[error("a checkpoint that does not count tells no time: {why}")]
    DoesNotCount { why: Box<Finding> },
    /// The policy does not ask for witnesses.
    #[error("the policy asks for no witness: only the log vouches that there is no other history")]
    NoWitnessAsked,
    /// Recorded long after the fact.
    #[error(
        "{records} records are back-dated, the first at position {first}: they took effect more than {hours} hours before they can have been recorded"
    )]
    BackDated {
        records: u64,
        first: u64,
        hours: u32,
    },
    /// The writer's clock and the witnesses' disagree.
    #[error(
        "{records} records state a time of recording more than {hours} hours outside what the cosignatures allow, the first at position {first}"
    )]
    ClockDisagrees {
        records: u64,
        first: u64,
        hours: u32,
    },
    /// A demonstration.
    #[error(
        "the ledger's clock is simulated, or records are marked synthetic: a demonstration or a test, never evidence"
    )]
    NotReal,
}

impl Finding {
    /// The code that programs match on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Archive(_) => "bundle.archive",
            Self::Manifest(_) => "bundle.manifest",
            Self::FileAltered { .. } => "bundle.file_altered",
            Self::FileMissing { .. } => "bundle.file_missing",
            Self::FileForeign { .. } => "bundle.file_foreign",
            Self::FileUnreadable { .. } => "bundle.file_unreadable",
            Self::OtherLog { .. } => "bundle.other_log",
            Self::TopDiffers { .. } => "bundle.top_differs",
            Self::TwoRoots { .. } => "bundle.two_roots",
            Self::BadlySigned { .. } => "bundle.badly_signed",
            Self::Rewritten { .. } => "bundle.rewritten",
            Self::ProofExchanged { .. } => "bundle.proof_exchanged",
            Self::ProofEndsElsewhere { .. } => "bundle.proof_ends_elsewhere",
            Self::Reordered { .. } => "bundle.reordered",
            Self::NotSealed { .. } => "bundle.not_sealed",
            Self::RecordUnreadable { .. } => "bundle.record_unreadable",
            Self::RecordForeign { .. } => "bundle.record_foreign",
            Self::EventMissing { .. } => "bundle.event_missing",
            Self::LastEventsMissing { .. } => "bundle.last_events_missing",
            Self::StreamDiffers { .. } => "bundle.stream_differs",
            Self::HeadsDiffer { .. } => "bundle.heads_differ",
            Self::HeadUnproven { .. } => "bundle.head_unproven",
            Self::AbsenceUnproven { .. } => "bundle.absence_unproven",
            Self::TailGap { .. } => "bundle.tail_gap",
            Self::NoExport { .. } => "bundle.no_export",
            Self::ExportDiffers { .. } => "bundle.export_differs",
            Self::KeyNotNamed { .. } => "bundle.key_not_named",
            Self::KeyRetired { .. } => "bundle.key_retired",
            Self::KeyStolen { .. } => "bundle.key_stolen",
            Self::PageAltered { .. } => "bundle.page_altered",
            Self::Omitted { .. } => "bundle.omitted",
            Self::NotUnderstood { .. } => "bundle.not_understood",
            Self::Uncosigned { .. } => "bundle.uncosigned",
            Self::NoPolicy => "bundle.no_policy",
            Self::PageUnknown { .. } => "bundle.page_unknown",
            Self::DoesNotCount { .. } => "bundle.does_not_count",
            Self::NoWitnessAsked => "bundle.no_witness_asked",
            Self::BackDated { .. } => "bundle.back_dated",
            Self::ClockDisagrees { .. } => "bundle.clock_disagrees",
            Self::NotReal => "bundle.not_real",
        }
    }

    /// What it does to the bundle.
    #[must_use]
    pub const fn weight(&self) -> Weight {
        match self {
            Self::Omitted { .. }
            | Self::NotUnderstood { .. }
            | Self::Uncosigned { .. }
            | Self::NoPolicy
            | Self::PageUnknown { .. } => Weight::Incomplete,
            Self::DoesNotCount { .. }
            | Self::NoWitnessAsked
            | Self::BackDated { .. }
            | Self::ClockDisagrees { .. }
            | Self::NotReal => Weight::Remark,
            Self::Archive(_)
            | Self::Manifest(_)
            | Self::FileAltered { .. }
            | Self::FileMissing { .. }
            | Self::FileForeign { .. }
            | Self::FileUnreadable { .. }
            | Self::OtherLog { .. }
            | Self::TopDiffers { .. }
            | Self::TwoRoots { .. }
            | Self::BadlySigned { .. }
            | Self::Rewritten { .. }
            | Self::ProofExchanged { .. }
            | Self::ProofEndsElsewhere { .. }
            | Self::Reordered { .. }
            | Self::NotSealed { .. }
            | Self::RecordUnreadable { .. }
            | Self::RecordForeign { .. }
            | Self::EventMissing { .. }
            | Self::LastEventsMissing { .. }
            | Self::StreamDiffers { .. }
            | Self::HeadsDiffer { .. }
            | Self::HeadUnproven { .. }
            | Self::AbsenceUnproven { .. }
            | Self::TailGap { .. }
            | Self::NoExport { .. }
            | Self::ExportDiffers { .. }
            | Self::KeyNotNamed { .. }
            | Self::KeyRetired { .. }
            | Self::KeyStolen { .. }
            | Self::PageAltered { .. } => Weight::Invalid,
        }
    }
}
