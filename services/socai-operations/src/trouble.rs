//! Why there is no answer.

use socai_domain::refusal::Refused;

/// Why an operation has no answer, by what whoever asked can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A parameter is not right: mend it.
    #[error("{parameter}: {sentence}")]
    Parameter {
        /// Which one, as it is called on every wire: `from`, `known_at`.
        parameter: &'static str,
        /// What was wrong, and what was expected.
        sentence: String,
    },
    /// What is named is not there, or not for whoever asks to see.
    #[error("{parameter}: {sentence}")]
    NotFound {
        /// Which parameter names it.
        parameter: &'static str,
        /// What is not there.
        sentence: String,
    },
    /// Whoever asks may not, or the domain says no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The ledger cannot be asked now: ask again.
    #[error("{0}")]
    Unavailable(String),
    /// The ledger is damaged, or goes no further: a person has to look.
    #[error("{0}")]
    Stopped(String),
}

/// An error and what caused it, as one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}
