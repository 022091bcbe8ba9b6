//! A ledger that many tasks and many processes record into at once.
//!
//! The image follows the store: what is appended, here or elsewhere, is folded when it comes by. A
//! command is decided against the image as it stands, appended at the revisions seen there, and answered
//! once the image has come to it. Where somebody else wrote first, the image catches up and the command
//! is decided again.
//!
//! Each stream is decided against its last event. Other streams that a decision looked at may have moved
//! while it was under way, by as much as the image was behind: see `ops/adr/0011`.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use futures_util::future::{FutureExt, poll_immediate};
use socai_domain::command::decide;
use socai_domain::origin::{Asking, Origin};
use socai_domain::permission::permit;
use socai_domain::refusal::Refused;
use socai_ledger::fact::Fact;
use socai_ledger::image::{FoldError, Image};
use socai_store::{
    Append, AppendError, Delivery, EventStore, Position, ReadError, Recorded, Subscription, chain,
};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tracing::Instrument;
use uuid::Uuid;

use crate::compose::{self, Said};
use crate::ledger::{LoadError, Outcome, Written};
use crate::request::Request;

mod recent;
mod together;
mod told;

use recent::{Place, Recent};
pub use recent::{REMEMBERED_FOR, REMEMBERED_MAX, id_used};
pub use together::TogetherError;

/// Records folded under one lock, at most.
const FOLD_TOGETHER_MAX: usize = 1_024;

/// How often a command is decided again because others were first: whoever loses so often is told so.
const DECISIONS_MAX: usize = 64;

/// How often an append whose outcome is unknown is asked again, with a pause between.
const ASKED_AGAIN_MAX: usize = 8;

/// How long whoever recorded something waits for the image to come to it, before it is told so anyway.
const SEEN_WITHIN: Duration = Duration::from_secs(10);

/// What the pause is before a store that is not there is asked again.
const PAUSE: Duration = Duration::from_millis(250);

/// A ledger whose image follows its store. Dropping it ends the following, and nothing else.
pub struct Live {
    shared: Arc<Shared>,
    following: AbortHandle,
}

struct Shared {
    store: Arc<dyn EventStore>,
    source: String,
    image: RwLock<Image>,
    /// Told of every record together with the image, under its lock.
    recent: Mutex<Recent>,
    followed: watch::Sender<Followed>,
}

/// How far the image has come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Followed {
    /// The last position folded.
    pub position: Position,
    /// Why it goes no further, if it does not: what to do is for a person to decide.
    pub stopped: Option<String>,
}

/// Why a command has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The image cannot follow the log any more. Nothing was recorded.
    #[error("the image stopped, and nothing is decided against it: {reason}")]
    Stopped {
        /// What stopped it, and where.
        reason: String,
    },
    /// Others wrote the same streams first, again and again. Nothing was recorded; ask again.
    #[error("others wrote the same streams first, {DECISIONS_MAX} times")]
    Contended,
    /// The store did not take it, or cannot say whether it did.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The store cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Live {
    /// Follows `store` from where `image` stands, which is at least its first event.
    ///
    /// # Errors
    ///
    /// [`LoadError`] where nothing says whose ledger it is, or the store cannot be asked.
    pub async fn start(store: Arc<dyn EventStore>, image: Image) -> Result<Self, LoadError> {
        if image.position() == Position::ZERO {
            return Err(LoadError::Empty);
        }
        let recent = Recent::read(&*store, &image).await?;
        let subscription = store.subscribe(image.position()).await?;
        let followed = watch::Sender::new(Followed {
            position: image.position(),
            stopped: None,
        });
        let shared = Arc::new(Shared {
            source: format!("/{}", image.registry().ledger.origin),
            store,
            image: RwLock::new(image),
            recent: Mutex::new(recent),
            followed,
        });
        let following = tokio::spawn(keep_following(shared.clone(), subscription)).abort_handle();
        Ok(Self { shared, following })
    }

    /// The image, as far as it has come. Folding waits while it is looked at: do not hold it.
    pub fn image(&self) -> RwLockReadGuard<'_, Image> {
        self.shared.image()
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.shared.store
    }

    /// How far the image has come, and every change of it.
    pub fn followed(&self) -> watch::Receiver<Followed> {
        self.shared.followed.subscribe()
    }

    /// Waits until the image has come to everything that the store holds now.
    ///
    /// # Errors
    ///
    /// [`ExecuteError::Stopped`] or [`ExecuteError::Read`].
    pub async fn caught_up(&self) -> Result<Position, ExecuteError> {
        let head = self.shared.store.head().await?;
        self.shared.reached(head).await?;
        Ok(head)
    }

    /// What was recorded lately under the id of a command ([`REMEMBERED_FOR`]), in order; nothing where nothing was.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn recorded_under(&self, command: Uuid) -> Result<Vec<Recorded>, ReadError> {
        match self.shared.known(command) {
            None => Ok(Vec::new()),
            Some(place) => place.records(&*self.shared.store, command).await,
        }
    }

    /// Decides and records one command, by the right of whoever owns the ledger's files: the command line, the
    /// roles of the program. Many may be under way at once.
    ///
    /// A command that was recorded under its id before is answered as it was then ([`REMEMBERED_FOR`]).
    /// Dropping the future leaves the command undecided: it may or may not come to be recorded.
    ///
    /// # Errors
    ///
    /// [`ExecuteError`]; only an unknown outcome of the append may have recorded anything.
    pub async fn execute(
        &self,
        request: &Request,
        origin: &Origin,
    ) -> Result<Outcome, ExecuteError> {
        self.run(request, origin, Right::Owner).await
    }

    /// As [`execute`](Self::execute), by the right of the account that asks. What it may is looked up where the
    /// command is decided, also again after a conflict: a role that was revoked meanwhile is revoked.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute).
    pub async fn execute_permitted(
        &self,
        request: &Request,
        origin: &Origin,
    ) -> Result<Outcome, ExecuteError> {
        self.run(request, origin, Right::Account).await
    }

    async fn run(
        &self,
        request: &Request,
        origin: &Origin,
        right: Right,
    ) -> Result<Outcome, ExecuteError> {
        let command = request.id.unwrap_or_else(Uuid::now_v7);
        let recorded = async {
            let done = self.run_as(request, origin, command, right).await;
            told::became(&done);
            done
        };
        recorded.instrument(told::span(request, command)).await
    }

    async fn run_as(
        &self,
        request: &Request,
        origin: &Origin,
        command: Uuid,
        right: Right,
    ) -> Result<Outcome, ExecuteError> {
        let said = Said::of(request, &origin.actor);
        for _ in 0..DECISIONS_MAX {
            self.shared.check()?;
            let append = match self.shared.prepare(request, origin, (command, said), right) {
                Prepared::Known(place) => {
                    let told = place.tell(&*self.shared.store, command, said).await?;
                    return Ok(self.shared.or_may_not(told, request, origin, right));
                }
                Prepared::Refused(refused) => return Ok(Outcome::Refused(refused)),
                Prepared::Append(append) if append.writes.is_empty() => {
                    return Ok(Outcome::Unchanged);
                }
                Prepared::Append(append) => append,
            };
            told::appending(&append);
            match self.shared.record(&append).await {
                Ok(written) => return Ok(Outcome::Recorded(written)),
                Err(ExecuteError::Append(AppendError::Conflict { .. })) => {
                    self.caught_up().await?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(ExecuteError::Contended)
    }
}

/// By whose right something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Right {
    /// That of whoever owns the files.
    Owner,
    /// That of the account.
    Account,
}

impl Right {
    fn permits(self, request: &Request, asking: &Asking<'_>) -> Result<(), Refused> {
        match self {
            Self::Owner => Ok(()),
            Self::Account => permit(&request.command, asking),
        }
    }
}

/// What a command comes to on the image as it stands.
enum Prepared {
    /// It was recorded before.
    Known(Place),
    /// Not allowed, or the domain says no.
    Refused(Refused),
    /// This is to be appended; without writes where it is so already.
    Append(Append),
}

impl Drop for Live {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Shared {
    fn image(&self) -> RwLockReadGuard<'_, Image> {
        // A fold that panicked leaves the image between two records, and is told as what stopped it.
        self.image.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self) -> Result<(), ExecuteError> {
        match &self.followed.borrow().stopped {
            None => Ok(()),
            Some(reason) => Err(ExecuteError::Stopped {
                reason: reason.clone(),
            }),
        }
    }

    /// What `request` comes to, everything looked up in one image.
    fn prepare(
        &self,
        request: &Request,
        origin: &Origin,
        (command, said): (Uuid, Said),
        right: Right,
    ) -> Prepared {
        let _deciding = tracing::debug_span!("decide").entered();
        let image = self.image();
        if let Some(place) = self.known(command) {
            return Prepared::Known(place);
        }
        let asking = Asking {
            on: request.effective,
            origin,
            registry: image.registry(),
            obligations: &*image,
        };
        let permitted = right.permits(request, &asking);
        let decision = match permitted.and_then(|()| decide(&request.command, &asking)) {
            Ok(decision) => decision,
            Err(refused) => return Prepared::Refused(refused),
        };
        let stamp = compose::Stamp {
            source: &self.source,
            actor: &origin.actor,
            at: compose::recorded_at(&image, origin),
            command,
            said: Some(said),
            synthetic: request.synthetic,
        };
        Prepared::Append(compose::append(&stamp, &image, &decision))
    }

    /// What is told of a command whose id is known: whoever may not ask it is not told that another has its id.
    fn or_may_not(
        &self,
        told: Outcome,
        request: &Request,
        origin: &Origin,
        right: Right,
    ) -> Outcome {
        let Outcome::Refused(_) = told else {
            return told;
        };
        let image = self.image();
        let asking = Asking {
            on: request.effective,
            origin,
            registry: image.registry(),
            obligations: &*image,
        };
        let permitted = right.permits(request, &asking);
        permitted.map_or_else(Outcome::Refused, |()| told)
    }

    /// Where the image holds records of the command. Ask it while the image is looked at.
    fn known(&self, command: Uuid) -> Option<Place> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.find(command)
    }

    /// Appends, and waits until the image has come to it.
    async fn record(&self, append: &Append) -> Result<Vec<Written>, ExecuteError> {
        let positions = if append.writes.is_empty() {
            Vec::new()
        } else {
            let events = append.event_count();
            let appending = tracing::debug_span!("append", events);
            self.append(append).instrument(appending).await?
        };
        let last = positions.iter().max().copied().unwrap_or_default();
        // It is recorded, also where the image does not come to it soon, or ever.
        let _ = tokio::time::timeout(SEEN_WITHIN, self.reached(last)).await;
        Ok(written(append, &positions))
    }

    /// Appends, and asks again where the store cannot say: the ids keep it from doubling. Once it could
    /// not, only positions or a conflict say what became of the first attempt; any other error speaks of
    /// the last one alone.
    async fn append(&self, append: &Append) -> Result<Vec<Position>, AppendError> {
        let mut answer = self.store.append(append.clone()).await;
        for _ in 0..ASKED_AGAIN_MAX {
            let Err(AppendError::Unknown(_)) = answer else {
                return answer;
            };
            tokio::time::sleep(PAUSE).await;
            answer = match self.store.append(append.clone()).await {
                Ok(positions) => return Ok(positions),
                Err(conflict @ AppendError::Conflict { .. }) => return Err(conflict),
                Err(AppendError::Unknown(source)) => Err(AppendError::Unknown(source)),
                Err(other) => Err(AppendError::Unknown(other.into())),
            };
        }
        answer
    }

    /// Waits until the image has come to `position`.
    async fn reached(&self, position: Position) -> Result<(), ExecuteError> {
        let mut followed = self.followed.subscribe();
        let there =
            |followed: &Followed| followed.position >= position || followed.stopped.is_some();
        let waited = followed.wait_for(there).await.map(|_| ());
        waited.expect("the sender lives as long as what it is shared by");
        let position_now = self.followed.borrow().position;
        if position_now >= position {
            Ok(())
        } else {
            self.check()
        }
    }

    fn fold(&self, records: &[Recorded]) -> Result<(), FoldError> {
        let mut image = self.image.write().unwrap_or_else(PoisonError::into_inner);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut each = records.iter();
        let folded = each.try_for_each(|record| {
            image.fold(&Fact::decode(record)?)?;
            recent.note(record);
            Ok(())
        });
        drop(recent);
        let position = image.position();
        drop(image);
        self.followed
            .send_modify(|followed| followed.position = position);
        folded
    }

    fn stop(&self, reason: String) {
        self.followed
            .send_modify(|followed| followed.stopped = Some(reason));
    }
}

/// Follows until that is not possible any more, and says why.
async fn keep_following(shared: Arc<Shared>, subscription: Subscription) {
    let followed = AssertUnwindSafe(follow(&shared, subscription)).catch_unwind();
    let reason = followed.await;
    shared.stop(reason.unwrap_or_else(|_| "a fault of the program, told in its log".to_owned()));
}

async fn follow(shared: &Shared, mut subscription: Subscription) -> String {
    loop {
        match next_records(&mut subscription).await {
            Ok(records) => {
                if let Err(error) = shared.fold(&records) {
                    return chain(&error);
                }
            }
            Err(ReadError::Unavailable(_)) => tokio::time::sleep(PAUSE).await,
            Err(error @ ReadError::Corrupt { .. }) => return chain(&error),
        }
    }
}

/// The next record and those that have come already. Trouble after the first comes again with the next call.
async fn next_records(subscription: &mut Subscription) -> Result<Vec<Recorded>, ReadError> {
    let mut records = Vec::new();
    loop {
        let delivery = if records.is_empty() {
            Some(subscription.next().await?)
        } else {
            poll_immediate(subscription.next())
                .await
                .and_then(Result::ok)
        };
        match delivery {
            Some(Delivery::Record(record)) => records.push(record),
            Some(Delivery::CaughtUp) if records.is_empty() => {}
            Some(Delivery::CaughtUp) | None => return Ok(records),
        }
        if records.len() == FOLD_TOGETHER_MAX {
            return Ok(records);
        }
    }
}

fn written(append: &Append, positions: &[Position]) -> Vec<Written> {
    let events = append.writes.iter().flat_map(|write| {
        let subject = write.stream.to_string();
        write
            .events
            .iter()
            .map(move |event| (event.id, subject.clone()))
    });
    let placed = events.zip(positions);
    placed
        .map(|((id, subject), &position)| Written {
            position,
            id,
            subject,
            // Another process may have recorded the same ids first, with other bytes.
            record: None,
        })
        .collect()
}
