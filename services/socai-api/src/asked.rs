//! What is asked of a work, read from the query of an address or from a body, and how jobs and files are answered.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use socai_domain::id::AccountId;
use socai_operations::jobs::Standing;
use socai_operations::trouble::Trouble;

use crate::Api;
use crate::bodies::arrived;
use crate::media::is_media;
use crate::openapi;
use crate::problem::{Fault, Problem};
use crate::query::Shape;
use crate::route::{Route, json, problem};

/// Bytes of a body that asks for a work, at most.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The media type of bytes of which nothing is said.
pub(crate) const BYTES: &str = "application/octet-stream";

/// The route with the parameters of `T` in its query.
pub(crate) fn with_query<T: JsonSchema>(route: Route) -> Route {
    let mut made = openapi::generator();
    let schema = T::json_schema(&mut made);
    let (schema, definitions) = openapi::resolved(schema, made);
    openapi::asked(route, &schema, &definitions)
}

/// Reads what is asked from the query of `uri`.
///
/// # Errors
///
/// The problem with the parameter.
pub(crate) fn query<T: JsonSchema + DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let mut made = openapi::generator();
    let schema = T::json_schema(&mut made);
    let (schema, definitions) = openapi::resolved(schema, made);
    let shape = Shape::of(&schema, &definitions);
    let read = shape.read(uri.query().unwrap_or_default())?;
    let read = serde_json::from_value(read.into());
    read.map_err(|error| Fault::BadParameter.said(error.to_string()))
}

/// Reads what is asked from a body.
///
/// # Errors
///
/// The problem with it.
pub(crate) async fn body<T: DeserializeOwned>(
    api: &Api,
    who: &AccountId,
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Problem> {
    let bytes = json_of(api, who, headers, body, BODY_BYTES_MAX).await?;
    let read = serde_json::from_slice(&bytes);
    read.map_err(|error| Fault::BadBody.said(error.to_string()).at("body"))
}

/// A body of JSON, of at most so many bytes.
///
/// # Errors
///
/// The problem with it.
pub(crate) async fn json_of(
    api: &Api,
    who: &AccountId,
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
) -> Result<Bytes, Problem> {
    is_media(headers, "application/json")?;
    arrived(api, who, body, bytes_max).await
}

/// The route of a work that is begun as a job.
pub(crate) fn begins_a_job(route: Route) -> Route {
    route
        .headed("Idempotency-Key", "1 to 255 visible characters of the client's own choice. A job that is asked for again with the same key is the same job.")
        .answers(
            202,
            json::<Standing>("It is begun.").header("Location", "Where the job says how it stands."),
        )
        .answers(404, problem("What is named is not there."))
        .answers(409, problem("The ledger says no."))
}

/// The answer that a job is begun.
pub(crate) fn begun(standing: Standing) -> Response {
    let location = [(LOCATION, format!("/v1/jobs/{}", standing.id))];
    (StatusCode::ACCEPTED, location, Json(standing)).into_response()
}

/// The headers of a file: nothing in it is shown or run where it arrives.
pub(crate) fn as_file(name: &str) -> [(HeaderName, HeaderValue); 3] {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    [
        (CONTENT_TYPE, HeaderValue::from_static(BYTES)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            CONTENT_DISPOSITION,
            disposition.expect("a file of ours has a plain name"),
        ),
    ]
}

/// A body of what `next` answers, made as it is taken. Where that fails, the connection breaks off, so that nobody takes
/// the part for the whole.
pub(crate) fn in_parts<S, F, N>(from: S, next: N) -> Body
where
    S: Send + 'static,
    F: Future<Output = Result<Option<(Bytes, S)>, Trouble>> + Send + 'static,
    N: FnMut(S) -> F + Send + 'static,
{
    Body::from_stream(stream::try_unfold(from, next))
}
