//! Where everything is, in memory: filled from the headers of the stream's messages.
//!
//! An event costs 20 bytes in arrays and 6 to 12 in the table of ids; a stream costs its name, 24 bytes,
//! and 6 to 12 in the table of names.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use uuid::Uuid;

use crate::error::Flaw;

/// Records in one ledger, at most: positions are kept in 32 bits.
pub(crate) const RECORDS_MAX: u64 = u32::MAX as u64;

/// Tables of ids. Each grows on its own, so that no append waits for all of them.
const SHARDS: usize = 64;

#[derive(Default)]
pub(crate) struct Index {
    /// By position.
    ids: Vec<[u8; 16]>,
    /// By position: the position before it in its stream, or 0.
    previous: Vec<u32>,
    by_id: Vec<HashTable<u32>>,
    streams: Vec<Stream>,
    names: Vec<u8>,
    by_name: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

struct Stream {
    name_at: u64,
    name_bytes: u8,
    revision: u32,
    last: u32,
}

impl Index {
    /// The last position that is known.
    pub(crate) fn head(&self) -> u64 {
        self.ids.len() as u64
    }

    /// Takes in the next event, which says that it is `revision` of the stream called `name`.
    ///
    /// # Errors
    ///
    /// Where another revision must follow; nothing is taken in.
    pub(crate) fn push(&mut self, name: &str, id: Uuid, revision: u64) -> Result<(), Flaw> {
        let expected = self.revision(name) + 1;
        if revision != expected {
            return Err(Flaw::Revision {
                found: revision,
                expected,
            });
        }
        let position = u32::try_from(self.ids.len() + 1).map_err(|_| Flaw::Full)?;
        let number = self.intern(name);
        let stream = &mut self.streams[number as usize];
        self.previous.push(stream.last);
        (stream.last, stream.revision) = (position, stream.revision + 1);
        self.ids.push(*id.as_bytes());
        self.insert_id(id, position);
        Ok(())
    }

    /// Two processes that give one id to two events at the same moment both succeed: nothing on the
    /// server compares ids. The first keeps it.
    fn insert_id(&mut self, id: Uuid, position: u32) {
        if self.position_of(id).is_some() {
            tracing::error!(%id, position, "an event id was recorded twice: two programs gave the same id");
            return;
        }
        if self.by_id.is_empty() {
            self.by_id.resize_with(SHARDS, HashTable::new);
        }
        let hash = self.hasher.hash_one(id.as_bytes());
        let (ids, hasher) = (&self.ids, &self.hasher);
        self.by_id[shard(hash)].insert_unique(hash, position, |&position| {
            hasher.hash_one(ids[position as usize - 1])
        });
    }

    fn intern(&mut self, name: &str) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let number = u32::try_from(self.streams.len()).expect("at most one per record");
        self.streams.push(Stream {
            name_at: self.names.len() as u64,
            name_bytes: u8::try_from(name.len()).expect("a stream's name has at most 200 bytes"),
            revision: 0,
            last: 0,
        });
        self.names.extend_from_slice(name.as_bytes());
        let (hasher, streams, names) = (&self.hasher, &self.streams, &self.names);
        let hash = hasher.hash_one(name.as_bytes());
        self.by_name.insert_unique(hash, number, |&number| {
            hasher.hash_one(streams[number as usize].name(names))
        });
        number
    }

    fn find(&self, name: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(name.as_bytes());
        let same =
            |&number: &u32| self.streams[number as usize].name(&self.names) == name.as_bytes();
        self.by_name.find(hash, same).copied()
    }

    fn stream(&self, name: &str) -> Option<&Stream> {
        self.find(name).map(|number| &self.streams[number as usize])
    }

    /// Where the event with this id is.
    pub(crate) fn position_of(&self, id: Uuid) -> Option<u64> {
        let hash = self.hasher.hash_one(id.as_bytes());
        let table = self.by_id.get(shard(hash))?;
        let same = |&position: &u32| self.ids[position as usize - 1] == *id.as_bytes();
        table.find(hash, same).map(|&position| u64::from(position))
    }

    /// The id of the event at `position`.
    pub(crate) fn id_at(&self, position: u64) -> Option<Uuid> {
        let index = usize::try_from(position.checked_sub(1)?).ok()?;
        self.ids.get(index).map(|id| Uuid::from_bytes(*id))
    }

    /// The revision of the stream called `name`.
    pub(crate) fn revision(&self, name: &str) -> u64 {
        self.stream(name)
            .map_or(0, |stream| u64::from(stream.revision))
    }

    /// The position of the last event of the stream called `name`, 0 if there is none.
    pub(crate) fn last(&self, name: &str) -> u64 {
        self.stream(name).map_or(0, |stream| u64::from(stream.last))
    }

    /// The positions of a stream's revisions `from` to `to`, both included, as far as they exist,
    /// oldest first.
    pub(crate) fn positions(&self, name: &str, from: u64, to: u64) -> Vec<u64> {
        let Some(stream) = self.stream(name) else {
            return Vec::new();
        };
        let (mut revision, mut position) = (u64::from(stream.revision), stream.last);
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

impl Stream {
    fn name<'a>(&self, names: &'a [u8]) -> &'a [u8] {
        let at = usize::try_from(self.name_at).expect("names are in memory");
        &names[at..at + usize::from(self.name_bytes)]
    }
}

fn shard(hash: u64) -> usize {
    // The table itself uses the lowest and the highest bits.
    (hash >> 40) as usize % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_knows_streams_and_ids() {
        let mut index = Index::default();
        for (stream, id, revision) in [("a.1", 1, 1), ("a.2", 2, 1), ("a.1", 3, 2)] {
            index.push(stream, Uuid::from_u128(id), revision).unwrap();
        }
        assert_eq!(
            (3, 2, 3),
            (index.head(), index.revision("a.1"), index.last("a.1"))
        );
        assert_eq!(vec![1, 3], index.positions("a.1", 1, 9));
        assert_eq!(vec![3], index.positions("a.1", 2, 2));
        assert_eq!(Some(2), index.position_of(Uuid::from_u128(2)));
        assert_eq!(
            (None, Some(Uuid::from_u128(3))),
            (index.id_at(0), index.id_at(3))
        );
    }

    #[test]
    fn a_revision_that_does_not_follow_is_a_flaw() {
        let mut index = Index::default();
        let flaw = index.push("a.1", Uuid::nil(), 2).unwrap_err();
        assert_eq!(
            Flaw::Revision {
                found: 2,
                expected: 1
            },
            flaw
        );
        assert_eq!(0, index.head());
    }

    #[test]
    fn an_id_recorded_twice_stays_with_the_first() {
        let mut index = Index::default();
        index.push("a.1", Uuid::nil(), 1).unwrap();
        index.push("a.2", Uuid::nil(), 1).unwrap();
        assert_eq!((Some(1), 2), (index.position_of(Uuid::nil()), index.head()));
    }
}
