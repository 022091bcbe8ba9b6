//! Answers as tables, JSON and CSV.
//!
//! One frame for every JSON answer: `{"position":N,"known_at":N,"as_of":"…","definition":"v1","rows":[…]}`.
//! A table says the same in a line below it. In CSV the first column is the id of what the row is about,
//! and a text that a spreadsheet would take for a formula is quoted with an apostrophe.

use std::io::{self, Write};

use anyhow::Context;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
pub(crate) use socai_operations::cells::{Cells, figures, words};
use socai_operations::cells::{Column, Kind};
use socai_operations::forms;
pub(crate) use socai_operations::question::Frame;
use socai_operations::question::Framed;

use crate::arguments::Format;

/// Shows `rows` under `frame`, as asked. `cells` is called only where cells are shown.
///
/// # Errors
///
/// Where standard output cannot be written.
pub(crate) fn show<T: Serialize>(
    format: Format,
    frame: Option<Frame>,
    rows: &[T],
    cells: impl FnOnce() -> Cells,
) -> anyhow::Result<()> {
    let out = io::stdout().lock();
    match format {
        Format::Json => json(out, frame, rows),
        Format::Csv => forms::csv(out, &cells()).context("standard output"),
        Format::Table => table(out, frame, &cells()),
    }
}

fn json<T: Serialize>(mut out: impl Write, frame: Option<Frame>, rows: &[T]) -> anyhow::Result<()> {
    match frame {
        Some(frame) => serde_json::to_writer(&mut out, &Framed { frame, rows })?,
        None => serde_json::to_writer(&mut out, rows)?,
    }
    writeln!(out).context("standard output")
}

fn table(mut out: impl Write, frame: Option<Frame>, cells: &Cells) -> anyhow::Result<()> {
    if cells.rows.is_empty() {
        writeln!(out, "{}", cells.empty)?;
    } else {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(cells.columns.iter().map(|column| column.heading));
        for row in &cells.rows {
            table.add_row(row.iter().map(|cell| plain(cell)));
        }
        for (shown, column) in table.column_iter_mut().zip(&cells.columns) {
            shown.set_cell_alignment(alignment(*column));
        }
        writeln!(out, "{}", table.trim_fmt())?;
    }
    if let Some(frame) = frame {
        writeln!(out, "{}", note(frame))?;
    }
    Ok(())
}

const fn alignment(column: Column) -> CellAlignment {
    match column.kind {
        Kind::Words | Kind::Days => CellAlignment::Left,
        Kind::Figures => CellAlignment::Right,
    }
}

fn note(frame: Frame) -> String {
    let Frame {
        position,
        known_at,
        as_of,
        definition,
    } = frame;
    let as_of = as_of.map_or_else(String::new, |day| format!("as of {day}, "));
    let known = if known_at == position {
        format!("position {position}")
    } else {
        format!("known at position {known_at} of {position}")
    };
    format!("{as_of}{known}, definition {definition}")
}

/// Text from the ledger, without anything that a terminal would obey.
fn plain(cell: &str) -> String {
    cell.chars().filter(|c| !c.is_control()).collect()
}

/// Whether whoever reads our output has had enough, as `head` has.
pub(crate) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        kind.or(json) == Some(io::ErrorKind::BrokenPipe)
    };
    error.chain().any(closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_from_the_ledger() {
        assert_eq!(plain("\u{1b}[31mĐỏ"), "[31mĐỏ");
    }
}
