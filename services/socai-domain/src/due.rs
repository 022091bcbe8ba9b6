//! Due dates: how the last day of a time limit follows from a rule, a period and the calendar.
//!
//! Two steps, both told in the answer ([`Resolved`]): the rule gives a day, and where that day is
//! off the requirement's [`DayOff`] policy moves it. A due date is a day in Vietnam, inclusive to
//! 24:00 (Civil Code 2015 Art. 148(6)).
//!
//! **One working day before the due date.** 09/2019/NĐ-CP Art. 8(5)b asks for not less than 01
//! working day between the end of data collection and the due date. It is read here as a working
//! day that lies *between* the two: after the last day of the window and before the due date. With
//! a window to 14/3, 16/3 may be due where 15/3 is a working day, 15/3 may not, and neither may a
//! Monday where the window ends on the Friday before. Counting the due date itself as that day
//! would be the looser reading. The rule binds only what has the decree's window.
//!
//! Deliberately absent: extensions, and whether anything is late.

mod timing;

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Certainty, NoCalendar};
use crate::line::Line;
use crate::period::{Period, Window};

pub use timing::{Times, Timing, TimingError};

/// When a report is due.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum DueRule {
    /// On a date, whichever the period.
    Fixed {
        /// The date.
        date: Date,
    },
    /// On a day of the last month of the period, such as the 25th (09/2019/NĐ-CP Art. 13). In a
    /// month without that day: on its last day (Civil Code 2015 Art. 148).
    DayOfLastMonth {
        /// The day of the month.
        #[schemars(range(min = 1, max = 31))]
        day: i8,
    },
    /// So many calendar days after the window ends. The last day of the window does not count
    /// (Civil Code 2015 Art. 147(2)).
    DaysAfter {
        /// Calendar days.
        n: u16,
    },
    /// So many working days after the window ends; its last day does not count.
    WorkingDaysAfter {
        /// Working days.
        n: u16,
    },
    /// The document does not say. Nothing is ever late then.
    NotStated,
}

/// What happens to a due date that falls on a day off.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DayOff {
    /// It stays.
    Keep,
    /// It moves to the end of the next working day (Civil Code 2015 Art. 148(5)).
    NextWorkingDay,
    /// It moves to the last working day before.
    PreviousWorkingDay,
}

/// A due date and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// The last day, inclusive.
    pub due: Date,
    /// The day that the rule gave.
    pub unshifted: Date,
    /// Why that day is off, where `due` is another.
    pub shifted_because: Option<OffBecause>,
    /// The weakest certainty among the published days that were looked at.
    pub certainty: Certainty,
}

/// Why a day is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum OffBecause {
    /// A Saturday or Sunday that is nothing else.
    Weekend,
    /// A day of the published calendar.
    Listed {
        /// What it is called there.
        name: Line,
    },
}

/// Why there is no such due date, in the order in which the rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DueError {
    /// Months have 31 days at most.
    #[error("a day of a month is a number from 1 to 31")]
    NoSuchDay,
    /// The rule needs a month, quarter, half-year or year.
    #[error("the period has a name of its own, and so no last month")]
    NoMonths,
    /// The rule counts from the end of a window.
    #[error("days are counted from the end of a window, and the window is not stated")]
    NoWindow,
    /// Dates end with the year 9999.
    #[error("the due date would be after the year 9999")]
    OutOfRange,
    /// Working days of that year are not known.
    #[error(transparent)]
    NoCalendar(#[from] NoCalendar),
    /// 09/2019/NĐ-CP Art. 8(5)b.
    #[error(
        "no working day lies between the end of the data window and the due date \
         (09/2019/NĐ-CP, Article 8(5)b)"
    )]
    NoWorkingDayBetween,
}

impl DueError {
    /// The code that clients match on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSuchDay => "due.no_such_day",
            Self::NoMonths => "due.no_months",
            Self::NoWindow => "due.no_window",
            Self::OutOfRange => "due.out_of_range",
            Self::NoCalendar(missing) => missing.code(),
            Self::NoWorkingDayBetween => "due.no_working_day_between",
        }
    }
}

/// Finds the due date of `period`; `None` where the document states none.
///
/// The calendar is asked only where working days matter: a date that is kept needs none.
///
/// # Errors
///
/// The [`DueError`] that applies; where several do, the one declared first. Whether a working day
/// lies before the due date is for [`check_decree_09`] to say.
pub fn resolve(
    rule: DueRule,
    day_off: DayOff,
    period: &Period,
    window: Option<Window>,
    calendar: &Calendar,
) -> Result<Option<Resolved>, DueError> {
    rule.check()?;
    let window_end = || window.map(Window::to).ok_or(DueError::NoWindow);
    let (counted_from, unshifted) = match rule {
        DueRule::Fixed { date } => (None, date),
        DueRule::DayOfLastMonth { day } => (None, day_of_last_month(day, period)?),
        DueRule::DaysAfter { n } => (None, days_after(window_end()?, n)?),
        DueRule::WorkingDaysAfter { n } => {
            let end = window_end()?;
            (Some(end), calendar.add_working_days(end, n)?)
        }
        DueRule::NotStated => return Ok(None),
    };
    let due = shift(unshifted, day_off, calendar)?;
    let looked_at = match (counted_from, day_off) {
        (None, DayOff::Keep) => None,
        (None, DayOff::NextWorkingDay | DayOff::PreviousWorkingDay) => Some(unshifted),
        (Some(end), _) => Some(end.min(unshifted)),
    };
    let certainty = looked_at.map_or(Certainty::Certain, |from| {
        weakest_certainty(from.min(due), unshifted.max(due), calendar)
    });
    let shifted_because = (due != unshifted).then(|| off_because(unshifted, calendar));
    Ok(Some(Resolved {
        due,
        unshifted,
        shifted_because,
        certainty,
    }))
}

/// Checks that a working day lies after the last day of `window` and before `due`.
///
/// # Errors
///
/// [`DueError::NoCalendar`], or [`DueError::NoWorkingDayBetween`].
pub fn check_decree_09(window: Window, due: Date, calendar: &Calendar) -> Result<(), DueError> {
    if calendar.next_working(window.to())? < due {
        return Ok(());
    }
    Err(DueError::NoWorkingDayBetween)
}

impl DueRule {
    fn check(self) -> Result<(), DueError> {
        match self {
            Self::DayOfLastMonth { day } if !(1..=31).contains(&day) => Err(DueError::NoSuchDay),
            _ => Ok(()),
        }
    }

    /// Whether a window that ends on a 14th leaves no day before the due date in any period,
    /// whatever the calendar says: a day off moves to the next working day at most, and between
    /// the two lies none.
    fn never_leaves_a_working_day(self) -> bool {
        match self {
            Self::DayOfLastMonth { day } => day <= 15,
            Self::DaysAfter { n } | Self::WorkingDaysAfter { n } => n <= 1,
            Self::Fixed { .. } | Self::NotStated => false,
        }
    }
}

fn day_of_last_month(day: i8, period: &Period) -> Result<Date, DueError> {
    let last = period.span().ok_or(DueError::NoMonths)?.to();
    Ok(last.with().day(day).build().unwrap_or(last))
}

fn days_after(end: Date, n: u16) -> Result<Date, DueError> {
    end.checked_add(i64::from(n).days())
        .map_err(|_| DueError::OutOfRange)
}

fn shift(date: Date, day_off: DayOff, calendar: &Calendar) -> Result<Date, NoCalendar> {
    match day_off {
        DayOff::Keep => Ok(date),
        _ if calendar.is_working(date)? => Ok(date),
        DayOff::NextWorkingDay => calendar.next_working(date),
        DayOff::PreviousWorkingDay => calendar.previous_working(date),
    }
}

fn off_because(date: Date, calendar: &Calendar) -> OffBecause {
    let listed = calendar
        .day(date)
        .filter(|day| day.certainty < Certainty::Uncertain);
    listed.map_or(OffBecause::Weekend, |day| OffBecause::Listed {
        name: day.name.clone(),
    })
}

fn weakest_certainty(from: Date, to: Date, calendar: &Calendar) -> Certainty {
    let days = calendar.years().flat_map(|year| &year.days);
    let looked_at = days.filter(|day| from <= day.date && day.date <= to);
    looked_at
        .map(|day| day.certainty)
        .max()
        .unwrap_or(Certainty::Certain)
}

#[cfg(test)]
mod tests;
