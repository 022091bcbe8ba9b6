//! What went wrong, as a status. The sentence is the message; the code that programs match on is in the trailing
//! metadata `socai-code`, and the parameter that it is about in `socai-parameter`.

use socai_domain::refusal::Refused;
use socai_operations::trouble::Trouble;
use socai_store::ReadError;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use crate::carry::Unfit;

const CODE: &str = "socai-code";
const PARAMETER: &str = "socai-parameter";

/// The status of `trouble`.
pub(crate) fn of(trouble: &Trouble) -> Status {
    let sentence = trouble.to_string();
    match trouble {
        Trouble::Parameter { parameter, .. } => {
            with(Code::InvalidArgument, sentence, "parameter", parameter)
        }
        Trouble::NotFound { parameter, .. } => {
            with(Code::NotFound, sentence, "not_found", parameter)
        }
        Trouble::Refused(refused) => refusal(refused),
        Trouble::Command { code, .. } => with(Code::InvalidArgument, sentence, code, ""),
        Trouble::Unknown(_) => with(Code::Unknown, sentence, "unknown_outcome", ""),
        Trouble::Unavailable(_) => with(Code::Unavailable, sentence, "unavailable", ""),
        Trouble::Stopped(_) => with(Code::DataLoss, sentence, "stopped", ""),
    }
}

/// What an account may not do at all is told from what the ledger does not allow as it stands.
fn refusal(refused: &Refused) -> Status {
    let may_not = refused.code.starts_with("permission.");
    let code = if may_not {
        Code::PermissionDenied
    } else {
        Code::FailedPrecondition
    };
    with(code, refused.to_string(), refused.code, "")
}

/// A status with what goes with it.
pub(crate) fn with(code: Code, sentence: impl Into<String>, name: &str, parameter: &str) -> Status {
    let mut metadata = MetadataMap::new();
    for (key, text) in [(CODE, name), (PARAMETER, parameter)] {
        if let (false, Ok(value)) = (text.is_empty(), MetadataValue::try_from(text)) {
            metadata.insert(key, value);
        }
    }
    Status::with_metadata(code, sentence, metadata)
}

/// The status of a store that cannot be read.
pub(crate) fn of_read(error: &ReadError) -> Status {
    match error {
        ReadError::Corrupt { .. } => with(Code::DataLoss, error.to_string(), "stopped", ""),
        ReadError::Unavailable(_) => with(Code::Unavailable, error.to_string(), "unavailable", ""),
    }
}

/// The status of a message that says what nobody can.
pub(crate) fn bad(unfit: &Unfit) -> Status {
    with(
        Code::InvalidArgument,
        unfit.to_string(),
        "parameter",
        &unfit.field,
    )
}

/// The answer where nothing is.
pub(crate) fn no_such_method() -> http::Response<Body> {
    with(
        Code::Unimplemented,
        "there is no such method",
        "no_such_method",
        "",
    )
    .into_http()
}

/// A parameter is not right.
pub(crate) fn parameter(name: &str, sentence: impl std::fmt::Display) -> Status {
    with(
        Code::InvalidArgument,
        format!("{name}: {sentence}"),
        "parameter",
        name,
    )
}

/// A fault of the program, told in its log.
pub(crate) fn broken() -> Status {
    with(
        Code::Internal,
        "a fault of the program, told in its log",
        "broken",
        "",
    )
}
