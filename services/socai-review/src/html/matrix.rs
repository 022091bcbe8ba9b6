//! Units by quarter: a sign and a fraction in every cell, and never colour alone.

use super::markup::Markup;
use super::number::{Style, fill};
use crate::facts::{Cell, Mark, Matrix, MatrixRow};

/// Quarters of one table at most: as many as a wide page holds in letters that can be read.
const PERIODS_MAX: usize = 12;

/// Units of a table that stays on one page.
const ROWS_TOGETHER: usize = 24;

pub(super) fn write(m: &mut Markup, style: Style, matrix: &Matrix) {
    if matrix.rows.is_empty() {
        return;
    }
    let class = if matrix.rows.len() <= ROWS_TOGETHER {
        "signs"
    } else {
        "signs page"
    };
    m.wrap("div", &[("class", class)], |m| signs(m, style));
    let parts = matrix.periods.len().div_ceil(PERIODS_MAX).max(1);
    let step = matrix.periods.len().div_ceil(parts).max(1);
    for from in (0..matrix.periods.len()).step_by(step) {
        let to = (from + step).min(matrix.periods.len());
        part(m, style, matrix, (from, to));
    }
}

fn signs(m: &mut Markup, style: Style) {
    m.leaf("p", &[("class", "note")], style.words.matrix_note);
    m.wrap(
        "ul",
        &[("class", "legend"), ("aria-label", style.words.legend)],
        |m| {
            for mark in Mark::ALL {
                m.wrap("li", &[], |m| {
                    m.leaf("b", &[], mark.symbol());
                    m.text(" ");
                    m.text(style.language.mark(mark));
                });
            }
        },
    );
}

fn part(m: &mut Markup, style: Style, matrix: &Matrix, (from, to): (usize, usize)) {
    let periods = &matrix.periods[from..to];
    let ends = [periods.first(), periods.last()];
    let ends = ends.map(|period| {
        period
            .map(|period| style.period(period))
            .unwrap_or_default()
    });
    let short = matrix.rows.len() <= ROWS_TOGETHER;
    let class = if short { "matrix short" } else { "matrix" };
    m.wrap("table", &[("class", class)], |m| {
        m.leaf(
            "caption",
            &[],
            &fill(style.words.matrix, &[&ends[0], &ends[1]]),
        );
        m.wrap("thead", &[], |m| {
            m.wrap("tr", &[], |m| {
                m.leaf(
                    "th",
                    &[("scope", "col"), ("class", "h")],
                    style.words.unit_column,
                );
                for period in periods {
                    m.leaf("th", &[("scope", "col")], &style.period_short(period));
                }
            });
        });
        for group in matrix.rows.chunk_by(|a, b| a.kind == b.kind) {
            m.wrap("tbody", &[], |m| kind(m, style, group, (from, to)));
        }
    });
}

fn kind(m: &mut Markup, style: Style, rows: &[MatrixRow], (from, to): (usize, usize)) {
    let Some(first) = rows.first() else {
        return;
    };
    m.wrap("tr", &[("class", "group")], |m| {
        let span = (to - from + 1).to_string();
        let name = style.language.unit_kind(first.kind);
        m.leaf("th", &[("scope", "rowgroup"), ("colspan", &span)], name);
    });
    for row in rows {
        m.wrap("tr", &[], |m| {
            m.leaf("th", &[("scope", "row"), ("class", "h")], &row.name);
            row.cells
                .iter()
                .take(to)
                .skip(from)
                .for_each(|shown| cell(m, shown.as_ref()));
        });
    }
}

fn cell(m: &mut Markup, cell: Option<&Cell>) {
    let Some(cell) = cell else {
        return m.leaf("td", &[], "");
    };
    m.leaf(
        "td",
        &[("class", class(cell.mark))],
        &format!("{}\u{a0}{}", cell.symbol, cell.text),
    );
}

const fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::OnTime => "ok",
        Mark::Late => "slow",
        Mark::Overdue => "bad",
        Mark::Pending | Mark::NoDueDate | Mark::Excused => "open",
    }
}
