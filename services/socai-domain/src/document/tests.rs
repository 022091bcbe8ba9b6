use serde_json::json;

use super::{Refusal, below};
use crate::tests::{Climb, Step, city, day, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![issue(), relate(), end(), correct()]
}

fn plan() -> Step {
    let body = json!({"document": "kh-37", "number": "37/KH-UBND", "type": "Kế hoạch",
                      "issuer": "ubnd", "date": "2019-02-15"});
    step("2019-02-15", "document.issue", body)
}

fn relation(from: &str, relation: &str, to: &str) -> Step {
    let body = json!({"document": from, "relation": relation, "to": to});
    step("2019-03-01", "document.relate", body)
}

fn issue() -> Climb {
    let body = json!({"number": "số một", "type": "Quyết định", "issuer": "hdnd",
                      "date": "2019-04-01", "subject": "Về việc mật", "secret": true});
    ladder(city(), step("2019-04-02", "document.issue", body))
        .refused(Refusal::UnknownIssuer)
        .with("issuer", json!("ubnd"))
        .refused(Refusal::BadNumber)
        .with("number", json!("01/CT-UBND"))
        .refused(Refusal::TypeDisagrees)
        .with("type", json!("Chỉ thị"))
        .refused(Refusal::DateDisagrees)
        .on("2019-04-01")
        .refused(Refusal::Secret)
        .without("subject")
        .without("number")
        .refused(Refusal::IdRequired)
        .with("document", json!("ct-01"))
        .refused(Refusal::AlreadyIssued)
        .without("document")
        .with("number", json!("02/CT-UBND"))
        .then([told(
            "document.02-ct-ubnd_2019-04-01_ubnd",
            "2019-04-01",
            "document.issued.v1",
            json!({"number": "02/CT-UBND", "type": "Chỉ thị", "issuer": "ubnd",
                   "date": "2019-04-01", "secret": true}),
        )])
}

fn relate() -> Climb {
    let body = json!({"document": "none", "relation": "implements", "to": "ct-01",
                      "passage": {"text": "Thực hiện Chỉ thị số 01", "place": "dòng 3"}});
    ladder(
        city().into_iter().chain([plan()]),
        step("2019-03-01", "document.relate", body),
    )
    .refused(Refusal::Unknown)
    .with("document", json!("cv-mat"))
    .with("to", json!("nothing"))
    .refused(Refusal::Unknown)
    .with("to", json!("cv-mat"))
    .refused(Refusal::Itself)
    .with("to", json!("kh-37"))
    .refused(Refusal::Secret)
    .with("document", json!("ct-01"))
    .given(relation("kh-37", "implements", "ct-01"))
    .refused(Refusal::Cycle)
    .with("relation", json!("linked_with"))
    .then([told(
        "document.ct-01",
        "2019-03-01",
        "document.related.v1",
        json!({"relation": "linked_with", "to": "kh-37",
               "passage": {"text": "Thực hiện Chỉ thị số 01", "place": "dòng 3"}}),
    )])
}

fn end() -> Climb {
    let body = json!({"document": "kh-37", "how": "replaced", "by": "none"});
    ladder(city(), step("2019-01-01", "document.end", body))
        .refused(Refusal::Unknown)
        .given(plan())
        .refused(Refusal::Unknown)
        .with("by", json!("kh-37"))
        .refused(Refusal::Itself)
        .with("by", json!("ct-01"))
        .refused(Refusal::BeforeIssue)
        .on("2020-01-01")
        .then([told(
            "document.kh-37",
            "2020-01-01",
            "document.ended.v1",
            json!({"how": "replaced", "by": "ct-01"}),
        )])
        .next(step(
            "2021-01-01",
            "document.end",
            json!({"document": "kh-37", "how": "expired"}),
        ))
        .refused(Refusal::AlreadyEnded)
}

fn correct() -> Climb {
    let body = json!({"document": "none", "reason": "gõ nhầm"});
    ladder(city(), step("2019-05-01", "document.correct", body))
        .refused(Refusal::NothingCorrected)
        .with("number", json!("một"))
        .with("subject", json!("Về việc mật"))
        .refused(Refusal::Unknown)
        .with("document", json!("cv-mat"))
        .refused(Refusal::BadNumber)
        .with("number", json!("7/CT-UBND"))
        .refused(Refusal::TypeDisagrees)
        .with("number", json!("7/UBND-VX"))
        .refused(Refusal::Secret)
        .without("subject")
        .then([told(
            "document.cv-mat",
            "2019-05-01",
            "document.corrected.v1",
            json!({"number": "7/UBND-VX", "reason": "gõ nhầm"}),
        )])
}

#[test]
fn issuing_checks_rules_in_order() {
    issue();
}

#[test]
fn relating_checks_rules_in_order() {
    relate();
}

#[test]
fn ending_checks_rules_in_order() {
    end();
}

#[test]
fn correcting_checks_rules_in_order() {
    correct();
}

#[test]
fn an_undated_document_stays_undated() {
    let after = given(city())
        .when(
            "ana",
            "2019-04-15",
            "document.issue",
            json!({"number": "1138-CV/ĐU", "type": "Công văn"}),
        )
        .then([told(
            "document.1138-cv-du_undated_unnamed",
            "2019-04-15",
            "document.issued.v1",
            json!({"number": "1138-CV/ĐU", "type": "Công văn"}),
        )]);
    let known = &after.book.registry.documents["1138-cv-du_undated_unnamed"];
    assert_eq!((known.date, known.known), (None, day("2019-04-15")));
}

/// A number repeats in every province, term and year.
#[test]
fn one_number_may_belong_to_several_documents() {
    let issue = |date: &str| {
        let body = json!({"number": "37/KH-UBND", "type": "Kế hoạch", "issuer": "ubnd",
                          "date": date});
        step(date, "document.issue", body)
    };
    let steps = city()
        .into_iter()
        .chain([issue("2019-02-15"), issue("2020-02-15")]);
    let documents = given(steps).book.registry.documents;
    let same = documents
        .values()
        .filter(|d| d.title() == "Kế hoạch 37/KH-UBND");
    assert_eq!(same.count(), 2);
}

#[test]
fn an_ambiguous_symbol_takes_either_of_its_types_and_no_third() {
    let issue = |number: &str, kind: &str| json!({"number": number, "type": kind});
    for kind in ["Quyết định", "Quy định", "quyết  định"] {
        given(city())
            .when(
                "ana",
                "2019-01-02",
                "document.issue",
                issue("5-QĐ/TU", kind),
            )
            .accepted();
    }
    for kind in ["Chỉ thị", "Quy", "Quyết", "Q"] {
        given(city())
            .when(
                "ana",
                "2019-01-02",
                "document.issue",
                issue("5-QĐ/TU", kind),
            )
            .refused(Refusal::TypeDisagrees);
    }
}

/// A corrected document used to take any later issue of its id for itself, and drop what it said.
#[test]
fn a_corrected_document_is_issued_again_only_as_it_was_or_is() {
    let issued = |subject: &str| {
        json!({"document": "cv-1", "type": "Công văn", "subject": subject,
               "date": "2019-01-02"})
    };
    let correction = json!({"document": "cv-1", "subject": "Đất đai", "reason": "gõ nhầm"});
    given(city())
        .when("ana", "2019-01-02", "document.issue", issued("Đất dai"))
        .accepted()
        .when("ana", "2019-02-01", "document.correct", correction)
        .accepted()
        .when("ana", "2019-01-02", "document.issue", issued("Đất dai"))
        .unchanged()
        .when("ana", "2019-01-02", "document.issue", issued("Đất đai"))
        .unchanged()
        .when("ana", "2019-01-02", "document.issue", issued("Nhà ở"))
        .refused(Refusal::AlreadyIssued);
}

#[test]
fn of_a_secret_document_no_word_is_kept() {
    let quote = json!({"text": "nội dung mật"});
    let task = json!({"task": "nv", "assignment": {"document": "cv-mat", "title": "Việc một",
        "leads": [{"unit": "snv"}], "due": {"rule": "not_stated"}, "passage": quote}});
    given(city())
        .when("ana", "2019-02-01", "task.assign", task)
        .refused(crate::task::Refusal::Secret);
    let rule = json!({"document": "cv-mat", "kind": "periodic", "title": "Báo cáo",
        "reporters": [{"unit": "snv"}], "cadence": "yearly", "window": {"rule": "not_stated"},
        "due": {"rule": "not_stated"}, "day_off": "keep", "passage": quote});
    given(city())
        .when(
            "ana",
            "2019-02-01",
            "requirement.set",
            json!({"requirement": "bc", "rule": rule}),
        )
        .refused(crate::requirement::Refusal::Secret);
}

#[test]
fn everything_issued_under_a_document_is_found_and_soft_links_are_not() {
    let letter = |id: &str| {
        let body = json!({"document": id, "type": "Công văn"});
        step("2019-02-20", "document.issue", body)
    };
    let mut later = relation("cv-3", "guides", "kh-37");
    later.on = day("2020-01-01");
    let documents = given(city().into_iter().chain([
        plan(),
        letter("cv-2"),
        letter("cv-3"),
        relation("kh-37", "implements", "ct-01"),
        relation("cv-2", "linked_with", "ct-01"),
        later,
    ]))
    .book
    .registry
    .documents;
    let under = |on: &str| {
        let found = below(&documents, &"ct-01".parse().unwrap(), day(on));
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(under("2019-12-31"), ["ct-01", "kh-37"]);
    assert_eq!(under("2020-01-01"), ["ct-01", "cv-3", "kh-37"]);
}

/// The longest way round is refused as well, so that following a chain always ends.
#[test]
fn no_chain_of_any_length_leads_back() {
    let letter = |id: &str| {
        let body = json!({"document": id, "type": "Công văn"});
        step("2019-02-20", "document.issue", body)
    };
    given(city().into_iter().chain([
        letter("a"),
        letter("b"),
        letter("c"),
        relation("b", "guides", "a"),
        relation("c", "continues", "b"),
    ]))
    .when(
        "ana",
        "2018-01-01",
        "document.relate",
        json!({"document": "a", "relation": "plans_for", "to": "c"}),
    )
    .refused(Refusal::Cycle);
}
