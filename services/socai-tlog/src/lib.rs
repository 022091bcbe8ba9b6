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
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod edge;
pub mod hash;
pub mod proof;
pub mod tile;
pub mod tiles;
pub mod tree;

pub use edge::Edge;
pub use hash::Hash;
pub use proof::{ProofError, consistency_in, inclusion_in, verify_consistency, verify_inclusion};
pub use tile::Tile;
pub use tiles::{
    BadTile, MissingTile, Tiles, tiles_for_consistency, tiles_for_inclusion, tiles_for_root,
};
pub use tree::root_of;
