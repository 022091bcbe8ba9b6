//! What one transaction writes: rows that go, rows that come, and the place that moves with them.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures_util::SinkExt;
use jiff::Timestamp;
use socai_ledger::Image;
use socai_ledger::view::Changes;
use socai_store::{Position, Recorded, envelope};
use tokio_postgres::{CopyInSink, Transaction};

use crate::error::Error;
use crate::rows::{self, Piece, Table, bigint};

/// Where the log was read up to: the record itself, not only its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) position: Position,
    pub(crate) id: String,
    pub(crate) recorded: Timestamp,
}

impl Last {
    /// Where `record` is; `None` where its envelope does not read.
    pub(crate) fn of(record: &Recorded) -> Option<Self> {
        let envelope = envelope::parse(&record.bytes).ok()?;
        Some(Self {
            position: record.position,
            id: envelope.id.to_string(),
            recorded: envelope.recorded_time,
        })
    }
}

/// The rows that some records changed.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The position after which it applies.
    pub(crate) from: Position,
    /// Where it leads.
    pub(crate) to: Last,
    /// Where the log ended when it was made, as far as is known.
    pub(crate) head: Position,
    gone: Gone,
    pieces: Vec<Piece>,
}

impl Batch {
    pub(crate) fn of(
        image: &Image,
        changes: &mut Changes,
        from: Position,
        to: Last,
        head: Position,
    ) -> Self {
        changes.settle();
        let mut pieces = Vec::new();
        rows::write(changes, image, &mut |piece| {
            pieces.push(piece);
            true
        });
        Self {
            from,
            to,
            head,
            gone: Gone::of(changes, image),
            pieces,
        }
    }

    pub(crate) fn records(&self) -> u64 {
        self.to.position.0 - self.from.0
    }

    /// Writes the rows into the tables of `schema`.
    pub(crate) async fn write(&self, to: &Transaction<'_>, schema: &str) -> Result<(), Error> {
        self.gone.delete(to, schema).await?;
        let mut copy = Copy::new(to, schema);
        for piece in &self.pieces {
            copy.take(piece).await?;
        }
        copy.finish().await
    }
}

/// The keys whose rows are replaced.
#[derive(Debug, Default)]
struct Gone {
    ledger: bool,
    units: Vec<String>,
    groups: Vec<String>,
    documents: Vec<String>,
    requirements: Vec<String>,
    tasks: Vec<String>,
    inspections: Vec<String>,
    years: Vec<i32>,
    openings: Vec<i64>,
    phases: Vec<i32>,
}

impl Gone {
    fn of(changes: &Changes, image: &Image) -> Self {
        let number = |number: &u32| i32::try_from(*number).expect("it was written as an integer");
        Self {
            ledger: changes.ledger,
            units: texts(&changes.units),
            groups: texts(&changes.groups),
            documents: texts(&changes.documents),
            requirements: texts(&changes.requirements),
            tasks: texts(&changes.tasks),
            inspections: texts(&changes.inspections),
            years: changes.years.iter().copied().map(i32::from).collect(),
            openings: (changes.replaced_openings(image).into_iter().map(bigint)).collect(),
            phases: changes.replaced_phases().iter().map(number).collect(),
        }
    }

    async fn delete(&self, from: &Transaction<'_>, schema: &str) -> Result<(), Error> {
        if self.ledger {
            from.execute(&format!("DELETE FROM {schema}.ledger"), &[])
                .await?;
        }
        let by_text: [(&[String], &[(&str, &str)]); 6] = [
            (
                &self.units,
                &[
                    ("units", "id"),
                    ("unit_names", "unit"),
                    ("unit_parents", "unit"),
                    ("unit_successions", "unit"),
                ],
            ),
            (
                &self.groups,
                &[("groups", "id"), ("group_members", "group_id")],
            ),
            (
                &self.documents,
                &[("documents", "id"), ("relations", "document")],
            ),
            (&self.requirements, &[("requirements", "id")]),
            (&self.tasks, &[("tasks", "id")]),
            (
                &self.inspections,
                &[
                    ("inspections", "id"),
                    ("inspected", "inspection"),
                    ("findings", "inspection"),
                ],
            ),
        ];
        for (keys, tables) in by_text.into_iter().filter(|(keys, _)| !keys.is_empty()) {
            for (table, column) in tables {
                let delete = format!("DELETE FROM {schema}.{table} WHERE {column} = ANY ($1)");
                from.execute(&delete, &[&keys]).await?;
            }
        }
        self.delete_numbered(from, schema).await
    }

    async fn delete_numbered(&self, from: &Transaction<'_>, schema: &str) -> Result<(), Error> {
        if !self.years.is_empty() {
            let delete = format!("DELETE FROM {schema}.calendar_days WHERE year = ANY ($1)");
            from.execute(&delete, &[&self.years]).await?;
        }
        if !self.openings.is_empty() {
            let delete = format!("DELETE FROM {schema}.openings WHERE position = ANY ($1)");
            from.execute(&delete, &[&self.openings]).await?;
        }
        if !self.phases.is_empty() {
            let delete = format!("DELETE FROM {schema}.phases WHERE number = ANY ($1)");
            from.execute(&delete, &[&self.phases]).await?;
        }
        Ok(())
    }
}

fn texts<Id: ToString>(ids: &BTreeSet<Id>) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// The COPY under way: pieces of one table belong to one COPY.
pub(crate) struct Copy<'t> {
    to: &'t Transaction<'t>,
    schema: &'t str,
    options: &'static str,
    open: Option<(Table, std::pin::Pin<Box<CopyInSink<Bytes>>>)>,
}

impl<'t> Copy<'t> {
    pub(crate) fn new(to: &'t Transaction<'t>, schema: &'t str) -> Self {
        Self {
            to,
            schema,
            options: "FORMAT binary",
            open: None,
        }
    }

    /// Into tables made in the same transaction: their rows are never looked at again by vacuum.
    pub(crate) fn frozen(to: &'t Transaction<'t>, schema: &'t str) -> Self {
        Self {
            options: "FORMAT binary, FREEZE",
            ..Self::new(to, schema)
        }
    }

    pub(crate) async fn take(&mut self, piece: &Piece) -> Result<(), Error> {
        if self
            .open
            .as_ref()
            .is_none_or(|(table, _)| *table != piece.table)
        {
            self.close().await?;
            let (schema, table, options) = (self.schema, piece.table.name(), self.options);
            let copy = format!("COPY {schema}.{table} FROM STDIN ({options})");
            let sink = self.to.copy_in(&copy).await?;
            self.open = Some((piece.table, Box::pin(sink)));
        }
        let (_, sink) = self.open.as_mut().expect("it was opened above");
        Ok(sink.send(piece.bytes.clone()).await?)
    }

    pub(crate) async fn finish(mut self) -> Result<(), Error> {
        self.close().await
    }

    async fn close(&mut self) -> Result<(), Error> {
        if let Some((_, mut sink)) = self.open.take() {
            sink.as_mut().finish().await?;
        }
        Ok(())
    }
}
