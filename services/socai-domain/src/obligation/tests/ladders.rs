//! One ladder for every command. Rungs that several share have a function of their own.

use super::*;
use crate::tests::{Climb, ladder};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![
        submitting(),
        receiving(),
        forwarding(),
        returning(),
        accepting(),
        acknowledging(),
        progressing(),
        claiming(),
        confirming(),
        refusing(),
        extending(),
        excusing(),
        cancelling(),
        transferring(),
        reminding(),
        flagging(),
        escalating(),
        asking_why(),
        explaining(),
        reversing(),
    ]
}

macro_rules! climbed {
    ($($name:ident: $ladder:ident),+ $(,)?) => {
        $(#[test] fn $name() { $ladder(); })+
    };
}

climbed! {
    submitting_checks_rules_in_order: submitting,
    receiving_checks_rules_in_order: receiving,
    forwarding_checks_rules_in_order: forwarding,
    returning_checks_rules_in_order: returning,
    accepting_checks_rules_in_order: accepting,
    acknowledging_checks_rules_in_order: acknowledging,
    progressing_checks_rules_in_order: progressing,
    claiming_checks_rules_in_order: claiming,
    confirming_checks_rules_in_order: confirming,
    refusing_checks_rules_in_order: refusing,
    extending_checks_rules_in_order: extending,
    excusing_checks_rules_in_order: excusing,
    cancelling_checks_rules_in_order: cancelling,
    transferring_checks_rules_in_order: transferring,
    reminding_checks_rules_in_order: reminding,
    flagging_checks_rules_in_order: flagging,
    escalating_checks_rules_in_order: escalating,
    asking_why_checks_rules_in_order: asking_why,
    explaining_checks_rules_in_order: explaining,
    reversing_checks_rules_in_order: reversing,
}

/// `name` is asked the day before the assignment, of no obligation that there is.
#[track_caller]
fn climb(name: &str, more: Value) -> Climb {
    ladder(owed(), act("2019-01-31", name, "none", more)).refused(Refusal::Unknown)
}

impl Climb {
    #[track_caller]
    fn of_reports_only(self) -> Self {
        self.with("obligation", json!(TASK))
            .refused(Refusal::NotAReport)
            .with("obligation", json!(REPORT))
    }

    #[track_caller]
    fn of_tasks_only(self) -> Self {
        self.with("obligation", json!(REPORT))
            .refused(Refusal::NotATask)
            .with("obligation", json!(TASK))
    }

    /// The unit named in `field` has to be known.
    #[track_caller]
    fn known(self, field: &str, unit: &str) -> Self {
        self.refused(Refusal::UnknownUnit).with(field, json!(unit))
    }

    #[track_caller]
    fn in_time(self, on: &str) -> Self {
        self.refused(Refusal::BeforeAssignment)
            .today("2019-02-01")
            .on(on)
            .refused(Refusal::InTheFuture)
            .today("2019-12-25")
    }

    /// Nothing may have happened after the effective day, and nothing follows a release.
    #[track_caller]
    fn in_order(self, obligation: &str, on: &str) -> Self {
        self.given(excuse(on, obligation))
            .refused(Refusal::OutOfOrder)
            .on(on)
            .refused(Refusal::Released)
            .given(undo(obligation, 1))
    }

    #[track_caller]
    fn not_while_claimed(self, on: &str) -> Self {
        self.given(claim(on))
            .refused(Refusal::NotOpen)
            .given(undo(TASK, 3))
    }
}

/// The act at `revision` was recorded in error.
fn undo(obligation: &str, revision: u64) -> Step {
    let more = json!({"revision": revision, "reason": "ghi nhầm"});
    act("2019-12-25", "obligation.reverse", obligation, more)
}

fn submitting() -> Climb {
    let mut submission = json!({"number": "12/BC-SNV", "date": "2019-12-18", "channel": "fax",
        "attachments": [{"sha256": "0".repeat(64), "media": "application/pdf", "bytes": 120}],
        "figures": {"hồ sơ": 12, "tỷ lệ": 98.5}, "sections": ["I. Kết quả"]});
    let body = json!({"obligations": [], "submission": submission});
    let top = ladder(owed(), step("2019-01-31", "report.submit", body))
        .refused(Refusal::NoneNamed)
        .with("obligations", json!(["none"]))
        .refused(Refusal::Unknown)
        .with("obligations", json!([TASK]))
        .refused(Refusal::NotAReport)
        .with("obligations", json!([REPORT]))
        .in_time("2019-12-19")
        .in_order(REPORT, "2019-12-20")
        .then([happened(
            REPORT,
            "2019-12-20",
            "report.submitted.v1",
            json!({"by": "snv", "submission": submission}),
        )]);
    submission["number"] = json!("13/BC-SNV");
    top.with("submission", submission).refused(Refusal::NotOpen)
}

fn receiving() -> Climb {
    climb("report.receive", json!({"by": "none"}))
        .of_reports_only()
        .known("by", "vp")
        .in_time("2019-12-19")
        .refused(Refusal::NotSubmitted)
        .given(submit("2019-12-19"))
        .then([happened(
            REPORT,
            "2019-12-19",
            "report.received.v1",
            json!({"by": "vp"}),
        )])
}

fn forwarding() -> Climb {
    climb("report.forward", json!({"by": "none", "to": "nobody"}))
        .of_reports_only()
        .known("by", "vp")
        .known("to", "ubnd")
        .in_time("2019-12-20")
        .refused(Refusal::NotSubmitted)
        .given(submit("2019-12-19"))
        .then([happened(
            REPORT,
            "2019-12-20",
            "report.forwarded.v1",
            json!({"by": "vp", "to": "ubnd"}),
        )])
}

fn returning() -> Climb {
    let body = json!({"by": "none", "reason": "thiếu số liệu", "resubmit_by": "2019-12-01"});
    climb("report.return", body)
        .of_reports_only()
        .known("by", "snv")
        .in_time("2019-12-20")
        .in_order(REPORT, "2019-12-21")
        .refused(Refusal::NotSubmitted)
        .given(submit("2019-12-19"))
        .refused(Refusal::SecondUnitRequired)
        .with("by", json!("vp"))
        .refused(Refusal::AgainInThePast)
        .with("resubmit_by", json!("2019-12-28"))
        .then([happened(
            REPORT,
            "2019-12-21",
            "report.returned.v1",
            json!({"by": "vp", "reason": "thiếu số liệu", "resubmit_by": "2019-12-28"}),
        )])
}

fn accepting() -> Climb {
    climb("report.accept", json!({"by": "none"}))
        .of_reports_only()
        .known("by", "snv")
        .in_time("2019-12-20")
        .in_order(REPORT, "2019-12-21")
        .refused(Refusal::NotSubmitted)
        .given(submit("2019-12-19"))
        .refused(Refusal::SecondUnitRequired)
        .with("by", json!("vp"))
        .then([happened(
            REPORT,
            "2019-12-21",
            "report.accepted.v1",
            json!({"by": "vp"}),
        )])
}

fn acknowledging() -> Climb {
    climb("task.acknowledge", json!({}))
        .of_tasks_only()
        .in_time("2019-02-02")
        .then([happened(
            TASK,
            "2019-02-02",
            "task.acknowledged.v1",
            json!({}),
        )])
}

fn progressing() -> Climb {
    climb("task.progress", json!({"percent": 101, "note": "đang làm"}))
        .of_tasks_only()
        .refused(Refusal::BadPercent)
        .with("percent", json!(100))
        .in_time("2019-02-02")
        .then([happened(
            TASK,
            "2019-02-02",
            "task.progressed.v1",
            json!({"percent": 100, "note": "đang làm"}),
        )])
}

fn claiming() -> Climb {
    let evidence = json!([{"sha256": "a".repeat(64)}]);
    climb("task.claim", json!({"evidence": evidence, "note": "xong"}))
        .of_tasks_only()
        .in_time("2019-06-02")
        .in_order(TASK, "2019-06-10")
        .then([happened(
            TASK,
            "2019-06-10",
            "task.claimed.v1",
            json!({"by": "snv", "evidence": evidence, "note": "xong"}),
        )])
        .on("2019-06-11")
        .refused(Refusal::NotOpen)
}

fn confirming() -> Climb {
    climb("task.confirm", json!({"by": "none"}))
        .of_tasks_only()
        .known("by", "snv")
        .in_time("2019-06-20")
        .in_order(TASK, "2019-06-25")
        .refused(Refusal::NotSubmitted)
        .given(claim("2019-06-20"))
        .refused(Refusal::SecondUnitRequired)
        .with("by", json!("stc"))
        .refused(Refusal::NotTheAssigner)
        .with("by", json!("ubnd"))
        .refused(Refusal::SecondPersonRequired)
        .by("ben")
        .then([happened(
            TASK,
            "2019-06-25",
            "task.confirmed.v1",
            json!({"by": "ubnd"}),
        )])
}

fn refusing() -> Climb {
    let body = json!({"by": "none", "reason": "chưa đủ", "redo_by": "2019-06-01"});
    climb("task.refuse", body)
        .of_tasks_only()
        .known("by", "snv")
        .in_time("2019-06-20")
        .in_order(TASK, "2019-06-25")
        .refused(Refusal::NotSubmitted)
        .given(claim("2019-06-20"))
        .refused(Refusal::SecondUnitRequired)
        .with("by", json!("stc"))
        .refused(Refusal::NotTheAssigner)
        .with("by", json!("ubnd"))
        .refused(Refusal::AgainInThePast)
        .with("redo_by", json!("2019-07-10"))
        .then([happened(
            TASK,
            "2019-06-25",
            "task.refused.v1",
            json!({"by": "ubnd", "reason": "chưa đủ", "redo_by": "2019-07-10"}),
        )])
}

fn extending() -> Climb {
    let body = json!({"by": "none", "due": "2019-06-15", "requested": "2019-01-01",
                      "reason": "bão số 5", "basis": "none"});
    climb("obligation.extend", body)
        .with("obligation", json!(TASK))
        .known("by", "snv")
        .refused(Refusal::UnknownBasis)
        .with("basis", json!("ct-01"))
        .in_time("2019-07-03")
        .in_order(TASK, "2019-07-05")
        .not_while_claimed("2019-07-05")
        .refused(Refusal::NotTheAssigner)
        .with("by", json!("ubnd"))
        .given(task("khong-han", json!({"rule": "not_stated"})))
        .with("obligation", json!("khong-han_snv"))
        .refused(Refusal::NoDueDate)
        .with("obligation", json!(TASK))
        .refused(Refusal::AskedOutOfTurn)
        .with("requested", json!("2019-07-06"))
        .refused(Refusal::AskedOutOfTurn)
        .with("requested", json!("2019-07-01"))
        .refused(Refusal::AskedTooLate)
        .without("requested")
        .refused(Refusal::AskedTooLate)
        .with("requested", json!("2019-06-30"))
        .refused(Refusal::NotLater)
        .with("due", json!("2019-06-30"))
        .refused(Refusal::NotLater)
        .with("due", json!("2019-07-31"))
        .then([happened(
            TASK,
            "2019-07-05",
            "obligation.extended.v1",
            json!({"due": "2019-07-31", "by": "ubnd", "requested": "2019-06-30",
                   "reason": "bão số 5", "basis": "ct-01"}),
        )])
}

fn excusing() -> Climb {
    let body = json!({"by": "none", "reason": "bão số 5", "legal_basis": "Điều 13"});
    climb("obligation.excuse", body)
        .with("obligation", json!(TASK))
        .known("by", "snv")
        .in_time("2019-06-20")
        .in_order(TASK, "2019-06-25")
        .not_while_claimed("2019-06-25")
        .refused(Refusal::SecondUnitRequired)
        .with("by", json!("stc"))
        .then([happened(
            TASK,
            "2019-06-25",
            "obligation.excused.v1",
            json!({"by": "stc", "reason": "bão số 5", "legal_basis": "Điều 13"}),
        )])
}

fn cancelling() -> Climb {
    climb("obligation.cancel", json!({"by": "none", "reason": "thôi"}))
        .with("obligation", json!(TASK))
        .known("by", "snv")
        .in_time("2019-06-20")
        .in_order(TASK, "2019-06-25")
        .not_while_claimed("2019-06-25")
        .refused(Refusal::SecondUnitRequired)
        .with("by", json!("stc"))
        .refused(Refusal::NotTheAssigner)
        .with("by", json!("ubnd"))
        .then([happened(
            TASK,
            "2019-06-25",
            "obligation.cancelled.v1",
            json!({"by": "ubnd", "reason": "thôi"}),
        )])
}

fn transferring() -> Climb {
    let young = json!({"unit": "sts", "name": "Sở Tài sản", "kind": "department"});
    climb(
        "obligation.transfer",
        json!({"to": "none", "basis": "none"}),
    )
    .given(step("2020-01-01", "unit.form", young))
    .with("obligation", json!(TASK))
    .known("to", "snv")
    .refused(Refusal::UnknownBasis)
    .with("basis", json!("ct-01"))
    .in_time("2019-07-01")
    .in_order(TASK, "2019-07-02")
    .not_while_claimed("2019-07-02")
    .refused(Refusal::Missed)
    .on("2019-06-30")
    .refused(Refusal::SameUnit)
    .with("to", json!("sts"))
    .refused(Refusal::NotAlive)
    .with("to", json!("stc"))
    .then([happened(
        TASK,
        "2019-06-30",
        "obligation.transferred.v1",
        json!({"from": "snv", "to": "stc", "basis": "ct-01"}),
    )])
}

fn reminding() -> Climb {
    let body = json!({"by": "none", "note": "còn 5 ngày"});
    climb("obligation.remind", body)
        .with("obligation", json!(TASK))
        .known("by", "vp")
        .in_time("2019-06-25")
        .then([happened(
            TASK,
            "2019-06-25",
            "obligation.reminded.v1",
            json!({"by": "vp", "note": "còn 5 ngày"}),
        )])
}

fn flagging() -> Climb {
    climb("obligation.flag_late", json!({"on": "2019-06-30"}))
        .given(task("khong-han", json!({"rule": "not_stated"})))
        .with("obligation", json!("khong-han_snv"))
        .today("2019-06-29")
        .refused(Refusal::InTheFuture)
        .today("2019-07-20")
        .refused(Refusal::NoDueDate)
        .with("obligation", json!(TASK))
        .refused(Refusal::NotOverdue)
        .with("on", json!("2019-07-20"))
        .then([happened(
            TASK,
            "2019-07-01",
            "obligation.flagged_late.v1",
            json!({"due": "2019-06-30"}),
        )])
}

fn escalating() -> Climb {
    climb("obligation.escalate", json!({"by": "none", "to": "nobody"}))
        .with("obligation", json!(TASK))
        .known("by", "vp")
        .known("to", "ubnd")
        .in_time("2019-07-10")
        .then([happened(
            TASK,
            "2019-07-10",
            "obligation.escalated.v1",
            json!({"by": "vp", "to": "ubnd"}),
        )])
}

fn asking_why() -> Climb {
    let body = json!({"by": "none", "answer_by": "2019-07-20"});
    climb("obligation.request_explanation", body)
        .with("obligation", json!(TASK))
        .known("by", "ubnd")
        .in_time("2019-07-10")
        .then([happened(
            TASK,
            "2019-07-10",
            "obligation.explanation_requested.v1",
            json!({"by": "ubnd", "answer_by": "2019-07-20"}),
        )])
}

fn explaining() -> Climb {
    let attachments = json!([{"sha256": "b".repeat(64)}]);
    let body = json!({"cause": "thiếu người", "attachments": attachments});
    climb("obligation.explain", body)
        .with("obligation", json!(TASK))
        .in_time("2019-07-15")
        .then([happened(
            TASK,
            "2019-07-15",
            "obligation.explained.v1",
            json!({"cause": "thiếu người", "attachments": attachments}),
        )])
}

fn reversing() -> Climb {
    let reminder = json!({"by": "vp"});
    let refusal = json!({"by": "ubnd", "reason": "chưa đủ"});
    climb(
        "obligation.reverse",
        json!({"revision": 1, "reason": "ghi nhầm"}),
    )
    .given(act("2019-06-01", "obligation.remind", TASK, reminder))
    .given(claim("2019-06-10"))
    .given(act("2019-06-12", "task.refuse", TASK, refusal))
    .with("obligation", json!(TASK))
    .refused(Refusal::NothingToReverse)
    .with("revision", json!(4))
    .refused(Refusal::NothingToReverse)
    .with("revision", json!(2))
    .refused(Refusal::NotTheLastAct)
    .with("revision", json!(3))
    .then([happened(
        TASK,
        "2019-06-12",
        "obligation.reversed.v1",
        json!({"revision": 3, "reason": "ghi nhầm"}),
    )])
    .with("revision", json!(2))
    .then([happened(
        TASK,
        "2019-06-10",
        "obligation.reversed.v1",
        json!({"revision": 2, "reason": "ghi nhầm"}),
    )])
}
