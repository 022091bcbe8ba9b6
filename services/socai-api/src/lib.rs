//! The ledger over HTTP, and how a process is.
//!
//! | Address | Answer |
//! |---|---|
//! | `GET /healthz` | 200 `ok`, as long as the process answers at all |
//! | `GET /readyz` | 200 where every role works or stands by for another process; else 503. The body is that of `/status` |
//! | `GET /status` | 200, `{"ready":true,"roles":{"watcher":{"state":"working","position":17}}}` |
//! | `GET /v1/<question>` | what the catalogue of questions answers to the account that asks |
//! | `POST /v1/commands/<command>` | what became of it |
//! | `/v1/sweeps`, `/v1/reviews`, `/v1/evidence`, `/v1/attachments`, `/v1/verifications`, `/v1/jobs`, … | works |
//! | `GET /checkpoint`, `GET /tile/…` | the log, as C2SP tlog-tiles has it |
//! | `/v1/session`, `GET /v1/oidc/login` | logging in and out |
//! | `GET /metrics` | how everything stands, for Prometheus; at an address of its own `/healthz` and `/readyz` as well |
//! | `GET /openapi.json` | all of it as OpenAPI 3.1, pinned as `schemas/openapi.json` |
//! | `GET /problems/<code>` | what a code means, and what to do |
//!
//! A process whose role has stopped stays alive: starting it again would not mend what a person has to look
//! at. Of a sealer `/status` shows the last checkpoint as well: its size and root, how long ago it was signed, and who
//! cosigned it; none of these three has anything of the ledger's content. Deliberately absent: rules, and any meaning
//! that `socai-operations` does not have.
//!
//! | Module | What is in it |
//! |---|---|
//! | `server`, `tls` | connections |
//! | `front` | how the process is |
//! | `route`, `named`, `openapi` | what is answered where, as a list; the parts of an address; the document |
//! | `who`, `proxies` | who asks, and from where |
//! | `limits`, `bodies`, `media`, `requests` | how much may be asked and sent, and as what; what the log and traces say of it |
//! | `session`, `single_sign_on`, `brought`, `cookies`, `csrf` | logging in and out |
//! | `headers` | what every answer has |
//! | `problem`, `status` | how an answer says no |
//! | `questions`, `query`, `forms`, `tag` | questions |
//! | `commands` | commands |
//! | `asked` | what is asked of a work, and how jobs and files are answered |
//! | `sweeps`, `reviews`, `evidence`, `attachments`, `jobs`, `proofs`, `records`, `events`, `verifications`, `verify` | works |
//! | [`metrics`] | how everything stands |
//! | [`witness`] | a witness over HTTP |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

mod asked;
mod attachments;
mod bodies;
mod brought;
mod commands;
mod cookies;
mod csrf;
mod events;
mod evidence;
mod forms;
mod front;
mod headers;
mod jobs;
mod limits;
mod media;
pub mod metrics;
mod named;
mod openapi;
mod problem;
mod proofs;
mod proxies;
mod query;
mod questions;
mod records;
mod requests;
mod reviews;
mod route;
mod server;
mod session;
mod settings;
mod single_sign_on;
mod status;
mod sweeps;
mod tag;
mod tls;
mod untaken;
mod verifications;
mod verify;
mod who;
pub mod witness;

use std::any::Any;
use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

pub use axum::Router;
pub use front::{Front, Status};
use limits::Rates;
use named::Named;
use problem::{Fault, Meaning, Problem, meaning};
pub use proxies::Network;
use route::{Place, Route, json};
pub use settings::{Settings, Tls};
use socai_identity::Identity;
use socai_metrics::Metrics;
use socai_operations::service::Service;
use socai_operations::works::Works;
use who::Stranger;

/// What a handler answers from.
pub(crate) struct Api {
    pub(crate) service: Arc<Service>,
    pub(crate) works: Works,
    pub(crate) identity: Arc<Identity>,
    pub(crate) settings: Settings,
    pub(crate) rates: Arc<Rates>,
    pub(crate) metrics: Arc<Metrics>,
    document: Bytes,
}

/// Answers on `listener` until `stop`, and lets answers under way come to their end.
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
    let open = front.connections();
    let app = headers::guarded(front.router(), &settings);
    server::serve(listener, app, (&settings, open), stop).await
}

/// What stands behind a [`Front`]: the ledger over HTTP and gRPC.
pub fn router(
    service: Arc<Service>,
    works: Works,
    identity: Arc<Identity>,
    settings: Settings,
    metrics: Arc<Metrics>,
) -> Router {
    let routes = routes();
    let document = serde_json::to_vec(&openapi::document(&routes));
    let rates = Arc::new(Rates::new(&settings));
    let grpc = socai_grpc::routes(
        service.clone(),
        works.clone(),
        identity.clone(),
        rates.clone(),
    );
    let measured = metrics.clone();
    let api = Arc::new(Api {
        rates,
        metrics,
        document: document.expect("a document is written as JSON").into(),
        service,
        works,
        identity,
        settings,
    });
    let each = routes.into_iter();
    let router = each.fold(Router::new(), |router, route| {
        let asked = route.parameters.iter().any(|one| one.place == Place::Query);
        let answered_by = match asked {
            true => route.answered_by,
            false => route.answered_by.layer(from_fn(named::without_query)),
        };
        router.route(&route.path, answered_by)
    });
    router
        .fallback(no_such_address)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(api.clone(), limits::in_time))
        .with_state(api)
        .merge(grpc.into_axum_router().reset_fallback())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(untaken::told))
        .layer(from_fn_with_state(measured, requests::told))
}

/// Everything that is answered, in the order of the document.
pub(crate) fn routes() -> Vec<Route> {
    [
        questions::routes(),
        commands::routes(),
        sweeps::routes(),
        reviews::routes(),
        evidence::routes(),
        attachments::routes(),
        jobs::routes(),
        proofs::routes(),
        records::routes(),
        events::routes(),
        verifications::routes(),
        verify::routes(),
        metrics::routes(),
        session::routes(),
        single_sign_on::routes(),
        own_routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn own_routes() -> Vec<Route> {
    vec![
        Route::get("/openapi.json", "This document", document)
            .open()
            .answers(200, route::Answer::of("application/json", "The document.")),
        Route::get(
            "/problems/{code}",
            "What a code means, and what to do about it",
            explained,
        )
        .open()
        .named("code", "The code, such as obligation.not_open")
        .answers(200, json::<Meaning>("What it means."))
        .answers(404, route::problem("There is no such code.")),
    ]
}

async fn document(State(api): State<Arc<Api>>, _: Stranger) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, api.document.clone()).into_response()
}

async fn explained(
    _: Stranger,
    Named(code): Named<String>,
) -> Result<axum::Json<Meaning>, Problem> {
    let known = meaning(&code).map(axum::Json);
    known.ok_or_else(|| {
        Fault::NoSuchAddress
            .said("there is no such code")
            .at("code")
    })
}

async fn no_such_address(_: State<Arc<Api>>, _: Stranger) -> Problem {
    Fault::NoSuchAddress.said("nothing is at this address; /openapi.json says what is where")
}

async fn method_not_allowed(_: State<Arc<Api>>, _: Stranger, method: Method, _: Uri) -> Problem {
    let told = format!("{method} is not for this address; the header Allow says what is");
    Fault::MethodNotAllowed.said(told)
}

/// What it panicked with stands in the log, by the hook of panics.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Fault::Broken
        .said("a fault of the program, told in its log")
        .into_response()
}

#[cfg(test)]
mod tests;
