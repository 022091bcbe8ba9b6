//! The metrics: what they count is what everything else counts, what they are called is pinned, and their labels do not
//! grow with what is recorded.

mod appends;
mod exposed;
mod image;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use expect_test::expect_file;
use jiff::Timestamp;
use socai_domain::obligation::Kind;
use socai_domain::rate::{Bucket, Counts};
use socai_ledger::query::Grouping;
use socai_ledger::rates::Rates;
use socai_ledger::{Image, Query};
use socai_metrics::ledger::Numbers;
use socai_metrics::units::Told;
use socai_metrics::window::{Due, Window};
use socai_metrics::{Form, Metrics};

use crate::servers::prometheus::program;
use exposed::{Exposed, Series};

const KINDS: [(Kind, &str); 2] = [(Kind::Report, "report"), (Kind::Task, "task")];

/// A moment, and what is counted then.
type Clock = (Due, Timestamp);

/// The days of the city, each with the calendar year and with a window that is none.
fn clocks() -> Vec<Clock> {
    let days = image::days().into_iter();
    days.flat_map(|now| [Due::ThisYear, image::term()].map(|due| (due, now)))
        .collect()
}

/// What `image` tells of its units.
fn told(image: &Image, told: Told, (due, now): Clock) -> Exposed {
    let metrics = Metrics::default();
    metrics.add(Numbers::of(image, told, due, now));
    Exposed::read(&metrics.collect(Form::OpenMetrics))
}

fn rates(image: &Image, (due, now): Clock, kind: Kind, by: Grouping) -> Rates {
    let query = Query {
        kind: Some(kind),
        ..Window::of(due, now).query()
    };
    image.rates(&query, by)
}

/// The counts of the series of `family` that have `labels`, added up by bucket.
fn counts(exposed: &Exposed, family: &str, labels: &[(&str, &str)]) -> BTreeMap<String, u64> {
    let mut sum = BTreeMap::new();
    for series in exposed.series(family).filter(|series| series.has(labels)) {
        *sum.entry(series.label("bucket").to_owned()).or_default() += series.count();
    }
    sum
}

fn by_bucket(counts: &Counts) -> BTreeMap<String, u64> {
    let all = Bucket::ALL.into_iter();
    all.map(|bucket| (bucket.id().to_owned(), counts.get(bucket)))
        .collect()
}

#[test]
fn each_unit_is_told_the_counts_that_rates_have() {
    let image = image::of_a_city();
    for clock in clocks() {
        let (due, now) = clock;
        let exposed = told(&image, Told::All, clock);
        let today = Window::of(due, now).as_of;
        let units = &image.registry().units;
        let alive: BTreeSet<&str> = units
            .iter()
            .filter(|(_, unit)| unit.alive_on(today))
            .map(|(id, _)| id.as_str())
            .collect();
        let with_series = exposed.labels("socai_unit_obligations", "unit");
        assert_eq!(alive, with_series, "{now}: whoever has ended has no series");
        for (kind, obligation) in KINDS {
            let rates = rates(&image, clock, kind, Grouping::Unit);
            for unit in &alive {
                let row = rates.rows.iter().find(|row| row.id == *unit);
                let expected = row.map_or_else(Counts::default, |row| row.counts);
                let labels = [("unit", *unit), ("obligation", obligation)];
                let counted = counts(&exposed, "socai_unit_obligations", &labels);
                assert_eq!(
                    counted,
                    by_bucket(&expected),
                    "{clock:?} {unit} {obligation}"
                );
            }
        }
    }
}

#[test]
fn kinds_add_up_to_everything_whatever_is_told_of_units() {
    let image = image::of_a_city();
    for clock in clocks() {
        for (kind, obligation) in KINDS {
            let total = rates(&image, clock, kind, Grouping::Total).total;
            for how in [Told::All, Told::Kinds] {
                let exposed = told(&image, how, clock);
                let labels = [("obligation", obligation)];
                let counted = counts(&exposed, "socai_kind_obligations", &labels);
                assert_eq!(counted, by_bucket(&total), "{clock:?} {obligation}");
            }
        }
    }
    let kinds = told(&image, Told::Kinds, clocks()[0]);
    assert!(kinds.series("socai_unit_obligations").next().is_none());
    let off = told(&image, Told::Off, clocks()[0]);
    assert!(off.series("socai_kind_obligations").next().is_none());
    assert!(off.series("socai_events_total").next().is_some());
}

#[test]
fn the_oldest_overdue_is_the_earliest_of_the_rows_behind_the_count() {
    let image = image::of_a_city();
    let mut met = 0;
    for clock in clocks() {
        let (due, now) = clock;
        let exposed = told(&image, Told::All, clock);
        for (kind, obligation) in KINDS {
            let mut earliest: BTreeMap<String, i64> = BTreeMap::new();
            let query = Query {
                kind: Some(kind),
                bucket: Some(Bucket::Overdue),
                ..Window::of(due, now).query()
            };
            for row in image.obligations(&query) {
                let due = image::midnight(row.due.unwrap());
                let known = earliest.entry(row.unit.to_string()).or_insert(due);
                *known = due.min(*known);
            }
            for series in exposed.series("socai_unit_oldest_overdue_due_timestamp_seconds") {
                if series.has(&[("obligation", obligation)]) {
                    let due = earliest.remove(series.label("unit")).unwrap();
                    assert_eq!(series.value, due.to_string(), "{clock:?} {series:?}");
                    met += 1;
                }
            }
            let alive = exposed.labels("socai_unit_info", "unit");
            assert!(earliest.keys().all(|unit| !alive.contains(unit.as_str())));
        }
    }
    assert!(met > 10, "{met}");
}

#[test]
fn events_are_counted_by_type_also_over_a_snapshot() {
    let image = image::of_a_city();
    let exposed = told(&image, Told::Off, clocks()[0]);
    let expected = image::events_by_type();
    let series: BTreeMap<&str, u64> = exposed
        .series("socai_events_total")
        .map(|series| (series.label("type"), series.count()))
        .collect();
    for (name, count) in &expected {
        assert_eq!(series[name.as_str()], *count, "{name}");
    }
    assert_eq!(series.values().sum::<u64>(), image.position().0);
    assert_eq!(series.len(), socai_domain::event::EventType::ALL.len() + 1);
    let flags: u64 = exposed
        .series("socai_late_flags_total")
        .map(Series::count)
        .sum();
    assert_eq!(Some(&flags), expected.get("obligation.flagged_late.v1"));
    let extensions = exposed.series("socai_extensions_granted_total");
    let extensions: u64 = extensions.map(Series::count).sum();
    assert_eq!(
        extensions,
        expected.get("obligation.extended.v1").copied().unwrap_or(0)
    );

    let mut bytes = Vec::new();
    image.write_snapshot(&mut bytes).unwrap();
    let read = Image::read_snapshot(&*bytes).unwrap();
    assert_eq!(read.event_counts(), image.event_counts());
}

/// What is due before a term and after it is not counted, and the clocks say which it is.
#[test]
fn a_term_that_is_past_is_counted_as_of_today() {
    let image = image::of_a_city();
    let now = image::days()[0];
    let Due::Within { first, last } = image::term() else {
        panic!("a term has days")
    };
    let exposed = told(&image, Told::Kinds, (image::term(), now));
    for (clock, day) in [
        ("socai_window_start_timestamp_seconds", first),
        ("socai_window_end_timestamp_seconds", last),
        (
            "socai_as_of_timestamp_seconds",
            Window::of(Due::ThisYear, now).as_of,
        ),
    ] {
        let said: Vec<&str> = exposed.series(clock).map(|one| &*one.value).collect();
        assert_eq!(said, [image::midnight(day).to_string()], "{clock}");
    }
    let sum = |exposed: &Exposed| -> u64 {
        let all = exposed.series("socai_kind_obligations");
        all.map(Series::count).sum()
    };
    let year = sum(&told(&image, Told::Kinds, (Due::ThisYear, now)));
    let term = sum(&exposed);
    assert!(year > 100 && term > 100 && year != term, "{year} {term}");
}

/// Everything that a process can expose, with a series of each family at least.
fn everything() -> String {
    exposed::everything(&image::of_a_city(), image::days()[0], Form::OpenMetrics)
}

#[test]
fn names_types_and_labels_are_pinned() {
    let exposed = Exposed::read(&everything());
    expect_file!["../golden/metrics.txt"].assert_eq(&exposed.listed());
    expect_file!["../../ops/metrics.md"].assert_eq(&exposed.documented());
}

/// Values of all other labels are a short list, whatever is recorded.
#[test]
fn only_units_and_witnesses_make_labels_grow() {
    const GROW: [&str; 4] = ["unit", "parent", "witness", "route"];
    let exposed = Exposed::read(&everything());
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for series in exposed.all() {
        for (label, value) in &series.labels {
            values.entry(label).or_default().insert(value);
        }
    }
    let names: Vec<&str> = values.keys().copied().collect();
    let expected = [
        "bucket",
        "code",
        "directory",
        "kind",
        "le",
        "method",
        "obligation",
        "outcome",
        "parent",
        "role",
        "route",
        "rustc",
        "service",
        "state",
        "status",
        "type",
        "unit",
        "version",
        "witness",
    ];
    assert_eq!(
        names, expected,
        "no document, task, person or number in a label"
    );
    for (label, values) in values {
        let most = if label == "type" { 100 } else { 20 };
        assert!(
            values.len() <= most || GROW.contains(&label),
            "{label}: {values:?}"
        );
    }
}

#[test]
fn promtool_finds_nothing_to_say() {
    let text = exposed::everything(&image::of_a_city(), image::days()[0], Form::Text);
    let mut promtool = Command::new(program("promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = promtool.stdin.take().unwrap();
    let written = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let said = promtool.wait_with_output().unwrap();
    written.join().unwrap().unwrap();
    let said = (
        String::from_utf8(said.stdout).unwrap(),
        String::from_utf8(said.stderr).unwrap(),
    );
    assert_eq!(said, (String::new(), String::new()));
}
