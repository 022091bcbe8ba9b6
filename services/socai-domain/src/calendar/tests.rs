use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::year::is_weekend;
use super::*;
use crate::line::Line;

const CSV: &str = include_str!("../../../../tests/data/vn_calendar_2014_2027.csv");

/// The years 2014 to 2027 as published.
pub(crate) fn published() -> Calendar {
    let mut calendar = Calendar::default();
    for year in years() {
        calendar.publish(year);
    }
    calendar
}

fn years() -> Vec<YearCalendar> {
    let mut years: BTreeMap<i16, Vec<Day>> = BTreeMap::new();
    for row in csv::Reader::from_reader(CSV.as_bytes()).records() {
        let day = day(&row.unwrap());
        years.entry(day.date.year()).or_default().push(day);
    }
    years
        .into_iter()
        .map(|(year, days)| YearCalendar {
            year,
            version: 1,
            days,
        })
        .collect()
}

fn day(row: &csv::StringRecord) -> Day {
    let certainty = match &row[5] {
        "certain" => Certainty::Certain,
        "estimated" => Certainty::Estimated,
        doubt if doubt.starts_with("UNCERTAIN") => Certainty::Uncertain,
        other => panic!("{other}"),
    };
    Day {
        date: row[0].parse().unwrap(),
        kind: serde_json::from_value(row[2].trim_end_matches('?').into()).unwrap(),
        name: Line::new(&row[3]).unwrap(),
        swapped_with: row[4].parse().ok(),
        certainty,
        source: Line::new(&row[6]).unwrap(),
    }
}

fn a_day(date: Date, kind: DayKind, swapped_with: Option<Date>) -> Day {
    let name = Line::new("Nghỉ").unwrap();
    Day {
        date,
        kind,
        source: name.clone(),
        name,
        swapped_with,
        certainty: Certainty::Certain,
    }
}

#[test]
fn every_year_from_2014_to_2027_may_be_published() {
    let years = years();
    let numbers: Vec<i16> = years.iter().map(|year| year.year).collect();
    assert_eq!(numbers, Vec::from_iter(2014..=2027));
    for year in years {
        assert_eq!(year.check(), Ok(()), "{}", year.year);
    }
}

#[test]
fn days_are_as_announced() {
    let (works, off) = (true, false);
    #[rustfmt::skip] // a row a line
    let table = [
        (date(2014, 1, 27), works, "the Monday before Tết"),
        (date(2014, 1, 28), off, "swapped with Saturday 25/1"),
        (date(2014, 1, 25), works, "the Saturday worked for it"),
        (date(2014, 2, 5), off, "compensation, which python-holidays misses"),
        (date(2014, 2, 6), works, "back to work"),
        (date(2014, 2, 8), works, "a working Saturday"),
        (date(2014, 2, 9), off, "a plain Sunday"),
        (date(2014, 12, 27), works, "a Saturday worked for a day off in another year"),
        (date(2015, 1, 2), off, "that day off"),
        (date(2016, 4, 16), off, "a holiday on a Saturday"),
        (date(2016, 4, 18), off, "its compensation"),
        (date(2024, 5, 4), works, "a working Saturday"),
        (date(2026, 1, 2), off, "announced on 25/12/2025"),
        (date(2026, 1, 10), works, "the Saturday worked for it"),
        (date(2026, 8, 22), works, "a working Saturday"),
        (date(2026, 8, 31), off, "the day off it pays for"),
        (date(2026, 11, 24), works, "a day off only once the law says so"),
        (date(2027, 2, 11), off, "estimated days count"),
        (date(2024, 2, 29), works, "a plain Thursday"),
    ];
    let calendar = published();
    for (date, expected, why) in table {
        assert_eq!(calendar.is_working(date), Ok(expected), "{date}: {why}");
    }
    let doubtful = calendar.day(date(2026, 11, 24)).unwrap();
    assert_eq!(
        (doubtful.kind, doubtful.certainty),
        (DayKind::Legal, Certainty::Uncertain)
    );
}

/// Weekdays off as domain-facts §5.2 prints them, without the uncertain 24/11.
#[test]
fn each_year_has_its_weekdays_off_and_working_saturdays() {
    let table = [
        (2014, 14, 5),
        (2015, 13, 2),
        (2016, 10, 0),
        (2017, 10, 0),
        (2018, 11, 0),
        (2019, 11, 2),
        (2020, 10, 0),
        (2021, 11, 0),
        (2022, 11, 0),
        (2023, 11, 0),
        (2024, 12, 1),
        (2025, 12, 1),
        (2026, 13, 2),
        (2027, 11, 0),
    ];
    let calendar = published();
    for (year, weekdays_off, saturdays) in table {
        let days = date(year, 1, 1).series(jiff::Span::new().days(1));
        let days = days.take_while(|day| day.year() == year);
        let (weekend, week): (Vec<Date>, Vec<Date>) = days.partition(|day| is_weekend(*day));
        let off = week
            .iter()
            .filter(|day| !calendar.is_working(**day).unwrap())
            .count();
        let worked = weekend
            .iter()
            .filter(|day| calendar.is_working(**day).unwrap())
            .count();
        assert_eq!((off, worked), (weekdays_off, saturdays), "{year}");
    }
}

#[test]
fn searches_cross_tet_and_new_year() {
    let calendar = published();
    assert_eq!(
        calendar.next_working(date(2014, 1, 27)),
        Ok(date(2014, 2, 6))
    );
    assert_eq!(
        calendar.previous_working(date(2014, 2, 6)),
        Ok(date(2014, 1, 27))
    );
    assert_eq!(
        calendar.next_working(date(2018, 12, 28)),
        Ok(date(2019, 1, 2))
    );
    assert_eq!(
        calendar.previous_working(date(2023, 1, 3)),
        Ok(date(2022, 12, 30))
    );
    assert_eq!(
        calendar.add_working_days(date(2014, 1, 27), 3),
        Ok(date(2014, 2, 8))
    );
    assert_eq!(
        calendar.add_working_days(date(2014, 2, 1), 0),
        Ok(date(2014, 2, 1))
    );
    let tet = calendar.working_days_between(date(2014, 1, 27), date(2014, 2, 8));
    assert_eq!(tet, Ok(3), "6/2, 7/2 and Saturday 8/2");
    assert_eq!(
        calendar.working_days_between(date(2014, 2, 8), date(2014, 1, 27)),
        Ok(0)
    );
}

#[test]
fn a_year_that_is_not_published_is_named() {
    let calendar = published();
    assert_eq!(
        calendar.is_working(date(2013, 12, 31)),
        Err(NoCalendar { year: 2013 })
    );
    assert_eq!(
        calendar.next_working(date(2027, 12, 31)),
        Err(NoCalendar { year: 2028 })
    );
    assert_eq!(
        calendar.previous_working(date(2014, 1, 1)),
        Err(NoCalendar { year: 2013 })
    );
    assert_eq!(
        calendar.add_working_days(date(2027, 1, 1), u16::MAX),
        Err(NoCalendar { year: 2028 })
    );
    let ages = calendar.working_days_between(date(2014, 1, 1), Date::MAX);
    assert_eq!(ages, Err(NoCalendar { year: 2028 }));
    assert_eq!(
        Calendar::default().next_working(Date::MAX),
        Err(NoCalendar { year: 10_000 })
    );
    assert_eq!(
        NoCalendar { year: 2028 }.to_string(),
        "the calendar of 2028 has not been published"
    );
}

#[test]
fn a_later_version_of_a_year_replaces_the_earlier() {
    let mut calendar = published();
    let first = calendar.year(2026).unwrap().clone();
    let mut second = YearCalendar {
        version: 2,
        ..first.clone()
    };
    for day in &mut second.days {
        day.certainty = Certainty::Certain;
    }

    calendar.publish(second);
    assert_eq!(calendar.is_working(date(2026, 11, 24)), Ok(false));

    calendar.publish(first);
    assert_eq!(
        calendar.year(2026).unwrap().version,
        2,
        "an earlier version changes nothing"
    );
}

/// Each row mends what the row before was refused for.
#[test]
fn publishing_checks_rules_in_order() {
    let off = a_day(date(2025, 5, 2), DayKind::SwapOff, Some(date(2025, 4, 26)));
    let worked = |kind, back| a_day(date(2025, 4, 26), kind, Some(back));
    let legal = |day| a_day(date(2025, 4, day), DayKind::Legal, None);
    let saturday = || worked(DayKind::WorkSaturday, date(2025, 5, 2));
    let sunday_off = a_day(date(2025, 4, 27), DayKind::Comp, None);
    let elsewhere = a_day(date(2024, 12, 31), DayKind::Legal, None);
    let monday = a_day(date(2025, 4, 28), DayKind::WorkSaturday, None);
    let swapped_holiday = a_day(date(2025, 4, 30), DayKind::Legal, Some(date(2025, 5, 2)));

    #[rustfmt::skip] // a row a line
    let ladder = [
        ("version 0", 0, vec![elsewhere.clone(), off.clone()], "calendar.version_zero"),
        ("another year", 1, vec![elsewhere, off.clone()], "calendar.outside_year"),
        ("twice, apart", 1, vec![legal(30), off.clone(), legal(30)], "calendar.duplicate_day"),
        ("descending", 1, vec![off.clone(), legal(30)], "calendar.not_sorted"),
        ("a worked Monday", 1, vec![monday, off.clone()], "calendar.not_a_saturday"),
        ("a Sunday off", 1, vec![sunday_off, off.clone()], "calendar.off_on_weekend"),
        ("a swapped holiday", 1, vec![swapped_holiday, off.clone()], "calendar.not_a_swap"),
        ("half a swap", 1, vec![legal(30), off.clone()], "calendar.swap_unlisted"),
        (
            "a partner that is another's",
            1,
            vec![worked(DayKind::WorkSaturday, date(2025, 5, 5)), off.clone()],
            "calendar.swap_unlisted",
        ),
        ("a partner that is no work", 1, vec![worked_as_holiday(), off.clone()], "calendar.swap_mismatch"),
        ("mended", 1, vec![saturday(), legal(30), off], "ok"),
    ];
    for (rung, version, days, expected) in ladder {
        let checked = YearCalendar {
            year: 2025,
            version,
            days,
        }
        .check();
        assert_eq!(
            checked.map_or_else(YearError::code, |()| "ok"),
            expected,
            "{rung}"
        );
    }
}

fn worked_as_holiday() -> Day {
    a_day(date(2025, 4, 26), DayKind::Legal, None)
}

#[test]
fn halves_of_a_swap_name_each_other() {
    let days = vec![
        a_day(
            date(2025, 4, 19),
            DayKind::WorkSaturday,
            Some(date(2025, 5, 2)),
        ),
        a_day(
            date(2025, 4, 26),
            DayKind::WorkSaturday,
            Some(date(2025, 5, 2)),
        ),
        a_day(date(2025, 5, 2), DayKind::SwapOff, Some(date(2025, 4, 26))),
    ];
    let (date, partner) = (date(2025, 4, 19), date(2025, 5, 2));
    let checked = YearCalendar {
        year: 2025,
        version: 1,
        days,
    }
    .check();
    assert_eq!(checked, Err(YearError::SwapMismatch { date, partner }));
}

#[test]
fn a_year_reads_back_from_json() {
    for year in years() {
        let json = serde_json::to_string(&year).unwrap();
        assert_eq!(serde_json::from_str::<YearCalendar>(&json).unwrap(), year);
    }
    let bare = r#"{"date":"2025-01-01","kind":"legal","name":"Tết Dương lịch",
        "certainty":"certain","source":"luật"}"#;
    assert_eq!(
        serde_json::from_str::<Day>(bare).unwrap().swapped_with,
        None
    );
}

proptest! {
    #[test]
    fn adding_and_counting_working_days_agree(offset in 0..4_500_i64, n in 1..60_u16) {
        let calendar = published();
        let from = date(2014, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
        let to = calendar.add_working_days(from, n).unwrap();
        prop_assert!(calendar.is_working(to).unwrap());
        prop_assert_eq!(calendar.working_days_between(from, to), Ok(u32::from(n)));
    }

    #[test]
    fn next_and_previous_are_inverse(offset in 10..4_900_i64) {
        let calendar = published();
        let day = date(2014, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
        let next = calendar.next_working(day).unwrap();
        let previous = calendar.previous_working(next).unwrap();
        prop_assert!(previous <= day && day < next);
        prop_assert_eq!(calendar.next_working(previous), Ok(next));
    }
}
