use serde_json::{Value, json};

use super::Refusal;
use crate::id::{AccountId, Sha256Hex};
use crate::permission::Role;
use crate::tests::{Climb, Step, city, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![
        create(),
        grant_role(),
        revoke_role(),
        issue_token(),
        revoke_token(),
        close(),
        note_export(),
    ]
}

const LATER: &str = "2031-01-02";

fn ask(on: &str, name: &str, body: Value) -> Step {
    step(on, &format!("account.{name}"), body)
}

fn created(account: &str) -> Step {
    ask("2019-01-10", "create", json!({"account": account}))
}

fn of_unit(account: &str, unit: &str) -> Step {
    let body = json!({"account": account, "unit": unit});
    ask("2019-01-10", "create", body)
}

fn granted(account: &str, role: &str) -> Step {
    let body = json!({"account": account, "role": role});
    ask("2019-01-11", "grant_role", body)
}

fn token(account: &str, name: &str, digit: &str) -> Value {
    json!({"account": account, "token": name, "hash": digit.repeat(64),
           "expires": "2031-06-30T17:00:00Z"})
}

fn issued() -> Step {
    ask("2019-01-12", "issue_token", token("lan", "t-1", "a"))
}

fn closed(account: &str) -> Step {
    ask("2019-02-01", "close", json!({"account": account}))
}

fn create() -> Climb {
    ladder(
        city().into_iter().chain([of_unit("lan", "snv")]),
        ask(
            LATER,
            "create",
            json!({"account": "lan", "unit": "khong-co"}),
        ),
    )
    .refused(Refusal::UnknownUnit)
    .with("unit", json!("stc"))
    .refused(Refusal::AlreadyCreated)
    .with("account", json!("hoa"))
    .refused(Refusal::InTheFuture)
    .on("2019-01-10")
    .then([told(
        "account.hoa",
        "2019-01-10",
        "account.created.v1",
        json!({"unit": "stc"}),
    )])
}

fn grant_role() -> Climb {
    let steps = [
        created("nam"),
        closed("nam"),
        created("quan-tri"),
        of_unit("lan", "snv"),
        granted("lan", "monitor"),
    ];
    ladder(
        city().into_iter().chain(steps),
        ask(
            LATER,
            "grant_role",
            json!({"account": "khong-co", "role": "reporter"}),
        ),
    )
    .refused(Refusal::Unknown)
    .with("account", json!("nam"))
    .refused(Refusal::Closed)
    .with("account", json!("quan-tri"))
    .refused(Refusal::NeedsUnit)
    .with("role", json!("operator"))
    .with("account", json!("lan"))
    .refused(Refusal::OperatorAlone)
    .with("role", json!("reporter"))
    .refused(Refusal::InTheFuture)
    .on("2019-01-12")
    .then([told(
        "account.lan",
        "2019-01-12",
        "account.role_granted.v1",
        json!({"role": "reporter"}),
    )])
}

fn revoke_role() -> Climb {
    let steps = [
        created("nam"),
        granted("nam", "monitor"),
        closed("nam"),
        created("quan-tri"),
        granted("quan-tri", "operator"),
        created("quan-tri-2"),
    ];
    ladder(
        steps,
        ask(
            LATER,
            "revoke_role",
            json!({"account": "khong-co", "role": "monitor"}),
        ),
    )
    .refused(Refusal::Unknown)
    .with("account", json!("nam"))
    .refused(Refusal::Closed)
    .with("account", json!("quan-tri"))
    .with("role", json!("operator"))
    .refused(Refusal::LastOperator)
    .given(granted("quan-tri-2", "operator"))
    .refused(Refusal::InTheFuture)
    .on("2019-01-12")
    .then([told(
        "account.quan-tri",
        "2019-01-12",
        "account.role_revoked.v1",
        json!({"role": "operator"}),
    )])
}

fn issue_token() -> Climb {
    let steps = [created("nam"), closed("nam"), created("lan"), issued()];
    let mut asked = token("khong-co", "t-1", "a");
    asked["expires"] = json!("2031-01-01T00:00:00Z");
    ladder(steps, ask(LATER, "issue_token", asked))
        .refused(Refusal::Unknown)
        .with("account", json!("lan"))
        .refused(Refusal::AlreadyIssued)
        .with("account", json!("nam"))
        .refused(Refusal::Closed)
        .with("account", json!("lan"))
        .with("token", json!("t-2"))
        .refused(Refusal::HashInUse)
        .with("hash", json!("b".repeat(64)))
        .refused(Refusal::Expired)
        .with("expires", json!("2031-06-30T17:00:00Z"))
        .refused(Refusal::InTheFuture)
        .on("2019-01-12")
        .then([told(
            "account.lan",
            "2019-01-12",
            "account.token_issued.v1",
            json!({"token": "t-2", "hash": "b".repeat(64), "expires": "2031-06-30T17:00:00Z"}),
        )])
}

fn revoke_token() -> Climb {
    let mut of_nam = issued();
    of_nam.body = token("nam", "t-1", "b");
    let steps = [
        created("nam"),
        of_nam,
        closed("nam"),
        created("lan"),
        issued(),
    ];
    ladder(
        steps,
        ask(
            LATER,
            "revoke_token",
            json!({"account": "khong-co", "token": "t-2"}),
        ),
    )
    .refused(Refusal::Unknown)
    .with("account", json!("nam"))
    .refused(Refusal::UnknownToken)
    .with("token", json!("t-1"))
    .refused(Refusal::Closed)
    .with("account", json!("lan"))
    .refused(Refusal::InTheFuture)
    .on("2019-01-13")
    .then([told(
        "account.lan",
        "2019-01-13",
        "account.token_revoked.v1",
        json!({"token": "t-1"}),
    )])
}

fn close() -> Climb {
    let steps = [
        created("quan-tri"),
        granted("quan-tri", "operator"),
        created("quan-tri-2"),
    ];
    ladder(steps, ask(LATER, "close", json!({"account": "khong-co"})))
        .refused(Refusal::Unknown)
        .with("account", json!("quan-tri"))
        .refused(Refusal::LastOperator)
        .given(granted("quan-tri-2", "operator"))
        .refused(Refusal::InTheFuture)
        .on("2019-02-01")
        .then([told(
            "account.quan-tri",
            "2019-02-01",
            "account.closed.v1",
            json!({}),
        )])
}

fn note_export() -> Climb {
    let body = |account: &str, export: &str, records: u64| {
        json!({"account": account, "export": export,
               "what": {"of": "records", "records": records, "position": 40}})
    };
    let first = ask("2019-01-12", "note_export", body("lan", "x-1", 40));
    let steps = [created("nam"), closed("nam"), created("lan"), first];
    ladder(
        steps,
        ask(LATER, "note_export", body("khong-co", "x-1", 41)),
    )
    .refused(Refusal::Unknown)
    .with("account", json!("lan"))
    .refused(Refusal::AlreadyNoted)
    .with("account", json!("nam"))
    .refused(Refusal::Closed)
    .with("account", json!("lan"))
    .with("export", json!("x-2"))
    .refused(Refusal::InTheFuture)
    .on("2019-01-13")
    .then([told(
        "account.lan",
        "2019-01-13",
        "account.exported.v1",
        json!({"export": "x-2", "what": {"of": "records", "records": 41, "position": 40}}),
    )])
}

#[test]
fn accounts_check_rules_in_order() {
    ladders();
}

/// Also the other way round: an operator gets no second role.
#[test]
fn an_operator_has_no_other_role() {
    let steps = [created("quan-tri"), granted("quan-tri", "operator")];
    let body = json!({"account": "quan-tri", "role": "registrar"});
    given(steps)
        .when("ana", "2019-01-12", "account.grant_role", body)
        .refused(Refusal::OperatorAlone);
}

#[test]
fn a_closed_account_keeps_its_roles_and_acts_as_none() {
    let steps = [created("lan"), granted("lan", "monitor"), closed("lan")];
    let given = given(steps);
    let account = &given.book.registry.accounts[&AccountId::new("lan").unwrap()];
    assert!(account.roles.contains(&Role::Monitor) && !account.acts_as(Role::Monitor));
}

#[test]
fn a_token_is_found_by_its_hash_and_holds_until_it_expires_or_is_revoked() {
    let hash: Sha256Hex = "a".repeat(64).parse().unwrap();
    let mut given = given([created("lan"), issued()]);
    let (account, name, found) = given.book.registry.token(&hash).unwrap();
    assert_eq!((account.as_str(), name.as_str()), ("lan", "t-1"));
    assert!(found.holds_at("2031-06-30T16:59:59Z".parse().unwrap()));
    assert!(!found.holds_at(found.expires));

    given.and(&ask(
        "2019-01-13",
        "revoke_token",
        json!({"account": "lan", "token": "t-1"}),
    ));
    let (_, _, found) = given.book.registry.token(&hash).unwrap();
    assert!(!found.holds_at("2019-02-01T00:00:00Z".parse().unwrap()));
    let other = "b".repeat(64).parse().unwrap();
    assert_eq!(given.book.registry.token(&other), None);
}
