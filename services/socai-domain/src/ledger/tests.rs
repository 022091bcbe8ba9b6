use serde_json::json;

use super::{Event, Ledger, Refusal, evolve};
use crate::codec::decode;
use crate::log_key::LogKey;
use crate::tests::{Climb, Step, city, day, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![adopt(), waive(), add_key(), retire_key(), seal_heads()]
}

const LOG_KEY: &str = "socai/hanoi+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NEXT_KEY: &str = "socai/hanoi+0a1b2c3d+AVpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const OTHER_LOG: &str = "socai/hue+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const OTHER_ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFA=";

fn key_added(key: &str) -> Step {
    step("2026-01-01", "ledger.add_log_key", json!({"key": key}))
}

fn key_retired(key: &str, valid_to: u64, reason: &str) -> Step {
    let body = json!({"key": key, "valid_to": valid_to, "reason": reason});
    step("2026-02-01", "ledger.retire_log_key", body)
}

pub(crate) fn heads_sealed(size: u64) -> Step {
    let body = json!({"size": size, "streams": 7, "root": ROOT});
    step("2026-03-01", "ledger.seal_heads", body)
}

fn add_key() -> Climb {
    let history = [
        key_added(LOG_KEY),
        key_added(NEXT_KEY),
        key_retired(LOG_KEY, 40, "rotation"),
    ];
    let last = NEXT_KEY.replace("0a1b2c3d", "11111111");
    ladder(city().into_iter().chain(history), key_added(OTHER_LOG))
        .refused(Refusal::OtherLogName)
        .with("key", json!(LOG_KEY))
        .refused(Refusal::KeyRetired)
        .with("key", json!(last))
        .then([told(
            "ledger.main",
            "2026-01-01",
            "ledger.log_key_added.v1",
            json!({"key": last}),
        )])
}

fn retire_key() -> Climb {
    let gone = |key: &str, valid_to: u64, reason: &str| {
        told(
            "ledger.main",
            "2026-02-01",
            "ledger.log_key_retired.v1",
            json!({"key": key, "valid_to": valid_to, "reason": reason}),
        )
    };
    ladder(
        city().into_iter().chain([key_added(LOG_KEY)]),
        key_retired(NEXT_KEY, 40, "rotation"),
    )
    .refused(Refusal::UnknownKey)
    .with("key", json!(LOG_KEY))
    .refused(Refusal::LastKey)
    .given(key_added(NEXT_KEY))
    .then([gone(LOG_KEY, 40, "rotation")])
    .with("valid_to", json!(41))
    .refused(Refusal::AlreadyRetired)
    .with("reason", json!("stolen"))
    .refused(Refusal::AlreadyRetired)
    .with("valid_to", json!(40))
    .then([gone(LOG_KEY, 40, "stolen")])
    .next(key_retired(LOG_KEY, 30, "rotation"))
    .refused(Refusal::StaysStolen)
    .with("reason", json!("stolen"))
    .then([gone(LOG_KEY, 30, "stolen")])
    .next(key_retired(NEXT_KEY, 50, "rotation"))
    .refused(Refusal::LastKey)
    .with("reason", json!("stolen"))
    .then([gone(NEXT_KEY, 50, "stolen")])
}

fn seal_heads() -> Climb {
    let sealed = |size: u64| {
        told(
            "ledger.main",
            "2026-03-01",
            "ledger.heads_sealed.v1",
            json!({"size": size, "streams": 7, "root": ROOT}),
        )
    };
    ladder(city(), heads_sealed(0))
        .with("streams", json!(0))
        .refused(Refusal::NoHeads)
        .with("size", json!(7))
        .refused(Refusal::NoHeads)
        .with("streams", json!(8))
        .refused(Refusal::NoHeads)
        .with("streams", json!(7))
        .then([sealed(7)])
        .given(heads_sealed(20))
        .refused(Refusal::HeadsBehind)
        .with("size", json!(20))
        .with("root", json!(OTHER_ROOT))
        .refused(Refusal::HeadsDiffer)
        .with("root", json!(ROOT))
        .with("streams", json!(6))
        .refused(Refusal::HeadsDiffer)
        .with("streams", json!(7))
        .with("size", json!(21))
        .then([sealed(21)])
}

#[test]
fn adding_a_log_key_checks_rules_in_order() {
    add_key();
}

#[test]
fn retiring_a_log_key_checks_rules_in_order() {
    retire_key();
}

#[test]
fn sealing_heads_checks_rules_in_order() {
    seal_heads();
}

/// The first key gives the log its name; with it the ledger may also begin.
#[test]
fn the_key_of_the_founding_is_in_force() {
    let body = format!(r#"{{"origin":"hanoi","definition":"v1","log_key":"{LOG_KEY}"}}"#);
    let created: Event = decode("ledger.created.v1", &body).unwrap();
    let ledger = evolve(Ledger::default(), day("2019-01-01"), &created).unwrap();
    assert_eq!(ledger.log_name(), Some("socai/hanoi"));
    let in_force: Vec<&str> = ledger.keys_in_force().map(LogKey::as_str).collect();
    assert_eq!(in_force, [LOG_KEY]);
    let again = Event::LogKeyAdded {
        key: LOG_KEY.parse().unwrap(),
    };
    assert_eq!(evolve(ledger, day("2019-01-02"), &again), None);
}

/// What was sealed last stands with the day of sealing.
#[test]
fn the_heads_sealed_last_are_remembered() {
    let given = given(
        city()
            .into_iter()
            .chain([heads_sealed(7), heads_sealed(20)]),
    );
    let heads = given.book.registry.ledger.heads.unwrap();
    assert_eq!((heads.on, heads.size), (day("2026-03-01"), 20));
}

fn adopt() -> Climb {
    let body = json!({"definition": "v0"});
    ladder(city(), step("2019-01-01", "ledger.adopt_definition", body))
        .refused(Refusal::UnknownDefinition)
        .with("definition", json!("v1"))
        .then([told(
            "ledger.main",
            "2019-01-01",
            "ledger.definition_adopted.v1",
            json!({"definition": "v1"}),
        )])
}

fn waive() -> Climb {
    let body = json!({"reason": "máy thử nghiệm", "servers": []});
    ladder(city(), step("2026-01-01", "ledger.waive_durability", body))
        .refused(Refusal::NoServers)
        .with("servers", json!(["n1", "n2"]))
        .then([told(
            "ledger.main",
            "2026-01-01",
            "ledger.durability_waived.v1",
            json!({"reason": "máy thử nghiệm", "servers": ["n1", "n2"]}),
        )])
}

#[test]
fn waiving_durability_checks_rules_in_order() {
    waive();
}

/// Every start of a program on such servers asks for it; another server or another reason is news.
#[test]
fn a_waiver_is_recorded_again_only_when_it_says_something_else() {
    let mut given = given(city());
    let mut ask = |reason: &str, servers: &[&str]| {
        let body = json!({"reason": reason, "servers": servers});
        let decision = given.and(&step("2026-01-01", "ledger.waive_durability", body));
        decision.events()
    };
    let asked = [
        ask("thử nghiệm", &["n1", "n2"]),
        ask("thử nghiệm", &["n2", "n1", "n1"]),
        ask("thử nghiệm", &["n1"]),
        ask("khác", &["n1"]),
        ask("thử nghiệm", &["n1", "n2"]),
    ];
    assert_eq!(asked, [1, 0, 1, 1, 1]);
}

#[test]
fn adopting_a_definition_checks_rules_in_order() {
    adopt();
}

#[test]
fn a_ledger_is_created_once() {
    let body = r#"{"origin":"hanoi","definition":"v1"}"#;
    let created: Event = decode("ledger.created.v1", body).unwrap();
    let on = day("2008-08-01");
    let ledger = evolve(Ledger::default(), on, &created).unwrap();
    assert_eq!(ledger.origin, "hanoi");
    assert_eq!(evolve(ledger, on, &created), None);
}
