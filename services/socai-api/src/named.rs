//! What the address itself says: the parts of a path, and that there is no query where none is told of.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::problem::{Fault, Problem};

/// The parts of the path that a route names, as text.
pub(crate) struct Named<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Named<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(named) = Path::from_request_parts(parts, state)
            .await
            .map_err(unread)?;
        Ok(Self(named))
    }
}

fn unread(rejection: PathRejection) -> Problem {
    let problem = Fault::BadParameter.said("a part of the path is no text in UTF-8");
    match rejection {
        PathRejection::FailedToDeserializePathParams(failed) => match failed.into_kind() {
            ErrorKind::InvalidUtf8InPathParam { key } => problem.at(key),
            _ => problem,
        },
        _ => problem,
    }
}

/// Refuses a query: of a route that tells of no parameter of one.
pub(crate) async fn without_query(request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    if query.is_empty() {
        return next.run(request).await;
    }
    let name: String = query
        .chars()
        .take_while(|sign| *sign != '=')
        .take(40)
        .collect();
    let told = "no such parameter: nothing is asked in the query of this address";
    Fault::BadParameter.said(told).at(name).into_response()
}
