//! What a process answers over HTTP whatever it does: whether it lives, and whether it can be relied on.
//!
//! Everything else is answered by what stands behind, once that is open: a ledger may take minutes to be read.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use prometheus_client::metrics::gauge::Gauge;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::role::{Report, Role};
use socai_metrics::Metrics;
use tower::ServiceExt;

use crate::problem::Fault;

/// The answer to `/status` and `/readyz`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Status {
    /// Every role works, or stands by for another process.
    ready: bool,
    /// The roles of this process by their names.
    roles: BTreeMap<&'static str, Role>,
    /// How reading the ledger again went, where this process does.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
}

/// How reading the ledger again went.
#[derive(Debug, Serialize, JsonSchema)]
struct Verification {
    /// When it last had the root that was sealed.
    succeeded: Option<Timestamp>,
    /// How often it was not what was sealed, since the process started.
    failures: u64,
    /// What was wrong the last time.
    problem: Option<String>,
}

impl Status {
    fn of(front: &Front) -> Self {
        let reports = front.reports.iter();
        let roles: BTreeMap<_, _> = reports
            .map(|report| (report.name(), report.now()))
            .collect();
        let verification = front.metrics.noted.verification();
        Self {
            verification: verification.map(|told| Verification {
                succeeded: told.succeeded,
                failures: told.failures,
                problem: told.problem,
            }),
            ready: roles.values().all(Role::is_ready),
            roles,
        }
    }
}

/// What a process answers, and what stands behind. Cloning shares it.
#[derive(Clone)]
pub struct Front {
    reports: Arc<[Report]>,
    metrics: Arc<Metrics>,
    behind: Arc<OnceLock<Router>>,
}

impl Front {
    /// Answers for these roles, and for nothing else yet.
    pub fn new(reports: Vec<Report>, metrics: Arc<Metrics>) -> Self {
        Self {
            reports: reports.into(),
            metrics,
            behind: Arc::default(),
        }
    }

    /// Lets `router` answer everything else from now on.
    pub fn open(&self, router: Router) {
        self.behind.get_or_init(|| router);
    }

    /// Counts those who are connected.
    pub(crate) fn connections(&self) -> Gauge {
        self.metrics.connections.clone()
    }

    /// Everything that is measured.
    pub(crate) fn metrics(&self) -> Arc<Metrics> {
        self.metrics.clone()
    }

    /// Whether it lives, and whether it can be relied on.
    pub(crate) fn probes(self) -> Router {
        Router::new()
            .route("/healthz", get(|| async { "ok" }))
            .route("/readyz", get(ready))
            .with_state(self)
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/status", get(status))
            .fallback(behind)
            .with_state(self.clone())
            .merge(self.probes())
    }
}

async fn behind(State(front): State<Front>, request: Request) -> Response {
    match front.behind.get() {
        Some(router) => router.clone().oneshot(request).await.into_response(),
        None => {
            let told = "this process does not answer from the ledger, or not yet: see /status";
            Fault::Opening.said(told).again_after(1).into_response()
        }
    }
}

async fn ready(State(front): State<Front>) -> Response {
    let status = Status::of(&front);
    let code = if status.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    fresh((code, Json(status)))
}

async fn status(State(front): State<Front>) -> Response {
    fresh(Json(Status::of(&front)))
}

/// An answer that is true now and not to be kept.
fn fresh(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}
