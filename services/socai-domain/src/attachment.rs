//! An attachment: a file that was shown, from the day on which it was stored to its erasure.
//!
//! ```text
//! (nothing) --store--> stored --erase--> erased
//! ```
//!
//! The file is kept outside the log, under the address that is this stream's id: SHA-256 over a random salt
//! and the content. The log says how large it was, of what sort, and what it is about. A file name is
//! deliberately absent: names of files name persons.

use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{DocumentId, InspectionId, ObligationId, Sha256Hex, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};

/// What sort of file: `application/pdf`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct MediaType(
    #[schemars(regex(
        pattern = r"^(application|audio|image|message|text|video)/[a-z0-9][a-z0-9.+-]{0,99}$"
    ))]
    Box<str>,
);

/// The sorts of files that an attachment may be.
const MEDIA: [&str; 6] = ["application", "audio", "image", "message", "text", "video"];

/// Why a text is no media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a media type without parameters, of application, audio, image, message, text or video, such as \
     application/pdf"
)]
pub struct BadMediaType;

impl TryFrom<String> for MediaType {
    type Error = BadMediaType;
    fn try_from(text: String) -> Result<Self, BadMediaType> {
        let (sort, name) = text.split_once('/').ok_or(BadMediaType)?;
        let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let begins = name.bytes().next().is_some_and(letter);
        let allowed = name.bytes().all(|b| letter(b) || b".+-".contains(&b));
        if MEDIA.contains(&sort) && begins && allowed && name.len() <= 100 {
            return Ok(Self(text.into_boxed_str()));
        }
        Err(BadMediaType)
    }
}

impl std::str::FromStr for MediaType {
    type Err = BadMediaType;
    fn from_str(text: &str) -> Result<Self, BadMediaType> {
        text.to_owned().try_into()
    }
}

impl From<MediaType> for String {
    fn from(media: MediaType) -> Self {
        media.0.into_string()
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the file is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// `{"obligation":"…"}`: evidence, a report's annex.
    Obligation(ObligationId),
    /// `{"document":"…"}`: its text.
    Document(DocumentId),
    /// `{"inspection":"…"}`: what was looked at.
    Inspection(InspectionId),
}

/// Who ordered an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderedBy {
    /// `{"document":"…"}`: the decision that orders it.
    Document(DocumentId),
    /// `{"unit":"…"}`: the unit that answers for it.
    Unit(UnitId),
}

/// The file as the log knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Its size, without the salt.
    pub bytes: u64,
    pub media: MediaType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
}

/// Why the bytes are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Erasure {
    /// A code or a short line, without names of persons.
    pub reason: Line,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<Line>,
    pub ordered_by: OrderedBy,
}

/// What is asked of attachments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// The file is kept. `socai attach store` keeps it and says so.
    #[serde(rename = "attachment.store")]
    Store { attachment: Sha256Hex, file: File },
    /// The file is to be erased. `socai attach erase` says so and erases it.
    #[serde(rename = "attachment.erase")]
    Erase {
        attachment: Sha256Hex,
        erasure: Erasure,
    },
}

/// What became true of an attachment. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// The file is kept under the address that the stream is named by.
    #[serde(rename = "attachment.stored.v1")]
    Stored { file: File },
    /// The file is erased, or is as soon as its keeper is reached. The hash that is left confirms nothing.
    #[serde(rename = "attachment.erased.v1")]
    Erased { erasure: Erasure },
}

/// An attachment as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What was stored.
    pub file: File,
    /// The day on which it was stored.
    pub stored: Date,
    /// The day of its erasure, and why.
    pub erased: Option<(Date, Erasure)>,
}

refusals!("attachment" {
    /// It is not in the ledger.
    Unknown = "unknown", "no such attachment is in the ledger";
    /// Something named is not in the ledger.
    UnknownSubject = "unknown_subject", "a unit, document, obligation or inspection named is not in the ledger";
    /// Its content is kept elsewhere, the files of it too.
    Secret = "secret", "of a secret document no file is kept";
    /// An address is given once.
    AlreadyStored = "already_stored", "an attachment of this address is stored already, with other facts";
    /// What was erased does not come back.
    Erased = "erased", "the attachment is erased";
    /// It is erased, and the first reason stands.
    AlreadyErased = "already_erased", "the attachment is erased already, for another reason";
    /// Nothing is erased before it was stored.
    BeforeStoring = "before_storing", "the effective day lies before the attachment was stored";
    /// Nothing is kept or erased ahead of time.
    InTheFuture = "in_the_future", "the effective day lies after the day of recording";
});

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<(Sha256Hex, Vec<Event>), Refused> {
    let (id, events) = match command {
        Command::Store { attachment, file } => (attachment, store(attachment, file, asking)?),
        Command::Erase {
            attachment,
            erasure,
        } => (attachment, erase(attachment, erasure, asking)?),
    };
    Ok((id.clone(), events))
}

fn store(id: &Sha256Hex, file: &File, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    if let Some(about) = &file.about {
        about.check(asking)?;
    }
    match asking.registry.attachments.get(id) {
        Some(known) if known.file != *file || known.stored != asking.on => {
            Err(Refusal::AlreadyStored.about(id))
        }
        Some(known) if known.erased.is_some() => Err(Refusal::Erased.about(id)),
        Some(_) => Ok(Vec::new()),
        None => {
            not_in_the_future(asking)?;
            let file = file.clone();
            Ok(vec![Event::Stored { file }])
        }
    }
}

fn erase(id: &Sha256Hex, erasure: &Erasure, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    let registry = asking.registry;
    let known = registry.attachments.get(id);
    let known = known.ok_or_else(|| Refusal::Unknown.about(id))?;
    let unknown = match &erasure.ordered_by {
        OrderedBy::Document(document) => (!registry.documents.contains_key(document))
            .then(|| Refusal::UnknownSubject.about(document)),
        OrderedBy::Unit(unit) => registry
            .unit(unit)
            .is_none()
            .then(|| Refusal::UnknownSubject.about(unit)),
    };
    if let Some(unknown) = unknown {
        return Err(unknown);
    }
    match &known.erased {
        // On whichever day it is asked again: whoever completes an erasure asks later.
        Some((_, first)) if first == erasure => return Ok(Vec::new()),
        Some((on, first)) => {
            let when_and_why = format!("on {on} because: {}", first.reason);
            return Err(Refusal::AlreadyErased.about(when_and_why));
        }
        None => {}
    }
    if asking.on < known.stored {
        return Err(Refusal::BeforeStoring.about(known.stored));
    }
    not_in_the_future(asking)?;
    let erasure = erasure.clone();
    Ok(vec![Event::Erased { erasure }])
}

fn not_in_the_future(asking: &Asking<'_>) -> Result<(), Refused> {
    if asking.on > asking.origin.today() {
        return Err(Refusal::InTheFuture.about(asking.on));
    }
    Ok(())
}

impl About {
    fn check(&self, asking: &Asking<'_>) -> Result<(), Refused> {
        let registry = asking.registry;
        let known = match self {
            Self::Obligation(id) => asking.obligations.has(id),
            Self::Document(id) => registry.documents.contains_key(id),
            Self::Inspection(id) => registry.inspections.contains_key(id),
        };
        if !known {
            return Err(Refusal::UnknownSubject.about(self));
        }
        match self {
            Self::Document(id) if registry.is_secret(id) => Err(Refusal::Secret.about(id)),
            Self::Document(_) | Self::Obligation(_) | Self::Inspection(_) => Ok(()),
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obligation(id) => id.fmt(f),
            Self::Document(id) => id.fmt(f),
            Self::Inspection(id) => id.fmt(f),
        }
    }
}

/// Tells `attachment` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(attachment: Option<Attachment>, on: Date, event: &Event) -> Option<Attachment> {
    match (attachment, event.clone()) {
        (None, Event::Stored { file }) => Some(Attachment {
            file,
            stored: on,
            erased: None,
        }),
        (Some(attachment), Event::Erased { erasure }) if attachment.erased.is_none() => {
            Some(Attachment {
                erased: Some((on, erasure)),
                ..attachment
            })
        }
        (Some(_), Event::Stored { .. } | Event::Erased { .. }) | (None, Event::Erased { .. }) => {
            None
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
