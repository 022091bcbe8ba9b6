//! The evidence bundle: put together, read and judged without the ledger.
//!
//! A bundle is a zip of plain files (`ops/formats/evidence-bundle.md`). Whoever holds one, and a policy that says whose
//! signatures to believe, can check years later that it shows what the ledger recorded. Deliberately absent: the
//! ledger, I/O, a clock, and trust in whoever made the bundle.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`archive`] | the zip, unpacked with suspicion |
//! | [`manifest`] | what was asked, and the hash of every file |
//! | [`heads`] | the tree over where every stream ended |
//! | [`sealed_heads`] | where the streams of a bundle ended, and the proof of it |
//! | [`bundle`] | the files of a bundle, read |
//! | [`compose`](mod@compose) | facts in, bundle out |
//! | [`opened`] | which obligations records opened |
//! | [`page`] | what a person reads |
//! | [`judge`](mod@judge) | whether a bundle proves what it shows |
//! | [`compare`](mod@compare) | whether two bundles show one history |
//! | [`finding`] | what can be wrong, in sentences |
//! | [`verdict`] | what a verifier answers |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod archive;
pub mod bundle;
pub mod compare;
pub mod compose;
pub mod finding;
pub mod heads;
pub mod judge;
pub mod manifest;
pub mod names;
pub mod opened;
pub mod page;
pub mod sealed_heads;
mod text;
pub mod verdict;

pub use bundle::Bundle;
pub use compose::{Facts, Kept, Proven, compose};
pub use finding::{Finding, Weight};
pub use heads::HeadsTree;
pub use judge::{TOLERANCE_HOURS, judge, verify};
pub use manifest::{Manifest, Query, StreamHead};
pub use verdict::{Bracket, Outcome, RecordLine, Verdict};

#[cfg(test)]
mod tests;
