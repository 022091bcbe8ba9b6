//! Who may do what, what is told once, and what is undone.

use super::*;
use crate::tests::{day, given};

/// One submission fulfils the reports that it names, all or none.
#[test]
fn one_submission_fulfils_several_reports() {
    let plain = json!({"document": "ct-01", "kind": "periodic", "title": "Phần của báo cáo",
        "reporters": [{"unit": "snv"}], "cadence": "yearly", "window": {"rule": "not_stated"},
        "due": {"rule": "not_stated"}, "day_off": "keep", "host": "bc"});
    let part = [
        step(
            "2019-02-01",
            "requirement.set",
            json!({"requirement": "phan", "rule": plain}),
        ),
        step(
            "2019-02-01",
            "period.open",
            json!({"requirement": "phan", "period": "2019"}),
        ),
    ];
    let both = json!({"obligations": ["phan_2019_snv", REPORT, REPORT]});
    let submitted = |id: &str| {
        let body = json!({"by": "snv", "submission": {}});
        happened(id, "2019-12-18", "report.submitted.v1", body)
    };
    given(owed().into_iter().chain(part.clone()))
        .when("ana", "2019-12-18", "report.submit", both.clone())
        .then([submitted(REPORT), submitted("phan_2019_snv")])
        .when("ana", "2019-12-18", "report.submit", both.clone())
        .unchanged();
    given(
        owed()
            .into_iter()
            .chain(part)
            .chain([excuse("2019-12-01", REPORT)]),
    )
    .when("ana", "2019-12-18", "report.submit", both)
    .refused(Refusal::Released);
}

/// Both reminders are facts. Kept without their words, the second passed for a repetition of the
/// first and was lost.
#[test]
fn two_units_may_remind_on_one_day_and_each_is_told_once() {
    let by = |unit: &str| json!({"obligation": REPORT, "by": unit});
    given(owed())
        .when("ana", "2019-12-10", "obligation.remind", by("vp"))
        .accepted()
        .when("ana", "2019-12-10", "obligation.remind", by("ubnd"))
        .accepted()
        .when("ben", "2019-12-10", "obligation.remind", by("vp"))
        .unchanged()
        .when("ben", "2019-12-11", "obligation.remind", by("vp"))
        .accepted();
}

/// What a second submission of the day says would be lost if it passed for the first.
#[test]
fn another_submission_on_the_same_day_is_no_repetition() {
    let body = |number: &str| json!({"obligations": [REPORT], "submission": {"number": number}});
    given(owed())
        .when("ana", "2019-12-10", "report.submit", body("1/BC"))
        .accepted()
        .when("ana", "2019-12-10", "report.submit", body("1/BC"))
        .unchanged()
        .when("ana", "2019-12-10", "report.submit", body("2/BC"))
        .refused(Refusal::NotOpen);
}

#[test]
fn whoever_claimed_may_not_confirm_even_for_the_assigner() {
    let confirm = json!({"obligation": TASK, "by": "ubnd"});
    given(owed().into_iter().chain([claim("2019-06-10")]))
        .when("ana", "2019-06-11", "task.confirm", confirm.clone())
        .refused(Refusal::SecondPersonRequired)
        .when("ben", "2019-06-11", "task.confirm", confirm)
        .accepted();
}

#[test]
fn the_claimant_counts_who_claimed_last() {
    let confirm = json!({"obligation": TASK, "by": "ubnd"});
    let refusal = json!({"by": "ubnd", "reason": "chưa đủ"});
    given(owed().into_iter().chain([
        claim("2019-06-10"),
        act("2019-06-11", "task.refuse", TASK, refusal),
        claim("2019-06-12").by("ben"),
    ]))
    .when("ben", "2019-06-13", "task.confirm", confirm.clone())
    .refused(Refusal::SecondPersonRequired)
    .when("ana", "2019-06-13", "task.confirm", confirm)
    .accepted();
}

/// Otherwise nobody could ever grant, cancel or confirm what a merged department has assigned.
#[test]
fn who_wholly_followed_the_assigner_acts_for_it() {
    let young = json!({"unit": "ubnd-moi", "name": "UBND Thành phố", "kind": "peoples_committee"});
    let merged = json!({"units": ["ubnd"], "into": "ubnd-moi"});
    let extend = |by: &str| json!({"obligation": REPORT, "by": by, "due": "2020-01-31", "reason": "sắp xếp"});
    given(owed().into_iter().chain([
        step("2019-07-01", "unit.form", young),
        step("2019-07-01", "unit.merge", merged),
    ]))
    .when("ana", "2019-06-30", "obligation.extend", extend("ubnd-moi"))
    .refused(Refusal::NotTheAssigner)
    .when("ana", "2019-07-01", "obligation.extend", extend("stc"))
    .refused(Refusal::NotTheAssigner)
    .when("ana", "2019-07-01", "obligation.extend", extend("ubnd-moi"))
    .accepted();
}

/// Where no document says who assigned it, nobody extends it, and any other unit may confirm.
#[test]
fn without_an_assigner_nothing_is_extended_and_claims_are_still_answered() {
    let steps = [
        step(
            "2019-01-05",
            "document.issue",
            json!({"document": "cv-la", "type": "Công văn"}),
        ),
        step(
            "2019-02-01",
            "task.assign",
            json!({"task": "la", "assignment": {"document": "cv-la", "title": "Rà soát",
                   "leads": [{"unit": "snv"}], "due": {"rule": "fixed", "date": "2019-06-30"}}}),
        ),
        act("2019-06-10", "task.claim", "la_snv", json!({})),
    ];
    let id = "la_snv";
    let refusal = json!({"obligation": id, "by": "stc", "reason": "chưa đủ"});
    let extension =
        json!({"obligation": id, "by": "stc", "due": "2019-07-31", "reason": "bão số 5"});
    given(owed().into_iter().chain(steps))
        .when("ben", "2019-06-11", "task.refuse", refusal)
        .accepted()
        .when("ben", "2019-06-12", "obligation.extend", extension)
        .refused(Refusal::NotTheAssigner);
}

#[test]
fn flags_are_one_for_each_due_date_whenever_the_sweep_runs() {
    let flag = |on: &str| json!({"obligation": REPORT, "on": on});
    let flagged = |on: &str, due: &str| {
        [happened(
            REPORT,
            on,
            "obligation.flagged_late.v1",
            json!({"due": due}),
        )]
    };
    let extension = json!({"obligation": REPORT, "by": "ubnd", "due": "2020-01-31",
                           "requested": "2019-12-20", "reason": "bão số 5"});
    given(owed())
        .when(
            "may",
            "2020-01-05",
            "obligation.flag_late",
            flag("2020-01-05"),
        )
        .then(flagged("2019-12-21", "2019-12-20"))
        .when(
            "may",
            "2019-12-21",
            "obligation.flag_late",
            flag("2019-12-21"),
        )
        .unchanged()
        .when("ana", "2020-01-06", "obligation.extend", extension)
        .accepted()
        .when(
            "may",
            "2020-01-31",
            "obligation.flag_late",
            flag("2020-01-31"),
        )
        .refused(Refusal::NotOverdue)
        .when(
            "may",
            "2020-02-02",
            "obligation.flag_late",
            flag("2020-02-02"),
        )
        .then(flagged("2020-02-01", "2020-01-31"));
}

/// A late flag takes effect the day after the due date, among acts of later days.
#[test]
fn a_flag_told_late_stops_no_act() {
    given(owed().into_iter().chain([
        submit("2019-12-28"),
        act(
            "2019-12-30",
            "report.return",
            REPORT,
            json!({"by": "vp", "reason": "thiếu"}),
        ),
    ]))
    .when(
        "may",
        "2020-01-05",
        "obligation.flag_late",
        json!({"obligation": REPORT, "on": "2020-01-05"}),
    )
    .accepted()
    .when(
        "ana",
        "2020-01-05",
        "report.submit",
        json!({"obligations": [REPORT]}),
    )
    .accepted();
}

#[test]
fn a_reversed_act_never_happened() {
    let undo = |revision: u64| {
        let more = json!({"revision": revision, "reason": "ghi nhầm"});
        act("2020-01-01", "obligation.reverse", REPORT, more)
    };
    let before = given(owed()).book;
    let after = given(owed().into_iter().chain([submit("2019-12-18"), undo(1)])).book;
    let standing = |book: &crate::book::Book| book.obligations[REPORT].standing(day("2030-01-01"));
    assert_eq!(standing(&after), standing(&before));
    given(
        owed()
            .into_iter()
            .chain([submit("2019-12-18"), undo(1), submit("2019-12-18")]),
    )
    .when(
        "ana",
        "2020-01-01",
        "obligation.reverse",
        json!({"obligation": REPORT, "revision": 2, "reason": "ghi nhầm"}),
    )
    .refused(Refusal::NothingToReverse);
}

#[test]
fn a_reversed_transfer_gives_the_obligation_back() {
    let undo = act(
        "2019-06-02",
        "obligation.reverse",
        TASK,
        json!({"revision": 1, "reason": "ghi nhầm"}),
    );
    let to = |unit: &str| json!({"to": unit});
    let book = given(owed().into_iter().chain([
        act("2019-06-01", "obligation.transfer", TASK, to("stc")),
        undo,
        act("2019-06-01", "obligation.transfer", TASK, to("vp")),
    ]))
    .book;
    assert_eq!(book.obligations[TASK].owner().as_str(), "vp");
    assert_eq!(book.obligations[TASK].transfers.len(), 1);
}

#[test]
fn what_was_fulfilled_or_missed_stays_with_the_unit_that_owed_it() {
    let to = json!({"obligation": TASK, "to": "stc"});
    given(owed())
        .when("ana", "2019-07-01", "obligation.transfer", to.clone())
        .refused(Refusal::Missed);
    given(owed().into_iter().chain([claim("2019-06-01")]))
        .when("ana", "2019-06-02", "obligation.transfer", to)
        .refused(Refusal::NotOpen);
}

/// An act is kept by a mark of its words. Were two notes of one day to share a mark, the second would pass for the
/// first one told again, and be lost.
#[test]
fn notes_that_differ_in_a_number_are_all_kept() {
    let note = |n: u32| {
        act(
            "2019-06-01",
            "task.progress",
            TASK,
            json!({"note": format!("lần {n}")}),
        )
    };
    let mut given = given(owed());
    for n in 0..1_000 {
        given.and(&note(n));
    }
    given.and(&note(7));
    assert_eq!(given.book.obligations[TASK].done.len(), 1_000);
}
