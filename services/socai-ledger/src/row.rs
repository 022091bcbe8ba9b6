//! One row of the table of obligations, what opened it, and what of its story does not fit.
//!
//! A row is thirty-six bytes. Most obligations have one or two phases (open, fulfilled) with one due
//! date, which stand in the row; extensions, transfers and longer stories are put aside.

use socai_domain::obligation::Kind;
use socai_domain::standing::{Confirmation, Terms};

use crate::day::Day;
use crate::digest::{Codes, Digest, Phase};

/// "None", where a number is meant.
pub(crate) const NONE: u32 = u32::MAX;

/// What one event opened: the obligations of `rows` rows from `first_row` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) kind: Kind,
    /// The requirement or the task, in `makers`.
    pub(crate) maker: u32,
    /// The period's label, in `makers`; [`NONE`] for tasks.
    pub(crate) period: u32,
    pub(crate) window: (Day, Day),
    pub(crate) document: u32,
    /// [`NONE`] where nobody is named.
    pub(crate) assigner: u32,
    pub(crate) opened: Day,
    pub(crate) due: Day,
    /// From when, and what.
    pub(crate) due_set: (Day, Day),
    pub(crate) confirmation: Confirmation,
    pub(crate) first_row: u32,
    pub(crate) rows: u32,
    /// Where the opening is recorded, and where the due date that was set later.
    pub(crate) position: u32,
    pub(crate) due_set_at: u32,
    /// What the same requirement or task opened before; [`NONE`] where nothing.
    pub(crate) previous: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Who owed it first.
    pub(crate) unit: u32,
    pub(crate) opened: u32,
    /// The due date of both phases, in both modes.
    pub(crate) due: Day,
    /// From when the second phase stands.
    pub(crate) changed: Day,
    /// The codes of both phases and, in the top bit, whether it is open in the end.
    pub(crate) bits: u32,
    /// Its place aside and 1; 0 where everything is here.
    pub(crate) aside: u32,
    /// The last event of its stream.
    pub(crate) last: u32,
    pub(crate) revision: u32,
    /// Another row whose unit owed it first.
    pub(crate) of_unit: u32,
}

const OPEN: u32 = 1 << 31;

/// Phases that stand together, in one cache line.
const NEAR: usize = 3;

/// What does not fit a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aside {
    near: [Phase; NEAR],
    /// How many of `near` are phases; none where they fit the row, or are far.
    nears: u8,
    far: Option<Box<Far>>,
}

/// What few obligations have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Far {
    /// Who took it over, from which day, by which revision of its stream.
    pub(crate) transfers: Vec<Transfer>,
    /// All its phases, where there are many.
    phases: Box<[Phase]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) revision: u32,
    pub(crate) on: Day,
    pub(crate) to: u32,
}

impl Opened {
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            opened: self
                .opened
                .date()
                .expect("a fold writes only days that are"),
            due: self.due.date(),
            due_set: self.due_set.0.date().zip(self.due_set.1.date()),
            confirmation: self.confirmation,
        }
    }
}

impl Row {
    pub(crate) fn new(unit: u32, opened: u32) -> Self {
        Self {
            unit,
            opened,
            due: Day::NONE,
            changed: Day::NONE,
            bits: 0,
            aside: 0,
            last: 0,
            revision: 0,
            of_unit: NONE,
        }
    }

    /// Neither fulfilled nor released, once everything recorded has taken effect.
    pub(crate) const fn open(&self) -> bool {
        self.bits & OPEN != 0
    }

    /// The codes that stand at the end of `day`, where the row has everything.
    #[inline]
    pub(crate) fn codes(&self, day: Day) -> Codes {
        let second = u32::from(self.changed <= day);
        Codes::from_bits(self.bits >> (second * Codes::BITS))
    }

    /// Takes in what stands. Whether it fitted.
    pub(crate) fn hold(&mut self, digest: &Digest) -> bool {
        let open = if digest.open { OPEN } else { 0 };
        let (first, last) = match digest.phases[..] {
            [only] => (
                only,
                Phase {
                    from: Day::NONE,
                    ..only
                },
            ),
            [first, last] => (first, last),
            _ => (NO_PHASE, NO_PHASE),
        };
        let one_due = [first.original, last.due, last.original]
            .iter()
            .all(|due| *due == first.due);
        let fits = digest.phases.len() <= 2 && one_due;
        let codes = first.codes.bits() | last.codes.bits() << Codes::BITS;
        (self.due, self.changed, self.bits) = (first.due, last.from, codes | open);
        fits
    }
}

/// Where phases are aside, the row has none.
const NO_PHASE: Phase = Phase {
    from: Day::NONE,
    due: Day::NONE,
    original: Day::NONE,
    codes: Codes::from_bits(0),
};

impl Default for Aside {
    fn default() -> Self {
        Self {
            near: [NO_PHASE; NEAR],
            nears: 0,
            far: None,
        }
    }
}

impl Aside {
    pub(crate) fn of_parts(transfers: Vec<Transfer>, phases: &[Phase]) -> Self {
        let mut aside = Self::default();
        if !transfers.is_empty() {
            aside.far_mut().transfers = transfers;
        }
        aside.set_phases(phases);
        aside
    }

    pub(crate) fn transfers(&self) -> &[Transfer] {
        self.far.as_ref().map_or(&[], |far| &far.transfers)
    }

    pub(crate) fn phases(&self) -> &[Phase] {
        match &self.far {
            Some(far) if !far.phases.is_empty() => &far.phases,
            _ => &self.near[..usize::from(self.nears)],
        }
    }

    pub(crate) fn far_mut(&mut self) -> &mut Far {
        self.far.get_or_insert_default()
    }

    pub(crate) fn set_phases(&mut self, phases: &[Phase]) {
        if let Some(far) = &mut self.far {
            far.phases = Box::default();
        }
        self.nears = 0;
        match self.near.get_mut(..phases.len()) {
            Some(near) => {
                near.copy_from_slice(phases);
                self.nears = u8::try_from(phases.len()).expect("few are near");
            }
            None => self.far_mut().phases = phases.into(),
        }
    }

    #[inline]
    pub(crate) fn taken_by(&self, day: Day) -> Option<&Transfer> {
        let far = self.far.as_ref()?;
        far.transfers.iter().rfind(|transfer| transfer.on <= day)
    }

    /// What stands at the end of `day`: the last phase that has begun, or the first.
    #[inline]
    pub(crate) fn phase(&self, day: Day) -> Option<&Phase> {
        let phases = self.phases();
        let begun = phases.iter().rfind(|phase| phase.from <= day);
        begun.or(phases.first())
    }

    pub(crate) fn bytes(&self) -> usize {
        let far = |far: &Far| {
            size_of::<Far>()
                + far.transfers.capacity() * size_of::<Transfer>()
                + size_of_val(&*far.phases)
        };
        size_of::<Self>() + self.far.as_deref().map_or(0, far)
    }
}
