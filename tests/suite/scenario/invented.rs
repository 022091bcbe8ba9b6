//! What the scenario invents: marked in every line, and enough for two reviews to have something to say.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use socai_domain::book::Book;
use socai_domain::document::below;
use socai_domain::id::{DocumentId, ObligationId};
use socai_domain::obligation::Obligation;
use socai_domain::period::Window;
use socai_domain::rate::{Bucket, Counts};
use socai_domain::standing::{Act, DueMode, Release};

use super::load::{Line, lines, load};

/// Commands that say what became of an obligation or what an inspection found.
fn is_outcome(line: &Line) -> bool {
    let category = line.command.split('.').next().unwrap();
    match category {
        "report" | "obligation" | "inspection" => true,
        "task" => line.command != "task.assign",
        _ => false,
    }
}

#[test]
fn what_is_invented_is_marked_and_nothing_else_is() {
    for line in lines() {
        let invented = line.data.to_string().contains("\"mh-");
        assert_eq!(line.synthetic, invented, "{}", line.place);
        assert!(line.synthetic || !is_outcome(&line), "{}", line.place);
    }
}

/// The seeds tell no outcome: what they ask for has none here.
#[test]
fn nothing_happens_to_the_obligations_of_the_seeds() {
    let book = load().book;
    let of_seeds = |(id, _): &(&ObligationId, &Obligation)| !id.as_str().starts_with("mh-");
    let untouched: Vec<_> = book.obligations.iter().filter(of_seeds).collect();
    assert!(untouched.len() > 500, "{}", untouched.len());
    assert!(
        untouched
            .iter()
            .all(|(_, obligation)| obligation.done.is_empty())
    );
}

#[test]
fn the_review_of_2014_to_2019_has_something_in_every_bucket() {
    let counts = counted(
        "25-ct-tu_2014-01-21_hn-btv",
        date(2014, 1, 21),
        date(2019, 3, 31),
    );
    check(&counts, 850);
}

#[test]
fn the_review_of_2021_to_2026_has_something_in_every_bucket() {
    let counts = counted(
        "24-ct-tu_2023-08-07_hn-btv",
        date(2021, 1, 1),
        date(2026, 6, 30),
    );
    check(&counts, 1_500);
    let counts = counted(
        "37-kh-ubnd_2023-02-01_hn-ubnd",
        date(2021, 1, 1),
        date(2026, 6, 30),
    );
    assert!(
        counts.on_time > 150 && counts.no_due_date > 300,
        "{counts:?}"
    );
}

#[track_caller]
fn check(counts: &Counts, at_least: u64) {
    assert!(counts.total() >= at_least, "{counts:?}");
    for bucket in Bucket::ALL {
        assert!(counts.get(bucket) >= 5, "{bucket}: {counts:?}");
    }
    let due = counts.on_time + counts.late + counts.overdue;
    let share = counts.on_time * 100 / due;
    assert!((80..97).contains(&share), "{share} % on time: {counts:?}");
}

/// The buckets of everything below a document, due in the window, as of its last day.
fn counted(document: &str, from: Date, to: Date) -> Counts {
    let book = load().book;
    let window = Window::new(from, to).unwrap();
    let chain = below(
        &book.registry.documents,
        &DocumentId::new(document).unwrap(),
        to,
    );
    let mut counts = Counts::default();
    for obligation in book
        .obligations
        .values()
        .filter(|o| chain.contains(&o.document))
    {
        let standing = obligation.standing(to);
        if window.contains(standing.due.unwrap_or(obligation.terms.opened)) {
            counts.add(standing.bucket(DueMode::Current, to));
        }
    }
    counts
}

/// Each kind of act is there, so that a demonstration can show it.
#[test]
fn every_kind_of_act_happens() {
    let book = load().book;
    let done = book
        .obligations
        .values()
        .flat_map(|obligation| &obligation.done);
    let names: BTreeSet<&str> = done.map(|done| name(done.act)).collect();
    let every = [
        "accepted",
        "acknowledged",
        "cancelled",
        "claimed",
        "confirmed",
        "escalated",
        "excused",
        "explained",
        "extended",
        "flagged",
        "progressed",
        "received",
        "reminded",
        "requested",
        "returned",
        "reversed",
        "submitted",
        "transferred",
    ];
    assert_eq!(names, BTreeSet::from(every));
}

fn name(act: Act) -> &'static str {
    match act {
        Act::Submitted => "submitted",
        Act::Claimed => "claimed",
        Act::Returned { .. } => "returned",
        Act::Accepted => "accepted",
        Act::Confirmed => "confirmed",
        Act::Extended { .. } => "extended",
        Act::Released(Release::Excused) => "excused",
        Act::Released(Release::Cancelled) => "cancelled",
        Act::Transferred => "transferred",
        Act::Reversed { .. } => "reversed",
        Act::FlaggedLate { .. } => "flagged",
        Act::Received => "received",
        Act::Forwarded => "forwarded",
        Act::Acknowledged => "acknowledged",
        Act::Progressed => "progressed",
        Act::Reminded => "reminded",
        Act::Escalated => "escalated",
        Act::ExplanationRequested => "requested",
        Act::Explained => "explained",
    }
}

/// At a merger some obligations move to the successor, by name; what nobody names stays behind.
#[test]
fn at_a_merger_obligations_move_only_by_name() {
    let book = load().book;
    let quarter = |unit: &str| {
        let id = format!("mh-bc-24ct-quy_2025-q1_{unit}");
        &book.obligations[id.as_str()]
    };
    assert_eq!(quarter("hn-stc").owner().as_str(), "hn-stc-2025");
    assert_eq!(quarter("hn-skhdt").owner().as_str(), "hn-stc-2025");
    let at_the_end = date(2026, 6, 30);
    let bucket = |obligation: &Obligation| {
        obligation
            .standing(at_the_end)
            .bucket(DueMode::Current, at_the_end)
    };
    assert_eq!(bucket(quarter("hn-stc")), Bucket::OnTime);
    assert_eq!(quarter("hn-bdt").owner().as_str(), "hn-bdt");
    assert_eq!(bucket(quarter("hn-bdt")), Bucket::Overdue);
}

/// A unit that ended does nothing after its last day.
#[test]
fn an_ended_unit_hands_nothing_in() {
    let book: Book = load().book;
    for (id, obligation) in &book.obligations {
        let handed_in = obligation
            .done
            .iter()
            .filter(|done| matches!(done.act, Act::Submitted | Act::Claimed));
        let owner = &book.registry.units[obligation.owner()];
        for done in handed_in {
            assert!(owner.alive_on(done.on), "{id} on {}", done.on);
        }
    }
}

#[test]
fn the_two_inspections_are_told_to_their_state() {
    let book = load().book;
    let inspections = &book.registry.inspections;
    let [first, second] = ["mh-kt-2017", "mh-kt-2026"].map(|id| &inspections[id]);
    assert_eq!((first.findings.len(), first.concluded.is_some()), (2, true));
    assert!(
        first
            .findings
            .values()
            .all(|found| !found.finding.obligations.is_empty() && found.tasks.len() == 1)
    );
    assert_eq!(
        (second.findings.len(), second.concluded.is_some()),
        (1, false)
    );
    let inspected = &book.registry.units[&second.plan.units[0]];
    assert!(inspected.ended.is_some());
}
