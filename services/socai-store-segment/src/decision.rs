//! What an append comes to, seen from the index and from the appends before it
//! in the same group.

use hashbrown::HashMap;
use socai_store::{Append, AppendError, NewEvent, Position, Revision, StreamAppend, StreamId};
use uuid::Uuid;

use crate::frame;
use crate::index::{Index, RECORDS_MAX};
use crate::writer::{Answer, Trouble};

/// What an append comes to.
pub(crate) enum Decision {
    /// Already true, whatever becomes of the group.
    Settled(Answer),
    /// True once the group is durable.
    Awaits(Answer),
}

/// Appends that will be written as one: their frames, and what they change.
pub(crate) struct Group {
    /// The last position that is durable.
    durable: u64,
    salt: u32,
    frames: Vec<u8>,
    records: u64,
    streams: HashMap<StreamId, Pending>,
    ids: HashMap<Uuid, u64>,
}

/// What a group adds to a stream.
struct Pending {
    /// The stream's revision in the index.
    base: u64,
    positions: Vec<u64>,
}

impl Group {
    pub(crate) fn new(durable: u64, salt: u32) -> Self {
        let (streams, ids) = (HashMap::new(), HashMap::new());
        Self {
            durable,
            salt,
            frames: Vec::new(),
            records: 0,
            streams,
            ids,
        }
    }

    /// The frames to be written, one after the other.
    pub(crate) fn frames(&self) -> &[u8] {
        &self.frames
    }

    /// Decides on `append`, and adds its frame where it is to be written.
    pub(crate) fn decide(&mut self, index: &Index, append: &Append) -> Decision {
        if let Some(positions) = self.recorded_before(index, append) {
            let last = positions.iter().max().copied().unwrap_or_default();
            return self.settle(last.0, Ok(positions));
        }
        if let Err(error) = self.check(index, append) {
            return self.refuse(index, append, error);
        }
        if self.durable + self.records + append.event_count() as u64 > RECORDS_MAX {
            let full = Trouble::Refused(format!("the log is full: it has {RECORDS_MAX} records"));
            return Decision::Settled(Err(AppendError::Unavailable(full.into())));
        }
        Decision::Awaits(Ok(self.add(index, append)))
    }

    /// An answer that leans on the events up to `last`.
    fn settle(&self, last: u64, answer: Answer) -> Decision {
        if last <= self.durable {
            Decision::Settled(answer)
        } else {
            Decision::Awaits(answer)
        }
    }

    /// A refusal stands if it would stand without this group.
    fn refuse(&self, index: &Index, append: &Append, error: AppendError) -> Decision {
        let touched = append.writes.iter().map(|write| &write.stream);
        let touched = touched.chain(append.guards.iter().map(|guard| &guard.stream));
        let leans = touched
            .into_iter()
            .any(|stream| self.streams.contains_key(stream))
            || matches!(&error, AppendError::IdTaken { id } if index.position_of(id.as_bytes()).is_none());
        if leans {
            Decision::Awaits(Err(error))
        } else {
            Decision::Settled(Err(error))
        }
    }

    fn recorded_before(&self, index: &Index, append: &Append) -> Option<Vec<Position>> {
        let mut positions = Vec::new();
        for write in &append.writes {
            positions.extend(self.write_recorded_before(index, write)?);
        }
        Some(positions)
    }

    fn write_recorded_before(&self, index: &Index, write: &StreamAppend) -> Option<Vec<Position>> {
        let from = write.expected.0.saturating_add(1);
        let to = write.expected.0.saturating_add(write.events.len() as u64);
        if self.revision(index, &write.stream) < to {
            return None;
        }
        let recorded = self.positions(index, &write.stream, from, to);
        let same = recorded.iter().zip(&write.events);
        let same = same
            .into_iter()
            .all(|(position, event)| self.position_of(index, event) == Some(*position));
        same.then(|| recorded.into_iter().map(Position).collect())
    }

    fn check(&self, index: &Index, append: &Append) -> Result<(), AppendError> {
        let writes = append
            .writes
            .iter()
            .map(|write| (&write.stream, write.expected));
        let guards = append
            .guards
            .iter()
            .map(|guard| (&guard.stream, guard.expected));
        for (stream, expected) in writes.chain(guards) {
            let actual = Revision(self.revision(index, stream));
            if actual != expected {
                return Err(AppendError::Conflict {
                    stream: stream.clone(),
                    expected,
                    actual,
                });
            }
        }
        let mut events = append.writes.iter().flat_map(|write| &write.events);
        match events.find(|event| self.position_of(index, event).is_some()) {
            Some(event) => Err(AppendError::IdTaken { id: event.id }),
            None => Ok(()),
        }
    }

    fn add(&mut self, index: &Index, append: &Append) -> Vec<Position> {
        let first = self.durable + self.records + 1;
        frame::encode(&mut self.frames, append, first, self.durable, self.salt);
        let mut next = first;
        for write in &append.writes {
            let pending = self
                .streams
                .entry(write.stream.clone())
                .or_insert_with(|| Pending {
                    base: index.revision(write.stream.as_str()),
                    positions: Vec::new(),
                });
            for event in &write.events {
                pending.positions.push(next);
                self.ids.insert(event.id, next);
                next += 1;
            }
        }
        self.records += next - first;
        (first..next).map(Position).collect()
    }

    fn revision(&self, index: &Index, stream: &StreamId) -> u64 {
        match self.streams.get(stream) {
            Some(pending) => pending.base + pending.positions.len() as u64,
            None => index.revision(stream.as_str()),
        }
    }

    /// The positions of revisions `from` to `to`, which exist.
    fn positions(&self, index: &Index, stream: &StreamId, from: u64, to: u64) -> Vec<u64> {
        let mut positions = index.positions(stream.as_str(), from, to);
        if let Some(Pending {
            base,
            positions: pending,
        }) = self.streams.get(stream)
        {
            let revisions = base + 1..;
            let asked = revisions
                .zip(pending)
                .filter(|(revision, _)| (from..=to).contains(revision));
            positions.extend(asked.map(|(_, position)| *position));
        }
        positions
    }

    fn position_of(&self, index: &Index, event: &NewEvent) -> Option<u64> {
        let pending = self.ids.get(&event.id).copied();
        pending.or_else(|| index.position_of(event.id.as_bytes()))
    }
}
