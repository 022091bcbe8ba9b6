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
//! | [`tree`] | how leaves come to a root |
//! | [`proof`] | inclusion and consistency: made for small trees, and verified |
//! | [`tile`] | which hashes are kept together, and their paths |
//! | [`tiles`] | roots and proofs from tiles, and which tiles they need |
//! | [`edge`] | a tree that grows, and the tiles that it makes |
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
pub mod edge;
pub mod hash;
pub mod key;
pub mod note;
#[cfg(test)]
mod oracles;
pub mod policy;
pub mod proof;
pub mod proof_file;
pub mod tile;
pub mod tiles;
pub mod tree;
pub mod witness;

pub use checkpoint::Checkpoint;
pub use edge::Edge;
pub use hash::Hash;
pub use key::{KeyKind, SigningKey, VerifierKey};
pub use note::{Note, Signature};
pub use policy::{Judged, Policy, Quorum};
pub use proof::{ProofError, consistency_in, inclusion_in, verify_consistency, verify_inclusion};
pub use proof_file::ProofFile;
pub use tile::Tile;
pub use tiles::{
    BadTile, MissingTile, Tiles, tiles_for_consistency, tiles_for_inclusion, tiles_for_root,
};
pub use tree::root_of;
pub use witness::AddCheckpoint;
