//! Phụ lục 4: how units changed.

use socai_domain::unit::Extent;

use super::markup::Markup;
use super::number::Style;
use super::section;
use super::table::{Column, table_of_heading};
use crate::facts::{Change, Facts, Heir, UnitChange};

pub(super) fn write(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let columns = [
        (Column::Number, words.date_column),
        (Column::Head, words.unit_column),
        (Column::Text, words.change_column),
        (Column::Text, words.into_column),
        (Column::Text, words.basis_column),
        (Column::Number, words.events_column),
    ];
    section(m, "annex wide", "annex-4", words.annex_four, |m| {
        if facts.unit_changes.is_empty() {
            return m.leaf("p", &[], words.changes_none);
        }
        let rows = facts.unit_changes.iter().map(|change| row(style, change));
        table_of_heading(m, words.annex_four, &columns, rows);
    });
}

fn row(style: Style, change: &UnitChange) -> Vec<String> {
    let (what, into) = told(style, &change.change);
    vec![
        style.date(change.on),
        change.name.clone(),
        what,
        into,
        change.basis.clone().unwrap_or_else(|| "–".to_owned()),
        change.position.to_string(),
    ]
}

fn told(style: Style, change: &Change) -> (String, String) {
    let words = style.words;
    let (what, into) = match change {
        Change::Formed => (words.formed.to_owned(), String::new()),
        Change::Renamed { to } => (words.renamed.to_owned(), to.clone()),
        Change::Reparented { to } => (words.reparented.to_owned(), to.clone().unwrap_or_default()),
        Change::PartCeded { to, part: None } => (words.part_ceded.to_owned(), to.name.clone()),
        Change::PartCeded {
            to,
            part: Some(part),
        } => (format!("{}: {part}", words.part_ceded), to.name.clone()),
        Change::Merged { into } => (words.merged.to_owned(), heirs(style, into)),
        Change::Divided { among } => (words.divided.to_owned(), heirs(style, among)),
        Change::Dissolved { to } => (words.dissolved.to_owned(), heirs(style, to)),
    };
    (
        what,
        if into.is_empty() {
            "–".to_owned()
        } else {
            into
        },
    )
}

fn heirs(style: Style, heirs: &[Heir]) -> String {
    let told = |heir: &Heir| match heir.extent {
        Extent::Whole => heir.name.clone(),
        Extent::Part => format!("{} {}", heir.name, style.words.heir_part),
    };
    heirs.iter().map(told).collect::<Vec<_>>().join("; ")
}
