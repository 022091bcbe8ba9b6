//! Published counts: a history made to them counts as published, and gives the rates that follow.

use std::collections::BTreeMap;

use socai_domain::book::Book;
use socai_domain::origin::Origin;
use socai_domain::rate::{Counts, RateId};
use socai_domain::standing::DueMode;
use socai_simulate::{Figures, Scenario};

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

fn book(scenario: &Scenario) -> Book {
    let mut book = Book::default();
    for step in &scenario.steps {
        let origin = Origin {
            actor: step.actor.clone(),
            at: step.recorded,
        };
        let decided = book.execute(&step.command, step.effective, &origin);
        assert!(
            decided.is_ok_and(|decision| decision.events() > 0),
            "{step:?}"
        );
    }
    book
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
fn holds(row: &Row, counts: &Counts, split: bool) {
    let figure = |name| u64::from(number(row, name).unwrap());
    let done = figure("done");
    assert_eq!(counts.on_time + counts.late, done, "{row:?}");
    assert_eq!(counts.pending, figure("undone_in_time"), "{row:?}");
    assert_eq!(counts.overdue, figure("undone_overdue"), "{row:?}");
    assert_eq!(counts.total(), figure("total"), "{row:?}");
    if split {
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
            Some(scenario) => holds(&row, &count(&book(&scenario), &scenario), scenario.split),
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
    let counts = count(&book(&scenario), &scenario);
    let percents = RateId::ALL.map(|id| counts.rate(id).percent().unwrap().to_string());
    assert_eq!(
        percents,
        ["98.63", "86.44", "87.65", "73.25", "1.37", "1.02"]
    );
}
