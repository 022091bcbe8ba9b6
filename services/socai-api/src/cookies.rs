//! Cookies: what a browser brings back, and what it is told to keep.
//!
//! Over TLS their names begin with `__Host-`: a browser keeps such a one only where it came over TLS from this very host,
//! so that no other host of the same domain can slip its own in. Without TLS, on this machine alone, browsers would not
//! keep them, and they have plain names. No script reads any of them.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use socai_identity::oidc::LASTS;

use crate::Settings;

/// Whether browsers come over TLS, ours or that of a proxy in front.
pub(crate) fn over_tls(settings: &Settings) -> bool {
    settings.tls.is_some() || settings.plain_http || !settings.proxies.is_empty()
}

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The key of a session.
    Session,
    /// A log-in that began at the provider of single sign-on.
    LogIn,
}

impl Kept {
    /// What the browser brought, if it brought one.
    pub(crate) fn brought(self, headers: &HeaderMap, settings: &Settings) -> Option<String> {
        let lines = headers.get_all(COOKIE).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let mut cookies = lines.flat_map(|line| Cookie::split_parse(line).flatten());
        let name = self.name(settings);
        let found = cookies.find(|cookie| cookie.name() == name)?;
        Some(found.value().to_owned())
    }

    /// Tells the browser to keep `value`: a session until it is closed, a log-in for as long as it may take.
    pub(crate) fn keep(self, value: &str, settings: &Settings) -> HeaderValue {
        let mut cookie = self.cookie(value, settings);
        match self {
            Self::Session => {}
            Self::LogIn => cookie.set_max_age(Duration::seconds(LASTS.as_secs())),
        }
        written(&cookie)
    }

    /// Tells the browser to forget it.
    pub(crate) fn forget(self, settings: &Settings) -> HeaderValue {
        let mut cookie = self.cookie("", settings);
        cookie.set_max_age(Duration::ZERO);
        written(&cookie)
    }

    fn cookie<'a>(self, value: &'a str, settings: &Settings) -> Cookie<'a> {
        let cookie = Cookie::build((self.name(settings), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax);
        cookie.secure(over_tls(settings)).build()
    }

    fn name(self, settings: &Settings) -> &'static str {
        match (self, over_tls(settings)) {
            (Self::Session, true) => "__Host-socai",
            (Self::Session, false) => "socai",
            (Self::LogIn, true) => "__Host-socai-log-in",
            (Self::LogIn, false) => "socai-log-in",
        }
    }
}

fn written(cookie: &Cookie<'_>) -> HeaderValue {
    let text = cookie.to_string();
    HeaderValue::from_str(&text).expect("names and values of cookies are visible ASCII")
}
