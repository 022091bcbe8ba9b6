//! Every checkpoint ever signed: first whether one who may sign it did, then whether the records come to its root.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use socai_store::{CheckpointError, CheckpointLog};
use socai_tlog::policy::JudgeError;
use socai_tlog::{Checkpoint, Hash, Note, Policy, Quorum};

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

/// Whether a policy was given and those who it asks for have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Believed(bool);

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
    /// Those that one who may sign them signed, in the order of entries, and whether the policy believes them.
    signed: Vec<(Sealed, Believed)>,
    /// The largest that the records agree with.
    pub(super) last: Option<Sealed>,
    /// The largest of those that the policy believes.
    pub(super) believed: Option<Sealed>,
    /// The first that the records do not agree with, or do not reach.
    pub(super) disagreed: Vec<Sealed>,
    /// What is wrong, the first of each sort.
    pub(super) problems: Vec<Problem>,
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
fn verify(
    note: &Bytes,
    Signers { keys, policy }: &Signers,
) -> Result<(Checkpoint, Believed), Wrong> {
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
    if !signed.iter().any(|signed| may(signed.key)) {
        return Err(Wrong::Unsigned { size });
    }
    let believed = policy
        .as_ref()
        .map_or(Ok(false), |policy| is_believed(&note, policy))?;
    Ok((checkpoint, Believed(believed)))
}

/// Whether those signed whom the policy asks for. A key of the log that it does not know is nothing wrong: keys change.
fn is_believed(note: &Note, policy: &Policy) -> Result<bool, Wrong> {
    match policy.judge(note) {
        Ok(judged) => Ok(match judged.quorum {
            Quorum::Reached { .. } | Quorum::NotAsked => true,
            Quorum::NotReached => false,
        }),
        Err(JudgeError::BadSignature(bad)) => Err(Wrong::BadSignature(bad.to_string())),
        Err(
            JudgeError::NotACheckpoint(_)
            | JudgeError::UnknownLog { .. }
            | JudgeError::NotSigned { .. },
        ) => Ok(false),
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

    fn take_in(&mut self, first: u64, chunk: Vec<Result<(Checkpoint, Believed), Wrong>>) {
        for (entry, read) in (first..).zip(chunk) {
            self.entries = entry;
            match read {
                Ok((Checkpoint { size, root, .. }, believed)) => {
                    self.signed.push((Sealed { entry, size, root }, believed));
                }
                Err(wrong) => self.note(entry, wrong),
            }
        }
    }

    /// Holds every checkpoint against the tree that the records come to.
    pub(super) fn judge(&mut self, grown: &Grown) {
        let (mut largest, mut agreed) = (0, BTreeSet::new());
        for (sealed, Believed(believed)) in std::mem::take(&mut self.signed) {
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
            if size >= largest {
                self.last = Some(sealed);
                largest = size;
            }
            if believed && self.believed.is_none_or(|last| size >= last.size) {
                self.believed = Some(sealed);
            }
        }
        self.name_forks(&agreed);
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
        let sort = std::mem::discriminant(&wrong);
        let is_known = self.problems.iter().any(|problem| {
            matches!(problem, Problem::Checkpoint { problem, .. }
                if std::mem::discriminant(problem) == sort)
        });
        if !is_known {
            let problem = wrong;
            self.problems.push(Problem::Checkpoint { entry, problem });
        }
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
