//! One year as published: the days that differ from their weekday, checked before they count.

use jiff::civil::{Date, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::line::Line;

/// What sets a day apart from its weekday.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// A statutory holiday. It may fall on a weekend, where it changes nothing by itself.
    Legal,
    /// A day off in place of a holiday that fell on a weekend (nghỉ bù).
    Comp,
    /// A weekday off that a working Saturday pays for (nghỉ hoán đổi).
    SwapOff,
    /// A Saturday worked in place of a weekday off (làm bù).
    WorkSaturday,
}

/// How sure the publisher is of a day. Declared from sure to unsure.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Announced, or beyond doubt.
    Certain,
    /// The law gives the day, but nobody has announced where it falls. It counts until announced
    /// otherwise.
    Estimated,
    /// It is not established that the law makes it a day off (24/11/2026: policy of 80-NQ/TW, the
    /// amendment of Art. 112 not verified). It changes nothing until a later version of the year
    /// says that it does: no time limit grows by a law that may not be in force.
    Uncertain,
}

/// One day of a published year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// What sets it apart.
    pub kind: DayKind,
    /// What it is called, such as "Tết Dương lịch".
    pub name: Line,
    /// The other half of a swap, which may lie in a neighbouring year.
    #[serde(default)]
    pub swapped_with: Option<Date>,
    /// How sure the publisher is.
    pub certainty: Certainty,
    /// Where it comes from.
    pub source: Line,
}

/// A year as published: the days that differ from their weekday, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct YearCalendar {
    /// The calendar year.
    pub year: i16,
    /// Counts from 1 for each year.
    pub version: u32,
    /// The days, ascending.
    pub days: Vec<Day>,
}

/// Why a year cannot be published as it is, in the order in which the rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum YearError {
    /// Versions count from 1.
    #[error("a calendar's versions count from 1")]
    VersionZero,
    /// Each year is published by itself.
    #[error("{date} is not a day of {year}")]
    OutsideYear { date: Date, year: i16 },
    /// A day is one thing only.
    #[error("{date} is given twice")]
    Duplicate { date: Date },
    /// Days ascend.
    #[error("{date} stands after a later day")]
    NotSorted { date: Date },
    /// Only a Saturday becomes a working day.
    #[error("{date} is not a Saturday")]
    NotASaturday { date: Date },
    /// A weekend needs no compensation and no swap to be off.
    #[error("{date} is off by compensation or swap, but falls on a weekend")]
    OffOnWeekend { date: Date },
    /// Statutory holidays and compensation are not swapped.
    #[error("{date} names a day it was swapped with, but is no swap")]
    NotASwap { date: Date },
    /// The other half of a swap within the year is given too.
    #[error("{date} is swapped with {partner}, which is not given")]
    SwapUnlisted { date: Date, partner: Date },
    /// One half of a swap is off, the other is worked, and they name each other.
    #[error("{date} is swapped with {partner}, which is not its counterpart")]
    SwapMismatch { date: Date, partner: Date },
}

impl YearError {
    /// The code that clients match on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::VersionZero => "calendar.version_zero",
            Self::OutsideYear { .. } => "calendar.outside_year",
            Self::Duplicate { .. } => "calendar.duplicate_day",
            Self::NotSorted { .. } => "calendar.not_sorted",
            Self::NotASaturday { .. } => "calendar.not_a_saturday",
            Self::OffOnWeekend { .. } => "calendar.off_on_weekend",
            Self::NotASwap { .. } => "calendar.not_a_swap",
            Self::SwapUnlisted { .. } => "calendar.swap_unlisted",
            Self::SwapMismatch { .. } => "calendar.swap_mismatch",
        }
    }
}

impl YearCalendar {
    /// Checks that the year may be published.
    ///
    /// A swap with a day of another year is not checked against that year: either of the two may
    /// be published first, or again.
    ///
    /// # Errors
    ///
    /// The [`YearError`] that applies; where several do, the one declared first.
    pub fn check(&self) -> Result<(), YearError> {
        if self.version == 0 {
            return Err(YearError::VersionZero);
        }
        let outside = self.days.iter().find(|day| day.date.year() != self.year);
        if let Some(&Day { date, .. }) = outside {
            return Err(YearError::OutsideYear {
                date,
                year: self.year,
            });
        }
        self.check_order()?;
        self.days.iter().try_for_each(check_weekday)?;
        self.days.iter().try_for_each(|day| self.check_swap(day))
    }

    /// The listed day, where `date` is one.
    pub fn day(&self, date: Date) -> Option<&Day> {
        let found = self.days.binary_search_by_key(&date, |day| day.date);
        found.ok().map(|index| &self.days[index])
    }

    fn check_order(&self) -> Result<(), YearError> {
        let mut dates: Vec<Date> = self.days.iter().map(|day| day.date).collect();
        let descends = dates
            .windows(2)
            .find(|pair| pair[0] > pair[1])
            .map(|pair| pair[1]);
        dates.sort_unstable();
        if let Some(pair) = dates.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(YearError::Duplicate { date: pair[0] });
        }
        descends.map_or(Ok(()), |date| Err(YearError::NotSorted { date }))
    }

    fn check_swap(&self, day: &Day) -> Result<(), YearError> {
        let date = day.date;
        let Some(partner) = day.swapped_with else {
            return Ok(());
        };
        if matches!(day.kind, DayKind::Legal | DayKind::Comp) {
            return Err(YearError::NotASwap { date });
        }
        if partner.year() != self.year {
            return Ok(());
        }
        let other = self
            .day(partner)
            .ok_or(YearError::SwapUnlisted { date, partner })?;
        let kinds = [day.kind.min(other.kind), day.kind.max(other.kind)];
        let names_back = other.swapped_with.is_none_or(|back| back == date);
        if kinds == [DayKind::SwapOff, DayKind::WorkSaturday] && names_back {
            return Ok(());
        }
        Err(YearError::SwapMismatch { date, partner })
    }

    pub(super) fn is_working(&self, date: Date) -> bool {
        let listed = self
            .day(date)
            .filter(|day| day.certainty < Certainty::Uncertain);
        match listed.map(|day| day.kind) {
            Some(DayKind::WorkSaturday) => true,
            Some(DayKind::Legal | DayKind::Comp | DayKind::SwapOff) => false,
            None => !is_weekend(date),
        }
    }
}

fn check_weekday(day: &Day) -> Result<(), YearError> {
    let date = day.date;
    match day.kind {
        DayKind::WorkSaturday if date.weekday() != Weekday::Saturday => {
            Err(YearError::NotASaturday { date })
        }
        DayKind::Comp | DayKind::SwapOff if is_weekend(date) => {
            Err(YearError::OffOnWeekend { date })
        }
        DayKind::Legal | DayKind::Comp | DayKind::SwapOff | DayKind::WorkSaturday => Ok(()),
    }
}

pub(super) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
