//! How obligations are counted, told again in the plainest way: every obligation of the reference book,
//! one after another, by the words of the rules.

use std::collections::BTreeMap;

use jiff::civil::Date;
use socai_domain::book::Book;
use socai_domain::id::{ObligationId, UnitId};
use socai_domain::obligation::{Kind, Obligation};
use socai_domain::rate::{Bucket, Counts};
use socai_domain::standing::Act;
use socai_ledger::query::{Grouping, Lineage, Query};

/// An obligation as one query sees it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) id: ObligationId,
    pub(super) unit: UnitId,
    owner: UnitId,
    pub(super) bucket: Bucket,
    done: bool,
    key: Date,
    groups: Vec<String>,
    kind: Kind,
    document: String,
}

/// What `query` selects, in the order of ids.
pub(super) fn select(book: &Book, query: &Query) -> Vec<Seen> {
    book.obligations
        .iter()
        .filter_map(|(id, obligation)| see(book, query, id, obligation))
        .collect()
}

fn see(book: &Book, query: &Query, id: &ObligationId, obligation: &Obligation) -> Option<Seen> {
    let opened = obligation.terms.opened;
    if opened > query.as_of {
        return None;
    }
    let standing = obligation.standing(query.as_of);
    let due = standing.due(query.due_mode);
    let (owner, since) = owner(obligation, query.as_of);
    let in_group = |day: Date| {
        let groups = book.registry.groups.iter();
        let had = groups.filter(|(_, group)| group.members_on(day).any(|member| *member == owner));
        had.map(|(id, _)| id.to_string()).collect::<Vec<_>>()
    };
    let seen = Seen {
        id: id.clone(),
        unit: match query.lineage {
            Lineage::Recorded => owner.clone(),
            Lineage::Successor => successor(book, owner.clone(), query.as_of),
        },
        bucket: standing.bucket(query.due_mode, query.as_of),
        done: standing.fulfilled.is_some(),
        key: due.unwrap_or(opened),
        groups: in_group(since),
        owner,
        kind: obligation.kind,
        document: obligation.document.to_string(),
    };
    asked(book, query, &seen).then_some(seen)
}

fn asked(book: &Book, query: &Query, seen: &Seen) -> bool {
    let documents = &book.registry.documents;
    let chain = |top| socai_domain::document::below(documents, top, query.as_of);
    let made = |maker: &str| seen.id.as_str().split('_').next() == Some(maker);
    query.due_from.is_none_or(|from| seen.key >= from)
        && query.due_to.is_none_or(|to| seen.key <= to)
        && query.kind.is_none_or(|kind| kind == seen.kind)
        && query.bucket.is_none_or(|bucket| bucket == seen.bucket)
        && query.unit.as_ref().is_none_or(|unit| *unit == seen.unit)
        && query
            .within
            .as_ref()
            .is_none_or(|seen_by| seen_by.contains(&seen.owner))
        && query
            .group
            .as_ref()
            .is_none_or(|group| seen.groups.contains(&group.to_string()))
        && query
            .document
            .as_ref()
            .is_none_or(|top| chain(top).contains(seen.document.as_str()))
        && query
            .requirement
            .as_ref()
            .is_none_or(|id| seen.kind == Kind::Report && made(id.as_str()))
        && query
            .task
            .as_ref()
            .is_none_or(|id| seen.kind == Kind::Task && made(id.as_str()))
}

/// Who owed it at the end of `day`, and since when.
fn owner(obligation: &Obligation, day: Date) -> (UnitId, Date) {
    let on = |revision: &u64| {
        obligation
            .done
            .iter()
            .find(|done| done.revision == *revision)
            .unwrap()
            .on
    };
    let taken = obligation
        .transfers
        .iter()
        .rev()
        .map(|(revision, unit)| (unit.clone(), on(revision)));
    let mut taken = taken.filter(|(_, on)| *on <= day);
    taken
        .next()
        .unwrap_or((obligation.unit.clone(), obligation.terms.opened))
}

fn successor(book: &Book, unit: UnitId, day: Date) -> UnitId {
    let known = &book.registry.units[&unit];
    let gone = known.ended.as_ref().is_some_and(|end| end.on <= day);
    match known.whole_successor().filter(|_| gone) {
        Some(next) => successor(book, next.clone(), day),
        None => unit,
    }
}

/// The counts of what was seen, by row.
pub(super) fn rates(seen: &[Seen], by: Grouping) -> BTreeMap<String, Counts> {
    let mut rows: BTreeMap<String, Counts> = BTreeMap::new();
    for it in seen {
        for row in rows_of(it, by) {
            add(rows.entry(row).or_default(), it);
        }
    }
    rows
}

pub(super) fn total(seen: &[Seen]) -> Counts {
    let mut counts = Counts::default();
    seen.iter().for_each(|it| add(&mut counts, it));
    counts
}

fn add(counts: &mut Counts, it: &Seen) {
    if it.bucket == Bucket::NoDueDate && it.done {
        counts.add_no_due_date_done();
    } else {
        counts.add(it.bucket);
    }
}

fn rows_of(it: &Seen, by: Grouping) -> Vec<String> {
    let quarter = (it.key.month() + 2) / 3;
    match by {
        Grouping::Unit => vec![it.unit.to_string()],
        Grouping::Group => it.groups.clone(),
        Grouping::Kind => vec![
            if it.kind == Kind::Report {
                "report"
            } else {
                "task"
            }
            .into(),
        ],
        Grouping::Document => vec![it.document.clone()],
        Grouping::Year => vec![it.key.year().to_string()],
        Grouping::Quarter => vec![format!("{}-q{quarter}", it.key.year())],
        Grouping::Total => vec!["total".into()],
    }
}

/// What a sweep for `day` has to flag: overdue at its end, the due date in force not flagged yet.
pub(super) fn overdue(book: &Book, day: Date) -> Vec<ObligationId> {
    let seen = select(
        book,
        &Query {
            bucket: Some(Bucket::Overdue),
            ..Query::as_of(day)
        },
    );
    let flagged = |it: &Seen| {
        let due = it.key;
        book.obligations[&it.id]
            .done
            .iter()
            .any(|done| done.act == Act::FlaggedLate { due })
    };
    seen.iter()
        .filter(|it| !flagged(it))
        .map(|it| it.id.clone())
        .collect()
}
