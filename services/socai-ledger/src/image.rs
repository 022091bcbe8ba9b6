//! The state of a ledger at a position, and the fold that makes it.
//!
//! The fold is a function of the records: no clock, no order but theirs, the same state and the same
//! snapshot bytes for the same prefix, whether it was folded at once or in pieces.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::event::Event;
use socai_domain::id::{ObligationId, TaskId, UnitId};
use socai_domain::obligation::{self, Kind, Obligation};
use socai_domain::opening::Opening;
use socai_domain::origin::Obligations;
use socai_domain::registry::{Misfit, Registry};
use socai_domain::standing::Act;
use socai_domain::subject::Subject;
use socai_domain::task;
use socai_store::Position;

use crate::day::Day;
use crate::entry::{ACTORS_MAX, Journal, Stamp};
use crate::event_counts::EventCounts;
use crate::fact::{About, Fact, Unreadable};
use crate::table::Table;

/// Positions that an image can hold, some four billion.
pub const POSITION_MAX: u64 = u32::MAX as u64 - 1;

/// Everything that the ledger says, up to a position.
#[derive(Debug, Clone, Default)]
pub struct Image {
    pub(crate) registry: Registry,
    pub(crate) table: Table,
    /// By position, from 1.
    pub(crate) journal: Journal,
    /// Streams other than those of known obligations, by name.
    pub(crate) streams: BTreeMap<Box<str>, Stream>,
    /// The days of recording, each with the first position recorded on it.
    pub(crate) recorded: Vec<(u32, Day)>,
    pub(crate) last_recorded: Option<Timestamp>,
    pub(crate) counted: EventCounts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stream {
    pub(crate) revision: u32,
    pub(crate) last: u32,
}

/// Bytes of the heap that an image holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// For obligations.
    pub obligations: usize,
    /// For events.
    pub events: usize,
}

/// Why a record cannot be folded. The records up to it were.
///
/// After anything but [`FoldError::Unreadable`], [`FoldError::Gap`] or [`FoldError::RevisionGap`] the
/// image has taken in a part of the record: make it anew.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// The record does not read.
    #[error("position {position}: {source}")]
    Unreadable {
        /// Where it is.
        position: Position,
        /// What is wrong with it.
        source: Unreadable,
    },
    /// The store left out or repeated a record.
    #[error("position {expected} is missing: the record after position {} is at {found}", expected.0 - 1)]
    Gap {
        /// The position that has to follow.
        expected: Position,
        /// The position that came.
        found: Position,
    },
    /// The stream left out or repeated an event.
    #[error(
        "position {position}: revision {expected} of {stream} is missing: the record says {found}"
    )]
    RevisionGap {
        /// Where it is.
        position: Position,
        /// The stream.
        stream: String,
        /// The revision that has to follow.
        expected: u64,
        /// The revision that came.
        found: u64,
    },
    /// The event cannot follow from what is there.
    #[error("position {position}: {source}")]
    Misfit {
        /// Where it is.
        position: Position,
        /// What it is about.
        source: Misfit,
    },
    /// An obligation is opened twice, or cannot be named.
    #[error(
        "position {position}: the obligation {obligation} cannot be opened: it is there, or the id is too long"
    )]
    NotOpened {
        /// Where it is.
        position: Position,
        /// Its id.
        obligation: String,
    },
    /// There are more records or accounts than an image can hold.
    #[error(
        "position {position}: an image holds no more than {POSITION_MAX} records and {ACTORS_MAX} accounts"
    )]
    Full {
        /// Where it is.
        position: Position,
    },
}

impl Image {
    /// An image of no records.
    pub fn new() -> Self {
        Self::default()
    }

    /// The position of the last record folded; every answer is true at it.
    pub fn position(&self) -> Position {
        Position(self.journal.len() as u64)
    }

    /// The latest time at which a record was taken in.
    pub fn last_recorded(&self) -> Option<Timestamp> {
        self.last_recorded
    }

    /// Everything but obligations.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How many obligations there are.
    pub fn obligation_count(&self) -> usize {
        self.table.rows.len()
    }

    /// Bytes that the obligations and what opened them hold, and bytes that the events hold. The
    /// registry is not counted.
    pub fn memory(&self) -> Memory {
        Memory {
            obligations: self.table.bytes(),
            events: self.journal.bytes(),
        }
    }

    /// The revision of the stream called `stream`, such as `unit.hn-snv`: what an append expects.
    pub fn revision(&self, stream: &str) -> u64 {
        let row = stream
            .strip_prefix("obligation.")
            .and_then(|id| self.table.find(id));
        let revision = match row {
            Some(row) => self.table.rows[row].revision,
            None => self.streams.get(stream).map_or(0, |stream| stream.revision),
        };
        revision.into()
    }

    /// Tells the image one more fact.
    ///
    /// # Errors
    ///
    /// [`FoldError`]; the position stays where it was.
    pub fn fold(&mut self, fact: &Fact) -> Result<(), FoldError> {
        let place = self.check(fact)?;
        let actor = self.table.accounts.number(fact.actor.as_str());
        let (on, synthetic) = (fact.on, fact.synthetic);
        let stamp = Stamp {
            previous: place.last,
            on,
            actor,
            synthetic,
        };
        match (&fact.about, &fact.event, place.row) {
            (About::Known(_), Some(Event::Obligation(event)), Some(_)) => {
                self.journal.push_act(stamp, event);
            }
            (About::Known(subject), Some(event), _) => {
                self.tell(fact, place.position, subject, event)?;
                self.journal.push_other(stamp);
            }
            (_, None, _) | (About::Unknown(_), Some(_), _) => self.journal.push_other(stamp),
        }
        self.advance(fact, &place);
        let kind = place.row.map(|row| self.table.kind(row));
        self.counted.add(fact, kind);
        self.recorded_at(fact, place.position);
        Ok(())
    }

    fn check(&self, fact: &Fact) -> Result<Place, FoldError> {
        let expected = self.position().plus(1);
        if fact.position != expected {
            return Err(FoldError::Gap {
                expected,
                found: fact.position,
            });
        }
        let position = fact.position;
        let number = u32::try_from(position.0)
            .ok()
            .filter(|_| position.0 <= POSITION_MAX);
        let number = number.filter(|_| self.table.accounts.len() < ACTORS_MAX);
        let number = number.ok_or(FoldError::Full { position })?;
        let place = self.place(fact, number);
        let expected = u64::from(place.revision) + 1;
        if fact.revision != expected {
            let (stream, found) = (fact.about.to_string(), fact.revision);
            return Err(FoldError::RevisionGap {
                position,
                stream,
                expected,
                found,
            });
        }
        Ok(place)
    }

    fn place(&self, fact: &Fact, position: u32) -> Place {
        let row = match &fact.about {
            About::Known(Subject::Obligation(id)) => self.table.find(id.as_str()),
            _ => None,
        };
        let (revision, last) = match row {
            Some(row) => {
                let row = &self.table.rows[row];
                (row.revision, row.last)
            }
            None => {
                let stream = self.streams.get(fact.about.to_string().as_str());
                stream.map_or((0, 0), |stream| (stream.revision, stream.last))
            }
        };
        Place {
            position,
            row,
            revision,
            last,
        }
    }

    /// Tells the registry, and opens what the event opens.
    fn tell(
        &mut self,
        fact: &Fact,
        at: u32,
        subject: &Subject,
        event: &Event,
    ) -> Result<(), FoldError> {
        let position = fact.position;
        let misfit = |source| FoldError::Misfit { position, source };
        if let Subject::Obligation(_) = subject {
            let subject = subject.to_string();
            return Err(misfit(Misfit { subject }));
        }
        self.registry
            .fold(subject, fact.on, event)
            .map_err(misfit)?;
        if let Some(opening) = Opening::of(subject, fact.on, event, &self.registry) {
            let hashes = self.table.can_open(&opening);
            let hashes = hashes.map_err(|obligation| FoldError::NotOpened {
                position,
                obligation,
            })?;
            self.table.open(&opening, &hashes, at);
        }
        match (subject, event) {
            (Subject::Task(task), Event::Task(task::Event::DueSet { due, .. })) => {
                let due = (Day::of(fact.on), Day::of(*due));
                self.table.set_due(&self.journal, task.as_str(), due, at);
            }
            (Subject::Unit(unit), _) => {
                self.table.unit_number(unit);
            }
            _ => {}
        }
        Ok(())
    }

    fn advance(&mut self, fact: &Fact, place: &Place) {
        let Some(row) = place.row else {
            let stream = Stream {
                revision: place.revision + 1,
                last: place.position,
            };
            self.streams
                .insert(fact.about.to_string().into_boxed_str(), stream);
            return;
        };
        self.table.advance(row, place.position);
        let Some(Event::Obligation(event)) = &fact.event else {
            return;
        };
        match event {
            obligation::Event::Transferred { to, .. } => {
                self.table.transfer(row, Day::of(fact.on), to);
            }
            obligation::Event::Reversed { revision, .. } => self.table.untransfer(row, *revision),
            _ => {}
        }
        let act = event.act();
        if act.changes_standing() || matches!(act, Act::Reversed { .. }) {
            self.table.judge(&self.journal, row);
        }
    }

    fn recorded_at(&mut self, fact: &Fact, position: u32) {
        let day = Day::of(fact.recorded_on());
        if self.recorded.last().is_none_or(|(_, last)| *last != day) {
            self.recorded.push((position, day));
        }
        self.last_recorded = self.last_recorded.max(Some(fact.recorded));
    }

    /// The day on which the ledger took in the record at `position`.
    pub fn recorded_on(&self, position: Position) -> Option<Date> {
        let position = u32::try_from(position.0)
            .ok()
            .filter(|_| position <= self.position())?;
        let after = self
            .recorded
            .partition_point(|(first, _)| *first <= position);
        self.recorded.get(after.checked_sub(1)?)?.1.date()
    }
}

/// Where a fact comes: its position, and the stream before it.
struct Place {
    position: u32,
    /// The row, where it is the stream of a known obligation.
    row: Option<u32>,
    revision: u32,
    last: u32,
}

impl Obligations for Image {
    fn obligation(&self, id: &ObligationId) -> Option<Obligation> {
        let row = self.table.find(id.as_str())?;
        Some(self.table.obligation(&self.journal, row))
    }

    fn open_of(&self, unit: &UnitId) -> Vec<ObligationId> {
        let number = self.table.units.find(unit.as_str());
        let open = |at: &u32| {
            let row = &self.table.rows[*at];
            row.open() && Some(self.table.owner(row, Day::NONE)) == number
        };
        let rows = self.table.owed(unit.as_str()).into_iter().filter(open);
        let mut ids: Vec<ObligationId> = rows.map(|row| self.table.id(row)).collect();
        ids.sort_unstable();
        ids
    }

    fn of_task(&self, task: &TaskId) -> Vec<ObligationId> {
        let made = self.table.made(task.as_str(), Kind::Task);
        let rows = made.flat_map(|opened| opened.first_row..opened.first_row + opened.rows);
        let mut ids: Vec<ObligationId> = rows.map(|at| self.table.id(at)).collect();
        ids.sort_unstable();
        ids
    }

    fn has(&self, id: &ObligationId) -> bool {
        self.table.find(id.as_str()).is_some()
    }
}
