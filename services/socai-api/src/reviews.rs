//! Reviews, made as jobs.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use socai_operations::works::review::Review;

use crate::Api;
use crate::asked::{begins_a_job, begun, body};
use crate::commands::job_id;
use crate::problem::Problem;
use crate::route::{Route, json_body};
use crate::who::Who;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let route = Route::post(
        "/v1/reviews",
        "Write the review of a document's implementation: facts (JSON) and a page that prints (HTML)",
        begin,
    );
    let route = route.takes(json_body::<Review>("The document and the window."));
    vec![begins_a_job(route)]
}

async fn begin(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Problem> {
    let id = job_id(&headers, &who.account)?;
    let asked: Review = body(&api, &who.account, &headers, sent).await?;
    Ok(begun(api.works.begin_review(id, asked, &who.account)?))
}
