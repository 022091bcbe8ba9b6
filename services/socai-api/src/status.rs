//! What an operation's no is over HTTP. The one place that says so.

use axum::http::StatusCode;
use socai_domain::refusal::Refused;
use socai_identity::log_in::seconds;
use socai_identity::oidc::{LetInError, OidcError};
use socai_identity::{Denied, LogInError};
use socai_operations::shares::NoShare;
use socai_operations::trouble::Trouble;
use socai_store::CredentialsError;
use socai_store::chain;

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
            } => Fault::NotFound.said(sentence).at(parameter),
            Trouble::Refused(refused) => refused.into(),
            Trouble::Command { code, sentence } => Self::new(of_refusal(code), code, sentence),
            Trouble::Unknown(reason) => Fault::UnknownOutcome.said(reason).again_after(1),
            Trouble::Unavailable(reason) => Fault::Unavailable.said(reason).again_after(1),
            Trouble::Stopped(reason) => Fault::Stopped.said(reason),
        }
    }
}

impl From<NoShare> for Problem {
    fn from(no_share: NoShare) -> Self {
        let fault = match no_share {
            NoShare::Own => Fault::TooMany,
            NoShare::All => Fault::Unavailable,
        };
        fault.said(no_share.to_string()).again_after(1)
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
        let told = denied.to_string();
        match denied {
            Denied::Missing
            | Denied::Unknown
            | Denied::Closed
            | Denied::Revoked
            | Denied::Expired => Self::new(StatusCode::UNAUTHORIZED, denied.code(), told),
            Denied::Unavailable(error) => error.into(),
        }
    }
}

impl From<LogInError> for Problem {
    fn from(error: LogInError) -> Self {
        let (code, told) = (error.code(), error.to_string());
        match error {
            LogInError::TooMany { wait } => {
                let wait = u32::try_from(seconds(wait)).unwrap_or(u32::MAX);
                Self::new(StatusCode::TOO_MANY_REQUESTS, code, told).again_after(wait)
            }
            LogInError::Wrong => Self::new(StatusCode::UNAUTHORIZED, code, told),
            LogInError::Unavailable(error) => error.into(),
        }
    }
}

impl From<OidcError> for Problem {
    fn from(error: OidcError) -> Self {
        let (code, told) = (error.code(), error.to_string());
        match error {
            OidcError::BeginAnew => Self::new(StatusCode::BAD_REQUEST, code, told),
            OidcError::Declined { .. } => Self::new(StatusCode::FORBIDDEN, code, told),
            OidcError::Unreliable(_) => {
                tracing::error!(error = chain(&error), "single sign-on");
                Self::new(StatusCode::BAD_GATEWAY, code, told)
            }
            OidcError::Unavailable(_) => {
                tracing::warn!(error = chain(&error), "single sign-on");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, told).again_after(5)
            }
        }
    }
}

impl From<LetInError> for Problem {
    fn from(error: LetInError) -> Self {
        let (code, told) = (error.code(), error.to_string());
        match error {
            LetInError::NoAccount => Self::new(StatusCode::FORBIDDEN, code, told),
            LetInError::Unavailable(error) => error.into(),
        }
    }
}

impl From<CredentialsError> for Problem {
    fn from(error: CredentialsError) -> Self {
        let told = error.to_string();
        tracing::error!(error = chain(&error), "credentials cannot be asked");
        let code = "identity.unavailable";
        match error {
            CredentialsError::Unavailable(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, told).again_after(1)
            }
            CredentialsError::Damaged(_) => Fault::Stopped.said(told),
        }
    }
}

/// The status of a refusal: whoever asks may not, wrote something else than was expected, or the ledger says no.
pub(crate) fn of_refusal(code: &str) -> StatusCode {
    match code.split_once('.') {
        Some(("permission", _)) => StatusCode::FORBIDDEN,
        Some(("line", "too_long" | "too_many")) => StatusCode::PAYLOAD_TOO_LARGE,
        Some(("line", "unknown_command")) => StatusCode::NOT_FOUND,
        Some(("line", "bad_data")) | Some(("command", "id_used")) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Some(("line", _)) => StatusCode::BAD_REQUEST,
        _ => StatusCode::CONFLICT,
    }
}
