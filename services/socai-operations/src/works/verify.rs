//! Judging what was handed out: a bundle, two bundles side by side, a receipt. The ledger is not asked.

mod bundle;
mod receipt;
mod upload;

pub use bundle::{
    BUNDLE_BYTES_MAX, Bundles, Cosigned, Given, Judged, Line, Said, Says, judge_bundles,
};
pub use receipt::{Receipt, judge_receipt};
pub use socai_evidence::TOLERANCE_HOURS;
pub use upload::{UPLOAD_BYTES_MAX, Untaken, Upload, Which};

use socai_evidence::Outcome;

/// It proves what it shows.
pub const VALID: &str = "valid";
/// It does not.
pub const INVALID: &str = "invalid";
/// Nothing speaks against it, and not enough for it.
pub const INCOMPLETE: &str = "incomplete";

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Valid => VALID,
        Outcome::Invalid => INVALID,
        Outcome::Incomplete => INCOMPLETE,
    }
}
