use axum::Router;
use axum::body::to_bytes;
use axum::http::Request;
use serde_json::{Value, json};
use socai_domain::account::Token;
use socai_domain::id::{Sha256Hex, TokenId};
use socai_identity::{Accounts, Identity};
use socai_store_memory::MemoryCredentials;
use tower::ServiceExt;

use super::*;
use crate::proxies::Peer;
use crate::tests::town;
use crate::{Settings, headers};

const PASSWORD: &str = "correct horse battery staple";

/// A ledger whose accounts are `an` and `binh`.
struct Two;

impl Accounts for Two {
    fn is_open(&self, account: &AccountId) -> bool {
        ["an", "binh"].contains(&account.as_str())
    }

    fn of_token(&self, _: &Sha256Hex) -> Option<(AccountId, TokenId, Token)> {
        None
    }
}

async fn house(settings: Settings) -> Router {
    let credentials = Arc::new(MemoryCredentials::default());
    let identity = Identity::new(credentials, Arc::new(Two), Default::default());
    for account in ["an", "binh"] {
        let account = AccountId::new(account).unwrap();
        identity.set_password(&account, PASSWORD).await.unwrap();
    }
    let (works, ..) = town::stage().await;
    let router = town::router_over(&works, identity, settings.clone());
    headers::guarded(router, &settings)
}

async fn ask(
    house: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.extension(Peer([127, 0, 0, 1].into()));
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (head, body) = house.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    (head.status, head.headers, body)
}

/// Logs `account` in with a browser that brings `brought`, and answers its cookie and its token.
async fn logged_in(house: &Router, account: &str, brought: &str) -> (String, String) {
    let headers = [("content-type", "application/json"), ("cookie", brought)];
    let body = json!({"account": account, "password": PASSWORD}).to_string();
    let (status, headers, body) = ask(house, "POST", "/v1/session", &headers, &body).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let cookie = headers[SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    (cookie, body["csrf"].as_str().unwrap().to_owned())
}

async fn who(house: &Router, cookie: &str) -> (StatusCode, Value) {
    let (status, _, body) = ask(house, "GET", "/v1/session", &[("cookie", cookie)], "").await;
    (status, body)
}

#[tokio::test]
async fn a_log_in_ends_the_session_that_the_browser_brought() {
    let house = house(Settings::default()).await;
    let (slipped_in, _) = logged_in(&house, "an", "").await;
    let (own, _) = logged_in(&house, "binh", &slipped_in).await;
    assert_eq!(who(&house, &slipped_in).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(who(&house, &own).await.1["account"], "binh");
}

#[tokio::test]
async fn a_change_by_cookie_takes_the_sessions_own_token_and_no_other_site() {
    let house = house(Settings::default()).await;
    let (cookie, csrf) = logged_in(&house, "an", "").await;
    let (_, foreign) = logged_in(&house, "an", "").await;
    let own = ("x-csrf-token", csrf.as_str());
    let refused: [&[(&str, &str)]; 4] = [
        &[],
        &[("x-csrf-token", &foreign)],
        &[own, ("origin", "https://evil.example")],
        &[own, ("sec-fetch-site", "cross-site")],
    ];
    for headers in refused {
        let headers = [&[("cookie", cookie.as_str())], headers].concat();
        let (status, _, problem) = ask(&house, "DELETE", "/v1/session", &headers, "").await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(problem["code"], "identity.cross_site", "{headers:?}");
    }
    let headers = [("cookie", cookie.as_str()), own];
    let (status, headers, _) = ask(&house, "DELETE", "/v1/session", &headers, "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(headers[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(who(&house, &cookie).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn everywhere_is_everywhere_of_one_account() {
    let house = house(Settings::default()).await;
    let (here, csrf) = logged_in(&house, "an", "").await;
    let (there, _) = logged_in(&house, "an", "").await;
    let (other, _) = logged_in(&house, "binh", "").await;
    let headers = [("cookie", here.as_str()), ("x-csrf-token", &csrf)];
    let path = "/v1/session?everywhere=true";
    let (status, ..) = ask(&house, "DELETE", path, &headers, "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for (cookie, expected) in [(here, 401), (there, 401), (other, 200)] {
        assert_eq!(who(&house, &cookie).await.0, expected);
    }
}

#[tokio::test]
async fn over_tls_cookies_have_their_safe_names_and_browsers_come_back_over_tls_only() {
    for (plain_http, name) in [(true, "__Host-socai="), (false, "socai=")] {
        let house = house(Settings {
            plain_http,
            ..Settings::default()
        });
        let house = house.await;
        let headers = [("content-type", "application/json")];
        let body = json!({"account": "an", "password": PASSWORD}).to_string();
        let (_, headers, _) = ask(&house, "POST", "/v1/session", &headers, &body).await;
        let cookie = headers[SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with(name), "{cookie}");
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        assert_eq!(cookie.contains("Secure"), plain_http, "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
        assert_eq!(
            headers.contains_key("strict-transport-security"),
            plain_http
        );
    }
}
