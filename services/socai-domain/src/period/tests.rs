use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn period(label: &str) -> Period {
    label.parse().unwrap()
}

fn window(from: Date, to: Date) -> Window {
    Window::new(from, to).unwrap()
}

#[test]
fn labels_read_back() {
    for label in [
        "2024-m01",
        "2024-m12",
        "2024-q1",
        "2024-q4",
        "2024-h1",
        "2024-h2",
        "2024-9m",
        "2024",
        "1000",
        "9999-m12",
        "so-ket-5-nam",
        "2019-so-ket",
        "dot-1",
        "9m",
        "20245",
        "2024-",
        "2024-q1-bo-sung",
        "2024-m",
        "2024-02-29",
    ] {
        assert_eq!(
            label
                .parse::<Period>()
                .map(|period| period.to_string())
                .as_deref(),
            Ok(label)
        );
    }
}

#[test]
fn labels_that_only_look_like_periods_are_refused() {
    let longest = "a".repeat(PERIOD_BYTES_MAX);
    assert!(longest.parse::<Period>().is_ok());
    let (bad, none) = (PeriodError::BadLabel, PeriodError::NoSuchPeriod);
    for (label, expected) in [
        ("", bad),
        ("-2024", bad),
        ("2024-M03", bad),
        ("2024/q1", bad),
        ("dot_1", bad),
        ("sơ-kết", bad),
        (&format!("{longest}a"), bad),
        ("2024-m13", none),
        ("2024-m00", none),
        ("2024-m3", none),
        ("2024-m003", none),
        ("2024-q0", none),
        ("2024-q5", none),
        ("2024-h3", none),
        ("2024-6m", none),
        ("0999", none),
        ("0999-q1", none),
    ] {
        assert_eq!(label.parse::<Period>(), Err(expected), "{label:?}");
    }
}

#[test]
fn a_period_is_its_label_in_json() {
    let label = serde_json::json!("2024-q1");
    assert_eq!(serde_json::to_value(period("2024-q1")).unwrap(), label);
    assert_eq!(
        serde_json::from_value::<Period>(label).unwrap(),
        period("2024-q1")
    );
    let refused = serde_json::from_str::<Period>(r#""2024-q5""#).unwrap_err();
    assert!(
        refused.to_string().starts_with("no such period"),
        "{refused}"
    );
}

#[test]
fn windows_of_periods() {
    #[rustfmt::skip] // a row a line
    let table = [
        ("2024-m03", (2024, 2, 15), (2024, 3, 14), (2024, 3, 1), (2024, 3, 31)),
        ("2024-m01", (2023, 12, 15), (2024, 1, 14), (2024, 1, 1), (2024, 1, 31)),
        ("2024-m02", (2024, 1, 15), (2024, 2, 14), (2024, 2, 1), (2024, 2, 29)),
        ("2100-m02", (2100, 1, 15), (2100, 2, 14), (2100, 2, 1), (2100, 2, 28)),
        ("2024-q1", (2023, 12, 15), (2024, 3, 14), (2024, 1, 1), (2024, 3, 31)),
        ("2024-q2", (2024, 3, 15), (2024, 6, 14), (2024, 4, 1), (2024, 6, 30)),
        ("2024-q3", (2024, 6, 15), (2024, 9, 14), (2024, 7, 1), (2024, 9, 30)),
        ("2024-q4", (2024, 9, 15), (2024, 12, 14), (2024, 10, 1), (2024, 12, 31)),
        ("2024-h1", (2023, 12, 15), (2024, 6, 14), (2024, 1, 1), (2024, 6, 30)),
        ("2024-h2", (2024, 6, 15), (2024, 12, 14), (2024, 7, 1), (2024, 12, 31)),
        ("2024", (2023, 12, 15), (2024, 12, 14), (2024, 1, 1), (2024, 12, 31)),
    ];
    let day = |(y, m, d)| date(y, m, d);
    for (label, from, to, first, last) in table {
        let of = |rule: WindowRule| rule.window(&period(label), None).unwrap().unwrap();
        assert_eq!(
            of(WindowRule::Decree09),
            window(day(from), day(to)),
            "{label}"
        );
        assert_eq!(
            of(WindowRule::Calendar),
            window(day(first), day(last)),
            "{label}"
        );
    }
}

#[test]
fn nine_months_have_a_calendar_window_and_none_under_the_decree() {
    let (label, months) = (
        period("2024-9m"),
        window(date(2024, 1, 1), date(2024, 9, 30)),
    );
    assert_eq!(WindowRule::Calendar.window(&label, None), Ok(Some(months)));

    let customary = window(date(2023, 12, 15), date(2024, 9, 14));
    for stated in [None, Some(customary)] {
        assert_eq!(
            WindowRule::Decree09.window(&label, stated),
            Err(WindowError::NineMonths)
        );
    }
    assert_eq!(
        WindowRule::Stated.window(&label, Some(customary)),
        Ok(Some(customary))
    );

    let checked = |cadence| WindowRule::Decree09.check(cadence);
    assert_eq!(checked(Cadence::NineMonthly), Err(WindowError::NineMonths));
    assert_eq!(checked(Cadence::Yearly), Ok(()));
    assert_eq!(WindowRule::Stated.check(Cadence::NineMonthly), Ok(()));
}

#[test]
fn a_stated_window_fits_its_rule() {
    let review = window(date(2014, 1, 21), date(2019, 3, 31));
    let other = window(date(2014, 1, 21), date(2019, 3, 30));
    let fixed = WindowRule::Fixed(review);
    let named = period("so-ket-5-nam");
    #[rustfmt::skip] // a row a line
    let table = [
        (fixed, None, Ok(Some(review))),
        (fixed, Some(review), Ok(Some(review))),
        (fixed, Some(other), Err(WindowError::NotTheRules)),
        (WindowRule::Stated, None, Err(WindowError::MustBeStated)),
        (WindowRule::Stated, Some(other), Ok(Some(other))),
        (WindowRule::NotStated, None, Ok(None)),
        (WindowRule::NotStated, Some(other), Err(WindowError::NotTheRules)),
        (WindowRule::Calendar, None, Err(WindowError::NoMonths)),
        (WindowRule::Decree09, Some(other), Err(WindowError::NoMonths)),
    ];
    for (rule, stated, expected) in table {
        assert_eq!(rule.window(&named, stated), expected, "{rule:?} {stated:?}");
    }
}

#[test]
fn both_ends_of_a_window_are_included() {
    let (first, last) = (date(2019, 3, 30), date(2019, 3, 31));
    assert_eq!(Window::new(last, first), Err(WindowError::Reversed));
    let one_day = window(last, last);
    assert!(one_day.contains(last) && !one_day.contains(first));
    assert!(window(first, last).covers(one_day) && !one_day.covers(window(first, last)));
}

#[test]
fn window_rules_have_their_names_in_json() {
    let json = serde_json::json!({"rule": "fixed", "from": "2014-01-21", "to": "2019-03-31"});
    let rule: WindowRule = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(
        rule,
        WindowRule::Fixed(window(date(2014, 1, 21), date(2019, 3, 31)))
    );
    assert_eq!(serde_json::to_value(rule).unwrap(), json);

    for (rule, name) in [
        (WindowRule::Decree09, "decree_09"),
        (WindowRule::Calendar, "calendar"),
        (WindowRule::Stated, "stated"),
        (WindowRule::NotStated, "not_stated"),
    ] {
        assert_eq!(
            serde_json::to_value(rule).unwrap(),
            serde_json::json!({"rule": name})
        );
    }
    let reversed = r#"{"rule":"fixed","from":"2019-03-31","to":"2014-01-21"}"#;
    let refused = serde_json::from_str::<WindowRule>(reversed).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("the window ends before it begins"),
        "{refused}"
    );
}

#[test]
fn the_schema_of_a_rule_accepts_what_is_written() {
    let schema = serde_json::to_string(&schemars::schema_for!(WindowRule)).unwrap();
    for word in ["decree_09", "\"from\"", "\"to\"", "not_stated", "\"rule\""] {
        assert!(schema.contains(word), "{word} in {schema}");
    }
}

#[test]
fn a_cadence_has_its_own_periods() {
    let all = [
        Cadence::Monthly,
        Cadence::Quarterly,
        Cadence::SixMonthly,
        Cadence::NineMonthly,
        Cadence::Yearly,
        Cadence::Once,
        Cadence::OnRequest,
        Cadence::OnEvent,
    ];
    let regular = ["2024-m03", "2024-q1", "2024-h1", "2024-9m", "2024"];
    for (index, cadence) in all.into_iter().enumerate() {
        assert_eq!(cadence.is_regular(), index < 5, "{cadence:?}");
        for (fits, label) in regular.iter().enumerate() {
            let expected = if index >= 5 || index == fits {
                Ok(())
            } else {
                Err(PeriodError::WrongCadence)
            };
            assert_eq!(
                cadence.check(&period(label)),
                expected,
                "{cadence:?} {label}"
            );
        }
        let named = cadence.check(&period("dot-xuat-1"));
        assert_eq!(named.is_ok(), index >= 5, "{cadence:?}");
    }
}

#[test]
fn periods_lie_wholly_within_a_range() {
    let review = window(date(2014, 1, 21), date(2019, 3, 31));
    let labels = |cadence: Cadence| -> Vec<String> {
        cadence
            .periods_in(review)
            .map(|period| period.to_string())
            .collect()
    };
    let months = labels(Cadence::Monthly);
    assert_eq!(
        (months.len(), &*months[0], &*months[61]),
        (62, "2014-m02", "2019-m03")
    );
    let quarters = labels(Cadence::Quarterly);
    assert_eq!(
        (quarters.len(), &*quarters[0], &*quarters[19]),
        (20, "2014-q2", "2019-q1")
    );
    assert_eq!(labels(Cadence::SixMonthly).len(), 9);
    assert_eq!(
        labels(Cadence::NineMonthly),
        ["2015-9m", "2016-9m", "2017-9m", "2018-9m"]
    );
    assert_eq!(labels(Cadence::Yearly), ["2015", "2016", "2017", "2018"]);
    assert!(labels(Cadence::Once).is_empty());
}

proptest! {
    #[test]
    fn whatever_reads_reads_back(text in "[a-z0-9_-]{1,12}|[0-9]{4}(-[mqh9][0-9m]{0,2})?") {
        if let Ok(period) = text.parse::<Period>() {
            prop_assert_eq!(period.to_string(), text);
        }
    }

    /// The windows of the decree follow one another without gap or overlap.
    #[test]
    fn windows_of_the_decree_leave_no_gap(year in 1000..9999_i16) {
        let two_years = window(date(year, 1, 1), date(year + 1, 12, 31));
        let of = |period| WindowRule::Decree09.window(&period, None).unwrap().unwrap();
        for cadence in [
            Cadence::Monthly, Cadence::Quarterly, Cadence::SixMonthly, Cadence::Yearly,
        ] {
            let windows: Vec<Window> = cadence.periods_in(two_years).map(of).collect();
            prop_assert_eq!(windows[0].from(), date(year - 1, 12, 15));
            for pair in windows.windows(2) {
                prop_assert_eq!(pair[0].to().tomorrow().unwrap(), pair[1].from());
            }
        }
    }
}
