//! From an object to the records that tell of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use socai_domain::attachment::About;
use socai_domain::document::below;
use socai_domain::id::DocumentId;
use socai_domain::obligation::Kind;
use socai_domain::subject::Subject;
use socai_store::Position;

use crate::day::Day;
use crate::image::Image;

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
        self.positions_seen(subject, reach, &|_| true)
    }

    /// Those of them that tell of something that is seen. An obligation is seen with what opened it.
    pub fn positions_seen(
        &self,
        subject: &Subject,
        reach: Reach,
        sees: &dyn Fn(&Subject) -> bool,
    ) -> Vec<Position> {
        let mut told = Told {
            image: self,
            sees,
            positions: BTreeSet::new(),
        };
        told.of(subject, reach);
        told.positions.into_iter().collect()
    }

    /// The day from which the record at `position` is effective.
    pub fn effective_on(&self, position: Position) -> Option<Date> {
        let position = u32::try_from(position.0).ok()?;
        let known = position > 0 && Position(position.into()) <= self.position();
        known.then(|| self.journal.at(position).on().date())?
    }
}

/// What is told so far.
struct Told<'a> {
    image: &'a Image,
    sees: &'a dyn Fn(&Subject) -> bool,
    positions: BTreeSet<Position>,
}

impl Told<'_> {
    fn of(&mut self, subject: &Subject, reach: Reach) {
        match subject {
            Subject::Obligation(id) => self.rows(self.image.table.find(id.as_str())),
            Subject::Unit(unit) => {
                self.stream(subject);
                self.rows(self.image.table.owed(unit.as_str()));
            }
            Subject::Requirement(id) => self.maker(subject, id.as_str(), Kind::Report),
            Subject::Task(id) => self.maker(subject, id.as_str(), Kind::Task),
            Subject::Document(id) => self.document(id, reach),
            Subject::Ledger
            | Subject::Calendar(_)
            | Subject::Group(_)
            | Subject::Inspection(_)
            | Subject::Attachment(_)
            | Subject::Evidence(_)
            | Subject::Account(_) => self.stream(subject),
        }
        self.attachments(subject);
    }

    fn stream(&mut self, subject: &Subject) {
        if (self.sees)(subject) {
            let (image, name) = (self.image, subject.to_string());
            let last = image
                .streams
                .get(name.as_str())
                .map_or(0, |stream| stream.last);
            let stream = image.journal.stream(last);
            self.positions
                .extend(stream.map(|(at, _)| Position(at.into())));
        }
    }

    fn rows(&mut self, rows: impl IntoIterator<Item = u32>) {
        let image = self.image;
        for row in rows {
            if (self.sees)(&Subject::Obligation(image.table.id(row))) {
                let row = &image.table.rows[row];
                self.positions.extend(image.row_positions(row, Day::NONE));
            }
        }
    }

    fn attachments(&mut self, subject: &Subject) {
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
        for (id, attachment) in &self.image.registry.attachments {
            if attachment.file.about.as_ref() == Some(&about) {
                self.stream(&Subject::Attachment(id.clone()));
            }
        }
    }

    fn maker(&mut self, subject: &Subject, maker: &str, kind: Kind) {
        self.stream(subject);
        let opened = self.image.table.made(maker, kind);
        self.rows(opened.flat_map(|opened| opened.first_row..opened.first_row + opened.rows));
    }

    fn document(&mut self, id: &DocumentId, reach: Reach) {
        let registry = &self.image.registry;
        let chain = match reach {
            Reach::Alone => BTreeSet::from([id.clone()]),
            Reach::Chain(day) => below(&registry.documents, id, day),
        };
        for document in &chain {
            self.stream(&Subject::Document(document.clone()));
        }
        for (id, known) in &registry.requirements {
            if chain.contains(&known.rule.document) {
                self.maker(&Subject::Requirement(id.clone()), id.as_str(), Kind::Report);
            }
        }
        for (id, known) in &registry.tasks {
            if chain.contains(&known.assignment.document) {
                self.maker(&Subject::Task(id.clone()), id.as_str(), Kind::Task);
            }
        }
    }
}
