use serde_json::{Value, json};

use super::Refusal;
use crate::due::DueError;
use crate::period::{PeriodError, WindowError};
use crate::refusal::Refused;
use crate::tests::{Climb, Step, city, day, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![set(), end(), open(), open_once()]
}

/// A rule of another room refuses with its own code.
fn own(code: &'static str) -> Refused {
    let sentence = "";
    Refused {
        code,
        sentence,
        about: None,
    }
}

fn rule(cadence: &str, window: &str, due: Value) -> Value {
    json!({"document": "ct-01", "kind": "periodic", "title": "Báo cáo thực hiện",
           "reporters": [{"group": "cac-so"}], "cadence": cadence,
           "window": {"rule": window}, "due": due, "day_off": "keep"})
}

fn required(requirement: &str, rule: &Value) -> Step {
    let body = json!({"requirement": requirement, "rule": rule});
    step("2019-01-02", "requirement.set", body)
}

fn opened(requirement: &str, period: &str, on: &str) -> Step {
    let body = json!({"requirement": requirement, "period": period});
    step(on, "period.open", body)
}

fn calendar(year: i16) -> Step {
    let body = json!({"year": year, "days": [], "source": "Thông báo"});
    step("2018-12-01", "calendar.publish", body)
}

fn set() -> Climb {
    let mut asked = rule("yearly", "decree_09", json!({"rule": "days_after", "n": 1}));
    for (field, value) in [
        ("document", json!("none")),
        ("reporters", json!([])),
        ("via", json!("nobody")),
        ("to", json!({"group": "none"})),
        ("host", json!("none")),
        ("passage", json!({"text": "báo cáo hằng năm"})),
    ] {
        asked[field] = value;
    }
    let plain = rule("yearly", "not_stated", json!({"rule": "not_stated"}));
    let body = json!({"requirement": "bc_nam", "rule": asked});
    let mut expected = asked.clone();
    for (field, value) in [
        ("document", json!("ct-01")),
        ("directed_by", json!(["cv-mat"])),
        ("reporters", json!([{"unit": "snv"}])),
        ("via", json!("vp")),
        ("to", json!({"unit": "ubnd"})),
        ("host", json!("cu")),
        ("due", json!({"rule": "days_after", "n": 5})),
    ] {
        expected[field] = value;
    }
    ladder(
        city().into_iter().chain([required("cu", &plain)]),
        step("2019-01-02", "requirement.set", body),
    )
    .refused(Refusal::NoReporters)
    .with("rule.reporters", json!([{"unit": "sxd"}]))
    .refused(Refusal::UnknownDocument)
    .with("rule.document", json!("cv-mat"))
    .with("rule.directed_by", json!(["none"]))
    .refused(Refusal::UnknownDocument)
    .with("rule.directed_by", json!(["cv-mat"]))
    .refused(Refusal::UnknownUnit)
    .with("rule.via", json!("vp"))
    .refused(Refusal::UnknownUnit)
    .with("rule.reporters", json!([{"unit": "snv"}]))
    .refused(Refusal::UnknownUnit)
    .with("rule.to", json!({"unit": "ubnd"}))
    .refused(Refusal::UnknownHost)
    .with("rule.host", json!("cu"))
    .refused(Refusal::Secret)
    .with("rule.document", json!("ct-01"))
    .refused(own(DueError::NoWorkingDayBetween.code()))
    .with("rule.due.n", json!(5))
    .with("requirement", json!("cu"))
    .refused(Refusal::AlreadySet)
    .with("requirement", json!("bc_nam"))
    .refused(Refusal::BadId)
    .with("requirement", json!("bc-nam"))
    .then([told(
        "requirement.bc-nam",
        "2019-01-02",
        "requirement.set.v1",
        json!({"rule": expected}),
    )])
    .on("2019-02-01")
    .refused(Refusal::AlreadySet)
}

fn end() -> Climb {
    let plain = rule("yearly", "not_stated", json!({"rule": "not_stated"}));
    let body = json!({"requirement": "none", "reason": "hết thời hạn"});
    ladder(
        city().into_iter().chain([required("bc", &plain)]),
        step("2018-12-31", "requirement.end", body),
    )
    .refused(Refusal::Unknown)
    .with("requirement", json!("bc"))
    .refused(Refusal::NotYetSet)
    .on("2019-06-01")
    .afresh()
    .given(opened("bc", "2019", "2019-06-01"))
    .refused(Refusal::OpenAfter)
    .on("2019-06-02")
    .then([told(
        "requirement.bc",
        "2019-06-02",
        "requirement.ended.v1",
        json!({"reason": "hết thời hạn"}),
    )])
    .on("2020-01-01")
    .refused(Refusal::Ended)
}

fn open() -> Climb {
    let due = json!({"rule": "working_days_after", "n": 3});
    let history = city()
        .into_iter()
        .chain([required("bc", &rule("monthly", "decree_09", due))]);
    let body = json!({"requirement": "none", "period": "2019-q1", "due": "2019-03-20",
                      "window": {"from": "2019-02-01", "to": "2019-02-28"}});
    ladder(history, step("2019-01-01", "period.open", body))
        .refused(Refusal::Unknown)
        .with("requirement", json!("bc"))
        .refused(Refusal::NotYetSet)
        .on("2019-03-20")
        .refused(own(PeriodError::WrongCadence.code()))
        .with("period", json!("2019-m03"))
        .refused(Refusal::DueNotOurs)
        .without("due")
        .refused(own(WindowError::NotTheRules.code()))
        .with("window", json!({"from": "2019-02-15", "to": "2019-03-14"}))
        .refused(own("calendar.not_published"))
        .given(calendar(2019))
        .refused(Refusal::DueBeforeOpening)
        .on("2019-03-01")
        .then([told(
            "requirement.bc",
            "2019-03-01",
            "period.opened.v1",
            json!({"period": "2019-m03", "reporters": ["snv", "stc"],
                   "expansions": [{"group": "cac-so", "members": ["snv", "stc"]}],
                   "calendars": {"2019": 1},
                   "times": {"window": {"from": "2019-02-15", "to": "2019-03-14"},
                             "due": {"due": "2019-03-19", "unshifted": "2019-03-19",
                                     "shifted_because": null, "certainty": "certain"}}}),
        )])
        .on("2019-03-02")
        .refused(Refusal::AlreadyOpened)
        .given(step(
            "2019-04-01",
            "requirement.end",
            json!({"requirement": "bc", "reason": "hết thời hạn"}),
        ))
        .on("2019-04-01")
        .with("period", json!("2019-m05"))
        .refused(Refusal::Ended)
}

fn open_once() -> Climb {
    let plain = rule("once", "stated", json!({"rule": "not_stated"}));
    let long = "x".repeat(120);
    let reporter = step(
        "2008-08-01",
        "unit.form",
        json!({"unit": long, "name": "Sở", "kind": "department"}),
    );
    let mut named_long = plain.clone();
    named_long["reporters"] = json!([{"unit": long}]);
    let history = city().into_iter().chain([
        reporter,
        required("so-ket", &plain),
        required("tong-ket", &named_long),
    ]);
    let window = json!({"from": "2014-01-21", "to": "2019-03-31"});
    let body = json!({"requirement": "so-ket", "period": "so-ket-5-nam"});
    ladder(history, step("2019-03-01", "period.open", body))
        .refused(own(WindowError::MustBeStated.code()))
        .with("window", window.clone())
        .then([told(
            "requirement.so-ket",
            "2019-03-01",
            "period.opened.v1",
            json!({"period": "so-ket-5-nam", "reporters": ["snv", "stc"],
                   "expansions": [{"group": "cac-so", "members": ["snv", "stc"]}],
                   "times": {"window": window, "due": null}}),
        )])
        .with("period", json!("so-ket-10-nam"))
        .refused(Refusal::OnlyOnce)
        .with("requirement", json!("tong-ket"))
        .with("period", json!(format!("so-ket-{}", "y".repeat(40))))
        .refused(Refusal::BadId)
}

#[test]
fn setting_checks_rules_in_order() {
    set();
}

#[test]
fn ending_checks_rules_in_order() {
    end();
}

#[test]
fn opening_checks_rules_in_order() {
    open();
}

#[test]
fn opening_what_is_asked_for_once_checks_rules_in_order() {
    open_once();
}

/// S0 to S4 state no due date for any report: none is invented, and nothing is ever late.
#[test]
fn no_due_date_is_invented() {
    let plain = rule("yearly", "calendar", json!({"rule": "not_stated"}));
    let after = given(city().into_iter().chain([required("bc", &plain)]))
        .when(
            "ana",
            "2019-06-01",
            "period.open",
            json!({"requirement": "bc", "period": "2019", "due": "2019-12-20"}),
        )
        .refused(Refusal::DueNotOurs)
        .when(
            "ana",
            "2019-06-01",
            "period.open",
            json!({"requirement": "bc", "period": "2019"}),
        )
        .accepted();
    let obligation = &after.book.obligations["bc_2019_snv"];
    assert_eq!(obligation.standing(day("2030-01-01")).due, None);
}

#[test]
fn a_request_may_state_a_due_date() {
    let plain = rule("on_request", "not_stated", json!({"rule": "not_stated"}));
    let asked = json!({"requirement": "bc", "period": "dot-1", "due": "2019-06-10",
                       "cause": "Công văn hỏa tốc"});
    let after = given(city().into_iter().chain([required("bc", &plain)]))
        .when("ana", "2019-06-01", "period.open", asked.clone())
        .accepted()
        .when("ana", "2019-06-01", "period.open", asked)
        .unchanged()
        .when(
            "ana",
            "2019-06-01",
            "period.open",
            json!({"requirement": "bc", "period": "dot-1"}),
        )
        .refused(Refusal::AlreadyOpened);
    let obligation = &after.book.obligations["bc_dot-1_snv"];
    assert_eq!(obligation.terms.due, Some(day("2019-06-10")));
}

/// Until somebody opens a period nobody owes anything, so that silence is not lateness.
#[test]
fn a_requirement_by_itself_creates_no_obligation() {
    let plain = rule("on_event", "not_stated", json!({"rule": "not_stated"}));
    let book = given(city().into_iter().chain([required("bc", &plain)])).book;
    assert!(book.obligations.is_empty());
}

/// What was resolved stands: neither the question asked again nor a due date moves.
#[test]
fn a_later_version_of_the_calendar_leaves_what_was_opened() {
    let due = json!({"rule": "working_days_after", "n": 3});
    let holiday = json!({"year": 2019, "source": "Thông báo", "days": [{"date": "2019-03-18",
        "kind": "legal", "name": "Nghỉ", "certainty": "certain", "source": "?"}]});
    let after = given(city().into_iter().chain([
        calendar(2019),
        required("bc", &rule("monthly", "decree_09", due)),
        opened("bc", "2019-m03", "2019-03-01"),
        step("2019-03-02", "calendar.publish", holiday),
    ]))
    .when(
        "ana",
        "2019-03-01",
        "period.open",
        json!({"requirement": "bc", "period": "2019-m03"}),
    )
    .unchanged();
    let obligation = &after.book.obligations["bc_2019-m03_snv"];
    assert_eq!(obligation.terms.due, Some(day("2019-03-19")));
}

/// Days counted over New Year are found in two calendars, and the record names both.
#[test]
fn every_calendar_that_was_looked_at_is_recorded() {
    let mut calendared = rule(
        "yearly",
        "calendar",
        json!({"rule": "working_days_after", "n": 3}),
    );
    calendared["reporters"] = json!([{"unit": "snv"}]);
    given(
        city()
            .into_iter()
            .chain([calendar(2019), calendar(2020), required("bc", &calendared)]),
    )
    .when(
        "ana",
        "2019-12-01",
        "period.open",
        json!({"requirement": "bc", "period": "2019"}),
    )
    .then([told(
        "requirement.bc",
        "2019-12-01",
        "period.opened.v1",
        json!({"period": "2019", "reporters": ["snv"], "calendars": {"2019": 1, "2020": 1},
               "times": {"window": {"from": "2019-01-01", "to": "2019-12-31"},
                         "due": {"due": "2020-01-03", "unshifted": "2020-01-03",
                                 "shifted_because": null, "certainty": "certain"}}}),
    )]);
}
