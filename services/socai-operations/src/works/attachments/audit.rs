//! What the ledger says of attachments, compared with what is kept; and what should not be kept, removed.

use std::collections::BTreeMap;

use clap::Args;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::attachments::{self, Finding};
use socai_domain::attachment::Attachment;
use socai_domain::id::{AccountId, Sha256Hex};
use socai_domain::permission::{self, Reading, Role};
use socai_store::blob::{BlobAddress, BlobStore};
use socai_store::chain;
use uuid::Uuid;

use crate::jobs::{Asked, Desk, Standing, Wish};
use crate::trouble::Trouble;
use crate::works::{Works, now};

/// Addresses and findings are told to whoever may see the files, and to whoever keeps them.
const TOLD_TO: &[Reading] = &[Reading::Attachments, Reading::Upkeep];

/// How attachments are audited.
#[derive(Debug, Clone, Copy, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[group(skip)]
pub struct Audit {
    /// Remove what is erased in the ledger, and orphans older than a day
    #[arg(long)]
    #[serde(default)]
    pub mend: bool,
}

/// Whether an audit removes what should not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mending {
    /// It looks, and changes nothing.
    Look,
    /// It removes what is erased in the ledger, and orphans older than a day.
    Mend,
}

/// Something that an audit found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// The address.
    pub attachment: String,
    /// lost, damaged, not_yet_erased or orphan.
    pub finding: &'static str,
    /// Of an orphan: since when it is kept.
    pub since: Option<Timestamp>,
    /// The audit removed it.
    pub removed: bool,
    /// It is wrong, and still so: an orphan is not before it is a day old.
    #[serde(skip)]
    pub is_wrong: bool,
}

impl Audit {
    /// Whether it removes anything.
    pub const fn mending(self) -> Mending {
        if self.mend {
            Mending::Mend
        } else {
            Mending::Look
        }
    }
}

/// Compares what the ledger says of attachments with what is kept: every one is read and hashed.
///
/// # Errors
///
/// [`Trouble`].
pub async fn audit(
    known: &BTreeMap<Sha256Hex, Attachment>,
    blobs: &dyn BlobStore,
    mending: Mending,
    now: Timestamp,
) -> Result<Vec<Found>, Trouble> {
    let audit = attachments::audit(known, blobs).await?;
    let removed = match mending {
        Mending::Look => Vec::new(),
        Mending::Mend => attachments::mend(&audit, blobs, now)
            .await
            .map_err(|error| Trouble::Unavailable(chain(&error)))?,
    };
    let found = |(address, finding): &(BlobAddress, Finding)| {
        let removed = removed.contains(address);
        let (since, young) = match finding {
            Finding::Orphan(since) => (Some(*since), !finding.is_to_be_removed(now)),
            Finding::Lost | Finding::Damaged | Finding::NotYetErased => (None, false),
        };
        Found {
            attachment: address.to_string(),
            finding: finding.id(),
            since,
            removed,
            is_wrong: !young && !removed,
        }
    };
    Ok(audit.findings.iter().map(found).collect())
}

impl Works {
    /// Begins to compare what the ledger says of attachments with what is kept, as a job.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn begin_audit(
        &self,
        id: Uuid,
        asked: Audit,
        who: &AccountId,
    ) -> Result<Standing, Trouble> {
        let mending = asked.mending();
        self.may_audit(mending, who)?;
        let wish = Wish {
            id,
            owner: who.clone(),
            asked: Asked::of("attachment-audit", &asked),
            needs: TOLD_TO,
        };
        let (works, by) = (self.clone(), who.clone());
        let run = |desk| async move {
            works.may_audit(mending, &by)?;
            job(desk, works, mending, &by).await
        };
        self.jobs.begin(wish, run)
    }

    /// An operator removes.
    fn may_audit(&self, mending: Mending, who: &AccountId) -> Result<(), Trouble> {
        match mending {
            Mending::Look => self.everything_of_one(TOLD_TO, who),
            Mending::Mend => {
                let (image, today) = (self.live.image(), now(who).today());
                let registry = image.registry();
                Ok(permission::acts_as(Role::Operator, who, registry, today)?)
            }
        }
    }
}

async fn job(desk: Desk, works: Works, mending: Mending, by: &AccountId) -> Result<(), Trouble> {
    // A file that another process recorded a day ago is no orphan, however far behind this one is.
    works.live.caught_up().await?;
    desk.step("reading every attachment");
    let known = works.live.image().registry().attachments.clone();
    let found = audit(&known, &*works.blobs, mending, Timestamp::now()).await?;
    for gone in found.iter().filter(|found| found.removed) {
        let (attachment, finding) = (&gone.attachment, gone.finding);
        tracing::info!(%by, attachment, finding, "removed what should not be kept");
    }
    let json = serde_json::to_vec(&found).expect("words are written as JSON");
    desk.put("audit.json", json).await
}
