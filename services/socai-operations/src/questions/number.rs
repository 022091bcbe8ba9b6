//! How document numbers read.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::number::{self, Candidate};
use socai_domain::permission::Reading;

use crate::cells::{Cells, figures, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::texts;
use crate::trouble::Trouble;

/// How document numbers read. It takes nothing from the ledger.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The number as written: 25-CT/TU, "Số 1138 -CV/ĐU"
    #[arg(required = true, value_name = "TEXT")]
    #[serde(deserialize_with = "texts::one_or_more")]
    pub texts: Vec<String>,
}

/// How one text reads, or why it does not.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    text: String,
    reading: Option<number::Reading>,
    /// Why it does not read.
    pub error: Option<String>,
    #[serde(skip)]
    #[schemars(skip)]
    ordinal: u64,
}

impl Question for Number {
    const NAME: &'static str = "number";
    const SUMMARY: &'static str =
        "Say how a document number reads: its normal form and every candidate";
    const READING: Reading = Reading::Registry;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        None
    }

    fn as_of(&self, _: Date) -> Option<Date> {
        None
    }

    fn answer(&self, _: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        Ok(Found::Rows(self.rows()))
    }

    fn place(row: &Row) -> Place {
        Place::at(row.ordinal)
    }

    fn cells(rows: &[Row]) -> Cells {
        let columns = vec![
            words("number"),
            words("as written"),
            words("type"),
            words("family"),
            figures("serial"),
            words("issuer"),
            words("unit"),
        ];
        Cells {
            columns,
            rows: rows.iter().flat_map(cells).collect(),
            empty: "",
        }
    }
}

impl Number {
    /// How each text reads.
    pub fn rows(&self) -> Vec<Row> {
        let texts = (1..).zip(&self.texts);
        texts.map(|(ordinal, text)| row(ordinal, text)).collect()
    }
}

fn row(ordinal: u64, text: &str) -> Row {
    let (reading, error) = match number::Number::parse(text) {
        Ok(reading) => (Some(reading), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Row {
        text: text.to_owned(),
        reading,
        error,
        ordinal,
    }
}

fn cells(row: &Row) -> Vec<Vec<String>> {
    let Some(reading) = &row.reading else {
        let mut cells = vec![String::new(); 7];
        cells[1].clone_from(&row.text);
        cells[2] = row.error.clone().unwrap_or_default();
        return vec![cells];
    };
    let cells = |candidate: &Candidate| {
        vec![
            reading.normalised.clone(),
            row.text.clone(),
            candidate.type_name.to_string(),
            format!("{:?}", candidate.family).to_lowercase(),
            format!("{}{}", candidate.seq, candidate.suffix),
            candidate.issuers.join("-"),
            candidate.unit.clone().unwrap_or_default(),
        ]
    };
    reading.candidates.iter().map(cells).collect()
}
