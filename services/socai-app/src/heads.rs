//! Sealing heads: the ledger says of itself which event was the last of every stream.
//!
//! Done once a day and before every export, so that whoever is handed the records of a stream can tell whether the
//! last of them are missing. Any number of processes may try: heads that another one sealed meanwhile cover as much,
//! and are taken. Deliberately absent: the tree and its proofs ([`socai_evidence::heads`]), and the rules
//! ([`socai_domain::ledger`]).

use socai_domain::command::Command;
use socai_domain::ledger::{self, Heads, Refusal};
use socai_domain::origin::Origin;
use socai_evidence::{HeadsTree, StreamHead};
use socai_ledger::image::Image;
use socai_store::Position;

use crate::ledger::Outcome;
use crate::live::ExecuteError;
use crate::records::{RecordError, Records};
use crate::request::Request;

/// How often is looked again because others sealed meanwhile.
const LOOKS_MAX: usize = 16;

/// Heads that the ledger sealed.
#[derive(Debug)]
pub struct SealedHeads {
    /// The tree over them.
    pub tree: HeadsTree,
    /// Where the event that seals them stands. No event above the tree's size and below it is anything else.
    pub position: Position,
}

/// Why the heads were not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealHeadsError {
    /// The image has other heads than the ledger sealed: the log, or this program, is not what it was. Nothing
    /// was recorded.
    #[error(
        "the heads of the {size} records that the ledger sealed have root {sealed}, and its records give {found}"
    )]
    Differ {
        /// Up to where they were sealed.
        size: u64,
        /// What was sealed.
        sealed: String,
        /// What the records say.
        found: String,
    },
    /// The ledger grew faster than its heads could be sealed. Nothing was recorded; ask again.
    #[error("others sealed first, {LOOKS_MAX} times")]
    Contended,
    /// It was not recorded, or nobody can say.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl SealHeadsError {
    /// Whether asking later may help, without anybody looking into what there is.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Contended | Self::Record(RecordError::Append(_)) => true,
            Self::Record(RecordError::Execute(error)) => {
                !matches!(error, ExecuteError::Stopped { .. })
            }
            Self::Differ { .. } | Self::Record(RecordError::Refused(_) | RecordError::Load(_)) => {
                false
            }
        }
    }
}

/// The tree over the heads of every stream, among the records up to `size`.
pub fn tree_at(image: &Image, size: Position) -> HeadsTree {
    HeadsTree::new(size.0, heads_at(image, size))
}

fn heads_at(image: &Image, size: Position) -> Vec<StreamHead> {
    let plain = image.heads_at(size).map(|head| StreamHead {
        stream: head.stream.into_owned(),
        revision: head.revision,
        last: head.position.0,
    });
    plain.collect()
}

/// Whether the image holds something that the heads sealed last do not cover, besides the event that seals them.
pub fn are_behind(image: &Image) -> bool {
    let covered = image.registry().ledger.heads.as_ref();
    covered.is_none_or(|heads| image.position().0 > heads.size + 1)
}

/// Whether heads are to be sealed on the day on which `origin` asks: once a day, where there is something new.
pub fn are_due(image: &Image, origin: &Origin) -> bool {
    let last = image.registry().ledger.heads.as_ref();
    last.is_none_or(|last| last.on < origin.today()) && are_behind(image)
}

/// Seals the heads of all streams as they are now. Where nothing was recorded since they were, those are answered.
///
/// # Errors
///
/// [`SealHeadsError`].
pub async fn seal(
    records: &mut dyn Records,
    origin: &Origin,
) -> Result<SealedHeads, SealHeadsError> {
    for _ in 0..LOOKS_MAX {
        let (tree, sealed) = look(records);
        if let Some(heads) = sealed {
            return as_sealed(tree, &heads);
        }
        match records.one(request(&tree, origin), origin).await? {
            Outcome::Recorded(written) => {
                let position = written.first().map(|event| event.position);
                let position = position.expect("one event follows");
                return Ok(SealedHeads { tree, position });
            }
            Outcome::Refused(refused) if refused.code == Refusal::HeadsBehind.code() => {}
            Outcome::Refused(refused) => return Err(RecordError::Refused(refused).into()),
            // Another process sealed the same: the next look finds it.
            Outcome::Unchanged => {}
            Outcome::Failed | Outcome::Unknown => {
                unreachable!("one command is done, refused or an error")
            }
        }
    }
    Err(SealHeadsError::Contended)
}

/// The tree to be sealed; or the one that was, where nothing came after it. The image is not held while it is hashed.
fn look(records: &dyn Records) -> (HeadsTree, Option<Heads>) {
    let mut seen = None;
    records.look(&mut |image| {
        let sealed = image.registry().ledger.heads.clone();
        let sealed = sealed.filter(|_| !are_behind(image));
        let size = sealed
            .as_ref()
            .map_or(image.position(), |heads| Position(heads.size));
        seen = Some((size, heads_at(image, size), sealed));
    });
    let (size, heads, sealed) = seen.expect("whoever records has an image to look at");
    (HeadsTree::new(size.0, heads), sealed)
}

fn as_sealed(tree: HeadsTree, heads: &Heads) -> Result<SealedHeads, SealHeadsError> {
    let (sealed, found) = (heads.root.to_string(), tree.root().to_string());
    if (sealed.as_str(), heads.streams) != (found.as_str(), tree.streams()) {
        let size = heads.size;
        return Err(SealHeadsError::Differ {
            size,
            sealed,
            found,
        });
    }
    let position = Position(heads.size + 1);
    Ok(SealedHeads { tree, position })
}

fn request(tree: &HeadsTree, origin: &Origin) -> Request {
    let root = tree.root().to_string().parse();
    Request {
        command: Command::Ledger(ledger::Command::SealHeads {
            size: tree.size(),
            streams: tree.streams(),
            root: root.expect("a hash is written as a root is read"),
        }),
        effective: origin.today(),
        synthetic: false,
        id: None,
        actor: None,
    }
}
