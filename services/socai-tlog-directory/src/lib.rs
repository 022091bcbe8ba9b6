//! Tiles and checkpoints as files, so that `DIR/tlog` is a log as C2SP tlog-tiles describes it: any web server can
//! hand it out, and any of its readers can follow it.
//!
//! ```text
//! DIR/tlog/tile/0/x001/067        a full tile
//! DIR/tlog/tile/0/x001/068.p/8    the first 8 hashes of the next one, until it is full
//! DIR/tlog/checkpoints            every checkpoint ever signed, one after the other
//! DIR/tlog/checkpoint             the latest of them
//! ```
//!
//! A file is written as a draft beside its place, synced, renamed, and its directory synced: under its name there
//! is the whole of it or nothing. `checkpoints` alone is added to in place; see [`entry`] for its bytes.
//!
//! Assumed of the file system: a rename is atomic, a synced file keeps its bytes and a synced directory its names.
//! Deliberately absent: a lock of its own (whoever writes here holds the ledger's lock, or has a state directory
//! to itself), hashing, signing, and bundles of entries, because the ledger itself has the records.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`tiles`] | the tiles |
//! | [`checkpoints`] | the log of checkpoints |
//! | [`entry`] | the bytes of an entry |
//! | [`marks`] | how far the ledger was sealed, and an alarm: `DIR/sealed` and `DIR/alarm` |
//! | [`disk`] | what is asked of a disk |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod checkpoints;
pub mod disk;
pub mod entry;
mod log;
pub mod marks;
mod names;
mod published;
mod scan;
pub mod tiles;

pub use checkpoints::DirectoryCheckpoints;
pub use marks::DirectoryMarks;
pub use tiles::DirectoryTiles;

/// Where the log of a ledger is, in its directory.
pub const FOLDER: &str = "tlog";
