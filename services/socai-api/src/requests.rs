//! Each request has an id, given here, a span, and a line in the log once it is answered.
//!
//! The id stands in the header `X-Request-Id` of the answer, in a problem document, in every line that the log has of
//! the request, and in its span. A client's own `traceparent` is joined; nothing else that it sends as an id is looked at.
//! The line has the method, the route as it is written in the document or the method of gRPC, the status, the time
//! until the answer began, and the account. Deliberately absent: addresses with their queries, bodies, tokens.
//!
//! | Module | What is in it |
//! |---|---|
//! | `asked` | what a request is called: route or method, never what a client made up |
//! | `trace_parent` | the trace that a client's request belongs to |
//! | `ending` | what an answer came to, and when that is known |

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::{TraceContextExt, TraceId};
use socai_grpc::Noted;
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use asked::{Asked, Route};
use ending::Ending;

mod asked;
mod ending;
mod trace_parent;

/// The header that the id stands in.
const HEADER: &str = "x-request-id";

/// What a request is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids {
    /// In the log.
    pub(crate) request: Uuid,
    /// The trace that it belongs to: where spans are collected, or the client said so.
    pub(crate) trace: Option<TraceId>,
}

tokio::task_local! {
    static NOW: Ids;
}

impl Ids {
    /// Those of the request that is being answered.
    pub(crate) fn now() -> Option<Self> {
        NOW.try_with(|ids| *ids).ok()
    }
}

/// Gives the request an id and a span, and tells the log what became of it.
pub(crate) async fn told(mut request: Request, next: Next) -> Response {
    let (id, noted) = (Uuid::now_v7(), Noted::default());
    let asked = Asked::of(&request);
    let span = span(&asked, id);
    let trace = joined(&span, request.headers());
    let ending = Ending::of(asked, noted.clone(), span.clone());
    request.extensions_mut().insert(noted);
    let ids = Ids { request: id, trace };
    let mut answer = NOW.scope(ids, next.run(request)).instrument(span).await;
    let value = HeaderValue::try_from(id.to_string());
    answer
        .headers_mut()
        .insert(HEADER, value.expect("an id is plain text"));
    ending.with(answer)
}

/// Whatever the log lets through of a request stands in its span, so it is of the highest level.
fn span(asked: &Asked, id: Uuid) -> Span {
    let span = tracing::error_span!(
        "request",
        otel.name = %asked,
        otel.kind = "server",
        otel.status_code = Empty,
        request_id = %id,
        trace_id = Empty,
        http.request.method = asked.method,
        http.route = Empty,
        http.response.status_code = Empty,
        rpc.system = Empty,
        rpc.service = Empty,
        rpc.method = Empty,
        rpc.grpc.status_code = Empty,
    );
    match &asked.route {
        Route::Http(route) => {
            span.record("http.route", route.as_ref());
        }
        Route::Grpc(call) => {
            span.record("rpc.system", "grpc");
            span.record("rpc.service", call.service);
            span.record("rpc.method", call.method);
        }
    }
    span
}

/// Lets the span belong to the trace of the client, where it names one, and says to which it belongs.
fn joined(span: &Span, headers: &HeaderMap) -> Option<TraceId> {
    let parent = trace_parent::read(headers);
    if let Some(parent) = &parent {
        let remote = opentelemetry::Context::new().with_remote_span_context(parent.clone());
        // Where nobody collects spans there is none to belong to it; the log names the trace all the same.
        let _ = span.set_parent(remote);
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    let trace = Some(own).filter(|own| own.is_valid()).or(parent);
    let trace = trace.map(|trace| trace.trace_id());
    trace.map(|trace| span.record("trace_id", display(trace)));
    trace
}
