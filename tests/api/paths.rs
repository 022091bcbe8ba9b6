//! Addresses that try to lead elsewhere: up the directories, round the router, past the end of a name.

use crate::client::{bytes, status_of};
use crate::document::operations;
use crate::stage::Stage;

/// What stands where an id is expected.
const EVIL: &[&str] = &[
    "..",
    "../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "..%5c..%5c..%5cetc%5cpasswd",
    "..%c0%af..%c0%afetc%c0%afpasswd",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "socai.toml",
    "..%2fsocai.toml",
    "..%2f..%2fsocai.toml",
    "keys%2flog.key",
    "..%2fkeys%2flog.key",
    "credentials.redb",
    "..%2fcredentials.redb",
    "a%00.json",
    "%00",
    "a%0d%0aset-cookie:%20x=y",
    "%ff%fe",
    "%",
    "%zz",
    "%2",
    "a;b=c",
    "a%3fb%3dc",
    "-1",
    "0",
    "18446744073709551616",
    "99999999999999999999999999999999999999999999",
    "x000",
    "x001/x234/999",
    "~root",
    "$%7bjndi%3aldap%3a%2f%2f127.0.0.1%2fx%7d",
    "'%20or%20'1'%3d'1",
    "%e2%80%ae",
    ".",
    "",
];

/// What stands in files of the machine and of the ledger, and in no answer.
const SECRETS: &[&str] = &["root:", "[ledger]", "directory =", "PRIVATE", "private"];

#[test]
fn no_name_in_an_address_leads_to_a_file_that_was_not_meant() {
    let stage = Stage::new();
    let operations = operations(&stage.server);
    let long = "a".repeat(5_000);
    let mut asked = 0;
    for operation in operations
        .iter()
        .filter(|operation| operation.named().next().is_some())
    {
        for evil in EVIL.iter().copied().chain([long.as_str()]) {
            let answer = send(&stage, &operation.method, &operation.filled(evil));
            let status = status_of(&answer);
            let told = format!("{} with {evil:?}: {answer}", operation.name());
            assert!((300..500).contains(&status) || harmless(&answer), "{told}");
            tells_nothing(&answer, &told);
            is_a_problem(&answer, &told);
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked} addresses were tried");
}

#[test]
fn no_address_leads_round_the_routes() {
    let stage = Stage::new();
    let evil = EVIL.iter().map(|evil| format!("/{evil}"));
    let more = [
        "/v1/../../../etc/passwd",
        "/v1/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/v1//obligations",
        "/V1/OBLIGATIONS",
        "/v1/obligations/",
        "/v1/obligations/..",
        "/v1/obligations%00",
        "/v1/obligations.csv",
        "/.git/config",
        "/.env",
        "*",
        "http://elsewhere.example/v1/nothing",
        "http://127.0.0.1:1/latest/meta-data",
        "elsewhere.example:443",
    ];
    for address in evil.chain(more.map(str::to_owned)) {
        for method in [
            "GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "HEAD",
        ] {
            let answer = send(&stage, method, &address);
            let status = status_of(&answer);
            let told = format!("{method} {address}: {answer}");
            assert!(status < 500, "{told}");
            tells_nothing(&answer, &told);
            // Nobody's own words come back to them as they were.
            assert!(!answer.contains("socai_"), "{told}");
        }
    }
}

/// An answer that is good all the same: a name that happens to read as one.
fn harmless(answer: &str) -> bool {
    status_of(answer) == 200
}

/// What says no says so in the form that the document tells of. What reads as no request at all has no form.
fn is_a_problem(answer: &str, told: &str) {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let empty = head.contains("content-length: 0");
    let problem = head.contains("content-type: application/problem+json");
    assert!(status_of(answer) < 400 || empty || problem, "{told}");
}

fn tells_nothing(answer: &str, told: &str) {
    for secret in SECRETS {
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let head = answer
            .split("\r\n\r\n")
            .next()
            .unwrap()
            .to_ascii_lowercase();
        assert!(!body.contains(secret), "{secret}: {told}");
        assert!(!head.contains("\r\nset-cookie"), "{told}");
    }
}

fn send(stage: &Stage, method: &str, address: &str) -> String {
    let token = &stage.town.operator.token;
    let request = format!(
        "{method} {address} HTTP/1.1\r\nhost: socai\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-length: 0\r\n\r\n"
    );
    bytes(stage.server.address(), request.as_bytes())
}
