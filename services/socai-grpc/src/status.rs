//! What went wrong, as a status. The sentence is its message; the code that programs match on, the same as over HTTP,
//! is in the trailing metadata `socai-code`, and the parameter or field that it is about in `socai-where`.

use std::fmt::Display;

use socai_domain::refusal::Refused;
use socai_operations::shares::NoShare;
use socai_operations::trouble::Trouble;
use socai_store::ReadError;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use crate::carry::Unfit;

const CODE: &str = "socai-code";
const WHERE: &str = "socai-where";

/// The status of `trouble`.
pub(crate) fn of(trouble: &Trouble) -> Status {
    match trouble {
        Trouble::Parameter {
            parameter,
            sentence,
        } => self::parameter(parameter, sentence),
        Trouble::NotFound {
            parameter,
            sentence,
        } => at(
            parameter,
            with(Code::NotFound, "answer.not_found", sentence),
        ),
        Trouble::Refused(refused) => refusal(refused),
        Trouble::Command { code, sentence } => with(Code::InvalidArgument, code, sentence),
        Trouble::Unknown(reason) => with(Code::Unknown, "answer.unknown_outcome", reason),
        Trouble::Unavailable(reason) => with(Code::Unavailable, "answer.unavailable", reason),
        Trouble::Stopped(reason) => with(Code::DataLoss, "answer.stopped", reason),
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
    with(code, refused.code, refused.to_string())
}

/// The status of a store that cannot be read.
pub(crate) fn of_read(error: &ReadError) -> Status {
    match error {
        ReadError::Corrupt { .. } => with(Code::DataLoss, "answer.stopped", error.to_string()),
        ReadError::Unavailable(_) => {
            with(Code::Unavailable, "answer.unavailable", error.to_string())
        }
    }
}

/// A parameter is not right.
pub(crate) fn parameter(name: &str, sentence: impl Display) -> Status {
    at(
        name,
        with(
            Code::InvalidArgument,
            "request.bad_parameter",
            sentence.to_string(),
        ),
    )
}

/// A message says what nobody can.
pub(crate) fn unfit(unfit: &Unfit) -> Status {
    at(
        &unfit.field,
        with(Code::InvalidArgument, "request.bad_body", unfit.to_string()),
    )
}

/// Too much is under way at once.
pub(crate) fn no_share(none: NoShare) -> Status {
    let (code, name) = match none {
        NoShare::Own => (Code::ResourceExhausted, "request.too_many"),
        NoShare::All => (Code::Unavailable, "answer.unavailable"),
    };
    with(code, name, none.to_string())
}

/// The answer where nothing is.
pub(crate) fn no_such_method() -> http::Response<Body> {
    let sentence = "there is no such method; reflection says what there is";
    with(Code::Unimplemented, "request.no_such_address", sentence).into_http()
}

/// A status with its code.
pub(crate) fn with(code: Code, name: &'static str, sentence: impl Into<String>) -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert(CODE, MetadataValue::from_static(name));
    Status::with_metadata(code, sentence, metadata)
}

fn at(place: &str, mut status: Status) -> Status {
    // A name that cannot stand there stands in the sentence.
    if let Ok(value) = MetadataValue::try_from(place) {
        status.metadata_mut().insert(WHERE, value);
    }
    status
}
