//! The log of checkpoints as a stream beside the ledger's: a note is a message, its number the message's sequence.
//!
//! ```text
//! stream    LEDGER-checkpoints    one subject, nothing ever goes away
//! subject   checkpoints.LEDGER
//! Socai-Crc       1a2b3c4d        crc32c of the payload
//! payload   the signed note
//! ```
//!
//! A note is published where the stream ends with the entry before it, so that of two sealers one adds. An answer
//! that was lost is found by reading the last message. Deliberately absent: what a note says.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_LAST_SUBJECT_SEQUENCE};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use socai_store::{
    AddError, BackendError, CheckpointError, CheckpointLog, Identity, NOTE_BYTES_MAX,
};
use tokio::time::{Instant, sleep};

use crate::error::{Flaw, OpenError};
use crate::message::CRC;
use crate::publish::{Setback, publish_one, stored_at};
use crate::reader::{Found, LEADER_PATIENCE, PAUSE, leader_last, leader_message, numbered};
use crate::settings::Settings;
use crate::state::Shared;
use crate::stream::{self, Info};
use crate::{Follower, NatsStore, Use};

/// A message counts with its headers, which have three short lines.
const MESSAGE_BYTES_MAX: usize = NOTE_BYTES_MAX + 1_024;

/// The log of checkpoints beside a ledger. Cloning is cheap.
#[derive(Clone)]
pub struct NatsCheckpoints {
    /// What is known of the ledger beside it: while that cannot be relied on, nothing is added.
    shared: Arc<Shared>,
    stream: String,
    subject: String,
    purpose: Use,
    /// The last entry that was ever seen here.
    seen: Arc<AtomicU64>,
    _follower: Follower,
}

impl NatsCheckpoints {
    /// Opens the log beside `store` to read and to add, and makes its stream where it is not there.
    ///
    /// # Errors
    ///
    /// [`OpenError::Drift`] where it is not as it was made, [`OpenError::Checkpoints`] where something is missing.
    pub async fn open(store: &NatsStore, settings: &Settings) -> Result<Self, OpenError> {
        let log = Self::beside(store, settings, Use::Write);
        if !log.look(settings, store.identity()).await? {
            let config = config(settings, store.identity());
            match stream::create(store.connection(), &config).await {
                // Another process made it in the same moment.
                Ok(()) | Err(OpenError::Exists { .. }) => {}
                Err(error) => return Err(error),
            }
            log.look(settings, store.identity()).await?;
        }
        Ok(log)
    }

    /// Opens the log beside `store` to read, `None` where nothing was ever sealed.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_read_only(
        store: &NatsStore,
        settings: &Settings,
    ) -> Result<Option<Self>, OpenError> {
        let log = Self::beside(store, settings, Use::Read);
        let is_there = log.look(settings, store.identity()).await?;
        Ok(is_there.then_some(log))
    }

    fn beside(store: &NatsStore, settings: &Settings, purpose: Use) -> Self {
        Self {
            shared: store.shared.clone(),
            stream: name(settings),
            subject: subject(settings),
            purpose,
            seen: Arc::default(),
            _follower: store.follower.clone(),
        }
    }

    /// Whether the stream is there, as it was made and without a hole.
    async fn look(&self, settings: &Settings, identity: &Identity) -> Result<bool, OpenError> {
        let info = Info::ask(&self.shared.connection, &self.stream).await;
        let Some(info) = info.map_err(OpenError::Unavailable)? else {
            return Ok(false);
        };
        info.expect(config(settings, identity))?;
        if let Some(entry) = info.state.hole() {
            return Err(OpenError::Checkpoints(corrupt(entry, Flaw::Missing)));
        }
        self.seen.fetch_max(info.state.last_seq, Ordering::SeqCst);
        Ok(true)
    }

    /// The last message, as the leader has it. A server that leads since a moment may not have what was seen
    /// already, so it is asked again; what does not come back is lost.
    async fn last_found(&self) -> Result<Option<Found>, CheckpointError> {
        let deadline = Instant::now() + LEADER_PATIENCE;
        loop {
            let connection = &self.shared.connection;
            let last = leader_last(connection, &self.stream, &self.subject).await;
            let last = last.map_err(CheckpointError::Unavailable)?;
            let entries = last.as_ref().map_or(0, |last| last.position);
            let seen = self.seen.fetch_max(entries, Ordering::SeqCst);
            if entries >= seen {
                return Ok(last);
            }
            if Instant::now() > deadline {
                return Err(corrupt(entries + 1, Flaw::Missing));
            }
            sleep(PAUSE).await;
        }
    }

    async fn asked_of_the_leader(&self, entry: u64) -> Result<Bytes, CheckpointError> {
        let found = leader_message(&self.shared.connection, &self.stream, entry).await;
        let found = found.map_err(CheckpointError::Unavailable)?;
        checked(found.ok_or_else(|| corrupt(entry, Flaw::Missing))?)
    }

    async fn publish(&self, expected: u64, note: Bytes) -> Result<u64, Setback> {
        let mut headers = HeaderMap::new();
        headers.insert(CRC, format!("{:08x}", crc32c::crc32c(&note)));
        // The first makes the number, the second is what servers keep over a change of their leader.
        headers.insert(NATS_EXPECTED_LAST_SEQUENCE, expected.to_string());
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, expected.to_string());
        let deadline = Instant::now() + self.shared.timeout;
        let subject = self.subject.clone();
        let given = publish_one(&self.shared, subject, headers, note, deadline).await?;
        if follows(expected, given) {
            Ok(given)
        } else {
            Err(stored_at(given))
        }
    }

    /// What became of a note that may be there: `None` where nothing follows `expected` yet.
    async fn settled(&self, expected: u64, note: &Bytes) -> Option<Result<u64, AddError>> {
        let last = self.last().await.ok()?;
        match last {
            Some((entry, there)) if follows(expected, entry) && there == *note => Some(Ok(entry)),
            Some((entry, _)) if entry > expected => Some(Err(AddError::Lost)),
            Some(_) | None => None,
        }
    }
}

#[async_trait]
impl CheckpointLog for NatsCheckpoints {
    async fn len(&self) -> Result<u64, CheckpointError> {
        let last = self.last_found().await?;
        Ok(last.map_or(0, |last| last.position))
    }

    async fn read(&self, after: u64, limit: NonZeroU32) -> Result<Vec<Bytes>, CheckpointError> {
        let to = self
            .len()
            .await?
            .min(after.saturating_add(limit.get().into()));
        let (mut next, mut notes) = (after.saturating_add(1), Vec::new());
        while next <= to {
            let found = numbered(&self.shared, &self.stream, next, to - next + 1).await;
            let before = next;
            for found in found.map_err(CheckpointError::Unavailable)? {
                if found.position == next {
                    notes.push(checked(found)?);
                    next += 1;
                }
            }
            if next == before {
                notes.push(self.asked_of_the_leader(next).await?);
                next += 1;
            }
        }
        Ok(notes)
    }

    async fn last(&self) -> Result<Option<(u64, Bytes)>, CheckpointError> {
        let Some(last) = self.last_found().await? else {
            return Ok(None);
        };
        let entry = last.position;
        Ok(Some((entry, checked(last)?)))
    }

    async fn append(&self, expected: u64, note: Bytes) -> Result<u64, AddError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(AddError::TooLarge { bytes: note.len() });
        }
        self.expect_writable().map_err(AddError::Unavailable)?;
        let setback = match self.publish(expected, note.clone()).await {
            Ok(entry) => {
                self.seen.fetch_max(entry, Ordering::SeqCst);
                return Ok(entry);
            }
            Err(setback) => setback,
        };
        match (setback, self.settled(expected, &note).await) {
            (Setback::Moved | Setback::Unsure(_), Some(settled)) => settled,
            (Setback::Moved, None) => Err(AddError::Lost),
            (Setback::Unsure(error), None) => Err(AddError::Unknown(error)),
            (Setback::NotStored(error), _) => Err(AddError::Unavailable(error)),
        }
    }
}

impl NatsCheckpoints {
    fn expect_writable(&self) -> Result<(), BackendError> {
        match self.purpose {
            Use::Read => Err("opened to read only".into()),
            Use::Write => Ok(self.shared.expect_synced()?),
        }
    }
}

fn follows(expected: u64, entry: u64) -> bool {
    expected.checked_add(1) == Some(entry)
}

fn name(settings: &Settings) -> String {
    format!("{}-checkpoints", settings.stream)
}

fn subject(settings: &Settings) -> String {
    format!("checkpoints.{}", settings.stream)
}

fn config(settings: &Settings, identity: &Identity) -> Map<String, Value> {
    let mut config = stream::kept_for_ever(&name(settings), &subject(settings), settings, identity);
    config["max_msg_size"] = json!(MESSAGE_BYTES_MAX);
    config
}

fn checked(found: Found) -> Result<Bytes, CheckpointError> {
    let crc = found.headers.get(CRC).map(|crc| crc.as_str().to_owned());
    if crc != Some(format!("{:08x}", crc32c::crc32c(&found.bytes))) {
        return Err(corrupt(found.position, Flaw::Checksum));
    }
    Ok(found.bytes)
}

fn corrupt(entry: u64, flaw: Flaw) -> CheckpointError {
    let source = flaw.into();
    CheckpointError::Corrupt { entry, source }
}
