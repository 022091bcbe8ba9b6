//! Files beside the log: what is said of one when it is stored, fetched, erased, or looked for.
//!
//! Deliberately absent: names of files, which name persons, and where the bytes are.

use bytes::Bytes;
use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::attachments::{self, FetchError, Filing};
use socai_app::records::Records;
use socai_domain::attachment::{About, Erasure, MediaType, OrderedBy};
use socai_domain::id::{InspectionId, ObligationId, Sha256Hex, UnitId};
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_domain::permission::Scope;
use socai_domain::subject::Subject;
use socai_ledger::image::Image;
use socai_store::blob::{BlobAddress, BlobStore};
use uuid::Uuid;

use crate::questions::named;
use crate::sight::sees;
use crate::trouble::Trouble;

mod again;
mod audit;

pub use audit::{Audit, Found, Mending, audit};

/// What is said of a file that is stored.
#[derive(Debug, Clone, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[group(skip)]
#[command(group(clap::ArgGroup::new("about")))]
pub struct Filed {
    /// What sort of file, such as application/pdf
    #[arg(long, value_name = "TYPE/NAME")]
    pub media: MediaType,
    /// It is about an obligation
    #[arg(long, group = "about", value_name = "ID")]
    pub obligation: Option<ObligationId>,
    /// It is about a document, by id or number
    #[arg(long, group = "about", value_name = "ID|NUMBER")]
    pub document: Option<String>,
    /// It is about an inspection
    #[arg(long, group = "about", value_name = "ID")]
    pub inspection: Option<InspectionId>,
    /// The day on which it was shown [default: today]
    #[arg(long, value_name = "DAY")]
    pub on: Option<Date>,
}

/// Why a file is erased, and who ordered it.
#[derive(Debug, Clone, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[group(skip)]
#[command(group(clap::ArgGroup::new("ordered").required(true)))]
pub struct Erase {
    /// Why: a code or a short line, without names of persons. It is kept for ever
    #[arg(long, value_parser = line)]
    pub reason: Line,
    /// The provision that asks for it
    #[arg(long, value_name = "TEXT", value_parser = line)]
    pub legal_basis: Option<Line>,
    /// The decision that orders it, by id or number
    #[arg(long, group = "ordered", value_name = "ID|NUMBER")]
    pub by_document: Option<String>,
    /// The unit that answers for it
    #[arg(long, group = "ordered", value_name = "ID")]
    pub by_unit: Option<UnitId>,
    /// The day of the erasure [default: today]
    #[arg(long, value_name = "DAY")]
    pub on: Option<Date>,
}

fn line(text: &str) -> Result<Line, String> {
    Line::new(text).map_err(|bad| bad.to_string())
}

impl Filed {
    /// What is recorded of the file.
    ///
    /// # Errors
    ///
    /// Where it names several things, or what is not there.
    pub fn filing(&self, image: &Image, today: Date) -> Result<Filing, Trouble> {
        Ok(Filing {
            media: self.media.clone(),
            about: self.about(image)?,
            effective: self.on.unwrap_or(today),
            synthetic: false,
            id: None,
        })
    }

    fn about(&self, image: &Image) -> Result<Option<About>, Trouble> {
        Ok(match (&self.obligation, &self.document, &self.inspection) {
            (None, None, None) => None,
            (Some(obligation), None, None) => Some(About::Obligation(obligation.clone())),
            (None, Some(document), None) => {
                Some(About::Document(named::document(image, document)?))
            }
            (None, None, Some(inspection)) => Some(About::Inspection(inspection.clone())),
            _ => {
                let says = "expected at most one of obligation, document and inspection";
                return Err(Trouble::parameter("obligation", says));
            }
        })
    }
}

impl Erase {
    /// What is recorded of the erasure.
    ///
    /// # Errors
    ///
    /// Where it does not name who ordered it, or a document that is not there.
    pub fn erasure(&self, image: &Image) -> Result<Erasure, Trouble> {
        let ordered_by = match (&self.by_unit, &self.by_document) {
            (Some(unit), None) => OrderedBy::Unit(unit.clone()),
            (None, Some(document)) => OrderedBy::Document(named::document(image, document)?),
            (Some(_), Some(_)) | (None, None) => {
                let says = "name who ordered it: by_unit or by_document";
                return Err(Trouble::parameter("by_unit", says));
            }
        };
        Ok(Erasure {
            reason: self.reason.clone(),
            legal_basis: self.legal_basis.clone(),
            ordered_by,
        })
    }
}

/// A file that is stored. The shape of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stored {
    /// Its address, to be named as "sha256" in commands.
    pub attachment: String,
    /// Where it is recorded.
    pub position: u64,
}

/// Keeps `content`, and records that it is kept; under `id`, where there is one.
///
/// # Errors
///
/// [`Trouble`].
pub async fn store(
    records: &mut dyn Records,
    blobs: &dyn BlobStore,
    content: Bytes,
    filed: &Filed,
    id: Option<Uuid>,
    origin: &Origin,
) -> Result<Stored, Trouble> {
    let mut filing = None;
    records.look(&mut |image| filing = Some(filed.filing(image, origin.today())));
    let filing = filing.expect("whoever records has an image to look at")?;
    let filing = Filing { id, ..filing };
    let stored = attachments::store(records, blobs, content, filing, origin).await?;
    let (attachment, position) = (stored.0.to_string(), stored.1.0);
    Ok(Stored {
        attachment,
        position,
    })
}

/// Where an attachment is kept, for whoever may see what `scope` says.
///
/// # Errors
///
/// [`Trouble::NotFound`] where it is not there, not for them, or erased.
pub fn find(image: &Image, scope: &Scope, attachment: &Sha256Hex) -> Result<BlobAddress, Trouble> {
    if sees(image, scope, &Subject::Attachment(attachment.clone())) {
        return Ok(attachments::find(image, attachment)?);
    }
    let attachment = attachment.clone();
    Err(FetchError::Unknown { attachment }.into())
}

/// The content at `address`, which [`find`] answered, hashed again.
///
/// # Errors
///
/// [`Trouble`].
pub async fn fetch(blobs: &dyn BlobStore, address: &BlobAddress) -> Result<Bytes, Trouble> {
    Ok(attachments::fetch(blobs, address).await?)
}

/// Records that an attachment is erased, and erases it. Answers where, unless that was recorded before.
///
/// # Errors
///
/// [`Trouble`].
pub async fn erase(
    records: &mut dyn Records,
    blobs: &dyn BlobStore,
    attachment: &Sha256Hex,
    asked: &Erase,
    origin: &Origin,
) -> Result<Option<u64>, Trouble> {
    let mut erasure = None;
    records.look(&mut |image| erasure = Some(asked.erasure(image)));
    let erasure = erasure.expect("whoever records has an image to look at")?;
    let on = asked.on.unwrap_or(origin.today());
    let erased = attachments::erase(records, blobs, attachment, erasure, on, origin).await?;
    Ok(erased.map(|position| position.0))
}
