//! The memory image: every answer of the ledger, computed from its records and nothing else.
//!
//! Records are folded one after another into compact state; decisions and queries read it. *As of* is a
//! read over that state, *known at* is an image of a shorter prefix. Deliberately absent: I/O, clocks,
//! rates as numbers ([`socai_domain::rate`]), and any rule of what becomes of an obligation
//! ([`socai_domain::standing`]): what stands is asked there whenever a fact changes it, and kept as a
//! digest that can be read in a nanosecond.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`fact`] | a record as the fold needs it |
//! | [`image`] | the state, and the fold |
//! | [`query`], [`rates`], [`rows`] | which obligations, how many, and which ones |
//! | [`units`] | how every unit stands, in one walk |
//! | [`event_counts`] | how often what was recorded |
//! | [`flags`], [`notes`] | late flags against buckets, what a reader should know of the data |
//! | [`heads`] | the last event of every stream |
//! | [`timeline`], [`search`] | from an object to its positions, from words to objects |
//! | [`view`] | rows for tables kept elsewhere, and which of them a record changed |
//! | [`snapshot`], [`pipeline`] | the state as bytes, and a fold over two threads |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

mod chunked;
mod day;
mod digest;
mod entry;
pub mod event_counts;
pub mod fact;
pub mod flags;
pub mod heads;
pub mod image;
mod names;
pub mod notes;
pub mod pipeline;
pub mod query;
pub mod rates;
mod row;
pub mod rows;
mod scan;
pub mod search;
pub mod snapshot;
mod table;
pub mod timeline;
pub mod units;
pub mod view;

pub use fact::Fact;
pub use image::{FoldError, Image};
pub use query::{Grouping, Lineage, Query};
