//! What dashboards are pointed at, and the command line beside it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use crate::servers::answers::{Answers, Sample};

/// A row of an answer, by the names of its columns. A value that is missing is not there.
pub(crate) type Row = BTreeMap<String, String>;

/// A Prometheus that scrapes a ledger, a PostgreSQL that its projector fills, and the ledger.
pub(crate) struct Sources {
    pub(crate) prometheus: Answers,
    /// A session of `grafana_reader`.
    pub(crate) reader: Client,
    /// The ledger, as `--data` takes it.
    pub(crate) ledger: PathBuf,
}

impl Sources {
    /// What `socai ARGUMENTS` answers about the ledger.
    pub(crate) fn asks(&self, arguments: &[&str]) -> Value {
        let ran = Command::new(env!("CARGO_BIN_EXE_socai"))
            .args(arguments)
            .args(["--format", "json", "--data"])
            .arg(&self.ledger)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{arguments:?}: {ran:?}");
        let said = String::from_utf8(ran.stdout).unwrap();
        serde_json::from_str(said.lines().next().unwrap()).unwrap()
    }

    /// What `grafana_reader` is answered.
    pub(crate) async fn sql(&self, query: &str) -> Result<Vec<Row>, tokio_postgres::Error> {
        let said = self.reader.simple_query(query).await?;
        let rows = said.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(cells(row)),
            _ => None,
        });
        Ok(rows.collect())
    }
}

fn cells(row: &SimpleQueryRow) -> Row {
    let names = row.columns().iter().enumerate();
    let cells =
        names.filter_map(|(at, column)| Some((column.name().to_owned(), row.get(at)?.to_owned())));
    cells.collect()
}

/// A row for each series: its labels, and the value.
pub(crate) fn in_rows(samples: Vec<Sample>) -> Vec<Row> {
    let row = |sample: Sample| {
        let mut row = sample.labels;
        row.insert("value".to_owned(), sample.value.to_string());
        row
    };
    samples.into_iter().map(row).collect()
}
