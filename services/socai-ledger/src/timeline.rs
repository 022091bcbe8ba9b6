//! From an object to the records that tell of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use socai_domain::attachment::About;
use socai_domain::document::below;
use socai_domain::id::{DocumentId, UnitId};
use socai_domain::obligation::Kind;
use socai_domain::subject::Subject;
use socai_store::Position;

use crate::day::Day;
use crate::image::Image;
use crate::row::Opened;

/// How far a document reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The document alone.
    Alone,
    /// With everything below it in its chain on a day.
    Chain(Date),
}

impl Image {
    /// The records that tell of `subject`, ascending.
    ///
    /// Of a unit: its own stream and the obligations that it owes or owed. Of a requirement or a task:
    /// its stream and its obligations. Of a document: its stream, and those of its requirements, tasks
    /// and obligations. Of an obligation: what opened it, and its own stream. Of anything else: its stream.
    /// Of an obligation, a document and an inspection also the streams of the files that are about it.
    pub fn positions_of(&self, subject: &Subject, reach: Reach) -> Vec<Position> {
        let mut found = BTreeSet::new();
        match subject {
            Subject::Obligation(id) => found.extend(
                self.table
                    .find(id.as_str())
                    .into_iter()
                    .flat_map(|row| self.of_row(row)),
            ),
            Subject::Unit(unit) => self.of_unit(unit, &mut found),
            Subject::Requirement(id) => self.of_maker(id.as_str(), Kind::Report, &mut found),
            Subject::Task(id) => self.of_maker(id.as_str(), Kind::Task, &mut found),
            Subject::Document(id) => self.of_document(id, reach, &mut found),
            Subject::Ledger
            | Subject::Calendar(_)
            | Subject::Group(_)
            | Subject::Inspection(_)
            | Subject::Attachment(_)
            | Subject::Evidence(_)
            | Subject::Account(_) => found.extend(self.of_stream(&subject.to_string())),
        }
        self.of_attachments(subject, &mut found);
        found.into_iter().collect()
    }

    /// The day from which the record at `position` is effective.
    pub fn effective_on(&self, position: Position) -> Option<Date> {
        let position = u32::try_from(position.0).ok()?;
        let known = position > 0 && Position(position.into()) <= self.position();
        known.then(|| self.journal.at(position).on().date())?
    }

    fn of_stream(&self, stream: &str) -> impl Iterator<Item = Position> {
        let last = self.streams.get(stream).map_or(0, |stream| stream.last);
        self.journal.stream(last).map(|(at, _)| Position(at.into()))
    }

    fn of_attachments(&self, subject: &Subject, found: &mut BTreeSet<Position>) {
        let about = match subject {
            Subject::Obligation(id) => About::Obligation(id.clone()),
            Subject::Document(id) => About::Document(id.clone()),
            Subject::Inspection(id) => About::Inspection(id.clone()),
            Subject::Ledger
            | Subject::Calendar(_)
            | Subject::Unit(_)
            | Subject::Group(_)
            | Subject::Requirement(_)
            | Subject::Task(_)
            | Subject::Attachment(_)
            | Subject::Evidence(_)
            | Subject::Account(_) => return,
        };
        for (id, attachment) in &self.registry.attachments {
            if attachment.file.about.as_ref() == Some(&about) {
                found.extend(self.of_stream(&format!("attachment.{id}")));
            }
        }
    }

    fn of_row(&self, row: u32) -> Vec<Position> {
        self.row_positions(&self.table.rows[row], Day::NONE)
    }

    fn of_opened(&self, opened: &Opened) -> impl Iterator<Item = Position> {
        let rows = opened.first_row..opened.first_row + opened.rows;
        rows.flat_map(|row| self.of_row(row))
    }

    fn of_unit(&self, unit: &UnitId, found: &mut BTreeSet<Position>) {
        found.extend(self.of_stream(&format!("unit.{unit}")));
        found.extend(
            self.table
                .owed(unit.as_str())
                .into_iter()
                .flat_map(|row| self.of_row(row)),
        );
    }

    fn of_maker(&self, maker: &str, kind: Kind, found: &mut BTreeSet<Position>) {
        let category = match kind {
            Kind::Report => "requirement",
            Kind::Task => "task",
        };
        found.extend(self.of_stream(&format!("{category}.{maker}")));
        found.extend(
            self.table
                .made(maker, kind)
                .flat_map(|opened| self.of_opened(opened)),
        );
    }

    fn of_document(&self, id: &DocumentId, reach: Reach, found: &mut BTreeSet<Position>) {
        let registry = &self.registry;
        let chain = match reach {
            Reach::Alone => BTreeSet::from([id.clone()]),
            Reach::Chain(day) => below(&registry.documents, id, day),
        };
        for document in &chain {
            found.extend(self.of_stream(&format!("document.{document}")));
        }
        let asked = |document: &DocumentId| chain.contains(document);
        for (id, _) in registry
            .requirements
            .iter()
            .filter(|(_, it)| asked(&it.rule.document))
        {
            self.of_maker(id.as_str(), Kind::Report, found);
        }
        for (id, _) in registry
            .tasks
            .iter()
            .filter(|(_, it)| asked(&it.assignment.document))
        {
            self.of_maker(id.as_str(), Kind::Task, found);
        }
    }
}
