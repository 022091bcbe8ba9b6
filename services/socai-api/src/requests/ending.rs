//! What an answer came to: told once that is known.
//!
//! Over HTTP it is known when the answer begins. Over gRPC the code comes last, after whatever is streamed, so that is
//! waited for; whoever goes away before has cancelled. The time that is told is in both cases that until the answer
//! began: how long somebody listens to a stream says nothing of how quick it is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use socai_grpc::{Call, WhoAsked};
use socai_metrics::{Example, Metrics};
use tonic::{Code, Status};
use tracing::Span;

use super::asked::{Asked, Route};

/// A request that is being answered.
pub(super) struct Ending {
    asked: Asked,
    who: WhoAsked,
    span: Span,
    metrics: Arc<Metrics>,
    example: Example,
    begun: Instant,
}

impl Ending {
    pub(super) fn of(
        asked: Asked,
        who: WhoAsked,
        span: Span,
        (metrics, example): (Arc<Metrics>, Example),
    ) -> Self {
        Self {
            metrics,
            example,
            asked,
            who,
            span,
            begun: Instant::now(),
        }
    }

    /// The answer, which tells its end.
    pub(super) fn with(self, answer: Response) -> Response {
        let took = self.begun.elapsed();
        match &self.asked.route {
            Route::Http(route) => {
                self.answered(route, answer.status(), took);
                answer
            }
            &Route::Grpc(call) => match code_of(&answer) {
                Some(code) => {
                    self.called(call, code, took);
                    answer
                }
                None => answer.map(|body| {
                    Body::new(Streamed {
                        body,
                        end: Some((self, call, took)),
                    })
                }),
            },
        }
    }

    fn answered(&self, route: &str, status: StatusCode, took: Duration) {
        let (method, example) = (self.asked.method, self.example.clone());
        let requests = &self.metrics.requests;
        requests.http(route, method, status.as_u16(), example, took);
        let _in = self.span.enter();
        self.span
            .record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.span.record("otel.status_code", "ERROR");
        }
        tracing::info!(
            method,
            route,
            status = status.as_u16(),
            ms = ms(took),
            account = self.account(),
            "answered"
        );
    }

    fn called(&self, Call { service, method }: Call, code: Code, took: Duration) {
        let example = self.example.clone();
        let requests = &self.metrics.requests;
        requests.grpc((service, method), name(code), example, took);
        let _in = self.span.enter();
        self.span.record("rpc.grpc.status_code", code as i32);
        if is_fault(code) {
            self.span.record("otel.status_code", "ERROR");
        }
        tracing::info!(
            service,
            method,
            code = name(code),
            ms = ms(took),
            account = self.account(),
            "answered"
        );
    }

    fn account(&self) -> &str {
        self.who.account().map_or("-", |account| account.as_str())
    }
}

/// To a tenth of a millisecond.
fn ms(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e4).round() / 10.0
}

/// The code of an answer of which nothing follows.
fn code_of(answer: &Response) -> Option<Code> {
    if answer.status() != StatusCode::OK {
        // No answer of gRPC: what clients make of that.
        return Some(Code::Unknown);
    }
    code_in(answer.headers())
}

fn code_in(headers: &HeaderMap) -> Option<Code> {
    Status::from_header_map(headers).map(|status| status.code())
}

/// Whether something went wrong here, rather than with what was asked.
const fn is_fault(code: Code) -> bool {
    match code {
        Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::Ok
        | Code::Cancelled
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => false,
    }
}

/// As gRPC writes it.
const fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// A body that tells the code that comes after it.
struct Streamed {
    body: Body,
    /// What is still to be told.
    end: Option<(Ending, Call, Duration)>,
}

impl Streamed {
    fn ended(&mut self, code: Code) {
        if let Some((ending, call, took)) = self.end.take() {
            ending.called(call, code, took);
        }
    }
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(trailers) = frame.trailers_ref()
        {
            self.ended(code_in(trailers).unwrap_or(Code::Unknown));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        self.ended(Code::Cancelled);
    }
}
