//! One event in sixteen bytes: what counting and decisions need of it, and where the one before it is.
//!
//! ```text
//! | previous position of the stream | effective day 24, argument 8 | mark | kind 5, synthetic 1, actor 26 |
//! ```
//!
//! The few acts that name a day or a revision of their own have it as their argument; one that does not
//! fit eight bits is in a list beside the entries.

use jiff::ToSpan;
use jiff::civil::Date;
use socai_domain::obligation::Event;
use socai_domain::standing::{Act, Release};

use crate::chunked::Chunked;
use crate::day::Day;

/// What an event that is no act of an obligation is kept as.
const OTHER: u32 = 31;

/// A day takes the other 24 bits: the last one there is needs 23 and a sign.
const ARGUMENT_BITS: u32 = 8;
/// The argument does not fit, and is in the list.
const ELSEWHERE: u32 = (1 << ARGUMENT_BITS) - 1;

/// Accounts that fit the bits of an actor.
pub(crate) const ACTORS_MAX: usize = 1 << 26;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The stream's event before this one; 0 where this is the first.
    pub(crate) previous: u32,
    /// The effective day, and what the act names besides.
    told: u32,
    /// Tells an act from another of its sort ([`Event::mark`]).
    pub(crate) mark: u32,
    meta: u32,
}

/// Who recorded what from when, as an entry is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) previous: u32,
    pub(crate) on: Date,
    pub(crate) actor: u32,
    pub(crate) synthetic: bool,
}

/// The entries of all events, by position.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal {
    pub(crate) entries: Chunked<Entry>,
    /// What acts name besides, by position.
    pub(crate) arguments: Vec<(u32, u32)>,
}

impl Entry {
    pub(crate) const fn synthetic(self) -> bool {
        self.meta >> 5 & 1 == 1
    }

    pub(crate) const fn actor(self) -> u32 {
        self.meta >> 6
    }

    /// The effective day.
    pub(crate) const fn on(self) -> Day {
        Day::from_word((self.told.cast_signed() >> ARGUMENT_BITS).cast_unsigned())
    }

    const fn argument(self) -> u32 {
        self.told & ELSEWHERE
    }

    pub(crate) const fn words(self) -> [u32; 4] {
        [self.previous, self.told, self.mark, self.meta]
    }

    pub(crate) const fn from_words([previous, told, mark, meta]: [u32; 4]) -> Self {
        Self {
            previous,
            told,
            mark,
            meta,
        }
    }

    fn new(stamp: Stamp, kind: u32, argument: u32, mark: u32) -> Self {
        let told = Day::of(stamp.on).word() << ARGUMENT_BITS | argument;
        let meta = kind | u32::from(stamp.synthetic) << 5 | stamp.actor << 6;
        Self {
            previous: stamp.previous,
            told,
            mark,
            meta,
        }
    }
}

impl Journal {
    /// How many events there are, which is the position of the last.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn at(&self, position: u32) -> Entry {
        self.entries[position - 1]
    }

    /// Adds an event that changes no obligation, or that this program cannot read.
    pub(crate) fn push_other(&mut self, stamp: Stamp) {
        self.entries.push(Entry::new(stamp, OTHER, 0, 0));
    }

    /// Adds an act of an obligation.
    pub(crate) fn push_act(&mut self, stamp: Stamp, event: &Event) {
        let (kind, argument) = pack(event.act(), stamp.on);
        if argument >= ELSEWHERE {
            let position = u32::try_from(self.len() + 1).expect("positions are checked before");
            self.arguments.push((position, argument));
        }
        let near = argument.min(ELSEWHERE);
        self.entries
            .push(Entry::new(stamp, kind, near, event.mark()));
    }

    /// The entry at `position` and all before it in its stream, newest first.
    pub(crate) fn stream(&self, position: u32) -> impl Iterator<Item = (u32, Entry)> {
        let at = |position: u32| (position != 0).then(|| (position, self.at(position)));
        std::iter::successors(at(position), move |(_, later)| at(later.previous))
    }

    /// The day of an entry, and what it did to its obligation. What this program cannot read keeps its
    /// place among the acts and does nothing: no act has revision 0.
    pub(crate) fn told(&self, position: u32, entry: Entry) -> (Date, Act) {
        let on = entry.on().date().expect("a fold writes only days that are");
        let argument = match entry.argument() {
            ELSEWHERE => self.elsewhere(position),
            near => near,
        };
        let act = unpack(entry.meta & 31, on, argument);
        (on, act.unwrap_or(Act::Reversed { revision: 0 }))
    }

    fn elsewhere(&self, position: u32) -> u32 {
        let at = self
            .arguments
            .binary_search_by_key(&position, |(position, _)| *position);
        self.arguments[at.expect("an argument that is not near is in the list")].1
    }

    pub(crate) fn bytes(&self) -> usize {
        self.entries.bytes() + self.arguments.capacity() * size_of::<(u32, u32)>()
    }
}

/// The kind of an act, and what it names besides; a day as that many days after `on`.
fn pack(act: Act, on: Date) -> (u32, u32) {
    let after = |day: Date| {
        let days = on
            .until(day)
            .expect("two dates are never too far apart")
            .get_days();
        // Two's complement: a day before `on` is a great number, which goes into the list.
        days.cast_unsigned()
    };
    match act {
        Act::Submitted => (0, 0),
        Act::Claimed => (1, 0),
        Act::Returned { again_by: None } => (2, 0),
        Act::Returned {
            again_by: Some(day),
        } => (3, after(day)),
        Act::Accepted => (4, 0),
        Act::Confirmed => (5, 0),
        Act::Extended { due } => (6, after(due)),
        Act::Released(Release::Excused) => (7, 0),
        Act::Released(Release::Cancelled) => (8, 0),
        Act::Transferred => (9, 0),
        // A stream of more than four billion events is not in this ledger: nothing is reversed.
        Act::Reversed { revision } => (10, u32::try_from(revision).unwrap_or(0)),
        // Late flags are many, and take effect the day after.
        Act::FlaggedLate { due } if due.tomorrow().ok() == Some(on) => (11, 0),
        Act::FlaggedLate { due } => (12, after(due)),
        Act::Received => (13, 0),
        Act::Forwarded => (14, 0),
        Act::Acknowledged => (15, 0),
        Act::Progressed => (16, 0),
        Act::Reminded => (17, 0),
        Act::Escalated => (18, 0),
        Act::ExplanationRequested => (19, 0),
        Act::Explained => (20, 0),
    }
}

fn unpack(kind: u32, on: Date, argument: u32) -> Option<Act> {
    let day = || {
        on.checked_add(i64::from(argument.cast_signed()).days())
            .ok()
    };
    Some(match kind {
        0 => Act::Submitted,
        1 => Act::Claimed,
        2 => Act::Returned { again_by: None },
        3 => Act::Returned {
            again_by: Some(day()?),
        },
        4 => Act::Accepted,
        5 => Act::Confirmed,
        6 => Act::Extended { due: day()? },
        7 => Act::Released(Release::Excused),
        8 => Act::Released(Release::Cancelled),
        9 => Act::Transferred,
        10 => Act::Reversed {
            revision: argument.into(),
        },
        11 => Act::FlaggedLate {
            due: on.yesterday().ok()?,
        },
        12 => Act::FlaggedLate { due: day()? },
        13 => Act::Received,
        14 => Act::Forwarded,
        15 => Act::Acknowledged,
        16 => Act::Progressed,
        17 => Act::Reminded,
        18 => Act::Escalated,
        19 => Act::ExplanationRequested,
        20 => Act::Explained,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_act_fits_and_comes_back() {
        let day = date(2019, 3, 31);
        let acts = [
            Act::Submitted,
            Act::Claimed,
            Act::Returned { again_by: None },
            Act::Returned {
                again_by: Some(day),
            },
            Act::Accepted,
            Act::Confirmed,
            Act::Extended { due: day },
            Act::Released(Release::Excused),
            Act::Released(Release::Cancelled),
            Act::Transferred,
            Act::Reversed { revision: 7 },
            Act::FlaggedLate { due: day },
            Act::FlaggedLate {
                due: date(2019, 4, 1),
            },
            Act::Received,
            Act::Forwarded,
            Act::Acknowledged,
            Act::Progressed,
            Act::Reminded,
            Act::Escalated,
            Act::ExplanationRequested,
            Act::Explained,
        ];
        assert_eq!(16, size_of::<Entry>());
        for on in [date(2019, 4, 1), date(1999, 1, 1), Date::MIN, Date::MAX] {
            for act in acts {
                let (kind, argument) = pack(act, on);
                assert_eq!(Some(act), unpack(kind, on, argument), "{on}");
            }
        }
    }

    #[test]
    fn an_argument_is_near_or_in_the_list() {
        let on = date(2019, 4, 1);
        let stamp = Stamp {
            previous: 0,
            on,
            actor: 3,
            synthetic: false,
        };
        let mut journal = Journal::default();
        let days = [-1, 0, 30, 254, 255, 9_000];
        for days in days {
            let due = on + i64::from(days).days();
            journal.push_act(stamp, &Event::FlaggedLate { due });
        }
        for (position, days) in (1..).zip(days) {
            let (told, act) = journal.told(position, journal.at(position));
            assert_eq!(
                (
                    on,
                    Act::FlaggedLate {
                        due: on + i64::from(days).days()
                    }
                ),
                (told, act)
            );
        }
        assert_eq!(vec![(5, 255), (6, 9_000)], journal.arguments);
    }

    #[test]
    fn what_cannot_be_read_keeps_its_place_and_does_nothing() {
        let (on, actor) = (date(2019, 4, 1), (1 << 26) - 1);
        let mut journal = Journal::default();
        journal.push_other(Stamp {
            previous: 0,
            on,
            actor,
            synthetic: true,
        });
        let entry = Entry::from_words(journal.at(1).words());
        assert_eq!((on, Act::Reversed { revision: 0 }), journal.told(1, entry));
        assert_eq!((true, actor), (entry.synthetic(), entry.actor()));
    }
}
