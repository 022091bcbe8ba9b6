//! Verifications of the whole ledger, made as jobs.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use socai_operations::works::verification::Verification;

use crate::Api;
use crate::asked::{begins_a_job, begun, body};
use crate::commands::job_id;
use crate::problem::Problem;
use crate::route::{Route, json_body};
use crate::who::Who;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let route = Route::post(
        "/v1/verifications",
        "Read every record again where it is kept, and hold it against everything that was sealed (verification.json)",
        begin,
    );
    let route = route.takes(json_body::<Verification>("Whom to believe, or {}."));
    vec![begins_a_job(route)]
}

async fn begin(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Problem> {
    let id = job_id(&headers, &who.account)?;
    let asked: Verification = body(&api, &who.account, &headers, sent).await?;
    let begun_as = api.works.begin_verification(id, &asked, &who.account)?;
    Ok(begun(begun_as))
}
