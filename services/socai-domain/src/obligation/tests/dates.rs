//! Fulfilment dates, due dates and releases, as they stand on each day.

use super::*;
use crate::id::ObligationId;
use crate::rate::Bucket;
use crate::standing::{DueMode, Verdict};
use crate::tests::{day, given as recorded};

/// The bucket of `id` on each of `days`, against the due date in force.
#[track_caller]
fn buckets<const N: usize>(
    steps: impl IntoIterator<Item = Step>,
    id: &str,
    days: [(&str, Bucket); N],
) {
    let book = recorded(steps).book;
    let obligation = &book.obligations[&ObligationId::new(id).unwrap()];
    for (on, expected) in days {
        let standing = obligation.standing(day(on));
        let bucket = standing.bucket(DueMode::Current, day(on));
        assert_eq!(bucket, expected, "on {on}: {standing:?}");
    }
}

fn returned(on: &str, by: Option<&str>) -> Step {
    let mut more = json!({"by": "vp", "reason": "thiếu số liệu"});
    if let Some(by) = by {
        more["resubmit_by"] = json!(by);
    }
    act(on, "report.return", REPORT, more)
}

fn refused(on: &str, by: &str) -> Step {
    let more = json!({"by": "ubnd", "reason": "chưa đủ", "redo_by": by});
    act(on, "task.refuse", TASK, more)
}

fn confirmed(on: &str) -> Step {
    act(on, "task.confirm", TASK, json!({"by": "ubnd"})).by("ben")
}

fn with(more: impl IntoIterator<Item = Step>) -> Vec<Step> {
    owed().into_iter().chain(more).collect()
}

#[test]
fn due_today_is_pending_and_tomorrow_overdue() {
    buckets(
        owed(),
        REPORT,
        [
            ("2019-12-20", Bucket::Pending),
            ("2019-12-21", Bucket::Overdue),
        ],
    );
}

#[test]
fn a_report_received_on_the_due_date_is_on_time_and_a_day_after_late() {
    buckets(
        with([submit("2019-12-20")]),
        REPORT,
        [
            ("2019-12-19", Bucket::Pending),
            ("2019-12-20", Bucket::OnTime),
            ("2020-12-31", Bucket::OnTime),
        ],
    );
    buckets(
        with([submit("2019-12-21")]),
        REPORT,
        [
            ("2019-12-20", Bucket::Pending),
            ("2019-12-21", Bucket::Late),
        ],
    );
}

#[test]
fn returned_and_resubmitted_in_time_it_keeps_its_first_date() {
    let steps = [
        submit("2019-12-18"),
        returned("2019-12-20", Some("2019-12-28")),
        submit("2019-12-28"),
    ];
    buckets(
        with(steps),
        REPORT,
        [
            ("2019-12-19", Bucket::OnTime),
            ("2019-12-20", Bucket::Pending),
            ("2019-12-27", Bucket::Overdue),
            ("2019-12-28", Bucket::OnTime),
        ],
    );
}

#[test]
fn returned_and_resubmitted_after_its_day_it_counts_by_the_new_date() {
    let steps = [
        submit("2019-12-18"),
        returned("2019-12-20", Some("2019-12-28")),
        submit("2019-12-29"),
    ];
    buckets(with(steps), REPORT, [("2019-12-29", Bucket::Late)]);
}

#[test]
fn returned_without_a_day_it_counts_by_the_new_date() {
    let steps = [
        submit("2019-12-18"),
        returned("2019-12-19", None),
        submit("2019-12-20"),
    ];
    buckets(with(steps), REPORT, [("2019-12-20", Bucket::OnTime)]);
    let steps = [
        submit("2019-12-18"),
        returned("2019-12-19", None),
        submit("2019-12-21"),
    ];
    buckets(with(steps), REPORT, [("2019-12-21", Bucket::Late)]);
}

#[test]
fn returned_and_not_resubmitted_it_is_unfulfilled() {
    let steps = [
        submit("2019-12-18"),
        returned("2019-12-19", Some("2019-12-28")),
    ];
    buckets(
        with(steps),
        REPORT,
        [
            ("2019-12-20", Bucket::Pending),
            ("2019-12-21", Bucket::Overdue),
        ],
    );
}

#[test]
fn returned_twice_and_twice_in_time_it_keeps_its_first_date() {
    let steps = [
        submit("2019-12-18"),
        returned("2019-12-19", Some("2019-12-24")),
        submit("2019-12-24"),
        returned("2019-12-25", Some("2019-12-31")),
        submit("2019-12-31"),
    ];
    buckets(with(steps), REPORT, [("2019-12-31", Bucket::OnTime)]);
}

#[test]
fn returned_and_resubmitted_on_one_day_it_stands() {
    let steps = [
        submit("2019-12-18"),
        returned("2019-12-18", None),
        submit("2019-12-18"),
    ];
    buckets(with(steps), REPORT, [("2019-12-18", Bucket::OnTime)]);
}

/// Until the assigner answers, a claim waits; once it is confirmed it counts by its own date.
#[test]
fn a_claim_counts_by_its_own_date_once_it_is_confirmed() {
    buckets(
        with([claim("2019-06-30"), confirmed("2019-07-15")]),
        TASK,
        [
            ("2019-06-30", Bucket::Pending),
            ("2019-07-14", Bucket::Overdue),
            ("2019-07-15", Bucket::OnTime),
        ],
    );
}

#[test]
fn a_refused_claim_redone_in_time_keeps_its_first_date() {
    let redone = |on: &str, confirmed_on: &str| {
        with([
            claim("2019-06-28"),
            refused("2019-07-02", "2019-07-10"),
            claim(on),
            confirmed(confirmed_on),
        ])
    };
    buckets(
        redone("2019-07-10", "2019-07-12"),
        TASK,
        [("2019-07-12", Bucket::OnTime)],
    );
    buckets(
        redone("2019-07-11", "2019-07-12"),
        TASK,
        [("2019-07-12", Bucket::Late)],
    );
}

/// Owed as in [`owed`], in a ledger whose claims stand after ten days without an answer.
fn silent_book(more: impl IntoIterator<Item = Step>) -> crate::book::Book {
    let mut silent = recorded([]);
    silent.book.registry.ledger.claims_stand_after_days = Some(10);
    for step in owed().into_iter().chain(more) {
        silent.and(&step);
    }
    silent.book
}

#[test]
fn an_unanswered_claim_stands_after_so_many_days_and_the_record_tells() {
    let book = silent_book([claim("2019-06-25")]);
    let at = |on: &str| book.obligations[TASK].standing(day(on));
    assert_eq!(at("2019-07-04").verdict, Verdict::Waiting);
    assert_eq!(at("2019-07-04").fulfilled, None);
    assert_eq!(at("2019-07-05").verdict, Verdict::Stands);
    assert_eq!(at("2019-07-05").fulfilled, Some(day("2019-06-25")));
    assert!(!at("2019-07-05").accepted, "nobody said so in words");
}

#[test]
fn an_answer_within_those_days_ends_the_silence() {
    let book = silent_book([claim("2019-06-25"), refused("2019-07-04", "2019-07-10")]);
    let at = |on: &str| book.obligations[TASK].standing(day(on));
    assert_eq!(at("2019-07-05").verdict, Verdict::SentBack);
    assert_eq!(at("2030-01-01").fulfilled, None);
}

#[test]
fn where_the_document_says_so_a_claim_is_enough() {
    let body = json!({"task": "tin", "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": [{"unit": "snv"}], "claim_is_enough": true,
        "due": {"rule": "fixed", "date": "2019-06-30"}}});
    let steps = with([
        step("2019-02-01", "task.assign", body),
        act("2019-06-30", "task.claim", "tin_snv", json!({})),
    ]);
    buckets(steps, "tin_snv", [("2019-06-30", Bucket::OnTime)]);
}

#[test]
fn an_extension_holds_from_its_day_and_the_original_stays() {
    let extension = json!({"by": "ubnd", "due": "2020-01-31", "requested": "2019-12-20",
                           "reason": "bão số 5"});
    let book = recorded(with([
        act("2019-12-24", "obligation.extend", REPORT, extension),
        submit("2020-01-10"),
    ]))
    .book;
    let bucket = |on: &str, mode| {
        let standing = book.obligations[REPORT].standing(day(on));
        standing.bucket(mode, day(on))
    };
    assert_eq!(bucket("2019-12-23", DueMode::Current), Bucket::Overdue);
    assert_eq!(bucket("2019-12-24", DueMode::Current), Bucket::Pending);
    assert_eq!(bucket("2020-01-10", DueMode::Current), Bucket::OnTime);
    assert_eq!(bucket("2019-12-24", DueMode::Original), Bucket::Overdue);
    assert_eq!(bucket("2020-01-10", DueMode::Original), Bucket::Late);
}

#[test]
fn excused_does_not_count_from_its_day_on() {
    buckets(
        with([excuse("2019-12-24", REPORT)]),
        REPORT,
        [
            ("2019-12-23", Bucket::Overdue),
            ("2019-12-24", Bucket::Excused),
        ],
    );
}

#[test]
fn without_a_due_date_nothing_is_late() {
    let steps = with([
        task("khong-han", json!({"rule": "not_stated"})),
        act("2019-06-30", "task.claim", "khong-han_snv", json!({})),
        act(
            "2019-07-01",
            "task.confirm",
            "khong-han_snv",
            json!({"by": "ubnd"}),
        )
        .by("ben"),
    ]);
    buckets(
        steps,
        "khong-han_snv",
        [
            ("2019-03-01", Bucket::NoDueDate),
            ("2029-03-01", Bucket::NoDueDate),
        ],
    );
}

/// A date that is set in May was not there in April, so nothing could be extended or missed then.
#[test]
fn a_due_date_set_later_is_not_in_force_before() {
    let awaited = json!({"rule": "on_event", "event": "có kết luận"});
    let set = json!({"task": "cho", "due": "2019-06-30", "cause": "đã có"});
    recorded(with([
        task("cho", awaited),
        step("2019-05-01", "task.set_due", set),
    ]))
    .when(
        "ana",
        "2019-04-30",
        "obligation.extend",
        json!({"obligation": "cho_snv", "by": "ubnd", "due": "2019-12-31", "reason": "?"}),
    )
    .refused(Refusal::NoDueDate)
    .when(
        "ana",
        "2019-05-01",
        "obligation.extend",
        json!({"obligation": "cho_snv", "by": "ubnd", "due": "2019-12-31", "reason": "?"}),
    )
    .accepted();
}
