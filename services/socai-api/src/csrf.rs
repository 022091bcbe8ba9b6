//! Requests that another site has a browser send.
//!
//! A browser adds the cookie of a session by itself, whoever made it send the request. So what changes something by a
//! cookie must carry the session's token in `X-CSRF-Token`, which no other site can read, and must not say of itself that
//! it comes from elsewhere. Neither may what only reads: that records were taken out is recorded in the name of whoever
//! asks, and a link on another site would do it. Deliberately absent: requests with a bearer token, which no browser adds by itself.

use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method};
use socai_identity::Session;

use crate::problem::{Fault, Problem};

/// What the pages of a session send with every change.
pub(crate) const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Where a browser says that a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether what the session's browser asks was meant by who sits there.
///
/// # Errors
///
/// The problem, where it may not have been.
pub(crate) fn meant(parts: &Parts, session: &Session) -> Result<(), Problem> {
    from_here(parts)?;
    if is_safe(&parts.method) {
        return Ok(());
    }
    let sent = parts.headers.get(TOKEN).and_then(|sent| sent.to_str().ok());
    match sent {
        Some(sent) if session.confirms(sent) => Ok(()),
        Some(_) | None => Err(refused(
            "expected X-CSRF-Token with the session's own, as logging in or GET /v1/session told it",
        )),
    }
}

/// Whether the request says of itself that it comes from another site.
///
/// # Errors
///
/// The problem, where it does.
pub(crate) fn from_here(parts: &Parts) -> Result<(), Problem> {
    let said = |name: HeaderName| parts.headers.get(name).map(|value| value.to_str());
    let site = said(FETCH_SITE).is_none_or(|site| matches!(site, Ok("same-origin" | "none")));
    let origin =
        said(ORIGIN).is_none_or(|origin| origin.is_ok_and(|origin| is_ours(origin, parts)));
    (site && origin)
        .then_some(())
        .ok_or_else(|| refused("the request comes from another site"))
}

/// Whether `origin` is the host that was asked. A proxy in front leaves `Host` as it is.
fn is_ours(origin: &str, parts: &Parts) -> bool {
    let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let asked = parts.uri.authority().map(|host| host.as_str()).or(named);
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == asked
}

/// Whether a request with `method` changes nothing.
fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

fn refused(told: &str) -> Problem {
    Fault::CrossSite.said(told)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use jiff::Timestamp;

    use super::*;

    fn asked(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::post("/v1/session");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn what_says_that_it_comes_from_elsewhere_does() {
        let host = ("host", "socai.example.vn");
        let ours = [
            vec![host],
            vec![host, ("origin", "https://socai.example.vn")],
            vec![host, ("sec-fetch-site", "same-origin")],
            vec![host, ("sec-fetch-site", "none")],
        ];
        for headers in ours {
            assert!(from_here(&asked(&headers)).is_ok(), "{headers:?}");
        }
        let elsewhere = [
            vec![host, ("origin", "https://evil.example")],
            vec![host, ("origin", "https://socai.example.vn:8443")],
            vec![host, ("origin", "https://socai.example.vn.evil.example")],
            vec![host, ("origin", "null")],
            vec![host, ("origin", "")],
            vec![("origin", "https://socai.example.vn")],
            vec![host, ("sec-fetch-site", "cross-site")],
            vec![host, ("sec-fetch-site", "same-site")],
            vec![
                host,
                ("origin", "https://socai.example.vn"),
                ("sec-fetch-site", "cross-site"),
            ],
        ];
        for headers in elsewhere {
            assert!(from_here(&asked(&headers)).is_err(), "{headers:?}");
        }
    }

    #[test]
    fn a_link_on_another_site_does_not_even_read() {
        let parts = |site: &str| {
            let link = Request::get("/v1/records").header("sec-fetch-site", site);
            link.body(()).unwrap().into_parts().0
        };
        let session = Session {
            csrf: "a token".to_owned(),
            opened: Timestamp::UNIX_EPOCH,
            expires: Timestamp::MAX,
        };
        assert!(meant(&parts("cross-site"), &session).is_err());
        assert!(meant(&parts("same-origin"), &session).is_ok());
    }
}
