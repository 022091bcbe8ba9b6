use serde_json::json;

use super::Refusal;
use crate::id::UnitId;
use crate::tests::{Climb, Step, Told, city, day, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![
        form(),
        rename(),
        reparent(),
        cede(),
        merge(),
        divide(),
        dissolve(),
    ]
}

fn unit(id: &str, name: &str, on: &str) -> Step {
    let body = json!({"unit": id, "name": name, "kind": "department"});
    step(on, "unit.form", body)
}

/// A task of `ct-01` for `lead`, due at the end of 2026.
fn task(id: &str, lead: &str) -> Step {
    let body = json!({"task": id, "assignment": {
        "document": "ct-01", "title": "Rà soát", "leads": [{"unit": lead}],
        "due": {"rule": "fixed", "date": "2026-12-31"}}});
    step("2024-01-02", "task.assign", body)
}

fn ended(unit: &str, on: &str, how: &str, successors: &[(&str, &str)]) -> Told {
    let successors: Vec<_> = successors
        .iter()
        .map(|(unit, extent)| json!({"unit": unit, "extent": extent}))
        .collect();
    let body = json!({"how": how, "successors": successors});
    told(&format!("unit.{unit}"), on, "unit.ended.v1", body)
}

fn form() -> Climb {
    let body = json!({"unit": "tttp", "name": "Thanh tra Thành phố", "kind": "department",
                      "parent": "tttp", "code": "000.00.01.H26", "basis": "qd-9"});
    ladder(city(), step("2008-07-01", "unit.form", body))
        .refused(Refusal::Itself)
        .with("parent", json!("ubnd-tp"))
        .refused(Refusal::UnknownBasis)
        .with("basis", json!("ct-01"))
        .refused(Refusal::Unknown)
        .with("parent", json!("ubnd"))
        .with("unit", json!("snv"))
        .refused(Refusal::AlreadyFormed)
        .with("unit", json!("tttp"))
        .refused(Refusal::NotAlive)
        .on("2019-03-01")
        .then([told(
            "unit.tttp",
            "2019-03-01",
            "unit.formed.v1",
            json!({"name": "Thanh tra Thành phố", "kind": "department", "parent": "ubnd",
                   "code": "000.00.01.H26", "basis": "ct-01"}),
        )])
}

fn rename() -> Climb {
    let body = json!({"unit": "sxd", "name": "Sở Quy hoạch", "basis": "qd-9"});
    let later = step(
        "2021-01-01",
        "unit.rename",
        json!({"unit": "snv", "name": "Sở Nội vụ mới"}),
    );
    ladder(
        city().into_iter().chain([later]),
        step("2008-01-01", "unit.rename", body),
    )
    .refused(Refusal::UnknownBasis)
    .without("basis")
    .refused(Refusal::Unknown)
    .with("unit", json!("snv"))
    .refused(Refusal::NotAlive)
    .on("2020-01-01")
    .refused(Refusal::OutOfOrder)
    .on("2022-01-01")
    .then([told(
        "unit.snv",
        "2022-01-01",
        "unit.renamed.v1",
        json!({"name": "Sở Quy hoạch"}),
    )])
}

fn reparent() -> Climb {
    let later = step(
        "2021-01-01",
        "unit.reparent",
        json!({"unit": "snv", "parent": null}),
    );
    let body = json!({"unit": "snv", "parent": "snv", "basis": "qd-9"});
    ladder(
        city()
            .into_iter()
            .chain([later, unit("chi-cuc", "Chi cục", "2015-01-01")]),
        step("2008-01-01", "unit.reparent", body),
    )
    .refused(Refusal::Itself)
    .with("parent", json!("nowhere"))
    .refused(Refusal::UnknownBasis)
    .without("basis")
    .refused(Refusal::Unknown)
    .with("parent", json!("chi-cuc"))
    .refused(Refusal::NotAlive)
    .on("2014-01-01")
    .refused(Refusal::NotAlive)
    .on("2020-01-01")
    .given(step(
        "2019-01-01",
        "unit.reparent",
        json!({"unit": "chi-cuc", "parent": "snv"}),
    ))
    .refused(Refusal::ParentCycle)
    .with("parent", json!("stc"))
    .refused(Refusal::OutOfOrder)
    .on("2022-01-01")
    .then([told(
        "unit.snv",
        "2022-01-01",
        "unit.reparented.v1",
        json!({"parent": "stc"}),
    )])
}

fn cede() -> Climb {
    let body = json!({"unit": "snv", "to": "snv", "what": "Ban Thi đua", "basis": "qd-9"});
    ladder(city(), step("2008-01-01", "unit.cede_part", body))
        .refused(Refusal::Itself)
        .with("to", json!("nowhere"))
        .refused(Refusal::UnknownBasis)
        .without("basis")
        .refused(Refusal::Unknown)
        .with("to", json!("vp"))
        .refused(Refusal::NotAlive)
        .on("2020-01-01")
        .then([told(
            "unit.snv",
            "2020-01-01",
            "unit.part_ceded.v1",
            json!({"to": "vp", "what": "Ban Thi đua"}),
        )])
}

fn merge() -> Climb {
    let history = city().into_iter().chain([
        unit("sts", "Sở Tài sản", "2025-03-01"),
        task("ra-soat", "snv"),
        task("kiem-ke", "vp"),
    ]);
    let body = json!({"units": [], "into": "sts", "transfer": ["ra-soat_snv", "kiem-ke_vp"],
                      "basis": "qd-9"});
    let transferred = told(
        "obligation.ra-soat_snv",
        "2025-03-01",
        "obligation.transferred.v1",
        json!({"from": "snv", "to": "sts"}),
    );
    ladder(history, step("2025-02-28", "unit.merge", body))
        .refused(Refusal::NothingToMerge)
        .with("units", json!(["sts", "snv"]))
        .refused(Refusal::Itself)
        .with("units", json!(["stc", "nowhere", "snv"]))
        .refused(Refusal::UnknownBasis)
        .without("basis")
        .refused(Refusal::Unknown)
        .with("units", json!(["stc", "snv", "snv"]))
        .refused(Refusal::NotAlive)
        .given(step(
            "2025-03-02",
            "unit.rename",
            json!({"unit": "stc", "name": "Sở Tài chính mới"}),
        ))
        .on("2025-03-01")
        .refused(Refusal::OutOfOrder)
        .with("units", json!(["snv", "snv"]))
        .refused(Refusal::NotOwed)
        .with("transfer", json!(["ra-soat_snv", "ra-soat_snv"]))
        .then([
            ended("snv", "2025-03-01", "merged", &[("sts", "whole")]),
            transferred,
        ])
}

fn divide() -> Climb {
    let body = json!({"unit": "snv", "among": ["snv"], "basis": "qd-9"});
    ladder(city(), step("2008-01-01", "unit.divide", body))
        .refused(Refusal::TooFewParts)
        .with("among", json!(["stc", "stc"]))
        .refused(Refusal::TooFewParts)
        .with("among", json!(["snv", "stc"]))
        .refused(Refusal::Itself)
        .with("among", json!(["nowhere", "stc"]))
        .refused(Refusal::UnknownBasis)
        .with("basis", json!("ct-01"))
        .refused(Refusal::Unknown)
        .with("among", json!(["vp", "stc"]))
        .refused(Refusal::NotAlive)
        .on("2025-07-01")
        .given(step(
            "2025-08-01",
            "unit.cede_part",
            json!({"unit": "vp", "to": "snv"}),
        ))
        .refused(Refusal::OutOfOrder)
        .on("2025-09-01")
        .then([told(
            "unit.snv",
            "2025-09-01",
            "unit.ended.v1",
            json!({"how": "divided", "basis": "ct-01", "successors": [
                {"unit": "stc", "extent": "part"}, {"unit": "vp", "extent": "part"}]}),
        )])
}

fn dissolve() -> Climb {
    let body = json!({"unit": "snv", "parts_to": ["snv"], "basis": "qd-9"});
    ladder(city(), step("2008-01-01", "unit.dissolve", body))
        .refused(Refusal::Itself)
        .with("parts_to", json!(["nowhere"]))
        .refused(Refusal::UnknownBasis)
        .without("basis")
        .refused(Refusal::Unknown)
        .with("parts_to", json!(["stc"]))
        .refused(Refusal::NotAlive)
        .on("2025-07-01")
        .given(step(
            "2025-08-01",
            "unit.merge",
            json!({"units": ["vp"], "into": "snv"}),
        ))
        .refused(Refusal::OutOfOrder)
        .on("2025-09-01")
        .then([ended("snv", "2025-09-01", "dissolved", &[("stc", "part")])])
        .next(step(
            "2025-08-15",
            "unit.dissolve",
            json!({"unit": "snv", "parts_to": []}),
        ))
        .refused(Refusal::OutOfOrder)
        .on("2025-10-01")
        .refused(Refusal::NotAlive)
}

#[test]
fn forming_checks_rules_in_order() {
    form();
}

#[test]
fn renaming_checks_rules_in_order() {
    rename();
}

#[test]
fn moving_under_another_parent_checks_rules_in_order() {
    reparent();
}

#[test]
fn ceding_a_part_checks_rules_in_order() {
    cede();
}

#[test]
fn merging_checks_rules_in_order() {
    merge();
}

#[test]
fn dividing_checks_rules_in_order() {
    divide();
}

#[test]
fn dissolving_checks_rules_in_order() {
    dissolve();
}

/// Names are reused: identity is the id.
#[test]
fn two_units_may_bear_one_name_and_a_name_may_come_back() {
    let rename =
        |on: &str, name: &str| step(on, "unit.rename", json!({"unit": "snv", "name": name}));
    let book = given(city().into_iter().chain([
        rename("2016-01-01", "Sở Tổ chức"),
        rename("2020-01-01", "Sở Nội vụ"),
        rename("2020-01-01", "Sở Tổ chức"),
        rename("2020-01-01", "Sở Nội vụ"),
        unit("snv-2", "Sở Nội vụ", "2021-01-01"),
    ]))
    .book;

    let named = |on: &str| {
        book.registry.units["snv"]
            .name_on(day(on))
            .as_str()
            .to_owned()
    };
    assert_eq!(named("2015-12-31"), "Sở Nội vụ");
    assert_eq!(named("2016-01-01"), "Sở Tổ chức");
    assert_eq!(named("2020-01-01"), "Sở Nội vụ");
    assert_eq!(book.registry.units["snv-2"].name().as_str(), "Sở Nội vụ");
}

#[test]
fn a_name_given_again_on_its_day_changes_nothing_even_after_later_names() {
    let rename =
        |on: &str, name: &str| step(on, "unit.rename", json!({"unit": "snv", "name": name}));
    given(city().into_iter().chain([
        rename("2016-01-01", "Sở Tổ chức"),
        rename("2020-01-01", "Sở Nội vụ"),
    ]))
    .when(
        "ben",
        "2016-01-01",
        "unit.rename",
        json!({"unit": "snv", "name": "Sở Tổ chức"}),
    )
    .unchanged();
}

/// Without a look ahead the two moves would stand under each other from 2021 on, and whoever follows
/// parents would never arrive.
#[test]
fn a_move_recorded_for_a_later_day_closes_no_circle() {
    let later = step(
        "2021-01-01",
        "unit.reparent",
        json!({"unit": "snv", "parent": "stc"}),
    );
    given(city().into_iter().chain([later]))
        .when(
            "ana",
            "2019-01-01",
            "unit.reparent",
            json!({"unit": "stc", "parent": "snv"}),
        )
        .refused(Refusal::ParentCycle);
}

#[test]
fn an_ended_unit_stays_and_is_no_more_from_its_day_on() {
    let end = step(
        "2025-07-01",
        "unit.merge",
        json!({"units": ["snv", "stc"], "into": "vp"}),
    );
    let book = given(city().into_iter().chain([end])).book;
    let snv = &book.registry.units["snv"];
    assert!(snv.alive_on(day("2025-06-30")));
    assert!(!snv.alive_on(day("2025-07-01")));
    assert!(!snv.alive_on(day("2008-07-31")));
    assert_eq!(snv.whole_successor().map(UnitId::as_str), Some("vp"));
}

#[test]
fn a_merger_that_may_not_move_one_obligation_ends_no_unit() {
    let missed = json!({"task": "tre", "assignment": {
        "document": "ct-01", "title": "Rà soát", "leads": [{"unit": "snv"}],
        "due": {"rule": "fixed", "date": "2024-12-31"}}});
    let history = city().into_iter().chain([
        unit("sts", "Sở Tài sản", "2025-03-01"),
        task("ra-soat", "snv"),
        step("2024-01-02", "task.assign", missed),
    ]);
    let after = given(history)
        .when(
            "ana",
            "2025-03-01",
            "unit.merge",
            json!({"units": ["snv"], "into": "sts", "transfer": ["ra-soat_snv", "tre_snv"]}),
        )
        .refused(crate::obligation::Refusal::Missed);
    assert!(after.book.registry.units["snv"].ended.is_none());
    assert_eq!(
        after.book.obligations["ra-soat_snv"].owner().as_str(),
        "snv"
    );
}

#[test]
fn a_merger_asked_again_moves_what_was_forgotten_and_nothing_twice() {
    let merge =
        |transfer: serde_json::Value| json!({"units": ["snv"], "into": "vp", "transfer": transfer});
    let history =
        city()
            .into_iter()
            .chain([task("mot", "snv"), task("hai", "snv"), task("ba", "vp")]);
    given(history)
        .when("ana", "2025-03-01", "unit.merge", merge(json!(["mot_snv"])))
        .accepted()
        .when(
            "ana",
            "2025-03-01",
            "unit.merge",
            merge(json!(["mot_snv", "hai_snv"])),
        )
        .then([told(
            "obligation.hai_snv",
            "2025-03-01",
            "obligation.transferred.v1",
            json!({"from": "snv", "to": "vp"}),
        )])
        .when("ana", "2025-03-01", "unit.merge", merge(json!(["ba_vp"])))
        .refused(Refusal::NotOwed)
        .when("ana", "2025-03-01", "unit.merge", merge(json!(["none"])))
        .refused(Refusal::NotOwed);
}

#[test]
fn what_happens_before_a_unit_is_formed_does_not_happen_to_it() {
    given(city())
        .when(
            "ana",
            "2008-07-31",
            "unit.merge",
            json!({"units": ["snv"], "into": "vp"}),
        )
        .refused(Refusal::NotAlive);
    let early = json!({"task": "som", "assignment": {
        "document": "ct-01", "title": "Rà soát", "leads": [{"unit": "snv"}],
        "due": {"rule": "not_stated"}}});
    given(city())
        .when("ana", "2008-07-31", "task.assign", early)
        .refused(Refusal::NotAlive);
}
