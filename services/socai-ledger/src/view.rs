//! The image's rows for tables that are kept elsewhere, and which of them a record changed.
//!
//! ```text
//! record ──► Image::fold ──► Changes::note ──► … ──► the rows of everything noted, as they stand now
//! ```
//!
//! Whoever keeps tables notes each record after it is folded, and asks for rows when it writes: what many
//! records changed is written once, in its last form. Openings, obligations and acts are only ever added;
//! phases and rows of the registry are replaced, all of one owner together. Every key is in the log itself
//! (an id, a position, the place of an obligation in the order of opening), so that two programs that
//! fold the same log agree on it.
//!
//! Deliberately absent: tables, SQL, words of persons (reasons, notes, findings), and any rule of counting:
//! a [`Phase`] has its buckets on both sides of its due date, and whoever counts picks one.

use std::collections::BTreeSet;

use socai_domain::event::Event;
use socai_domain::id::{DocumentId, GroupId, InspectionId, RequirementId, TaskId, UnitId};
use socai_domain::obligation::{self, Kind};
use socai_domain::standing::Act as Told;
use socai_domain::subject::Subject;
use socai_domain::{requirement, task};
use socai_store::Position;

use crate::fact::{About, Fact};
use crate::image::Image;
use crate::row::NONE;

mod obligations;
mod organisations;
mod papers;

pub use obligations::{Act, Obligation, Opening, Phase};
pub use organisations::{
    CalendarDay, Finding, Group, Inspected, Inspection, Ledger, Member, Named, Parent, Succession,
    Unit,
};
pub use papers::{Document, Relation, Requirement, Task};

/// Which rows differ between two states of an image, the later of which has taken in every record noted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether the ledger's own row differs.
    pub ledger: bool,
    /// Units whose rows are to be replaced.
    pub units: BTreeSet<UnitId>,
    /// Groups whose rows are to be replaced.
    pub groups: BTreeSet<GroupId>,
    /// Documents whose rows are to be replaced.
    pub documents: BTreeSet<DocumentId>,
    /// Requirements whose rows are to be replaced.
    pub requirements: BTreeSet<RequirementId>,
    /// Tasks whose rows are to be replaced.
    pub tasks: BTreeSet<TaskId>,
    /// Inspections whose rows are to be replaced.
    pub inspections: BTreeSet<InspectionId>,
    /// Calendar years whose rows are to be replaced.
    pub years: BTreeSet<i16>,
    /// Openings there before, in the order of the image, whose rows are to be replaced.
    pub(crate) openings: BTreeSet<u32>,
    /// Obligations there before whose phases are to be replaced; some come twice before they are sorted.
    pub(crate) phases: Vec<u32>,
    /// Acts to be added: their positions and obligations.
    pub(crate) acts: Vec<(u32, u32)>,
    /// The first opening and the first obligation to be added.
    pub(crate) first_opening: u32,
    pub(crate) first_row: u32,
    records: u64,
}

impl Changes {
    /// Nothing yet: what is noted next comes after what `image` holds now.
    pub fn since(image: &Image) -> Self {
        let count = |len: usize| u32::try_from(len).expect("an image numbers what it holds by u32");
        Self {
            first_opening: count(image.table.opened.len()),
            first_row: count(image.table.rows.len()),
            ..Self::default()
        }
    }

    /// Everything that `image` holds, for tables that are empty.
    pub fn everything(image: &Image) -> Self {
        let registry = image.registry();
        Self {
            ledger: !registry.ledger.origin.is_empty(),
            units: registry.units.keys().cloned().collect(),
            groups: registry.groups.keys().cloned().collect(),
            documents: registry.documents.keys().cloned().collect(),
            requirements: registry.requirements.keys().cloned().collect(),
            tasks: registry.tasks.keys().cloned().collect(),
            inspections: registry.inspections.keys().cloned().collect(),
            years: registry.calendar.years().map(|year| year.year).collect(),
            acts: image.all_acts(),
            records: image.position().0,
            ..Self::default()
        }
    }

    /// How many records were noted.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Takes down what `fact` changed, which `image` has just folded.
    pub fn note(&mut self, image: &Image, fact: &Fact) {
        self.records += 1;
        match (&fact.about, &fact.event) {
            (About::Known(Subject::Obligation(id)), event) => {
                // A later program may write to a stream that this one never saw opened.
                if let Some(row) = image.table.find(id.as_str()) {
                    self.note_act(fact.position, row, event.as_ref());
                }
            }
            (About::Known(subject), Some(event)) => self.note_entry(image, subject, event),
            (About::Known(_), None) | (About::Unknown(_), _) => {}
        }
    }

    fn note_entry(&mut self, image: &Image, subject: &Subject, event: &Event) {
        match subject {
            Subject::Ledger => self.ledger = true,
            Subject::Calendar(year) => {
                self.years.insert(*year);
            }
            Subject::Unit(id) => note_id(&mut self.units, id),
            Subject::Group(id) => note_id(&mut self.groups, id),
            Subject::Document(id) => note_id(&mut self.documents, id),
            Subject::Inspection(id) => note_id(&mut self.inspections, id),
            Subject::Requirement(id) => self.note_requirement(id, event),
            Subject::Task(id) => self.note_task(image, id, event),
            // Of an obligation its acts are noted; attachments, evidence and accounts have no rows.
            Subject::Obligation(_)
            | Subject::Attachment(_)
            | Subject::Evidence(_)
            | Subject::Account(_) => {}
        }
    }

    /// A period that opens adds rows of its own and leaves those of the requirement as they are.
    fn note_requirement(&mut self, id: &RequirementId, event: &Event) {
        if !matches!(event, Event::Requirement(requirement::Event::Opened { .. })) {
            note_id(&mut self.requirements, id);
        }
    }

    fn note_task(&mut self, image: &Image, id: &TaskId, event: &Event) {
        note_id(&mut self.tasks, id);
        if !matches!(event, Event::Task(task::Event::DueSet { .. })) {
            return;
        }
        let mut next = image.table.last_made(id.as_str());
        while next != NONE {
            let opened = &image.table.opened[next as usize];
            if opened.kind == Kind::Task && next < self.first_opening {
                self.openings.insert(next);
                self.phases
                    .extend(opened.first_row..opened.first_row + opened.rows);
            }
            next = opened.previous;
        }
    }

    fn note_act(&mut self, position: Position, row: u32, event: Option<&Event>) {
        let position = u32::try_from(position.0).expect("a folded position fits an image");
        self.acts.push((position, row));
        let Some(Event::Obligation(event)) = event else {
            return;
        };
        if row < self.first_row && changes_phases(event) {
            self.phases.push(row);
        }
    }

    /// Leaves each obligation once among those whose phases are replaced, in order.
    pub fn settle(&mut self) {
        self.phases.sort_unstable();
        self.phases.dedup();
    }
}

fn changes_phases(event: &obligation::Event) -> bool {
    let act = event.act();
    act.changes_standing() || matches!(act, Told::Reversed { .. })
}

fn note_id<Id: Ord + Clone>(ids: &mut BTreeSet<Id>, id: &Id) {
    if !ids.contains(id) {
        ids.insert(id.clone());
    }
}

/// What a variant is called in data.
fn word(variant: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(variant).expect("a variant without fields is a string");
    value.as_str().unwrap_or_default().to_owned()
}
