use serde_json::{Value, json};

use super::Refusal;
use crate::tests::{Climb, Step, city, day, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![assign(), set_due()]
}

fn assignment(lead: &str, due: Value) -> Value {
    json!({"document": "ct-01", "title": "Rà soát", "leads": [{"unit": lead}], "due": due})
}

fn assigned(task: &str, lead: &str, due: Value) -> Step {
    let body = json!({"task": task, "assignment": assignment(lead, due)});
    step("2019-02-01", "task.assign", body)
}

fn assign() -> Climb {
    let body = json!({"task": "ra_soat", "assignment": {
        "document": "kh-0", "title": "Rà soát", "leads": [], "assigner": "hdnd",
        "coordinators": [{"group": "none"}], "part_of": "whole",
        "due": {"rule": "period", "period": "ky-1"}, "due_text": "quý I/2019",
        "passage": {"text": "Giao Sở Nội vụ"}}});
    ladder(
        city()
            .into_iter()
            .chain([assigned("co", "vp", json!({"rule": "not_stated"}))]),
        step("2019-04-01", "task.assign", body),
    )
    .refused(Refusal::NoLead)
    .with("assignment.leads", json!([{"unit": "sxd"}]))
    .refused(Refusal::UnknownDocument)
    .with("assignment.document", json!("cv-mat"))
    .refused(Refusal::UnknownUnit)
    .with("assignment.assigner", json!("ubnd"))
    .refused(Refusal::UnknownUnit)
    .with(
        "assignment.leads",
        json!([{"unit": "stc"}, {"unit": "snv"}]),
    )
    .refused(Refusal::UnknownUnit)
    .with("assignment.coordinators", json!([{"group": "cac-so"}]))
    .refused(Refusal::UnknownWhole)
    .with("assignment.part_of", json!("co"))
    .refused(Refusal::Secret)
    .with("assignment.document", json!("ct-01"))
    .refused(Refusal::BadPeriod)
    .with("assignment.due.period", json!("2019-q1"))
    .refused(Refusal::DueBeforeAssignment)
    .on("2019-03-31")
    .with("task", json!("co"))
    .refused(Refusal::AlreadyAssigned)
    .with("task", json!("ra_soat"))
    .refused(Refusal::BadId)
    .with("task", json!("x".repeat(49)))
    .refused(Refusal::BadId)
    .with("task", json!("ra-soat"))
    .then([told(
        "task.ra-soat",
        "2019-03-31",
        "task.assigned.v1",
        json!({"assignment": {"document": "ct-01", "title": "Rà soát",
               "leads": [{"unit": "stc"}, {"unit": "snv"}], "assigner": "ubnd",
               "coordinators": [{"group": "cac-so"}], "part_of": "co",
               "due": {"rule": "period", "period": "2019-q1"}, "due_text": "quý I/2019",
               "passage": {"text": "Giao Sở Nội vụ"}},
               "due": "2019-03-31", "owed_by": ["snv", "stc"], "confirmation": "required"}),
    )])
}

fn set_due() -> Climb {
    let awaited = json!({"rule": "on_event", "event": "có kết luận"});
    let body = json!({"task": "cho", "due": "2019-01-15", "cause": "đã có kết luận"});
    ladder(
        city()
            .into_iter()
            .chain([assigned("nv", "snv", json!({"rule": "not_stated"}))]),
        step("2019-01-31", "task.set_due", body),
    )
    .refused(Refusal::Unknown)
    .with("task", json!("nv"))
    .refused(Refusal::BeforeAssignment)
    .on("2019-03-01")
    .refused(Refusal::DueBeforeAssignment)
    .with("due", json!("2019-03-31"))
    .refused(Refusal::DueNotAwaited)
    .given(assigned("cho", "snv", awaited))
    .with("task", json!("cho"))
    .then([told(
        "task.cho",
        "2019-03-01",
        "task.due_set.v1",
        json!({"due": "2019-03-31", "cause": "đã có kết luận"}),
    )])
    .with("due", json!("2019-04-30"))
    .refused(Refusal::AlreadySet)
}

#[test]
fn assigning_checks_rules_in_order() {
    assign();
}

#[test]
fn setting_a_due_date_checks_rules_in_order() {
    set_due();
}

#[test]
fn each_lead_owes_it_and_coordinators_owe_nothing() {
    let body = json!({"task": "nv", "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": [{"unit": "snv"}], "coordinators": [{"unit": "stc"}, {"unit": "vp"}],
        "due": {"rule": "not_stated"}}});
    let book = given(
        city()
            .into_iter()
            .chain([step("2019-02-01", "task.assign", body)]),
    )
    .book;
    let owed: Vec<&str> = book.obligations.keys().map(|id| id.as_str()).collect();
    assert_eq!(owed, ["nv_snv"]);
    assert_eq!(book.obligations["nv_snv"].terms.due, None);
}

/// A task and a requirement may have the same id, and then their obligations' ids begin alike: the
/// due date of the task was once given to the reports as well.
#[test]
fn a_due_date_that_is_set_reaches_the_tasks_obligations_only() {
    let rule = json!({"document": "ct-01", "kind": "periodic", "title": "Báo cáo",
        "reporters": [{"unit": "snv"}], "cadence": "yearly", "window": {"rule": "not_stated"},
        "due": {"rule": "not_stated"}, "day_off": "keep"});
    let awaited = json!({"rule": "on_event", "event": "có kết luận"});
    let book = given(city().into_iter().chain([
        step(
            "2019-02-01",
            "requirement.set",
            json!({"requirement": "cho", "rule": rule}),
        ),
        step(
            "2019-02-01",
            "period.open",
            json!({"requirement": "cho", "period": "2019"}),
        ),
        assigned("cho", "snv", awaited),
        step(
            "2019-03-01",
            "task.set_due",
            json!({"task": "cho", "due": "2019-03-31", "cause": "đã có"}),
        ),
    ]))
    .book;
    let due = |id: &str, on: &str| book.obligations[id].standing(day(on)).due;
    assert_eq!(due("cho_snv", "2019-02-28"), None);
    assert_eq!(due("cho_snv", "2019-03-01"), Some(day("2019-03-31")));
    assert_eq!(due("cho_2019_snv", "2019-03-01"), None);
}

/// `a` for `2019_x` and the report of `x` for `2019` under `a` would be one obligation.
#[test]
fn no_two_obligations_get_one_id() {
    let odd = step(
        "2008-08-01",
        "unit.form",
        json!({"unit": "2019_snv", "name": "Sở Nội vụ", "kind": "department"}),
    );
    let rule = json!({"document": "ct-01", "kind": "periodic", "title": "Báo cáo",
        "reporters": [{"unit": "snv"}], "cadence": "yearly", "window": {"rule": "not_stated"},
        "due": {"rule": "not_stated"}, "day_off": "keep"});
    let set = step(
        "2019-02-01",
        "requirement.set",
        json!({"requirement": "a", "rule": rule}),
    );
    let open = json!({"requirement": "a", "period": "2019"});
    let assign = json!({"task": "a", "assignment":
        assignment("2019_snv", json!({"rule": "not_stated"}))});
    let both = || city().into_iter().chain([odd.clone(), set.clone()]);
    given(both())
        .when("ana", "2019-02-01", "period.open", open.clone())
        .accepted()
        .when("ana", "2019-02-01", "task.assign", assign.clone())
        .refused(Refusal::BadId);
    given(both())
        .when("ana", "2019-02-01", "task.assign", assign)
        .accepted()
        .when("ana", "2019-02-01", "period.open", open)
        .refused(crate::requirement::Refusal::BadId);
}
