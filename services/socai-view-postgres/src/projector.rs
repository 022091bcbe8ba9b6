//! What runs: takes over, writes batches, reconnects, stands by, parks.
//!
//! ```text
//!  connect ─► lock? ──no──► stand by, ask again
//!                │yes
//!                ▼
//!           take over (epoch + 1) ─► is the log the one that was read? ─► batches …
//! ```
//!
//! One session holds an advisory lock for as long as it lives, and every batch commits only where position
//! and epoch are still its own. So the lock may be lost without harm, and two projectors at once are one
//! that writes and one that is refused.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use socai_store::{EventStore, Position, chain};
use tokio::sync::watch;
use tokio_postgres::Client;
use tracing::Instrument;

use crate::batch::Batch;
use crate::connect::{Role, connect};
use crate::error::Error;
use crate::feed::{End, Feed, Images, Poison, Source, check_cursor, no_image};
use crate::place::{self, Place};
use crate::settings::Settings;

/// What a projector says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// What it does.
    pub state: State,
    /// The last record whose rows are in the tables, as far as this projector knows.
    pub position: Position,
    /// Where the log ended when it last looked.
    pub head: Position,
    /// Its epoch; 0 before it takes over.
    pub epoch: i64,
}

/// What a projector does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// It has not got a connection yet.
    #[default]
    Starting,
    /// Another one is the projector; this one takes over when that one is gone.
    Standby,
    /// It writes, or waits for records.
    Running,
    /// The database or the log cannot be reached; it tries again.
    Retrying {
        /// Why.
        reason: String,
    },
    /// A record cannot be folded, and it has ended. An operator is needed.
    Parked {
        /// The record.
        position: Position,
        /// Why.
        reason: String,
    },
    /// It has ended with an error.
    Failed {
        /// Which.
        reason: String,
    },
    /// It has ended as it was asked to.
    Stopped,
}

/// Keeps the tables up with the log.
pub struct Projector {
    source: Source,
    settings: Settings,
    due: Option<(Date, Date)>,
}

impl Projector {
    /// A projector of `store` that folds everything itself.
    pub fn new(store: Arc<dyn EventStore>, settings: Settings) -> Self {
        let records_max = settings.batch_records_max.max(1) as usize;
        let source = Source {
            store,
            images: no_image(),
            records_max,
        };
        Self {
            source,
            settings,
            due: None,
        }
    }

    /// Starts from the images that `images` gives, which have to be of the same log.
    #[must_use]
    pub fn with_images(self, images: Images) -> Self {
        let source = Source {
            images,
            ..self.source
        };
        Self { source, ..self }
    }

    /// Has dashboards of today count what is due from the first of these days to the last, and not within the calendar
    /// year.
    #[must_use]
    pub fn counting(self, due: Option<(Date, Date)>) -> Self {
        Self { due, ..self }
    }

    /// Runs until `stop` ends, or something needs an operator. A batch under way is finished first. What
    /// passes by itself (a lost connection, a restart of the server) is waited for.
    ///
    /// # Errors
    ///
    /// [`Error::Parked`], [`Error::Fenced`], [`Error::LogBehind`], [`Error::OtherHistory`],
    /// [`Error::NotMigrated`], [`Error::OtherLayout`], [`Error::Refused`], [`Error::Settings`]; never
    /// [`Error::Unavailable`]. The last status tells the same.
    pub async fn run(
        self,
        status: watch::Sender<Status>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let mut running = Running {
            projector: self,
            status,
            stop: std::pin::pin!(stop),
            feed: None,
            pending: None,
            at: (Position::ZERO, None),
            parking: None,
            delay: Duration::ZERO,
        };
        let ended = running.run().await;
        running.tell_end(&ended);
        ended
    }
}

struct Running<'s, Stop> {
    projector: Projector,
    status: watch::Sender<Status>,
    stop: Pin<&'s mut Stop>,
    feed: Option<Feed>,
    /// A batch of which it is not known whether it was committed.
    pending: Option<Batch>,
    /// Where the feed's next batch begins: a position, and the record there.
    at: (Position, Option<String>),
    /// The record before which the feed ends, where one cannot be folded.
    parking: Option<Poison>,
    delay: Duration,
}

/// What a projector that has written everything it had comes to.
enum Next {
    Batch(Batch),
    End(End),
    Stop,
    /// The epoch is another one.
    Lost,
}

/// Why a session ended without an error.
enum Ended {
    Stopped,
    /// Other tables serve now.
    Swapped,
}

impl<Stop: Future<Output = ()>> Running<'_, Stop> {
    async fn run(&mut self) -> Result<(), Error> {
        self.delay = self.delay_min();
        loop {
            match self.session().await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_transient() => {
                    if self.wait(&error).await {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits before the next attempt, each time longer. Whether it is to stop instead.
    async fn wait(&mut self, error: &Error) -> bool {
        let reason = chain(error);
        tracing::warn!(
            error = reason,
            delay_ms = self.delay.as_millis(),
            "the projector tries again"
        );
        self.tell(State::Retrying { reason });
        let delay = self.delay;
        let max = Duration::from_millis(self.projector.settings.retry_delay_ms_max);
        self.delay = (delay * 2).min(max);
        tokio::select! {
            () = tokio::time::sleep(delay) => false,
            () = &mut self.stop => true,
        }
    }

    async fn session(&mut self) -> Result<(), Error> {
        let mut client = connect(&self.projector.settings, Role::Projector).await?;
        if !self.become_projector(&client).await? {
            return Ok(());
        }
        loop {
            let place = place::take_over(&client, self.projector.due).await?;
            tracing::info!(
                epoch = place.epoch,
                position = place.position.0,
                "the projector takes over"
            );
            self.status.send_modify(|status| {
                (status.epoch, status.position) = (place.epoch, place.position);
            });
            self.resume(&place).await?;
            self.delay = self.delay_min();
            self.tell(State::Running);
            match self.write_on(&mut client, &place).await? {
                Ended::Stopped => {
                    // The rows are there; that it says "running" is put right by the next one.
                    if let Err(error) = place::stopped(&client, place.epoch).await {
                        tracing::warn!(
                            error = chain(&error),
                            "the projector could not say that it stops"
                        );
                    }
                    return Ok(());
                }
                Ended::Swapped => tracing::info!("other tables serve now; the projector follows"),
            }
        }
    }

    /// Waits for the lock. Whether it got it, rather than being stopped.
    async fn become_projector(&mut self, client: &Client) -> Result<bool, Error> {
        let poll = Duration::from_millis(self.projector.settings.standby_poll_ms);
        while !place::try_lock(client).await? {
            self.tell(State::Standby);
            place::end_silent(client, self.projector.settings.silent_ms_max).await?;
            tokio::select! {
                () = tokio::time::sleep(poll) => {}
                () = &mut self.stop => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Finds out whether a batch without an answer was committed, and goes on from there; begins anew
    /// where somebody else has written since.
    async fn resume(&mut self, place: &Place) -> Result<(), Error> {
        if let Some(batch) = &self.pending
            && (batch.to.position, Some(&batch.to.id)) == (place.position, place.record_id.as_ref())
        {
            self.at = (place.position, place.record_id.clone());
            self.pending = None;
        }
        let same = self.at == (place.position, place.record_id.clone());
        if self.feed.is_none() || !same {
            self.pending = None;
            self.parking = None;
            self.start_feed(place, None).await?;
        }
        Ok(())
    }

    async fn start_feed(&mut self, place: &Place, limit: Option<Position>) -> Result<(), Error> {
        self.feed = None;
        check_cursor(&*self.projector.source.store, place).await?;
        self.at = (place.position, place.record_id.clone());
        self.feed = Some(Feed::start(&self.projector.source, place, limit));
        Ok(())
    }

    async fn write_on(&mut self, client: &mut Client, place: &Place) -> Result<Ended, Error> {
        loop {
            if self.pending.is_none() {
                match self.next(client, place.epoch).await? {
                    Next::Batch(batch) => self.pending = Some(batch),
                    Next::End(end) => {
                        self.end_of_feed(end, client, place).await?;
                        continue;
                    }
                    Next::Stop => return Ok(Ended::Stopped),
                    Next::Lost => return lost(client, place).await,
                }
            }
            let batch = self.pending.as_ref().expect("it was filled above");
            let (records, position) = (batch.records(), batch.to.position.0);
            let writing = tracing::error_span!("project", role = "projector", records, position);
            if !commit(client, batch, place).instrument(writing).await? {
                return lost(client, place).await;
            }
            self.committed();
        }
    }

    /// What comes next. While it waits it says that it is there, and so finds out whether the server is, and
    /// whether this is still its projector.
    async fn next(&mut self, client: &Client, epoch: i64) -> Result<Next, Error> {
        let poll = Duration::from_millis(self.projector.settings.standby_poll_ms);
        let feed = self.feed.as_mut().expect("a session starts with a feed");
        loop {
            tokio::select! {
                () = &mut self.stop => return Ok(Next::Stop),
                next = feed.next() => return Ok(next.map_or_else(Next::End, Next::Batch)),
                () = tokio::time::sleep(poll) => {
                    if !place::alive(client, epoch).await? {
                        return Ok(Next::Lost);
                    }
                }
            }
        }
    }

    fn committed(&mut self) {
        let batch = self.pending.take().expect("what was committed was pending");
        let to = batch.to;
        self.status.send_modify(|status| {
            (status.position, status.head) = (to.position, batch.head.max(to.position));
        });
        self.at = (to.position, Some(to.id));
    }

    async fn end_of_feed(&mut self, end: End, client: &Client, place: &Place) -> Result<(), Error> {
        let poison = match end {
            End::Failed(error) => {
                self.feed = None;
                return Err(Error::Log(error));
            }
            End::Reached => self
                .parking
                .take()
                .expect("only before poison has a feed a limit"),
            End::Poison(poison) => poison,
        };
        let before = Position(poison.position.0 - 1);
        if poison.whole || self.at.0 >= before {
            return Err(self.park(&poison, client, place).await?);
        }
        // What came before it in its batch is folded anew, and written, before anything else.
        let (position, record_id) = self.at.clone();
        let from = Place {
            position,
            record_id,
            ..place.clone()
        };
        self.start_feed(&from, Some(before)).await?;
        self.parking = Some(poison);
        Ok(())
    }

    async fn park(
        &mut self,
        poison: &Poison,
        client: &Client,
        place: &Place,
    ) -> Result<Error, Error> {
        self.feed = None;
        let (position, reason) = (poison.position, poison.reason.clone());
        place::park(client, place.epoch, position, &reason).await?;
        Ok(Error::Parked { position, reason })
    }

    fn delay_min(&self) -> Duration {
        Duration::from_millis(self.projector.settings.retry_delay_ms_min)
    }

    fn tell(&self, state: State) {
        self.status.send_modify(|status| status.state = state);
    }

    fn tell_end(&self, ended: &Result<(), Error>) {
        let state = match ended {
            Ok(()) => State::Stopped,
            Err(Error::Parked { position, reason }) => State::Parked {
                position: *position,
                reason: reason.clone(),
            },
            Err(error) => State::Failed {
                reason: chain(error),
            },
        };
        if let Err(error) = ended {
            tracing::error!(error = chain(error), "the projector has ended");
        }
        self.tell(state);
    }
}

/// Writes `batch` and moves the place. `false` where the place was not where the batch begins, in this
/// epoch; then nothing is written.
async fn commit(client: &mut Client, batch: &Batch, place: &Place) -> Result<bool, Error> {
    let transaction = client.transaction().await?;
    if !place::advance(&transaction, batch, place.epoch).await? {
        transaction.rollback().await?;
        return Ok(false);
    }
    batch.write(&transaction, &place.serving).await?;
    transaction.commit().await?;
    tracing::debug!("rows of a batch are written");
    Ok(true)
}

/// Why a batch was not let in: other tables serve, or another projector writes.
async fn lost(client: &Client, mine: &Place) -> Result<Ended, Error> {
    let now = place::read(client).await?;
    if now.serving == mine.serving {
        let epoch = mine.epoch;
        return Err(Error::Fenced { epoch });
    }
    Ok(Ended::Swapped)
}
