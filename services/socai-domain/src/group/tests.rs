use serde_json::json;

use super::{Addressee, Refusal, expand};
use crate::tests::{Climb, Step, city, day, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![define(), change(), address()]
}

fn define() -> Climb {
    let body = json!({"group": "cac-so", "name": "các sở, ngành", "members": ["snv", "none"]});
    ladder(city(), step("2019-01-02", "group.define", body))
        .refused(Refusal::AlreadyDefined)
        .with("group", json!("so-nganh"))
        .refused(Refusal::UnknownMember)
        .with("members", json!(["vp", "snv", "vp"]))
        .then([told(
            "group.so-nganh",
            "2019-01-02",
            "group.defined.v1",
            json!({"name": "các sở, ngành", "members": ["snv", "vp"]}),
        )])
}

fn change() -> Climb {
    let body = json!({"group": "none", "add": ["vp", "nobody"], "remove": ["stc", "vp"]});
    let later = step(
        "2021-01-01",
        "group.change",
        json!({"group": "cac-so", "remove": ["snv"]}),
    );
    ladder(
        city().into_iter().chain([later]),
        step("2020-01-01", "group.change", body),
    )
    .refused(Refusal::Unknown)
    .with("group", json!("cac-so"))
    .refused(Refusal::BothWays)
    .with("remove", json!(["stc"]))
    .with("add", json!(["vp", "snv", "nobody"]))
    .refused(Refusal::UnknownMember)
    .with("add", json!(["vp", "snv"]))
    .refused(Refusal::OutOfOrder)
    .on("2022-01-01")
    .with("remove", json!(["stc", "ubnd"]))
    .then([told(
        "group.cac-so",
        "2022-01-01",
        "group.changed.v1",
        json!({"added": ["snv", "vp"], "removed": ["stc"]}),
    )])
}

/// A group is met where it is used, here in the assignment of a task.
fn address() -> Climb {
    let body = json!({"task": "nv", "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": [{"group": "cac-so"}, {"unit": "snv"}], "due": {"rule": "not_stated"}}});
    ladder(city(), step("2018-12-31", "task.assign", body))
        .refused(Refusal::Empty)
        .on("2019-01-02")
        .then([told(
            "task.nv",
            "2019-01-02",
            "task.assigned.v1",
            json!({"assignment": {"document": "ct-01", "title": "Rà soát",
                   "leads": [{"group": "cac-so"}, {"unit": "snv"}], "due": {"rule": "not_stated"}},
                   "owed_by": ["snv", "stc"], "confirmation": "required",
                   "expansions": [{"group": "cac-so", "members": ["snv", "stc"]}]}),
        )])
}

#[test]
fn defining_checks_rules_in_order() {
    define();
}

#[test]
fn changing_checks_rules_in_order() {
    change();
}

#[test]
fn a_group_without_members_addresses_nobody() {
    address();
}

#[test]
fn a_group_stands_for_its_members_alive_on_the_day() {
    let end = step(
        "2025-03-01",
        "unit.merge",
        json!({"units": ["snv"], "into": "vp"}),
    );
    let join = step(
        "2020-01-01",
        "group.change",
        json!({"group": "cac-so", "add": ["vp"]}),
    );
    let registry = given(city().into_iter().chain([join, end])).book.registry;
    let whom = [Addressee::Group("cac-so".parse().unwrap())];
    let members = |on: &str| {
        let (units, expansions) = expand(&whom, day(on), &registry).unwrap();
        assert_eq!(units, expansions[0].members);
        units.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(members("2019-12-31"), ["snv", "stc"]);
    assert_eq!(members("2020-01-01"), ["snv", "stc", "vp"]);
    assert_eq!(members("2025-03-01"), ["stc", "vp"]);
}

/// What a group stood for is recorded where it was used; a later change rewrites nothing.
#[test]
fn a_change_of_the_group_leaves_what_was_assigned() {
    let assign: Step = step(
        "2019-02-01",
        "task.assign",
        json!({"task": "nv", "assignment": {"document": "ct-01", "title": "Rà soát",
               "leads": [{"group": "cac-so"}], "due": {"rule": "not_stated"}}}),
    );
    let change = step(
        "2019-02-01",
        "group.change",
        json!({"group": "cac-so", "add": ["vp"], "remove": ["snv"]}),
    );
    let book = given(city().into_iter().chain([assign, change])).book;
    let owed: Vec<&str> = book.obligations.keys().map(|id| id.as_str()).collect();
    assert_eq!(owed, ["nv_snv", "nv_stc"]);
}
