//! Whose token is not good is nobody: expired, revoked, of a closed account, of another ledger, made up, or shown
//! where a token has no business.

use serde_json::json;
use ureq::http::Method;

use crate::accounts::{Person, token_of};
use crate::client::{Client, bytes, status_of};
use crate::document::{Operation, operations};
use crate::server::{Home, Server};
use crate::stage::Stage;

const ASKED: &str = "/v1/obligations?from=2024-01-01&to=2024-12-31";

#[test]
fn a_token_that_was_never_issued_is_nobodys() {
    let stage = Stage::new();
    let good = &stage.town.reporter.token;
    let upper = good.to_uppercase();
    let longer = format!("{good}A");
    let long = "A".repeat(10_000);
    let shorter = &good[..good.len() - 1];
    let hash = crate::accounts::hash(good);
    let other = token_of("nobody");
    for token in [
        other.as_str(),
        "",
        "socai_",
        "null",
        "undefined",
        &upper,
        &longer,
        shorter,
        &hash,
        &long,
    ] {
        let answer = Client::with(stage.server.address(), Some(token)).get(ASKED);
        let status = answer.status;
        assert!(
            matches!(status, 400 | 401),
            "{token:?}: {status} {}",
            answer.text()
        );
        answer.problem();
        assert!(
            !answer.text().contains(token) || token.is_empty(),
            "a token is not repeated: {}",
            answer.text()
        );
    }
    let nobody = Client::with(stage.server.address(), None)
        .get(ASKED)
        .expect(401);
    assert!(nobody.header("www-authenticate").contains("Bearer"));
    stage.client(&stage.town.reporter).get(ASKED).expect(200);
}

#[test]
fn a_token_stands_in_one_header_and_nowhere_else() {
    let stage = Stage::new();
    let token = &stage.town.reporter.token;
    let nobody = Client::with(stage.server.address(), None);
    for name in [
        "access_token",
        "token",
        "authorization",
        "bearer",
        "api_key",
        "key",
    ] {
        let answer = nobody.get(&format!("{ASKED}&{name}={token}"));
        assert!(
            matches!(answer.status, 400 | 401),
            "{name}: {}",
            answer.text()
        );
        assert!(!answer.text().contains(token.as_str()), "{}", answer.text());
        let known = stage.client(&stage.town.reporter);
        let answer = known.get(&format!("{ASKED}&{name}={token}"));
        // Even of whoever is known: an address is written into logs, where a token must not stand.
        answer.expect(400);
    }
    for header in ["x-api-key", "x-auth-token", "proxy-authorization", "cookie"] {
        let value = if header == "cookie" {
            format!("token={token}; socai={token}; __Host-socai={token}")
        } else {
            token.clone()
        };
        nobody.get_with(ASKED, &[(header, &value)]).expect(401);
    }
    for value in [
        format!("Basic {token}"),
        format!("Token {token}"),
        token.clone(),
        format!("Bearer{token}"),
    ] {
        let answer = nobody.get_with(ASKED, &[("authorization", &value)]);
        assert!(
            matches!(answer.status, 400 | 401),
            "{value}: {}",
            answer.text()
        );
    }
    let two = format!(
        "GET {ASKED} HTTP/1.1\r\nhost: s\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         authorization: Bearer {}\r\n\r\n",
        stage.town.inspector.token
    );
    let answer = bytes(stage.server.address(), two.as_bytes());
    assert!(matches!(status_of(&answer), 400 | 401), "{answer}");
}

#[test]
fn a_revoked_token_and_a_closed_account_end_at_once() {
    let stage = Stage::new();
    let operator = stage.client(&stage.town.operator);
    let (clerk, beside) = (&stage.town.reporter, &stage.town.beside);
    let (one, two) = (stage.client(clerk), stage.client(beside));
    one.get(ASKED).expect(200);
    two.get(ASKED).expect(200);
    let revoke =
        json!({"effective": "2026-01-03", "data": {"account": clerk.account, "token": "first"}});
    operator
        .post("/v1/commands/account.revoke_token", &revoke)
        .expect(200);
    one.get(ASKED).expect(401).problem();
    let close = json!({"effective": "2026-01-03", "data": {"account": beside.account}});
    operator
        .post("/v1/commands/account.close", &close)
        .expect(200);
    two.get(ASKED).expect(401).problem();
    // A role that was taken away is gone at once as well.
    let monitor = &stage.town.monitor;
    let watching = stage.client(monitor);
    watching.get(ASKED).expect(200);
    let revoke =
        json!({"effective": "2026-01-03", "data": {"account": monitor.account, "role": "monitor"}});
    operator
        .post("/v1/commands/account.revoke_role", &revoke)
        .expect(200);
    let answer = watching.get(ASKED);
    assert_eq!(answer.status, 403, "{}", answer.text());
}

#[test]
fn a_token_ends_when_it_says_so() {
    let stage = Stage::new();
    let clerk = &stage.town.reporter;
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let short = token_of("short");
    let data = json!({
        "account": clerk.account, "token": "short", "hash": crate::accounts::hash(&short), "expires": soon.to_string(),
    });
    let issue = json!({"effective": "2026-01-03", "data": data});
    let operator = stage.client(&stage.town.operator);
    operator
        .post("/v1/commands/account.issue_token", &issue)
        .expect(200);
    let client = Client::with(stage.server.address(), Some(&short));
    let first = client.get(ASKED);
    assert!(
        first.status == 200 || jiff::Timestamp::now() >= soon,
        "{}",
        first.text()
    );
    stage
        .server
        .until("the token expired", || client.get(ASKED).status == 401);
    assert!(jiff::Timestamp::now() >= soon);
    stage.client(clerk).get(ASKED).expect(200);
}

#[test]
fn a_token_of_another_ledger_is_nobodys_here() {
    let stage = Stage::new();
    let elsewhere = Person::new("clerk-elsewhere", "inspector", None);
    let home = Home::with(&elsewhere.lines().join("\n"));
    let server = Server::start(&home.config());
    let there = Client::of(server.address(), &elsewhere).get(ASKED);
    there.expect(200);
    Client::of(stage.server.address(), &elsewhere)
        .get(ASKED)
        .expect(401);
}

/// What anybody may ask. Everything else wants to know who asks, before it looks at anything.
const OPEN: &[&str] = &[
    // Hashes of records, and the signed size and root: nothing of the content.
    "GET /checkpoint",
    "GET /openapi.json",
    "GET /problems/{code}",
    "GET /tile/{path}",
    "GET /v1/oidc/callback",
    "GET /v1/oidc/login",
    "POST /v1/session",
];

#[test]
fn whoever_shows_no_token_is_told_nothing_anywhere() {
    let stage = Stage::new();
    let nobody = Client::with(stage.server.address(), None);
    let forged = Client::with(stage.server.address(), Some(&token_of("nobody")));
    let operations = operations(&stage.server);
    let open = operations.iter().filter(|operation| operation.open);
    let open: Vec<String> = open.map(Operation::name).collect();
    assert_eq!(open, OPEN);
    let before = stage.records();
    for operation in operations.iter().filter(|operation| !operation.open) {
        let method: Method = operation.method.parse().unwrap();
        for client in [&nobody, &forged] {
            for media in operation
                .media
                .iter()
                .map(String::as_str)
                .chain(["text/odd"])
            {
                let headers = [("content-type", media)];
                let answer = client.ask(method.clone(), &operation.filled("x"), &headers, b"{}");
                assert_eq!(
                    answer.status,
                    401,
                    "{}: {}",
                    operation.name(),
                    answer.text()
                );
                answer.problem();
            }
        }
    }
    assert_eq!(stage.records(), before);
}
