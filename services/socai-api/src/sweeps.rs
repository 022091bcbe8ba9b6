//! Late flags for what is overdue, all at once.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use socai_operations::recording::outliving;
use socai_operations::works::sweep::{Sweep, Swept};

use crate::Api;
use crate::asked::body;
use crate::problem::Problem;
use crate::route::{Route, json, json_body};
use crate::who::Who;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let route = Route::post(
        "/v1/sweeps",
        "Flag every obligation that is overdue on a day and not flagged yet",
        sweep,
    );
    vec![
        route
            .takes(json_body::<Sweep>("At the end of which day is looked."))
            .answers(200, json::<Swept>("What was flagged.")),
    ]
}

async fn sweep(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Swept>, Problem> {
    let asked: Sweep = body(&api, &who.account, &headers, sent).await?;
    let swept = outliving(async move { api.works.sweep(asked, &who.account).await });
    Ok(Json(swept.await?))
}
