//! The frame, asked without a network.

pub(crate) mod town;
mod works;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;

use self::town::town;
use self::works::Answered;
use crate::commands::NDJSON;
use crate::route::Access;
use crate::*;

async fn asked(who: &str, method: Method, path: &str) -> Answered {
    let town = town().await;
    let request = town.request(who, method, path).body(Body::empty());
    town.send(request.unwrap()).await
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_and_so_is_another_method() {
    let answered = asked("nobody", Method::GET, "/v1/nothing").await;
    let (headers, problem) = (&answered.headers, answered.json());
    assert_eq!(answered.status, StatusCode::NOT_FOUND);
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(problem["code"], "request.no_such_address");
    assert_eq!(problem["type"], "/problems/request.no_such_address");
    assert!(problem["title"].as_str().unwrap().starts_with("Nothing is"));
    assert!(headers.contains_key("x-request-id"));

    let answered = asked("nobody", Method::DELETE, "/openapi.json").await;
    assert_eq!(answered.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answered.headers["allow"], "GET,HEAD");
    assert_eq!(answered.json()["code"], "request.method_not_allowed");
}

#[tokio::test]
async fn the_document_is_for_everybody_and_what_a_code_means_too() {
    let document = asked("nobody", Method::GET, "/openapi.json").await;
    assert_eq!(document.status, StatusCode::OK);
    assert_eq!(document.json()["openapi"], "3.1.0");
    let meaning = asked("nobody", Method::GET, "/problems/obligation.not_open").await;
    assert_eq!(meaning.json()["code"], "obligation.not_open");
    let none = asked("nobody", Method::GET, "/problems/no.such").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

/// No route that the document says is an account's answers somebody else.
#[tokio::test]
async fn nothing_is_told_or_done_for_somebody_who_is_not_known() {
    let town = town().await;
    for route in routes()
        .iter()
        .filter(|route| route.access == Access::Account)
    {
        let path = route.path.replace(['{', '}'], "");
        let method = route.method.name().to_uppercase().parse().unwrap();
        let request = town.request("nobody", method, &path).body(Body::empty());
        let answered = town.send(request.unwrap()).await;
        assert_eq!(
            answered.status,
            StatusCode::UNAUTHORIZED,
            "{path}: {}",
            answered.json()
        );
        assert_eq!(answered.headers["www-authenticate"], "Bearer", "{path}");
    }
}

#[tokio::test]
async fn an_id_that_a_client_gives_its_request_is_not_taken_over() {
    let town = town().await;
    let request = town.request("nobody", Method::GET, "/v1/nothing");
    let request = request
        .header("x-request-id", "forged\tline")
        .body(Body::empty());
    let answered = town.send(request.unwrap()).await;
    let ids: Vec<_> = answered.headers.get_all("x-request-id").iter().collect();
    assert_eq!(ids.len(), 1);
    assert!(uuid::Uuid::parse_str(ids[0].to_str().unwrap()).is_ok());
}

#[tokio::test]
async fn a_question_is_answered_in_the_form_that_is_asked_for_and_not_again_to_whoever_knows_it() {
    let town = town().await;
    let first = town.get("thanh-tra", "/v1/units?limit=2").await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.json());
    assert_eq!(first.json()["rows"].as_array().unwrap().len(), 2);
    let position = first.json()["position"].as_u64().unwrap();
    assert_eq!(
        first.headers["socai-position"],
        position.to_string().as_str()
    );

    let known = town.request("thanh-tra", Method::GET, "/v1/units?limit=2");
    let known = known
        .header("if-none-match", &first.headers["etag"])
        .body(Body::empty());
    assert_eq!(
        town.send(known.unwrap()).await.status,
        StatusCode::NOT_MODIFIED
    );
    let others = town.request("van-thu", Method::GET, "/v1/units?limit=2");
    let others = others
        .header("if-none-match", &first.headers["etag"])
        .body(Body::empty());
    assert_eq!(town.send(others.unwrap()).await.status, StatusCode::OK);

    let link = first.headers["link"].to_str().unwrap();
    let next = link
        .strip_prefix('<')
        .and_then(|link| link.split_once('>'))
        .unwrap()
        .0;
    let second = town.get("thanh-tra", next).await;
    assert_eq!(second.json()["rows"][0]["id"], "c");
    assert!(!second.headers.contains_key("link"));

    let csv = town.get("thanh-tra", "/v1/units?format=csv").await;
    assert!(
        csv.body.starts_with("\u{feff}id,".as_bytes()),
        "{:?}",
        csv.body
    );
    let file = csv.headers["content-disposition"].to_str().unwrap();
    assert_eq!(
        file,
        format!("attachment; filename=\"units-{position}.csv\"")
    );
    let xlsx = town.get("thanh-tra", "/v1/units?format=xlsx").await;
    assert!(xlsx.body.starts_with(b"PK"));
}

#[tokio::test]
async fn a_parameter_that_is_not_right_is_a_problem_that_names_it() {
    let town = town().await;
    for (query, place) in [
        ("?colour=red", "colour"),
        ("?limit=0", "limit"),
        ("?limit=ten", "limit"),
        ("?limit=1&limit=2", "limit"),
        ("?cursor=here", "cursor"),
        ("?format=pdf", "format"),
        ("?known_at=never", "known_at"),
    ] {
        let answered = town.get("thanh-tra", &format!("/v1/units{query}")).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(
            answered.json()["where"],
            place,
            "{query}: {}",
            answered.json()
        );
    }
}

const FORM: &str = "/v1/commands/unit.form";

fn form(unit: &str) -> serde_json::Value {
    let data = json!({"unit": unit, "name": "Sở Y tế", "kind": "department", "parent": "c"});
    json!({"effective": "2024-01-01", "data": data})
}

#[tokio::test]
async fn a_command_that_is_sent_again_with_its_key_is_recorded_once() {
    let town = town().await;
    let send = async |body: serde_json::Value| {
        let request = town.request("dieu-hanh", Method::POST, FORM);
        let request = request.header("idempotency-key", "monday-1");
        let request = request.header("content-type", "application/json");
        town.send(request.body(body.to_string().into()).unwrap())
            .await
    };
    let first = send(form("x")).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.json());
    assert_eq!(first.json()["outcome"], "recorded");
    let again = send(form("x")).await;
    assert_eq!(again.json()["positions"], first.json()["positions"]);
    assert_eq!(
        again.headers["socai-position"],
        first.headers["socai-position"]
    );
    let other = send(form("y")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(other.json()["code"], "command.id_used");
}

#[tokio::test]
async fn whoever_says_who_records_or_when_is_refused_and_so_is_whoever_may_not() {
    let town = town().await;
    for field in ["actor", "recordedtime", "id", "command", "time"] {
        let mut body = form("x");
        body[field] = json!("somebody");
        let answered = town.ask("dieu-hanh", FORM, body).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{field}");
        let mut body = form("x");
        body["data"][field] = json!("somebody");
        let answered = town.ask("dieu-hanh", FORM, body).await;
        assert_eq!(answered.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    let refused = town.ask("so-a", FORM, form("x")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.json());
    let again = town.ask("dieu-hanh", FORM, form("a")).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.json());
    let media = town
        .post("dieu-hanh", FORM, "text/plain", form("x").to_string())
        .await;
    assert_eq!(media.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let long = format!("{{\"effective\":\"{}", "x".repeat(2 << 20));
    let long = town.post("dieu-hanh", FORM, "application/json", long).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn of_many_commands_each_is_told_what_became_of_it() {
    let town = town().await;
    let line = |unit: &str| {
        let mut line = form(unit);
        line["command"] = json!("unit.form");
        line.to_string()
    };
    let lines = format!("{}\n\nnonsense\n{}\n", line("x"), line("a"));
    let send = async |query: &str| {
        let path = format!("/v1/commands{query}");
        town.post("dieu-hanh", &path, NDJSON, lines.clone()).await
    };
    let outcomes = |answered: &Answered| -> Vec<String> {
        let text = String::from_utf8(answered.body.clone()).unwrap();
        let each = text.lines().map(|line| serde_json::from_str(line).unwrap());
        each.map(|it: serde_json::Value| format!("{} {}", it["line"], it["outcome"]))
            .collect()
    };
    let all = send("?all_or_nothing=true").await;
    assert_eq!(all.status, StatusCode::CONFLICT);
    assert_eq!(outcomes(&all), ["3 \"refused\""]);
    let tried = send("?dry_run=true").await;
    assert_eq!(
        outcomes(&tried),
        ["1 \"would_be_recorded\"", "3 \"refused\"", "4 \"refused\""]
    );
    let done = send("").await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(
        outcomes(&done),
        ["1 \"recorded\"", "3 \"refused\"", "4 \"refused\""]
    );
}
