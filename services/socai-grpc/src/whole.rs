//! Requests that end where the client said so.
//!
//! A client that goes away, or whose time is up, resets its stream. tonic takes that for the stream's end, and half of
//! what should have come would be taken for all of it.

use std::task::{Context, Poll};

use http_body_util::BodyExt;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::{Code, Status};

use crate::status;

/// Stands before a service.
#[derive(Clone)]
pub(crate) struct Whole<S>(pub(crate) S);

impl<S: NamedService> NamedService for Whole<S> {
    const NAME: &'static str = S::NAME;
}

impl<S: Service<http::Request<Body>>> Service<http::Request<Body>> for Whole<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> S::Future {
        self.0
            .call(request.map(|body| Body::new(body.map_err(cut_off))))
    }
}

/// What tonic would take for the end is told as what it is.
fn cut_off(status: Status) -> Status {
    if status.code() != Code::Cancelled {
        return status;
    }
    let sentence =
        "the request was cut off before its end, and what came of it was not taken for all of it";
    status::with(Code::Aborted, "request.cut_off", sentence)
}
