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
use crate::turns::{self, Turn, Turns};
use crate::works::{aside, now, scope};

pub use crate::recording::{CommandLine, How};

/// What computes for long, such as counting, and writing and reading much: it has a thread, of the 64 that there are.
const AT_WORK: turns::Limits = turns::Limits {
    together: 16,
    of_one_account: 4,
    waiting: 256,
};

/// A ledger to ask and to record into.
pub struct Service {
    live: Arc<Live>,
    past: Past,
    sources: Sources,
    turns: Turns,
}

/// An answer, or a page of it.
pub struct Answer {
    /// For when it holds.
    pub frame: Frame,
    /// Where more follow: the cursor of the next page.
    pub next: Option<String>,
    rows: Box<dyn Answering>,
    turn: Turn,
}

impl Answer {
    /// What is made of the rows: bytes of a file, a message. Many rows take their time, so that it is made on a thread
    /// of its own, in the account's turn.
    pub async fn made<T: Send + 'static>(
        self,
        make: impl FnOnce(&dyn Answering, Frame) -> T + Send + 'static,
    ) -> T {
        let Self {
            frame, rows, turn, ..
        } = self;
        turn.does(move || make(&*rows, frame)).await
    }
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
            turns: Turns::new(AT_WORK),
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

    /// The next turn of the account at what computes for long.
    pub(crate) async fn turn(&self, who: &Principal) -> Result<Turn, Trouble> {
        self.turns.next(&who.account).await
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
        let past = match put.known_at() {
            Some(known) => Some(self.past.at(known, &who.account).await?),
            None => None,
        };
        let turn = self.turn(who).await?;
        let (live, sources) = (self.live.clone(), self.sources.clone());
        let today = now(&who.account).today();
        // Counting takes its time, and its turn ends with it, also where nobody waits for it any more.
        aside(async move {
            let (frame, mut rows) = answer(&*put, &live, past.as_deref(), &scope, today)?;
            let next = rows.gather(&sources, &wanted).await?;
            Ok(Answer {
                frame,
                next: next.map(|place| place.to_string()),
                rows,
                turn,
            })
        })
        .await
    }

    fn check(&self) -> Result<(), Trouble> {
        let stopped = self.live.followed().borrow().stopped.clone();
        stopped.map_or(Ok(()), |reason| Err(Trouble::Stopped(reason)))
    }
}

/// The answer from the image as it is, or as it was known in the `past`.
fn answer(
    put: &dyn Put,
    live: &Live,
    past: Option<&Image>,
    scope: &Scope,
    today: Date,
) -> Result<(Frame, Box<dyn Answering>), Trouble> {
    let now = live.image();
    let position = now.position().0;
    match past {
        None => answer_from(put, &now, position, scope, today),
        Some(past) => {
            drop(now);
            answer_from(put, past, position, scope, today)
        }
    }
}

/// The answer from `image`, of a ledger that is at `position`.
fn answer_from(
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

#[cfg(test)]
mod tests;
