//! The keys by which the ledger's checkpoints are known.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::log_keys::{self, NamedKey};
use socai_domain::ledger::Retired;
use socai_domain::permission::Reading;
use socai_store::Position;

use crate::cells::{Cells, figures, some, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// The keys by which the ledger's checkpoints are known.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
}

/// One key.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    /// The verifier key.
    pub key: String,
    /// It signs checkpoints of at least this size: the position of the event that named it.
    pub since: u64,
    /// The largest size that is valid by it alone, where it is retired.
    pub valid_to: Option<u64>,
    /// Why it is retired: rotation or stolen.
    pub reason: Option<&'static str>,
}

impl Question for Keys {
    const NAME: &'static str = "keys";
    const SUMMARY: &'static str =
        "List the keys that the ledger named: since when each counts, and until when";
    const READING: Reading = Reading::Proofs;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.known_at
    }

    fn as_of(&self, _: Date) -> Option<Date> {
        None
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let known_at = asked.image.position();
        Ok(Found::Elsewhere(Box::new(move |sources, _| {
            Box::pin(async move {
                let keys = log_keys::named(&*sources.store).await?;
                let known = keys.iter().filter(|key| key.since <= known_at);
                Ok(known.map(|key| Row::of(key, known_at)).collect())
            })
        })))
    }

    fn place(row: &Row) -> Place {
        Place::at(row.since)
    }

    fn cells(rows: &[Row]) -> Cells {
        let cells = |row: &Row| {
            vec![
                row.key.clone(),
                row.since.to_string(),
                some(row.valid_to.as_ref()),
                row.reason.unwrap_or_default().to_owned(),
            ]
        };
        Cells {
            columns: vec![
                words("key"),
                figures("from size"),
                figures("to size"),
                words("retired for"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "the ledger names no log key",
        }
    }
}

impl Row {
    /// What was known of a key at a position.
    pub fn of(named: &NamedKey, known_at: Position) -> Self {
        let retired = named
            .retired
            .as_ref()
            .filter(|retired| retired.at <= known_at);
        Self {
            key: named.key.to_string(),
            since: named.since.0,
            valid_to: retired.map(|retired| retired.valid_to),
            reason: retired.map(|retired| match retired.reason {
                Retired::Rotation => "rotation",
                Retired::Stolen => "stolen",
            }),
        }
    }
}
