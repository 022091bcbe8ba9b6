//! Evidence handed out, as jobs.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use socai_operations::works::evidence::Evidence;

use crate::Api;
use crate::asked::{begins_a_job, begun, body};
use crate::commands::job_id;
use crate::problem::Problem;
use crate::route::{Route, json_body};
use crate::who::Who;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let route = Route::post(
        "/v1/evidence",
        "Hand out the records about a unit, a document or an obligation, with their proof",
        begin,
    );
    let route = route.takes(json_body::<Evidence>("What it is about, and the window."));
    vec![begins_a_job(route)]
}

async fn begin(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Problem> {
    let id = job_id(&headers, &who.account)?;
    let asked: Evidence = body(&api, &who.account, &headers, sent).await?;
    Ok(begun(api.works.begin_evidence(id, asked, &who.account)?))
}
