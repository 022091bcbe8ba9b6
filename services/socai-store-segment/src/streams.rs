//! Which events belong to which stream, in memory.
//!
//! A stream costs its name, 24 bytes, and 6 to 12 in the table of names; an event
//! costs four bytes.

use std::hash::BuildHasher;
use std::sync::OnceLock;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::frame::{Flaw, Frame};
use crate::sidecar::Sidecar;

#[derive(Default)]
pub(crate) struct Streams {
    entries: Vec<State>,
    names: Vec<u8>,
    by_name: HashTable<u32>,
    /// By position: the position before it in its stream, or 0.
    previous: Vec<u32>,
    hasher: DefaultHashBuilder,
}

struct State {
    name_at: u64,
    name_bytes: u8,
    revision: u32,
    last: u32,
}

fn name<'a>(names: &'a [u8], state: &State) -> &'a [u8] {
    let at = usize::try_from(state.name_at).expect("names are in memory");
    &names[at..at + usize::from(state.name_bytes)]
}

impl Streams {
    pub(crate) fn name(&self, number: u32) -> &[u8] {
        name(&self.names, &self.entries[number as usize])
    }

    /// Fails where a stream is not where the frame says.
    pub(crate) fn expect(&self, frame: Frame<'_>) -> Result<(), Flaw> {
        let mut streams = frame.streams();
        if streams.all(|entry| self.revision(entry.name) + 1 == entry.first_revision) {
            Ok(())
        } else {
            Err(Flaw::Revision)
        }
    }

    /// The number of the stream called `name`, which it is given if it has none.
    pub(crate) fn intern(&mut self, called: &[u8]) -> u32 {
        if let Some(number) = self.find(called) {
            return number;
        }
        let number = u32::try_from(self.entries.len()).expect("at most one per record");
        self.entries.push(State {
            name_at: self.names.len() as u64,
            name_bytes: u8::try_from(called.len()).expect("a name has one byte of length"),
            revision: 0,
            last: 0,
        });
        self.names.extend_from_slice(called);
        let (hasher, entries, names) = (&self.hasher, &self.entries, &self.names);
        self.by_name
            .insert_unique(hasher.hash_one(called), number, |&number| {
                hasher.hash_one(name(names, &entries[number as usize]))
            });
        number
    }

    fn find(&self, called: &[u8]) -> Option<u32> {
        let hash = self.hasher.hash_one(called);
        let same = |&number: &u32| self.name(number) == called;
        self.by_name.find(hash, same).copied()
    }

    pub(crate) fn reserve(&mut self, records: usize) {
        self.previous.reserve(records);
    }

    /// Takes in one event, the next of `stream`.
    pub(crate) fn push(&mut self, stream: u32) {
        let position =
            u32::try_from(self.previous.len() + 1).expect("the writer keeps to RECORDS_MAX");
        let state = &mut self.entries[stream as usize];
        self.previous.push(state.last);
        (state.last, state.revision) = (position, state.revision + 1);
    }

    /// The revision of the stream called `name`.
    pub(crate) fn revision(&self, name: &str) -> u64 {
        let number = self.find(name.as_bytes());
        number.map_or(0, |number| self.entries[number as usize].revision.into())
    }

    /// The positions of a stream's revisions `from` to `to`, both included, as
    /// far as they exist, oldest first.
    pub(crate) fn positions(&self, name: &str, from: u64, to: u64) -> Vec<u64> {
        let Some(number) = self.find(name.as_bytes()) else {
            return Vec::new();
        };
        let state = &self.entries[number as usize];
        let (mut revision, mut position) = (u64::from(state.revision), state.last);
        let mut found = Vec::new();
        while position > 0 && revision >= from {
            if revision <= to {
                found.push(u64::from(position));
            }
            revision -= 1;
            position = self.previous[position as usize - 1];
        }
        found.reverse();
        found
    }
}

/// What the streams are made of once somebody asks for one. Most who only look at
/// a log never do, and to look each name up takes most of the time of opening it.
///
/// Revisions are not compared with those of the frames: whoever folds the records does.
#[derive(Default)]
pub(crate) struct Unasked {
    segments: Vec<Part>,
    made: OnceLock<Streams>,
}

/// The streams of one segment's events: of all its frames, or of its sidecar, never of both.
#[derive(Default)]
struct Part {
    /// Each after its length. One may come again.
    names: Vec<u8>,
    /// How many names there are.
    named: u32,
    /// By event: the number of its name here.
    numbers: Vec<u32>,
}

impl Unasked {
    pub(crate) fn begin_segment(&mut self) {
        self.segments.push(Part::default());
    }

    pub(crate) fn push_frame(&mut self, frame: Frame<'_>) {
        let part = self.segments.last_mut().expect("a log has a segment");
        for entry in frame.streams() {
            let bytes = u8::try_from(entry.name.len()).expect("a name has one byte of length");
            part.names.push(bytes);
            part.names.extend_from_slice(entry.name.as_bytes());
            let numbers = std::iter::repeat_n(part.named, entry.records.into());
            part.numbers.extend(numbers);
            part.named += 1;
        }
    }

    pub(crate) fn push_sidecar(&mut self, sidecar: &Sidecar<'_>) {
        let part = self.segments.last_mut().expect("a log has a segment");
        part.names.extend_from_slice(sidecar.names);
        part.numbers.extend(sidecar.numbers());
    }

    pub(crate) fn streams(&self) -> &Streams {
        self.made.get_or_init(|| {
            let mut streams = Streams::default();
            for part in &self.segments {
                let names = split_names(&part.names).expect("names were split or joined before");
                let numbers: Vec<u32> = names.iter().map(|name| streams.intern(name)).collect();
                streams.reserve(part.numbers.len());
                let events = part.numbers.iter();
                events.for_each(|number| streams.push(numbers[*number as usize]));
            }
            streams
        })
    }
}

/// Names that stand one behind the other, each after its length.
pub(crate) fn split_names(mut rest: &[u8]) -> Option<Vec<&[u8]>> {
    let mut names = Vec::new();
    while let Some((&bytes, after)) = rest.split_first() {
        let (name, after) = after.split_at_checked(usize::from(bytes))?;
        names.push(name);
        rest = after;
    }
    Some(names)
}
