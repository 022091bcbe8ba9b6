//! Everything that somebody may ask of a ledger, each defined once for the command line, HTTP and gRPC.
//!
//! An operation is a question, a command or a work. What it takes, who may ask it and what it answers stand in
//! one place; the wires (`socai-api`, `socai-grpc`, the command line) carry it and add no meaning.
//! Deliberately absent: wires, status codes, rules of the domain, where the ledger is kept.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`question`] | what a question is |
//! | [`questions`] | each question |
//! | [`catalogue`] | all of them, by name |
//! | [`names`] | how commands, questions and rows are called |
//! | [`known_at`] | a position or a time |
//! | [`cells`] | rows as cells: tables, CSV, XLSX |
//! | [`forms`] | cells as files: CSV, XLSX |
//! | [`texts`] | parameters that are no single text, made of one |
//! | [`page`] | pages of an answer |
//! | [`sight`] | what concerns whom |
//! | [`accounts`] | who has an account, for whoever finds out who asks |
//! | [`service`] | what an edge asks |
//! | [`recording`] | commands of an account |
//! | [`report`] | what became of a command |
//! | [`past`] | the ledger as it was known earlier |
//! | [`works`] | what is more than a question: reviews, evidence, files, proofs, records |
//! | [`jobs`] | works that take longer than a request |
//! | `turns` | turns of accounts |
//! | [`trouble`] | why there is no answer |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

pub mod accounts;
pub mod catalogue;
pub mod cells;
pub mod forms;
mod hex;
pub mod jobs;
pub mod known_at;
mod misread;
pub mod names;
pub mod page;
pub mod past;
pub mod question;
pub mod questions;
pub mod recording;
pub mod report;
pub mod service;
pub mod sight;
pub mod texts;
pub mod trouble;
mod turns;
pub mod works;
