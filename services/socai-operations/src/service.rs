//! What an edge asks: every question and every command, by whoever it says.
//!
//! Who may see or do what is asked of the domain's table, against the ledger as it is now: also where an answer is
//! about what was known earlier. Deliberately absent: who it is that asks, which the edge finds out, and wires.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use serde_json::value::RawValue;
use socai_app::leaves::leaves_of;
use socai_app::ledger::Outcome;
use socai_app::live::{ExecuteError, Live};
use socai_app::request::{self, Request};
use socai_app::snapshots::Snapshots;
use socai_domain::origin::{Asking, Origin};
use socai_domain::permission::{self, Reading, Scope};
use socai_identity::Principal;
use socai_ledger::image::Image;
use socai_store::{AppendError, CheckpointLog, EventStore};
use uuid::Uuid;

use crate::catalogue::{Answering, Entry, Put};
use crate::page::Page;
use crate::past::Past;
use crate::question::{Asked, Frame, Sources};
use crate::report::Report;
use crate::trouble::{Trouble, chain};

/// A ledger to ask and to record into.
pub struct Service {
    live: Arc<Live>,
    past: Past,
    sources: Sources,
}

/// An answer, or a page of it.
pub struct Answer {
    /// For when it holds.
    pub frame: Frame,
    /// The rows.
    pub answering: Box<dyn Answering>,
    /// Where more follow: the cursor of the next page.
    pub next: Option<String>,
}

/// A command as it comes over a wire.
#[derive(Debug)]
pub struct CommandLine {
    /// Its name, such as `report.submit`.
    pub name: String,
    /// The day on which it happened in the world, or will take effect.
    pub effective: Date,
    /// What the command takes.
    pub data: Box<RawValue>,
    /// Made for demonstration.
    pub synthetic: bool,
    /// Its id, where whoever asks gives one: asked again, it is recorded once.
    pub id: Option<Uuid>,
}

impl Service {
    /// Over the ledger that `live` follows, its snapshots, and what was signed of it, where there are any.
    pub fn new(
        live: Arc<Live>,
        snapshots: Option<Snapshots>,
        checkpoints: Option<Arc<dyn CheckpointLog>>,
    ) -> Self {
        let past = Past::new(live.clone(), snapshots);
        let sources = Sources {
            store: live.store().clone(),
            checkpoints,
        };
        Self {
            live,
            past,
            sources,
        }
    }

    /// The ledger.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Its records.
    pub fn store(&self) -> &Arc<dyn EventStore> {
        self.live.store()
    }

    /// Its images of earlier.
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// The last position that answers are true at.
    pub fn position(&self) -> u64 {
        self.live.image().position().0
    }

    /// What of `reading` the account may see now.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`] where that is nothing.
    pub fn scope(&self, reading: Reading, who: &Principal) -> Result<Scope, Trouble> {
        let today = now(who).today();
        Ok(permission::scope(
            reading,
            &who.account,
            self.live.image().registry(),
            today,
        )?)
    }

    /// Answers a question.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; what lies outside of what the account may see is not there.
    pub async fn ask(
        &self,
        entry: &Entry,
        parameters: Value,
        page: Page,
        who: &Principal,
    ) -> Result<Answer, Trouble> {
        let put = (entry.read)(parameters)?;
        let wanted = page.read()?;
        self.check()?;
        let scope = self.scope(entry.reading, who)?;
        let (frame, mut answering) = self.answer(put, scope, now(who).today()).await?;
        let next = answering.gather(&self.sources, &wanted).await?;
        let next = next.map(|place| place.to_string());
        Ok(Answer {
            frame,
            answering,
            next,
        })
    }

    /// Counting takes its time, and is done on a thread of its own.
    async fn answer(
        &self,
        put: Box<dyn Put>,
        scope: Scope,
        today: Date,
    ) -> Result<(Frame, Box<dyn Answering>), Trouble> {
        let past = match put.known_at() {
            Some(known) => Some(self.past.at(known).await?),
            None => None,
        };
        let live = self.live.clone();
        let answered = tokio::task::spawn_blocking(move || {
            let now = live.image();
            let position = now.position().0;
            match past {
                None => answer(&*put, &now, position, &scope, today),
                Some(past) => {
                    drop(now);
                    answer(&*put, &past, position, &scope, today)
                }
            }
        });
        answered
            .await
            .unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()))
    }

    /// Records one command.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; only where it says that it cannot be known may anything have been recorded.
    pub async fn record(&self, line: CommandLine, who: &Principal) -> Result<Report, Trouble> {
        let request = line.request()?;
        let origin = now(who);
        self.permit(&request, &origin)?;
        let outcome = self.live.execute(&request, &origin).await;
        match outcome.map_err(not_executed)? {
            Outcome::Refused(refused) => Err(Trouble::Refused(refused)),
            outcome => Ok(self.report(outcome).await),
        }
    }

    /// What became of a command, with its leaf hashes. Where they cannot be read back a receipt may be asked later.
    async fn report(&self, outcome: Outcome) -> Report {
        let outcomes = [outcome];
        let leaves = leaves_of(&**self.store(), &outcomes)
            .await
            .unwrap_or_default();
        let [outcome] = outcomes;
        Report::of(outcome, None).with_leaves(&leaves)
    }

    fn permit(&self, request: &Request, origin: &Origin) -> Result<(), Trouble> {
        let image = self.live.image();
        let asking = Asking {
            on: request.effective,
            origin,
            registry: image.registry(),
            obligations: &*image,
        };
        Ok(permission::permit(&request.command, &asking)?)
    }

    fn check(&self) -> Result<(), Trouble> {
        let stopped = self.live.followed().borrow().stopped.clone();
        stopped.map_or(Ok(()), |reason| Err(Trouble::Stopped(reason)))
    }
}

impl CommandLine {
    fn request(&self) -> Result<Request, Trouble> {
        let read = request::of(&self.name, self.data.get()).map_err(|bad| Trouble::Command {
            code: bad.code(),
            sentence: bad.to_string(),
        })?;
        Ok(Request {
            command: read,
            effective: self.effective,
            synthetic: self.synthetic,
            id: self.id,
            actor: None,
        })
    }
}

/// The answer from `image`, of a ledger that is at `position`.
fn answer(
    put: &dyn Put,
    image: &Image,
    position: u64,
    scope: &Scope,
    today: Date,
) -> Result<(Frame, Box<dyn Answering>), Trouble> {
    let answering = put.answer(&Asked {
        image,
        today,
        scope,
    })?;
    let frame = Frame {
        position,
        known_at: image.position().0,
        as_of: put.as_of(today),
        definition: socai_domain::rate::DEFINITION,
    };
    Ok((frame, answering))
}

fn now(who: &Principal) -> Origin {
    Origin {
        actor: who.account.clone(),
        at: Timestamp::now(),
    }
}

fn not_executed(error: ExecuteError) -> Trouble {
    let sentence = chain(&error);
    match error {
        ExecuteError::Stopped { .. } => Trouble::Stopped(sentence),
        ExecuteError::Append(AppendError::Unknown(_)) => Trouble::Unknown(sentence),
        ExecuteError::Contended | ExecuteError::Append(_) | ExecuteError::Read(_) => {
            Trouble::Unavailable(sentence)
        }
    }
}
