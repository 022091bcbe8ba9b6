//! The days of a simulation as numbers from 0, and their calendars.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use socai_domain::calendar::{Calendar, Certainty, Day as Listed, DayKind, YearCalendar};
use socai_domain::line::Line;
use socai_domain::origin::VIETNAM;

use crate::words::line;

/// A day, counted from the first day of the simulation.
pub(crate) type Day = i32;

/// Every day that a simulation names, two years past its last included.
#[derive(Debug)]
pub(crate) struct Days {
    dates: Vec<Date>,
    working: Vec<bool>,
    midnight: Timestamp,
    /// How many days things happen on.
    pub(crate) total: Day,
    pub(crate) first_year: i16,
    pub(crate) last_year: i16,
    pub(crate) calendar: Calendar,
}

impl Days {
    /// The years from `first` to `last`, with the calendars given and plain ones for the others.
    pub(crate) fn new(first: i16, last: i16, given: &[YearCalendar]) -> Self {
        let mut calendar = Calendar::default();
        for year in first..=last + 1 {
            let days = given.iter().find(|known| known.year == year);
            let days = days.map_or_else(|| plain(year), |known| known.days.clone());
            let version = 1;
            calendar.publish(YearCalendar {
                year,
                version,
                days,
            });
        }
        let start = Date::constant(first, 1, 1);
        let until = Date::constant(last + 3, 1, 1);
        let dates: Vec<Date> = start
            .series(1.day())
            .take_while(|date| *date < until)
            .collect();
        let works = |date: &Date| calendar.is_working(*date).unwrap_or(true);
        let working = dates.iter().map(works).collect();
        let midnight = midnight(start, VIETNAM);
        let mut days = Self {
            dates,
            working,
            midnight,
            total: 0,
            first_year: first,
            last_year: last,
            calendar,
        };
        days.total = days.of(Date::constant(last + 1, 1, 1));
        days
    }

    pub(crate) fn date(&self, day: Day) -> Date {
        let index = usize::try_from(day).expect("nothing is dated before the first day");
        self.dates[index]
    }

    /// The number of `date`, which may lie before the first day.
    pub(crate) fn of(&self, date: Date) -> Day {
        (date - self.dates[0]).get_days()
    }

    pub(crate) fn is_working(&self, day: Day) -> bool {
        usize::try_from(day).is_ok_and(|day| self.working.get(day).copied().unwrap_or(true))
    }

    /// `day`, or the first working day after it.
    pub(crate) fn working_from(&self, day: Day) -> Day {
        let mut day = day;
        while !self.is_working(day) {
            day += 1;
        }
        day
    }

    /// `day` or the last working day before it, but not before `earliest`.
    pub(crate) fn working_by(&self, day: Day, earliest: Day) -> Day {
        let mut back = day;
        while back > earliest && !self.is_working(back) {
            back -= 1;
        }
        back
    }

    /// The instant `ms` milliseconds after the beginning of `day` in Việt Nam.
    pub(crate) fn instant(&self, day: Day, ms: i64) -> Timestamp {
        let since = self.midnight.as_millisecond() + i64::from(day) * 86_400_000 + ms;
        Timestamp::from_millisecond(since)
            .expect("a simulation ends within the years of timestamps")
    }

    /// What is published of `year`.
    pub(crate) fn published(&self, year: i16) -> Vec<Listed> {
        let known = self.calendar.year(year);
        known.map(|known| known.days.clone()).unwrap_or_default()
    }
}

fn midnight(date: Date, zone: Offset) -> Timestamp {
    let start = date.at(0, 0, 0, 0);
    zone.to_timestamp(start)
        .expect("years are those of calendars")
}

/// The holidays with a fixed date in the solar calendar. The others need the moon or an announcement.
fn plain(year: i16) -> Vec<Listed> {
    let fixed = [
        (1, 1, "Tết Dương lịch"),
        (4, 30, "Ngày Chiến thắng"),
        (5, 1, "Ngày Quốc tế Lao động"),
        (9, 2, "Quốc khánh"),
    ];
    let source: Line = line("Lịch mô phỏng: ngày nghỉ cố định theo dương lịch");
    let holiday = |(month, day, name)| Listed {
        date: Date::constant(year, month, day),
        kind: DayKind::Legal,
        name: line(name),
        swapped_with: None,
        certainty: Certainty::Estimated,
        source: source.clone(),
    };
    fixed.into_iter().map(holiday).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_first_of_january() {
        let days = Days::new(2021, 2022, &[]);
        assert_eq!(days.total, 730);
        assert_eq!(days.date(31), Date::constant(2021, 2, 1));
        assert_eq!(days.of(Date::constant(2021, 2, 1)), 31);
        assert_eq!(days.instant(0, 0).to_string(), "2020-12-31T17:00:00Z");
    }

    #[test]
    fn holidays_and_weekends_are_no_working_days() {
        let days = Days::new(2021, 2021, &[]);
        // 1/1/2021 was a Friday.
        assert_eq!(days.working_from(0), 3);
        assert_eq!(days.working_by(2, 0), 0);
        assert_eq!(days.working_by(5, 0), 5);
    }
}
