//! Tables: with a caption, heads that repeat on every page, and a head in every row.

use socai_domain::obligation::Kind;
use socai_domain::rate::{Bucket, Counts};

use super::chart;
use super::markup::Markup;
use super::number::Style;
use crate::facts::{Tally, headline};

/// How a column is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// What the row is about; as text.
    Head,
    /// Text.
    Text,
    /// Numbers and dates, that do not wrap.
    Number,
}

impl Column {
    const fn class(self) -> &'static str {
        match self {
            Self::Head => "h",
            Self::Text => "t",
            Self::Number => "n",
        }
    }
}

/// A plain table of texts. `columns` are heads and how the column is set.
pub(super) fn table(
    m: &mut Markup,
    caption: &str,
    columns: &[(Column, &str)],
    rows: impl Iterator<Item = Vec<String>>,
) {
    captioned(m, (caption, "shown"), columns, rows);
}

/// A long list: smaller letters, so that a row is a line.
pub(super) fn list(
    m: &mut Markup,
    caption: &str,
    columns: &[(Column, &str)],
    rows: impl Iterator<Item = Vec<String>>,
) {
    m.wrap("div", &[("class", "list")], |m| {
        table(m, caption, columns, rows)
    });
}

/// A table right under a heading of the same words: the caption is for readers aloud.
pub(super) fn table_of_heading(
    m: &mut Markup,
    caption: &str,
    columns: &[(Column, &str)],
    rows: impl Iterator<Item = Vec<String>>,
) {
    captioned(m, (caption, "aloud"), columns, rows);
}

fn captioned(
    m: &mut Markup,
    (caption, class): (&str, &str),
    columns: &[(Column, &str)],
    rows: impl Iterator<Item = Vec<String>>,
) {
    m.wrap("table", &[], |m| {
        m.leaf("caption", &[("class", class)], caption);
        m.wrap("thead", &[], |m| {
            m.wrap("tr", &[], |m| {
                for (column, head) in columns {
                    m.leaf("th", &[("scope", "col"), ("class", column.class())], head);
                }
            });
        });
        m.wrap("tbody", &[], |m| {
            for row in rows {
                m.wrap("tr", &[], |m| cells(m, columns, &row));
            }
        });
    });
}

fn cells(m: &mut Markup, columns: &[(Column, &str)], row: &[String]) {
    for ((column, _), text) in columns.iter().zip(row) {
        match column {
            Column::Head => m.leaf("th", &[("scope", "row"), ("class", "h")], text),
            Column::Text | Column::Number => m.leaf("td", &[("class", column.class())], text),
        }
    }
}

/// A table of counts: one row a unit, a period, a task.
pub(super) struct CountsTable<'a> {
    /// What it shows.
    pub(super) caption: &'a str,
    /// The head of the first column: a number or a rank; no such column where there is none.
    pub(super) place: Option<&'a str>,
    /// The head of the column that says what the row is about.
    pub(super) about: &'a str,
    /// Tasks or reports.
    pub(super) kind: Kind,
    /// Whether each row has a small chart; for wide pages.
    pub(super) charts: bool,
}

/// A row of a [`CountsTable`].
pub(super) struct CountsRow<'a> {
    /// Its number or rank.
    pub(super) place: String,
    /// What it is about.
    pub(super) about: String,
    /// More about that, in small letters.
    pub(super) note: Option<String>,
    /// Its counts.
    pub(super) tally: &'a Tally,
}

const SHOWN: [Bucket; 6] = Bucket::ALL;

impl CountsTable<'_> {
    /// Writes the table, with `total` as its last row.
    pub(super) fn write<'r>(
        &self,
        m: &mut Markup,
        style: Style,
        rows: impl Iterator<Item = CountsRow<'r>>,
        total: &Tally,
    ) {
        m.wrap("table", &[("class", "counts")], |m| {
            m.leaf("caption", &[], self.caption);
            m.wrap("thead", &[], |m| self.head(m, style));
            m.wrap("tbody", &[], |m| {
                for row in rows {
                    m.wrap("tr", &[], |m| self.row(m, style, &row));
                }
                let about = style.words.total_row.to_owned();
                let total = CountsRow {
                    place: String::new(),
                    about,
                    note: None,
                    tally: total,
                };
                m.wrap("tr", &[("class", "total")], |m| self.row(m, style, &total));
            });
        });
    }

    fn head(&self, m: &mut Markup, style: Style) {
        let words = style.words;
        let (all, done, undone, late) = match self.kind {
            Kind::Task => (
                words.assigned_column,
                words.done_columns,
                words.undone_columns,
                words.late_column,
            ),
            Kind::Report => (
                words.owed_column,
                words.sent_columns,
                words.unsent_columns,
                words.late_report_column,
            ),
        };
        let tall = |m: &mut Markup, class: &str, text: &str| {
            m.leaf(
                "th",
                &[("scope", "col"), ("rowspan", "2"), ("class", class)],
                text,
            );
        };
        m.wrap("tr", &[], |m| {
            if let Some(place) = self.place {
                tall(m, "p", place);
            }
            tall(m, "h", self.about);
            tall(m, "n", all);
            m.leaf("th", &[("scope", "colgroup"), ("colspan", "2")], done);
            m.leaf("th", &[("scope", "colgroup"), ("colspan", "2")], undone);
            tall(m, "n", words.undated_column);
            tall(m, "n", words.excused_column);
            self.rate_head(m, style);
            if self.charts {
                tall(m, "c", words.chart_column);
            }
        });
        let below = [
            words.on_time_column,
            late,
            words.pending_column,
            words.overdue_column,
        ];
        m.wrap("tr", &[], |m| {
            for text in below {
                m.leaf("th", &[("scope", "col"), ("class", "n")], text);
            }
        });
    }

    fn rate_head(&self, m: &mut Markup, style: Style) {
        let id = headline(self.kind);
        m.wrap(
            "th",
            &[("scope", "col"), ("rowspan", "2"), ("class", "r")],
            |m| {
                m.text(&capital(style.rate_name(id)));
                m.text(" ");
                code(m, id.id());
            },
        );
    }

    fn row(&self, m: &mut Markup, style: Style, row: &CountsRow<'_>) {
        let counts = &row.tally.counts;
        let number = |m: &mut Markup, count: u64| {
            m.leaf("td", &[("class", "n")], &style.count(count));
        };
        if self.place.is_some() {
            m.leaf("td", &[("class", "p")], &row.place);
        }
        m.wrap("th", &[("scope", "row"), ("class", "h")], |m| {
            m.text(&row.about);
            if let Some(note) = &row.note {
                m.text(" ");
                m.leaf("small", &[], note);
            }
        });
        number(m, counts.total());
        SHOWN
            .iter()
            .for_each(|bucket| number(m, counts.get(*bucket)));
        let rate = row.tally.rate(headline(self.kind));
        m.wrap("td", &[("class", "r")], |m| {
            m.leaf("b", &[], &style.percent_or_dash(&rate));
            m.text(" ");
            m.leaf("small", &[], &style.fraction(&rate));
        });
        if self.charts {
            m.wrap("td", &[("class", "c")], |m| chart::bar(m, counts));
        }
    }
}

/// A name in data, which may break after each of its parts.
pub(super) fn code(m: &mut Markup, name: &str) {
    m.wrap("code", &[], |m| {
        for part in name.split_inclusive('_') {
            m.text(part);
            m.void("wbr", &[]);
        }
    });
}

/// Whether anything was owed.
pub(super) fn any(counts: &Counts) -> bool {
    counts.total() > 0
}

/// `text` with a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
