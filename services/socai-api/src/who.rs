//! Who asks. A handler that tells or does anything takes a [`Who`]; there is no other way to an account.
//!
//! Each request by an account counts towards what it may ask within a minute; each that names nobody, or nobody who
//! is known, towards what its address may; log-ins are counted on their own.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jiff::Timestamp;
use socai_grpc::WhoAsked;
use socai_identity::{Denied, Principal};

use crate::Api;
use crate::brought;
use crate::problem::{Fault, Problem};
use crate::proxies::Address;

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Who(pub(crate) Principal);

/// Somebody of whom nothing is known, and who did not ask too often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stranger;

/// Somebody who logs in, and did not try too often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoggingIn;

impl FromRequestParts<Arc<Api>> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let principal = match known(parts, api).await {
            Ok(principal) => principal,
            Err(problem) => {
                api.rates
                    .stranger(Address::of(parts, &api.settings.proxies))?;
                return Err(problem);
            }
        };
        api.rates.account(&principal.account)?;
        if let Some(noted) = parts.extensions.get::<WhoAsked>() {
            noted.note(&principal.account);
        }
        Ok(Self(principal))
    }
}

impl FromRequestParts<Arc<Api>> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        api.rates
            .stranger(Address::of(parts, &api.settings.proxies))?;
        Ok(Self)
    }
}

impl FromRequestParts<Arc<Api>> for LoggingIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        api.rates
            .log_in(Address::of(parts, &api.settings.proxies))?;
        Ok(Self)
    }
}

/// By the token, where there is one: no browser adds that by itself. Else by the cookie.
///
/// # Errors
///
/// The problem with it, or with whoever asks.
pub(crate) async fn known(parts: &mut Parts, api: &Api) -> Result<Principal, Problem> {
    if let Some(bearer) = bearer(&parts.headers)? {
        return Ok(api.identity.by_token(bearer, Timestamp::now())?);
    }
    let known = brought::by_cookie(parts, api).await?;
    known.ok_or_else(|| Denied::Missing.into())
}

/// The token, where there is one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut named = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = named.next() else {
        return Ok(None);
    };
    let bad = || {
        let told = "expected one header, Authorization: Bearer socai_…";
        Fault::BadHeader.said(told).at("authorization")
    };
    if named.next().is_some() {
        return Err(bad());
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(bad)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(bad());
    }
    Ok(Some(token.trim()))
}
