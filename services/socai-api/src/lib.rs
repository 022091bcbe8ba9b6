//! What a process answers over HTTP: whether it lives, whether it can be relied on, and how each role is.
//!
//! | Address | Answer |
//! |---|---|
//! | `GET /healthz` | 200 `ok`, as long as the process answers at all |
//! | `GET /readyz` | 200 where every role works or stands by for another process; else 503. The body is that of `/status` |
//! | `GET /status` | 200, `{"ready":true,"roles":{"watcher":{"state":"working","position":17}}}` |
//!
//! A process whose role has stopped stays alive: starting it again would not mend what a person has to look
//! at. Of a sealer `/status` shows the last checkpoint as well: its size and root, how long ago it was signed, and who
//! cosigned it. Deliberately absent: anything of the ledger's content, and so anybody's right to ask; commands.

mod deadline;
pub mod witness;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::role::{Report, Role};
use tokio::net::TcpListener;

/// The answer to `/status` and `/readyz`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Status {
    /// Every role works, or stands by for another process.
    ready: bool,
    /// The roles of this process by their names.
    roles: BTreeMap<&'static str, Role>,
}

impl Status {
    fn of(reports: &[Report]) -> Self {
        let roles: BTreeMap<_, _> = reports
            .iter()
            .map(|report| (report.name(), report.now()))
            .collect();
        Self {
            ready: roles.values().all(Role::is_ready),
            roles,
        }
    }
}

/// Answers on `listener` until `stop`, and lets answers under way come to their end.
///
/// # Errors
///
/// Where the listener breaks.
pub async fn serve(
    listener: TcpListener,
    reports: Vec<Report>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(reports.into()))
        .with_graceful_shutdown(stop)
        .await
}

fn router(reports: Arc<[Report]>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/status", get(status))
        .with_state(reports)
}

async fn ready(State(reports): State<Arc<[Report]>>) -> Response {
    let status = Status::of(&reports);
    let code = if status.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    fresh((code, Json(status)))
}

async fn status(State(reports): State<Arc<[Report]>>) -> Response {
    fresh(Json(Status::of(&reports)))
}

/// An answer that is true now and not to be kept.
fn fresh(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}
