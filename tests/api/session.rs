//! Browsers: logging in, by password or at a provider, staying so, logging out; and everybody who would like to be
//! somebody else.

use std::net::SocketAddr;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::client::{Answer, Client};
use crate::server::{Home, Server};
use crate::servers::oidc::{Browser, Provider};
use crate::town::Town;

const PASSWORD: &str = "correct horse battery staple";

/// A server with a town, in which `chief`, an operator, and `clerk-a`, a reporter, have passwords.
fn served(more: &str) -> (Home, Server) {
    let home = Home::with(&Town::new().lines());
    for account in ["chief", "clerk-a"] {
        let typed = format!("{PASSWORD}\n");
        let set = home.run(&["account", "password", account], typed.as_bytes());
        assert_eq!(set.code, 0, "{set:?}");
    }
    home.configure(more);
    let server = Server::start(&home.config());
    (home, server)
}

/// A page in a browser: its cookie and its token.
struct Page {
    address: SocketAddr,
    cookie: String,
    csrf: String,
}

fn log_in(server: &Server, account: &str, password: &str) -> Answer {
    let body = json!({"account": account, "password": password});
    Client::with(server.address(), None).post("/v1/session", &body)
}

fn page(server: &Server, account: &str) -> Page {
    Page::of(server, log_in(server, account, PASSWORD).expect(200))
}

impl Page {
    fn of(server: &Server, answer: Answer) -> Self {
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        Self {
            address: server.address(),
            cookie: cookie.to_owned(),
            csrf: answer.json()["csrf"].as_str().unwrap().to_owned(),
        }
    }

    /// A connection of its own: who is refused before its body is read may lose the one that it had.
    fn client(&self) -> Client {
        Client::with(self.address, None)
    }

    fn get(&self, path: &str) -> Answer {
        self.client().get_with(path, &[("cookie", &self.cookie)])
    }

    /// Makes an account by the cookie, with these headers besides.
    fn change(&self, headers: &[(&str, &str)]) -> Answer {
        let own = [
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/json"),
        ];
        let body = json!({"effective": "2026-01-02", "data": {"account": "new-one"}});
        let path = "/v1/commands/account.create";
        let headers = [&own, headers].concat();
        self.client()
            .ask(Method::POST, path, &headers, body.to_string().as_bytes())
    }

    fn log_out(&self, path: &str) -> Answer {
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("x-csrf-token", &self.csrf),
        ];
        self.client().ask(Method::DELETE, path, &headers, b"")
    }
}

#[test]
fn whoever_logs_in_is_known_by_the_cookie_until_they_log_out() {
    let (_home, server) = served("");
    let answer = log_in(&server, "clerk-a", PASSWORD).expect(200);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("socai="), "{cookie}");
    for said in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(said), "{cookie}");
    }
    let page = Page::of(&server, answer);
    let who = page.get("/v1/session").expect(200).json();
    assert_eq!(who["account"], "clerk-a");
    assert_eq!(who["csrf"], page.csrf);

    page.log_out("/v1/session").expect(204);
    let stolen = page.get("/v1/session").expect(401);
    assert_eq!(stolen.code(), "identity.unknown");
}

#[test]
fn a_token_needs_no_session() {
    let (_home, server) = served("");
    let town = Town::new();
    let who = Client::of(server.address(), &town.reporter).get("/v1/session");
    assert_eq!(
        who.expect(200).json(),
        json!({"account": "clerk-a", "unit": "a", "roles": ["reporter"]})
    );
}

#[test]
fn logging_out_everywhere_ends_every_session_of_the_account_and_of_no_other() {
    let (_home, server) = served("");
    let [here, there] = [page(&server, "clerk-a"), page(&server, "clerk-a")];
    let other = page(&server, "chief");
    here.log_out("/v1/session?everywhere=true").expect(204);
    there.get("/v1/session").expect(401);
    other.get("/v1/session").expect(200);
}

/// What another site has a browser send has its cookie, and nothing else.
#[test]
fn a_change_that_another_site_asked_for_is_refused() {
    let (home, server) = served("");
    let page = page(&server, "chief");
    let other = self::page(&server, "clerk-a");
    let before = home.records().len();
    let own = ("x-csrf-token", page.csrf.as_str());
    let foreign = [
        vec![],
        vec![("x-csrf-token", other.csrf.as_str())],
        vec![("x-csrf-token", "")],
        vec![own, ("origin", "https://evil.example")],
        vec![own, ("origin", "null")],
        vec![own, ("sec-fetch-site", "cross-site")],
        vec![own, ("sec-fetch-site", "same-site")],
    ];
    for headers in foreign {
        let answer = page.change(&headers).expect(403);
        assert_eq!(answer.code(), "identity.cross_site", "{headers:?}");
    }
    let form = [
        ("cookie", page.cookie.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let sent = page.client().ask(
        Method::POST,
        "/v1/commands/account.create",
        &form,
        b"account=x",
    );
    assert_eq!(sent.status, 403);
    assert_eq!(home.records().len(), before);
    let origin = server.url("");
    page.change(&[own, ("origin", &origin), ("sec-fetch-site", "same-origin")])
        .expect(200);
}

#[test]
fn another_site_logs_nobody_in() {
    let (_home, server) = served("");
    let client = Client::with(server.address(), None);
    let body = json!({"account": "clerk-a", "password": PASSWORD}).to_string();
    let json = ("content-type", "application/json");
    let elsewhere = [json, ("origin", "https://evil.example")];
    let answer = client.ask(Method::POST, "/v1/session", &elsewhere, body.as_bytes());
    assert_eq!(answer.expect(403).code(), "identity.cross_site");
    // A form of another site's can send this without being asked whether it may.
    let plain = [("content-type", "text/plain")];
    let answer = client.ask(Method::POST, "/v1/session", &plain, body.as_bytes());
    assert_eq!(answer.expect(415).code(), "request.media_type");
}

/// Somebody slips a session of their own into a browser and waits until its owner logs in.
#[test]
fn a_session_that_was_there_before_is_worth_nothing_after_a_log_in() {
    let (_home, server) = served("");
    let slipped_in = page(&server, "clerk-a");
    let body = json!({"account": "chief", "password": PASSWORD}).to_string();
    let headers = [
        ("cookie", slipped_in.cookie.as_str()),
        ("content-type", "application/json"),
    ];
    let answer = slipped_in
        .client()
        .ask(Method::POST, "/v1/session", &headers, body.as_bytes());
    let chief = Page::of(&server, answer.expect(200));
    assert_ne!(chief.cookie, slipped_in.cookie);
    slipped_in.get("/v1/session").expect(401);
    assert_eq!(chief.get("/v1/session").json()["account"], "chief");
}

#[test]
fn a_session_ends_by_itself() {
    let (_home, server) = served("[identity]\nsession_s = 2");
    let page = page(&server, "clerk-a");
    let code = || match page.get("/v1/session") {
        answer if answer.status == 401 => Some(answer.code()),
        _ => None,
    };
    server.until("the session is over", || code().is_some());
    assert_eq!(code().unwrap(), "identity.expired");
}

#[test]
fn what_is_sent_to_log_in_is_small_and_is_what_was_expected() {
    let (_home, server) = served("");
    let client = Client::with(server.address(), None);
    log_in(&server, "clerk-a", &"x".repeat(5_000)).expect(413);
    let secret = "of-nobody-else";
    let bad = [
        json!({"account": "clerk-a", "password": secret, "role": "operator"}),
        json!({"account": "clerk-a", "password": [secret]}),
        json!({"account": "clerk-a"}),
        json!([]),
    ];
    for body in bad {
        let answer = client.post("/v1/session", &body).expect(400);
        assert_eq!(answer.code(), "request.bad_body");
        assert!(!answer.text().contains(secret), "{}", answer.text());
    }
}

#[test]
fn no_answer_is_run_framed_or_kept() {
    let (_home, server) = served("");
    let client = Client::with(server.address(), None);
    for path in [
        "/v1/session",
        "/v1/units",
        "/nowhere",
        "/healthz",
        "/v1/oidc/login",
    ] {
        let answer = client.get(path);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

/// A proxy in front speaks TLS here.
#[test]
fn over_tls_cookies_have_their_safe_names_and_browsers_come_back_over_tls_alone() {
    let (_home, server) = served("[api]\nplain_http = true");
    let answer = log_in(&server, "clerk-a", PASSWORD).expect(200);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-socai="), "{cookie}");
    assert!(cookie.contains("Secure"), "{cookie}");
    assert!(!cookie.contains("Domain"), "{cookie}");
    let only = answer.header("strict-transport-security");
    assert!(only.starts_with("max-age="), "{only}");
}

#[test]
fn without_single_sign_on_its_addresses_say_so() {
    let (_home, server) = served("");
    let client = Client::with(server.address(), None);
    for path in ["/v1/oidc/login", "/v1/oidc/callback?state=s&code=c"] {
        let answer = client.get(path).expect(404);
        assert_eq!(answer.code(), "identity.no_single_sign_on");
    }
}

/// What a browser brings back to this address is sent to the server under test, whose port is not known before.
const REDIRECT: &str = "http://127.0.0.1:1/v1/oidc/callback";

/// A server whose people log in at `provider`, and the table that says so.
fn with_provider(provider: &Provider, more: &str) -> (Home, Server) {
    let (issuer, secret) = (&provider.issuer, provider.secret("socai"));
    served(&format!(
        "[api.oidc]\nissuer = \"{issuer}\"\nclient_id = \"socai\"\nclient_secret_file = {secret:?}\nredirect_url = \"{REDIRECT}\"\n{more}"
    ))
}

/// Logs in at the provider as `person`, and brings the answer back.
fn come_back(
    server: &Server,
    provider: &Provider,
    browser: &mut Browser,
    person: &str,
) -> (u16, String, Value) {
    let sent = browser.get(&server.url("/v1/oidc/login?to=/v1/session"));
    assert_eq!(sent.status(), 303);
    let address = sent.headers()["location"].to_str().unwrap().to_owned();
    let back = browser.log_in_at(&provider.issuer, &address, person);
    let query = back.strip_prefix(REDIRECT).unwrap();
    let mut answer = browser.get(&server.url(&format!("/v1/oidc/callback{query}")));
    let to = answer.headers().get("location");
    let to = to.map_or("", |to| to.to_str().unwrap()).to_owned();
    let body = answer.body_mut().read_to_string().unwrap();
    let body = serde_json::from_str(&body).unwrap_or_default();
    (answer.status().as_u16(), to, body)
}

#[test]
fn who_logs_in_at_the_provider_is_the_account_that_an_operator_linked() {
    let provider = Provider::start(REDIRECT);
    let (home, server) = with_provider(&provider, "");
    let mut browser = Browser::default();
    let (status, _, problem) = come_back(&server, &provider, &mut browser, "person-17");
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("identity.no_account"))
    );
    assert_eq!(browser.get(&server.url("/v1/session")).status(), 401);

    let link = [
        "account",
        "link",
        "clerk-a",
        "--issuer",
        &provider.issuer,
        "--subject",
        "person-17",
    ];
    let linked = home.run(&link, b"");
    assert_eq!(linked.code, 0, "{linked:?}");
    let mut browser = Browser::default();
    let (status, to, _) = come_back(&server, &provider, &mut browser, "person-17");
    assert_eq!((status, to.as_str()), (303, "/v1/session"));
    let mut who = browser.get(&server.url("/v1/session"));
    let who: Value = serde_json::from_str(&who.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(who["account"], "clerk-a");
    let (status, _, _) = come_back(&server, &provider, &mut Browser::default(), "clerk-a");
    assert_eq!(status, 403, "a name is no link");
}

#[test]
fn a_claim_may_be_the_accounts_id() {
    let provider = Provider::start(REDIRECT);
    let more = "account_claim = \"preferred_username\"\nscopes = [\"profile\"]";
    let (_home, server) = with_provider(&provider, more);
    let mut browser = Browser::default();
    let (status, _, _) = come_back(&server, &provider, &mut browser, "clerk-b");
    assert_eq!(status, 303);
    for nobody in ["nobody", "Not-An-Id"] {
        let (status, _, problem) = come_back(&server, &provider, &mut Browser::default(), nobody);
        assert_eq!(
            (status, &problem["code"]),
            (403, &json!("identity.no_account"))
        );
    }
}

/// As [`a_session_that_was_there_before_is_worth_nothing_after_a_log_in`], at the provider.
#[test]
fn a_log_in_at_the_provider_ends_the_session_that_the_browser_brought() {
    let provider = Provider::start(REDIRECT);
    let more = "account_claim = \"preferred_username\"\nscopes = [\"profile\"]";
    let (_home, server) = with_provider(&provider, more);
    let mut browser = Browser::default();
    let slipped_in = page(&server, "chief");
    browser.take(&server.url("/"), &slipped_in.cookie);
    let (status, _, problem) = come_back(&server, &provider, &mut browser, "clerk-a");
    assert_eq!(status, 303, "{problem}");
    slipped_in.get("/v1/session").expect(401);
    assert_eq!(browser.get(&server.url("/v1/session")).status(), 200);
}

#[test]
fn an_answer_of_the_provider_counts_once_and_in_one_browser() {
    let provider = Provider::start(REDIRECT);
    let more = "account_claim = \"preferred_username\"\nscopes = [\"profile\"]";
    let (_home, server) = with_provider(&provider, more);
    let mut ours = Browser::default();
    let sent = ours.get(&server.url("/v1/oidc/login"));
    let address = sent.headers()["location"].to_str().unwrap().to_owned();
    let back = ours.log_in_at(&provider.issuer, &address, "clerk-a");
    let callback = server.url(&back[REDIRECT.len() - "/v1/oidc/callback".len()..]);

    let mut theirs = Browser::default();
    theirs.get(&server.url("/v1/oidc/login"));
    assert_eq!(
        theirs.get(&callback).status(),
        400,
        "slipped into another browser"
    );
    assert_eq!(Browser::default().get(&callback).status(), 400);
    assert_eq!(ours.get(&callback).status(), 303);
    assert_eq!(ours.get(&callback).status(), 400, "again");
}

#[test]
fn a_log_in_leads_nowhere_else() {
    let provider = Provider::start(REDIRECT);
    let (_home, server) = with_provider(&provider, "");
    let client = Client::with(server.address(), None);
    for elsewhere in [
        "//evil.example",
        "https://evil.example",
        "/%5Cevil.example",
        "/%0D%0ASet-Cookie:a=b",
        "javascript:alert(1)",
    ] {
        let answer = client
            .get(&format!("/v1/oidc/login?to={elsewhere}"))
            .expect(400);
        assert_eq!(answer.problem()["where"], "to", "{elsewhere}");
        assert_eq!(answer.header("location"), "");
    }
}

#[test]
fn while_the_provider_is_down_passwords_still_let_in() {
    let mut provider = Provider::start(REDIRECT);
    let (_home, server) = with_provider(&provider, "");
    provider.stop();
    let answer = Client::with(server.address(), None)
        .get("/v1/oidc/login")
        .expect(503);
    assert_eq!(answer.code(), "identity.provider_unavailable");
    assert_ne!(answer.header("retry-after"), "");
    page(&server, "clerk-a");
}

/// The log of a process is read by more people than may know a password.
#[test]
fn the_log_tells_no_secret() {
    let provider = Provider::start(REDIRECT);
    let more = "account_claim = \"preferred_username\"\nscopes = [\"profile\"]";
    let (_home, server) = with_provider(&provider, more);
    let page = page(&server, "clerk-a");
    log_in(&server, "clerk-a", "a-near-miss");
    let mut browser = Browser::default();
    come_back(&server, &provider, &mut browser, "clerk-b");
    let kept = browser.cookies_for(&server.url("/"));
    let said = server.stop().join("\n");
    let session = page.cookie.split_once('=').unwrap().1;
    let of_browser = kept.split_once('=').unwrap().1;
    for secret in [
        PASSWORD,
        "a-near-miss",
        session,
        &page.csrf,
        of_browser,
        "of-the-client-socai",
        "code=",
    ] {
        assert!(!said.contains(secret), "{secret}:\n{said}");
    }
}
