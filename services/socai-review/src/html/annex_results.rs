//! Phụ lục 2 and 3: tasks and reports by unit and period, every late or missing one, the matrix.

use std::collections::BTreeMap;

use socai_domain::id::UnitId;
use socai_domain::obligation::Kind;

use super::markup::Markup;
use super::number::{Style, fill};
use super::table::{Column, CountsRow, CountsTable, any, list};
use super::{chart, matrix, section};
use crate::facts::{Facts, LeagueRow, Missed, PeriodRow, UnitRow};

pub(super) fn write(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    section(m, "annex wide", "annex-2", words.annex_two, |m| {
        of_kind(m, style, facts, Kind::Task)
    });
    section(m, "annex wide", "annex-3", words.annex_three, |m| {
        of_kind(m, style, facts, Kind::Report);
        matrix::write(m, style, &facts.counted.matrix);
    });
}

fn of_kind(m: &mut Markup, style: Style, facts: &Facts, kind: Kind) {
    let words = style.words;
    let counted = &facts.counted;
    let (none, year, quarter, missed) = match kind {
        Kind::Task => (
            words.tasks_none,
            words.tasks_by_year,
            words.tasks_by_quarter,
            words.annex_two_missed,
        ),
        Kind::Report => (
            words.reports_none,
            words.reports_by_year,
            words.reports_by_quarter,
            words.annex_three_missed,
        ),
    };
    if !any(&counted.totals.of_kind(kind).counts) {
        return m.leaf("p", &[], none);
    }
    chart::legend(m, style);
    league(m, style, facts, kind);
    m.leaf("p", &[("class", "note")], words.dash_note);
    periods(m, style, facts, (&counted.by_year, year), kind);
    periods(m, style, facts, (&counted.by_quarter, quarter), kind);
    missed_of(m, style, facts, missed, kind);
}

fn league(m: &mut Markup, style: Style, facts: &Facts, kind: Kind) {
    let words = style.words;
    let counted = &facts.counted;
    let (league, caption) = match kind {
        Kind::Task => (&counted.leagues.tasks, words.annex_two_league),
        Kind::Report => (&counted.leagues.reports, words.annex_three_league),
    };
    let units: BTreeMap<&UnitId, &UnitRow> =
        counted.by_unit.iter().map(|row| (&row.unit, row)).collect();
    let row = |place: &LeagueRow| {
        let unit = units.get(&place.unit)?;
        let ended = unit
            .ended
            .map(|day| fill(words.ended_unit, &[&style.date(day)]));
        Some(CountsRow {
            place: place
                .rank
                .map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
            about: place.name.clone(),
            note: ended,
            tally: unit.totals.of_kind(kind),
        })
    };
    let (place, about) = (Some(words.rank_column), words.unit_column);
    let table = CountsTable {
        caption,
        place,
        about,
        kind,
        charts: true,
    };
    let rows = league.iter().filter_map(row);
    table.write(m, style, rows, counted.totals.of_kind(kind));
}

fn periods(
    m: &mut Markup,
    style: Style,
    facts: &Facts,
    (rows, caption): (&[PeriodRow], &str),
    kind: Kind,
) {
    let about = style.words.period_column;
    let table = CountsTable {
        caption,
        place: None,
        about,
        kind,
        charts: true,
    };
    let owed = rows
        .iter()
        .filter(|row| any(&row.totals.of_kind(kind).counts));
    let rows = owed.map(|row| period_row(style, row, kind));
    table.write(m, style, rows, facts.counted.totals.of_kind(kind));
}

fn period_row(style: Style, row: &PeriodRow, kind: Kind) -> CountsRow<'_> {
    CountsRow {
        place: String::new(),
        about: style.period(&row.period),
        note: None,
        tally: row.totals.of_kind(kind),
    }
}

fn missed_of(m: &mut Markup, style: Style, facts: &Facts, caption: &str, kind: Kind) {
    let words = style.words;
    let missed: Vec<_> = facts
        .counted
        .missed
        .iter()
        .filter(|row| row.kind == kind)
        .collect();
    if missed.is_empty() {
        return;
    }
    let columns = [
        (Column::Number, words.no_column),
        (Column::Head, words.unit_column),
        (Column::Text, words.item_column),
        (Column::Text, words.due_column),
        (Column::Number, words.done_column),
        (Column::Number, words.days_column),
        (Column::Text, words.events_column),
    ];
    let rows = (1_u64..)
        .zip(missed)
        .map(|(number, row)| missed_row(style, number, row));
    list(m, caption, &columns, rows);
}

fn missed_row(style: Style, number: u64, row: &Missed) -> Vec<String> {
    let mut due = style.date(row.due);
    if let Some(original) = row.original_due.filter(|original| *original != row.due) {
        due.push(' ');
        due.push_str(&fill(style.words.original_due, &[&style.date(original)]));
    }
    let done = row.fulfilled_on.map(|day| style.date(day));
    vec![
        number.to_string(),
        row.name.clone(),
        style.item(&row.title, row.period.as_ref()),
        due,
        done.unwrap_or_else(|| style.words.not_done.to_owned()),
        style.count(u64::from(row.days_late)),
        positions(&row.positions),
    ]
}

/// "12, 15, 90".
fn positions(positions: &[u64]) -> String {
    let told: Vec<String> = positions.iter().map(u64::to_string).collect();
    told.join(", ")
}
