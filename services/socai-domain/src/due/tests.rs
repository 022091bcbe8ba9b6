use jiff::civil::date;

use super::*;
use crate::calendar::tests::published;
use crate::period::{Cadence, WindowRule};

const DAYS_25: DueRule = DueRule::DayOfLastMonth { day: 25 };

fn day_of(day: i8) -> DueRule {
    DueRule::DayOfLastMonth { day }
}

fn period(label: &str) -> Period {
    label.parse().unwrap()
}

fn decree(label: &str) -> Window {
    WindowRule::Decree09
        .window(&period(label), None)
        .unwrap()
        .unwrap()
}

#[test]
fn a_day_of_the_last_month() {
    use DayOff::{Keep, NextWorkingDay as Next, PreviousWorkingDay as Previous};
    #[rustfmt::skip] // a row a line
    let table = [
        ("2024-m02", day_of(31), Keep, (2024, 2, 29), "a leap year"),
        ("2023-m02", day_of(31), Keep, (2023, 2, 28), "no leap year"),
        ("2023-m02", day_of(29), Keep, (2023, 2, 28), "a month without the day"),
        ("2024-m04", day_of(31), Keep, (2024, 4, 30), "a short month, a holiday, kept"),
        ("2024-m04", day_of(31), Next, (2024, 5, 2), "30/4 and 1/5 are off"),
        ("2024-m04", day_of(31), Previous, (2024, 4, 26), "and so are 29/4 and the weekend"),
        ("2024-h1", day_of(31), Previous, (2024, 6, 28), "30/6 is a Sunday"),
        ("2024-q4", DAYS_25, Next, (2024, 12, 25), "25 December is no holiday"),
        ("2021", DAYS_25, Next, (2021, 12, 27), "25 December on a Saturday"),
        ("2021", DAYS_25, Previous, (2021, 12, 24), "the same, moved back"),
        ("2022-h2", DAYS_25, Next, (2022, 12, 26), "25 December on a Sunday"),
        ("2023-m12", day_of(31), Next, (2024, 1, 2), "across New Year"),
        ("2014-m01", day_of(31), Next, (2014, 2, 6), "across Tết, with compensation"),
        ("2014-m01", day_of(31), Previous, (2014, 1, 27), "before Tết and its swapped days"),
        ("2014-m02", day_of(8), Next, (2014, 2, 8), "a working Saturday stays"),
        ("2026-m01", day_of(2), Next, (2026, 1, 5), "a swapped Friday; Saturday 10/1 pays for it"),
        ("2024-9m", DAYS_25, Next, (2024, 9, 25), "nine months end in September"),
        ("2030-m01", DAYS_25, Keep, (2030, 1, 25), "what is kept needs no calendar"),
    ];
    let calendar = published();
    for (label, rule, day_off, (y, m, d), why) in table {
        let resolved = resolve(rule, day_off, &period(label), None, &calendar)
            .unwrap()
            .unwrap();
        assert_eq!(resolved.due, date(y, m, d), "{label}: {why}");
    }
}

#[test]
fn days_after_the_window() {
    use DayOff::{Keep, NextWorkingDay as Next};
    let (days, working) = (
        |n| DueRule::DaysAfter { n },
        |n| DueRule::WorkingDaysAfter { n },
    );
    #[rustfmt::skip] // a row a line
    let table = [
        ("2024-m03", days(5), Keep, (2024, 3, 19), "14/3 itself does not count"),
        ("2024-m03", days(2), Next, (2024, 3, 18), "16/3 is a Saturday"),
        ("2024-m03", working(1), Keep, (2024, 3, 15), "the next day"),
        ("2024-m03", working(2), Keep, (2024, 3, 18), "the Monday after"),
        ("2014-m02", working(1), Keep, (2014, 2, 17), "14/2 is a Friday"),
        ("2014-q1", working(10), Keep, (2014, 3, 28), "two plain weeks"),
        ("2023-m01", working(5), Keep, (2023, 1, 27), "16–19/1, then Tết until 26/1"),
        ("2024-m02", days(15), Keep, (2024, 2, 29), "into a leap day"),
        ("2014", working(9), Keep, (2014, 12, 25), "15–19/12, 22–25/12"),
        ("2014", working(11), Keep, (2014, 12, 27), "a working Saturday counts"),
        ("2024-m03", working(0), Keep, (2024, 3, 14), "the last day of the window"),
    ];
    let calendar = published();
    for (label, rule, day_off, (y, m, d), why) in table {
        let window = Some(decree(label));
        let resolved = resolve(rule, day_off, &period(label), window, &calendar)
            .unwrap()
            .unwrap();
        assert_eq!(resolved.due, date(y, m, d), "{label}: {why}");
    }
}

#[test]
fn a_resolved_due_date_explains_itself() {
    let calendar = published();
    let explained = |rule, day_off, label: &str| {
        let resolved = resolve(rule, day_off, &period(label), None, &calendar)
            .unwrap()
            .unwrap();
        serde_json::to_value(resolved).unwrap()
    };
    assert_eq!(
        explained(day_of(29), DayOff::NextWorkingDay, "2014-m01"),
        serde_json::json!({
            "due": "2014-02-06", "unshifted": "2014-01-29", "certainty": "certain",
            "shifted_because": {"because": "listed", "name": "Nghỉ hoán đổi"},
        })
    );
    assert_eq!(
        explained(DAYS_25, DayOff::PreviousWorkingDay, "2021"),
        serde_json::json!({
            "due": "2021-12-24", "unshifted": "2021-12-25", "certainty": "certain",
            "shifted_because": {"because": "weekend"},
        })
    );
    assert_eq!(
        explained(DAYS_25, DayOff::Keep, "2021"),
        serde_json::json!({
            "due": "2021-12-25", "unshifted": "2021-12-25", "certainty": "certain",
            "shifted_because": null,
        })
    );
}

#[test]
fn a_due_date_is_as_certain_as_the_days_it_rests_on() {
    let calendar = published();
    let certainty = |label: &str, rule, day_off| {
        resolve(rule, day_off, &period(label), None, &calendar)
            .unwrap()
            .unwrap()
            .certainty
    };
    let next = DayOff::NextWorkingDay;
    assert_eq!(
        certainty("2026-m11", day_of(24), next),
        Certainty::Uncertain
    );
    assert_eq!(
        certainty("2026-m11", day_of(24), DayOff::Keep),
        Certainty::Certain
    );
    assert_eq!(certainty("2026-m11", DAYS_25, next), Certainty::Certain);
    assert_eq!(certainty("2027-m02", day_of(5), next), Certainty::Estimated);

    let window = Window::new(date(2026, 10, 15), date(2026, 11, 14)).ok();
    let rule = DueRule::WorkingDaysAfter { n: 7 };
    let label = period("2026-m11");
    let counted = resolve(rule, DayOff::Keep, &label, window, &calendar)
        .unwrap()
        .unwrap();
    assert_eq!(
        (counted.due, counted.certainty),
        (date(2026, 11, 24), Certainty::Uncertain)
    );
}

#[test]
fn a_due_date_that_is_not_stated_is_none() {
    let none = resolve(
        DueRule::NotStated,
        DayOff::NextWorkingDay,
        &period("so-ket"),
        None,
        &Calendar::default(),
    );
    assert_eq!(none, Ok(None));
}

/// Each row mends what the row before was refused for.
#[test]
fn resolving_checks_rules_in_order() {
    let calendar = published();
    let (next, named) = (DayOff::NextWorkingDay, "dot-xuat");
    let end = |y, m, d| Window::new(date(y, 1, 1), date(y, m, d)).ok();
    let working = DueRule::WorkingDaysAfter { n: 1 };
    #[rustfmt::skip] // a row a line
    let ladder = [
        (day_of(0), named, None, Err(DueError::NoSuchDay)),
        (day_of(32), named, None, Err(DueError::NoSuchDay)),
        (day_of(31), named, None, Err(DueError::NoMonths)),
        (DueRule::DaysAfter { n: 9 }, named, None, Err(DueError::NoWindow)),
        (DueRule::DaysAfter { n: 9 }, named, end(9999, 12, 25), Err(DueError::OutOfRange)),
        (working, named, end(2027, 12, 31), Err(DueError::NoCalendar(NoCalendar { year: 2028 }))),
        (DAYS_25, "2030-m01", None, Err(DueError::NoCalendar(NoCalendar { year: 2030 }))),
        (working, named, end(2026, 12, 31), Err(DueError::OutOfRange)),
    ];
    let (last, refused) = ladder.split_last().unwrap();
    for (rule, label, window, expected) in refused {
        let resolved = resolve(*rule, next, &period(label), *window, &calendar);
        assert_eq!(resolved.map(|_| ()), *expected, "{rule:?} {label}");
    }
    let (rule, label, window, _) = last;
    let mended = resolve(*rule, next, &period(label), *window, &calendar)
        .unwrap()
        .unwrap();
    assert_eq!(mended.due, date(2027, 1, 4));
}

#[test]
fn a_working_day_lies_before_the_due_date() {
    #[rustfmt::skip] // a row a line
    let table = [
        ((2024, 3, 14), (2024, 3, 13), false, "due within the window"),
        ((2024, 3, 14), (2024, 3, 14), false, "due on its last day"),
        ((2024, 3, 14), (2024, 3, 15), false, "no day between"),
        ((2024, 3, 14), (2024, 3, 16), true, "15/3, a Friday"),
        ((2024, 6, 14), (2024, 6, 17), false, "a Friday and the Monday after"),
        ((2024, 6, 14), (2024, 6, 18), true, "that Monday"),
        ((2014, 1, 27), (2014, 2, 6), false, "Tết and nothing else"),
        ((2014, 1, 27), (2014, 2, 7), true, "the first day after Tết"),
        ((2014, 2, 7), (2014, 2, 9), true, "a working Saturday"),
        ((2015, 2, 6), (2015, 2, 8), false, "a plain Saturday"),
        ((2024, 12, 14), (2024, 12, 25), true, "the decree's own last day"),
    ];
    let calendar = published();
    let day = |(y, m, d)| date(y, m, d);
    for (end, due, expected, why) in table {
        let window = Window::new(date(2013, 12, 15), day(end)).unwrap();
        let expected = if expected {
            Ok(())
        } else {
            Err(DueError::NoWorkingDayBetween)
        };
        assert_eq!(
            check_decree_09(window, day(due), &calendar),
            expected,
            "{why}"
        );
    }
}

#[test]
fn only_the_decrees_window_asks_for_a_working_day_before() {
    let calendar = published();
    let due = DueRule::Fixed {
        date: date(2024, 3, 15),
    };
    let day_off = DayOff::NextWorkingDay;
    let label = period("2024-m03");
    let window = WindowRule::Decree09;
    let refused = Timing {
        window,
        due,
        day_off,
    }
    .times(&label, None, &calendar);
    assert_eq!(
        refused.map_err(TimingError::code),
        Err("due.no_working_day_between")
    );

    let window = WindowRule::Fixed(decree("2024-m03"));
    let times = Timing {
        window,
        due,
        day_off,
    }
    .times(&label, None, &calendar)
    .unwrap();
    assert_eq!(times.due.unwrap().due, date(2024, 3, 15));
}

/// The due date that counts is the one that stands after the shift.
#[test]
fn a_shift_back_may_leave_no_working_day() {
    let calendar = published();
    let timing = |day_off| Timing {
        window: WindowRule::Decree09,
        due: day_of(16),
        day_off,
    };
    let june = period("2024-m06");
    let at = |day_off| {
        timing(day_off)
            .times(&june, None, &calendar)
            .map(|t| t.due.unwrap().due)
    };
    let refused = Err(TimingError::Due(DueError::NoWorkingDayBetween));
    assert_eq!(
        at(DayOff::PreviousWorkingDay),
        refused,
        "Sunday 16/6 moves to 14/6"
    );
    assert_eq!(
        at(DayOff::NextWorkingDay),
        refused,
        "to 17/6, with a weekend between"
    );
    let march = timing(DayOff::NextWorkingDay).times(&period("2024-m03"), None, &calendar);
    assert_eq!(
        march.unwrap().due.unwrap().due,
        date(2024, 3, 18),
        "Friday 15/3 between"
    );
}

#[test]
fn a_requirement_that_no_period_satisfies_is_refused() {
    let (working, days) = (
        |n| DueRule::WorkingDaysAfter { n },
        |n| DueRule::DaysAfter { n },
    );
    let (decree, party) = (WindowRule::Decree09, WindowRule::NotStated);
    let none_between = "due.no_working_day_between";
    #[rustfmt::skip] // a row a line
    let table = [
        (decree, day_of(15), Cadence::NineMonthly, "window.nine_months"),
        (decree, day_of(32), Cadence::Monthly, "due.no_such_day"),
        (party, days(10), Cadence::Once, "due.no_window"),
        (decree, day_of(15), Cadence::Monthly, none_between),
        (decree, days(1), Cadence::Monthly, none_between),
        (decree, working(1), Cadence::Monthly, none_between),
        (decree, working(2), Cadence::Monthly, "ok"),
        (decree, days(2), Cadence::Monthly, "ok"),
        (decree, DAYS_25, Cadence::Yearly, "ok"),
        (party, day_of(15), Cadence::Monthly, "ok"),
        (WindowRule::Stated, days(1), Cadence::NineMonthly, "ok"),
    ];
    for (window, due, cadence, expected) in table {
        let timing = Timing {
            window,
            due,
            day_off: DayOff::Keep,
        };
        let checked = timing
            .check(cadence)
            .map_or_else(TimingError::code, |()| "ok");
        assert_eq!(checked, expected, "{timing:?} {cadence:?}");
    }
}

/// What [`Timing::check`] refuses at once, no period of the published years would have allowed.
#[test]
fn what_is_refused_at_once_would_be_refused_for_each_period() {
    let calendar = published();
    let years = Window::new(date(2014, 2, 1), date(2027, 11, 30)).unwrap();
    let rules = (1..=20)
        .map(day_of)
        .chain((0..3).map(|n| DueRule::DaysAfter { n }));
    for due in rules.chain((0..3).map(|n| DueRule::WorkingDaysAfter { n })) {
        for day_off in [
            DayOff::Keep,
            DayOff::NextWorkingDay,
            DayOff::PreviousWorkingDay,
        ] {
            let timing = Timing {
                window: WindowRule::Decree09,
                due,
                day_off,
            };
            let allows = |p: Period| timing.times(&p, None, &calendar).is_ok();
            let allowed = Cadence::Monthly
                .periods_in(years)
                .filter(|p| allows(p.clone()))
                .count();
            assert_eq!(
                timing.check(Cadence::Monthly).is_ok(),
                allowed > 0,
                "{timing:?}"
            );
        }
    }
}

/// Công văn 581/BNV-CCHC: windows of the decree, due on the 20th of the last month.
#[test]
fn the_reports_on_administrative_reform_of_2022() {
    let calendar = published();
    let timing = Timing {
        window: WindowRule::Decree09,
        due: day_of(20),
        day_off: DayOff::NextWorkingDay,
    };
    let table = [
        ("2022-q1", (2021, 12, 15), (2022, 3, 14), (2022, 3, 21)),
        ("2022-h1", (2021, 12, 15), (2022, 6, 14), (2022, 6, 20)),
        ("2022-q3", (2022, 6, 15), (2022, 9, 14), (2022, 9, 20)),
        ("2022", (2021, 12, 15), (2022, 12, 14), (2022, 12, 20)),
    ];
    let day = |(y, m, d)| date(y, m, d);
    for (label, from, to, due) in table {
        let times = timing.times(&period(label), None, &calendar).unwrap();
        assert_eq!(
            times.window,
            Window::new(day(from), day(to)).ok(),
            "{label}"
        );
        assert_eq!(times.due.unwrap().due, day(due), "{label}");
    }
}

#[test]
fn rules_have_their_names_in_json() {
    #[rustfmt::skip] // a row a line
    let table = [
        (DueRule::Fixed { date: date(2019, 4, 10), }, r#"{"rule":"fixed","date":"2019-04-10"}"#),
        (DAYS_25, r#"{"rule":"day_of_last_month","day":25}"#),
        (DueRule::DaysAfter { n: 10 }, r#"{"rule":"days_after","n":10}"#),
        (DueRule::WorkingDaysAfter { n: 3 }, r#"{"rule":"working_days_after","n":3}"#),
        (DueRule::NotStated, r#"{"rule":"not_stated"}"#),
    ];
    for (rule, json) in table {
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
        assert_eq!(serde_json::from_str::<DueRule>(json).unwrap(), rule);
    }
    assert_eq!(
        serde_json::to_string(&DayOff::NextWorkingDay).unwrap(),
        r#""next_working_day""#
    );
}
