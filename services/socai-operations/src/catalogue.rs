//! All questions, by name, without their types: what a wire needs to carry them.

use jiff::civil::Date;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;
use socai_domain::permission::Reading;

use crate::cells::Cells;
use crate::known_at::KnownAt;
use crate::misread::misread;
use crate::page::{self, Place};
use crate::question::{Asked, Found, Frame, Framed, Question};
use crate::questions::{
    Accounts, Documents, Groups, History, Inspections, Obligations, Rates, Requirements, Search,
    Tasks, Units,
};
use crate::trouble::Trouble;
use socai_store::{Position, Recorded};

/// A question of the catalogue.
pub struct Entry {
    /// Its name on every wire.
    pub name: &'static str,
    /// What it tells.
    pub summary: &'static str,
    /// The right that it takes.
    pub reading: Reading,
    /// The schema of its parameters: an object, each property one parameter.
    pub parameters: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of one row.
    pub row: fn(&mut SchemaGenerator) -> Schema,
    /// Reads its parameters from an object.
    pub read: fn(Value) -> Result<Box<dyn Put>, Trouble>,
}

/// A question that was put, its type forgotten.
pub trait Put: Send + Sync {
    /// As [`Question::known_at`].
    fn known_at(&self) -> Option<KnownAt>;
    /// As [`Question::as_of`].
    fn as_of(&self, today: Date) -> Option<Date>;
    /// As [`Question::answer`].
    ///
    /// # Errors
    ///
    /// As [`Question::answer`].
    fn answer(&self, asked: &Asked<'_>) -> Result<Box<dyn Answering>, Trouble>;
}

/// What was found, its type forgotten.
pub trait Answering: Send {
    /// The records that rows are still to be made from.
    fn wanted(&self) -> &[Position];
    /// Makes rows from the records that were wanted.
    ///
    /// # Errors
    ///
    /// [`Trouble::Stopped`] where a record does not read.
    fn give(&mut self, records: &[Recorded]) -> Result<(), Trouble>;
    /// How many rows there are.
    fn len(&self) -> usize;
    /// Keeps the rows after `after`, at most `limit`, and says the place of the last where more follow.
    fn page(&mut self, after: Option<&Place>, limit: usize) -> Option<Place>;
    /// The rows as cells.
    fn cells(&self) -> Cells;
    /// The answer as JSON, under `frame`.
    fn json(&self, frame: Frame) -> Vec<u8>;
}

/// Rows, or what is still to become rows.
struct Answered<Q: Question> {
    rows: Vec<Q::Row>,
    wanted: Vec<Position>,
    make: Option<fn(&Recorded) -> Result<Q::Row, Trouble>>,
}

impl<Q: Question> Put for Q {
    fn known_at(&self) -> Option<KnownAt> {
        Question::known_at(self)
    }

    fn as_of(&self, today: Date) -> Option<Date> {
        Question::as_of(self, today)
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Box<dyn Answering>, Trouble> {
        Ok(match Question::answer(self, asked)? {
            Found::Rows(rows) => Box::new(Answered::<Q> {
                rows,
                wanted: Vec::new(),
                make: None,
            }),
            Found::Records(wanted, make) => Box::new(Answered::<Q> {
                rows: Vec::new(),
                wanted,
                make: Some(make),
            }),
        })
    }
}

impl<Q: Question> Answering for Answered<Q> {
    fn wanted(&self) -> &[Position] {
        &self.wanted
    }

    fn give(&mut self, records: &[Recorded]) -> Result<(), Trouble> {
        let Some(make) = self.make else { return Ok(()) };
        self.rows = records.iter().map(make).collect::<Result<_, _>>()?;
        self.wanted.clear();
        Ok(())
    }

    fn len(&self) -> usize {
        self.rows.len().max(self.wanted.len())
    }

    fn page(&mut self, after: Option<&Place>, limit: usize) -> Option<Place> {
        let records = page::cut(&mut self.wanted, after, limit, |position| {
            Place::at(position.0)
        });
        records.or_else(|| page::cut(&mut self.rows, after, limit, Q::place))
    }

    fn cells(&self) -> Cells {
        Q::cells(&self.rows)
    }

    fn json(&self, frame: Frame) -> Vec<u8> {
        let rows = &self.rows;
        serde_json::to_vec(&Framed { frame, rows }).expect("rows are written as JSON")
    }
}

/// The entry of a question.
pub const fn entry<Q: Question>() -> Entry {
    Entry {
        name: Q::NAME,
        summary: Q::SUMMARY,
        reading: Q::READING,
        parameters: SchemaGenerator::subschema_for::<Q>,
        row: SchemaGenerator::subschema_for::<Q::Row>,
        read: read::<Q>,
    }
}

fn read<Q: Question>(parameters: Value) -> Result<Box<dyn Put>, Trouble> {
    match Q::deserialize(&parameters) {
        Ok(question) => Ok(Box::new(question)),
        Err(error) => Err(misread::<Q>(&parameters, &error.to_string())),
    }
}

/// Every question, in the order of the manual.
pub const QUESTIONS: &[Entry] = &[
    entry::<Rates>(),
    entry::<Obligations>(),
    entry::<History>(),
    entry::<Search>(),
    entry::<Units>(),
    entry::<Groups>(),
    entry::<Documents>(),
    entry::<Requirements>(),
    entry::<Tasks>(),
    entry::<Inspections>(),
    entry::<Accounts>(),
];

/// The question called `name`.
pub fn question(name: &str) -> Option<&'static Entry> {
    QUESTIONS.iter().find(|entry| entry.name == name)
}
