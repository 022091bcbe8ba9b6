//! How often what was recorded, since the ledger began.

use std::io::{self, Write};

use socai_domain::event::{Event, EventType};
use socai_domain::obligation::{self, Kind};

use crate::fact::Fact;
use crate::image::Image;
use crate::snapshot::wire::{In, Out};

/// How often what was recorded. Nothing is ever counted out again: a reversal is an event of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCounts {
    by_type: [u64; TYPES],
    unknown: u64,
    late_flags: ByKind,
    extensions: ByKind,
}

/// How many types this program knows.
const TYPES: usize = EventType::ALL.len();

/// Of reports, and of tasks.
type ByKind = [u64; 2];

impl Default for EventCounts {
    fn default() -> Self {
        Self {
            by_type: [0; TYPES],
            unknown: 0,
            late_flags: [0; 2],
            extensions: [0; 2],
        }
    }
}

impl EventCounts {
    /// Every type that this program knows, and how many events of it there are.
    pub fn by_type(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let types = EventType::ALL.iter().map(|known| known.name());
        types.zip(self.by_type)
    }

    /// Events of types that this program does not know.
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// Late flags raised on obligations of `kind`.
    pub fn late_flags(&self, kind: Kind) -> u64 {
        self.late_flags[place(kind)]
    }

    /// Extensions granted to obligations of `kind`.
    pub fn extensions(&self, kind: Kind) -> u64 {
        self.extensions[place(kind)]
    }

    /// Counts a fact, which is about an obligation of `kind` where it is about one that is known.
    pub(crate) fn add(&mut self, fact: &Fact, kind: Option<Kind>) {
        match &fact.event {
            Some(event) => self.by_type[event.event_type() as usize] += 1,
            None => self.unknown += 1,
        }
        let (Some(Event::Obligation(event)), Some(kind)) = (&fact.event, kind) else {
            return;
        };
        if let obligation::Event::FlaggedLate { .. } = event {
            self.late_flags[place(kind)] += 1;
        }
        if let obligation::Event::Extended { .. } = event {
            self.extensions[place(kind)] += 1;
        }
    }

    pub(crate) fn write(&self, out: &mut Out<impl Write>) -> io::Result<()> {
        let all = self.by_type.iter().chain([&self.unknown]);
        let all = all.chain(&self.late_flags).chain(&self.extensions);
        all.copied().try_for_each(|count| out.u64(count))
    }

    pub(crate) fn read(parts: &mut In<'_>) -> Option<Self> {
        let mut read = Self::default();
        let all = read.by_type.iter_mut().chain([&mut read.unknown]);
        for count in all.chain(&mut read.late_flags).chain(&mut read.extensions) {
            *count = parts.u64()?;
        }
        Some(read)
    }
}

const fn place(kind: Kind) -> usize {
    match kind {
        Kind::Report => 0,
        Kind::Task => 1,
    }
}

impl Image {
    /// How often what was recorded.
    pub fn event_counts(&self) -> &EventCounts {
        &self.counted
    }
}
