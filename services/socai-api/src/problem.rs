//! What an answer looks like that says no: a problem document (RFC 9457).
//!
//! ```json
//! {"type":"/problems/obligation.not_open","title":"The obligation is fulfilled, or waits for an answer.","status":409,
//!  "detail":"the obligation is not open: 25-ct_2019_hn-snv","code":"obligation.not_open",
//!  "request_id":"019acbf0-7c2e-7d31-b6b9-8f5f0c1d2e3a"}
//! ```
//!
//! `code` is what programs match on and never changes; `detail` is for people and may. `where` names the parameter,
//! field or line. The title is what `ops/errors.md` says that the code means, and `type` leads to what to do about it.
//! Deliberately absent: causes of what went wrong inside, which stand in the log.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::requests::Ids;

/// The media type of a problem.
pub(crate) const MEDIA: &str = "application/problem+json";

/// An answer that says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: String,
    place: Option<String>,
    again_after: Option<u32>,
}

/// The same, as it is written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct Written {
    /// Where the code is explained.
    r#type: String,
    /// What the code means.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What was wrong this time, and what was expected.
    detail: String,
    /// What programs match on.
    code: String,
    /// The parameter, field or line that it is about.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// What the log of the process calls the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The trace that the request belongs to, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// What the frame itself says no to, before an operation is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is at that address.
    NoSuchAddress,
    /// What a parameter names is not there.
    NotFound,
    /// Another site sent it.
    CrossSite,
    /// Nobody logs in elsewhere here.
    NoSingleSignOn,
    /// Something is there, and not for that method.
    MethodNotAllowed,
    /// A parameter of the address is unknown, given twice or not of its kind.
    BadParameter,
    /// A header does not read.
    BadHeader,
    /// The body does not read.
    BadBody,
    /// The body is of another media type than is read there.
    MediaType,
    /// No media type that is accepted is one that is answered in.
    NotAcceptable,
    /// The body is longer than it may be.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// Too many requests within a minute.
    TooMany,
    /// It cannot be said whether it was recorded.
    UnknownOutcome,
    /// There is no answer in the time that one may take.
    NoAnswerInTime,
    /// The ledger is being opened.
    Opening,
    /// The ledger cannot be asked now.
    Unavailable,
    /// The ledger is damaged, or goes no further.
    Stopped,
    /// A fault of the program.
    Broken,
}

impl Fault {
    const fn code(self) -> &'static str {
        match self {
            Self::NoSuchAddress => "request.no_such_address",
            Self::NotFound => "answer.not_found",
            Self::CrossSite => "identity.cross_site",
            Self::NoSingleSignOn => "identity.no_single_sign_on",
            Self::MethodNotAllowed => "request.method_not_allowed",
            Self::BadParameter => "request.bad_parameter",
            Self::BadHeader => "request.bad_header",
            Self::BadBody => "request.bad_body",
            Self::MediaType => "request.media_type",
            Self::NotAcceptable => "request.not_acceptable",
            Self::TooLarge => "request.too_large",
            Self::TooSlow => "request.too_slow",
            Self::TooMany => "request.too_many",
            Self::UnknownOutcome => "answer.unknown_outcome",
            Self::NoAnswerInTime => "answer.not_in_time",
            Self::Opening => "answer.opening",
            Self::Unavailable => "answer.unavailable",
            Self::Stopped => "answer.stopped",
            Self::Broken => "answer.broken",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::NoSuchAddress | Self::NotFound | Self::NoSingleSignOn => StatusCode::NOT_FOUND,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadParameter | Self::BadHeader | Self::BadBody => StatusCode::BAD_REQUEST,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownOutcome | Self::NoAnswerInTime | Self::Opening | Self::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Stopped | Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The problem, said in `detail`.
    pub(crate) fn said(self, detail: impl Into<String>) -> Problem {
        Problem::new(self.status(), self.code(), detail)
    }
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            place: None,
            again_after: None,
        }
    }

    /// The same, about this parameter, field or line.
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        let place = Some(place.into());
        Self { place, ..self }
    }

    /// The same, with after how many seconds to ask again.
    pub(crate) fn again_after(self, seconds: u32) -> Self {
        let again_after = Some(seconds);
        Self {
            again_after,
            ..self
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let meaning = meaning(&self.code).map_or("", |meaning| meaning.means);
        let ids = Ids::now();
        let written = Written {
            r#type: format!("/problems/{}", self.code),
            title: meaning,
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.into_owned(),
            place: self.place,
            request_id: ids.map(|ids| ids.request.to_string()),
            trace_id: ids.and_then(|ids| ids.trace).map(|trace| trace.to_string()),
        };
        let body = serde_json::to_vec(&written).expect("words are written as JSON");
        let kind = [
            (header::CONTENT_TYPE, MEDIA),
            (header::CACHE_CONTROL, "no-store"),
        ];
        let mut answer = (self.status, kind, body).into_response();
        if let Some(seconds) = self.again_after {
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        answer
    }
}

/// What a code means, and what to do about it: a line of `ops/errors.md`.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub(crate) struct Meaning {
    /// The code.
    code: &'static str,
    /// What it means.
    means: &'static str,
    /// What to do.
    do_this: &'static str,
}

/// What `code` means.
pub(crate) fn meaning(code: &str) -> Option<Meaning> {
    static MEANINGS: LazyLock<BTreeMap<&str, Meaning>> = LazyLock::new(|| {
        let page = include_str!("../../../ops/errors.md");
        page.lines()
            .filter_map(row)
            .map(|row| (row.code, row))
            .collect()
    });
    MEANINGS.get(code).copied()
}

fn row(line: &'static str) -> Option<Meaning> {
    let (code, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
    let (means, do_this) = rest.strip_suffix(" |")?.split_once(" | ")?;
    Some(Meaning {
        code,
        means,
        do_this,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_explained_by_the_page_of_codes() {
        let known = meaning("obligation.not_open").unwrap();
        assert!(known.means.contains("fulfilled"), "{known:?}");
        assert!(known.do_this.contains("history"), "{known:?}");
        assert!(meaning("obligation.on_fire").is_none());
    }
}
