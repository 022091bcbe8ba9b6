//! What changes, told as it is recorded: which thing, by what sort of event, at which position.
//!
//! An update is told once the live image has come to it, so that whoever asks next is answered with it. Updates say
//! nothing of the content; what concerns nobody whom the listener may see is passed over, and so are accounts.
//! Deliberately absent: heartbeats and buffers, which are the wire's.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::live::{Followed, Live};
use socai_domain::permission::Scope;
use socai_domain::subject::Subject;
use socai_ledger::image::Image;
use socai_store::{Delivery, Position, Recorded, Subscription, envelope};

use crate::sight::sees;
use crate::trouble::Trouble;

/// Something that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Its position.
    pub position: u64,
    /// What it is about, such as `obligation.<id>`.
    pub subject: String,
    /// The type of the event.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it took effect, or happened.
    pub effective: Date,
    /// When the ledger took it in.
    pub recorded: Timestamp,
}

/// What a listener is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Something that it may see changed.
    Changed(Change),
    /// Everything up to this position was told, or passed over.
    CaughtUp(Position),
}

/// What changes after a position, without end.
pub struct Updates {
    live: Arc<Live>,
    subscription: Subscription,
    reached: Position,
    /// A record that came and was not told yet.
    waiting: Option<Recorded>,
}

impl Updates {
    /// What changes after `after`.
    ///
    /// # Errors
    ///
    /// [`Trouble::Parameter`] where the ledger ends before it.
    pub async fn after(live: Arc<Live>, after: Position) -> Result<Self, Trouble> {
        let end = live.store().head().await?;
        if after > end {
            let sentence = format!("{after}: the ledger ends at position {end}");
            return Err(Trouble::parameter("after", sentence));
        }
        Ok(Self {
            subscription: live.store().subscribe(after).await?,
            live,
            reached: after,
            waiting: None,
        })
    }

    /// The next update, as `scope` allows to see when it is told; `None` ends the updates.
    ///
    /// Dropping the future loses nothing: the next call tells what this one would have.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn next(
        &mut self,
        scope: impl Fn(&Image) -> Option<Scope>,
    ) -> Result<Option<Update>, Trouble> {
        loop {
            if let Some(record) = &self.waiting {
                reached(&self.live, record.position).await?;
                let image = self.live.image();
                let Some(scope) = scope(&image) else {
                    return Ok(None);
                };
                let change = seen(&image, &scope, record)?;
                self.reached = record.position;
                self.waiting = None;
                if let Some(change) = change {
                    return Ok(Some(Update::Changed(change)));
                }
            }
            match self.subscription.next().await? {
                Delivery::CaughtUp => return Ok(Some(Update::CaughtUp(self.reached))),
                Delivery::Record(record) => self.waiting = Some(record),
            }
        }
    }
}

/// Waits until the live image has come to `position`.
async fn reached(live: &Live, position: Position) -> Result<(), Trouble> {
    let mut followed = live.followed();
    let there = |now: &Followed| now.position >= position || now.stopped.is_some();
    let now = followed.wait_for(there).await;
    match now.map(|now| now.clone()) {
        Ok(now) if now.position >= position => Ok(()),
        Ok(Followed { stopped, .. }) => Err(Trouble::Stopped(stopped.unwrap_or_default())),
        Err(_) => Err(Trouble::Unavailable("the process ends".to_owned())),
    }
}

fn seen(image: &Image, scope: &Scope, record: &Recorded) -> Result<Option<Change>, Trouble> {
    let position = record.position.0;
    let told = envelope::parse(&record.bytes);
    let told = told.map_err(|error| Trouble::Stopped(format!("position {position}: {error}")))?;
    let sees = match Subject::parse(&told.subject) {
        Ok(Subject::Account(_)) => false,
        Ok(subject) => sees(image, scope, &subject),
        Err(_) => *scope == Scope::Everything,
    };
    Ok(sees.then(|| Change {
        position,
        subject: told.subject.into_owned(),
        event_type: told.event_type.into_owned(),
        effective: told.time.date(),
        recorded: told.recorded_time,
    }))
}
