//! Nonsense of every sort: each gets a sentence that says what and where, and changes nothing.

use crate::socai::{Ledger, OBLIGATIONS, socai};

/// What comes in, the outcome, its code, and a word that the message must have.
const LINES: &[(&str, &str, &str, &str)] = &[
    ("broken JSON", "{\"command\":", "line.not_a_request", "EOF"),
    (
        "not an object",
        "[1]",
        "line.not_a_request",
        "expected a JSON object",
    ),
    (
        "an unknown command",
        r#"{"command":"unit.paint","effective":"2024-01-01","data":{}}"#,
        "line.unknown_command",
        "unit.paint",
    ),
    (
        "30 February",
        r#"{"command":"unit.form","effective":"2024-02-30","data":{"unit":"x","name":"X","kind":"other"}}"#,
        "line.not_a_request",
        "effective: ",
    ),
    (
        "a date of words",
        r#"{"command":"document.issue","effective":"2024-01-01","data":{"type":"Chỉ thị","number":"1-CT/TU","date":"hôm qua"}}"#,
        "line.bad_data",
        "date",
    ),
    (
        "a field that nobody knows",
        r#"{"command":"unit.form","effective":"2024-01-01","data":{"unit":"x","name":"X","kind":"other","recordedtime":"2020-01-01T00:00:00Z"}}"#,
        "line.bad_data",
        "recordedtime",
    ),
    (
        "a recorded time of the client's own",
        r#"{"command":"unit.form","effective":"2024-01-01","recordedtime":"2020-01-01T00:00:00Z","data":{"unit":"x","name":"X","kind":"other"}}"#,
        "line.not_a_request",
        "recordedtime",
    ),
    (
        "an actor of the client's own",
        r#"{"command":"unit.form","effective":"2024-01-01","actor":"boss","data":{"unit":"x","name":"X","kind":"other"}}"#,
        "line.actor_not_trusted",
        "boss",
    ),
    (
        "an unknown obligation",
        r#"{"command":"report.submit","effective":"2024-03-01","data":{"obligations":["nowhere"]}}"#,
        "obligation.unknown",
        "nowhere",
    ),
    (
        "an unknown unit",
        r#"{"command":"unit.rename","effective":"2024-03-01","data":{"unit":"nowhere","name":"X"}}"#,
        "unit.unknown",
        "nowhere",
    ),
    (
        "a submission before the assignment",
        r#"{"command":"report.submit","effective":"2024-01-14","data":{"obligations":["r_2024-h1_a"]}}"#,
        "obligation.before_assignment",
        "2024-01-14",
    ),
    (
        "a submission that has not happened yet",
        r#"{"command":"report.submit","effective":"2999-01-01","data":{"obligations":["r_2024-h1_a"]}}"#,
        "obligation.in_the_future",
        "2999-01-01",
    ),
    (
        "a task handed in as a report",
        r#"{"command":"report.submit","effective":"2024-02-01","data":{"obligations":["t_a"]}}"#,
        "obligation.not_a_report",
        "task",
    ),
    (
        "an extension asked for after the due date",
        r#"{"command":"obligation.extend","effective":"2024-07-01","data":{"obligation":"t_a","due":"2024-08-01","by":"c","reason":"chậm số liệu"}}"#,
        "obligation.asked_too_late",
        "2024-06-30",
    ),
    (
        "an extension by somebody else",
        r#"{"command":"obligation.extend","effective":"2024-06-01","data":{"obligation":"t_a","due":"2024-08-01","by":"b","reason":"chậm số liệu"}}"#,
        "obligation.not_the_assigner",
        "b",
    ),
    (
        "an excuse of one's own",
        r#"{"command":"obligation.excuse","effective":"2024-06-01","data":{"obligation":"t_a","by":"a","reason":"bận","legal_basis":"không"}}"#,
        "obligation.second_unit_required",
        "a",
    ),
    (
        "a merge into itself",
        r#"{"command":"unit.merge","effective":"2025-03-01","data":{"units":["a"],"into":"a"}}"#,
        "unit.itself",
        "a",
    ),
    (
        "a cycle of parents",
        r#"{"command":"unit.reparent","effective":"2025-03-01","data":{"unit":"c","parent":"a"}}"#,
        "unit.parent_cycle",
        "a",
    ),
    (
        "a number that does not read",
        r#"{"command":"document.issue","effective":"2024-01-01","data":{"number":"Chỉ thị 25","type":"Chỉ thị","date":"2024-01-01","issuer":"c"}}"#,
        "document.bad_number",
        "Chỉ thị 25",
    ),
];

#[test]
fn each_bad_line_gets_a_sentence_and_changes_nothing() {
    let ledger = Ledger::with_obligations();
    let before = ledger.export();
    for (what, line, code, word) in LINES {
        let report = ledger.one("clerk", line);
        assert_eq!(report["outcome"], "refused", "{what}: {report}");
        assert_eq!(report["code"], *code, "{what}: {report}");
        assert!(
            report["message"].as_str().unwrap().contains(word),
            "{what}: {report}"
        );
        assert_eq!(report["line"], 1, "{what}: {report}");
    }
    assert_eq!(ledger.export(), before);
}

#[test]
fn a_bad_line_leaves_the_others_unaffected() {
    let ledger = Ledger::new();
    let lines = format!("{{\n\n{OBLIGATIONS}\u{1}\n");
    let ran = ledger.record(&lines);
    let outcomes: Vec<_> = ran
        .json()
        .iter()
        .map(|r| (r["line"].clone(), r["outcome"].clone()))
        .collect();
    assert_eq!(outcomes.first().unwrap(), &(1.into(), "refused".into()));
    assert_eq!(outcomes.last().unwrap(), &(10.into(), "refused".into()));
    assert_eq!(
        outcomes
            .iter()
            .filter(|(_, outcome)| outcome == "recorded")
            .count(),
        7
    );
    assert_eq!(ran.code, 1);
}

#[test]
fn all_or_nothing_records_nothing_where_one_line_is_wrong() {
    for bad in [
        "{",
        r#"{"command":"unit.rename","effective":"2024-01-01","data":{"unit":"x","name":"X"}}"#,
    ] {
        let ledger = Ledger::new();
        let before = ledger.export();
        let lines = format!("{OBLIGATIONS}{bad}\n");
        let ran = ledger.run_with(&["record", "-", "--all-or-nothing"], lines.as_bytes());
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("nothing was recorded"), "{ran:?}");
        assert_eq!(ledger.export(), before);
    }
}

#[test]
fn whoever_claims_cannot_confirm() {
    let ledger = Ledger::with_obligations();
    let claim = r#"{"command":"task.claim","effective":"2024-06-01","data":{"obligation":"t_a"}}"#;
    assert_eq!(ledger.one("ana", claim)["outcome"], "recorded");
    let confirm = |by: &str| {
        format!(
            r#"{{"command":"task.confirm","effective":"2024-06-02","data":{{"obligation":"t_a","by":"{by}"}}}}"#
        )
    };
    assert_eq!(
        ledger.one("ben", &confirm("a"))["code"],
        "obligation.second_unit_required"
    );
    assert_eq!(
        ledger.one("ana", &confirm("c"))["code"],
        "obligation.second_person_required"
    );
    assert_eq!(ledger.one("ben", &confirm("c"))["outcome"], "recorded");
    assert_eq!(ledger.one("ben", &confirm("c"))["outcome"], "unchanged");
}

#[test]
fn a_line_of_100_megabytes_is_read_over() {
    let ledger = Ledger::new();
    let long = "x".repeat(100_000_000);
    let lines = format!("{{\"command\":\"{long}\"}}\n{OBLIGATIONS}");
    let reports = ledger.record(&lines).json();
    assert_eq!(reports[0]["code"], "line.too_long");
    assert!(
        reports[1..]
            .iter()
            .all(|report| report["outcome"] == "recorded"),
        "{reports:?}"
    );
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let ledger = Ledger::new();
    let line = b"{\"command\":\"\xff\"}\n";
    let ran = ledger.run_with(&["record", "-", "--format", "json"], line);
    assert_eq!(ran.json()[0]["code"], "line.not_utf8");
    assert!(
        ran.json()[0]["message"]
            .as_str()
            .unwrap()
            .contains("byte 13")
    );
}

/// "Sở" typed as S, o, combining horn, combining hook above is the same name.
#[test]
fn decomposed_vietnamese_is_stored_composed() {
    let ledger = Ledger::new();
    let form = |name: &str| {
        format!(
            r#"{{"command":"unit.form","effective":"2024-01-01","data":{{"unit":"x","name":"{name}","kind":"department"}}}}"#
        )
    };
    assert_eq!(
        ledger.one("clerk", &form("So\u{31b}\u{309} Y te\u{302}\u{301}"))["outcome"],
        "recorded"
    );
    assert!(ledger.export().contains("Sở Y tế"));
    assert_eq!(
        ledger.one("clerk", &form("Sở Y tế"))["outcome"],
        "unchanged"
    );
}

#[test]
fn wrong_usage_exits_with_2_and_a_hint() {
    let ledger = Ledger::new();
    for arguments in [
        &["rates", "--from", "2024-02-30"][..],
        &["rates", "--as-of", "yesterday"],
        &["rates", "--known-at", "soon"],
        &["obligations", "--bucket", "lost"],
        &["rates", "--unit", "Sở"],
        &["paint"],
        &["record"],
    ] {
        let ran = ledger.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains("error:"), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_question_that_cannot_be_answered_says_why() {
    let ledger = Ledger::with_obligations();
    for (arguments, word) in [
        (&["rates", "--document", "99-CT/TU"][..], "99-CT/TU"),
        (&["rates", "--unit", "nowhere"], "nowhere"),
        (&["rates", "--known-at", "999"], "ends at position"),
        (
            &["rates", "--from", "2024-02-01", "--to", "2024-01-01"],
            "--from",
        ),
        (&["history", "--obligation", "nowhere"], "nowhere"),
        (&["sweep", "--on", "2999-01-01"], "2999-01-01"),
    ] {
        let ran = ledger.run(arguments);
        assert_eq!(ran.code, 1, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(word), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn there_must_be_a_ledger() {
    let empty = tempfile::tempdir().unwrap();
    let dir = empty.path().to_str().unwrap();
    for arguments in [
        &["rates", "--data", dir][..],
        &["record", "--data", dir, "-"],
        &["verify", dir],
        &["export", "--data", dir],
    ] {
        let ran = socai(arguments, b"");
        assert_eq!(ran.code, 1, "{arguments:?}: {ran:?}");
        assert!(
            ran.err.contains("there is no ledger in"),
            "{arguments:?}: {ran:?}"
        );
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}
