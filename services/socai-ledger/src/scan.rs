//! The walk over the rows that a query selects. Everything that can be is looked up before it begins.

use jiff::civil::Date;
use socai_domain::document::below;
use socai_domain::group::Group;
use socai_domain::id::UnitId;
use socai_domain::obligation::Kind;
use socai_domain::standing::DueMode;

use crate::day::Day;
use crate::digest::{Code, codes_of, shift};
use crate::image::Image;
use crate::query::{Lineage, Query};
use crate::row::{NONE, Opened, Row};
use crate::table::Table;

/// A row that a query selects.
pub(crate) struct Hit<'a> {
    pub(crate) at: u32,
    pub(crate) row: &'a Row,
    pub(crate) opened: &'a Opened,
    /// Who owed it on the as-of day, and since when.
    pub(crate) owner: u32,
    pub(crate) since: Day,
    /// The unit that it counts for.
    pub(crate) unit: u32,
    pub(crate) code: Code,
    /// The due date, or the day of assignment.
    pub(crate) key: Day,
}

/// A query, resolved to numbers.
pub(crate) struct Scan<'a> {
    table: &'a Table,
    as_of: Day,
    from: Day,
    to: Day,
    mode: DueMode,
    kind: Option<Kind>,
    maker: Option<(Kind, u32)>,
    codes: u8,
    /// By document: whether it is asked about.
    documents: Option<Vec<bool>>,
    /// By unit: for which it counts.
    counts_for: Option<Vec<u32>>,
    unit: Option<u32>,
    /// By unit: whether what it owes may be seen.
    within: Option<Vec<bool>>,
    group: Option<Members>,
}

/// A number that nothing has: what is asked about is not in the ledger's obligations.
const NOTHING: u32 = NONE - 1;

impl<'a> Scan<'a> {
    pub(crate) fn new(image: &'a Image, query: &Query) -> Self {
        let table = &image.table;
        let maker = |name: &str| table.makers.find(name).unwrap_or(NOTHING);
        let requirement = query
            .requirement
            .as_ref()
            .map(|id| (Kind::Report, maker(id.as_str())));
        let task = query
            .task
            .as_ref()
            .map(|id| (Kind::Task, maker(id.as_str())));
        let unit = |id: &UnitId| table.units.find(id.as_str()).unwrap_or(NOTHING);
        // A requirement and a task at once select nothing.
        let both = requirement.is_some() && task.is_some();
        Self {
            table,
            as_of: Day::of(query.as_of),
            from: Day::of(query.due_from.unwrap_or(Date::MIN)),
            to: Day::of(query.due_to.unwrap_or(Date::MAX)),
            mode: query.due_mode,
            kind: query.kind,
            maker: requirement.or(task),
            codes: if both {
                0
            } else {
                query.bucket.map_or(u8::MAX, codes_of)
            },
            documents: query.document.as_ref().map(|top| {
                let chain = below(&image.registry.documents, top, query.as_of);
                let asked = |name: &str| chain.contains(name);
                table.documents.iter().map(asked).collect()
            }),
            counts_for: match query.lineage {
                Lineage::Recorded => None,
                Lineage::Successor => Some(successors(image, query.as_of)),
            },
            unit: query.unit.as_ref().map(unit),
            within: query.within.as_ref().map(|seen| {
                let may_be_seen = |name: &str| seen.contains(name);
                table.units.iter().map(may_be_seen).collect()
            }),
            group: query.group.as_ref().map(|id| {
                let group = image.registry.groups.get(id);
                group.map_or_else(Members::default, |group| Members::new(group, table))
            }),
        }
    }

    /// Calls `visit` with every row selected, in the order of opening.
    #[inline]
    pub(crate) fn each(&self, mut visit: impl FnMut(Hit<'_>)) {
        let mut at = 0;
        let (mut number, mut current) = (NONE, None);
        for chunk in self.table.rows.chunks() {
            for row in chunk {
                if row.opened != number {
                    number = row.opened;
                    let opened = &self.table.opened[number as usize];
                    current = self.asks_about(opened).then_some(opened);
                }
                if let Some(hit) = current.and_then(|opened| self.select(at, row, opened)) {
                    visit(hit);
                }
                at += 1;
            }
        }
    }

    fn asks_about(&self, opened: &Opened) -> bool {
        opened.opened <= self.as_of
            && self.kind.is_none_or(|kind| kind == opened.kind)
            && self
                .maker
                .is_none_or(|maker| maker == (opened.kind, opened.maker))
            && self
                .documents
                .as_ref()
                .is_none_or(|asked| asked[opened.document as usize])
    }

    #[inline]
    fn select<'r>(&self, at: u32, row: &'r Row, opened: &'r Opened) -> Option<Hit<'r>> {
        let (due, codes, owner, since) = if row.aside == 0 {
            (row.due, row.codes(self.as_of), row.unit, opened.opened)
        } else {
            self.select_aside(row, opened)
        };
        let key = if due.is_some() { due } else { opened.opened };
        let code = codes.code(shift(self.mode), self.as_of, due);
        if key < self.from || key > self.to || (self.codes >> code) & 1 == 0 {
            return None;
        }
        let unit = self
            .counts_for
            .as_ref()
            .map_or(owner, |unit| unit[owner as usize]);
        let counted = self.unit.is_none_or(|asked| asked == unit)
            && self.within.as_ref().is_none_or(|seen| seen[owner as usize])
            && self
                .group
                .as_ref()
                .is_none_or(|group| group.had(owner, since));
        counted.then_some(Hit {
            at,
            row,
            opened,
            owner,
            since,
            unit,
            code,
            key,
        })
    }

    #[cold]
    fn select_aside(&self, row: &Row, opened: &Opened) -> (Day, crate::digest::Codes, u32, Day) {
        let (due, codes) = self.table.at(row, self.as_of, self.mode);
        let aside = self.table.aside(row);
        let taken = aside.and_then(|aside| aside.taken_by(self.as_of));
        let (owner, since) = taken.map_or((row.unit, opened.opened), |taken| (taken.to, taken.on));
        (due, codes, owner, since)
    }
}

/// By unit: the one that it had wholly gone into by `day`, through as many mergers as there were.
fn successors(image: &Image, day: Date) -> Vec<u32> {
    let units = &image.table.units;
    let next = |number: u32| {
        let unit = image.registry.units.get(units.get(number))?;
        let gone = unit.ended.as_ref().is_some_and(|end| end.on <= day);
        let successor = unit.whole_successor().filter(|_| gone)?;
        units.find(successor.as_str())
    };
    let last = |first: u32| {
        // Units cannot go into each other in a circle, and a walk that did would end here.
        let chain = std::iter::successors(Some(first), |unit| next(*unit)).take(units.len());
        chain.last().unwrap_or(first)
    };
    (0..).take(units.len()).map(last).collect()
}

/// Who belonged to a group, and when.
#[derive(Debug, Default)]
pub(crate) struct Members {
    /// From a day on: by unit, whether it belongs.
    since: Vec<(Day, Vec<bool>)>,
}

impl Members {
    pub(crate) fn new(group: &Group, table: &Table) -> Self {
        let set = |(from, members): &(Date, std::collections::BTreeSet<UnitId>)| {
            let belongs = |unit: &str| members.contains(unit);
            (Day::of(*from), table.units.iter().map(belongs).collect())
        };
        Self {
            since: group.members.iter().map(set).collect(),
        }
    }

    pub(crate) fn had(&self, unit: u32, day: Day) -> bool {
        let then = self.since.iter().rfind(|(from, _)| *from <= day);
        then.is_some_and(|(_, belongs)| belongs[unit as usize])
    }
}
