//! Names typed by people, found in the ledger; and what is said where a parameter is not right.

use anyhow::anyhow;
use socai_domain::id::{DocumentId, UnitId};
use socai_domain::permission::Scope;
use socai_ledger::image::Image;
use socai_operations::questions::named;
use socai_operations::trouble::Trouble;

/// The document of this id, or the only one of this number.
///
/// # Errors
///
/// Where there is none, or several: a number is not an identity.
pub(crate) fn document(image: &Image, typed: &str) -> anyhow::Result<DocumentId> {
    named::document(image, typed).map_err(told)
}

/// Checks that the unit is there.
///
/// # Errors
///
/// Where it is not.
pub(crate) fn unit(image: &Image, unit: &UnitId) -> anyhow::Result<()> {
    named::unit(image, &Scope::Everything, unit).map_err(told)
}

/// Trouble as the command line tells it: a parameter is a flag.
pub(crate) fn told(trouble: Trouble) -> anyhow::Error {
    match trouble {
        Trouble::Parameter {
            parameter,
            sentence,
        }
        | Trouble::NotFound {
            parameter,
            sentence,
        } => {
            anyhow!("--{} {sentence}", parameter.replace('_', "-"))
        }
        Trouble::Refused(_)
        | Trouble::Command { .. }
        | Trouble::Unknown(_)
        | Trouble::Unavailable(_)
        | Trouble::Stopped(_) => trouble.into(),
    }
}
