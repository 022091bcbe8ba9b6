//! Phụ lục 1: the reviewed document and everything below it.

use super::markup::Markup;
use super::number::Style;
use super::table::{Column, table_of_heading};
use super::{head, section};
use crate::facts::{Below, Facts, Paper};

pub(super) fn write(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let columns = [
        (Column::Number, words.no_column),
        (Column::Head, words.document_column),
        (Column::Number, words.date_column),
        (Column::Text, words.issuer_column),
        (Column::Text, words.subject_column),
        (Column::Text, words.relation_column),
    ];
    let top = (&facts.document, words.reviewed.to_owned());
    let below = facts
        .chain
        .iter()
        .map(|below| (&below.document, path(style, below)));
    let rows = (1_u64..).zip(std::iter::once(top).chain(below));
    let rows = rows.map(|(number, (paper, relation))| row(style, number, paper, relation));
    section(m, "annex wide", "annex-1", words.annex_one, |m| {
        table_of_heading(m, words.annex_one, &columns, rows);
    });
}

fn row(style: Style, number: u64, paper: &Paper, relation: String) -> Vec<String> {
    vec![
        number.to_string(),
        head::short_name(style, paper),
        style.date_or_dash(paper.date),
        paper.issuer.clone().unwrap_or_else(|| "–".to_owned()),
        head::about(style, paper).unwrap_or_else(|| "–".to_owned()),
        relation,
    ]
}

/// "hướng dẫn Kết luận số 1179-KL/TU → tiếp tục thực hiện Chỉ thị số 22-CT/TU".
fn path(style: Style, below: &Below) -> String {
    let step = |step: &crate::facts::Step| {
        format!("{} {}", style.language.relation(step.relation), step.name)
    };
    let steps: Vec<String> = below.path.iter().map(step).collect();
    steps.join(" → ")
}
