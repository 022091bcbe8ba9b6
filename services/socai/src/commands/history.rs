//! `socai history`: everything recorded about one thing, in order.

use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use socai_app::history::records_at;
use socai_domain::subject::Subject;
use socai_ledger::timeline::Reach;
use socai_store::{Recorded, envelope};

use crate::arguments::{History, Of};
use crate::data_dir::{self, Looking};
use crate::named;
use crate::output::{self, Cells, figures, words};

/// Characters of an event's data that a table shows.
const DATA_SHOWN: usize = 72;

/// One event. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Row {
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

pub(crate) async fn run(asked: &History) -> anyhow::Result<ExitCode> {
    let looking = data_dir::look(&asked.data.dir, asked.known_at).await?;
    let positions = positions(&asked.of, &looking)?;
    let records = records_at(&*looking.store, &positions).await?;
    let mut rows = records
        .iter()
        .map(row)
        .collect::<anyhow::Result<Vec<Row>>>()?;
    rows.retain(|row| asked.as_of.is_none_or(|as_of| row.effective <= as_of));
    output::show(
        asked.shown.format,
        Some(looking.frame(asked.as_of)),
        &rows,
        || cells(&rows),
    )?;
    Ok(ExitCode::SUCCESS)
}

fn positions(of: &Of, looking: &Looking) -> anyhow::Result<Vec<socai_store::Position>> {
    let image = &looking.image;
    let positions = |subject| image.positions_of(&subject, Reach::Alone);
    if let Some(unit) = &of.unit {
        named::unit(image, unit)?;
        return Ok(positions(Subject::Unit(unit.clone())));
    }
    if let Some(document) = &of.document {
        return Ok(positions(Subject::Document(named::document(
            image, document,
        )?)));
    }
    if of.ledger {
        return Ok(positions(Subject::Ledger));
    }
    if let Some(attachment) = &of.attachment {
        let found = positions(Subject::Attachment(attachment.clone()));
        if found.is_empty() {
            bail!("--attachment {attachment}: no such attachment is in the ledger");
        }
        return Ok(found);
    }
    let Some(obligation) = &of.obligation else {
        bail!("name a unit, a document, an obligation, an attachment or the ledger")
    };
    let found = positions(Subject::Obligation(obligation.clone()));
    if found.is_empty() {
        bail!("--obligation {obligation}: no such obligation is in the ledger");
    }
    Ok(found)
}

fn row(recorded: &Recorded) -> anyhow::Result<Row> {
    let position = recorded.position.0;
    let read = || format!("the record at position {position}");
    let envelope = envelope::parse(&recorded.bytes).with_context(read)?;
    let data = std::str::from_utf8(envelope.data).with_context(read)?;
    Ok(Row {
        position,
        effective: envelope.time.date(),
        recorded: envelope.recorded_time,
        event_type: envelope.event_type.into_owned(),
        subject: envelope.subject.into_owned(),
        actor: envelope.actor.into_owned(),
        synthetic: envelope.synthetic,
        data: RawValue::from_string(data.to_owned()).with_context(read)?,
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
            words("effective"),
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
