//! How everything stands, for Prometheus: to accounts on the port of the API, and to whoever reaches an address of its own.
//!
//! That address is for processes that do not answer from the ledger, and for scrapers that hold no token. Who reaches it
//! is for the network to say.

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::metrics::gauge::Gauge;
use socai_domain::permission::Reading;
use socai_metrics::{Form, Metrics};
use tokio::net::TcpListener;

use crate::problem::{Fault, Problem};
use crate::route::{Answer, Route};
use crate::settings::Settings;
use crate::who::Who;
use crate::{Api, Front, headers, server};

/// The route of the API.
pub(crate) fn routes() -> Vec<Route> {
    let says =
        "Every metric, as ops/metrics.md lists them; text/plain to whoever accepts nothing else.";
    vec![
        Route::get(
            "/metrics",
            "How the ledger and the process stand, for Prometheus",
            to_accounts,
        )
        .answers(
            200,
            Answer::of("application/openmetrics-text", says).or("text/plain"),
        ),
    ]
}

/// Answers `/metrics` on `listener`, and how the process of `front` is, to everybody, until `stop`. The places for
/// connections are its own: whoever asks whether a process lives is answered however many clients it has.
///
/// # Errors
///
/// Where the certificate of `settings` does not read.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    settings: Settings,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let router = Router::new()
        .route("/metrics", get(to_everybody))
        .with_state(front.metrics())
        .merge(front.probes())
        .fallback(nothing_else);
    let app = headers::guarded(router, &settings);
    server::serve(listener, app, (&settings, Gauge::default()), stop).await
}

async fn nothing_else() -> Problem {
    Fault::NoSuchAddress.said("only /metrics, /healthz and /readyz are at this address")
}

async fn to_everybody(State(metrics): State<Arc<Metrics>>, headers: HeaderMap) -> Response {
    written(metrics, &headers).await
}

async fn to_accounts(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    api.works.everything(Reading::Metrics, &who.account)?;
    Ok(written(api.metrics.clone(), &headers).await)
}

async fn written(metrics: Arc<Metrics>, headers: &HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let form = Form::accepted(accept.unwrap_or_default());
    let collected = tokio::task::spawn_blocking(move || metrics.collect(form)).await;
    let collected = collected.unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()));
    let headers = [(CONTENT_TYPE, form.media()), (CACHE_CONTROL, "no-store")];
    (headers, collected).into_response()
}
