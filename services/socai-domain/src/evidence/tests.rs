use serde_json::{Value, json};

use super::Refusal;
use crate::ledger::tests::heads_sealed;
use crate::tests::{Climb, Step, city, given, ladder, step, told};

const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

pub(crate) fn ladders() -> Vec<Climb> {
    vec![export()]
}

fn inspection() -> Step {
    let body = json!({"inspection": "kt-1", "plan": {
        "kind": "inspection", "by": "vp", "units": ["snv"], "title": "Kiểm tra Chỉ thị 01",
        "window": {"from": "2019-01-01", "to": "2019-12-31"}}});
    step("2020-03-01", "inspection.open", body)
}

fn task() -> Step {
    let body = json!({"task": "nv", "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": [{"unit": "snv"}], "due": {"rule": "not_stated"}}});
    step("2019-02-01", "task.assign", body)
}

fn exported(id: &str, of: Value) -> Step {
    let body = json!({"evidence": id, "of": of, "from": "2019-01-01", "to": "2019-12-31",
        "size": 9, "records": 4, "root": ROOT});
    step("2026-03-02", "evidence.export", body)
}

fn export() -> Climb {
    let before = exported("bc-1", json!({"unit": "snv"}));
    let history = [inspection(), task(), heads_sealed(9), before];
    ladder(
        city().into_iter().chain(history),
        exported("bc-1", json!({"unit": "none"})),
    )
    .refused(Refusal::UnknownSubject)
    .with("of", json!({"document": "none"}))
    .refused(Refusal::UnknownSubject)
    .with("of", json!({"obligation": "none"}))
    .refused(Refusal::UnknownSubject)
    .with("of", json!({"obligation": "nv_snv"}))
    .with("inspection", json!("none"))
    .refused(Refusal::UnknownSubject)
    .with("inspection", json!("kt-1"))
    .with("to", json!("2018-12-31"))
    .refused(Refusal::EndsBeforeItBegins)
    .with("to", json!("2019-01-01"))
    .with("records", json!(11))
    .with("size", json!(10))
    .refused(Refusal::MoreThanThereAre)
    .with("records", json!(10))
    .refused(Refusal::HeadsNotSealed)
    .with("size", json!(9))
    .with("records", json!(9))
    .refused(Refusal::AlreadyExported)
    .with("evidence", json!("bc-2"))
    .then([told(
        "evidence.bc-2",
        "2026-03-02",
        "evidence.exported.v1",
        json!({"of": {"obligation": "nv_snv"}, "from": "2019-01-01", "to": "2019-01-01",
               "inspection": "kt-1", "size": 9, "records": 9, "root": ROOT}),
    )])
}

#[test]
fn exporting_checks_rules_in_order() {
    export();
}

/// Where the heads were never sealed nobody could tell what was left out.
#[test]
fn nothing_is_exported_before_heads_are_sealed() {
    let asked = exported("bc-1", json!({"document": "ct-01"}));
    given(city())
        .when("ana", "2026-03-02", &asked.name, asked.body.clone())
        .refused(Refusal::HeadsNotSealed)
        .when(
            "ana",
            "2026-03-01",
            "ledger.seal_heads",
            heads_sealed(12).body,
        )
        .accepted()
        .when("ana", "2026-03-02", &asked.name, asked.body)
        .accepted();
}
