//! What is said where a parameter is not right, or what it names is not there.

use anyhow::anyhow;
use socai_operations::trouble::Trouble;

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
        Trouble::Refused(refused) => anyhow!("{refused} [{}]", refused.code),
        other @ (Trouble::Command { .. }
        | Trouble::Unknown(_)
        | Trouble::Unavailable(_)
        | Trouble::Stopped(_)) => other.into(),
    }
}

/// The same, where what is not there was not named by a flag.
pub(crate) fn plainly(trouble: Trouble) -> anyhow::Error {
    match trouble {
        Trouble::NotFound { sentence, .. } => anyhow!(sentence),
        other @ (Trouble::Parameter { .. }
        | Trouble::Refused(_)
        | Trouble::Command { .. }
        | Trouble::Unknown(_)
        | Trouble::Unavailable(_)
        | Trouble::Stopped(_)) => told(other),
    }
}
