use jiff::civil::date;
use proptest::prelude::*;

use super::ageing::{Ages, Band, days_overdue};
use super::*;

const FIGURES: &str = include_str!("../../../../tests/data/published_task_figures.csv");

/// The Government Office's counts of 2017.
fn government_office_2017() -> Counts {
    Counts {
        on_time: 14_068,
        late: 1_983,
        pending: 5_640,
        overdue: 223,
        ..Counts::default()
    }
}

fn percent(n: u64, d: u64) -> String {
    Rate { n, d }
        .percent()
        .map_or_else(|| "-".to_owned(), |percent| percent.to_string())
}

#[test]
fn the_government_offices_counts_of_2017() {
    let counts = government_office_2017();
    let shown = RateId::ALL.map(|id| counts.rate(id).percent().unwrap().to_string());
    assert_eq!(shown, ["98.63", "86.44", "87.65", "73.25", "1.37", "1.02"]);
    assert_eq!(counts.total(), 21_914);

    let headline = counts.rate(RateId::CompletedOfDue);
    assert_eq!(headline.percent().unwrap().vietnamese(), "98,63 %");
    let json = serde_json::json!({"n": 16_051, "d": 16_274, "percent": "98.63"});
    assert_eq!(serde_json::to_value(headline).unwrap(), json);
}

/// A number of the CSV, where one is stated.
fn number(row: &csv::StringRecord, column: usize) -> Option<u64> {
    row[column].parse().ok()
}

/// The counts of a row. Where done is not divided into on time and late, all of it stands in
/// `on_time`; the rates asked of such a row do not tell the two apart.
fn counts(row: &csv::StringRecord) -> Counts {
    let (done, late) = (number(row, 4).unwrap(), number(row, 6).unwrap_or(0));
    let on_time = number(row, 5).unwrap_or(done);
    let (pending, overdue) = (number(row, 8).unwrap(), number(row, 9).unwrap());
    Counts {
        on_time,
        late,
        pending,
        overdue,
        ..Counts::default()
    }
}

/// How a published rate relates to what its own counts give.
#[derive(Debug, PartialEq, Eq)]
enum Published {
    /// Rounded half up to the decimals shown.
    Rounded,
    /// Cut off after the decimals shown.
    Cut,
    /// It does not follow from the counts.
    Unfounded,
}

fn compare(rate: Rate, published: &str) -> Published {
    let (whole, decimals) = published.split_once('.').unwrap_or((published, ""));
    let shown: u64 = format!("{whole}{decimals}").parse().unwrap();
    let scaled = rate.n * 100 * 10_u64.pow(u32::try_from(decimals.len()).unwrap());
    match shown {
        _ if shown == (2 * scaled + rate.d) / (2 * rate.d) => Published::Rounded,
        _ if shown == scaled / rate.d => Published::Cut,
        _ => Published::Unfounded,
    }
}

/// Published rates, beside what their own counts give. Where none is published, only what the
/// counts give is told.
#[test]
fn published_rates_and_their_counts() {
    use Published::{Cut, Rounded, Unfounded};
    use RateId::{
        CompletedOfAssigned, CompletedOfDue, OnTimeOfCompleted, OverdueOfAssigned, OverdueOfDue,
    };
    #[rustfmt::skip] // a row a line
    let table = [
        // "About 50 %", called on time, is what was done at all, generously put.
        ("VPCP-2016-08", CompletedOfAssigned, "46.67", Some(("50", Unfounded))),
        ("VPCP-2016-08-31-due", CompletedOfDue, "91.85", Some(("91.8", Rounded))),
        // No formula gives 3.56: overdue of due is nearest.
        ("VPCP-2016-10-26", OverdueOfDue, "3.37", Some(("3.56", Unfounded))),
        ("VPCP-2016-10-26", OverdueOfAssigned, "1.93", Some(("3.56", Unfounded))),
        ("VPCP-2017", CompletedOfDue, "98.63", Some(("98.62", Cut))),
        // The complement of the rate that was cut.
        ("VPCP-2017", OverdueOfDue, "1.37", Some(("1.38", Unfounded))),
        ("VPCP-2021-08", OverdueOfAssigned, "2.28", Some(("2.2", Cut))),
        ("HN-TTg-2016-2017", CompletedOfAssigned, "34.83", None),
        ("HN-SXD-2020", CompletedOfAssigned, "98.32", Some(("98.35", Unfounded))),
        ("HP-TTg-2018-10", CompletedOfAssigned, "65.66", None),
        ("MPI-2016-08", OnTimeOfCompleted, "13.70", None),
        // Five of the 100 that were due, not of the 170 assigned, as the text has it.
        ("MOF-2016-08", OverdueOfDue, "5.00", Some(("5", Rounded))),
    ];
    let mut told = 0;
    for row in figures() {
        for (id, rate_id, exact, published) in table.iter().filter(|told| told.0 == &row[0]) {
            let rate = counts(&row).rate(*rate_id);
            assert_eq!(
                rate.percent().unwrap().to_string(),
                *exact,
                "{id} {rate_id}"
            );
            if let Some((text, relation)) = published {
                assert!(row[10].contains(text), "{id} publishes {}", &row[10]);
                assert_eq!(compare(rate, text), *relation, "{id} {rate_id}");
            }
            told += 1;
        }
        let listed = table.iter().any(|told| told.0 == &row[0]);
        assert_eq!(listed, number(&row, 4).is_some(), "{}", &row[0]);
    }
    assert_eq!(told, table.len());
}

#[test]
fn published_rates_of_provinces() {
    #[rustfmt::skip] // a row a line
    let table = [
        ("Hải Phòng, ten months of 2018", 13_119, 15_533, "84.46"),
        ("Bình Định 2022, on time of completed", 1_014, 1_160, "87.41"),
        ("Bình Định 2022, late of completed", 146, 1_160, "12.59"),
    ];
    for (what, n, d, expected) in table {
        assert_eq!(percent(n, d), expected, "{what}");
    }
}

#[test]
fn published_counts_add_up() {
    for row in figures() {
        let Some(done) = number(&row, 4) else {
            continue;
        };
        let (total, undone) = (number(&row, 3).unwrap(), number(&row, 7).unwrap());
        assert_eq!(done + undone, total, "{}", &row[0]);
        assert_eq!(counts(&row).total(), total, "{}", &row[0]);
    }
}

fn figures() -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(FIGURES.as_bytes())
        .records()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn percentages_round_half_up() {
    let table = [
        (0, 0, "-"),
        (5, 0, "-"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 8, "12.50"),
        (1, 20_000, "0.01"),
        (1, 20_001, "0.00"),
        (3, 20_000, "0.02"),
        (9_999, 10_000, "99.99"),
        (19_999, 20_000, "100.00"),
        (1, 16, "6.25"),
        (1, 32, "3.13"),
        (u64::MAX, u64::MAX, "100.00"),
        (u64::MAX, 1, "1844674407370955161500.00"),
        (u64::MAX - 1, u64::MAX, "100.00"),
        (1, u64::MAX, "0.00"),
    ];
    for (n, d, expected) in table {
        assert_eq!(percent(n, d), expected, "{n}/{d}");
    }
    assert_eq!(
        serde_json::to_string(&Rate { n: 0, d: 0 }).unwrap(),
        r#"{"n":0,"d":0,"percent":null}"#
    );
    assert_eq!(Rate { n: 7, d: 7 }.percent(), Some(Percent::WHOLE));
    assert_eq!(
        Rate { n: 1, d: 20 }.percent().unwrap().vietnamese(),
        "5,00 %"
    );
}

#[test]
fn each_obligation_is_counted_once() {
    let mut counts = Counts::default();
    for (index, bucket) in Bucket::ALL.into_iter().enumerate() {
        (0..=index).for_each(|_| counts.add(bucket));
    }
    counts.add_no_due_date_done();
    assert_eq!(
        Bucket::ALL.map(|bucket| counts.get(bucket)),
        [1, 2, 3, 4, 6, 6]
    );
    assert_eq!((counts.no_due_date_done, counts.total()), (1, 22));

    let kept_apart = Counts {
        no_due_date: 3,
        excused: 4,
        no_due_date_done: 1,
        ..Counts::default()
    };
    for id in RateId::ALL {
        assert_eq!(kept_apart.rate(id), Rate { n: 0, d: 0 }, "{id}");
    }
}

#[test]
fn names_are_one_everywhere() {
    for bucket in Bucket::ALL {
        assert_eq!(serde_json::to_value(bucket).unwrap(), bucket.id());
        assert_eq!(bucket.id().parse(), Ok(bucket));
    }
    assert_eq!("done".parse::<Bucket>(), Err(UnknownBucket));

    let names = |buckets: &[Bucket]| {
        buckets
            .iter()
            .map(|b| b.id())
            .collect::<Vec<_>>()
            .join(" + ")
    };
    for id in RateId::ALL {
        assert_eq!(serde_json::to_value(id).unwrap(), id.id());
        let (above, below) = (names(id.numerator()), names(id.denominator()));
        assert_eq!(
            id.formula().replace(['(', ')'], ""),
            format!("{above} / {below}")
        );
    }
    for band in Band::ALL {
        assert_eq!(serde_json::to_value(band).unwrap(), band.id());
    }
}

#[test]
fn ages_fall_in_bands() {
    let table = [
        ((2022, 5, 30), 0, None),
        ((2022, 5, 31), 0, None),
        ((2022, 5, 29), 1, Some(Band::Days1To30)),
        ((2022, 4, 30), 30, Some(Band::Days1To30)),
        ((2022, 4, 29), 31, Some(Band::Days31To60)),
        ((2022, 3, 31), 60, Some(Band::Days31To60)),
        ((2022, 3, 30), 61, Some(Band::Days61To90)),
        ((2022, 3, 1), 90, Some(Band::Days61To90)),
        ((2022, 2, 28), 91, Some(Band::Days91To120)),
        ((2022, 1, 30), 120, Some(Band::Days91To120)),
        ((2022, 1, 29), 121, Some(Band::Days121To180)),
        ((2021, 12, 1), 180, Some(Band::Days121To180)),
        ((2021, 11, 30), 181, Some(Band::DaysOver180)),
        ((1, 1, 1), 738_304, Some(Band::DaysOver180)),
    ];
    let as_of = date(2022, 5, 30);
    let mut ages = Ages::default();
    for ((y, m, d), days, band) in table {
        let due = date(y, m, d);
        assert_eq!(
            (days_overdue(due, as_of), Band::of(due, as_of)),
            (days, band),
            "{due}"
        );
        ages.add(due, as_of);
    }
    assert_eq!(Band::ALL.map(|band| ages.get(band)), [2, 2, 2, 2, 2, 2]);
    assert_eq!((ages.total(), ages.at_least(Band::Days31To60)), (12, 10));

    let mut twice = ages;
    twice.merge(&ages);
    assert_eq!(twice.at_least(Band::Days121To180), 8);
    let json = serde_json::to_string(&ages).unwrap();
    assert!(json.starts_with(r#"{"days_1_30":2,"#), "{json}");
}

/// Half up, digit by digit: long division in decimal, as it is done on paper.
fn on_paper(n: u64, d: u64) -> String {
    let (d, mut rest) = (u128::from(d), u128::from(n) * 100);
    let mut digits = (rest / d).to_string();
    rest %= d;
    for _ in 0..3 {
        rest *= 10;
        digits.push(char::from(b'0' + u8::try_from(rest / d).unwrap()));
        rest %= d;
    }
    let third = digits.pop().unwrap();
    let cut: u128 = digits.parse().unwrap();
    let rounded = format!("{:03}", cut + u128::from(third >= '5'));
    let (whole, decimals) = rounded.split_at(rounded.len() - 2);
    format!("{whole}.{decimals}")
}

fn any_counts() -> impl Strategy<Value = Counts> {
    let small_or_large = prop_oneof![0..50_u64, 0..u64::MAX / 8];
    prop::array::uniform6(small_or_large).prop_map(|[a, b, c, d, e, f]| Counts {
        on_time: a,
        late: b,
        pending: c,
        overdue: d,
        no_due_date: e,
        excused: f,
        no_due_date_done: e / 2,
    })
}

proptest! {
    #[test]
    fn percentages_are_those_done_on_paper(n: u64, d in 1..=u64::MAX) {
        prop_assert_eq!(percent(n, d), on_paper(n, d));
    }

    #[test]
    fn small_percentages_are_those_done_on_paper(n in 0..3_000_u64, d in 1..3_000_u64) {
        prop_assert_eq!(percent(n, d), on_paper(n, d));
    }

    /// Half a hundredth exactly: the case in which rules of rounding differ.
    #[test]
    fn halves_go_up(hundredths in 0..10_000_u64, times in 1..1_000_u64) {
        let percent = Rate { n: (2 * hundredths + 1) * times, d: 20_000 * times }.percent();
        prop_assert_eq!(percent.unwrap().hundredths(), u128::from(hundredths) + 1);
    }

    #[test]
    fn no_rate_exceeds_100_percent(counts in any_counts()) {
        for id in RateId::ALL {
            let rate = counts.rate(id);
            prop_assert!(rate.n <= rate.d);
            prop_assert!(rate.percent().is_none_or(|percent| percent <= Percent::WHOLE));
        }
    }

    #[test]
    fn what_is_completed_and_what_is_overdue_is_all_that_was_due(counts in any_counts()) {
        let (done, overdue) = (counts.rate(RateId::CompletedOfDue), counts.rate(RateId::OverdueOfDue));
        prop_assert_eq!((done.n + overdue.n, done.d), (done.d, overdue.d));
    }

    #[test]
    fn merging_counts_what_both_counted(a in any_counts(), b in any_counts()) {
        let halved = |counts: Counts| {
            let mut half = counts;
            for bucket in Bucket::ALL {
                *half.slot(bucket) /= 2;
            }
            half
        };
        let (a, b) = (halved(a), halved(b));
        let mut both = a;
        both.merge(&b);
        prop_assert_eq!(both.total(), a.total() + b.total());
        for id in RateId::ALL {
            prop_assert_eq!(both.rate(id).n, a.rate(id).n + b.rate(id).n);
        }
        prop_assert_eq!(both.no_due_date_done, a.no_due_date_done + b.no_due_date_done);
    }
}
