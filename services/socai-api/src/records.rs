//! Records as they are stored, one a line, in order. Who took them out is recorded before the first goes out; `HEAD`
//! takes none out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::asked::{in_parts, query, with_query};
use crate::problem::Problem;
use crate::route::{Answer, Route};
use crate::who::Who;

const LINES: &str = "application/x-ndjson";

/// Which records.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// From this position on
    #[serde(default = "the_first")]
    from: u64,
}

const fn the_first() -> u64 {
    1
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let route = Route::get(
        "/v1/records",
        "The records of the ledger as they are stored",
        export,
    );
    let lines = Answer::of(
        LINES,
        "The records up to the end of the ledger, one a line.",
    );
    vec![with_query::<Asked>(route).answers(200, lines)]
}

async fn export(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    method: Method,
    uri: Uri,
) -> Result<Response, Problem> {
    let Asked { from } = query(&uri)?;
    if method == Method::HEAD {
        api.works.may_take_out(&who.account)?;
        return Ok(([(CONTENT_TYPE, LINES)], Body::empty()).into_response());
    }
    let lines = api.works.export(from, &who.account).await?;
    let body = in_parts(lines, |mut lines| async move {
        let chunk = lines.next().await?;
        Ok(chunk.map(|chunk| (chunk, lines)))
    });
    Ok(([(CONTENT_TYPE, LINES)], body).into_response())
}
