use serde_json::json;

use super::{Event, Ledger, Refusal, evolve};
use crate::codec::decode;
use crate::tests::{Climb, city, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![adopt()]
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
