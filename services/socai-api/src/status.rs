//! What an operation's no is over HTTP. The one place that says so.

use axum::http::StatusCode;
use socai_domain::refusal::Refused;
use socai_identity::Denied;
use socai_operations::trouble::Trouble;

use crate::problem::{Fault, Problem};

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Parameter {
                parameter,
                sentence,
            } => Fault::BadParameter.said(sentence).at(parameter),
            Trouble::NotFound {
                parameter,
                sentence,
            } => Problem::new(StatusCode::NOT_FOUND, "answer.not_found", sentence).at(parameter),
            Trouble::Refused(refused) => refused.into(),
            Trouble::Command { code, sentence } => Self::new(of_refusal(code), code, sentence),
            Trouble::Unknown(reason) => Fault::UnknownOutcome.said(reason).again_after(1),
            Trouble::Unavailable(reason) => Fault::Unavailable.said(reason).again_after(1),
            Trouble::Stopped(reason) => Fault::Stopped.said(reason),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let status = of_refusal(refused.code);
        Self::new(status, refused.code, refused.to_string())
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let (code, told) = (denied.code(), denied.to_string());
        match denied {
            Denied::Missing
            | Denied::Unknown
            | Denied::Closed
            | Denied::Revoked
            | Denied::Expired => Self::new(StatusCode::UNAUTHORIZED, code, told),
            Denied::Unavailable(error) => {
                tracing::warn!(error = chain(&error), "credentials cannot be asked");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, told).again_after(1)
            }
        }
    }
}

/// An error and what caused it, as one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// The status of a refusal: whoever asks may not, wrote something else than was expected, or the ledger says no.
pub(crate) fn of_refusal(code: &str) -> StatusCode {
    match code.split_once('.') {
        Some(("permission", _)) => StatusCode::FORBIDDEN,
        Some(("line", "too_long")) => StatusCode::PAYLOAD_TOO_LARGE,
        Some(("line", "unknown_command")) => StatusCode::NOT_FOUND,
        Some(("line", "bad_data")) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(("line", _)) => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}
