//! All questions, by name, without their types: what a wire needs to carry them.

use async_trait::async_trait;
use jiff::civil::Date;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;
use socai_domain::permission::Reading;

use crate::cells::Cells;
use crate::known_at::KnownAt;
use crate::misread::misread;
use crate::names::RowOf;
use crate::page::{Place, Wanted};
use crate::question::{Asked, Carried, Found, Frame, Framed, Question, Sources};
use crate::questions::{
    Accounts, Checkpoints, Documents, Groups, History, Inspections, Keys, Number, Obligations,
    Rates, Read, Requirements, Search, Tasks, Units,
};
use crate::trouble::Trouble;

/// A question of the catalogue.
pub struct Entry {
    /// Its name on every wire.
    pub name: &'static str,
    /// What it tells.
    pub summary: &'static str,
    /// The right that it takes.
    pub reading: Reading,
    /// How its parameters come over HTTP.
    pub carried: Carried,
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
#[async_trait]
pub trait Answering: Send {
    /// Gathers the rows wanted, and says the place of the last of them where more follow.
    ///
    /// # Errors
    ///
    /// [`Trouble`] where they cannot be read.
    async fn gather(
        &mut self,
        sources: &Sources,
        wanted: &Wanted,
    ) -> Result<Option<Place>, Trouble>;
    /// The rows as cells.
    fn cells(&self) -> Cells;
    /// The answer as JSON, under `frame`.
    fn json(&self, frame: Frame) -> Vec<u8>;
}

/// Rows, and what is still to become rows.
struct Answered<Q: Question> {
    found: Found<Q::Row>,
    rows: Vec<Q::Row>,
}

impl<Q: Question> Put for Q {
    fn known_at(&self) -> Option<KnownAt> {
        Question::known_at(self)
    }

    fn as_of(&self, today: Date) -> Option<Date> {
        Question::as_of(self, today)
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Box<dyn Answering>, Trouble> {
        let found = Question::answer(self, asked)?;
        let rows = Vec::new();
        Ok(Box::new(Answered::<Q> { found, rows }))
    }
}

#[async_trait]
impl<Q: Question> Answering for Answered<Q> {
    async fn gather(
        &mut self,
        sources: &Sources,
        wanted: &Wanted,
    ) -> Result<Option<Place>, Trouble> {
        let found = std::mem::replace(&mut self.found, Found::Rows(Vec::new()));
        let (rows, next) = found.gather(sources, wanted, Q::place).await?;
        self.rows = rows;
        Ok(next)
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
        carried: Q::CARRIED,
        parameters: SchemaGenerator::subschema_for::<Q>,
        row: SchemaGenerator::subschema_for::<RowOf<Q>>,
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
    entry::<Keys>(),
    entry::<Checkpoints>(),
    entry::<Number>(),
    entry::<Read>(),
];

/// The question called `name`.
pub fn question(name: &str) -> Option<&'static Entry> {
    QUESTIONS.iter().find(|entry| entry.name == name)
}
