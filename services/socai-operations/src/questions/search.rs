//! Ids by name.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::permission::Reading;
use socai_ledger::search::Found as Hit;

use crate::cells::{Cells, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::texts;
use crate::trouble::Trouble;

/// Things found, at most.
const FOUND_MAX: usize = 50;

/// Ids by name.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// The words: duong finds Đường, "chi thi 25" finds 25-CT/TU
    #[arg(required = true, value_name = "WORDS")]
    #[serde(with = "texts::words")]
    #[schemars(with = "String")]
    pub words: Vec<String>,
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
}

/// One thing.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    /// What it is: `unit`, `document`, `task` or `requirement`.
    kind: String,
    title: String,
    /// The text that answered.
    matched: String,
    #[serde(skip)]
    #[schemars(skip)]
    place: Place,
}

impl Question for Search {
    const NAME: &'static str = "search";
    const SUMMARY: &'static str =
        "Find units, documents, tasks and requirements by words, with or without accents";
    const READING: Reading = Reading::Registry;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.known_at
    }

    fn as_of(&self, _: Date) -> Option<Date> {
        None
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let found = asked.image.search(&self.words.join(" "), usize::MAX);
        let seen = |hit: &Hit| asked.sees(&hit.subject);
        let found = found.into_iter().filter(seen).take(FOUND_MAX);
        Ok(Found::Rows(found.map(row).collect()))
    }

    fn place(row: &Row) -> Place {
        row.place.clone()
    }

    fn cells(rows: &[Row]) -> Cells {
        cells(rows)
    }
}

fn row(found: Hit) -> Row {
    let subject = found.subject.to_string();
    let (kind, id) = subject.split_once('.').unwrap_or(("", &subject));
    let shorter = found.matched.chars().count() as u64;
    let rank = (found.rank as u64) << 32 | shorter;
    Row {
        place: Place::ranked(rank, &subject),
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
