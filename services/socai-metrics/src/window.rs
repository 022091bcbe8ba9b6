//! What is counted: obligations that are due within a window of days, as of today.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use socai_domain::day;
use socai_domain::origin::VIETNAM;
use socai_ledger::Query;

/// Which due dates are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Due {
    /// Those of the calendar year of today, in Việt Nam.
    #[default]
    ThisYear,
    /// Those from one day to another, whatever day it is: a term (nhiệm kỳ).
    Within {
        /// The first day.
        first: Date,
        /// The last one.
        last: Date,
    },
}

impl Due {
    /// Reads `year`, or two days as `2021-01-01/2025-12-31`; nothing else, and no window that ends before it begins.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "year" {
            return Some(Self::ThisYear);
        }
        let (first, last) = text.split_once('/')?;
        let (first, last) = (day(first)?, day(last)?);
        (first <= last).then_some(Self::Within { first, last })
    }

    /// The days, where they do not follow from today.
    pub fn days(self) -> Option<(Date, Date)> {
        match self {
            Self::ThisYear => None,
            Self::Within { first, last } => Some((first, last)),
        }
    }
}

/// A day of a year of four digits.
fn day(text: &str) -> Option<Date> {
    day::parse(text).filter(|day| day.year() >= 0)
}

/// The clocks of the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// They hold at the end of this day.
    pub as_of: Date,
    /// The first due date that is counted.
    pub from: Date,
    /// The last one.
    pub to: Date,
}

impl Window {
    /// What is counted where it is `now`.
    pub fn of(due: Due, now: Timestamp) -> Self {
        let as_of = now.to_zoned(TimeZone::fixed(VIETNAM)).date();
        let (from, to) = due.days().unwrap_or_else(|| year(as_of));
        Self { as_of, from, to }
    }

    /// As a question.
    pub fn query(self) -> Query {
        Query {
            due_from: Some(self.from),
            due_to: Some(self.to),
            ..Query::as_of(self.as_of)
        }
    }
}

fn year(day: Date) -> (Date, Date) {
    (day.first_of_year(), day.last_of_year())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_window_is_a_year_or_two_days_in_order() {
        let (first, last) = (date(2021, 1, 1), date(2025, 12, 31));
        let term = Due::Within { first, last };
        let one_day = Due::Within { first, last: first };
        for (text, read) in [
            ("year", Some(Due::ThisYear)),
            ("2021-01-01/2025-12-31", Some(term)),
            ("2021-01-01/2021-01-01", Some(one_day)),
            ("2025-12-31/2021-01-01", None),
            ("2021-01-01", None),
            ("2021/2025", None),
            ("20210101/20251231", None),
            ("2021-01-01/2025-02-29", None),
            ("2021-01-01T00:00/2025-12-31", None),
            ("2021-01-01/2025-12-31/2026-12-31", None),
            ("-009999-01-01/2025-12-31", None),
            ("2021-01-01/P5Y", None),
            ("Year", None),
            ("", None),
        ] {
            assert_eq!(read, Due::parse(text), "{text}");
        }
    }

    #[test]
    fn a_year_is_that_of_the_day_in_viet_nam_and_a_term_stays() {
        let (first, last) = (date(2021, 1, 1), date(2025, 12, 31));
        let term = Due::Within { first, last };
        let new_year: Timestamp = "2026-12-31T17:00:00Z".parse().unwrap();
        let before = new_year - jiff::SignedDuration::from_secs(1);
        for (now, today) in [(before, date(2026, 12, 31)), (new_year, date(2027, 1, 1))] {
            let window = Window::of(Due::ThisYear, now);
            assert_eq!(window.as_of, today);
            let days = (today.first_of_year(), today.last_of_year());
            assert_eq!((window.from, window.to), days);
            let window = Window::of(term, now);
            assert_eq!((window.as_of, window.from, window.to), (today, first, last));
        }
    }
}
