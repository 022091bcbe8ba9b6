//! Published counts: a history made to them counts as published, and gives the rates that follow.

use std::collections::BTreeMap;

use socai_domain::book::Book;
use socai_domain::obligation::Kind;
use socai_domain::origin::Origin;
use socai_domain::rate::{Counts, RateId};
use socai_domain::standing::DueMode;
use socai_domain::subject::Subject;
use socai_ledger::fact::About;
use socai_ledger::{Fact, Grouping, Image, Query};
use socai_simulate::{Figures, Scenario};
use socai_store::Position;

type Row = BTreeMap<String, String>;

fn rows() -> Vec<Row> {
    let text = include_str!("../data/published_task_figures.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(row: &Row, name: &str) -> Option<u32> {
    Some(&row[name])
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().unwrap())
}

fn figures(row: &Row) -> Figures {
    Figures {
        done: number(row, "done"),
        done_on_time: number(row, "done_on_time"),
        done_late: number(row, "done_late"),
        undone_in_time: number(row, "undone_in_time"),
        undone_overdue: number(row, "undone_overdue"),
    }
}

/// The ledger after every step, in both forms: as plain maps, and as the image.
fn told(scenario: &Scenario) -> (Book, Image) {
    let (mut book, mut image) = (Book::default(), Image::new());
    let mut revisions: BTreeMap<Subject, u64> = BTreeMap::new();
    let mut position = 0;
    for step in &scenario.steps {
        let origin = Origin {
            actor: step.actor.clone(),
            at: step.recorded,
        };
        let decision = book
            .execute(&step.command, step.effective, &origin)
            .unwrap_or_else(|refused| panic!("{refused}: {step:?}"));
        assert!(decision.events() > 0, "nothing follows from {step:?}");
        for (subject, events) in decision.writes {
            for (on, event) in events {
                position += 1;
                let revision = revisions.entry(subject.clone()).or_default();
                *revision += 1;
                let fact = Fact {
                    position: Position(position),
                    about: About::Known(subject.clone()),
                    revision: *revision,
                    on,
                    recorded: origin.at,
                    actor: origin.actor.clone(),
                    synthetic: true,
                    event: Some(event),
                };
                image.fold(&fact).unwrap();
            }
        }
    }
    (book, image)
}

/// The same question, asked of the image.
fn asked(image: &Image, scenario: &Scenario) -> Counts {
    let query = Query {
        due_from: Some(scenario.from),
        due_to: Some(scenario.to),
        kind: Some(Kind::Task),
        ..Query::as_of(scenario.as_of)
    };
    image.rates(&query, Grouping::Total).total
}

/// Counts as the rules say, over the obligations due in the window.
fn count(book: &Book, scenario: &Scenario) -> Counts {
    let mut counts = Counts::default();
    for obligation in book.obligations.values() {
        let then = obligation.standing(scenario.as_of);
        let asked = then
            .due
            .is_some_and(|due| scenario.from <= due && due <= scenario.to);
        if asked {
            counts.add(then.bucket(DueMode::Current, scenario.as_of));
        }
    }
    counts
}

/// Rates whose value does not depend on how much of what was done was late.
const WITHOUT_SPLIT: [RateId; 4] = [
    RateId::CompletedOfDue,
    RateId::CompletedOfAssigned,
    RateId::OverdueOfDue,
    RateId::OverdueOfAssigned,
];

#[track_caller]
fn holds(row: &Row, counts: &Counts, scenario: &Scenario) {
    let figure = |name| u64::from(number(row, name).unwrap());
    let done = figure("done");
    assert_eq!(counts.on_time + counts.late, done, "{row:?}");
    assert_eq!(counts.pending, figure("undone_in_time"), "{row:?}");
    assert_eq!(counts.overdue, figure("undone_overdue"), "{row:?}");
    assert_eq!(counts.total(), figure("total"), "{row:?}");
    if scenario.split {
        assert_eq!(counts.on_time, figure("done_on_time"), "{row:?}");
        assert_eq!(counts.late, figure("done_late"), "{row:?}");
    }
    let (pending, overdue) = (figure("undone_in_time"), figure("undone_overdue"));
    let expected = |id| match id {
        RateId::CompletedOfDue => (done, done + overdue),
        RateId::CompletedOfAssigned => (done, done + pending + overdue),
        RateId::OverdueOfDue => (overdue, done + overdue),
        RateId::OverdueOfAssigned => (overdue, done + pending + overdue),
        RateId::OnTimeOfDue | RateId::OnTimeOfCompleted => unreachable!("not without the split"),
    };
    for id in WITHOUT_SPLIT {
        let rate = counts.rate(id);
        assert_eq!((rate.n, rate.d), expected(id), "{id:?} {row:?}");
    }
}

#[test]
fn every_published_row_counts_as_published() {
    let mut left_out = Vec::new();
    for row in rows() {
        match figures(&row).scenario() {
            Some(scenario) => {
                let (book, image) = told(&scenario);
                let counts = count(&book, &scenario);
                holds(&row, &counts, &scenario);
                assert_eq!(asked(&image, &scenario), counts, "{row:?}");
            }
            None => left_out.push(row["id"].clone()),
        }
    }
    // It says how many were overdue, and not how many were done.
    assert_eq!(left_out, ["HN-UBND-2017-04-21"]);
}

#[test]
fn the_government_office_of_2017_gives_the_six_rates() {
    let row = rows()
        .into_iter()
        .find(|row| row["id"] == "VPCP-2017")
        .unwrap();
    let scenario = figures(&row).scenario().unwrap();
    let (_, image) = told(&scenario);
    let counts = asked(&image, &scenario);
    let percents = RateId::ALL.map(|id| counts.rate(id).percent().unwrap().to_string());
    assert_eq!(
        percents,
        ["98.63", "86.44", "87.65", "73.25", "1.37", "1.02"]
    );
}
