//! Rows as cells: for tables, CSV and XLSX.

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
