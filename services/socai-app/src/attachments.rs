//! Attachments: the log says that a file is kept or erased, a blob store keeps it.
//!
//! ```text
//! store   put the bytes ──► record attachment.stored        a crash between leaves an orphan
//! erase   record attachment.erased ──► remove the bytes     a crash between leaves bytes that are erased
//!                                                           on paper: erasing again or mending removes them
//! ```
//!
//! What is recorded is never without bytes, and what is handed out was never ordered to be erased.
//! Deliberately absent: where blobs are kept, and who may see which.

use bytes::Bytes;
use jiff::civil::Date;
use socai_domain::attachment::{self, About, Command, Erasure, File, MediaType};
use socai_domain::id::Sha256Hex;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_store::blob::{BlobAddress, BlobStore, EraseError as BlobEraseError, GetError, PutError};
use socai_store::{AppendError, Position};
use uuid::Uuid;

use crate::ledger::Outcome;
use crate::records::{RecordError, Records};
use crate::request::Request;

mod audit;
mod bring;
mod mirror;

pub use audit::{Audit, AuditError, Finding, ORPHAN_KEPT, audit, mend};
pub use bring::{BringError, Brought, bring};
pub use mirror::{MirrorError, Mirrored, mirror, prune};

/// What is said of a file that is stored.
#[derive(Debug, Clone)]
pub struct Filing {
    /// What sort of file.
    pub media: MediaType,
    /// What it is about.
    pub about: Option<About>,
    /// The day on which it was shown.
    pub effective: Date,
    /// Made for a demonstration or a test.
    pub synthetic: bool,
    /// The id that it is recorded under, where whoever asks gave one.
    pub id: Option<Uuid>,
}

/// Why a file has no address.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was kept, unless it says that it does not know.
    #[error(transparent)]
    Put(#[from] PutError),
    /// It is not in the ledger, unless [`RecordError::Append`] does not know.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Why there is no content to hand out.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Check the address.
    #[error("no such attachment is in the ledger: {attachment}")]
    Unknown { attachment: Sha256Hex },
    /// It is gone for good.
    #[error("the attachment was erased on {on}, because: {reason}")]
    Erased { on: Date, reason: Line },
    /// The ledger says that it is kept, and it is not. Restore the blobs from a copy.
    #[error(
        "the attachment {attachment} is lost: it was never erased, and its bytes are not there"
    )]
    Lost { attachment: Sha256Hex },
    /// It is damaged, or its keeper does not answer.
    #[error(transparent)]
    Get(GetError),
}

/// Why an erasure is not complete.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Nothing was erased now; what was erased before stays so.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The erasure is recorded, and bytes may be left. Erase it again.
    #[error(
        "the erasure is recorded, but the bytes may still be there: erase the attachment again"
    )]
    Blob(#[source] BlobEraseError),
}

/// Keeps `content` and records that it is kept.
///
/// Asking twice stores twice, under two addresses: whoever has an id looks first what was recorded under it.
/// Where the event is refused or fails, the bytes are removed again; where nobody knows, they stay, and an
/// audit tells.
///
/// # Errors
///
/// [`StoreError`].
pub async fn store(
    ledger: &mut dyn Records,
    blobs: &dyn BlobStore,
    content: Bytes,
    filing: Filing,
    origin: &Origin,
) -> Result<(BlobAddress, Position), StoreError> {
    let bytes = content.len() as u64;
    let address = blobs.put(content).await?;
    let Filing {
        media,
        about,
        effective,
        synthetic,
        id,
    } = filing;
    let command = Command::Store {
        attachment: named(address),
        file: File {
            bytes,
            media,
            about,
        },
    };
    let request = Request {
        synthetic,
        id,
        ..asking(command, effective)
    };
    match record(ledger, request, origin).await {
        Ok(position) => Ok((address, position.expect("a fresh address is news"))),
        Err(error) => {
            if error.wrote_nothing() {
                // An orphan where that fails as well.
                let _ = blobs.erase(&address).await;
            }
            Err(error.into())
        }
    }
}

/// Where `attachment` is kept, by what the ledger says.
///
/// # Errors
///
/// [`FetchError::Unknown`] and [`FetchError::Erased`]: what is erased is not even looked for.
pub fn find(image: &Image, attachment: &Sha256Hex) -> Result<BlobAddress, FetchError> {
    let known = image.registry().attachments.get(attachment);
    let known = known.ok_or_else(|| FetchError::Unknown {
        attachment: attachment.clone(),
    })?;
    match &known.erased {
        Some((on, erasure)) => Err(FetchError::Erased {
            on: *on,
            reason: erasure.reason.clone(),
        }),
        None => Ok(address(attachment)),
    }
}

/// The content at `address`, which [`find`] answered, hashed again.
///
/// # Errors
///
/// [`FetchError::Lost`] and [`FetchError::Get`].
pub async fn fetch(blobs: &dyn BlobStore, address: &BlobAddress) -> Result<Bytes, FetchError> {
    let got = blobs.get(address).await;
    got.map_err(|error| match error {
        GetError::NotThere { address } => FetchError::Lost {
            attachment: named(address),
        },
        error @ (GetError::Corrupt { .. } | GetError::Unavailable(_)) => FetchError::Get(error),
    })
}

/// Records that `attachment` is erased, and then erases it. Asking again completes what was cut short,
/// and answers `None` where the event was there already.
///
/// # Errors
///
/// [`EraseError`]. Where it was erased for another reason before, that stands, and what is left of the
/// bytes goes all the same.
pub async fn erase(
    ledger: &mut dyn Records,
    blobs: &dyn BlobStore,
    attachment: &Sha256Hex,
    erasure: Erasure,
    effective: Date,
    origin: &Origin,
) -> Result<Option<Position>, EraseError> {
    let command = Command::Erase {
        attachment: attachment.clone(),
        erasure,
    };
    let recorded = record(ledger, asking(command, effective), origin).await;
    if recorded
        .as_ref()
        .map_or_else(RecordError::says_erased, |_| true)
    {
        let erased = blobs.erase(&address(attachment)).await;
        erased.map_err(EraseError::Blob)?;
    }
    Ok(recorded?)
}

fn asking(command: Command, effective: Date) -> Request {
    Request {
        command: socai_domain::command::Command::Attachment(command),
        effective,
        synthetic: false,
        id: None,
        actor: None,
    }
}

/// Records one command; `None` where it was so already.
async fn record(
    ledger: &mut dyn Records,
    request: Request,
    origin: &Origin,
) -> Result<Option<Position>, RecordError> {
    match ledger.one(request, origin).await? {
        Outcome::Recorded(written) => Ok(written.first().map(|event| event.position)),
        Outcome::Unchanged => Ok(None),
        Outcome::Refused(refused) => Err(RecordError::Refused(refused)),
        Outcome::Failed | Outcome::Unknown => {
            unreachable!("what was not recorded has its reason, which is an error")
        }
    }
}

impl RecordError {
    fn wrote_nothing(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Append(error) => !matches!(error, AppendError::Unknown(_)),
            // Where it is not known what was recorded before, leaving an orphan loses nothing.
            Self::Load(_) | Self::Execute(_) => false,
        }
    }

    fn says_erased(&self) -> bool {
        let erased = attachment::Refusal::AlreadyErased.code();
        matches!(self, Self::Refused(refused) if refused.code == erased)
    }
}

fn named(address: BlobAddress) -> Sha256Hex {
    Sha256Hex::try_from(address.to_string()).expect("an address is 64 digits")
}

fn address(attachment: &Sha256Hex) -> BlobAddress {
    let address = attachment.to_string().parse();
    address.expect("64 digits are an address")
}
