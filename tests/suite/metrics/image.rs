//! A city that was made up, over two years in which it is reorganised.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use socai_domain::event::Event;
use socai_domain::ledger;
use socai_domain::origin::VIETNAM;
use socai_domain::subject::Subject;
use socai_ledger::fact::About;
use socai_ledger::{Fact, Image};
use socai_metrics::window::Due;
use socai_simulate::{Plan, Simulation, Told};
use socai_store::Position;

const CITY: Plan = Plan {
    units: 60,
    years: 2,
    seed: 42,
    events: None,
};

/// Its events, and at the end that its heads are sealed.
fn events() -> Vec<Told> {
    let mut events: Vec<Told> = Simulation::new(CITY).unwrap().events().collect();
    let last = events.last().unwrap().clone();
    let root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    events.push(Told {
        step: last.step + 1,
        subject: Subject::Ledger,
        event: Event::Ledger(ledger::Event::HeadsSealed {
            size: events.len() as u64,
            streams: 1,
            root: root.parse().unwrap(),
        }),
        ..last
    });
    events
}

pub(super) fn of_a_city() -> Image {
    let (mut image, mut revisions) = (Image::new(), BTreeMap::<Subject, u64>::new());
    for (position, told) in (1..).map(Position).zip(events()) {
        let revision = revisions.entry(told.subject.clone()).or_default();
        *revision += 1;
        let fact = Fact {
            position,
            about: About::Known(told.subject),
            revision: *revision,
            on: told.effective,
            recorded: told.recorded,
            actor: told.actor,
            synthetic: true,
            event: Some(told.event),
        };
        image.fold(&fact).unwrap();
    }
    image
}

pub(super) fn events_by_type() -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for told in events() {
        *counts.entry(told.event.encode().0).or_default() += 1;
    }
    counts
}

/// The end of it, and some days before.
pub(super) fn days() -> Vec<Timestamp> {
    let last = events().iter().map(|told| told.recorded).max().unwrap();
    let days = [0, 20, 100, 300];
    days.map(|days| last - jiff::SignedDuration::from_hours(24 * days))
        .into()
}

/// A window that is no calendar year, over the middle of it.
pub(super) fn term() -> Due {
    let [_, last, _, first] = days()[..] else {
        panic!("four days")
    };
    let day = |at: Timestamp| at.to_zoned(TimeZone::fixed(VIETNAM)).date();
    let (first, last) = (day(first), day(last));
    Due::Within { first, last }
}

/// When a day begins in Việt Nam, in seconds since the epoch.
pub(super) fn midnight(day: Date) -> i64 {
    let begins = day.to_zoned(TimeZone::fixed(VIETNAM)).unwrap();
    begins.timestamp().as_second()
}
