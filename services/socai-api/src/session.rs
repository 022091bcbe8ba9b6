//! Logging in by password, who is logged in, and logging out.
//!
//! A browser gets the session's key as a cookie and the token for changes ([`csrf`]) in the answer. Every
//! log-in has a fresh key, and ends the session that the browser brought: whatever somebody slipped into it before is
//! worth nothing afterwards. Programs need none of this; they send a token of an account.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::{AccountId, UnitId};
use socai_domain::permission::Role;

use crate::Api;
use crate::bodies::few_arrived;
use crate::brought::{Brought, end_brought};
use crate::cookies::Kept;
use crate::csrf;
use crate::media::is_media;
use crate::problem::{Fault, Problem};
use crate::proxies::Address;
use crate::route::{Route, json, json_body, nothing, problem};
use crate::who::{LoggingIn, Who};

/// Bytes of what is sent to log in, at most.
const LOG_IN_BYTES_MAX: usize = 4 * 1024;

/// What is sent to log in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    /// The account.
    account: String,
    /// Its password.
    password: String,
}

/// Who is logged in.
#[derive(Serialize, JsonSchema)]
struct LoggedIn {
    /// The account.
    account: AccountId,
    /// The unit that it is at home in.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<UnitId>,
    /// What it may do.
    roles: BTreeSet<Role>,
    /// What every change by the session's cookie carries in `X-CSRF-Token`; none for whoever sends a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    /// When the session ends however it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    expires: Option<Timestamp>,
}

/// Whether other sessions of the account end as well.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogOut {
    #[serde(default)]
    everywhere: bool,
}

pub(crate) fn routes() -> Vec<Route> {
    let path = "/v1/session";
    let cookie = "The session's key: __Host-socai.";
    vec![
        Route::post(path, "Logs in", log_in)
            .open()
            .takes(json_body::<LogIn>("Who, and the password."))
            .answers(
                200,
                json::<LoggedIn>("Logged in.").header("Set-Cookie", cookie),
            )
            .answers(401, problem("The account or the password is wrong."))
            .answers(403, problem("Another site sent it.")),
        Route::get(path, "Who is logged in", who_is)
            .answers(200, json::<LoggedIn>("Whoever asks.")),
        Route::delete(path, "Logs out", log_out)
            .asked(
                "everywhere",
                "Ends all sessions of the account",
                serde_json::json!({"type": "boolean", "default": false}),
            )
            .headed("X-CSRF-Token", "The session's token for changes.")
            .answers(204, nothing("Logged out.").header("Set-Cookie", cookie)),
    ]
}

async fn log_in(
    State(api): State<Arc<Api>>,
    _: LoggingIn,
    Address(from): Address,
    parts: Parts,
    body: Body,
) -> Result<Response, Problem> {
    csrf::from_here(&parts)?;
    is_media(&parts.headers, "application/json")?;
    let body = few_arrived(&api, body, LOG_IN_BYTES_MAX).await?;
    // What serde says of a body quotes it.
    let LogIn { account, password } = serde_json::from_slice(&body).map_err(|_| {
        let told = r#"expected {"account":"…","password":"…"}"#;
        Fault::BadBody.said(told).at("body")
    })?;
    let now = Timestamp::now();
    let opened = api.identity.log_in(&account, &password, from, now).await?;
    end_brought(&api, &parts.headers).await?;
    let account = AccountId::new(&account).expect("whoever is logged in has an account");
    let kept = Kept::Session.keep(&opened.cookie, &api.settings);
    let session = Some((opened.csrf, opened.expires));
    Ok((set(kept), Json(LoggedIn::new(&api, account, session))).into_response())
}

async fn who_is(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    brought: Option<Extension<Brought>>,
) -> Json<LoggedIn> {
    let session = brought.map(|Extension(brought)| {
        let session = brought.session;
        (session.csrf.clone(), session.expires)
    });
    Json(LoggedIn::new(&api, who.account, session))
}

async fn log_out(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    parts: Parts,
) -> Result<Response, Problem> {
    let query = parts.uri.query().unwrap_or_default();
    let LogOut { everywhere } = serde_html_form::from_str(query)
        .map_err(|error| Fault::BadParameter.said(error.to_string()).at("everywhere"))?;
    if everywhere {
        api.identity.log_out_everywhere(&who.account).await?;
    } else if let Some(brought) = parts.extensions.get::<Brought>() {
        api.identity.log_out(&brought.cookie).await?;
    }
    Ok((
        StatusCode::NO_CONTENT,
        set(Kept::Session.forget(&api.settings)),
    )
        .into_response())
}

pub(crate) fn set(
    cookie: HeaderValue,
) -> AppendHeaders<[(axum::http::HeaderName, HeaderValue); 1]> {
    AppendHeaders([(SET_COOKIE, cookie)])
}

impl LoggedIn {
    fn new(api: &Api, account: AccountId, session: Option<(String, Timestamp)>) -> Self {
        let image = api.service.live().image();
        let known = image.registry().accounts.get(&account);
        let (csrf, expires) = session.unzip();
        Self {
            unit: known.and_then(|known| known.unit.clone()),
            roles: known.map(|known| known.roles.clone()).unwrap_or_default(),
            account,
            csrf,
            expires,
        }
    }
}
