//! A whole ledger, read again where it is kept, and held against what was sealed of it and what its sealers noted.
//!
//! ```text
//! what sealers noted ──► what was signed ──► every record, to the end ──► one verdict
//! ```
//!
//! Others may record meanwhile: what is read first is never ahead of what is read after it. Deliberately absent: the
//! image of the process that asks, which may be right where the bytes are not.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use socai_store::{Alarm, CheckpointLog, EventStore, Mark, Marks, Position, ReadError};
use socai_tlog::Policy;

use super::{Against, Audit, AuditError, KeptTiles, Problem, Records, Report};

/// Records read at once from a store.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// A ledger as it is kept, to be read again.
#[async_trait]
pub trait AtRest: Send + Sync {
    /// What it is held against, as that is now.
    ///
    /// # Errors
    ///
    /// [`AuditError`], where something is away.
    async fn open(&self) -> Result<Opened, AuditError>;

    /// Gives every record away, in order, as far as they are whole. Answers what is wrong after them, in a sentence.
    ///
    /// It is asked after what was signed was read, and reads at least what was there then.
    ///
    /// # Errors
    ///
    /// [`AuditError`], where something is away.
    async fn read(&self, records: Records) -> Result<Option<String>, AuditError>;
}

/// What a ledger is held against.
pub struct Opened {
    /// The last position, as far as that is known before it is read.
    pub end: Position,
    /// What was sealed of it.
    pub against: Against,
    /// What its sealers noted outside the checkpoints.
    pub marks: Option<Arc<dyn Marks>>,
    /// What is wrong with the files of its checkpoints, in a sentence.
    pub damage: Option<String>,
}

/// Is told how many records were folded, and how many there are.
pub type Counting = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// What was found of a whole ledger.
#[derive(Debug)]
pub struct Verified {
    /// What was found by what was sealed.
    pub report: Report,
    /// Everything that is wrong, in sentences: what explains most comes first.
    pub problems: Vec<String>,
}

/// Reads all of `ledger` and says what is wrong. `policy` is whom else a checkpoint should be signed by.
///
/// # Errors
///
/// [`AuditError`], where something is away. What is wrong is no error but a problem.
pub async fn verify(
    ledger: &dyn AtRest,
    policy: Option<Policy>,
    progress: Counting,
) -> Result<Verified, AuditError> {
    let Opened {
        end,
        against,
        marks,
        damage: lost,
    } = ledger.open().await?;
    // Read before the checkpoints: these may become more meanwhile.
    let noted = Noted::read(marks.as_deref()).await;
    let against = Against { policy, ..against };
    let audit = Audit::start(against, counting(end, progress)).await?;
    let damage = ledger.read(audit.records()).await?;
    let report = audit.end().await?;
    let [gone, alarm] = noted.problems(&report);
    let of_the_log = [alarm, damage, lost].into_iter().flatten();
    let of_the_seals = report.problems.iter().map(ToString::to_string);
    let problems = of_the_log.chain(of_the_seals).chain(gone).collect();
    Ok(Verified { report, problems })
}

/// Adds up how many records were folded. A ledger that grows meanwhile has more of them than it had.
fn counting(end: Position, progress: Counting) -> super::Progress {
    let folded = AtomicU64::new(0);
    progress(0, end.0);
    Arc::new(move |more| {
        let done = folded.fetch_add(more, Ordering::Relaxed) + more;
        progress(done, end.0.max(done));
    })
}

/// What sealers noted outside the checkpoints.
struct Noted {
    mark: Option<Mark>,
    unread: Option<String>,
    alarm: Option<Alarm>,
}

impl Noted {
    async fn read(marks: Option<&dyn Marks>) -> Self {
        let Some(marks) = marks else {
            return Self {
                mark: None,
                unread: None,
                alarm: None,
            };
        };
        let (mark, alarm) = (marks.mark().await, marks.alarm().await);
        let unread = mark.as_ref().err().map(ToString::to_string);
        Self {
            mark: mark.ok().flatten(),
            unread,
            alarm: alarm.ok().flatten(),
        }
    }

    /// What is wrong by it, in sentences: with the checkpoints, and an alarm.
    fn problems(self, report: &Report) -> [Option<String>; 2] {
        let alarm = self.alarm.map(|Alarm { sentence, place }| {
            format!(
                "an alarm was raised, and nothing is sealed until {place} is removed: {sentence}"
            )
        });
        let gone = self.mark.filter(|mark| mark.entries > report.checkpoints);
        let gone = gone.map(|Mark { entries, size, .. }| {
            format!(
                "it was sealed at position {size} with {entries} checkpoints, and {} are kept",
                match report.checkpoints {
                    0 => "none".to_owned(),
                    kept => format!("only {kept}"),
                }
            )
        });
        [self.unread.or(gone), alarm]
    }
}

/// A ledger whose records a store reads: what that checks of them is all that is checked of their bytes.
pub struct Stored {
    /// The records.
    pub store: Arc<dyn EventStore>,
    /// The tiles, as far as they are kept here.
    pub tiles: KeptTiles,
    /// What was signed.
    pub checkpoints: Option<Arc<dyn CheckpointLog>>,
    /// What its sealer noted here.
    pub marks: Option<Arc<dyn Marks>>,
}

#[async_trait]
impl AtRest for Stored {
    async fn open(&self) -> Result<Opened, AuditError> {
        Ok(Opened {
            end: self.store.head().await?,
            against: Against {
                store: self.store.clone(),
                tiles: self.tiles.clone(),
                checkpoints: self.checkpoints.clone(),
                policy: None,
                snapshot: None,
            },
            marks: self.marks.clone(),
            damage: None,
        })
    }

    async fn read(&self, records: Records) -> Result<Option<String>, AuditError> {
        // What was signed before this is asked covers no more than this.
        let end = self.store.head().await?;
        let read = read_all(&*self.store, end, records).await;
        Ok(read.err().map(|error| Problem::Read(error).to_string()))
    }
}

async fn read_all(store: &dyn EventStore, end: Position, give: Records) -> Result<(), ReadError> {
    let mut after = Position::ZERO;
    while after < end {
        let records = store.read_all(after, CHUNK).await?;
        let Some(last) = records.last() else {
            return Ok(());
        };
        after = last.position;
        give.give(records).await;
    }
    Ok(())
}
