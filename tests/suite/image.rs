//! The memory image: what it answers is what the records say, for every day and every prefix.
//!
//! Random histories that the deciders accept are recorded, read back and folded; every answer of the
//! image is held against the reference book and the plainest way of counting.

mod history;
mod model;
mod records;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use socai_domain::id::UnitId;
use socai_domain::obligation::{Kind, Obligation};
use socai_domain::origin::Obligations;
use socai_domain::rate::{Bucket, Counts};
use socai_domain::standing::{Act, Confirmation, DueMode, Verdict, phases};
use socai_domain::unit::Ending;
use socai_ledger::heads::Head;
use socai_ledger::query::{Grouping, Lineage, Query, Span};
use socai_ledger::{Fact, Image};
use socai_store::{Position, Recorded, envelope};

use history::{History, START, fold, history};

const GROUPINGS: [Grouping; 7] = [
    Grouping::Unit,
    Grouping::Group,
    Grouping::Kind,
    Grouping::Document,
    Grouping::Year,
    Grouping::Quarter,
    Grouping::Total,
];

/// Every so many days from before the first fact until everything is past due.
fn days(history: &History, step: i32) -> impl Iterator<Item = Date> {
    let last = history.today + 60.days();
    (START - 1.day())
        .series(step.days())
        .take_while(move |day| *day <= last)
}

prop_compose! {
    /// A question about everything, or a part of it.
    fn question()(
        after in prop_oneof![0_i64..250, 0_i64..700], mode in any::<bool>(), lineage in any::<bool>(),
        (from, to) in (prop::option::of(0_i64..300), prop::option::of(100_i64..700)),
        (kind, bucket) in (prop::option::weighted(0.2, any::<bool>()), prop::option::weighted(0.2, 0_usize..6)),
        (unit, group) in (prop::option::weighted(0.2, "[a-d]"), prop::option::weighted(0.2, Just("g"))),
        within in prop::option::weighted(0.4, prop::collection::btree_set("[a-e]|nowhere", 0..4)),
        document in prop::option::weighted(0.3, prop_oneof![Just("top"), Just("below"), Just("nowhere")]),
        (requirement, task) in (prop::option::weighted(0.1, Just("r0")), prop::option::weighted(0.1, "t[0-9]")),
    ) -> Query {
        Query {
            as_of: START + after.days(),
            due_from: from.map(|days| START + days.days()),
            due_to: to.map(|days| START + days.days()),
            kind: kind.map(|report| if report { Kind::Report } else { Kind::Task }),
            unit: unit.map(|id| id.parse().unwrap()),
            within: within.map(|ids| ids.iter().map(|id| id.parse().unwrap()).collect()),
            group: group.map(|id| id.parse().unwrap()),
            document: document.map(|id| id.parse().unwrap()),
            requirement: requirement.map(|id| id.parse().unwrap()),
            task: task.map(|id| id.parse().unwrap()),
            bucket: bucket.map(|at| Bucket::ALL[at]),
            due_mode: if mode { DueMode::Original } else { DueMode::Current },
            lineage: if lineage { Lineage::Successor } else { Lineage::Recorded },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_image_holds_what_the_book_holds(history in history()) {
        let (book, image) = (&history.book, history.image());
        prop_assert_eq!(&book.registry, image.registry());
        prop_assert_eq!(book.obligations.len(), image.obligation_count());
        for (id, obligation) in &book.obligations {
            prop_assert_eq!(Some(obligation.clone()), image.obligation(id));
            prop_assert_eq!(obligation.revision(), image.revision(&format!("obligation.{id}")));
        }
        for unit in book.registry.units.keys() {
            prop_assert_eq!(book.open_of(unit), image.open_of(unit));
        }
        for task in book.registry.tasks.keys() {
            prop_assert_eq!(book.of_task(task), image.of_task(task));
        }
    }

    /// The digest that counting reads is what stands, on every day, in both modes.
    #[test]
    fn every_obligation_is_in_its_bucket_on_every_day(history in history()) {
        let image = history.image();
        for day in days(&history, 1) {
            for due_mode in [DueMode::Current, DueMode::Original] {
                let query = Query { due_mode, ..Query::as_of(day) };
                let seen = model::select(&history.book, &query);
                let rates = image.rates(&query, Grouping::Unit);
                prop_assert_eq!(model::total(&seen), rates.total, "{} {:?}", day, due_mode);
                let rows = rates.rows.into_iter().map(|row| (row.id, row.counts)).collect();
                prop_assert_eq!(model::rates(&seen, Grouping::Unit), rows, "{} {:?}", day, due_mode);
            }
        }
        for day in days(&history, 11) {
            let listed = image.obligations(&Query::as_of(day));
            let listed: Vec<_> = listed.into_iter().map(|row| (row.id, row.unit, row.bucket)).collect();
            let seen = model::select(&history.book, &Query::as_of(day));
            let seen: Vec<_> = seen.into_iter().map(|it| (it.id, it.unit, it.bucket)).collect();
            prop_assert_eq!(seen, listed, "{}", day);
        }
    }

    /// Whatever is asked, in whichever rows: buckets partition what is selected, and the rows behind a
    /// number are as many as the number.
    #[test]
    fn rows_are_as_many_as_the_number(
        history in history(), questions in prop::collection::vec(question(), 12),
    ) {
        let image = history.image();
        for query in questions.iter().chain(&edges(&history)) {
            let seen = model::select(&history.book, query);
            let listed = image.obligations(query);
            prop_assert!(seen.iter().map(|it| &it.id).eq(listed.iter().map(|row| &row.id)), "{:?}", query);
            prop_assert_eq!(image.notes(query, 30).obligations as usize, listed.len());
            for by in GROUPINGS {
                let rates = image.rates(query, by);
                prop_assert_eq!(model::total(&seen), rates.total, "{:?} {:?}", by, query);
                prop_assert_eq!(rates.total.total() as usize, listed.len());
                let rows = rates.rows.iter().map(|row| (row.id.clone(), row.counts)).collect();
                prop_assert_eq!(model::rates(&seen, by), rows, "{:?} {:?}", by, query);
                matrix_adds_up(&image, query, by)?;
            }
            for bucket in Bucket::ALL {
                let asked = query.bucket.is_none_or(|asked| asked == bucket);
                let one = Query { bucket: Some(bucket), ..query.clone() };
                let number = image.rates(query, Grouping::Total).total.get(bucket);
                prop_assert_eq!(if asked { number } else { 0 }, number);
                if asked {
                    prop_assert_eq!(number as usize, image.obligations(&one).len());
                }
            }
        }
    }

    /// Successors take over rows, never numbers.
    #[test]
    fn lineage_moves_rows_and_keeps_the_total(history in history(), query in question()) {
        let image = history.image();
        let query = Query { unit: None, ..query };
        let [recorded, successor] = [Lineage::Recorded, Lineage::Successor].map(|lineage| {
            image.rates(&Query { lineage, ..query.clone() }, Grouping::Unit)
        });
        prop_assert_eq!(recorded.total, successor.total);
        let mut sum = Counts::default();
        successor.rows.iter().for_each(|row| sum.merge(&row.counts));
        prop_assert_eq!(successor.total, sum);
        for row in successor.rows {
            let unit = &history.book.registry.units[row.id.as_str()];
            let ended = unit.ended.as_ref().filter(|end| end.on <= query.as_of);
            prop_assert_eq!(ended.is_some(), row.ended);
            prop_assert!(ended.is_none() || unit.whole_successor().is_none(), "{} was merged", row.id);
            prop_assert_eq!(unit.name_on(query.as_of).as_str(), row.name);
        }
    }

    /// A prefix answers the same whatever came later, and however it was folded.
    #[test]
    fn a_prefix_is_the_ledger_that_stopped_there(
        history in history(), at in any::<prop::sample::Index>(), again in any::<prop::sample::Index>(),
    ) {
        let at = at.index(history.records.len());
        let (mut then, mut pieces) = (Image::new(), Image::new());
        fold(&mut then, &history.records[..at]);
        let stopped = snapshot(&then);

        let piece = again.index(at + 1);
        fold(&mut pieces, &history.records[..piece]);
        let mut pieces = Image::read_snapshot(&*snapshot(&pieces)).unwrap();
        fold(&mut pieces, &history.records[piece..at]);
        prop_assert_eq!(&stopped, &snapshot(&pieces), "known at {}, folded in pieces at {}", at, piece);
        prop_assert_eq!(Position(at as u64), pieces.position());

        fold(&mut pieces, &history.records[at..]);
        prop_assert_eq!(snapshot(&history.image()), snapshot(&pieces));
        let day = history.today;
        let read = Image::read_snapshot(&*stopped).unwrap();
        prop_assert_eq!(then.obligations(&Query::as_of(day)), read.obligations(&Query::as_of(day)));
        prop_assert_eq!(snapshot(&read), stopped);
    }

    /// The heads of any prefix are what its records say, one by one, also asked of a longer ledger.
    #[test]
    fn heads_are_what_the_records_say(history in history(), at in any::<prop::sample::Index>()) {
        let at = at.index(history.records.len() + 1);
        let image = history.image();
        let said = heads_said(&history.records[..at]);
        prop_assert_eq!(&said, &told(image.heads_at(Position(at as u64))));
        let mut then = Image::new();
        fold(&mut then, &history.records[..at]);
        prop_assert_eq!(&said, &told(then.heads()));
        prop_assert_eq!(heads_said(&history.records), told(image.heads()));
    }

    /// Read back from bytes on another thread in chunks of any size, the ledger is the same.
    #[test]
    fn replayed_bytes_make_the_same_image(history in history(), size in 1_usize..40) {
        let chunks = history.records.chunks(size).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()));
        let mut replayed = Image::new();
        replayed.fold_all(chunks).unwrap();
        prop_assert_eq!(snapshot(&history.image()), snapshot(&replayed));
    }

    /// A sweep flags what is overdue, once, and then flags and buckets agree on it.
    #[test]
    fn after_a_sweep_nothing_is_left_to_flag(mut history in history()) {
        for day in days(&history, 17) {
            prop_assert_eq!(model::overdue(&history.book, day), history.image().overdue_on(day), "{}", day);
        }
        let day = history.today;
        for obligation in history.image().overdue_on(day) {
            let body = format!(r#"{{"obligation":"{obligation}","on":"{day}"}}"#);
            let before = history.records.len();
            prop_assert!(history.execute("obligation.flag_late", &body, day, 1));
            prop_assert_eq!(before + 1, history.records.len());
        }
        let image = history.image();
        prop_assert!(image.overdue_on(day).is_empty());
        let overdue = |it: &&socai_ledger::flags::Difference| it.bucket == Bucket::Overdue;
        let differences = image.check_flags(day);
        prop_assert_eq!(None, differences.iter().find(overdue));
    }
}

/// Questions about the very days on which something changes: due dates, and ends of units.
fn edges(history: &History) -> Vec<Query> {
    let dues = history
        .book
        .obligations
        .values()
        .filter_map(|obligation| obligation.terms.due);
    let due = |due: Date| Query {
        due_from: Some(due),
        due_to: Some(due),
        ..Query::as_of(due)
    };
    let ends = history
        .book
        .registry
        .units
        .iter()
        .filter_map(|(id, unit)| Some((id, unit.ended.as_ref()?)));
    let lineage = Lineage::Successor;
    // Also what the ended unit alone may see, which counts for its successor.
    let end = |(id, end): (&UnitId, &Ending)| {
        let seen = [None, Some(BTreeSet::from([id.clone()]))];
        [end.on - 1.day(), end.on]
            .into_iter()
            .zip(seen)
            .map(|(day, within)| Query {
                lineage,
                within,
                ..Query::as_of(day)
            })
            .collect::<Vec<_>>()
    };
    dues.take(4)
        .map(due)
        .chain(ends.take(4).flat_map(end))
        .collect()
}

/// What the properties above hold over: stories in which everything happens, and some of it together.
#[test]
fn histories_tell_of_everything() {
    let mut runner = TestRunner::deterministic();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..150 {
        let history = history().new_tree(&mut runner).unwrap().current();
        for record in &history.records {
            let event = Fact::decode(record).unwrap().event.unwrap();
            *met.entry(event.encode().0).or_default() += 1;
        }
        for what in history.book.obligations.values().flat_map(eventful) {
            *met.entry(what.to_owned()).or_default() += 1;
        }
    }
    let missing: Vec<&str> = EVENTFUL
        .into_iter()
        .filter(|what| !met.contains_key(*what))
        .collect();
    assert!(missing.is_empty(), "{missing:?} of {met:?}");
}

const EVENTFUL: [&str; 33] = [
    "unit.formed.v1",
    "unit.renamed.v1",
    "unit.ended.v1",
    "group.changed.v1",
    "document.related.v1",
    "requirement.set.v1",
    "period.opened.v1",
    "task.assigned.v1",
    "task.due_set.v1",
    "report.submitted.v1",
    "report.received.v1",
    "report.returned.v1",
    "report.accepted.v1",
    "task.claimed.v1",
    "task.confirmed.v1",
    "task.refused.v1",
    "obligation.extended.v1",
    "obligation.excused.v1",
    "obligation.cancelled.v1",
    "obligation.transferred.v1",
    "obligation.reminded.v1",
    "obligation.flagged_late.v1",
    "obligation.escalated.v1",
    "obligation.explained.v1",
    "obligation.reversed.v1",
    "late by the original due date only",
    "transferred twice",
    "a transfer reversed",
    "four phases",
    "a due date set and then extended",
    "silence that confirms",
    "handed in again in time",
    "done without a due date",
];

/// What came together in one obligation.
fn eventful(obligation: &Obligation) -> Vec<&'static str> {
    let end = obligation.standing(Date::MAX);
    let did = |act: fn(&Act) -> bool| obligation.done.iter().filter(|done| act(&done.act)).count();
    let transfers = did(|act| *act == Act::Transferred);
    let late = |mode| end.bucket(mode, Date::MAX) == Bucket::Late;
    let phases = phases(
        &obligation.terms,
        obligation.done.iter().map(|done| (done.on, done.act)),
    );
    let first_claim = obligation
        .done
        .iter()
        .find(|done| matches!(done.act, Act::Submitted | Act::Claimed));
    let facts = [
        (
            "late by the original due date only",
            late(DueMode::Original) && !late(DueMode::Current) && end.released.is_none(),
        ),
        ("transferred twice", obligation.transfers.len() > 1),
        (
            "a transfer reversed",
            transfers > obligation.transfers.len(),
        ),
        ("four phases", phases.len() > 3),
        (
            "a due date set and then extended",
            obligation.terms.due_set.is_some() && end.due > end.original_due,
        ),
        (
            "silence that confirms",
            end.verdict == Verdict::Stands
                && !end.accepted
                && obligation.terms.confirmation == Confirmation::AfterDays(9),
        ),
        (
            "handed in again in time",
            did(|act| matches!(act, Act::Returned { .. })) > 0
                && end.fulfilled.is_some()
                && end.fulfilled == first_claim.map(|done| done.on)
                && did(|act| matches!(act, Act::Submitted | Act::Claimed)) > 1,
        ),
        (
            "done without a due date",
            end.due.is_none() && end.fulfilled.is_some(),
        ),
    ];
    facts
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(what, _)| what)
        .collect()
}

/// The last event of every stream, by what the records say of themselves.
fn heads_said(records: &[Recorded]) -> Vec<(String, u64, Position)> {
    let mut last = BTreeMap::new();
    for recorded in records {
        let record = envelope::parse(&recorded.bytes).unwrap();
        let head = (record.revision.0, recorded.position);
        last.insert(record.subject.into_owned(), head);
    }
    let plain = last
        .into_iter()
        .map(|(stream, (revision, position))| (stream, revision, position));
    plain.collect()
}

fn told<'a>(heads: impl Iterator<Item = Head<'a>>) -> Vec<(String, u64, Position)> {
    let plain = heads.map(|head| (head.stream.into_owned(), head.revision, head.position));
    plain.collect()
}

fn snapshot(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_snapshot(&mut bytes).unwrap();
    bytes
}

fn matrix_adds_up(image: &Image, query: &Query, by: Grouping) -> Result<(), TestCaseError> {
    let rates = image.rates(query, by);
    for (span, grouping) in [
        (Span::Year, Grouping::Year),
        (Span::Quarter, Grouping::Quarter),
    ] {
        let matrix = image.rates_matrix(query, by, span);
        let columns = image.rates(query, grouping).rows;
        prop_assert!(matrix.columns.iter().eq(columns.iter().map(|row| &row.id)));
        prop_assert!(matrix.rows.iter().map(|line| &line.row).eq(&rates.rows));
        prop_assert_eq!(matrix.total, rates.total);
        for line in &matrix.rows {
            let mut sum = Counts::default();
            line.cells.iter().for_each(|cell| sum.merge(cell));
            prop_assert_eq!(line.row.counts, sum);
        }
        // Groups overlap; every other grouping has each obligation in one row.
        for (at, column) in columns.iter().enumerate().filter(|_| by != Grouping::Group) {
            let mut sum = Counts::default();
            matrix
                .rows
                .iter()
                .for_each(|line| sum.merge(&line.cells[at]));
            prop_assert_eq!(column.counts, sum);
        }
    }
    Ok(())
}
