//! From the log to batches: one task reads, one folds and makes rows, and whoever writes takes them.
//!
//! A batch ends where it is full, or where the log has no more and the writer has nothing to do. So a quiet
//! ledger is written record by record, and a busy one in batches as large as the writer is slow.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use socai_ledger::view::Changes;
use socai_ledger::{Fact, FoldError, Image};
use socai_store::{Delivery, EventStore, Position, ReadError, Recorded, Subscription};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::batch::{Batch, Last};
use crate::error::Error;
use crate::place::Place;

/// Records read ahead of the fold in one go, at most.
const CHUNK: usize = 4_096;

/// How long to wait before the log is asked again after it could not be.
const AGAIN: Duration = Duration::from_millis(500);

/// Gives an image at the position asked for or at any before it; the nearer, the quicker is the start.
/// One beyond it is not used.
pub type Images = Arc<dyn Fn(Position) -> BoxFuture<'static, Image> + Send + Sync>;

/// An image of no records, from which everything is folded.
pub(crate) fn no_image() -> Images {
    Arc::new(|_| Box::pin(async { Image::new() }))
}

/// Where batches come from.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) images: Images,
    pub(crate) records_max: usize,
}

/// Batches after a place, without end or up to a limit.
pub(crate) struct Feed {
    batches: mpsc::Receiver<Batch>,
    folding: JoinHandle<End>,
}

/// Why there is no further batch.
#[derive(Debug)]
pub(crate) enum End {
    /// The limit is reached.
    Reached,
    /// A record cannot be folded.
    Poison(Poison),
    /// The log cannot be read.
    Failed(ReadError),
}

/// A record that cannot be folded.
#[derive(Debug, Clone)]
pub(crate) struct Poison {
    pub(crate) position: Position,
    pub(crate) reason: String,
    /// Everything before it was handed out. Otherwise the image was spoilt with rows in it, and what is
    /// missing has to be folded anew, up to the record.
    pub(crate) whole: bool,
}

impl Feed {
    /// Begins after `place`, and ends after `limit`.
    pub(crate) fn start(source: &Source, place: &Place, limit: Option<Position>) -> Self {
        let (sender, batches) = mpsc::channel(1);
        let (source, cursor) = (source.clone(), place.position);
        let folding = tokio::spawn(feed(source, cursor, limit, sender));
        Self { batches, folding }
    }

    /// The next batch. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Batch, End> {
        match self.batches.recv().await {
            Some(batch) => Ok(batch),
            None => Err((&mut self.folding).await.expect("a fold does not panic")),
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.folding.abort();
    }
}

/// Checks that the log has the record at which the view is.
pub(crate) async fn check_cursor(store: &dyn EventStore, place: &Place) -> Result<(), Error> {
    let Some(expected) = &place.record_id else {
        return Ok(());
    };
    let cursor = place.position;
    let before = Position(cursor.0 - 1);
    // A store that is a moment behind is not a shorter log: once it was asked for its end it is level.
    let head = store.head().await.map_err(Error::Log)?;
    let read = store.read_all(before, NonZeroU32::MIN).await;
    let Some(record) = read.map_err(Error::Log)?.into_iter().next() else {
        return Err(Error::LogBehind { cursor, head });
    };
    let found = Last::of(&record).map_or_else(|| "unreadable".to_owned(), |last| last.id);
    if found == *expected {
        Ok(())
    } else {
        let expected = expected.clone();
        Err(Error::OtherHistory {
            cursor,
            expected,
            found,
        })
    }
}

async fn feed(
    source: Source,
    cursor: Position,
    limit: Option<Position>,
    batches: mpsc::Sender<Batch>,
) -> End {
    let image = (source.images)(cursor).await;
    let image = if image.position() > cursor {
        Image::new()
    } else {
        image
    };
    let chunk = source.records_max.clamp(1, CHUNK);
    let store = source.store.clone();
    let mut chunks = Reader::start(source.store, image.position(), limit, chunk);
    let mut work = Work::new(image, cursor);
    loop {
        let full = work.records() >= source.records_max;
        let ready = work.records() > 0 && (work.dry || full);
        tokio::select! {
            biased;
            chunk = chunks.receiver.recv(), if !full => {
                let Some(chunk) = chunk else {
                    flush(work, &batches).await;
                    return End::Reached;
                };
                let chunk = match chunk {
                    Ok(chunk) => chunk,
                    Err(error) => return End::Failed(error),
                };
                let (taken, poison) = on_a_thread(move || {
                    let poison = work.take(&chunk);
                    (work, poison)
                })
                .await;
                work = taken;
                if let Some(poison) = poison {
                    if poison.whole {
                        flush(work, &batches).await;
                    }
                    return End::Poison(poison);
                }
            }
            permit = batches.reserve(), if ready => {
                let Ok(permit) = permit else {
                    return End::Reached;
                };
                if !work.dry {
                    // Only shown: how far the tables are behind.
                    work.head = store.head().await.unwrap_or(work.head);
                }
                let (made, batch) = on_a_thread(move || work.batch()).await;
                work = made;
                permit.send(batch);
            }
        }
    }
}

async fn flush(work: Work, batches: &mpsc::Sender<Batch>) {
    if work.records() > 0 {
        let (_, batch) = on_a_thread(move || work.batch()).await;
        // Nobody listens where the projector has stopped.
        drop(batches.send(batch).await);
    }
}

/// Runs what takes milliseconds where it keeps no other task waiting.
pub(crate) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let ran = tokio::task::spawn_blocking(work).await;
    ran.expect("a fold does not panic, and nobody cancels it")
}

/// An image, and what it changed since the last batch.
struct Work {
    image: Image,
    changes: Changes,
    /// Rows of records up to here are written already.
    cursor: Position,
    last: Option<Recorded>,
    /// The log had no more when the last chunk was read.
    dry: bool,
    head: Position,
}

/// What is read in one go.
struct Chunk {
    records: Vec<Recorded>,
    dry: bool,
}

impl Work {
    fn new(image: Image, cursor: Position) -> Self {
        Self {
            changes: Changes::since(&image),
            image,
            cursor,
            last: None,
            dry: false,
            head: Position::ZERO,
        }
    }

    fn records(&self) -> usize {
        let behind = self.image.position().0.saturating_sub(self.cursor.0);
        usize::try_from(behind).expect("a batch fits memory")
    }

    fn take(&mut self, chunk: &Chunk) -> Option<Poison> {
        self.dry = chunk.dry;
        for record in &chunk.records {
            if let Err(error) = self.fold(record) {
                return Some(poison(record.position, &error));
            }
            self.head = record.position;
        }
        None
    }

    fn fold(&mut self, record: &Recorded) -> Result<(), FoldError> {
        let fact = Fact::decode(record)?;
        self.image.fold(&fact)?;
        if record.position > self.cursor {
            self.changes.note(&self.image, &fact);
            self.last = Some(record.clone());
        } else if record.position == self.cursor {
            self.changes = Changes::since(&self.image);
        }
        Ok(())
    }

    fn batch(mut self) -> (Self, Batch) {
        let last = self.last.take().expect("a batch is made of some records");
        let to = Last::of(&last).expect("its envelope was read when it was folded");
        let from = std::mem::replace(&mut self.cursor, to.position);
        let batch = Batch::of(&self.image, &mut self.changes, from, to, self.head);
        self.changes = Changes::since(&self.image);
        (self, batch)
    }
}

fn poison(position: Position, error: &FoldError) -> Poison {
    let whole = match error {
        FoldError::Unreadable { .. } | FoldError::Gap { .. } | FoldError::RevisionGap { .. } => {
            true
        }
        FoldError::Misfit { .. } | FoldError::NotOpened { .. } | FoldError::Full { .. } => false,
    };
    let reason = error.to_string();
    Poison {
        position,
        reason,
        whole,
    }
}

/// Reads ahead.
struct Reader {
    receiver: mpsc::Receiver<Result<Chunk, ReadError>>,
    task: JoinHandle<()>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Reader {
    fn start(
        store: Arc<dyn EventStore>,
        after: Position,
        limit: Option<Position>,
        chunk: usize,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(2);
        let task = tokio::spawn(async move {
            if let Err(error) = read(&*store, after, limit, chunk, &sender).await {
                // Nobody listens where the fold has ended.
                drop(sender.send(Err(error)).await);
            }
        });
        Self { receiver, task }
    }
}

async fn read(
    store: &dyn EventStore,
    mut after: Position,
    limit: Option<Position>,
    size: usize,
    to: &mpsc::Sender<Result<Chunk, ReadError>>,
) -> Result<(), ReadError> {
    let mut subscription = subscribe(store, after).await?;
    while limit.is_none_or(|limit| after < limit) {
        let left = limit.map_or(u64::MAX, |limit| limit.0 - after.0);
        let size = usize::try_from(left).map_or(size, |left| left.min(size));
        let chunk = chunk(&mut subscription, size).await?;
        after = chunk.records.last().map_or(after, |last| last.position);
        if to.send(Ok(chunk)).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Asks until the log can be asked.
async fn subscribe(store: &dyn EventStore, after: Position) -> Result<Subscription, ReadError> {
    loop {
        match store.subscribe(after).await {
            Ok(subscription) => return Ok(subscription),
            Err(error) => wait_for_the_log(error).await?,
        }
    }
}

/// Up to `size` records; fewer where the log has no more.
async fn chunk(subscription: &mut Subscription, size: usize) -> Result<Chunk, ReadError> {
    let mut records = Vec::with_capacity(size);
    while records.len() < size {
        match subscription.next().await {
            Ok(Delivery::Record(record)) => records.push(record),
            Ok(Delivery::CaughtUp) => return Ok(Chunk { records, dry: true }),
            Err(error) => wait_for_the_log(error).await?,
        }
    }
    Ok(Chunk {
        records,
        dry: false,
    })
}

async fn wait_for_the_log(error: ReadError) -> Result<(), ReadError> {
    match error {
        ReadError::Unavailable(why) => {
            tracing::warn!(error = %why, "the log cannot be asked; asking again");
            tokio::time::sleep(AGAIN).await;
            Ok(())
        }
        ReadError::Corrupt { .. } => Err(error),
    }
}
