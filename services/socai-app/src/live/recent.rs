//! Commands recorded lately, by their ids: whoever asks again is answered, and nothing is recorded twice.
//!
//! Everything is read from the log itself, so that another process and one that was started again know it too.
//! Deliberately absent: commands that were refused or changed nothing. They left no record, and are decided again.

use std::collections::HashMap;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use socai_domain::refusal::Refused;
use socai_ledger::image::Image;
use socai_store::envelope::{self, Envelope};
use socai_store::{BATCH_EVENTS_MAX, EventStore, Position, ReadError, Recorded};
use uuid::Uuid;

use crate::compose::Said;
use crate::ledger::{Outcome, Written};

/// How long a command is remembered for, by the times of the records, where it is not one of too many.
pub const REMEMBERED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// As many commands, or the records of as many, are remembered at least where more came within that time.
pub const REMEMBERED_MAX: u32 = 1 << 19;

/// Records read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(8_192).expect("not zero");

/// Where the records of commands are. The elder half is forgotten as a whole.
#[derive(Debug)]
pub(super) struct Recent {
    younger: HashMap<Uuid, Place>,
    elder: HashMap<Uuid, Place>,
    /// When the first of the younger ones was recorded.
    since: Timestamp,
}

/// The positions among which a command's events are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    first: Position,
    last: Position,
}

impl Recent {
    /// Reads what was recorded lately, up to where `image` stands.
    pub(super) async fn read(store: &dyn EventStore, image: &Image) -> Result<Self, ReadError> {
        let last = image.last_recorded().unwrap_or(Timestamp::UNIX_EPOCH);
        let day_before = last.checked_sub(REMEMBERED_FOR).unwrap_or(Timestamp::MIN);
        let few = image.position().0.saturating_sub(REMEMBERED_MAX.into());
        let mut at = image.known_before(day_before).max(Position(few));
        let mut recent = Self {
            younger: HashMap::new(),
            elder: HashMap::new(),
            since: day_before,
        };
        while at < image.position() {
            let records = store.read_all(at, CHUNK).await?;
            let Some(end) = records.last() else { break };
            at = end.position;
            let known = |record: &&Recorded| record.position <= image.position();
            records
                .iter()
                .filter(known)
                .for_each(|record| recent.note(record));
        }
        Ok(recent)
    }

    /// Takes down the command of a record.
    pub(super) fn note(&mut self, record: &Recorded) {
        let Ok(read) = envelope::parse(&record.bytes) else {
            // The fold of the same record says what is wrong with it.
            return;
        };
        let full = self.younger.len() >= REMEMBERED_MAX as usize;
        if full || read.recorded_time.duration_since(self.since) > REMEMBERED_FOR {
            self.elder = std::mem::take(&mut self.younger);
            self.since = read.recorded_time;
        }
        let (first, last) = (record.position, record.position);
        let place = self.younger.entry(read.correlation_id);
        let place = place.or_insert(Place { first, last });
        // Further away it is another append: whoever owns the files may give an id again.
        if last.0 - place.first.0 < BATCH_EVENTS_MAX as u64 {
            place.last = last;
        }
    }

    pub(super) fn find(&self, command: Uuid) -> Option<Place> {
        let found = self.younger.get(&command);
        found.or_else(|| self.elder.get(&command)).copied()
    }
}

impl Place {
    /// What was recorded there under `command`.
    pub(super) async fn records(
        self,
        store: &dyn EventStore,
        command: Uuid,
    ) -> Result<Vec<Recorded>, ReadError> {
        let count = self.last.0 - self.first.0 + 1;
        let count = u32::try_from(count).ok().and_then(NonZeroU32::new);
        let count = count.expect("one append is at most some records");
        let mut records = store.read_all(Position(self.first.0 - 1), count).await?;
        records.retain(|record| folded(record).correlation_id == command);
        Ok(records)
    }

    /// What was recorded there under `command`, where it is what is `said`; that it is not, otherwise.
    pub(super) async fn tell(
        self,
        store: &dyn EventStore,
        command: Uuid,
        said: Said,
    ) -> Result<Outcome, ReadError> {
        let records = self.records(store, command).await?;
        let read = records.iter().map(|record| (record, folded(record)));
        let (mut same, mut all) = (false, Vec::new());
        for (record, read) in read {
            same |= said.begins(&read);
            all.push(Written {
                position: record.position,
                id: read.id,
                subject: read.subject.into_owned(),
                record: Some(record.bytes.clone()),
            });
        }
        Ok(if same {
            Outcome::Recorded(all)
        } else {
            Outcome::Refused(id_used(command))
        })
    }
}

fn folded(record: &Recorded) -> Envelope<'_> {
    envelope::parse(&record.bytes).expect("a record whose command was noted reads")
}

/// That another command has this id.
pub fn id_used(command: Uuid) -> Refused {
    Refused {
        code: "command.id_used",
        sentence: "another command was recorded under this id: give every command an id of its own",
        about: Some(command.to_string()),
    }
}
