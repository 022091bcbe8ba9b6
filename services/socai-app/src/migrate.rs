//! One ledger's records into another store: the same bytes at the same positions.
//!
//! What the target holds already must be the beginning of the source, byte for byte; then the rest is
//! appended in order. So a migration that was interrupted is run again and goes on where it stopped, and
//! one that runs beside a ledger in use is run once more at the end, for what came in the meantime.

use std::collections::HashSet;
use std::num::NonZeroU32;

use socai_store::{
    Append, AppendError, BATCH_BYTES_MAX, BATCH_EVENTS_MAX, EventStore, NewEvent, Position,
    ReadError, Recorded, Revision, StreamAppend, StreamId, envelope,
};
use socai_tlog::{Edge, Hash};

pub mod checkpoints;

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// What a migration came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Records that the target had already.
    pub there: u64,
    /// Records that were brought.
    pub brought: u64,
    /// Where both ledgers end now.
    pub end: Position,
    /// The root of the tree over their records, read back from the target: what a checkpoint of this size signs.
    pub root: Hash,
}

/// What is being done, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// What the target holds is held against the source, up to this position.
    Compared(u64),
    /// Records are durable in the target, up to this position.
    Brought(u64),
    /// What the target holds now is read back, up to this position.
    ReadBack(u64),
}

/// Why a migration stopped. What was brought by then stays, and running it again goes on.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The target's history is another one.
    #[error("the target is another ledger: at position {position} its record is not the source's")]
    NotAPrefix {
        /// The first position at which they differ.
        position: Position,
    },
    /// The target goes on where the source ends.
    #[error("the target is longer: it has {target} records, and the source ends at {source_end}")]
    Longer {
        /// Where the target ends.
        target: Position,
        /// Where the source ends.
        source_end: Position,
    },
    /// Something else writes into the target.
    #[error(
        "something else writes into the target: what belongs at position {expected} came to {found}"
    )]
    Disturbed {
        /// Where it belongs.
        expected: Position,
        /// Where it stands.
        found: Position,
    },
    /// A record does not say what it is about; the source is damaged, or no ledger of this program.
    #[error("position {position}: {problem}")]
    Unreadable {
        /// Where it is.
        position: Position,
        /// What is wrong with it.
        problem: String,
    },
    /// What was read back is not what was read from the source.
    #[error("what the target holds is not what the source holds, up to position {position}")]
    ReadBackDiffers {
        /// Where both end.
        position: Position,
    },
    /// One of the two cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record is missing.
    #[error("position {expected} is missing: the record after it is at {found}")]
    Gap {
        /// What was to follow.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// The target did not take it.
    #[error("the target did not take the records from position {from} on")]
    Append {
        /// The first position of the append.
        from: Position,
        /// Why.
        #[source]
        source: AppendError,
    },
}

/// Brings every record of `from` that `to` does not have yet, and reads back what it holds then.
///
/// # Errors
///
/// [`MigrateError`].
pub async fn migrate(
    from: &dyn EventStore,
    to: &dyn EventStore,
    mut progress: impl FnMut(Progress),
) -> Result<Migrated, MigrateError> {
    let (target, source_end) = (to.head().await?, from.head().await?);
    if target > source_end {
        return Err(MigrateError::Longer { target, source_end });
    }
    let mut seen = Seen::default();
    compare(from, to, target, &mut seen, &mut progress).await?;
    bring(from, to, &mut seen, source_end, &mut progress).await?;
    let found = read_back(to, seen.at(), &mut progress).await?;
    let root = found.root();
    if found.at() != seen.at() || root != seen.root() {
        return Err(MigrateError::ReadBackDiffers {
            position: seen.at(),
        });
    }
    Ok(Migrated {
        there: target.0,
        brought: seen.at().0 - target.0,
        end: seen.at(),
        root,
    })
}

/// Brings the records of `from` up to `until`, none of which is read back. `beginning` is the tree of records that both
/// are known to begin with; what `to` has besides is compared.
///
/// # Errors
///
/// [`MigrateError`].
pub(crate) async fn bring_after(
    from: &dyn EventStore,
    to: &dyn EventStore,
    beginning: Edge,
    until: Position,
    mut progress: impl FnMut(Progress),
) -> Result<(), MigrateError> {
    let (target, source_end) = (to.head().await?, from.head().await?);
    if target > source_end {
        return Err(MigrateError::Longer { target, source_end });
    }
    let mut seen = Seen(beginning);
    compare(from, to, target, &mut seen, &mut progress).await?;
    bring(from, to, &mut seen, until, &mut progress).await
}

/// A ledger as far as it was read.
#[derive(Default)]
struct Seen(Edge);

impl Seen {
    fn push(&mut self, recorded: &Recorded) -> Result<(), MigrateError> {
        let (expected, found) = (self.0.size() + 1, recorded.position.0);
        if expected != found {
            return Err(MigrateError::Gap { expected, found });
        }
        self.0.push(Hash::of_leaf(&recorded.bytes));
        // Nobody keeps its tiles here.
        self.0.take_full();
        Ok(())
    }

    fn at(&self) -> Position {
        Position(self.0.size())
    }

    fn root(&self) -> Hash {
        self.0.root()
    }
}

async fn compare(
    from: &dyn EventStore,
    to: &dyn EventStore,
    until: Position,
    seen: &mut Seen,
    progress: &mut impl FnMut(Progress),
) -> Result<(), MigrateError> {
    while seen.at() < until {
        let limit = chunk(seen.at(), until);
        let (ours, theirs) = (
            from.read_all(seen.at(), limit).await?,
            to.read_all(seen.at(), limit).await?,
        );
        let differ = ours.iter().zip(&theirs).find(|(one, other)| one != other);
        if let Some((one, _)) = differ {
            return Err(MigrateError::NotAPrefix {
                position: one.position,
            });
        }
        let both = ours.len().min(theirs.len());
        for recorded in &ours[..both] {
            seen.push(recorded)?;
        }
        progress(Progress::Compared(seen.at().0));
    }
    Ok(())
}

/// As many as a chunk has, and none past `until`.
fn chunk(after: Position, until: Position) -> NonZeroU32 {
    let left = u32::try_from(until.0.saturating_sub(after.0)).unwrap_or(u32::MAX);
    NonZeroU32::new(left).map_or(CHUNK, |left| left.min(CHUNK))
}

/// Appends one after another: of several under way at once a store may take a later one first, and a target
/// in another order can never be mended.
async fn bring(
    from: &dyn EventStore,
    to: &dyn EventStore,
    seen: &mut Seen,
    until: Position,
    progress: &mut impl FnMut(Progress),
) -> Result<(), MigrateError> {
    let mut draft = Draft::after(seen.at());
    while seen.at() < until {
        for recorded in from.read_all(seen.at(), chunk(seen.at(), until)).await? {
            seen.push(&recorded)?;
            let (stream, expected, event) = event(&recorded)?;
            if !draft.has_room_for(&stream, &event) {
                draft.append(to, progress).await?;
            }
            draft.add(stream, expected, event);
        }
    }
    draft.append(to, progress).await
}

async fn read_back(
    to: &dyn EventStore,
    until: Position,
    progress: &mut impl FnMut(Progress),
) -> Result<Seen, MigrateError> {
    let mut found = Seen::default();
    while found.at() < until {
        for recorded in to.read_all(found.at(), chunk(found.at(), until)).await? {
            found.push(&recorded)?;
        }
        progress(Progress::ReadBack(found.at().0));
    }
    Ok(found)
}

/// The stream of a record, the revision before it, and the record as it is to be appended.
fn event(recorded: &Recorded) -> Result<(StreamId, Revision, NewEvent), MigrateError> {
    let position = recorded.position;
    let unreadable = |problem: String| MigrateError::Unreadable { position, problem };
    let record = envelope::parse(&recorded.bytes).map_err(|error| unreadable(error.to_string()))?;
    let stream = StreamId::parse(&record.subject).map_err(|error| unreadable(error.to_string()))?;
    let Some(before) = record.revision.0.checked_sub(1) else {
        return Err(unreadable("its revision is 0".to_owned()));
    };
    let event = NewEvent {
        id: record.id,
        bytes: recorded.bytes.clone(),
    };
    Ok((stream, Revision(before), event))
}

/// An append being put together: consecutive records, as far as one append can hold them in their order.
struct Draft {
    after: Position,
    append: Append,
    streams: HashSet<StreamId>,
    events: usize,
    bytes: usize,
}

impl Draft {
    fn after(after: Position) -> Self {
        Self {
            after,
            append: Append::default(),
            streams: HashSet::new(),
            events: 0,
            bytes: 0,
        }
    }

    /// The events of one stream stand together in an append.
    fn has_room_for(&self, stream: &StreamId, event: &NewEvent) -> bool {
        let last = self.append.writes.last().map(|write| &write.stream);
        self.events < BATCH_EVENTS_MAX
            && self.bytes + event.bytes.len() <= BATCH_BYTES_MAX
            && (last == Some(stream) || !self.streams.contains(stream))
    }

    fn add(&mut self, stream: StreamId, expected: Revision, event: NewEvent) {
        self.events += 1;
        self.bytes += event.bytes.len();
        if self.streams.insert(stream.clone()) {
            let events = vec![event];
            self.append.writes.push(StreamAppend {
                stream,
                expected,
                events,
            });
        } else {
            let last = self.append.writes.last_mut();
            last.expect("a stream that is named was written last")
                .events
                .push(event);
        }
    }

    /// Appends what was put together, and begins anew after it.
    async fn append(
        &mut self,
        to: &dyn EventStore,
        progress: &mut impl FnMut(Progress),
    ) -> Result<(), MigrateError> {
        if self.events == 0 {
            return Ok(());
        }
        let from = self.after.plus(1);
        let next = Self::after(self.after.plus(self.events as u64));
        let Self { append, .. } = std::mem::replace(self, next);
        let given = to.append(append).await;
        let given = given.map_err(|source| MigrateError::Append { from, source })?;
        for (expected, found) in (from.0..).map(Position).zip(given) {
            if expected != found {
                return Err(MigrateError::Disturbed { expected, found });
            }
        }
        progress(Progress::Brought(self.after.0));
        Ok(())
    }
}
