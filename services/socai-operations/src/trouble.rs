//! Why there is no answer.

use std::borrow::Cow;

use socai_domain::refusal::Refused;

/// Why an operation has no answer, by what whoever asked can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A parameter is not right: mend it.
    #[error("{parameter}: {sentence}")]
    Parameter {
        /// Which one, as it is called on every wire: `from`, `known_at`.
        parameter: Cow<'static, str>,
        /// The value, what was wrong with it, and what was expected.
        sentence: String,
    },
    /// What is named is not there, or not for whoever asks to see.
    #[error("{parameter}: {sentence}")]
    NotFound {
        /// Which parameter names it.
        parameter: Cow<'static, str>,
        /// The value, and that it is not there.
        sentence: String,
    },
    /// Whoever asks may not, or the domain says no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The command does not read: mend it.
    #[error("{sentence}")]
    Command {
        /// What programs match on.
        code: &'static str,
        /// Where, what was wrong, and what was expected.
        sentence: String,
    },
    /// It cannot be said whether the command was recorded: ask again with its id, which tells.
    #[error("{0}")]
    Unknown(String),
    /// The ledger cannot be asked now: ask again.
    #[error("{0}")]
    Unavailable(String),
    /// The ledger is damaged, or goes no further: a person has to look.
    #[error("{0}")]
    Stopped(String),
}

impl Trouble {
    /// A parameter is not right.
    pub fn parameter(parameter: impl Into<Cow<'static, str>>, sentence: impl Into<String>) -> Self {
        Self::Parameter {
            parameter: parameter.into(),
            sentence: sentence.into(),
        }
    }

    /// What `parameter` names, `written`, is not there.
    pub fn not_found(parameter: &'static str, written: &str, says: &str) -> Self {
        Self::NotFound {
            parameter: parameter.into(),
            sentence: format!("{written}: {says}"),
        }
    }
}
