//! Each request has an id, given here, and a line in the log once it is answered.
//!
//! What a client sends as an id is not looked at. The line has the method, the route as it is written in the document,
//! the status, the time, the id and the account. Deliberately absent: addresses with their queries, bodies, tokens.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use crate::who::Noted;

/// The header that the id stands in.
pub(crate) const HEADER: &str = "x-request-id";

/// Gives the request an id, and tells the log what became of it.
pub(crate) async fn told(mut request: Request, next: Next) -> Response {
    let (id, begun, noted) = (Uuid::now_v7(), Instant::now(), Noted::default());
    let method = request.method().clone();
    let matched: Option<MatchedPath> = request.extensions().get().cloned();
    request.extensions_mut().insert(noted.clone());
    let mut answer = next.run(request).await;
    let value = HeaderValue::try_from(id.to_string());
    answer
        .headers_mut()
        .insert(HEADER, value.expect("an id is plain text"));
    let route = matched.as_ref().map_or("-", MatchedPath::as_str);
    let account = noted.0.get().map_or("-", |account| account.as_str());
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    tracing::info!(
        %method, route, status = answer.status().as_u16(), ms = format!("{ms:.1}"), %id, account,
        "answered"
    );
    answer
}
