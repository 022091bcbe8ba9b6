//! The operations: every question, whoever asks.

mod days;
mod pages;
mod parameters;
mod scope;
mod stage;
