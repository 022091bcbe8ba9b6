//! Logging in at the provider of single sign-on. A browser goes to both addresses; what comes back is a redirect.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use socai_identity::oidc::{Answer, LocalPath, Provider};

use crate::Api;
use crate::brought::end_brought;
use crate::cookies::Kept;
use crate::problem::{Fault, Problem};
use crate::route::{Place, Required, Route, nothing, problem};
use crate::who::LoggingIn;

/// Where the browser goes once it is logged in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogIn {
    to: Option<String>,
}

pub(crate) fn routes() -> Vec<Route> {
    let words = || serde_json::json!({"type": "string"});
    let log_in = Route::get(
        "/v1/oidc/login",
        "Logs in at the provider of single sign-on",
        log_in,
    )
    .open()
    .asked(
        "to",
        "Where the browser goes then: a path of this server",
        words(),
    )
    .answers(
        303,
        nothing("To the provider.").header("Location", "An address of the provider's."),
    );
    let callback = Route::get(
        "/v1/oidc/callback",
        "Where the provider sends a browser back to",
        callback,
    )
    .open()
    .parameter(
        "state",
        Place::Query,
        "As the log-in began with",
        Required::Yes,
        words(),
    )
    .asked("code", "What the provider gave", words())
    .asked("error", "Why it gave none", words())
    .asked("iss", "Who it is", words())
    .answers(
        303,
        nothing("Logged in.").header("Set-Cookie", "The session's key: __Host-socai."),
    )
    .answers(
        403,
        problem("The provider let nobody in, or no account is theirs."),
    );
    let both = [log_in, callback].into_iter();
    both.map(|route| {
        route
            .answers(404, problem("There is no single sign-on here."))
            .answers(502, problem("The provider's answer cannot be relied on."))
    })
    .collect()
}

async fn log_in(
    State(api): State<Arc<Api>>,
    _: LoggingIn,
    parts: Parts,
) -> Result<Response, Problem> {
    let provider = provider(&api)?;
    let LogIn { to } = query(&parts)?;
    let to = to.map_or_else(|| Ok(LocalPath::root()), |to| to.parse());
    let to = to.map_err(|bad| Fault::BadParameter.said(bad.to_string()).at("to"))?;
    let begun = provider.begin(to, Timestamp::now()).await?;
    let kept = Kept::LogIn.keep(&begun.cookie, &api.settings);
    Ok(sent_to(&begun.address, [kept]))
}

async fn callback(
    State(api): State<Arc<Api>>,
    _: LoggingIn,
    parts: Parts,
) -> Result<Response, Problem> {
    let provider = provider(&api)?;
    let answer: Answer = query(&parts)?;
    let cookie = Kept::LogIn
        .brought(&parts.headers, &api.settings)
        .unwrap_or_default();
    let now = Timestamp::now();
    let vouched = provider.finish(&cookie, answer, now).await?;
    let opened = api.identity.let_in(&vouched, now).await?;
    end_brought(&api, &parts.headers).await?;
    let kept = Kept::Session.keep(&opened.cookie, &api.settings);
    let forgotten = Kept::LogIn.forget(&api.settings);
    Ok(sent_to(&vouched.to.to_string(), [kept, forgotten]))
}

fn provider(api: &Api) -> Result<&Provider, Problem> {
    let told = "there is no single sign-on here: log in with a password";
    let none = || Fault::NoSingleSignOn.said(told);
    api.identity.provider().ok_or_else(none)
}

fn query<'a, T: Deserialize<'a>>(parts: &'a Parts) -> Result<T, Problem> {
    let query = parts.uri.query().unwrap_or_default();
    serde_html_form::from_str(query)
        .map_err(|error| Fault::BadParameter.said(error.to_string()).at("query"))
}

fn sent_to<const N: usize>(address: &str, cookies: [HeaderValue; N]) -> Response {
    let to = HeaderValue::from_str(address).expect("addresses are visible ASCII");
    let cookies = cookies.map(|cookie| (SET_COOKIE, cookie));
    (
        StatusCode::SEE_OTHER,
        [(LOCATION, to)],
        AppendHeaders(cookies),
    )
        .into_response()
}
