//! New tables while the old ones serve, and then the names swap.
//!
//! ```text
//!  fold the log ─► one transaction: tables, COPY, indexes, views, check
//!               ─► one transaction: catch up, rename, place ─► what served before goes
//! ```
//!
//! Nothing of the new tables is seen before they are whole and say what the image says. Cancelled or
//! killed at any moment, the old ones serve; what is left of new ones goes with the next rebuild. A
//! projector that runs meanwhile is kept out for the moment of the swap, and follows. Readers are never kept
//! out: a name leads to one set of views or to the other, and whoever reads the old ones reads on.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socai_ledger::view::Changes;
use socai_ledger::{Fact, FoldError, Image};
use socai_store::{EventStore, Position, Recorded};
use tokio::sync::mpsc;
use tokio_postgres::{Client, GenericClient, Transaction};

use crate::batch::{Batch, Copy, Last};
use crate::check::compare;
use crate::connect::{Role, connect};
use crate::error::Error;
use crate::feed::on_a_thread;
use crate::layout::{
    LAYOUT, REPORTING, idle_views, make_indexes, make_tables, make_views, name_schema,
};
use crate::place::expect_none_newer;
use crate::rows::{self, Table, bigint};
use crate::settings::Settings;

/// One rebuild at a time.
const REBUILD_LOCK: i64 = 0x0050_CA10_0003;

const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("it is not zero");

/// Attempts to swap while the projector writes, and to drop what served before while somebody reads it.
const ATTEMPTS_MAX: u32 = 20;

/// How long to wait between them.
const AGAIN: Duration = Duration::from_millis(100);

/// How far a rebuild is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// What is done now.
    pub stage: Stage,
    /// Records folded, or rows written.
    pub done: u64,
    /// How many there are, as far as is known.
    pub of: u64,
    /// Of them, in a second.
    pub per_second: f64,
    /// The rest of this stage, at that rate.
    pub left: Option<Duration>,
}

/// What a rebuild does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Records are read and folded.
    Folding,
    /// Rows are written.
    Writing,
    /// Indexes are made.
    Indexing,
    /// Rows are counted, and rates compared.
    Checking,
    /// The names are changed.
    Swapping,
}

/// What a rebuild made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// The schema that serves now.
    pub schema: String,
    /// The position at which its rows are.
    pub position: Position,
    /// How many rows there are.
    pub rows: u64,
}

/// Fills new tables from the whole log, checks them, and lets them serve. Dropping the future leaves the
/// old ones serving.
///
/// # Errors
///
/// [`Error::NewerLayout`], [`Error::Parked`] where a record cannot be folded, [`Error::Differs`], [`Error::RebuildUnderWay`],
/// [`Error::LogBehind`], [`Error::Log`], [`Error::Unavailable`], [`Error::Refused`]. The old tables serve.
pub async fn rebuild(
    store: Arc<dyn EventStore>,
    settings: &Settings,
    progress: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, Error> {
    let mut client = connect(settings, Role::Owner).await?;
    let lock = client.query_one("SELECT pg_try_advisory_lock($1)", &[&REBUILD_LOCK]);
    if !lock.await?.get::<_, bool>(0) {
        return Err(Error::RebuildUnderWay);
    }
    expect_none_newer(&client).await?;
    let mut meter = Meter::new(progress);
    clear_patiently(&mut client, 1).await?;
    let head = store.head().await.map_err(Error::Log)?;
    let mut folded = Folded::new(store);
    folded.fold_to(head, None, &mut meter).await?;
    let (folded, schema, rows) = fill(&mut client, folded, &mut meter).await?;
    let position = swap_patiently(&mut client, folded, &schema, &mut meter).await?;
    clear_patiently(&mut client, ATTEMPTS_MAX).await?;
    Ok(Rebuilt {
        schema,
        position,
        rows,
    })
}

/// Drops all tables and views that do not serve. Those that somebody reads still stay for the next
/// rebuild.
async fn clear_patiently(client: &mut Client, attempts: u32) -> Result<(), Error> {
    for attempt in 1..=attempts {
        match clear(client).await {
            Err(error) if error.is_transient() && !client.is_closed() => {
                tracing::info!(%error, attempt, "tables that served before are in use");
                tokio::time::sleep(AGAIN).await;
            }
            ended => return ended,
        }
    }
    Ok(())
}

async fn clear(client: &mut Client) -> Result<(), Error> {
    let idle = client
        .query(
            "SELECT n.nspname::text FROM pg_namespace n, control.projection p \
             WHERE n.nspname ~ '^ledger_[0-9]+$' AND n.nspname IS DISTINCT FROM p.serving",
            &[],
        )
        .await?;
    for schema in idle.iter().map(|row| row.get::<_, String>(0)) {
        let views = idle_views(&schema);
        if built_upon(client, &views).await? {
            tracing::warn!(
                schema,
                "views of somebody else read tables that do not serve: they are kept"
            );
            continue;
        }
        let transaction = client.transaction().await?;
        // Shorter than the server takes to find a deadlock: a reader in the way is not the one to give up.
        let drop = format!(
            "SET LOCAL lock_timeout = '200ms'; DROP SCHEMA IF EXISTS {views} CASCADE; DROP SCHEMA {schema} CASCADE"
        );
        transaction.batch_execute(&drop).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Whether a view elsewhere reads a view of the schema `views`. It would be dropped with it.
async fn built_upon(client: &Client, views: &str) -> Result<bool, Error> {
    let ask = "SELECT EXISTS (SELECT FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid \
               JOIN pg_class reads ON reads.oid = r.ev_class JOIN pg_class is_read ON is_read.oid = d.refobjid \
               JOIN pg_namespace n ON n.oid = is_read.relnamespace \
               WHERE d.classid = 'pg_rewrite'::regclass AND n.nspname = $1::text::name \
               AND reads.relnamespace <> is_read.relnamespace)";
    Ok(client.query_one(ask, &[&views]).await?.get(0))
}

/// The log, folded.
struct Folded {
    store: Arc<dyn EventStore>,
    image: Image,
    last: Option<Recorded>,
}

impl Folded {
    fn new(store: Arc<dyn EventStore>) -> Self {
        Self {
            store,
            image: Image::new(),
            last: None,
        }
    }

    /// Folds up to `to`, reading one chunk while it folds the one before, and notes what that changes.
    async fn fold_to(
        &mut self,
        to: Position,
        mut changes: Option<&mut Changes>,
        meter: &mut Meter<impl FnMut(Progress)>,
    ) -> Result<(), Error> {
        meter.begin(Stage::Folding, to.0);
        let mut chunk = self.read(self.image.position(), to).await?;
        while let Some(last) = chunk.last().cloned() {
            let (image, noted) = (
                std::mem::take(&mut self.image),
                changes.as_deref_mut().map(std::mem::take),
            );
            let folding = on_a_thread(move || fold(image, noted, &chunk));
            let (folding, next) = tokio::join!(folding, self.read(last.position, to));
            let (image, noted) = folding.map_err(|error| parked(&error))?;
            self.image = image;
            if let (Some(changes), Some(noted)) = (changes.as_deref_mut(), noted) {
                *changes = noted;
            }
            self.last = Some(last);
            meter.at(self.image.position().0);
            chunk = next?;
        }
        let (head, cursor) = (self.image.position(), to);
        if head < to {
            return Err(Error::LogBehind { cursor, head });
        }
        Ok(())
    }

    async fn read(&self, after: Position, to: Position) -> Result<Vec<Recorded>, Error> {
        if after >= to {
            return Ok(Vec::new());
        }
        let mut records = self
            .store
            .read_all(after, CHUNK)
            .await
            .map_err(Error::Log)?;
        records.retain(|record| record.position <= to);
        Ok(records)
    }

    fn last(&self) -> Option<Last> {
        Last::of(self.last.as_ref()?)
    }
}

type Noted = (Image, Option<Changes>);

fn fold(
    mut image: Image,
    mut changes: Option<Changes>,
    chunk: &[Recorded],
) -> Result<Noted, FoldError> {
    for record in chunk {
        let fact = Fact::decode(record)?;
        image.fold(&fact)?;
        if let Some(changes) = &mut changes {
            changes.note(&image, &fact);
        }
    }
    Ok((image, changes))
}

fn parked(error: &FoldError) -> Error {
    let position = match error {
        FoldError::Unreadable { position, .. }
        | FoldError::RevisionGap { position, .. }
        | FoldError::Misfit { position, .. }
        | FoldError::NotOpened { position, .. }
        | FoldError::Full { position } => *position,
        FoldError::Gap { expected, .. } => *expected,
    };
    let reason = error.to_string();
    Error::Parked { position, reason }
}

/// Makes, fills, indexes and checks new tables in one transaction: they are there whole, or not at all.
async fn fill(
    client: &mut Client,
    folded: Folded,
    meter: &mut Meter<impl FnMut(Progress)>,
) -> Result<(Folded, String, u64), Error> {
    // In a transaction of its own: the row that it writes is the projector's.
    let schema = name_schema(client).await?;
    let transaction = client.transaction().await?;
    make_tables(&transaction, &schema).await?;
    let (folded, written) = copy_all(&transaction, &schema, folded, meter).await?;
    meter.begin(Stage::Indexing, 0);
    make_indexes(&transaction, &schema).await?;
    analyze(&transaction, &schema).await?;
    make_views(&transaction, &idle_views(&schema), &schema).await?;
    meter.begin(Stage::Checking, 0);
    let rows = verify(&transaction, &schema, &folded.image, &written).await?;
    transaction.commit().await?;
    Ok((folded, schema, rows))
}

async fn copy_all(
    transaction: &Transaction<'_>,
    schema: &str,
    mut folded: Folded,
    meter: &mut Meter<impl FnMut(Progress)>,
) -> Result<(Folded, BTreeMap<Table, u64>), Error> {
    let (sender, mut pieces) = mpsc::channel(8);
    let image = std::mem::take(&mut folded.image);
    // Each event is an act or a row of the registry, and each obligation has a row and some phases.
    meter.begin(
        Stage::Writing,
        image.position().0 + 3 * image.obligation_count() as u64,
    );
    let writing = on_a_thread(move || {
        let changes = Changes::everything(&image);
        rows::write(&changes, &image, &mut |piece| {
            sender.blocking_send(piece).is_ok()
        });
        image
    });
    let writing = tokio::spawn(writing);
    let (mut copy, mut written, mut done) = (Copy::frozen(transaction, schema), BTreeMap::new(), 0);
    while let Some(piece) = pieces.recv().await {
        *written.entry(piece.table).or_default() += piece.rows;
        done += piece.rows;
        copy.take(&piece).await?;
        meter.at(done);
    }
    copy.finish().await?;
    folded.image = writing.await.expect("writing rows does not panic");
    Ok((folded, written))
}

async fn analyze(transaction: &Transaction<'_>, schema: &str) -> Result<(), Error> {
    let tables = Table::ALL.map(|table| format!("{schema}.{}", table.name()));
    Ok(transaction
        .batch_execute(&format!("ANALYZE {}", tables.join(", ")))
        .await?)
}

/// Counts the rows, and compares rates with the image. How many rows there are.
async fn verify(
    transaction: &Transaction<'_>,
    schema: &str,
    image: &Image,
    written: &BTreeMap<Table, u64>,
) -> Result<u64, Error> {
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for table in Table::ALL {
        let name = table.name();
        let count = format!("SELECT count(*) FROM {schema}.{name}");
        let found = transaction
            .query_one(&count, &[])
            .await?
            .get::<_, i64>(0)
            .unsigned_abs();
        let expected = written.get(&table).copied().unwrap_or(0);
        rows += found;
        if found != expected {
            wrong.push(format!("{name} has {found} rows of {expected}"));
        }
    }
    let differences = compare(transaction, &idle_views(schema), image).await?;
    wrong.extend(differences.iter().take(10).map(ToString::to_string));
    if !wrong.is_empty() {
        return Err(Error::Differs(wrong));
    }
    Ok(rows)
}

/// Swaps; where the projector writes for long, again and again.
async fn swap_patiently(
    client: &mut Client,
    mut folded: Folded,
    schema: &str,
    meter: &mut Meter<impl FnMut(Progress)>,
) -> Result<Position, Error> {
    // Kept over attempts: the image has taken in what a failed one did not write.
    let mut changes = Changes::since(&folded.image);
    let from = folded.image.position();
    for attempt in 1.. {
        meter.begin(Stage::Swapping, 0);
        match swap(client, &mut folded, &mut changes, from, schema, meter).await {
            Err(error) if error.is_transient() && attempt < ATTEMPTS_MAX && !client.is_closed() => {
                tracing::info!(%error, attempt, "the projector writes; swapping again");
                tokio::time::sleep(AGAIN).await;
            }
            ended => return ended,
        }
    }
    unreachable!("the last attempt is answered")
}

async fn swap(
    client: &mut Client,
    folded: &mut Folded,
    changes: &mut Changes,
    from: Position,
    schema: &str,
    meter: &mut Meter<impl FnMut(Progress)>,
) -> Result<Position, Error> {
    let transaction = client.transaction().await?;
    transaction
        .batch_execute("SET LOCAL lock_timeout = '2s'")
        .await?;
    let hold = "SELECT position FROM control.projection FOR UPDATE";
    let served: i64 = transaction.query_one(hold, &[]).await?.get(0);
    let served = Position(served.unsigned_abs());
    if served > folded.image.position() {
        // The projector may have seen what this process has not yet; asked for its end, the store is level.
        folded.store.head().await.map_err(Error::Log)?;
        folded.fold_to(served, Some(changes), meter).await?;
    }
    if let (Some(to), true) = (folded.last(), folded.image.position() > from) {
        let head = to.position;
        let batch = Batch::of(&folded.image, changes, from, to, head);
        batch.write(&transaction, schema).await?;
    }
    rename(&transaction, schema).await?;
    serve(&transaction, folded.last().as_ref(), schema).await?;
    transaction.commit().await?;
    Ok(folded.image.position())
}

/// Gives the views of `schema` the name that people use, and those that have it a number.
async fn rename(transaction: &Transaction<'_>, schema: &str) -> Result<(), Error> {
    let serving = "SELECT serving FROM control.projection";
    let before: Option<String> = transaction.query_one(serving, &[]).await?.get(0);
    if let Some(before) = before {
        let idle = idle_views(&before);
        let rename = format!("ALTER SCHEMA {REPORTING} RENAME TO {idle}");
        transaction.batch_execute(&rename).await?;
    }
    let idle = idle_views(schema);
    let rename = format!("ALTER SCHEMA {idle} RENAME TO {REPORTING}");
    Ok(transaction.batch_execute(&rename).await?)
}

/// Lets the tables of `schema` serve, at `last`. A projector of an older epoch is kept out.
async fn serve(
    transaction: &impl GenericClient,
    last: Option<&Last>,
    schema: &str,
) -> Result<(), Error> {
    let position = last.map_or(0, |last| bigint(last.position));
    let (id, recorded) = (last.map(|last| &last.id), last.map(|last| last.recorded));
    let serve = "UPDATE control.projection SET serving = $1, layout = $2, position = $3, record_id = $4::text::uuid, \
                 recorded_at = $5, log_head = greatest(log_head, $3), epoch = epoch + 1, state = 'stopped', \
                 parked_at = NULL, parked_why = NULL, written_at = now()";
    transaction
        .execute(serve, &[&schema, &LAYOUT, &position, &id, &recorded])
        .await?;
    Ok(())
}

/// Tells how far it is, a few times a second.
struct Meter<Tell> {
    tell: Tell,
    stage: Stage,
    of: u64,
    began: Instant,
    told: Instant,
}

const TELL_EVERY: Duration = Duration::from_millis(200);

impl<Tell: FnMut(Progress)> Meter<Tell> {
    fn new(tell: Tell) -> Self {
        let now = Instant::now();
        Self {
            tell,
            stage: Stage::Folding,
            of: 0,
            began: now,
            told: now,
        }
    }

    fn begin(&mut self, stage: Stage, of: u64) {
        (self.stage, self.of, self.began) = (stage, of, Instant::now());
        self.tell(0);
    }

    fn at(&mut self, done: u64) {
        if done >= self.of || self.told.elapsed() >= TELL_EVERY {
            self.tell(done);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "it is shown, not counted with")]
    fn tell(&mut self, done: u64) {
        self.told = Instant::now();
        let seconds = self.began.elapsed().as_secs_f64();
        let per_second = if seconds > 0.0 {
            done as f64 / seconds
        } else {
            0.0
        };
        let rest = self.of.saturating_sub(done) as f64;
        let left = (per_second > 0.0).then(|| Duration::from_secs_f64(rest / per_second));
        (self.tell)(Progress {
            stage: self.stage,
            done,
            of: self.of,
            per_second,
            left,
        });
    }
}
