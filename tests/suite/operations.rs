//! The operations: every question, whoever asks.

mod pages;
mod parameters;
mod scope;
mod stage;
