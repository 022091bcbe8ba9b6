//! What all aggregates promise together, and the words in which their tests are written.

mod climb;
mod codes;
mod given;
mod histories;
mod properties;
mod schemas;

pub(crate) use climb::{Climb, ladder};
pub(crate) use given::{Given, Step, Told, city, day, given, step, told};
pub(crate) use schemas::command_names;
