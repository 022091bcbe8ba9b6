//! Events that were decided elsewhere, straight into an empty ledger: what fills large ledgers quickly.
//!
//! Nothing is decided here, so whatever comes in must be a history that the deciders would have made;
//! whoever opens the ledger afterwards folds it and finds out.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::event::Event;
use socai_domain::id::AccountId;
use socai_domain::subject::Subject;
use socai_store::{Append, AppendError, BATCH_EVENTS_MAX, EventStore};
use uuid::Uuid;

use crate::compose::{self, Stamp};
use crate::in_flight::{Answer, start};

/// Appends under way at once.
const IN_FLIGHT: usize = 32;

/// One event that happened.
#[derive(Debug, Clone)]
pub struct Happened {
    /// The command that it followed from. Events of one command come together.
    pub command: Uuid,
    /// What it is about.
    pub subject: Subject,
    /// The day from which it holds.
    pub effective: Date,
    /// When it was recorded; never earlier than the one before.
    pub recorded: Timestamp,
    /// Who recorded it.
    pub actor: AccountId,
    /// What became true.
    pub event: Event,
    /// Made for demonstration.
    pub synthetic: bool,
}

/// Appends everything that happened after the ledger was made, in order. Answers how much it was;
/// `progress` is told as it becomes durable.
///
/// # Errors
///
/// As [`EventStore::append`], at the first append that fails; everything before it is durable.
pub async fn append_all(
    store: &Arc<dyn EventStore>,
    source: &str,
    happened: impl Iterator<Item = Happened>,
    mut progress: impl FnMut(u64),
) -> Result<u64, AppendError> {
    let mut happened = happened.peekable();
    let (mut draft, mut under_way, mut done) = (Draft::new(source), VecDeque::new(), 0);
    while let Some(first) = happened.next() {
        let mut command = vec![first];
        while let Some(next) = happened.next_if(|next| next.command == command[0].command) {
            command.push(next);
        }
        if !draft.has_room_for(&command) {
            under_way.push_back(start(store, draft.take()).await);
        }
        draft.add(command);
        if under_way.len() >= IN_FLIGHT {
            done += finish(&mut under_way).await?;
            progress(done);
        }
    }
    if draft.events > 0 {
        under_way.push_back(start(store, draft.take()).await);
    }
    while !under_way.is_empty() {
        done += finish(&mut under_way).await?;
        progress(done);
    }
    Ok(done)
}

async fn finish(under_way: &mut VecDeque<Answer>) -> Result<u64, AppendError> {
    match under_way.pop_front() {
        Some(answer) => Ok(answer.await?.len() as u64),
        None => Ok(0),
    }
}

/// An append being put together, and the revisions that the streams stand at after it.
struct Draft<'a> {
    source: &'a str,
    revisions: HashMap<String, u64>,
    append: Append,
    streams: HashSet<String>,
    events: usize,
}

impl<'a> Draft<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            revisions: HashMap::new(),
            append: Append::default(),
            streams: HashSet::new(),
            events: 0,
        }
    }

    fn has_room_for(&self, command: &[Happened]) -> bool {
        self.events + command.len() <= BATCH_EVENTS_MAX
            && !command
                .iter()
                .any(|one| self.streams.contains(&one.subject.to_string()))
    }

    fn add(&mut self, command: Vec<Happened>) {
        for (index, one) in command.into_iter().enumerate() {
            let stamp = Stamp {
                source: self.source,
                actor: &one.actor,
                at: one.recorded,
                command: one.command,
                said: None,
                synthetic: one.synthetic,
            };
            let name = one.subject.to_string();
            let revision = self.revisions.entry(name.clone()).or_default();
            let events = [(one.effective, one.event)];
            let write = compose::stream(&stamp, &one.subject, *revision, index, &events);
            *revision += 1;
            self.events += 1;
            if self.streams.insert(name) {
                self.append.writes.push(write);
            } else {
                let same = self
                    .append
                    .writes
                    .iter_mut()
                    .rfind(|known| known.stream == write.stream);
                same.expect("a stream that is named is written")
                    .events
                    .extend(write.events);
            }
        }
    }

    fn take(&mut self) -> Append {
        self.streams.clear();
        self.events = 0;
        std::mem::take(&mut self.append)
    }
}
