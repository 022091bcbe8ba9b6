use serde_json::json;

use super::Refusal;
use crate::tests::{Climb, Step, city, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![open(), record_finding(), set_follow_up(), conclude()]
}

fn task() -> Step {
    let body = json!({"task": "nv", "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": [{"unit": "snv"}], "due": {"rule": "not_stated"}}});
    step("2019-02-01", "task.assign", body)
}

fn opened() -> Step {
    let body = json!({"inspection": "kt-1", "plan": {
        "kind": "inspection", "by": "vp", "units": ["snv"], "title": "Kiểm tra Chỉ thị 01",
        "window": {"from": "2019-01-01", "to": "2019-12-31"}}});
    step("2020-03-01", "inspection.open", body)
}

fn found(text: &str) -> Step {
    let body = json!({"inspection": "kt-1", "number": 1,
                      "finding": {"text": text, "unit": "snv"}});
    step("2020-04-01", "inspection.record_finding", body)
}

fn concluded() -> Step {
    let body = json!({"inspection": "kt-1", "conclusion": "Đã thực hiện"});
    step("2020-06-01", "inspection.conclude", body)
}

fn open() -> Climb {
    let body = json!({"inspection": "kt-1", "plan": {
        "kind": "supervision", "by": "ubkt", "units": [], "documents": ["none"],
        "title": "Giám sát Chỉ thị 01", "basis": "qd-9",
        "window": {"from": "2019-01-01", "to": "2019-12-31"}}});
    ladder(
        city().into_iter().chain([opened()]),
        step("2020-03-01", "inspection.open", body),
    )
    .refused(Refusal::NobodyInspected)
    .with("plan.units", json!(["snv", "ubkt"]))
    .refused(Refusal::Itself)
    .with("plan.units", json!(["snv", "stc"]))
    .refused(Refusal::UnknownSubject)
    .with("plan.by", json!("vp"))
    .refused(Refusal::UnknownSubject)
    .with("plan.documents", json!(["ct-01"]))
    .refused(Refusal::UnknownSubject)
    .with("plan.basis", json!("ct-01"))
    .refused(Refusal::AlreadyOpened)
    .with("inspection", json!("gs-1"))
    .then([told(
        "inspection.gs-1",
        "2020-03-01",
        "inspection.opened.v1",
        json!({"plan": {"kind": "supervision", "by": "vp", "units": ["snv", "stc"],
               "documents": ["ct-01"], "title": "Giám sát Chỉ thị 01", "basis": "ct-01",
               "window": {"from": "2019-01-01", "to": "2019-12-31"}}}),
    )])
}

fn record_finding() -> Climb {
    let finding = json!({"text": "Báo cáo chậm", "unit": "sxd", "obligations": ["none"],
                         "cause": "thiếu người", "responsibility": "lãnh đạo Sở"});
    let body = json!({"inspection": "kt-2", "number": 1, "finding": finding});
    ladder(
        city().into_iter().chain([task(), opened(), found("Khác")]),
        step("2020-02-01", "inspection.record_finding", body),
    )
    .refused(Refusal::Unknown)
    .with("inspection", json!("kt-1"))
    .refused(Refusal::UnknownSubject)
    .with("finding.unit", json!("snv"))
    .refused(Refusal::UnknownSubject)
    .with("finding.obligations", json!(["nv_snv"]))
    .refused(Refusal::AlreadyRecorded)
    .with("number", json!(3))
    .refused(Refusal::BeforeOpening)
    .on("2020-05-01")
    .refused(Refusal::BadNumber)
    .with("number", json!(2))
    .then([told(
        "inspection.kt-1",
        "2020-05-01",
        "inspection.finding_recorded.v1",
        json!({"number": 2, "finding": {"text": "Báo cáo chậm", "unit": "snv",
               "obligations": ["nv_snv"], "cause": "thiếu người",
               "responsibility": "lãnh đạo Sở"}}),
    )])
    .given(concluded())
    .with("number", json!(3))
    .refused(Refusal::Concluded)
}

fn set_follow_up() -> Climb {
    let body = json!({"inspection": "kt-2", "number": 1, "task": "none"});
    ladder(
        city().into_iter().chain([task(), opened()]),
        step("2020-02-01", "inspection.set_follow_up", body),
    )
    .refused(Refusal::Unknown)
    .with("inspection", json!("kt-1"))
    .refused(Refusal::UnknownSubject)
    .with("task", json!("nv"))
    .refused(Refusal::NoSuchFinding)
    .given(found("Báo cáo chậm"))
    .refused(Refusal::BeforeOpening)
    .on("2020-07-01")
    .then([told(
        "inspection.kt-1",
        "2020-07-01",
        "inspection.follow_up_set.v1",
        json!({"number": 1, "task": "nv"}),
    )])
}

fn conclude() -> Climb {
    let body = json!({"inspection": "kt-2", "conclusion": "Đã thực hiện", "document": "tb-1"});
    ladder(
        city().into_iter().chain([opened()]),
        step("2020-02-01", "inspection.conclude", body),
    )
    .refused(Refusal::Unknown)
    .with("inspection", json!("kt-1"))
    .refused(Refusal::UnknownSubject)
    .with("document", json!("ct-01"))
    .refused(Refusal::BeforeOpening)
    .on("2020-06-01")
    .then([told(
        "inspection.kt-1",
        "2020-06-01",
        "inspection.concluded.v1",
        json!({"conclusion": "Đã thực hiện", "document": "ct-01"}),
    )])
    .with("conclusion", json!("Chưa thực hiện"))
    .refused(Refusal::Concluded)
}

#[test]
fn opening_checks_rules_in_order() {
    open();
}

#[test]
fn recording_a_finding_checks_rules_in_order() {
    record_finding();
}

#[test]
fn setting_a_follow_up_checks_rules_in_order() {
    set_follow_up();
}

#[test]
fn concluding_checks_rules_in_order() {
    conclude();
}

/// 296-QĐ/TW covers organisations that are no more.
#[test]
fn an_ended_unit_can_be_inspected() {
    let end = step(
        "2019-07-01",
        "unit.dissolve",
        json!({"unit": "snv", "parts_to": []}),
    );
    let ask = opened();
    given(city().into_iter().chain([end]))
        .when("ana", "2020-03-01", &ask.name, ask.body)
        .accepted();
}

#[test]
fn a_finding_holds_from_one_day() {
    let ask = found("Khác");
    given(city().into_iter().chain([opened(), ask.clone()]))
        .when("ana", "2020-04-01", &ask.name, ask.body.clone())
        .unchanged()
        .when("ana", "2020-04-02", &ask.name, ask.body)
        .refused(Refusal::AlreadyRecorded);
}
