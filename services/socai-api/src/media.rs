//! What the body of a request is said to be.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use crate::problem::{Fault, Problem};

/// # Errors
///
/// Where the body is said to be something else.
pub(crate) fn is_media(headers: &HeaderMap, media: &'static str) -> Result<(), Problem> {
    let said = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let said = said.and_then(|said| said.split(';').next()).map(str::trim);
    match said {
        Some(said) if said.eq_ignore_ascii_case(media) => Ok(()),
        Some(_) | None => {
            let told = format!("expected Content-Type: {media}");
            Err(Fault::MediaType.said(told).at("content-type"))
        }
    }
}
