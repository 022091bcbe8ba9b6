//! Use cases: record commands, sweep deadlines, read what was known when, gather a review.
//!
//! Whatever an edge (command line, HTTP, console) lets somebody do is a function here. Deliberately
//! absent: which store it runs on, rules of the domain, how answers are shown.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`request`] | a command as it comes in |
//! | [`ledger`] | an open ledger; recording |
//! | [`live`] | a ledger that many record into at once |
//! | [`leaves`], [`receipt`], [`tree`] | what whoever recorded can hold the ledger to: the proof that one record is in the log, and what proofs are made from |
//! | [`records`] | recording for use cases, alone or beside others |
//! | [`role`] | how each role of a process is |
//! | [`watcher`], [`sealer`] | what runs by itself: late flags, and checkpoints of the log |
//! | [`sealing`] | sealing for programs that record and exit |
//! | [`log_keys`] | the keys of its checkpoints: named, added, retired |
//! | [`migrate`] | from one store to another |
//! | [`backup`] | a copy that is brought on while the ledger is used, and proven by what was signed |
//! | [`compose`] | from decisions to records |
//! | [`audit`] | a ledger held against everything that was sealed of it |
//! | [`verification`] | the last checkpoint held against the records, while the ledger goes on |
//! | [`attachments`] | files beside the log: store, fetch, erase, audit |
//! | [`evidence`] | records handed out, with their proof |
//! | [`heads`] | sealing the last event of every stream |
//! | [`history`] | positions, times and timelines |
//! | [`import`] | large histories, straight in |
//! | [`review`] | the facts of a review |
//! | [`snapshots`] | the image, kept beside the log |
//! | [`witness`] | a witness, which cosigns the checkpoints of others |
//! | [`cosigning`] | asking witnesses for cosignatures, and keeping them |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod attachments;
pub mod audit;
pub mod backup;
pub mod compose;
pub mod cosigning;
pub mod evidence;
pub mod heads;
pub mod history;
pub mod import;
mod in_flight;
pub mod leaves;
pub mod ledger;
pub mod live;
pub mod log_keys;
pub mod migrate;
pub mod receipt;
pub mod records;
pub mod request;
pub mod review;
pub mod role;
pub mod sealer;
pub mod sealing;
pub mod snapshots;
pub mod tree;
pub mod verification;
pub mod watcher;
pub mod witness;
