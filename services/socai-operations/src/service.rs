//! What an edge asks: every question, by whoever it says. Commands are in [`crate::recording`].
//!
//! Who may see or do what is asked of the domain's table, against the ledger as it is now: also where an answer is
//! about what was known earlier. Deliberately absent: who it is that asks, which the edge finds out, and wires.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;
use socai_app::live::Live;
use socai_app::snapshots::Snapshots;
use socai_domain::permission::{Reading, Scope};
use socai_identity::Principal;
use socai_ledger::image::Image;
use socai_store::{CheckpointLog, EventStore};

use crate::catalogue::{Answering, Entry, Put};
use crate::page::Page;
use crate::past::Past;
use crate::question::{Asked, Frame, Sources};
use crate::trouble::Trouble;
use crate::works::{now, scope};

pub use crate::recording::{CommandLine, How};

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
        scope(&self.live, reading, &who.account)
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
        let (frame, mut answering) = self.answer(put, scope, now(&who.account).today()).await?;
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

    fn check(&self) -> Result<(), Trouble> {
        let stopped = self.live.followed().borrow().stopped.clone();
        stopped.map_or(Ok(()), |reason| Err(Trouble::Stopped(reason)))
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
