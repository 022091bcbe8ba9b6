//! Accounts on the command line: the first operator, roles, tokens that are shown once, passwords that are no
//! argument, and what is known of persons, which is not in the ledger.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::socai::{FOUNDED, Ledger, Ran, socai};

const UNIT: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"a","name":"Sở","kind":"department"}}"#;
const PASSWORD: &str = "sáu con ngựa và một cái ghế";

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

fn refused(ran: &Ran, sentence: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains(sentence), "{ran:?}");
}

/// The ledger of an office, with a clerk of the unit a.
fn office() -> Ledger {
    let ledger = Ledger::new();
    done(ledger.record(UNIT));
    let clerk = ["create", "clerk", "--unit", "a", "--role", "reporter"];
    done(account(&ledger, &clerk));
    ledger
}

fn account(ledger: &Ledger, arguments: &[&str]) -> Ran {
    ledger.run(&[&["account"], arguments].concat())
}

fn accounts(ledger: &Ledger) -> Vec<Value> {
    let ran = done(account(ledger, &["list", "--format", "json"]));
    ran.json()[0]["rows"].as_array().unwrap().clone()
}

fn clerk(ledger: &Ledger) -> Value {
    let rows = accounts(ledger);
    let clerk = rows.iter().find(|row| row["id"] == "clerk");
    clerk.unwrap().clone()
}

/// The token that was said, once.
fn told(ran: &Ran) -> String {
    let tokens: Vec<&str> = ran
        .out
        .split_whitespace()
        .filter(|word| word.starts_with("socai_"))
        .collect();
    assert_eq!(tokens.len(), 1, "{ran:?}");
    tokens[0].to_owned()
}

fn hash(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The last record's data.
fn last(ledger: &Ledger) -> Value {
    let records = ledger.export();
    let last: Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
    last["data"].clone()
}

#[test]
fn a_new_ledger_has_one_operator_whose_token_is_told_once_and_is_not_in_it() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("so-cai");
    let dir = dir.to_str().unwrap();
    let init = ["init", dir, "--origin", "hanoi", "--operator", "truong"];
    let made = done(socai(
        &[&init[..], &["--expires", "2099-12-31"]].concat(),
        b"",
    ));
    let token = told(&made);
    let exported = done(socai(&["export", "--data", dir], b"")).out;
    assert_eq!(exported.lines().count() as u64, FOUNDED);
    assert!(!exported.contains(&token) && exported.contains(&hash(&token)));

    let listed = done(socai(
        &["account", "list", "--data", dir, "--format", "json"],
        b"",
    ));
    let rows = &listed.json()[0]["rows"];
    assert_eq!(rows[0]["id"], "truong");
    assert_eq!(rows[0]["roles"], json!(["operator"]));
    assert_eq!(rows[0]["tokens"][0]["token"], "first");
    assert_eq!(rows[0]["tokens"][0]["expires"], "2099-12-31T17:00:00Z");
    assert_eq!(rows.as_array().unwrap().len(), 1);
}

#[test]
fn an_account_is_made_with_its_roles_or_not_at_all() {
    let ledger = office();
    let row = clerk(&ledger);
    assert_eq!(
        (&row["unit"], &row["roles"]),
        (&json!("a"), &json!(["reporter"]))
    );

    let before = ledger.export();
    let without_unit = account(
        &ledger,
        &["create", "b", "--role", "inspector", "--role", "reporter"],
    );
    refused(&without_unit, "[account.needs_unit]");
    let nowhere = account(&ledger, &["create", "b", "--unit", "nowhere"]);
    refused(&nowhere, "[account.unknown_unit]");
    let again = account(
        &ledger,
        &["create", "clerk", "--unit", "a", "--role", "reporter"],
    );
    assert!(done(again).out.contains("already"));
    assert_eq!(ledger.export(), before);
}

#[test]
fn roles_come_and_go() {
    let ledger = office();
    done(account(&ledger, &["grant", "clerk", "consolidator"]));
    done(account(&ledger, &["revoke", "clerk", "reporter"]));
    assert_eq!(clerk(&ledger)["roles"], json!(["consolidator"]));
    let again = done(account(&ledger, &["revoke", "clerk", "reporter"]));
    assert!(again.out.starts_with("so it was already"), "{again:?}");
    refused(
        &account(&ledger, &["revoke", "operator", "operator"]),
        "[account.last_operator]",
    );
    let typo = account(&ledger, &["grant", "clerk", "king"]);
    assert_eq!(typo.code, 2, "{typo:?}");
}

#[test]
fn a_token_is_told_once_and_holds_until_it_is_taken_back() {
    let ledger = office();
    let made = done(account(
        &ledger,
        &[
            "token",
            "clerk",
            "--token",
            "may-1",
            "--expires",
            "2099-01-31",
        ],
    ));
    let token = told(&made);
    assert!(
        made.out.contains("until 2099-02-01 00:00 +07:00"),
        "{made:?}"
    );
    let issued = last(&ledger);
    assert_eq!(issued["hash"], hash(&token));
    assert_eq!(issued["expires"], "2099-01-31T17:00:00Z");

    let unnamed = done(account(&ledger, &["token", "clerk"]));
    assert_ne!(told(&unnamed), token);
    assert_eq!(clerk(&ledger)["tokens"].as_array().unwrap().len(), 2);

    done(account(&ledger, &["revoke-token", "clerk", "may-1"]));
    let tokens = clerk(&ledger)["tokens"].clone();
    let tokens = tokens.as_array().unwrap();
    let may = tokens
        .iter()
        .find(|token| token["token"] == "may-1")
        .unwrap();
    assert!(may["revoked"].is_string(), "{may}");
    refused(
        &account(&ledger, &["revoke-token", "clerk", "may-9"]),
        "[account.unknown_token]",
    );
    let past = account(&ledger, &["token", "clerk", "--expires", "2020-01-01"]);
    refused(&past, "[account.expired]");
    assert!(!past.out.contains("socai_"), "{past:?}");
}

#[test]
fn a_closed_account_gets_nothing_any_more() {
    let ledger = office();
    done(account(&ledger, &["close", "clerk"]));
    assert!(clerk(&ledger)["closed"].is_string());
    refused(&account(&ledger, &["token", "clerk"]), "[account.closed]");
    refused(
        &account(&ledger, &["grant", "clerk", "inspector"]),
        "[account.closed]",
    );
    let password = ledger.run_with(&["account", "password", "clerk"], PASSWORD.as_bytes());
    refused(&password, "no open account clerk");
    refused(
        &account(&ledger, &["close", "operator"]),
        "[account.last_operator]",
    );
}

#[test]
fn a_password_is_a_line_of_standard_input_and_is_kept_as_a_hash_beside_the_ledger() {
    let ledger = office();
    let before = ledger.export();
    let set = ["account", "password", "clerk"];
    let ran = done(ledger.run_with(&set, format!("{PASSWORD}\r\n").as_bytes()));
    assert!(!ran.out.contains(PASSWORD), "{ran:?}");

    let file = ledger.dir().join("credentials.redb");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept = fs::read(&file).unwrap();
    let holds = |text: &str| kept.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("$argon2id$") && !holds(PASSWORD));
    assert_eq!(ledger.export(), before, "nothing of it is recorded");

    refused(
        &ledger.run_with(&set, b"too short\n"),
        "at least 15 characters",
    );
    let long = "x".repeat(100_000);
    refused(
        &ledger.run_with(&set, long.as_bytes()),
        "at most 1024 bytes",
    );
    refused(&ledger.run_with(&set, b"\xff\xff\n"), "a line of UTF-8");
    let unknown = ledger.run_with(&["account", "password", "nobody"], PASSWORD.as_bytes());
    refused(&unknown, "the ledger has no account nobody");
    let argument = account(&ledger, &["password", "clerk", PASSWORD]);
    assert_eq!(argument.code, 2, "{argument:?}");
}

#[test]
fn a_person_is_named_linked_to_one_account_and_forgotten() {
    let ledger = office();
    let before = ledger.export();
    done(account(&ledger, &["name", "clerk", "Nguyễn Thị Hòa"]));
    refused(&account(&ledger, &["name", "clerk", "a\nb"]), "in one line");
    let subject = ["--issuer", "https://sso.example.vn", "--subject", "42"];
    let link = |act: &str, whose: &str| account(&ledger, &[&[act, whose], &subject[..]].concat());
    done(link("link", "clerk"));
    refused(&link("link", "operator"), "belongs to account clerk");
    done(link("unlink", "clerk"));
    done(link("link", "operator"));
    done(account(&ledger, &["forget", "operator"]));
    done(link("link", "clerk"));
    assert_eq!(ledger.export(), before, "nothing of it is recorded");
    assert!(!before.contains("Hòa"));
}
