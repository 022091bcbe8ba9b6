//! Which units are whose: channels, several at once, mergers, and whoever has no unit.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::world::{Whose, account, asked, document, opened, rule, task, world};
use super::{answer, listed, refused};
use crate::id::AccountId;
use crate::permission::{Reading, Refusal, Scope, scope};
use crate::tests::{Given, Step, day, step};

const OUT_OF_REACH: &str = Refusal::OutOfReach.code();
const OWN_UNIT: &str = Refusal::OwnUnit.code();

fn now(name: &str, body: Value) -> Step {
    step("2020-06-01", name, body)
}

fn submit(obligations: &[&str]) -> Step {
    now("report.submit", json!({"obligations": obligations}))
}

fn merged(given: &mut Given, unit: &str, into: &str) {
    let body = json!({"units": [unit], "into": into});
    given.and(&step("2020-01-01", "unit.merge", body));
}

fn seen(given: &Given, account: &str) -> String {
    let account = AccountId::new(account).unwrap();
    let registry = &given.book.registry;
    match scope(Reading::Counts, &account, registry, day("2031-01-01")) {
        Ok(Scope::Units(units)) => listed(&units),
        other => panic!("{account:?} sees {other:?}"),
    }
}

/// One of several that is not its own, or is not there, is enough.
#[test]
fn everything_that_is_named_has_to_be_in_reach() {
    let given = world();
    let own = "bc-so_2019-q1_so";
    assert_eq!(answer(&given, "reporter", &submit(&[own])), Ok(()));
    for other in ["bc-phong_2019-q1_phong", "bc-khac_2019-q1_khac", "khong-co"] {
        let both = submit(&[own, other]);
        assert_eq!(refused(&given, "reporter", &both), OUT_OF_REACH, "{other}");
    }
}

/// What is not there and what is another's are told by one code, so that nobody learns ids by asking.
#[test]
fn what_is_anothers_looks_as_what_is_not_there() {
    let given = world();
    for name in ["report.submit", "task.claim", "obligation.explain"] {
        let codes = [Whose::Foreign, Whose::Nobody].map(|whose| {
            let answer = answer(&given, "reporter", &asked(name, "reporter", whose));
            answer.map_err(|no| (no.code, no.to_string()))
        });
        assert_eq!(codes[0], codes[1], "{name}");
    }
}

#[test]
fn a_task_with_several_leads_is_the_own_units_when_one_of_them_is() {
    let mut given = world();
    let set_due = |task: &str| {
        let body = json!({"task": task, "due": "2020-09-01", "cause": "có"});
        now("task.set_due", body)
    };
    given.and(&task("chung", &["khac", "so"]));
    given.and(&task("ban", &["khac", "phong"]));
    assert_eq!(refused(&given, "registrar", &set_due("chung")), OWN_UNIT);
    assert_eq!(answer(&given, "registrar", &set_due("ban")), Ok(()));
    // Who took it over counts, and not who was assigned it.
    let moved = json!({"obligation": "ban_khac", "to": "so"});
    given.and(&step("2019-06-01", "obligation.transfer", moved));
    assert_eq!(refused(&given, "registrar", &set_due("ban")), OWN_UNIT);
}

#[test]
fn whoever_takes_an_obligation_over_reports_it_and_nobody_else() {
    let mut given = world();
    let id = "nv-khac_khac";
    let claim = now("task.claim", json!({"obligation": id}));
    assert_eq!(refused(&given, "reporter", &claim), OUT_OF_REACH);
    let moved = json!({"obligation": id, "to": "so"});
    given.and(&step("2019-06-01", "obligation.transfer", moved));
    assert_eq!(answer(&given, "reporter", &claim), Ok(()));
}

#[test]
fn nothing_is_moved_to_or_from_the_own_unit() {
    let given = world();
    for (from, to) in [("so", "khac"), ("khac", "so")] {
        let id = format!("bc-{from}_2019-q1_{from}");
        let step = now("obligation.transfer", json!({"obligation": id, "to": to}));
        assert_eq!(refused(&given, "registrar", &step), OWN_UNIT, "{from}");
    }
}

/// A requirement names its channel: its reports go through that unit, and nothing else of their reporters does.
#[test]
fn a_channel_takes_the_reports_that_go_through_it() {
    let mut given = world();
    let accept = |id: &str| now("report.accept", json!({"obligation": id, "by": "so"}));
    given.and(&document("qua"));
    given.and(&rule("qua", "khac", Some("so")));
    given.and(&opened("qua"));
    let through = accept("qua_2019-q1_khac");
    assert_eq!(answer(&given, "consolidator", &through), Ok(()));
    let beside = accept("bc-khac_2019-q1_khac");
    assert_eq!(refused(&given, "consolidator", &beside), OUT_OF_REACH);
    assert_eq!(seen(&given, "consolidator"), "khac phong so");
    assert_eq!(seen(&given, "reporter"), "so");
}

/// Also where a group reports, and for whoever once was in it.
#[test]
fn a_channel_sees_the_members_of_a_group_that_reports_through_it() {
    let mut given = world();
    let group = json!({"group": "nhom", "name": "nhóm", "members": ["khac", "ubnd"]});
    given.and(&step("2019-01-01", "group.define", group));
    let left = json!({"group": "nhom", "remove": ["ubnd"]});
    given.and(&step("2019-05-01", "group.change", left));
    given.and(&document("qua"));
    let mut rule = rule("qua", "khac", Some("so"));
    rule.body["rule"]["reporters"] = json!([{"group": "nhom"}]);
    given.and(&rule);
    assert_eq!(seen(&given, "consolidator"), "khac phong so ubnd");
}

#[test]
fn a_consolidator_acts_for_its_own_unit_only() {
    let given = world();
    for by in ["ubnd", "khac", "phong", "khong-co"] {
        let body = json!({"obligation": "bc-phong_2019-q1_phong", "by": by});
        let receive = now("report.receive", body.clone());
        assert_eq!(
            refused(&given, "consolidator", &receive),
            OUT_OF_REACH,
            "{by}"
        );
        // The office records what other units decided.
        let accept = now("report.accept", body);
        assert_eq!(answer(&given, "registrar", &accept), Ok(()), "{by}");
    }
}

#[test]
fn what_wholly_merged_into_the_own_unit_is_its_own() {
    let mut given = world();
    let of_khac = submit(&["bc-khac_2019-q1_khac"]);
    assert_eq!(refused(&given, "reporter", &of_khac), OUT_OF_REACH);
    merged(&mut given, "khac", "so");
    assert_eq!(answer(&given, "reporter", &of_khac), Ok(()));
    assert_eq!(seen(&given, "reporter"), "khac so");
    // And so nobody of the own unit excuses what it brought along.
    let excuse = asked("obligation.excuse", "monitor", Whose::Foreign);
    assert_eq!(refused(&given, "monitor", &excuse), OWN_UNIT);
    let accept = asked("report.accept", "consolidator", Whose::Foreign);
    assert_eq!(refused(&given, "consolidator", &accept), OUT_OF_REACH);
}

/// Its account still reports what the ended unit owed, gets nothing of the other, and favours neither.
#[test]
fn an_ended_unit_has_its_own_affairs_and_is_kin_to_what_it_went_into() {
    let mut given = world();
    merged(&mut given, "so", "khac");
    assert_eq!(
        answer(&given, "reporter", &submit(&["bc-so_2019-q1_so"])),
        Ok(())
    );
    let of_khac = submit(&["bc-khac_2019-q1_khac"]);
    assert_eq!(refused(&given, "reporter", &of_khac), OUT_OF_REACH);
    assert_eq!(seen(&given, "reporter"), "so");
    for whose in [Whose::Own, Whose::Foreign] {
        let excuse = asked("obligation.excuse", "monitor", whose);
        assert_eq!(refused(&given, "monitor", &excuse), OWN_UNIT, "{whose:?}");
    }
    let excuse = asked("obligation.excuse", "monitor", Whose::Child);
    assert_eq!(answer(&given, "monitor", &excuse), Ok(()));
}

/// Two that went into a third are one unit now.
#[test]
fn units_that_went_into_the_same_unit_are_kin() {
    let mut given = world();
    merged(&mut given, "so", "ubnd");
    merged(&mut given, "khac", "ubnd");
    let excuse = asked("obligation.excuse", "monitor", Whose::Foreign);
    assert_eq!(refused(&given, "monitor", &excuse), OWN_UNIT);
}

/// A part is not the whole: what was divided is nobody's but its own.
#[test]
fn a_part_that_came_to_the_own_unit_brings_no_right() {
    let mut given = world();
    let body = json!({"unit": "khac", "among": ["so", "phong"]});
    given.and(&step("2020-01-01", "unit.divide", body));
    let of_khac = submit(&["bc-khac_2019-q1_khac"]);
    assert_eq!(refused(&given, "reporter", &of_khac), OUT_OF_REACH);
}

/// The day of recording decides, which no client chooses, not the effective day.
#[test]
fn reach_is_that_of_the_day_of_recording() {
    let mut given = world();
    let moved = json!({"unit": "phong", "parent": "khac"});
    given.and(&step("2020-01-01", "unit.reparent", moved));
    let mut before = asked("report.accept", "consolidator", Whose::Child);
    before.on = day("2019-06-01");
    assert_eq!(refused(&given, "consolidator", &before), OUT_OF_REACH);
    // What is recorded for a later day has not happened yet.
    let later = json!({"units": ["khac"], "into": "so"});
    given.and(&step("2031-06-01", "unit.merge", later));
    let of_khac = submit(&["bc-khac_2019-q1_khac"]);
    assert_eq!(refused(&given, "reporter", &of_khac), OUT_OF_REACH);
}

#[test]
fn whoever_has_no_unit_has_no_own_unit() {
    let mut given = world();
    for step in account("theo-doi", None, "monitor") {
        given.and(&step);
    }
    for whose in Whose::ALL {
        let excuse = asked("obligation.excuse", "theo-doi", whose);
        assert_eq!(answer(&given, "theo-doi", &excuse), Ok(()), "{whose:?}");
    }
}

/// A file is about work of its unit, an inspection of it, or a text that is nobody's.
#[test]
fn a_file_is_stored_about_the_own_work() {
    let given = world();
    let store = |about: Value| {
        let file = json!({"bytes": 1, "media": "text/plain", "about": about});
        now(
            "attachment.store",
            json!({"attachment": "6".repeat(64), "file": file}),
        )
    };
    let own = [
        json!({"obligation": "nv-so_so"}),
        json!({"inspection": "kt-so"}),
    ];
    for about in own {
        assert_eq!(answer(&given, "reporter", &store(about)), Ok(()));
    }
    let others = [
        json!({"obligation": "nv-khac_khac"}),
        json!({"inspection": "kt-khac"}),
        json!({"document": "ct"}),
        Value::Null,
    ];
    for about in others {
        let step = store(about);
        assert_eq!(refused(&given, "reporter", &step), OUT_OF_REACH);
        assert_eq!(answer(&given, "registrar", &step), Ok(()));
    }
}

#[test]
fn a_follow_up_is_set_for_others() {
    let given = world();
    let body = json!({"inspection": "kt-khac", "number": 1, "task": "nv-so"});
    let step = now("inspection.set_follow_up", body);
    assert_eq!(refused(&given, "inspector", &step), OWN_UNIT);
}

/// Every unit is one that exists: what a scope names can be looked up.
#[test]
fn a_scope_names_units_of_the_ledger() {
    let given = world();
    let known: BTreeSet<&str> = given
        .book
        .registry
        .units
        .keys()
        .map(|id| id.as_str())
        .collect();
    for unit in seen(&given, "consolidator").split(' ') {
        assert!(known.contains(unit), "{unit}");
    }
}
