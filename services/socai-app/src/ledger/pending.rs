//! An append that is put together of several commands, and on its way.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use socai_domain::command::Decision;
use socai_domain::origin::Origin;
use socai_domain::subject::Subject;
use socai_store::{Append, BATCH_EVENTS_MAX, EventStore, Position};
use uuid::Uuid;

use super::{Outcome, Written};
use crate::compose::Said;
use crate::in_flight::{Answer, start};
use crate::request::Request;

/// What the records of one command carry besides who and when.
pub(super) struct Provenance {
    pub(super) id: Uuid,
    pub(super) said: Option<Said>,
    pub(super) synthetic: bool,
}

impl Provenance {
    pub(super) fn of(request: &Request, origin: &Origin) -> Self {
        Self {
            id: request.id.unwrap_or_else(Uuid::now_v7),
            said: Some(Said::of(request, &origin.actor)),
            synthetic: request.synthetic,
        }
    }
}

/// An append being put together.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) append: Append,
    pub(super) streams: HashSet<String>,
    pub(super) events: Vec<PendingEvent>,
}

/// An event on its way: whose it is, and where the image was told that it stands.
pub(super) struct PendingEvent {
    pub(super) index: usize,
    pub(super) id: Uuid,
    pub(super) subject: String,
    pub(super) position: Position,
    pub(super) record: Bytes,
}

impl PendingEvent {
    pub(super) fn put(self, position: Position, outcomes: &mut [Outcome]) {
        let written = Written {
            position,
            id: self.id,
            subject: self.subject,
            record: Some(self.record),
        };
        match &mut outcomes[self.index] {
            Outcome::Recorded(all) => all.push(written),
            outcome => *outcome = Outcome::Recorded(vec![written]),
        }
    }
}

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// A stream is named once in an append, and its events are few enough.
    pub(super) fn has_room_for(&self, decision: &Decision) -> bool {
        let free = |(subject, _): &(Subject, _)| !self.streams.contains(&subject.to_string());
        self.events.len() + decision.events() <= BATCH_EVENTS_MAX
            && decision.writes.iter().all(free)
    }

    /// Takes in what was prepared after this; the events of one stream come to stand together.
    pub(super) fn merge(&mut self, later: Self) {
        for write in later.append.writes {
            match self
                .append
                .writes
                .iter_mut()
                .find(|known| known.stream == write.stream)
            {
                Some(known) => known.events.extend(write.events),
                None => self.append.writes.push(write),
            }
        }
        self.events.extend(later.events);
        let order: Vec<Uuid> = self
            .append
            .writes
            .iter()
            .flat_map(|write| &write.events)
            .map(|event| event.id)
            .collect();
        let place = |id: &Uuid| order.iter().position(|known| known == id);
        self.events.sort_by_key(|event| place(&event.id));
    }
}

/// An append whose answer is waited for.
pub(super) struct InFlight {
    pub(super) answer: Answer,
    pub(super) events: Vec<PendingEvent>,
}

impl InFlight {
    pub(super) async fn start(
        store: &Arc<dyn EventStore>,
        Pending { append, events, .. }: Pending,
    ) -> Self {
        let answer = start(store, append).await;
        Self { answer, events }
    }
}
