//! A year of the working-day calendar, published into the ledger in versions.
//!
//! A later version stands in place of the earlier one from where it is recorded; due dates that were
//! resolved before keep what they were resolved with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Day, YearCalendar};
use crate::line::Line;
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};

/// What is asked of a year's calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A year's days off and working Saturdays became known.
    #[serde(rename = "calendar.publish")]
    Publish {
        #[schemars(range(min = 1976, max = 9998))]
        year: i16,
        days: Vec<Day>,
        /// Who decided so, or where it was read.
        source: Line,
    },
}

/// What became true of a year's calendar. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// These days differ from their weekday.
    #[serde(rename = "calendar.published.v1")]
    Published {
        /// Counts from 1 for each year.
        version: u32,
        days: Vec<Day>,
        source: Line,
    },
}

refusals!("calendar" {
    /// The tables of days off that are known begin in 1976.
    BadYear = "bad_year", "a calendar is of a year from 1976 to 9998";
});

/// Decides what follows when `asking` asks `command`, and of which year.
///
/// Publishing the same days again yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; contradictions among the days refuse with their own codes.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<(i16, Vec<Event>), Refused> {
    let Command::Publish { year, days, source } = command;
    if !(1976..=9998).contains(year) {
        return Err(Refusal::BadYear.about(year));
    }
    let standing = asking.registry.calendar.year(*year);
    if standing.is_some_and(|standing| standing.days == *days) {
        return Ok((*year, Vec::new()));
    }
    let version = standing.map_or(1, |standing| standing.version + 1);
    let published = YearCalendar {
        year: *year,
        version,
        days: days.clone(),
    };
    published.check().map_err(|error| Refused {
        code: error.code(),
        sentence: "the days contradict each other or the year",
        about: Some(error.to_string()),
    })?;
    Ok((
        *year,
        vec![Event::Published {
            version,
            days: days.clone(),
            source: source.clone(),
        }],
    ))
}

/// Tells the calendar one more fact about `year`.
pub fn evolve(calendar: &mut Calendar, year: i16, event: &Event) {
    let Event::Published {
        version,
        days,
        source: _,
    } = event;
    calendar.publish(YearCalendar {
        year,
        version: *version,
        days: days.clone(),
    });
}

#[cfg(test)]
pub(crate) mod tests;
