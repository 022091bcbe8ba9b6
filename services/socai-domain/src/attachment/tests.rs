use serde_json::{Value, json};

use super::{MediaType, Refusal};
use crate::tests::{Climb, Step, city, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![store(), erase()]
}

fn address(digit: &str) -> String {
    digit.repeat(64)
}

fn task() -> Step {
    let body = json!({"task": "nv", "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": [{"unit": "snv"}], "due": {"rule": "not_stated"}}});
    step("2019-02-01", "task.assign", body)
}

fn inspection() -> Step {
    let body = json!({"inspection": "kt-1", "plan": {
        "kind": "inspection", "by": "vp", "units": ["snv"], "title": "Kiểm tra Chỉ thị 01",
        "window": {"from": "2019-01-01", "to": "2019-12-31"}}});
    step("2020-03-01", "inspection.open", body)
}

fn file(about: Value) -> Value {
    json!({"bytes": 120, "media": "application/pdf", "about": about})
}

fn stored() -> Step {
    let body = json!({"attachment": address("a"), "file": file(json!({"obligation": "nv_snv"}))});
    step("2019-03-01", "attachment.store", body)
}

fn erased() -> Step {
    let body = json!({"attachment": address("a"), "erasure": {
        "reason": "tệp có dữ liệu cá nhân", "ordered_by": {"unit": "vp"}}});
    step("2019-04-01", "attachment.erase", body)
}

fn store() -> Climb {
    let body = json!({"attachment": address("a"), "file": file(json!({"obligation": "none"}))});
    ladder(
        city().into_iter().chain([task(), inspection(), stored()]),
        step("2031-01-02", "attachment.store", body),
    )
    .refused(Refusal::UnknownSubject)
    .with("file.about", json!({"inspection": "none"}))
    .refused(Refusal::UnknownSubject)
    .with("file.about", json!({"document": "none"}))
    .refused(Refusal::UnknownSubject)
    .with("file.about", json!({"document": "cv-mat"}))
    .refused(Refusal::Secret)
    .with("file.about", json!({"document": "ct-01"}))
    .refused(Refusal::AlreadyStored)
    .with("attachment", json!(address("b")))
    .refused(Refusal::InTheFuture)
    .on("2019-03-02")
    .then([told(
        &format!("attachment.{}", address("b")),
        "2019-03-02",
        "attachment.stored.v1",
        json!({"file": {"bytes": 120, "media": "application/pdf",
                        "about": {"document": "ct-01"}}}),
    )])
    .given(erased())
    .next(stored())
    .refused(Refusal::Erased)
}

fn erase() -> Climb {
    let body = json!({"attachment": address("b"), "erasure": {
        "reason": "tệp có dữ liệu cá nhân", "legal_basis": "Luật 91/2025/QH15",
        "ordered_by": {"document": "none"}}});
    ladder(
        city().into_iter().chain([task(), stored()]),
        step("2019-02-01", "attachment.erase", body),
    )
    .refused(Refusal::Unknown)
    .with("attachment", json!(address("a")))
    .refused(Refusal::UnknownSubject)
    .with("erasure.ordered_by", json!({"unit": "none"}))
    .refused(Refusal::UnknownSubject)
    .with("erasure.ordered_by", json!({"document": "ct-01"}))
    .refused(Refusal::BeforeStoring)
    .on("2031-01-02")
    .refused(Refusal::InTheFuture)
    .on("2020-01-01")
    .then([told(
        &format!("attachment.{}", address("a")),
        "2020-01-01",
        "attachment.erased.v1",
        json!({"erasure": {"reason": "tệp có dữ liệu cá nhân",
               "legal_basis": "Luật 91/2025/QH15", "ordered_by": {"document": "ct-01"}}}),
    )])
    .with("erasure.reason", json!("khác"))
    .refused(Refusal::AlreadyErased)
}

#[test]
fn storing_checks_rules_in_order() {
    store();
}

#[test]
fn erasing_checks_rules_in_order() {
    erase();
}

/// Whoever completes an erasure that was cut short does so on a later day.
#[test]
fn erasing_again_on_another_day_changes_nothing() {
    let again = erased();
    given(city().into_iter().chain([task(), stored(), erased()]))
        .when("ben", "2019-05-01", &again.name, again.body)
        .unchanged();
}

/// The inspection that a file is about may be one that has ended, and the file about nothing.
#[test]
fn a_file_may_be_about_an_inspection_or_about_nothing() {
    let mut given = given(city().into_iter().chain([inspection()]));
    for (digit, about) in [("c", json!({"inspection": "kt-1"})), ("d", Value::Null)] {
        let body = json!({"attachment": address(digit), "file": file(about)});
        given = given
            .when("ana", "2020-04-01", "attachment.store", body)
            .accepted();
    }
}

#[test]
fn a_media_type_is_a_sort_and_a_name() {
    let good = [
        "application/pdf",
        "text/plain",
        "image/svg+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ];
    for text in good {
        assert_eq!(
            text.parse().map(|media: MediaType| media.to_string()),
            Ok(text.to_owned())
        );
    }
    let long = format!("text/{}", "a".repeat(101));
    let bad = [
        "",
        "pdf",
        "application/",
        "/pdf",
        "Application/pdf",
        "model/gltf",
        "text/plain; charset=utf-8",
        "text/a/b",
        "text/.a",
        "nguyen-van-a/pdf",
        &long,
    ];
    for text in bad {
        assert!(text.parse::<MediaType>().is_err(), "{text:?}");
    }
}
