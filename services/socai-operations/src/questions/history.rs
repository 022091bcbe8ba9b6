//! Everything recorded about one thing, in order.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use socai_domain::id::{ObligationId, Sha256Hex, UnitId};
use socai_domain::permission::Reading;
use socai_domain::subject::Subject;
use socai_ledger::timeline::Reach;
use socai_store::{Position, Recorded, envelope};

use super::named;
use crate::cells::{Cells, days, figures, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::texts;
use crate::trouble::Trouble;

/// Characters of an event's data that a cell shows.
const DATA_SHOWN: usize = 72;

/// Everything recorded about one thing, in order.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub of: Of,
    /// Leave out what takes effect after this day
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<Date>,
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
}

/// What a history is of: one of these.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[group(required = true, multiple = false)]
pub struct Of {
    /// A unit
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    /// A document, by id or number
    #[arg(long, value_name = "ID|NUMBER")]
    pub document: Option<String>,
    /// An obligation
    #[arg(long, value_name = "ID")]
    pub obligation: Option<ObligationId>,
    /// An attachment, by its address
    #[arg(long, value_name = "ADDRESS")]
    pub attachment: Option<Sha256Hex>,
    /// The ledger itself: its definitions, and whether it runs on servers that do not sync every write
    #[arg(long)]
    #[serde(default, deserialize_with = "texts::flag")]
    pub ledger: bool,
}

/// One event.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    position: u64,
    /// When it took effect, or happened.
    effective: Date,
    /// When the ledger took it in.
    recorded: jiff::Timestamp,
    #[serde(rename = "type")]
    event_type: String,
    subject: String,
    actor: String,
    synthetic: bool,
    /// The event's data, as stored.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    data: Box<RawValue>,
}

impl Question for History {
    const NAME: &'static str = "history";
    const SUMMARY: &'static str = "Tell everything recorded about a unit, a document, an obligation, an attachment or the ledger itself";
    const READING: Reading = Reading::Histories;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.known_at
    }

    fn as_of(&self, _: Date) -> Option<Date> {
        self.as_of
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let mut positions = self.of.positions(asked)?;
        let effective = |position: &Position| asked.image.effective_on(*position);
        positions.retain(|position| {
            self.as_of
                .is_none_or(|as_of| effective(position) <= Some(as_of))
        });
        Ok(Found::Records(positions, row))
    }

    fn place(row: &Row) -> Place {
        Place::at(row.position)
    }

    fn cells(rows: &[Row]) -> Cells {
        cells(rows)
    }
}

impl Of {
    /// The one thing that is named.
    fn subject(&self, asked: &Asked<'_>) -> Result<Subject, Trouble> {
        match (
            &self.unit,
            &self.document,
            &self.obligation,
            &self.attachment,
            self.ledger,
        ) {
            (Some(unit), None, None, None, false) => {
                named::unit(asked.image, asked.scope, unit).map(|()| Subject::Unit(unit.clone()))
            }
            (None, Some(document), None, None, false) => {
                named::document(asked.image, document).map(Subject::Document)
            }
            (None, None, Some(obligation), None, false) => {
                Ok(Subject::Obligation(obligation.clone()))
            }
            (None, None, None, Some(attachment), false) => {
                Ok(Subject::Attachment(attachment.clone()))
            }
            (None, None, None, None, true) => Ok(Subject::Ledger),
            _ => Err(Trouble::parameter(
                "unit",
                "expected one of unit, document, obligation, attachment and ledger, and no other",
            )),
        }
    }

    /// The records that tell of it, as far as whoever asks may see what they tell of.
    fn positions(&self, asked: &Asked<'_>) -> Result<Vec<Position>, Trouble> {
        let subject = self.subject(asked)?;
        let sees = |subject: &Subject| asked.sees(subject);
        let found = asked.image.positions_seen(&subject, Reach::Alone, &sees);
        match &subject {
            Subject::Obligation(id) if found.is_empty() => {
                let says = "no such obligation is in the ledger";
                Err(Trouble::not_found("obligation", id.as_str(), says))
            }
            Subject::Attachment(id) if found.is_empty() => {
                let says = "no such attachment is in the ledger";
                Err(Trouble::not_found("attachment", &id.to_string(), says))
            }
            _ => Ok(found),
        }
    }
}

fn row(recorded: &Recorded) -> Result<Row, Trouble> {
    let position = recorded.position.0;
    let unread = |error: &dyn std::fmt::Display| {
        Trouble::Stopped(format!("the record at position {position}: {error}"))
    };
    let envelope = envelope::parse(&recorded.bytes).map_err(|error| unread(&error))?;
    Ok(Row {
        position,
        effective: envelope.time.date(),
        recorded: envelope.recorded_time,
        event_type: envelope.event_type.into_owned(),
        subject: envelope.subject.into_owned(),
        actor: envelope.actor.into_owned(),
        synthetic: envelope.synthetic,
        data: RawValue::from_string(envelope.data.to_owned()).map_err(|error| unread(&error))?,
    })
}

fn cells(rows: &[Row]) -> Cells {
    let cells = |row: &Row| {
        let mark = if row.synthetic { " (synthetic)" } else { "" };
        vec![
            row.position.to_string(),
            row.effective.to_string(),
            row.recorded.to_string(),
            format!("{}{mark}", row.event_type),
            row.subject.clone(),
            row.actor.clone(),
            row.data.get().chars().take(DATA_SHOWN).collect(),
        ]
    };
    Cells {
        columns: vec![
            figures("position"),
            days("effective"),
            words("recorded"),
            words("event"),
            words("about"),
            words("by account"),
            words("data"),
        ],
        rows: rows.iter().map(cells).collect(),
        empty: "nothing is recorded about it by then",
    }
}
