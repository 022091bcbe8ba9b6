//! A record as the fold needs it: what became true, of what, from which day, and who recorded it when.
//!
//! What this program does not know yet (a later version's type, another category of streams) is a fact
//! as well: it keeps its place and changes nothing. What it does know has to read.

use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::codec::DecodeError;
use socai_domain::event::Event;
use socai_domain::id::AccountId;
use socai_domain::origin::VIETNAM;
use socai_domain::subject::{BadSubject, Subject};
use socai_store::envelope::{self, Envelope};
use socai_store::{Position, Recorded};

use crate::image::FoldError;

/// One event, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its place in the ledger.
    pub position: Position,
    /// What it is about.
    pub about: About,
    /// Its place in its stream.
    pub revision: u64,
    /// The day from which it is true, in Việt Nam.
    pub on: Date,
    /// When the ledger took it in.
    pub recorded: Timestamp,
    /// Who recorded it.
    pub actor: AccountId,
    /// It was made for a demonstration or a test, and never happened.
    pub synthetic: bool,
    /// What became true; `None` where this program does not know the type.
    pub event: Option<Event>,
}

/// The stream of a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// Something of the domain.
    Known(Subject),
    /// A stream of a category that this program does not know.
    Unknown(Box<str>),
}

impl About {
    /// What it is about, where this program knows it.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Known(subject) => Some(subject),
            Self::Unknown(_) => None,
        }
    }
}

impl std::fmt::Display for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(subject) => subject.fmt(f),
            Self::Unknown(stream) => f.write_str(stream),
        }
    }
}

impl Fact {
    /// Reads a record: its envelope, then its body by its type.
    ///
    /// # Errors
    ///
    /// [`FoldError::Unreadable`], which names the position: the envelope, the subject or the body of a
    /// known type does not read.
    pub fn decode(recorded: &Recorded) -> Result<Self, FoldError> {
        let position = recorded.position;
        let unreadable = |source: Unreadable| FoldError::Unreadable { position, source };
        let record = envelope::parse(&recorded.bytes).map_err(|e| unreadable(e.into()))?;
        Self::of(position, &record).map_err(unreadable)
    }

    fn of(position: Position, record: &Envelope<'_>) -> Result<Self, Unreadable> {
        let about = match Subject::parse(&record.subject) {
            Ok(subject) => About::Known(subject),
            Err(BadSubject::UnknownCategory(stream)) => About::Unknown(stream.into_boxed_str()),
            Err(bad) => return Err(bad.into()),
        };
        let event = match &about {
            About::Known(subject) => event(subject, record)?,
            About::Unknown(_) => None,
        };
        Ok(Self {
            position,
            about,
            revision: record.revision.0,
            on: record.time.date(),
            recorded: record.recorded_time,
            actor: AccountId::new(&record.actor).map_err(Unreadable::Actor)?,
            synthetic: record.synthetic,
            event,
        })
    }

    /// The civil day in Việt Nam on which the ledger took it in.
    pub fn recorded_on(&self) -> Date {
        VIETNAM.to_datetime(self.recorded).date()
    }
}

fn event(subject: &Subject, record: &Envelope<'_>) -> Result<Option<Event>, Unreadable> {
    match Event::decode(subject, &record.event_type, record.data) {
        Ok(event) => Ok(Some(event)),
        Err(DecodeError::UnknownType { .. }) => Ok(None),
        Err(source @ DecodeError::Body { .. }) => {
            let event_type = record.event_type.clone().into_owned();
            Err(Unreadable::Body { event_type, source })
        }
    }
}

/// What of a record does not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The envelope.
    #[error(transparent)]
    Envelope(#[from] envelope::EnvelopeError),
    /// The subject, in a category that this program knows.
    #[error(transparent)]
    Subject(#[from] BadSubject),
    /// The account.
    #[error("\"actor\": {0}")]
    Actor(socai_domain::id::BadId),
    /// The body does not fit its type.
    #[error("the data of {event_type}: {source}")]
    Body {
        /// The type.
        event_type: String,
        /// What is wrong with it.
        source: DecodeError,
    },
}
