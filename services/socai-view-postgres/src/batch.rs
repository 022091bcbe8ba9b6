//! What one transaction writes: rows that go, rows that come, and the place that moves with them.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures_util::SinkExt;
use jiff::Timestamp;
use socai_ledger::Image;
use socai_ledger::view::Changes;
use socai_store::{Position, Recorded, envelope};
use tokio_postgres::types::Type;
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

/// The rows that are replaced: of which table, by which column, under which keys.
#[derive(Debug)]
struct Gone(Vec<(Table, &'static str, Keys)>);

#[derive(Debug, Clone)]
enum Keys {
    /// Every row.
    All,
    Text(Vec<String>),
    Integer(Vec<i32>),
    Bigint(Vec<i64>),
}

impl Keys {
    fn is_empty(&self) -> bool {
        match self {
            Self::All => false,
            Self::Text(keys) => keys.is_empty(),
            Self::Integer(keys) => keys.is_empty(),
            Self::Bigint(keys) => keys.is_empty(),
        }
    }
}

impl Gone {
    fn of(changes: &Changes, image: &Image) -> Self {
        let number = |number: &u32| i32::try_from(*number).expect("it was written as an integer");
        let units = texts(&changes.units);
        let groups = texts(&changes.groups);
        let documents = texts(&changes.documents);
        let inspections = texts(&changes.inspections);
        let years = changes.years.iter().copied().map(i32::from).collect();
        let openings = changes.replaced_openings(image);
        let openings = openings.into_iter().map(bigint).collect();
        let phases = changes.replaced_phases().iter().map(number).collect();
        let mut gone = vec![
            (Table::Units, "id", units.clone()),
            (Table::UnitNames, "unit", units.clone()),
            (Table::UnitParents, "unit", units.clone()),
            (Table::UnitSuccessions, "unit", units),
            (Table::Groups, "id", groups.clone()),
            (Table::GroupMembers, "group_id", groups),
            (Table::Documents, "id", documents.clone()),
            (Table::Relations, "document", documents),
            (Table::Requirements, "id", texts(&changes.requirements)),
            (Table::Tasks, "id", texts(&changes.tasks)),
            (Table::Inspections, "id", inspections.clone()),
            (Table::Inspected, "inspection", inspections.clone()),
            (Table::Findings, "inspection", inspections),
            (Table::CalendarDays, "year", Keys::Integer(years)),
            (Table::Openings, "position", Keys::Bigint(openings)),
            (Table::Phases, "number", Keys::Integer(phases)),
        ];
        if changes.ledger {
            gone.push((Table::Ledger, "origin", Keys::All));
        }
        gone.retain(|(_, _, keys)| !keys.is_empty());
        Self(gone)
    }

    async fn delete(&self, from: &Transaction<'_>, schema: &str) -> Result<(), Error> {
        for (table, column, keys) in &self.0 {
            let all = format!("DELETE FROM {schema}.{}", table.name());
            let some = format!("{all} WHERE {column} = ANY ($1)");
            match keys {
                Keys::All => from.execute_typed(&all, &[]).await?,
                Keys::Text(keys) => {
                    from.execute_typed(&some, &[(keys, Type::TEXT_ARRAY)])
                        .await?
                }
                Keys::Integer(keys) => {
                    from.execute_typed(&some, &[(keys, Type::INT4_ARRAY)])
                        .await?
                }
                Keys::Bigint(keys) => {
                    from.execute_typed(&some, &[(keys, Type::INT8_ARRAY)])
                        .await?
                }
            };
        }
        Ok(())
    }
}

fn texts<Id: ToString>(ids: &BTreeSet<Id>) -> Keys {
    Keys::Text(ids.iter().map(ToString::to_string).collect())
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
