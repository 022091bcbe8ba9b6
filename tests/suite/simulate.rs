//! Simulated histories: every step is accepted, and the events told directly are the decided ones.

use std::collections::{BTreeMap, BTreeSet};

use expect_test::expect;
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, tz};
use proptest::prelude::*;
use socai_domain::book::Book;
use socai_domain::calendar::YearCalendar;
use socai_domain::event::Event;
use socai_domain::origin::{Origin, VIETNAM};
use socai_domain::rate::{Bucket, Counts, RateId};
use socai_domain::standing::DueMode;
use socai_domain::subject::Subject;
use socai_simulate::{BadPlan, EVENTS_MAX, Plan, Simulation, Step, Told};

const SMALL: Plan = Plan {
    units: 60,
    years: 2,
    seed: 42,
    events: None,
};

fn simulation(plan: Plan) -> Simulation {
    Simulation::new(plan).unwrap()
}

/// Decides every step and holds what was decided to the events told directly; answers the book.
#[track_caller]
fn decided(steps: impl Iterator<Item = Step>, mut told: impl Iterator<Item = Told>) -> Book {
    let mut book = Book::default();
    for (number, step) in (1..).zip(steps) {
        let origin = Origin {
            actor: step.actor,
            at: step.recorded,
        };
        let decision = book.execute(&step.command, step.effective, &origin);
        let decision = decision.unwrap_or_else(|refused| {
            panic!(
                "step {number} on {}: {refused}: {:?}",
                step.effective, step.command
            )
        });
        assert!(
            decision.events() > 0,
            "step {number}: nothing follows from {:?}",
            step.command
        );
        for (subject, events) in decision.writes {
            for (effective, event) in events {
                let expected = Told {
                    step: number,
                    subject: subject.clone(),
                    effective,
                    recorded: origin.at,
                    actor: origin.actor.clone(),
                    event,
                };
                assert_eq!(told.next(), Some(expected));
            }
        }
    }
    assert_eq!(told.next(), None, "more is told than decided");
    book
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(tz::TimeZone::fixed(VIETNAM)).date()
}

#[test]
fn every_step_is_accepted_and_the_events_told_directly_are_the_decided_ones() {
    let sizes: &[(u32, u16, Option<u64>)] = match std::env::var_os("SOCAI_LONG") {
        None => &[(20, 1, None), (60, 2, None), (40, 3, Some(25_000))],
        Some(_) => &[
            (20, 30, None),
            (400, 6, None),
            (1_000, 5, Some(300_000)),
            (2_500, 2, None),
        ],
    };
    for (seed, &(units, years, events)) in (7..).zip(sizes) {
        let plan = Plan {
            units,
            years,
            seed,
            events,
        };
        decided(simulation(plan), simulation(plan).events());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_the_seed_the_steps_are_accepted(
        seed: u64, units in 20_u32..90, years in 1_u16..4, events in proptest::option::of(1_u64..8_000),
    ) {
        let plan = Plan { units, years, seed, events };
        decided(simulation(plan), simulation(plan).events());
    }
}

#[test]
fn with_published_calendars_the_steps_are_accepted_too() {
    let calendars = calendars();
    let plan = Plan { years: 3, ..SMALL };
    let with = || Simulation::with_calendars(plan, &calendars).unwrap();
    let book = decided(with(), with().events());
    let tet = book
        .registry
        .calendar
        .day(Date::constant(2025, 1, 29))
        .unwrap();
    assert_eq!(tet.name.as_str(), "Tết Nguyên đán (ngày 3/5)");
}

#[test]
fn a_plan_and_a_seed_tell_one_history() {
    let written = |plan| -> Vec<_> {
        let line = |step: Step| {
            (
                step.effective,
                step.recorded,
                step.actor,
                step.command.encode(),
            )
        };
        simulation(plan).map(line).collect()
    };
    let first = written(SMALL);
    assert_eq!(first, written(SMALL));
    assert_ne!(first, written(Plan { seed: 43, ..SMALL }));
}

/// What is told must not depend on the machine, so it is the same here as where this was written.
#[test]
fn the_history_of_a_seed_is_the_same_everywhere() {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    let mut steps = 0;
    for step in simulation(SMALL) {
        let (name, body) = step.command.encode();
        let line = format!(
            "{} {} {} {name} {body}",
            step.effective, step.recorded, step.actor
        );
        for byte in line.bytes() {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        steps += 1;
    }
    expect!["9157 steps, FNV-1a d0a56d6e87014e17"]
        .assert_eq(&format!("{steps} steps, FNV-1a {sum:016x}"));
}

#[test]
fn records_ascend_within_working_hours_and_some_are_back_dated() {
    let (mut last, mut total, mut back_dated) = (Timestamp::MIN, 0, 0);
    for step in simulation(SMALL) {
        assert!(
            last <= step.recorded,
            "recorded times run backwards: {step:?}"
        );
        last = step.recorded;
        let at = step.recorded.to_zoned(tz::TimeZone::fixed(VIETNAM));
        assert!((8..17).contains(&at.hour()), "{at}");
        assert!(step.effective <= at.date(), "not yet: {step:?}");
        let weekend = matches!(
            step.effective.weekday(),
            Weekday::Saturday | Weekday::Sunday
        );
        total += 1;
        back_dated += u32::from(step.effective < at.date() && !weekend);
    }
    assert!(day_of(last) <= Date::constant(2026, 6, 30));
    let permille = back_dated * 1000 / total;
    assert!(
        (5..150).contains(&permille),
        "{permille} of a thousand are back-dated"
    );
}

#[test]
fn the_events_asked_for_are_told_and_spread_over_the_years() {
    for events in [300, 5_000, 60_000] {
        let plan = Plan {
            events: Some(events),
            ..SMALL
        };
        let told: Vec<Told> = simulation(plan).events().collect();
        let count = told.len() as u64;
        assert!(
            events - 50 <= count && count <= events,
            "{count} of {events}"
        );
        let last = day_of(told.last().unwrap().recorded);
        assert!(
            events < 5_000 || last >= Date::constant(2025, 11, 1),
            "{events} end on {last}"
        );
    }
}

#[test]
fn the_city_is_plausible() {
    let plan = Plan {
        units: 150,
        years: 3,
        seed: 5,
        events: None,
    };
    let mut book = Book::default();
    let mut types: BTreeSet<String> = BTreeSet::new();
    let mut events = 0_u64;
    for told in simulation(plan).events() {
        book.fold(&told.subject, told.effective, &told.actor, &told.event)
            .unwrap();
        types.insert(told.event.encode().0);
        events += 1;
    }

    for name in event_types() {
        assert!(types.contains(&name), "{name} never occurs");
    }
    let obligations = book.obligations.len() as u64;
    let each = events * 10 / obligations;
    assert!(
        (50..120).contains(&each),
        "{events} events for {obligations} obligations"
    );

    let as_of = Date::constant(2025, 12, 31);
    let (mut counts, mut per_unit) = (Counts::default(), BTreeMap::<_, Counts>::new());
    for obligation in book.obligations.values() {
        let bucket = obligation.standing(as_of).bucket(DueMode::Current, as_of);
        counts.add(bucket);
        per_unit.entry(obligation.owner()).or_default().add(bucket);
    }
    let percent = |counts: &Counts, id| counts.rate(id).percent().map_or(0, |p| p.hundredths());
    assert!(
        (7500..9600).contains(&percent(&counts, RateId::OnTimeOfDue)),
        "{counts:?}"
    );
    assert!(
        (9000..9990).contains(&percent(&counts, RateId::CompletedOfDue)),
        "{counts:?}"
    );
    for bucket in Bucket::ALL {
        assert!(
            counts.get(bucket) > 0,
            "no obligation is {bucket:?}: {counts:?}"
        );
    }
    let on_time = per_unit.values().filter(|counts| counts.total() > 40);
    let on_time: Vec<u128> = on_time
        .map(|counts| percent(counts, RateId::OnTimeOfDue))
        .collect();
    let (worst, best) = (on_time.iter().min().unwrap(), on_time.iter().max().unwrap());
    assert!(
        *worst < 7000 && *best > 9300,
        "units are too much alike: {worst} to {best}"
    );
}

/// Every type of event that a city's life can bring about.
fn event_types() -> Vec<String> {
    let of = |category: &str, names: &str| -> Vec<String> {
        names
            .split(' ')
            .map(|name| format!("{category}.{name}.v1"))
            .collect()
    };
    [
        of("report", "submitted received forwarded returned accepted"),
        of(
            "task",
            "acknowledged progressed claimed confirmed refused assigned due_set",
        ),
        of(
            "obligation",
            "extended excused cancelled transferred reminded flagged_late escalated",
        ),
        of("obligation", "explanation_requested explained reversed"),
        of("unit", "formed renamed reparented part_ceded ended"),
        of("group", "defined changed"),
        of("document", "issued related ended corrected"),
        of("requirement", "set ended"),
        of("period", "opened"),
        of("calendar", "published"),
        of(
            "inspection",
            "opened finding_recorded follow_up_set concluded",
        ),
    ]
    .concat()
}

#[test]
fn reorganisations_take_named_obligations_along() {
    let (mut merged, mut moved, mut divided) = (0, 0, 0);
    for told in simulation(Plan { years: 4, ..SMALL }).events() {
        match (&told.subject, &told.event) {
            (Subject::Unit(_), Event::Unit(socai_domain::unit::Event::Ended { how, .. })) => {
                merged += u32::from(*how == socai_domain::unit::EndKind::Merged);
                divided += u32::from(*how == socai_domain::unit::EndKind::Divided);
            }
            (_, Event::Obligation(socai_domain::obligation::Event::Transferred { .. })) => {
                moved += 1
            }
            _ => {}
        }
    }
    assert!(
        merged > 10 && divided > 0 && moved > 10,
        "{merged} {divided} {moved}"
    );
}

#[test]
fn a_plan_out_of_bounds_is_refused() {
    let bad = |plan: Plan| Simulation::new(plan).err().unwrap();
    assert_eq!(bad(Plan { units: 19, ..SMALL }), BadPlan::Units(19));
    assert_eq!(bad(Plan { years: 0, ..SMALL }), BadPlan::Years(0));
    let too_many = EVENTS_MAX + 1;
    let events = Some(too_many);
    assert_eq!(bad(Plan { events, ..SMALL }), BadPlan::Events(too_many));
}

fn calendars() -> Vec<YearCalendar> {
    let text = include_str!("../data/vn_calendar_2014_2027.csv");
    let mut years: BTreeMap<i16, YearCalendar> = BTreeMap::new();
    for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let row: BTreeMap<String, String> = row.unwrap();
        let given = |name: &str| Some(&row[name]).filter(|value| !value.is_empty());
        let value = serde_json::json!({
            "date": row["date"],
            "kind": row["kind"].trim_end_matches('?'),
            "name": row["name"],
            "swapped_with": given("swapped_with"),
            "certainty": row["certainty"].split(':').next().map(str::to_lowercase),
            "source": row["source"],
        });
        let day: socai_domain::calendar::Day = serde_json::from_value(value).unwrap();
        let year = day.date.year();
        let known = years.entry(year).or_insert(YearCalendar {
            year,
            version: 1,
            days: Vec::new(),
        });
        known.days.push(day);
    }
    years.into_values().collect()
}
