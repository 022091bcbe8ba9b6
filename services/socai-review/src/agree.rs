//! Whether the numbers of a review agree with each other.
//!
//! All tables are sums of the same rows, and here that is checked on the facts themselves: whoever
//! holds only the JSON can find a number that was changed by hand.

use socai_domain::rate::{Bucket, Counts};

use crate::facts::{Cell, Facts, Tally, Totals};

/// What disagrees, a sentence each; nothing in a sound review.
pub fn disagreements(facts: &Facts) -> Vec<String> {
    let counted = &facts.counted;
    let mut found = Vec::new();
    let tables = [
        (
            "by_unit",
            sum(counted.by_unit.iter().map(|row| &row.totals)),
        ),
        (
            "by_year",
            sum(counted.by_year.iter().map(|row| &row.totals)),
        ),
        (
            "by_quarter",
            sum(counted.by_quarter.iter().map(|row| &row.totals)),
        ),
    ];
    for (table, totals) in tables {
        if totals != counted.totals {
            found.push(format!("{table} does not add up to totals"));
        }
    }
    tallies(facts, &mut found);
    matrix(facts, &mut found);
    lists(facts, &mut found);
    found
}

fn sum<'a>(rows: impl Iterator<Item = &'a Totals>) -> Totals {
    let (mut tasks, mut reports) = (Counts::default(), Counts::default());
    for row in rows {
        tasks.merge(&row.tasks.counts);
        reports.merge(&row.reports.counts);
    }
    Totals {
        tasks: Tally::of(tasks),
        reports: Tally::of(reports),
    }
}

fn tallies(facts: &Facts, found: &mut Vec<String>) {
    let counted = &facts.counted;
    let totals = counted.by_unit.iter().map(|row| &row.totals);
    let totals = totals.chain(counted.by_year.iter().map(|row| &row.totals));
    let totals = totals.chain(counted.by_quarter.iter().map(|row| &row.totals));
    let totals = totals.chain([&counted.totals]);
    let subjects = counted.by_task.iter().chain(&counted.by_requirement);
    let tallies = totals.flat_map(|totals| [&totals.tasks, &totals.reports]);
    for tally in tallies.chain(subjects.map(|subject| &subject.tally)) {
        if *tally != Tally::of(tally.counts) {
            found.push(format!(
                "the rates {:?} do not follow from {:?}",
                tally.rates, tally.counts
            ));
        }
    }
}

fn matrix(facts: &Facts, found: &mut Vec<String>) {
    let matrix = &facts.counted.matrix;
    let mut all = Counts::default();
    for cell in matrix
        .rows
        .iter()
        .flat_map(|row| row.cells.iter().flatten())
    {
        all.merge(&cell.counts);
        if Cell::of(cell.counts).as_ref() != Some(cell) {
            found.push(format!(
                "a cell shows {} {} for other counts",
                cell.symbol, cell.text
            ));
        }
    }
    if all != both(&facts.counted.totals) {
        found.push("the matrix does not add up to totals".to_owned());
    }
}

fn both(totals: &Totals) -> Counts {
    let mut both = totals.tasks.counts;
    both.merge(&totals.reports.counts);
    both
}

fn lists(facts: &Facts, found: &mut Vec<String>) {
    let (counted, all) = (&facts.counted, both(&facts.counted.totals));
    let listed = |bucket| {
        counted
            .missed
            .iter()
            .filter(|row| row.bucket == bucket)
            .count() as u64
    };
    let aged: u64 = counted
        .ageing
        .iter()
        .map(|age| age.tasks + age.reports)
        .sum();
    let undated = counted.undated.len() as u64;
    let pairs = [
        (
            "late in the list and in totals",
            listed(Bucket::Late),
            all.late,
        ),
        (
            "overdue in the list and in totals",
            listed(Bucket::Overdue),
            all.overdue,
        ),
        ("overdue by age and in totals", aged, all.overdue),
        (
            "without due date in the list and in totals",
            undated,
            all.no_due_date,
        ),
        (
            "passed in the check of flags and in totals",
            facts.flags.passed,
            all.late + all.overdue,
        ),
    ];
    let differing = pairs.into_iter().filter(|(_, a, b)| a != b);
    found.extend(differing.map(|(what, a, b)| format!("{what}: {a} and {b}")));
}
