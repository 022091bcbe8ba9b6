//! Headers of every answer, against what browsers would otherwise do with it.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::map_response;
use axum::response::Response;

use crate::Settings;
use crate::cookies::over_tls;

/// What is added to an answer that does not say otherwise.
const GUARDS: [(HeaderName, &str); 6] = [
    // No answer is a page: nothing in it is run or loaded, and no other page shows it as its own.
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("x-frame-options"), "DENY"),
    // What one person may see is kept by no machine between.
    (CACHE_CONTROL, "no-store"),
];

/// Two years, as browsers' lists ask for.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// `router`, whose every answer has them.
pub(crate) fn guarded(router: Router, settings: &Settings) -> Router {
    if over_tls(settings) {
        router.layer(map_response(with_guards_and_tls))
    } else {
        router.layer(map_response(with_guards))
    }
}

async fn with_guards(mut answer: Response) -> Response {
    for (name, value) in GUARDS {
        let value = HeaderValue::from_static(value);
        answer.headers_mut().entry(name).or_insert(value);
    }
    answer
}

async fn with_guards_and_tls(mut answer: Response) -> Response {
    answer
        .headers_mut()
        .insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    with_guards(answer).await
}
