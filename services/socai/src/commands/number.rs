//! `socai number`: how a document number reads.

use std::process::ExitCode;

use serde::Serialize;
use socai_domain::number::{Number, Reading};

use crate::arguments::Number as Asked;
use crate::output::{self, Cells, figures, words};

/// How one text reads, or why it does not.
#[derive(Serialize)]
struct Row<'a> {
    text: &'a str,
    reading: Option<Reading>,
    error: Option<String>,
}

pub(crate) fn run(asked: &Asked) -> anyhow::Result<ExitCode> {
    let rows: Vec<Row<'_>> = asked.texts.iter().map(|text| row(text)).collect();
    output::show(asked.shown.format, None, &rows, || cells(&rows))?;
    let all_read = rows.iter().all(|row| row.error.is_none());
    Ok(if all_read {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn row(text: &str) -> Row<'_> {
    match Number::parse(text) {
        Ok(reading) => Row {
            text,
            reading: Some(reading),
            error: None,
        },
        Err(error) => Row {
            text,
            reading: None,
            error: Some(error.to_string()),
        },
    }
}

fn cells(rows: &[Row<'_>]) -> Cells {
    let columns = vec![
        words("number"),
        words("as written"),
        words("type"),
        words("family"),
        figures("serial"),
        words("issuer"),
        words("unit"),
    ];
    let rows = rows
        .iter()
        .flat_map(|row| match (&row.reading, &row.error) {
            (Some(reading), _) => candidates(row.text, reading),
            (None, error) => {
                let mut cells = vec![String::new(); 7];
                row.text.to_owned().clone_into(&mut cells[1]);
                cells[2] = error.clone().unwrap_or_default();
                vec![cells]
            }
        });
    Cells {
        rows: rows.collect(),
        columns,
        empty: "",
    }
}

fn candidates(text: &str, reading: &Reading) -> Vec<Vec<String>> {
    let cells = |candidate: &socai_domain::number::Candidate| {
        vec![
            reading.normalised.clone(),
            text.to_owned(),
            candidate.type_name.to_string(),
            format!("{:?}", candidate.family).to_lowercase(),
            format!("{}{}", candidate.seq, candidate.suffix),
            candidate.issuers.join("-"),
            candidate.unit.clone().unwrap_or_default(),
        ]
    };
    reading.candidates.iter().map(cells).collect()
}
