//! A review's facts, asked of the image.
//!
//! What is counted comes from the image alone. What only the events say in words (who granted, on what
//! reason, who was asked why) is read from the records at the positions that [`positions`] names, through
//! [`Words`], so that nothing here knows a store. The image is at the position of the review: an image of
//! a shorter prefix gives the review as it was known then. Same position and same request, same bytes.
//!
//! Deliberately absent: arithmetic (`socai_review::count`), pages, and any clock.

mod acts;
mod chain;
mod inspections;
mod method;
mod notes;
mod unit_changes;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use socai_domain::id::{DocumentId, ObligationId, UnitId};
use socai_domain::rate::DEFINITION;
use socai_domain::standing::DueMode;
use socai_domain::subject::Subject;
use socai_ledger::fact::About;
use socai_ledger::rows::{ObligationRow, Source};
use socai_ledger::timeline::Reach;
use socai_ledger::{Fact, Image, Lineage, Query};
use socai_review::facts::{self, Asked, Form, LedgerRead};
use socai_review::{Asks, Facts, Row, Subjects, Units, count};
use socai_store::{EventStore, Position};

use crate::ledger::LoadError;
pub use words::{Words, read};

/// An event recorded more than so many days after it happened is noted as recorded late.
pub const BACK_DATED_AFTER_DAYS: u32 = 30;

/// What a review is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRequest {
    /// The document under review, with everything below it on the as-of day.
    pub document: DocumentId,
    /// The first due date counted.
    pub from: Date,
    /// The last due date counted.
    pub to: Date,
    /// The day at whose end it is counted.
    pub as_of: Date,
    /// Which due date is counted against.
    pub due: DueMode,
    /// With which unit an obligation is counted.
    pub lineage: Lineage,
}

/// Why there is no review.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The document is not in the ledger as far as it was read.
    #[error("no document {0} is in the ledger")]
    UnknownDocument(DocumentId),
    /// The window has no day.
    #[error("the window ends on {to}, before it begins on {from}")]
    WindowReversed {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// The words of a record were not given. A bug in the caller: it reads what [`positions`] names.
    #[error("the record at position {0} was not read")]
    NotRead(Position),
    /// The ledger cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Reads what a review needs of `store`, and gathers its facts.
///
/// # Errors
///
/// [`ReviewError`].
pub async fn gather(
    image: &Image,
    store: &dyn EventStore,
    request: &ReviewRequest,
) -> Result<Facts, ReviewError> {
    let words = read(store, &positions(image, request)?).await?;
    facts(image, &words, request)
}

/// The positions of the records whose words the review needs, ascending.
///
/// # Errors
///
/// [`ReviewError::UnknownDocument`], [`ReviewError::WindowReversed`].
pub fn positions(image: &Image, request: &ReviewRequest) -> Result<Vec<Position>, ReviewError> {
    Ok(Ground::new(image, request)?.positions())
}

/// The facts of a review. `words` has the records at [`positions`].
///
/// # Errors
///
/// [`ReviewError::UnknownDocument`], [`ReviewError::WindowReversed`], [`ReviewError::NotRead`].
pub fn facts(
    image: &Image,
    words: &dyn Words,
    request: &ReviewRequest,
) -> Result<Facts, ReviewError> {
    let ground = Ground::new(image, request)?;
    let told = ground.told(words)?;
    let asked = asked(request);
    let rows: Vec<Row> = ground.rows.iter().map(row).collect();
    let acts = acts::acts(&ground, &told);
    Ok(Facts {
        form: Form::V1,
        ledger: LedgerRead {
            origin: image.registry().ledger.origin.clone(),
            position: image.position().0,
            known_at: image.last_recorded(),
            root: None,
        },
        document: chain::paper(image.registry(), &request.document),
        issuer: chain::issuer(image.registry(), &request.document),
        chain: chain::chain(image.registry(), &request.document, request.as_of),
        counted: count(&rows, &ground.units(), &ground.subjects(), &asked),
        extensions: acts.extensions,
        excuses: acts.excuses,
        acts: acts.acts,
        unit_changes: unit_changes::unit_changes(&ground, &told),
        inspections: inspections::inspections(&ground, &told),
        flags: acts::flags(&ground),
        notes: notes::notes(&ground, &told),
        method: method::method(&ground, &told),
        asked,
    })
}

fn asked(request: &ReviewRequest) -> Asked {
    Asked {
        from: request.from,
        to: request.to,
        as_of: request.as_of,
        due: request.due,
        lineage: match request.lineage {
            Lineage::Recorded => facts::Lineage::Recorded,
            Lineage::Successor => facts::Lineage::Successor,
        },
        definition: DEFINITION.to_owned(),
    }
}

/// The obligations of a review, and what stands around them.
struct Ground<'a> {
    image: &'a Image,
    request: &'a ReviewRequest,
    /// The reviewed document and everything below it.
    documents: BTreeSet<DocumentId>,
    rows: Vec<ObligationRow>,
}

impl<'a> Ground<'a> {
    fn new(image: &'a Image, request: &'a ReviewRequest) -> Result<Self, ReviewError> {
        let documents = &image.registry().documents;
        if !documents.contains_key(&request.document) {
            return Err(ReviewError::UnknownDocument(request.document.clone()));
        }
        let (from, to) = (request.from, request.to);
        if to < from {
            return Err(ReviewError::WindowReversed { from, to });
        }
        let query = Query {
            due_from: Some(from),
            due_to: Some(to),
            document: Some(request.document.clone()),
            due_mode: request.due,
            lineage: request.lineage,
            ..Query::as_of(request.as_of)
        };
        let below = socai_domain::document::below(documents, &request.document, request.as_of);
        Ok(Self {
            image,
            request,
            documents: below,
            rows: image.obligations(&query),
        })
    }

    fn positions(&self) -> Vec<Position> {
        let chain = (
            Subject::Document(self.request.document.clone()),
            self.request.as_of,
        );
        let of = |subject: &Subject| self.image.positions_of(subject, Reach::Alone);
        let mut found = self.image.positions_of(&chain.0, Reach::Chain(chain.1));
        let others = unit_changes::changed(self)
            .into_iter()
            .map(Subject::Unit)
            .chain(
                inspections::looked_at(self)
                    .into_iter()
                    .map(Subject::Inspection),
            )
            .chain(method::years(self).map(Subject::Calendar));
        others.for_each(|subject| found.extend(of(&subject)));
        let by_then = |position: &Position| {
            self.image
                .note(*position)
                .is_some_and(|note| note.on <= self.request.as_of)
        };
        found.retain(by_then);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The facts at [`Self::positions`], without those of obligations that are not counted here.
    fn told<'w>(&self, words: &'w dyn Words) -> Result<Vec<&'w Fact>, ReviewError> {
        let counted = self.by_id();
        let ours = |fact: &&Fact| match &fact.about {
            About::Known(Subject::Obligation(id)) => counted.contains_key(id),
            _ => true,
        };
        let read = |position| words.fact(position).ok_or(ReviewError::NotRead(position));
        let told: Result<Vec<&Fact>, _> = self.positions().into_iter().map(read).collect();
        Ok(told?.into_iter().filter(ours).collect())
    }

    fn by_id(&self) -> BTreeMap<&ObligationId, &ObligationRow> {
        self.rows.iter().map(|row| (&row.id, row)).collect()
    }

    /// What a unit is called on `day`.
    fn name(&self, unit: &UnitId, day: Date) -> String {
        let known = self.image.registry().unit(unit);
        known.map_or_else(|| unit.to_string(), |known| known.name_on(day).to_string())
    }

    fn document_name(&self, document: &DocumentId) -> String {
        chain::name(self.image.registry(), document)
    }

    fn units(&self) -> Units {
        let as_of = self.request.as_of;
        let told = |id: &UnitId| {
            let unit = self.image.registry().unit(id)?;
            let ended = unit
                .ended
                .as_ref()
                .map(|end| end.on)
                .filter(|on| *on <= as_of);
            Some((
                id.clone(),
                (unit.name_on(as_of).to_string(), unit.kind, ended),
            ))
        };
        let ids: BTreeSet<&UnitId> = self.rows.iter().map(|row| &row.counts_for).collect();
        ids.into_iter().filter_map(told).collect()
    }

    fn subjects(&self) -> Subjects {
        let registry = self.image.registry();
        let passage = |row: &ObligationRow| match &row.source {
            Source::Requirement(id, _) => registry.requirements.get(id)?.rule.passage.clone(),
            Source::Task(id) => registry.tasks.get(id)?.assignment.passage.clone(),
        };
        let mut subjects = Subjects::new();
        for row in &self.rows {
            subjects.entry(stream(&row.source)).or_insert_with(|| Asks {
                title: row.title.clone(),
                document: row.document.clone(),
                document_name: self.document_name(&row.document),
                passage: passage(row),
            });
        }
        subjects
    }
}

fn stream(source: &Source) -> String {
    match source {
        Source::Requirement(id, _) => Subject::Requirement(id.clone()).to_string(),
        Source::Task(id) => Subject::Task(id.clone()).to_string(),
    }
}

/// The period of a report.
fn period(row: &ObligationRow) -> Option<String> {
    match &row.source {
        Source::Requirement(_, period) => Some(period.to_string()),
        Source::Task(_) => None,
    }
}

fn row(row: &ObligationRow) -> Row {
    Row {
        obligation: row.id.clone(),
        kind: row.kind,
        subject: stream(&row.source),
        period: period(row),
        unit: row.counts_for.clone(),
        opened: row.opened,
        due: row.due,
        original_due: row.original_due,
        fulfilled: row.fulfilled_on,
        bucket: row.bucket,
        positions: row.positions.iter().map(|position| position.0).collect(),
    }
}
