//! The session that a browser brings with a request.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use jiff::Timestamp;
use socai_identity::{Principal, Session};

use crate::Api;
use crate::cookies::Kept;
use crate::csrf;
use crate::problem::Problem;

/// The session that a request was let in by, for handlers that tell of it or end it.
#[derive(Clone)]
pub(crate) struct Brought {
    pub(crate) cookie: String,
    pub(crate) session: Arc<Session>,
}

/// Who the session of a request's cookie belongs to, where whoever sits there meant it.
///
/// # Errors
///
/// The problem with it; none is brought where the answer is `None`.
pub(crate) async fn by_cookie(parts: &mut Parts, api: &Api) -> Result<Option<Principal>, Problem> {
    let Some(cookie) = Kept::Session.brought(&parts.headers, &api.settings) else {
        return Ok(None);
    };
    let (principal, session) = api.identity.by_session(&cookie, Timestamp::now()).await?;
    csrf::meant(parts, &session)?;
    let session = Arc::new(session);
    parts.extensions.insert(Brought { cookie, session });
    Ok(Some(principal))
}

/// Ends the session that a browser brought when it logged in.
///
/// # Errors
///
/// The problem, where it cannot be ended now.
pub(crate) async fn end_brought(api: &Api, headers: &HeaderMap) -> Result<(), Problem> {
    match Kept::Session.brought(headers, &api.settings) {
        Some(cookie) => Ok(api.identity.log_out(&cookie).await?),
        None => Ok(()),
    }
}
