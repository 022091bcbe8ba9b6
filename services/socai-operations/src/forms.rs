//! Cells as files: CSV and XLSX.
//!
//! In CSV the first column is the id of what the row is about, and a text that a spreadsheet would take for a
//! formula begins with an apostrophe. In XLSX a text is a text, whatever it begins with; days are dates, and a
//! sheet of its own says for when the answer holds. The same answer makes the same bytes.

use std::io;

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::cells::{Cells, Kind};
use crate::question::Frame;

/// What tells a spreadsheet that a file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Characters of one cell that XLSX holds.
const CELL_CHARS_MAX: usize = 32_767;

/// Digits of a figure that a spreadsheet keeps.
const DIGITS_MAX: usize = 15;

/// Writes CSV.
///
/// # Errors
///
/// Where `out` cannot be written.
pub fn csv(out: impl io::Write, cells: &Cells) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(cells.columns.iter().map(|column| column.heading))?;
    for row in &cells.rows {
        writer.write_record(row.iter().map(|cell| defused(cell)))?;
    }
    writer.flush()
}

/// CSV as a file that spreadsheets open as UTF-8.
pub fn csv_file(cells: &Cells) -> Vec<u8> {
    let mut file = BYTE_ORDER_MARK.as_bytes().to_vec();
    csv(&mut file, cells).expect("memory is written");
    file
}

/// A cell that no spreadsheet takes for a formula (OWASP: CSV injection). A figure stays a figure.
fn defused(cell: &str) -> String {
    // The wide forms of the same signs are signs to spreadsheets of some languages.
    let formula = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']);
    if formula && cell.parse::<f64>().is_err() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// An XLSX workbook: a sheet called `name` with the rows, and one that says for when they hold.
pub fn xlsx(name: &str, cells: &Cells, frame: Frame) -> Vec<u8> {
    workbook(name, cells, frame).expect("rows of an answer fit a sheet")
}

fn workbook(name: &str, cells: &Cells, frame: Frame) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet().set_name(name)?;
    headings(sheet, cells)?;
    for (row, cells_of_row) in (1..).zip(&cells.rows) {
        for (column, cell) in (0..).zip(cells_of_row) {
            write(
                sheet,
                (row, column),
                cell,
                cells.columns[usize::from(column)].kind,
            )?;
        }
    }
    let about = book.add_worksheet().set_name("about")?;
    for (row, (what, cell, kind)) in (0..).zip(holds(frame)) {
        about.write_string(row, 0, what)?;
        write(about, (row, 1), &cell, kind)?;
    }
    book.save_to_buffer()
}

fn headings(sheet: &mut Worksheet, cells: &Cells) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (at, column) in (0..).zip(&cells.columns) {
        sheet.write_string_with_format(0, at, column.heading, &bold)?;
    }
    sheet.set_freeze_panes(1, 0).map(|_| ())
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &str,
    kind: Kind,
) -> Result<(), XlsxError> {
    match (kind, day(cell), figure(cell)) {
        (Kind::Days, Some(day), _) => {
            let format = Format::new().set_num_format("yyyy-mm-dd");
            sheet.write_datetime_with_format(row, column, &day, &format)?;
        }
        (Kind::Figures, _, Some(figure)) => {
            sheet.write_number(row, column, figure)?;
        }
        (Kind::Words | Kind::Days | Kind::Figures, _, _) => {
            let cell: String = cell.chars().take(CELL_CHARS_MAX).collect();
            sheet.write_string(row, column, cell)?;
        }
    }
    Ok(())
}

/// A day that a spreadsheet knows: none before 1900.
fn day(cell: &str) -> Option<ExcelDateTime> {
    let day: Date = cell.parse().ok()?;
    let year = u16::try_from(day.year()).ok()?;
    ExcelDateTime::from_ymd(year, day.month().unsigned_abs(), day.day().unsigned_abs()).ok()
}

/// A figure, unless a spreadsheet would round it.
fn figure(cell: &str) -> Option<f64> {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let plain = cell
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'.');
    cell.parse().ok().filter(|_| plain && digits <= DIGITS_MAX)
}

fn holds(frame: Frame) -> Vec<(&'static str, String, Kind)> {
    let Frame {
        position,
        known_at,
        as_of,
        definition,
    } = frame;
    let as_of = as_of.map_or_else(String::new, |day| day.to_string());
    vec![
        ("position", position.to_string(), Kind::Figures),
        ("known_at", known_at.to_string(), Kind::Figures),
        ("as_of", as_of, Kind::Days),
        ("definition", definition.to_owned(), Kind::Words),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("＝1+1", "'＝1+1"),
            ("-5", "-5"),
            ("@x", "'@x"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(defused(cell), shown);
        }
    }

    #[test]
    fn a_figure_that_a_spreadsheet_would_round_stays_a_text() {
        assert_eq!(figure("123456789012345"), Some(123_456_789_012_345.0));
        assert_eq!(figure("1234567890123456"), None);
        assert_eq!(figure("NaN"), None);
        assert_eq!(figure("98.63% 72/73"), None);
    }
}
