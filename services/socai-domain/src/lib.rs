//! The domain: what is directed, owed, handed in, judged and counted.
//!
//! Types, commands, events, refusals and deciders of the field, the calendar and the rules of counting,
//! as functions of their arguments. Deliberately absent: I/O, clocks, randomness, the environment, and
//! any knowledge of how events are stored.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`mod@unit`], [`group`] | who owes and receives, through reorganisations |
//! | [`document`], [`number`] | issued texts, their chains, how their numbers read |
//! | [`requirement`], [`task`] | what creates obligations |
//! | [`day`] | how a day is written |
//! | [`obligation`], [`standing`] | what becomes of them, and what stands on a day |
//! | [`inspection`] | what a committee looks into |
//! | [`attachment`] | files that were shown, and their erasure |
//! | [`evidence`] | records that were handed out |
//! | [`account`], [`permission`] | who uses the ledger, and who may do and read what |
//! | [`ledger`], [`log_key`], [`root`] | whose ledger it is, and the keys and heads by which it is proven |
//! | [`calendar`], [`year`], [`period`], [`due`] | working days, periods, due dates |
//! | [`rate`] | buckets, rates, ageing |
//! | [`command`], [`event`], [`subject`], [`registry`], [`opening`], [`book`], [`draft`] | everything together |
//! | [`schema`] | how commands and events are written, as JSON Schemas |
//! | [`id`], [`mod@line`], [`text`], [`codec`], [`origin`], [`refusal`] | what the others are made of |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod account;
pub mod attachment;
pub mod book;
pub mod calendar;
pub mod codec;
pub mod command;
pub mod day;
pub mod document;
pub mod draft;
pub mod due;
pub mod event;
pub mod evidence;
pub mod group;
pub mod id;
pub mod inspection;
pub mod ledger;
pub mod line;
pub mod log_key;
pub mod number;
pub mod obligation;
pub mod opening;
pub mod origin;
pub mod period;
pub mod permission;
pub mod rate;
pub mod refusal;
pub mod registry;
pub mod requirement;
pub mod root;
pub mod schema;
pub mod standing;
pub mod subject;
pub mod task;
pub mod text;
pub mod unit;
pub mod year;

#[cfg(test)]
mod tests;
