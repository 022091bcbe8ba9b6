//! The operations: every question, whoever asks.

mod parameters;
