//! The frame, asked without a network.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use socai_domain::account::Token;
use socai_domain::id::{AccountId, Sha256Hex, TokenId};
use socai_identity::Accounts;
use socai_store_memory::MemoryCredentials;
use tokio::sync::OnceCell;
use tower::ServiceExt;

use crate::proxies::Peer;
use crate::route::Access;
use crate::*;

pub(crate) mod town;
mod works;

/// A ledger without accounts.
struct Nobody;

impl Accounts for Nobody {
    fn is_open(&self, _: &AccountId) -> bool {
        false
    }

    fn of_token(&self, _: &Sha256Hex) -> Option<(AccountId, TokenId, Token)> {
        None
    }
}

/// The document is long, and made once.
static ROUTER: OnceCell<Router> = OnceCell::const_new();

async fn router() -> Router {
    let made = ROUTER.get_or_init(|| async {
        let credentials = Arc::new(MemoryCredentials::default());
        let identity = Identity::new(credentials, Arc::new(Nobody), Default::default());
        let (works, ..) = town::stage().await;
        town::router_over(&works, identity, Settings::default())
    });
    made.await.clone()
}

fn request(method: &str, path: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = request.extension(Peer([127, 0, 0, 1].into()));
    request.body(Body::empty()).unwrap()
}

async fn asked(request: Request<Body>) -> (StatusCode, http::HeaderMap, Value) {
    let answer = router().await.oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (
        head.status,
        head.headers,
        serde_json::from_slice(&bytes).unwrap_or_default(),
    )
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_and_so_is_another_method() {
    let (status, headers, problem) = asked(request("GET", "/v1/nothing")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(problem["code"], "request.no_such_address");
    assert_eq!(problem["type"], "/problems/request.no_such_address");
    assert!(problem["title"].as_str().unwrap().starts_with("Nothing is"));
    assert!(headers.contains_key("x-request-id"));

    let (status, headers, problem) = asked(request("DELETE", "/openapi.json")).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(headers["allow"], "GET,HEAD");
    assert_eq!(problem["code"], "request.method_not_allowed");
}

#[tokio::test]
async fn the_document_is_for_everybody_and_what_a_code_means_too() {
    let (status, _, document) = asked(request("GET", "/openapi.json")).await;
    assert_eq!(
        (status, &document["openapi"]),
        (StatusCode::OK, &"3.1.0".into())
    );
    let (status, _, meaning) = asked(request("GET", "/problems/obligation.not_open")).await;
    assert_eq!(
        (status, &meaning["code"]),
        (StatusCode::OK, &"obligation.not_open".into())
    );
    let (status, ..) = asked(request("GET", "/problems/no.such")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// No route that the document says is an account's answers somebody else.
#[tokio::test]
async fn nothing_is_told_or_done_for_somebody_who_is_not_known() {
    for route in routes()
        .iter()
        .filter(|route| route.access == Access::Account)
    {
        let path = route.path.replace(['{', '}'], "");
        let mut unknown = request(route.method.name(), &path);
        *unknown.method_mut() = route.method.name().to_uppercase().parse().unwrap();
        let (status, headers, problem) = asked(unknown).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}: {problem}");
        assert_eq!(headers["www-authenticate"], "Bearer", "{path}");
    }
}

#[tokio::test]
async fn an_id_that_a_client_gives_its_request_is_not_taken_over() {
    let mut request = request("GET", "/v1/nothing");
    let forged = "forged\tline".parse().unwrap();
    request.headers_mut().insert("x-request-id", forged);
    let (_, headers, _) = asked(request).await;
    let ids: Vec<_> = headers.get_all("x-request-id").iter().collect();
    assert_eq!(ids.len(), 1);
    assert!(uuid::Uuid::parse_str(ids[0].to_str().unwrap()).is_ok());
}
