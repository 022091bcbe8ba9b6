//! Working days: which days a year's published calendar makes working days or days off.
//!
//! State offices work from Monday to Friday. What differs is published for each year and kept as
//! data with its source: statutory holidays (Labour Code 2019 Art. 112, before 2021 Labour Code
//! 2012 Art. 115), compensation for holidays on a weekend, and swaps, whose working Saturdays give
//! back a day off. A later version of a year replaces the earlier one; what was computed before
//! stays as it was recorded.
//!
//! Deliberately absent: holidays computed from rules or from the moon, and a default for a year
//! that nobody has published. Such a year is an error that names it.

mod year;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use year::{Certainty, Day, DayKind, YearCalendar, YearError};

/// Nobody has published the calendar of `year`, so its working days are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the calendar of {year} has not been published")]
pub struct NoCalendar {
    /// The year that is missing.
    pub year: i16,
}

impl NoCalendar {
    /// The code that clients match on.
    pub const fn code(self) -> &'static str {
        "calendar.not_published"
    }
}

/// The published years.
///
/// Every search ends: it answers, or comes to a year that is not published.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Calendar {
    years: BTreeMap<i16, YearCalendar>,
}

impl Calendar {
    /// Takes in a year that has passed [`YearCalendar::check`]. It stands in place of an earlier
    /// version; an earlier version than the one that stands changes nothing.
    pub fn publish(&mut self, year: YearCalendar) {
        let standing = self
            .years
            .get(&year.year)
            .map_or(0, |standing| standing.version);
        if year.version >= standing {
            self.years.insert(year.year, year);
        }
    }

    /// The version of a year that stands.
    pub fn year(&self, year: i16) -> Option<&YearCalendar> {
        self.years.get(&year)
    }

    /// The published years, ascending.
    pub fn years(&self) -> impl Iterator<Item = &YearCalendar> {
        self.years.values()
    }

    /// The listed day, where `date` is one.
    pub fn day(&self, date: Date) -> Option<&Day> {
        self.year(date.year())?.day(date)
    }

    /// Whether `date` is a working day.
    ///
    /// # Errors
    ///
    /// [`NoCalendar`] where the year of `date` has not been published.
    pub fn is_working(&self, date: Date) -> Result<bool, NoCalendar> {
        let year = self
            .year(date.year())
            .ok_or(NoCalendar { year: date.year() })?;
        Ok(year.is_working(date))
    }

    /// The first working day after `date`.
    ///
    /// # Errors
    ///
    /// [`NoCalendar`] where the search comes to a year that has not been published.
    pub fn next_working(&self, date: Date) -> Result<Date, NoCalendar> {
        self.search(date, day_after)
    }

    /// The last working day before `date`.
    ///
    /// # Errors
    ///
    /// [`NoCalendar`] where the search comes to a year that has not been published.
    pub fn previous_working(&self, date: Date) -> Result<Date, NoCalendar> {
        self.search(date, day_before)
    }

    /// The `n`th working day after `date`; `date` itself does not count (Civil Code 2015
    /// Art. 147(2)), and for 0 it is the answer.
    ///
    /// # Errors
    ///
    /// [`NoCalendar`] where the search comes to a year that has not been published.
    pub fn add_working_days(&self, date: Date, n: u16) -> Result<Date, NoCalendar> {
        (0..n).try_fold(date, |date, _| self.next_working(date))
    }

    /// The number of working days after `after` up to and including `until`; 0 where `until` is
    /// not after `after`.
    ///
    /// # Errors
    ///
    /// [`NoCalendar`] where a year between them has not been published.
    pub fn working_days_between(&self, after: Date, until: Date) -> Result<u32, NoCalendar> {
        let mut count = 0;
        let mut date = after;
        while date < until {
            date = day_after(date)?;
            count += u32::from(self.is_working(date)?);
        }
        Ok(count)
    }

    fn search(
        &self,
        from: Date,
        step: fn(Date) -> Result<Date, NoCalendar>,
    ) -> Result<Date, NoCalendar> {
        let mut date = step(from)?;
        while !self.is_working(date)? {
            date = step(date)?;
        }
        Ok(date)
    }
}

fn day_after(date: Date) -> Result<Date, NoCalendar> {
    date.tomorrow().map_err(|_| NoCalendar {
        year: date.year() + 1,
    })
}

fn day_before(date: Date) -> Result<Date, NoCalendar> {
    date.yesterday().map_err(|_| NoCalendar {
        year: date.year() - 1,
    })
}

#[cfg(test)]
pub(crate) mod tests;
