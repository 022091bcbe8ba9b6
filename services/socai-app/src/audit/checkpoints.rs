//! Every checkpoint ever signed: first whether one who may sign it did, then whether the records come to its root.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use socai_domain::ledger::Retired;
use socai_store::{CheckpointError, CheckpointLog};
use socai_tlog::policy::JudgeError;
use socai_tlog::{Checkpoint, Hash, Note, Policy, Quorum, VerifierKey};

use super::problem::{Problem, Wrong};
use super::tree::Grown;
use crate::sealer::LogKeys;

/// Entries read at once: their signatures are some 20 ms of work for one thread.
const CHUNK: NonZeroU32 = NonZeroU32::new(256).expect("not zero");

/// Chunks whose signatures are verified at once.
const AT_ONCE: usize = 2;

/// Checkpoints by which is told what they were signed over, at most.
const DISAGREED_MAX: usize = 16;

/// What a checkpoint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// The number of its entry.
    pub entry: u64,
    /// How many records it covers.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

/// What a checkpoint is worth that one who may sign it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Worth {
    /// It counts, and those signed whom a policy asks for.
    Believed,
    /// It counts by a key of the ledger.
    Counts,
    /// The keys that signed are retired below its size or stolen, and no quorum that is known saves it.
    Nothing(Wrong),
}

/// Whom a checkpoint is to be signed by.
pub(super) struct Signers {
    /// The keys that the ledger names.
    pub(super) keys: LogKeys,
    /// What somebody else asks for besides.
    pub(super) policy: Option<Policy>,
}

/// All checkpoints, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    /// How many there are.
    pub(super) entries: u64,
    /// Those that one who may sign them signed, in the order of entries, and what they are worth.
    signed: Vec<(Sealed, Worth)>,
    /// The largest that counts and that the records agree with.
    pub(super) last: Option<Sealed>,
    /// The largest of those that the policy believes.
    pub(super) believed: Option<Sealed>,
    /// The first that the records do not agree with, or do not reach.
    pub(super) disagreed: Vec<Sealed>,
    /// What is wrong, the first of each sort.
    pub(super) problems: Vec<Problem>,
    /// What does not count and does not have to, the first of each sort.
    pub(super) remarks: Vec<Problem>,
}

/// Reads every entry and verifies who signed it.
///
/// # Errors
///
/// Where the log of checkpoints cannot be read. That it is damaged is no error but a problem: everything before the
/// damage is looked at.
pub(super) async fn read(
    log: &dyn CheckpointLog,
    signers: &Arc<Signers>,
) -> Result<Checkpoints, CheckpointError> {
    let mut all = Checkpoints::default();
    let verified = chunks(log).map_ok(|(first, notes)| {
        let signers = signers.clone();
        let verify = move || notes.iter().map(|note| verify(note, &signers)).collect();
        let verified = tokio::task::spawn_blocking(verify);
        async move { Ok((first, verified.await.expect("no note panics a reader"))) }
    });
    let mut verified = std::pin::pin!(verified.try_buffered(AT_ONCE));
    loop {
        match verified.try_next().await {
            Ok(Some((first, chunk))) => all.take_in(first, chunk),
            Ok(None) => return Ok(all),
            Err(damage @ CheckpointError::Corrupt { .. }) => {
                all.problems.push(Problem::Checkpoints(damage));
                return Ok(all);
            }
            Err(unavailable @ CheckpointError::Unavailable(_)) => return Err(unavailable),
        }
    }
}

/// All entries in chunks, each with the number of its first.
fn chunks(
    log: &dyn CheckpointLog,
) -> impl Stream<Item = Result<(u64, Vec<Bytes>), CheckpointError>> {
    stream::try_unfold(0, move |after| async move {
        let notes = log.read(after, CHUNK).await?;
        let next = after + notes.len() as u64;
        Ok((next > after).then_some(((after + 1, notes), next)))
    })
}

/// What an entry says, if one who may say it signed it.
fn verify(note: &Bytes, Signers { keys, policy }: &Signers) -> Result<(Checkpoint, Worth), Wrong> {
    let not = |problem: String| Wrong::NotACheckpoint(problem);
    let note = Note::parse(note).map_err(|error| not(error.to_string()))?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|error| not(error.to_string()))?;
    let size = checkpoint.size;
    let origin = keys.origin().map_err(|_| Wrong::Unsigned { size })?;
    if checkpoint.origin != origin {
        let (origin, found) = (origin.to_owned(), checkpoint.origin);
        return Err(Wrong::OtherLog { origin, found });
    }
    let signed = note.verified_by(keys.all());
    let signed = signed.map_err(|error| Wrong::BadSignature(error.to_string()))?;
    let may = |key| keys.in_force(size).any(|in_force| in_force == key);
    let mut retired = Vec::new();
    for signed in signed.iter().filter(|signed| may(signed.key)) {
        let alone = keys.retired_below(signed.key, size);
        retired.push(alone.map(|how| not_by(signed.key, size, how)));
    }
    let Some(first) = retired.first().cloned() else {
        return Err(Wrong::Unsigned { size });
    };
    let not_alone = first.filter(|_| retired.iter().all(Option::is_some));
    let quorum = policy.as_ref().map(|policy| quorum(&note, policy));
    let worth = match (quorum.transpose()?.flatten(), not_alone) {
        (Some(Quorum::Reached { .. }), _) | (Some(Quorum::NotAsked), None) => Worth::Believed,
        (_, Some(why)) => Worth::Nothing(why),
        (Some(Quorum::NotReached) | None, None) => Worth::Counts,
    };
    Ok((checkpoint, worth))
}

/// Why a checkpoint does not count by a key that is retired.
fn not_by(key: &VerifierKey, size: u64, (valid_to, reason): (u64, Retired)) -> Wrong {
    let key = key.label();
    match reason {
        Retired::Rotation => Wrong::KeyRetired {
            key,
            size,
            valid_to,
        },
        Retired::Stolen => Wrong::KeyStolen { key, size },
    }
}

/// Whether those signed whom the policy asks for, where it knows the log. A key of the log that it does not know is
/// nothing wrong: keys change.
fn quorum(note: &Note, policy: &Policy) -> Result<Option<Quorum>, Wrong> {
    match policy.judge(note) {
        Ok(judged) => Ok(Some(judged.quorum)),
        Err(JudgeError::BadSignature(bad)) => Err(Wrong::BadSignature(bad.to_string())),
        Err(
            JudgeError::NotACheckpoint(_)
            | JudgeError::UnknownLog { .. }
            | JudgeError::NotSigned { .. },
        ) => Ok(None),
    }
}

impl Checkpoints {
    /// The sizes that were signed, sorted and distinct.
    pub(super) fn sizes(&self) -> Vec<u64> {
        let mut sizes: Vec<u64> = self.signed.iter().map(|(sealed, _)| sealed.size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }

    fn take_in(&mut self, first: u64, chunk: Vec<Result<(Checkpoint, Worth), Wrong>>) {
        for (entry, read) in (first..).zip(chunk) {
            self.entries = entry;
            match read {
                Ok((Checkpoint { size, root, .. }, worth)) => {
                    self.signed.push((Sealed { entry, size, root }, worth));
                }
                Err(wrong) => self.note(entry, wrong),
            }
        }
    }

    /// Holds every checkpoint against the tree that the records come to.
    pub(super) fn judge(&mut self, grown: &Grown) {
        let (mut largest, mut agreed) = (0, BTreeSet::new());
        let (mut worthless, mut counted) = (BTreeMap::new(), BTreeSet::new());
        for (sealed, worth) in std::mem::take(&mut self.signed) {
            let Sealed { entry, size, .. } = sealed;
            if let Err(wrong) = compare(&sealed, grown, &agreed) {
                if self.disagreed.len() < DISAGREED_MAX {
                    self.disagreed.push(sealed);
                }
                self.note(entry, wrong);
                continue;
            }
            // A cosigned form of an earlier checkpoint may follow a larger one.
            let is_new = agreed.insert(size);
            if is_new && size < largest {
                self.note(entry, Wrong::Backwards { size, largest });
            }
            largest = largest.max(size);
            match worth {
                Worth::Nothing(why) => {
                    worthless.insert(size, (entry, why));
                    continue;
                }
                Worth::Believed => later(&mut self.believed, sealed),
                Worth::Counts => {}
            }
            later(&mut self.last, sealed);
            counted.insert(size);
        }
        worthless.retain(|size, _| !counted.contains(size));
        self.name_worthless(worthless);
        self.name_forks(&agreed);
    }

    /// The largest has to count. Any other that does not is as if nobody had signed it.
    fn name_worthless(&mut self, mut worthless: BTreeMap<u64, (u64, Wrong)>) {
        let counts = self.last.map_or(0, |last| last.size);
        if let Some(top) = worthless.last_entry().filter(|top| *top.key() > counts) {
            let (entry, problem) = top.remove();
            self.note(entry, problem);
        }
        for (entry, problem) in worthless.into_values() {
            add(&mut self.remarks, entry, problem);
        }
    }

    /// Where the records agree with another checkpoint of that size, it is not the records that changed.
    fn name_forks(&mut self, agreed: &BTreeSet<u64>) {
        for problem in &mut self.problems {
            if let Problem::Checkpoint { problem, .. } = problem
                && let Wrong::OtherRoot {
                    size,
                    signed,
                    found,
                    ..
                } = *problem
                && agreed.contains(&size)
            {
                *problem = Wrong::TwoHistories {
                    size,
                    signed,
                    found,
                };
            }
        }
    }

    fn note(&mut self, entry: u64, wrong: Wrong) {
        add(&mut self.problems, entry, wrong);
    }
}

/// Adds what is wrong with a checkpoint, unless something of its sort is there.
fn add(problems: &mut Vec<Problem>, entry: u64, problem: Wrong) {
    let sort = std::mem::discriminant(&problem);
    let is_known = problems.iter().any(|known| {
        matches!(known, Problem::Checkpoint { problem, .. }
            if std::mem::discriminant(problem) == sort)
    });
    if !is_known {
        problems.push(Problem::Checkpoint { entry, problem });
    }
}

/// Keeps the larger checkpoint, and of two of one size the later.
fn later(last: &mut Option<Sealed>, sealed: Sealed) {
    if last.is_none_or(|last| sealed.size >= last.size) {
        *last = Some(sealed);
    }
}

fn compare(sealed: &Sealed, grown: &Grown, agreed: &BTreeSet<u64>) -> Result<(), Wrong> {
    let &Sealed { size, root, .. } = sealed;
    match grown.root(size) {
        None => Err(Wrong::BeyondEnd {
            size,
            end: grown.size,
        }),
        Some(found) if found != root => Err(Wrong::OtherRoot {
            size,
            signed: root,
            found,
            agreed: agreed.range(..size).next_back().copied().unwrap_or(0),
        }),
        Some(_) => Ok(()),
    }
}
