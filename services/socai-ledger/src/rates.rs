//! How many obligations of a query fall into each bucket, by row and by period.

use std::collections::BTreeMap;

use jiff::civil::Date;
use socai_domain::obligation::Kind;
use socai_domain::rate::Counts;
use socai_store::Position;

use crate::day::Day;
use crate::digest::{CODES, Tally, counts};
use crate::image::Image;
use crate::query::{Grouping, Query, Span};
use crate::scan::{Hit, Members, Scan};

/// The counts of a query, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    /// One for each thing that something counts for, in the order of their ids.
    pub rows: Vec<RateRow>,
    /// Each obligation once.
    pub total: Counts,
    /// Where the ledger ended when this was true.
    pub position: Position,
}

/// One line of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    /// The id of what the row is about: of a unit, a group, a document, or `report`, `2019`,
    /// `2019-q1`, `total`.
    pub id: String,
    /// What it was called on the as-of day.
    pub name: String,
    /// It is a unit that had ended by the as-of day.
    pub ended: bool,
    /// The counts.
    pub counts: Counts,
}

/// The counts of a query by row and by period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The periods in which something falls, in order: `2019` or `2019-q1`.
    pub columns: Vec<String>,
    /// One for each thing that something counts for, in the order of their ids.
    pub rows: Vec<MatrixRow>,
    /// Each obligation once.
    pub total: Counts,
    /// Where the ledger ended when this was true.
    pub position: Position,
}

/// One line of a matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixRow {
    /// The row as a whole.
    pub row: RateRow,
    /// Its counts by column.
    pub cells: Vec<Counts>,
}

impl Image {
    /// Counts the obligations of `query` in rows by `by`.
    pub fn rates(&self, query: &Query, by: Grouping) -> Rates {
        let mut tallies = Tallies::default();
        self.tally(query, by, |rows, hit| tallies.add(rows, hit));
        let rows = tallies
            .rows
            .iter()
            .enumerate()
            .filter(|(_, tally)| tally.iter().any(|n| *n > 0));
        let mut rows: Vec<RateRow> = rows
            .map(|(row, tally)| self.label(row, tally, by, query.as_of))
            .collect();
        rows.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        Rates {
            rows,
            total: counts(&tallies.total),
            position: self.position(),
        }
    }

    /// Counts the obligations of `query` in rows by `rows` and columns by `columns`.
    pub fn rates_matrix(&self, query: &Query, rows: Grouping, columns: Span) -> Matrix {
        let mut columns_met: BTreeMap<usize, usize> = BTreeMap::new();
        let (mut cells, mut column, mut key): (Vec<Tallies>, _, _) = (Vec::new(), 0, Day::NONE);
        let mut whole = Tallies::default();
        self.tally(query, rows, |rows, hit| {
            // Neighbours were opened together and fall due together.
            if hit.key != key {
                key = hit.key;
                let number = columns_met.len();
                column = *columns_met.entry(period(columns, key)).or_insert(number);
            }
            if column == cells.len() {
                cells.push(Tallies::default());
            }
            cells[column].add(rows, hit);
            whole.add(rows, hit);
        });
        let cell =
            |tallies: &Tallies, row: usize| counts(tallies.rows.get(row).unwrap_or(&[0; CODES]));
        let some =
            |(row, tally): (usize, &Tally)| tally.iter().any(|n| *n > 0).then_some((row, *tally));
        let lines = whole.rows.iter().enumerate().filter_map(some);
        let mut lines: Vec<MatrixRow> = lines
            .map(|(row, tally)| MatrixRow {
                row: self.label(row, &tally, rows, query.as_of),
                cells: columns_met
                    .values()
                    .map(|at| cell(&cells[*at], row))
                    .collect(),
            })
            .collect();
        lines.sort_unstable_by(|one, other| one.row.id.cmp(&other.row.id));
        Matrix {
            columns: columns_met
                .keys()
                .map(|key| period_id(columns, *key))
                .collect(),
            rows: lines,
            total: counts(&whole.total),
            position: self.position(),
        }
    }

    /// Calls `add` once with each obligation of `query`, and the numbers of the rows it counts in.
    fn tally(&self, query: &Query, by: Grouping, mut add: impl FnMut(&[usize], &Hit<'_>)) {
        let scan = Scan::new(self, query);
        match by {
            Grouping::Unit => scan.each(|hit| add(&[hit.unit as usize], &hit)),
            Grouping::Document => scan.each(|hit| add(&[hit.opened.document as usize], &hit)),
            Grouping::Kind => {
                scan.each(|hit| add(&[usize::from(hit.opened.kind == Kind::Task)], &hit))
            }
            Grouping::Year => scan.each(|hit| add(&[period(Span::Year, hit.key)], &hit)),
            Grouping::Quarter => scan.each(|hit| add(&[period(Span::Quarter, hit.key)], &hit)),
            Grouping::Total => scan.each(|hit| add(&[0], &hit)),
            Grouping::Group => self.tally_groups(&scan, add),
        }
    }

    fn tally_groups(&self, scan: &Scan<'_>, mut add: impl FnMut(&[usize], &Hit<'_>)) {
        let groups = self.registry.groups.values();
        let groups: Vec<Members> = groups
            .map(|group| Members::new(group, &self.table))
            .collect();
        let mut rows = Vec::with_capacity(groups.len());
        scan.each(|hit| {
            rows.clear();
            let had = |(_, group): &(usize, &Members)| group.had(hit.owner, hit.since);
            rows.extend(groups.iter().enumerate().filter(had).map(|(row, _)| row));
            add(&rows, &hit);
        });
    }

    fn label(&self, row: usize, tally: &Tally, by: Grouping, as_of: Date) -> RateRow {
        let number = u32::try_from(row).expect("rows are numbered by u32");
        let (id, name, ended) = match by {
            Grouping::Unit => self.label_unit(number, as_of),
            Grouping::Document => {
                let id = self.table.documents.get(number);
                let document = self.registry.documents.get(id);
                (
                    id.to_owned(),
                    document.map_or_else(|| id.to_owned(), |d| d.title()),
                    false,
                )
            }
            Grouping::Group => {
                let group = self.registry.groups.iter().nth(row);
                let (id, group) = group.expect("rows were numbered in the order of the groups");
                (id.to_string(), group.name.to_string(), false)
            }
            Grouping::Kind if row == 0 => ("report".into(), "Báo cáo".into(), false),
            Grouping::Kind => ("task".into(), "Nhiệm vụ".into(), false),
            Grouping::Year => (
                period_id(Span::Year, row),
                period_name(Span::Year, row),
                false,
            ),
            Grouping::Quarter => (
                period_id(Span::Quarter, row),
                period_name(Span::Quarter, row),
                false,
            ),
            Grouping::Total => ("total".into(), "Tổng số".into(), false),
        };
        RateRow {
            id,
            name,
            ended,
            counts: counts(tally),
        }
    }

    fn label_unit(&self, number: u32, as_of: Date) -> (String, String, bool) {
        let id = self.table.units.get(number);
        let unit = self.registry.units.get(id);
        let name = unit.map_or_else(|| id.to_owned(), |unit| unit.name_on(as_of).to_string());
        let ended = unit
            .and_then(|unit| unit.ended.as_ref())
            .is_some_and(|end| end.on <= as_of);
        (id.to_owned(), name, ended)
    }
}

#[derive(Default)]
struct Tallies {
    rows: Vec<Tally>,
    total: Tally,
}

impl Tallies {
    #[inline]
    fn add(&mut self, rows: &[usize], hit: &Hit<'_>) {
        let code = usize::from(hit.code);
        self.total[code] += 1;
        for row in rows {
            if *row >= self.rows.len() {
                self.rows.resize(row + 1, [0; CODES]);
            }
            self.rows[*row][code] += 1;
        }
    }
}

/// Years before the first one that has a number here: dates end with the year -9999.
const YEAR_ZERO: i32 = 10_000;

fn period(span: Span, day: Day) -> usize {
    let year = day.year() + YEAR_ZERO;
    let number = match span {
        Span::Year => year,
        Span::Quarter => year * 4 + day.quarter() - 1,
    };
    usize::try_from(number).expect("no date is before the year -9999")
}

fn year_and_quarter(span: Span, period: usize) -> (i32, i32) {
    let period = i32::try_from(period).expect("periods are numbered by year and quarter");
    match span {
        Span::Year => (period - YEAR_ZERO, 0),
        Span::Quarter => (period / 4 - YEAR_ZERO, period % 4 + 1),
    }
}

fn period_id(span: Span, period: usize) -> String {
    match year_and_quarter(span, period) {
        (year, 0) => format!("{year:04}"),
        (year, quarter) => format!("{year:04}-q{quarter}"),
    }
}

fn period_name(span: Span, period: usize) -> String {
    const ROMAN: [&str; 5] = ["", "I", "II", "III", "IV"];
    match year_and_quarter(span, period) {
        (year, 0) => format!("Năm {year}"),
        (year, quarter) => format!("Quý {}/{year}", ROMAN[quarter.unsigned_abs() as usize]),
    }
}
