//! What the ledger says of attachments, compared with what is kept.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use socai_domain::attachment::Attachment;
use socai_domain::id::Sha256Hex;
use socai_store::blob::{BlobAddress, BlobStore, EraseError, GetError, ListError};

use super::address;

/// A blob that no event names is left alone for so long: whoever put it may be about to record it.
pub const ORPHAN_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Blobs listed at once.
const PAGE: NonZeroU32 = NonZeroU32::new(1_000).expect("not zero");

/// What an audit found.
#[derive(Debug, Default)]
pub struct Audit {
    /// Attachments that the ledger knows.
    pub attachments: u64,
    /// Of these, how many are whole, and how many are erased and gone.
    pub good: u64,
    /// What is wrong, by address.
    pub findings: Vec<(BlobAddress, Finding)>,
}

/// What is wrong with a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Recorded, not erased, and not there.
    Lost,
    /// There, and not what was put.
    Damaged,
    /// Erased in the ledger, and still there.
    NotYetErased,
    /// There since then, and named by no event.
    Orphan(Timestamp),
}

impl Finding {
    /// Its name in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::NotYetErased => "not_yet_erased",
            Self::Orphan(_) => "orphan",
        }
    }

    /// Whether [`mend`] removes it at `now`.
    pub fn is_to_be_removed(self, now: Timestamp) -> bool {
        match self {
            Self::Lost | Self::Damaged => false,
            Self::NotYetErased => true,
            Self::Orphan(since) => now.duration_since(since) > ORPHAN_KEPT,
        }
    }
}

/// Why an audit found nothing out.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Ask again later.
    #[error(transparent)]
    List(#[from] ListError),
    /// Ask again later.
    #[error(transparent)]
    Get(GetError),
}

/// Compares what the ledger says of `attachments` with what is kept. Every blob that should be there is read
/// and hashed, which takes its time: they are the image's at one moment.
///
/// What is stored or erased meanwhile may be reported: an orphan that is young, or a loss that another
/// audit does not find.
///
/// # Errors
///
/// [`AuditError`].
pub async fn audit(
    attachments: &BTreeMap<Sha256Hex, Attachment>,
    blobs: &dyn BlobStore,
) -> Result<Audit, AuditError> {
    let mut kept = all(blobs).await?;
    let mut audit = Audit::default();
    for (id, attachment) in attachments {
        let address = address(id);
        let there = kept.remove(&address).is_some();
        let finding = match (attachment.erased.is_some(), there) {
            (true, true) => Some(Finding::NotYetErased),
            (true, false) => None,
            (false, _) => look(blobs, &address).await?,
        };
        audit.attachments += 1;
        audit.good += u64::from(finding.is_none());
        audit.findings.extend(finding.map(|what| (address, what)));
    }
    let orphans = kept.into_iter();
    let orphans = orphans.map(|(address, since)| (address, Finding::Orphan(since)));
    audit.findings.extend(orphans);
    audit.findings.sort_by_key(|(address, _)| *address);
    Ok(audit)
}

/// Removes what an audit found that should not be there: what is erased, and orphans older than
/// [`ORPHAN_KEPT`]. Answers what was removed. The audited image must have been at the ledger's end.
///
/// # Errors
///
/// As [`BlobStore::erase`]; what was removed until then stays so.
pub async fn mend(
    audit: &Audit,
    blobs: &dyn BlobStore,
    now: Timestamp,
) -> Result<Vec<BlobAddress>, EraseError> {
    let mut removed = Vec::new();
    for (address, finding) in &audit.findings {
        if finding.is_to_be_removed(now) {
            blobs.erase(address).await?;
            removed.push(*address);
        }
    }
    Ok(removed)
}

/// Everything that is kept, and since when.
pub(super) async fn all(
    blobs: &dyn BlobStore,
) -> Result<BTreeMap<BlobAddress, Timestamp>, ListError> {
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let page = blobs.list(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = Some(last.address);
        found.extend(page.into_iter().map(|kept| (kept.address, kept.since)));
    }
}

async fn look(blobs: &dyn BlobStore, address: &BlobAddress) -> Result<Option<Finding>, AuditError> {
    match blobs.get(address).await {
        Ok(_) => Ok(None),
        Err(GetError::NotThere { .. }) => Ok(Some(Finding::Lost)),
        Err(GetError::Corrupt { .. }) => Ok(Some(Finding::Damaged)),
        Err(error @ GetError::Unavailable(_)) => Err(AuditError::Get(error)),
    }
}
