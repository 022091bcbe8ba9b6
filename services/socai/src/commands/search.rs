//! `socai search`: ids by name.

use std::process::ExitCode;

use schemars::JsonSchema;
use serde::Serialize;
use socai_ledger::search::Found;

use crate::arguments::Search;
use crate::data_dir;
use crate::output::{self, Cells, words};

/// Things found, at most.
const FOUND_MAX: usize = 50;

/// One thing. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Row {
    id: String,
    /// What it is: `unit`, `document`, `task` or `requirement`.
    kind: String,
    title: String,
    /// The text that answered.
    matched: String,
}

pub(crate) async fn run(asked: &Search) -> anyhow::Result<ExitCode> {
    let looking = data_dir::look(&asked.data.dir, None).await?;
    let found = looking.image.search(&asked.words.join(" "), FOUND_MAX);
    let rows: Vec<Row> = found.into_iter().map(row).collect();
    output::show(asked.shown.format, Some(looking.frame(None)), &rows, || {
        cells(&rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(found: Found) -> Row {
    let subject = found.subject.to_string();
    let (kind, id) = subject.split_once('.').unwrap_or(("", &subject));
    Row {
        id: id.to_owned(),
        kind: kind.to_owned(),
        title: found.title,
        matched: found.matched,
    }
}

fn cells(rows: &[Row]) -> Cells {
    let cells = |row: &Row| {
        vec![
            row.id.clone(),
            row.kind.clone(),
            row.title.clone(),
            row.matched.clone(),
        ]
    };
    Cells {
        columns: vec![
            words("id"),
            words("kind"),
            words("title"),
            words("found by"),
        ],
        rows: rows.iter().map(cells).collect(),
        empty: "nothing in the ledger is called so",
    }
}
