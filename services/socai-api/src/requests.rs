//! Each request has an id, given here, a span, and, once it is answered, a line in the log and a place among the metrics.
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

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceId};
use socai_grpc::WhoAsked;
use socai_metrics::{Example, Metrics};
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
pub(crate) async fn told(
    State(metrics): State<Arc<Metrics>>,
    mut request: Request,
    next: Next,
) -> Response {
    let (id, who) = (Uuid::now_v7(), WhoAsked::default());
    let asked = Asked::of(&request);
    let span = span(&asked, id);
    let trace = joined(&span, request.headers());
    let ids = Ids {
        request: id,
        trace: trace.as_ref().map(SpanContext::trace_id),
    };
    let example = Example {
        request: id,
        trace: collected(trace),
    };
    let ending = Ending::of(asked, who.clone(), span.clone(), (metrics, example));
    request.extensions_mut().insert(who);
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
fn joined(span: &Span, headers: &HeaderMap) -> Option<SpanContext> {
    let parent = trace_parent::read(headers);
    if let Some(parent) = &parent {
        let remote = opentelemetry::Context::new().with_remote_span_context(parent.clone());
        // Where nobody collects spans there is none to belong to it; the log names the trace all the same.
        let _ = span.set_parent(remote);
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    let trace = Some(own).filter(SpanContext::is_valid).or(parent)?;
    span.record("trace_id", display(trace.trace_id()));
    Some(trace)
}

/// The trace, where a collector is sent spans of this process's in it.
fn collected(trace: Option<SpanContext>) -> Option<String> {
    let sent = |trace: &SpanContext| trace.is_sampled() && !trace.is_remote();
    let trace = trace.filter(sent)?;
    Some(trace.trace_id().to_string())
}
