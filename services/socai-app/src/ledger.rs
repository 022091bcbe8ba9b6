//! An open ledger: a store, and the image of everything in it.
//!
//! Recording decides each command against the image, tells the image at once what was decided, and
//! appends. Commands that write different streams share an append; appends follow one another without
//! waiting. Nothing is answered before it is durable. Where an append fails, the image has been told
//! too much: it is folded afresh from the store before anything else is decided.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use socai_domain::command::{Command, Decision, decide};
use socai_domain::id::AccountId;
use socai_domain::origin::{Asking, Origin};
use socai_domain::refusal::Refused;
use socai_ledger::fact::Fact;
use socai_ledger::image::Image;
use socai_store::{AppendError, BATCH_EVENTS_MAX, EventStore, Position, ReadError, Recorded};
use uuid::Uuid;

use crate::compose::{self, Stamp};
use crate::request::Request;

mod founding;
mod pending;

pub use founding::{FirstOperator, Founding};

use pending::{InFlight, Pending, PendingEvent, Provenance};

/// Records read at once while the image is folded afresh.
const FOLD_CHUNK: NonZeroU32 = NonZeroU32::new(8_192).expect("not zero");

/// Appends under way at once, at most.
const IN_FLIGHT_MAX: usize = 64;

/// An open ledger.
pub struct Ledger {
    store: Arc<dyn EventStore>,
    image: Image,
    /// Records of this ledger say that they come from here, as `/hanoi`.
    source: String,
    /// The image has been told of events that may not be in the store.
    ahead: bool,
}

/// What became of one command.
#[derive(Debug)]
pub enum Outcome {
    /// Its events are durable.
    Recorded(Vec<Written>),
    /// It was so already.
    Unchanged,
    /// The domain says no.
    Refused(Refused),
    /// Nothing of it was recorded, for the reason given once in [`Batch::trouble`].
    Failed,
    /// It may or may not be recorded. Recording it again is harmless and tells.
    Unknown,
}

impl Outcome {
    /// Its events, where it is recorded.
    pub fn written(&self) -> &[Written] {
        match self {
            Self::Recorded(written) => written,
            Self::Unchanged | Self::Refused(_) | Self::Failed | Self::Unknown => &[],
        }
    }
}

/// One durable event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its place in the ledger.
    pub position: Position,
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub subject: String,
    /// Its record, where nobody else can have written it: else only the store can tell.
    pub record: Option<Bytes>,
}

/// What became of several commands.
#[derive(Debug, Default)]
pub struct Batch {
    /// One outcome for each, in order.
    pub outcomes: Vec<Outcome>,
    /// Why some failed, if any did: the first thing that went wrong.
    pub trouble: Option<AppendError>,
}

/// Why a ledger cannot be read into an image.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store has no records to give.
    #[error("the ledger cannot be read")]
    Read(#[from] ReadError),
    /// A record does not read, or does not follow from those before it.
    #[error("the ledger's history does not hold together")]
    Fold(#[from] socai_ledger::image::FoldError),
    /// There is no first event.
    #[error("the ledger is empty: nothing says whose it is")]
    Empty,
}

impl Ledger {
    /// A ledger whose image was folded from what is in `store`.
    ///
    /// # Errors
    ///
    /// [`LoadError::Empty`] where nothing says whose it is.
    pub fn new(store: Arc<dyn EventStore>, image: Image) -> Result<Self, LoadError> {
        if image.position() == Position::ZERO {
            return Err(LoadError::Empty);
        }
        let source = format!("/{}", image.registry().ledger.origin);
        Ok(Self {
            store,
            image,
            source,
            ahead: false,
        })
    }

    /// Folds everything in `store`.
    ///
    /// # Errors
    ///
    /// [`LoadError`].
    pub async fn load(store: Arc<dyn EventStore>) -> Result<Self, LoadError> {
        let image = fold_until(&*store, Image::new(), None).await?;
        Self::new(store, image)
    }

    /// The image: what is so as far as this ledger knows.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// The image alone.
    pub fn into_image(self) -> Image {
        self.image
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.store
    }

    /// Records commands, in order. Each is decided against everything before it.
    ///
    /// # Errors
    ///
    /// [`LoadError`] where an append failed and the ledger cannot be read again; nothing more can be
    /// said then.
    pub async fn record(&mut self, asked: &[(Request, Origin)]) -> Result<Batch, LoadError> {
        self.reload().await?;
        let mut batch = Batch::default();
        let mut waiting: Vec<InFlight> = Vec::new();
        let mut pending = Pending::default();
        for (index, (request, origin)) in asked.iter().enumerate() {
            let decision = match self.decide(request, origin) {
                Ok(decision) => decision,
                Err(refused) => {
                    batch.outcomes.push(Outcome::Refused(refused));
                    continue;
                }
            };
            batch.outcomes.push(Outcome::Unchanged);
            if decision.events() == 0 {
                continue;
            }
            if !pending.has_room_for(&decision) {
                waiting.push(InFlight::start(&self.store, std::mem::take(&mut pending)).await);
            }
            if waiting.len() >= IN_FLIGHT_MAX {
                self.finish(&mut waiting, &mut batch).await?;
            }
            let provenance = Provenance::of(request, origin);
            self.prepare(decision, &provenance, origin, index, &mut pending);
        }
        if !pending.is_empty() {
            waiting.push(InFlight::start(&self.store, pending).await);
        }
        self.finish(&mut waiting, &mut batch).await?;
        Ok(batch)
    }

    /// Decides commands, each as if those before it had been recorded, and records nothing. A further
    /// rehearsal goes on from this one; whatever records begins from what is recorded.
    pub fn rehearse(&mut self, asked: &[(Request, Origin)]) -> Rehearsal {
        let mut rehearsal = Rehearsal::default();
        for (request, origin) in asked {
            let decided = self.decide(request, origin);
            if let Ok(decision) = &decided {
                let provenance = Provenance::of(request, origin);
                rehearsal.events += decision.events();
                self.ahead = true;
                self.prepare(
                    decision.clone(),
                    &provenance,
                    origin,
                    0,
                    &mut Pending::default(),
                );
            }
            rehearsal.decided.push(decided);
        }
        rehearsal
    }

    /// Records every command in one append, or none.
    ///
    /// # Errors
    ///
    /// [`AllOrNothingError`]: nothing was recorded, unless it says that it does not know.
    pub async fn record_all_or_nothing(
        &mut self,
        asked: &[(Request, Origin)],
    ) -> Result<Vec<Outcome>, AllOrNothingError> {
        self.reload().await?;
        let mut merged = Pending::default();
        let mut outcomes = Vec::new();
        for (index, (request, origin)) in asked.iter().enumerate() {
            let decision = match self.decide(request, origin) {
                Ok(decision) => decision,
                Err(refused) => {
                    self.reload().await?;
                    return Err(AllOrNothingError::Refused { index, refused });
                }
            };
            outcomes.push(Outcome::Unchanged);
            if decision.events() > 0 {
                let provenance = Provenance::of(request, origin);
                let mut one = Pending::default();
                self.ahead = true;
                self.prepare(decision, &provenance, origin, index, &mut one);
                merged.merge(one);
            }
        }
        let events = merged.append.event_count();
        if events > BATCH_EVENTS_MAX {
            self.reload().await?;
            return Err(AllOrNothingError::TooMany { events });
        }
        if events > 0 {
            let answer = self.store.append(merged.append).await;
            // The events of one stream stand together in an append, so the image was told another order. It
            // is folded afresh now or, where that fails, before anything else is decided.
            let reloaded = self.reload().await;
            for (event, position) in merged.events.into_iter().zip(answer?) {
                event.put(position, &mut outcomes);
            }
            drop(reloaded);
        }
        Ok(outcomes)
    }

    fn decide(&self, request: &Request, origin: &Origin) -> Result<Decision, Refused> {
        let (registry, obligations) = (self.image.registry(), &self.image);
        decide(
            &request.command,
            &Asking {
                on: request.effective,
                origin,
                registry,
                obligations,
            },
        )
    }

    /// Composes the records of a decision into `pending`, and tells the image.
    fn prepare(
        &mut self,
        decision: Decision,
        provenance: &Provenance,
        origin: &Origin,
        index: usize,
        pending: &mut Pending,
    ) {
        let stamp = Stamp {
            source: &self.source,
            actor: &origin.actor,
            at: compose::recorded_at(&self.image, origin),
            command: provenance.id,
            said: provenance.said,
            synthetic: provenance.synthetic,
        };
        let mut first = 0;
        for (subject, events) in decision.writes {
            let name = subject.to_string();
            let expected = self.image.revision(&name);
            let write = compose::stream(&stamp, &subject, expected, first, &events);
            first += events.len();
            for event in &write.events {
                let position = Position(self.image.position().0 + 1);
                let recorded = Recorded {
                    position,
                    bytes: event.bytes.clone(),
                };
                let fact = Fact::decode(&recorded);
                let folded = fact.map(|fact| self.image.fold(&fact));
                assert!(
                    matches!(folded, Ok(Ok(()))),
                    "what was decided does not follow: {folded:?}"
                );
                pending.events.push(PendingEvent {
                    index,
                    id: event.id,
                    subject: name.clone(),
                    position,
                    record: event.bytes.clone(),
                });
            }
            pending.streams.insert(name);
            pending.append.writes.push(write);
        }
    }

    /// Waits for the appends under way and notes what became of them.
    async fn finish(
        &mut self,
        waiting: &mut Vec<InFlight>,
        batch: &mut Batch,
    ) -> Result<(), LoadError> {
        for InFlight { answer, events } in waiting.drain(..) {
            match answer.await {
                Ok(positions) => {
                    for (event, position) in events.into_iter().zip(positions) {
                        self.ahead |= event.position != position;
                        event.put(position, &mut batch.outcomes);
                    }
                }
                Err(error) => {
                    self.ahead = true;
                    let unknown = matches!(error, AppendError::Unknown(_));
                    for event in events {
                        let outcome = if unknown {
                            Outcome::Unknown
                        } else {
                            Outcome::Failed
                        };
                        batch.outcomes[event.index] = outcome;
                    }
                    batch.trouble.get_or_insert(error);
                }
            }
        }
        if self.ahead {
            self.reload().await
        } else {
            Ok(())
        }
    }

    /// Folds the image afresh where it may hold what the store does not.
    async fn reload(&mut self) -> Result<(), LoadError> {
        if self.ahead {
            self.image = fold_until(&*self.store, Image::new(), None).await?;
            self.ahead = false;
        }
        Ok(())
    }
}

/// What a rehearsal decided.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// What each command would come to.
    pub decided: Vec<Result<Decision, Refused>>,
    /// How many events would be recorded.
    pub events: usize,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum AllOrNothingError {
    /// One command is refused.
    #[error("{refused}")]
    Refused {
        /// Which, counted from 0.
        index: usize,
        /// Why.
        refused: Refused,
    },
    /// One append has no room for so many.
    #[error(
        "{events} events are more than the {BATCH_EVENTS_MAX} that are recorded all or nothing"
    )]
    TooMany {
        /// How many there would be.
        events: usize,
    },
    /// The store did not take them, or cannot say.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The ledger cannot be read any more.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Folds what `store` holds after the image's position, up to `until`, or to its end.
///
/// # Errors
///
/// [`LoadError`].
pub async fn fold_until(
    store: &dyn EventStore,
    mut image: Image,
    until: Option<Position>,
) -> Result<Image, LoadError> {
    loop {
        let left = until.map_or(u64::from(FOLD_CHUNK.get()), |until| {
            until.0.saturating_sub(image.position().0)
        });
        let limit = u32::try_from(left.min(FOLD_CHUNK.get().into()))
            .ok()
            .and_then(NonZeroU32::new);
        let Some(limit) = limit else { return Ok(image) };
        let records = store.read_all(image.position(), limit).await?;
        if records.is_empty() {
            return Ok(image);
        }
        for recorded in &records {
            image.fold(&Fact::decode(recorded)?)?;
        }
    }
}

/// What a sweep asks: a late flag for each obligation that is overdue at the end of `on` and not
/// flagged for the due date in force.
pub fn sweep(image: &Image, on: jiff::civil::Date) -> Vec<Request> {
    let flag = |obligation| Request {
        command: Command::Obligation(socai_domain::obligation::Command::FlagLate {
            obligation,
            on,
        }),
        effective: on,
        synthetic: false,
        id: None,
        actor: None::<AccountId>,
    };
    image.overdue_on(on).into_iter().map(flag).collect()
}
