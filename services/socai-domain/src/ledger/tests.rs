use serde_json::json;

use super::{Event, Ledger, Refusal, evolve};
use crate::codec::decode;
use crate::tests::{Climb, city, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![adopt(), waive()]
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
    let ledger = evolve(Ledger::default(), &created).unwrap();
    assert_eq!(ledger.origin, "hanoi");
    assert_eq!(evolve(ledger, &created), None);
}
