//! What a reader should know of the data behind a number: made up, told late, taken back.

use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::origin::VIETNAM;
use socai_domain::standing::Act;
use socai_store::Position;

use crate::day::Day;
use crate::image::Image;
use crate::query::Query;
use crate::scan::Scan;

/// How the facts behind a set of obligations came into the ledger, as far as they take effect by the
/// as-of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notes {
    /// Obligations counted.
    pub obligations: u64,
    /// Those of them of which something was made for a demonstration or a test.
    pub synthetic: u64,
    /// Events in their own streams.
    pub events: u64,
    /// Events recorded more than so many days after they took effect, openings not counted.
    pub back_dated: u64,
    /// Events that a later one took back.
    pub reversed: u64,
}

/// How one record came into the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// The day from which it is true.
    pub on: Date,
    /// The day on which it was taken in.
    pub recorded_on: Date,
    /// It was made for a demonstration or a test.
    pub synthetic: bool,
}

impl Note {
    /// Days from the fact to its record; negative where it takes effect later.
    pub fn days_after(&self) -> i32 {
        let span = self.on.until(self.recorded_on);
        span.expect("two dates are never too far apart").get_days()
    }
}

impl Image {
    /// How the facts behind `query` came into the ledger. Back-dated is what was recorded more than
    /// `days` days after it took effect.
    pub fn notes(&self, query: &Query, days: u16) -> Notes {
        let mut notes = Notes::default();
        let as_of = Day::of(query.as_of);
        Scan::new(self, query).each(|hit| {
            let mut synthetic = self.journal.at(hit.opened.position).synthetic();
            for (position, entry) in self.journal.stream(hit.row.last).filter(|(_, e)| e.on() <= as_of) {
                let note = self.note(Position(position.into())).expect("an entry has a position");
                synthetic |= entry.synthetic();
                notes.events += 1;
                notes.back_dated += u64::from(note.days_after() > i32::from(days));
                let taken_back = matches!(self.journal.told(position, entry).1, Act::Reversed { revision } if revision > 0);
                notes.reversed += u64::from(taken_back);
            }
            notes.obligations += 1;
            notes.synthetic += u64::from(synthetic);
        });
        notes
    }

    /// How the record at `position` came into the ledger; `None` past the end.
    pub fn note(&self, position: Position) -> Option<Note> {
        let recorded_on = self.recorded_on(position)?;
        let entry = self.journal.at(u32::try_from(position.0).ok()?);
        let on = entry.on().date().expect("a fold writes only days that are");
        Some(Note {
            on,
            recorded_on,
            synthetic: entry.synthetic(),
        })
    }

    /// A position after which the first record taken in later than `time` is to be looked for: every
    /// record up to it was taken in on an earlier day.
    pub fn known_before(&self, time: Timestamp) -> Position {
        let day = Day::of(VIETNAM.to_datetime(time).date());
        let from = self.recorded.iter().find(|(_, recorded)| *recorded >= day);
        from.map_or(self.position(), |(first, _)| {
            Position(u64::from(*first) - 1)
        })
    }
}

/// The prefix that was known at `time`: up to the first record that was taken in later.
///
/// `records` are in order, from the first one or from [`Image::known_before`] on; `before` is the
/// position before them.
pub fn known_at(
    records: impl IntoIterator<Item = (Position, Timestamp)>,
    before: Position,
    time: Timestamp,
) -> Position {
    let by_then = records
        .into_iter()
        .take_while(|(_, recorded)| *recorded <= time);
    by_then.last().map_or(before, |(position, _)| position)
}
