//! The task that appends: it decides in the order of asking, and keeps many appends in flight.
//!
//! ```text
//!            ┌──────── refused, or in doubt: the index catches up, then each is decided again ──┐
//!            v                                                                                  │
//! asked ─> waiting ── decide ──> settled: answered                                              │
//!            ^           │                                                                      │
//!            │           └────> published, alone or together ── acknowledged: in the index, answered
//!            └ its stream is in flight
//! ```
//!
//! One append of a ledger stream is in flight at a time, and one whose guards must hold flies alone. Nothing is
//! answered before the index knows it. An append whose answer was lost is looked for and asked again with
//! the same expectation, which cannot double it; when its time is up the answer is that nobody knows.

use std::collections::{HashSet, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use socai_store::{Append, AppendError, BackendError, Position, StreamId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use crate::decision::{Answer, Decision, Outgoing, decide};
use crate::error::Trouble;
use crate::publish::{Setback, publish};
use crate::state::Shared;
use crate::stream::Info;
use crate::together::Together;

/// Before something that nobody stored is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// Before looking again for what another wrote: replicas may have agreed on it and not stored it yet.
const PAUSE_REPLICAS: Duration = Duration::from_millis(5);

/// An append that somebody waits for.
pub(crate) struct Request {
    pub(crate) append: Append,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// An append that has no answer yet.
struct Waiting {
    append: Append,
    answer: oneshot::Sender<Answer>,
    deadline: Instant,
    /// How often it was refused or lost. After the second time it is tried alone: what was wrong with its
    /// company is not seen by the index.
    setbacks: u32,
    /// The index has caught up with the stream since it was asked.
    level: bool,
    /// A message of it may have been stored without an answer.
    doubt: bool,
}

/// Appends that have landed; those without an answer are tried again, or given up after a setback.
struct Landed {
    members: Vec<Waiting>,
    streams: Vec<StreamId>,
    ids: Vec<Uuid>,
    setback: Option<Setback>,
}

pub(crate) struct Writer {
    shared: Arc<Shared>,
    together: Together,
    queue: mpsc::UnboundedReceiver<Request>,
    waiting: VecDeque<Waiting>,
    flying: FuturesUnordered<BoxFuture<'static, Landed>>,
    streams: HashSet<StreamId>,
    ids: HashSet<Uuid>,
    /// An append with guards is in flight.
    guarded: bool,
}

impl Writer {
    pub(crate) fn new(
        shared: Arc<Shared>,
        together: Together,
        queue: mpsc::UnboundedReceiver<Request>,
    ) -> Self {
        Self {
            shared,
            together,
            queue,
            waiting: VecDeque::new(),
            flying: FuturesUnordered::new(),
            streams: HashSet::new(),
            ids: HashSet::new(),
            guarded: false,
        }
    }

    /// Runs until nobody can ask any more and everybody is answered.
    pub(crate) async fn run(mut self) {
        let mut open = true;
        while open || !self.flying.is_empty() {
            tokio::select! {
                request = self.queue.recv(), if open => match request {
                    Some(request) => self.take(request),
                    None => open = false,
                },
                Some(landed) = self.flying.next() => self.land(landed),
            }
            while let Ok(request) = self.queue.try_recv() {
                self.take(request);
            }
            while let Some(Some(landed)) = self.flying.next().now_or_never() {
                self.land(landed);
            }
            self.launch();
        }
    }

    fn take(&mut self, Request { append, answer }: Request) {
        self.waiting.push_back(Waiting {
            append,
            answer,
            deadline: Instant::now() + 2 * self.shared.timeout,
            setbacks: 0,
            level: false,
            doubt: false,
        });
    }

    fn land(&mut self, landed: Landed) {
        for stream in &landed.streams {
            self.streams.remove(stream);
        }
        for id in &landed.ids {
            self.ids.remove(id);
        }
        self.guarded &= !self.flying.is_empty();
        for waiting in landed.members.into_iter().rev() {
            let again = match &landed.setback {
                Some(setback) => waiting.after(setback),
                None => Some(waiting),
            };
            if let Some(waiting) = again {
                self.waiting.push_front(waiting);
            }
        }
    }

    /// Sends what can be sent, in the order of asking.
    fn launch(&mut self) {
        let mut held = HashSet::new();
        let mut company = Vec::new();
        let mut left = VecDeque::new();
        let mut waiting = mem::take(&mut self.waiting);
        while let Some(next) = waiting.pop_front() {
            let guarded = !next.append.guards.is_empty();
            let full = !self.together.may_fly(self.flying.len());
            if full || self.guarded || (guarded && !(self.flying.is_empty() && company.is_empty()))
            {
                // Those behind wait as well, or an append with guards would wait for ever.
                left.push_back(next);
                left.append(&mut waiting);
                break;
            }
            if self.is_busy(&next.append, &held) {
                held.extend(next.append.writes.iter().map(|write| write.stream.clone()));
                left.push_back(next);
                continue;
            }
            self.consider(next, &mut company);
        }
        self.waiting = left;
        for group in self.together.groups(company, Member::size) {
            self.fly(group);
        }
    }

    fn is_busy(&self, append: &Append, held: &HashSet<StreamId>) -> bool {
        let mut streams = append.writes.iter().map(|write| &write.stream);
        let mut ids = append.writes.iter().flat_map(|write| &write.events);
        streams.any(|stream| self.streams.contains(stream) || held.contains(stream))
            || (!self.ids.is_empty() && ids.any(|event| self.ids.contains(&event.id)))
    }

    fn consider(&mut self, next: Waiting, company: &mut Vec<Member>) {
        let shared = self.shared.clone();
        if let Some(damage) = shared.damage() {
            return next.give_up(damage.clone().into());
        }
        if Instant::now() >= next.deadline {
            return next.give_up(Trouble::Late.into());
        }
        match shared.ask(|index| decide(index, &shared.subjects, &next.append)) {
            Decision::Settled(answer) => next.answer(answer),
            Decision::Ahead(error) if next.level => next.answer(Err(error)),
            Decision::Ahead(_) => {
                self.reserve(&next.append);
                self.flying.push(level(shared, next).boxed());
            }
            Decision::Publish(outgoing) => {
                self.reserve(&next.append);
                let alone = next.setbacks > 1 || !next.append.guards.is_empty();
                self.guarded |= !next.append.guards.is_empty();
                let member = Member {
                    waiting: next,
                    outgoing,
                };
                if alone {
                    self.fly(vec![member])
                } else {
                    company.push(member)
                }
            }
        }
    }

    fn reserve(&mut self, append: &Append) {
        for write in &append.writes {
            self.streams.insert(write.stream.clone());
            self.ids.extend(write.events.iter().map(|event| event.id));
        }
    }

    fn fly(&mut self, group: Vec<Member>) {
        self.flying.push(fly(self.shared.clone(), group).boxed());
    }
}

/// An append and its messages.
struct Member {
    waiting: Waiting,
    outgoing: Vec<Outgoing>,
}

impl Member {
    fn size(&self) -> (usize, usize) {
        let bytes = self.outgoing.iter().map(|message| message.payload.len());
        (self.outgoing.len(), bytes.sum())
    }
}

impl Waiting {
    fn answer(self, answer: Answer) {
        // Whoever asked may have gone.
        let _ = self.answer.send(answer);
    }

    /// What becomes of it after `setback`: it is answered, or comes back to be decided again.
    fn after(mut self, setback: &Setback) -> Option<Self> {
        self.setbacks += 1;
        self.doubt |= matches!(setback, Setback::Unsure(_));
        if Instant::now() < self.deadline {
            return Some(self);
        }
        self.give_up(match setback {
            Setback::Moved => Trouble::Outrun.into(),
            Setback::NotStored(error) | Setback::Unsure(error) => repeated(error),
        });
        None
    }

    fn give_up(self, source: BackendError) {
        let error = if self.doubt {
            AppendError::Unknown(source)
        } else {
            AppendError::Unavailable(source)
        };
        self.answer(Err(error));
    }
}

/// An error for each of several who wait.
fn repeated(error: &BackendError) -> BackendError {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text = format!("{text}: {next}");
        source = next.source();
    }
    text.into()
}

/// Lets the index catch up with the stream, so that `waiting` can be decided.
async fn level(shared: Arc<Shared>, mut waiting: Waiting) -> Landed {
    let caught_up = catch_up(&shared, waiting.deadline).await;
    waiting.level = caught_up.is_ok();
    landed(vec![waiting], caught_up.err().map(Setback::NotStored))
}

/// Publishes a group, takes it into the index and answers; after a setback, what is in the stream is known.
async fn fly(shared: Arc<Shared>, group: Vec<Member>) -> Landed {
    let deadline = group.iter().map(|member| member.waiting.deadline).max();
    let deadline = deadline.expect("a group has a member");
    let mut members = Vec::with_capacity(group.len());
    let mut outgoing = Vec::with_capacity(group.len());
    for member in group {
        members.push((member.waiting, member.outgoing.len() as u64));
        outgoing.extend(member.outgoing);
    }
    let arrivals: Vec<_> = outgoing
        .iter()
        .map(|message| message.arrival.clone())
        .collect();
    let last = arrivals.len() as u64 - 1;
    let seen = shared.head();
    let setback = match publish(&shared, outgoing, deadline).await {
        Ok(first) => {
            shared.arrive(first, arrivals);
            match shared.known(first + last, deadline).await {
                Ok(()) => return answered(members, first),
                Err(error) => Setback::Unsure(error),
            }
        }
        Err(setback) => setback,
    };
    settle(&shared, &setback, seen, deadline).await;
    let members = members.into_iter().map(|(waiting, _)| waiting).collect();
    landed(members, Some(setback))
}

/// After a setback the index must know what is in the stream before anybody decides again.
async fn settle(shared: &Shared, setback: &Setback, seen: u64, deadline: Instant) {
    if matches!(setback, Setback::NotStored(_)) {
        sleep(PAUSE).await;
    }
    if let Err(error) = catch_up(shared, deadline).await {
        tracing::debug!(%error, "the stream cannot be looked at after a setback");
    }
    if matches!(setback, Setback::Moved) && shared.head() == seen {
        sleep(PAUSE_REPLICAS).await;
    }
}

/// Waits until the index knows whatever the stream's leader has.
pub(crate) async fn catch_up(shared: &Shared, deadline: Instant) -> Result<(), BackendError> {
    shared.trusted(deadline).await?;
    let asked = timeout_at(deadline, Info::ask(&shared.connection, &shared.stream)).await;
    let info = asked.map_err(|_| Trouble::Late)??;
    let last = info.map_or(0, |info| info.state.last_seq);
    shared.known(last, deadline).await
}

fn answered(members: Vec<(Waiting, u64)>, first: u64) -> Landed {
    let mut next = first;
    let (mut streams, mut ids) = (Vec::new(), Vec::new());
    for (waiting, count) in members {
        keys(&waiting.append, &mut streams, &mut ids);
        waiting.answer(Ok((next..next + count).map(Position).collect()));
        next += count;
    }
    Landed {
        members: Vec::new(),
        streams,
        ids,
        setback: None,
    }
}

fn landed(members: Vec<Waiting>, setback: Option<Setback>) -> Landed {
    let (mut streams, mut ids) = (Vec::new(), Vec::new());
    for waiting in &members {
        keys(&waiting.append, &mut streams, &mut ids);
    }
    Landed {
        members,
        streams,
        ids,
        setback,
    }
}

fn keys(append: &Append, streams: &mut Vec<StreamId>, ids: &mut Vec<Uuid>) {
    for write in &append.writes {
        streams.push(write.stream.clone());
        ids.extend(write.events.iter().map(|event| event.id));
    }
}
