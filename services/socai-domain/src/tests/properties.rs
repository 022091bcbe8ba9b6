//! What holds of every history that the deciders accept.

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;

use super::given::{Told, step};
use super::histories::{first_day, history};
use crate::command::{Decision, decide};
use crate::draft::Draft;
use crate::event::Event;
use crate::id::{AccountId, ObligationId};
use crate::obligation::Obligation;
use crate::origin::{Obligations, Origin};
use crate::rate::Bucket;
use crate::standing::{DueMode, Standing, phases};
use crate::subject::Subject;

fn days() -> impl Iterator<Item = Date> {
    let first = first_day().saturating_sub(2.days());
    (0..500).map(move |n| first.saturating_add(i64::from(n).days()))
}

/// As the steps of histories are asked.
fn origin(actor: &str) -> Origin {
    Origin {
        actor: AccountId::new(actor).unwrap(),
        at: "2031-01-01T08:00:00+07:00".parse().unwrap(),
    }
}

/// The obligations that a decision writes to.
fn acted_on(decision: &Decision) -> impl Iterator<Item = (&ObligationId, Date)> {
    decision.writes.iter().filter_map(|(subject, events)| {
        let Subject::Obligation(id) = subject else {
            return None;
        };
        events.first().map(|(on, _)| (id, *on))
    })
}

/// The rules of the table of buckets, one by one.
fn holds(bucket: Bucket, at: &Standing, day: Date) -> bool {
    let counted = at.released.is_none();
    let fulfilled = |by_due: fn(Date, Date) -> bool| {
        counted
            && at
                .due
                .is_some_and(|due| at.fulfilled.is_some_and(|done| by_due(done, due)))
    };
    let waiting = |passed: bool| {
        counted && at.fulfilled.is_none() && at.due.is_some_and(|due| (day > due) == passed)
    };
    match bucket {
        Bucket::OnTime => fulfilled(|done, due| done <= due),
        Bucket::Late => fulfilled(|done, due| done > due),
        Bucket::Pending => waiting(false),
        Bucket::Overdue => waiting(true),
        Bucket::NoDueDate => counted && at.due.is_none(),
        Bucket::Excused => !counted,
    }
}

fn phases_of(obligation: &Obligation) -> Vec<(Date, Standing)> {
    let acts = obligation.done.iter().map(|done| (done.on, done.act));
    phases(&obligation.terms, acts)
}

/// Histories are long, so that few of them meet much.
fn few() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(48)
    }
}

proptest! {
    #![proptest_config(few())]

    /// What is stored is all there is: names, bodies, days and actors tell the same book again.
    #[test]
    fn an_accepted_history_replays_to_the_same_book(history in history()) {
        let mut book = crate::book::Book::default();
        let init = AccountId::new("init").unwrap();
        for created in &history.created {
            book.fold(&Subject::Ledger, first_day(), &init, created).unwrap();
        }
        prop_assert_eq!(&book, &history.begun.book);
        for (_, step, decision) in &history.accepted {
            let actor = AccountId::new(step.actor).unwrap();
            for (subject, events) in &decision.writes {
                let subject = Subject::parse(&subject.to_string()).unwrap();
                for (on, event) in events {
                    let (name, body) = event.encode();
                    let read = Event::decode(&subject, &name, &body).unwrap();
                    prop_assert_eq!(&read, event);
                    book.fold(&subject, *on, &actor, &read).unwrap();
                }
            }
        }
        prop_assert_eq!(book, history.end.book);
    }

    #[test]
    fn what_is_accepted_and_asked_again_adds_nothing(history in history()) {
        for (before, step, _) in &history.accepted {
            let mut after = before.clone();
            after.ask(step).unwrap();
            let again = after.ask(step).map(|decision| Told::all_of(&decision));
            prop_assert_eq!(again.map_err(|refused| refused.code), Ok(vec![]), "{:?}", step);
        }
    }

    /// No decision writes one stream twice: each stream is appended to at one expected revision.
    #[test]
    fn a_decision_names_each_stream_once(history in history()) {
        for (_, step, decision) in &history.accepted {
            let mut subjects: Vec<_> = decision.writes.iter().map(|(subject, _)| subject).collect();
            subjects.sort();
            let count = subjects.len();
            subjects.dedup();
            prop_assert_eq!(count, subjects.len(), "{:?}", step);
        }
    }

    /// Decided on a draft, one after another, and nothing recorded: the same decisions, and the same end.
    #[test]
    fn a_draft_decides_as_if_it_were_recorded(history in history(), at in any::<prop::sample::Index>()) {
        let at = at.index(history.accepted.len());
        let (recorded, end) = (&history.accepted[at].0.book, &history.end.book);
        let mut draft = Draft::on(&recorded.registry, recorded);
        for (_, step, decision) in &history.accepted[at..] {
            let origin = origin(step.actor);
            let decided = decide(&step.command(), &draft.asking(step.on, &origin));
            prop_assert_eq!(decided.as_ref(), Ok(decision), "{:?}", step);
            draft.tell(decision, &origin.actor).unwrap();
        }
        for id in end.obligations.keys() {
            prop_assert_eq!(draft.obligation(id), end.obligations.get(id).cloned(), "{}", id);
        }
        for unit in end.registry.units.keys() {
            prop_assert_eq!(draft.open_of(unit), end.open_of(unit), "{}", unit);
        }
        for task in end.registry.tasks.keys() {
            prop_assert_eq!(draft.of_task(task), end.of_task(task), "{}", task);
        }
    }

    #[test]
    fn every_day_has_one_bucket(history in history()) {
        for obligation in history.end.book.obligations.values() {
            for day in days() {
                let at = obligation.standing(day);
                let rules = Bucket::ALL.into_iter().filter(|bucket| holds(*bucket, &at, day));
                let found: Vec<Bucket> = rules.collect();
                prop_assert_eq!(found, vec![at.bucket(DueMode::Current, day)]);
            }
        }
    }

    #[test]
    fn phases_tell_what_stands_on_every_day(history in history()) {
        for obligation in history.end.book.obligations.values() {
            let phases = phases_of(obligation);
            prop_assert!(phases.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1));
            for day in days().filter(|day| *day >= obligation.terms.opened) {
                let phase = phases.iter().rev().find(|(from, _)| *from <= day);
                prop_assert_eq!(phase.map(|(_, at)| *at), Some(obligation.standing(day)), "{}", day);
            }
        }
    }

    #[test]
    fn reversing_the_last_act_is_never_having_recorded_it(history in history()) {
        for (before, step, decision) in &history.accepted {
            for (id, on) in acted_on(decision) {
                let Some(known) = before.book.obligations.get(id) else {
                    continue;
                };
                let mut after = before.clone();
                after.ask(step).unwrap();
                let revision = after.book.obligations[id].revision();
                let body = serde_json::json!({"obligation": id, "revision": revision,
                                              "reason": "nhầm"});
                let mut undo = self::step("2019-01-01", "obligation.reverse", body);
                undo.on = on;
                if after.ask(&undo).is_err() {
                    let act = after.book.obligations[id].done.last().unwrap().act;
                    prop_assert!(!act.changes_standing(), "{:?} cannot be undone", act);
                    continue;
                }
                let undone = &after.book.obligations[id];
                prop_assert_eq!(phases_of(undone), phases_of(known));
                prop_assert_eq!(undone.owner(), known.owner());
                prop_assert_eq!(&undone.transfers, &known.transfers);
            }
        }
    }

    #[test]
    fn an_act_changes_no_day_before_its_own(history in history()) {
        for (before, step, decision) in &history.accepted {
            let mut after = before.clone();
            after.ask(step).unwrap();
            for (id, on) in acted_on(decision) {
                let was = &before.book.obligations[id];
                for day in days().filter(|day| *day < on) {
                    let now = after.book.obligations[id].standing(day);
                    prop_assert_eq!(now, was.standing(day), "{} by {:?}", day, step);
                }
            }
        }
    }

    /// Parents lead out of the tree on every day.
    #[test]
    fn no_unit_ever_stands_below_itself(history in history()) {
        let units = &history.end.book.registry.units;
        for day in days() {
            for id in units.keys() {
                let parent = |id: &&crate::id::UnitId| units[*id].parent_on(day);
                let above = std::iter::successors(units[id].parent_on(day), parent);
                prop_assert!(above.take(units.len() + 1).count() <= units.len(), "{} on {}", id, day);
            }
        }
    }
}
