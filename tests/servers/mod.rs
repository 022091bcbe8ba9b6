//! Real servers for the tests: each on free ports, in a temporary directory, ended with its value.
//!
//! Where a program is missing the test fails, with the command that installs it.

pub mod nats;
pub mod postgres;
