//! Rows as cells: for tables, CSV and XLSX.

use std::fmt::Display;

use serde::Serialize;

/// A column: its heading, and what its cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub heading: &'static str,
    /// What its cells are.
    pub kind: Kind,
}

/// What a column's cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words; never a formula, whatever they begin with.
    Words,
    /// Figures.
    Figures,
    /// Days, as `2019-03-31`.
    Days,
}

/// A column of words.
pub const fn words(heading: &'static str) -> Column {
    Column {
        heading,
        kind: Kind::Words,
    }
}

/// A column of figures.
pub const fn figures(heading: &'static str) -> Column {
    Column {
        heading,
        kind: Kind::Figures,
    }
}

/// A column of days.
pub const fn days(heading: &'static str) -> Column {
    Column {
        heading,
        kind: Kind::Days,
    }
}

/// Rows as cells; the first cell is the row's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// The columns.
    pub columns: Vec<Column>,
    /// The cells of each row.
    pub rows: Vec<Vec<String>>,
    /// What to say where there is no row.
    pub empty: &'static str,
}

/// The cell of something that may be absent.
pub fn some<T: Display>(value: Option<&T>) -> String {
    value.map_or_else(String::new, T::to_string)
}

/// The cell of several, with spaces between.
pub fn several<T: Display>(values: &[T]) -> String {
    let values: Vec<String> = values.iter().map(T::to_string).collect();
    values.join(" ")
}

/// The cell of a word of a list, as JSON has it.
pub fn word(variant: impl Serialize) -> String {
    let value = serde_json::to_value(variant).expect("a variant without fields is a string");
    value.as_str().unwrap_or_default().to_owned()
}
