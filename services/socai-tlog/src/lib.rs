//! A transparency log: what is appended can be proven to be there, and nothing can be changed unseen.
//!
//! The tree is that of RFC 6962 over the bytes of records; the leaf of position p has index p − 1. Formats are those
//! of C2SP (tlog-tiles, signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-policy, tlog-witness), so
//! that programs which nobody here wrote can check what this one signs. Deliberately absent: I/O, clock, randomness,
//! and what a record means.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`hash`] | the hashes of leaves and nodes |
//! | [`key`] | whom to believe, and what signs |
//! | [`note`] | a text and the signatures below it |
//! | [`checkpoint`] | how large a log is, and its root |
//! | [`cosignature`] | what a witness signs, and when |
//! | [`proof_file`] | that a record is in a log, checkable without the log |
//! | [`policy`] | whose signatures make a checkpoint worth believing |
//! | [`witness`] | what a log asks of a witness, and what the witness decides |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod checkpoint;
pub mod cosignature;
pub mod hash;
pub mod key;
pub mod note;
pub mod policy;
pub mod proof_file;
pub mod witness;

pub use checkpoint::Checkpoint;
pub use hash::Hash;
pub use key::{SigningKey, VerifierKey};
pub use note::{Note, Signature};
pub use policy::Policy;
pub use proof_file::ProofFile;
