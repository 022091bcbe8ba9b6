//! What a witness keeps of a log: nothing yet, or the checkpoint that it cosigned last, with its signatures.

use bytes::Bytes;
use socai_store::register::REGISTER_BYTES_MAX;
use socai_store::{Register, SwapError};
use socai_tlog::cosignature::cosigned_at;
use socai_tlog::{Checkpoint, Note, VerifierKey};

use super::{Log, WitnessError};

/// What is kept before anything was cosigned. An empty value is none of ours.
const NOTHING: &[u8] = b"nothing was cosigned\n";

/// A checkpoint that a witness cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The note, signed by the log and cosigned.
    pub note: Note,
    /// The time of the cosignature, in seconds since 1970.
    pub at: u64,
}

/// What is kept, and the version that has to be replaced.
pub(super) struct Kept {
    pub(super) version: u64,
    pub(super) last: Option<Cosigned>,
}

/// Makes the place where is kept what is cosigned of a log, once: with a value that says that nothing was. A place that
/// is missing later was lost.
///
/// # Errors
///
/// Where it cannot be written. One that is there already is left alone.
pub async fn tell_of(last: &dyn Register) -> Result<(), SwapError> {
    match last.swap(None, Bytes::from_static(NOTHING)).await {
        Ok(_) | Err(SwapError::Lost) => Ok(()),
        Err(error @ SwapError::Unknown(_)) => Err(error),
    }
}

/// Reads what is kept, and checks that the log and this witness signed it.
pub(super) async fn read(log: &Log, own: &VerifierKey) -> Result<Kept, WitnessError> {
    let damaged = |problem: String| WitnessError::Damaged {
        origin: log.origin.clone(),
        problem,
    };
    let held = log.last.read().await;
    let held = held.map_err(|error| WitnessError::Unavailable(error.into()))?;
    let held = held.ok_or_else(|| damaged("missing".to_owned()))?;
    let last = if held.value == NOTHING {
        None
    } else {
        let problem = |problem| damaged(format!("damaged: {problem}"));
        Some(cosigned(&held.value, log, own).map_err(problem)?)
    };
    let version = held.version;
    Ok(Kept { version, last })
}

fn cosigned(value: &[u8], log: &Log, own: &VerifierKey) -> Result<Cosigned, String> {
    let note = Note::parse(value).map_err(|error| error.to_string())?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|error| error.to_string())?;
    if checkpoint.origin != log.origin {
        return Err(format!("it is of the log `{}`", checkpoint.origin));
    }
    let keys = log.keys.iter().chain(&log.distrusted);
    let signed = note.verified_by(keys).map_err(|error| error.to_string())?;
    if signed.is_empty() {
        return Err("no known key of the log signed it".to_owned());
    }
    let at = cosigned_at(&note, own).map_err(|error| error.to_string())?;
    let at = at.ok_or_else(|| format!("it is not cosigned by {}", own.label()))?;
    Ok(Cosigned {
        checkpoint,
        note,
        at,
    })
}

/// The bytes that are kept.
pub(super) fn value_of(note: &Note) -> Result<Bytes, WitnessError> {
    let value = Bytes::from(note.to_string());
    if value.len() > REGISTER_BYTES_MAX {
        let max = REGISTER_BYTES_MAX;
        return Err(WitnessError::TooLong { max });
    }
    Ok(value)
}
