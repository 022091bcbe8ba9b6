//! Recording, asking again, asking back.

use crate::socai::{Ledger, OBLIGATIONS, socai};

#[test]
fn recording_the_same_file_again_changes_nothing() {
    let ledger = Ledger::with_obligations();
    let before = ledger.export();
    let again = ledger.record(OBLIGATIONS);
    assert!(
        again
            .json()
            .iter()
            .all(|report| report["outcome"] == "unchanged"),
        "{again:?}"
    );
    assert_eq!(ledger.export(), before);
}

#[test]
fn a_rehearsal_tells_what_would_be_recorded_and_records_nothing() {
    let ledger = Ledger::new();
    let before = ledger.export();
    let ran = ledger.run_with(
        &["record", "-", "--dry-run", "--format", "json"],
        OBLIGATIONS.as_bytes(),
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.json()
            .iter()
            .all(|report| report["outcome"] == "would_be_recorded"),
        "{ran:?}"
    );
    assert_eq!(ledger.export(), before);
}

#[test]
fn every_line_or_none() {
    let ledger = Ledger::new();
    let arguments = ["record", "-", "--all-or-nothing", "--format", "json"];
    let ran = ledger.run_with(&arguments, OBLIGATIONS.as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
    let positions = ran
        .json()
        .iter()
        .map(|report| report["positions"][0].as_u64().unwrap())
        .collect::<Vec<_>>();
    assert_eq!(positions.len(), 7);
    let export = ledger.export();
    let ids: Vec<&str> = export.lines().collect();
    for report in ran.json() {
        let at = usize::try_from(report["positions"][0].as_u64().unwrap()).unwrap();
        assert!(ids[at - 1].contains(report["ids"][0].as_str().unwrap()));
    }
}

#[test]
fn a_number_is_explained_by_rows_that_can_be_listed() {
    let ledger = Ledger::with_obligations();
    let submit = r#"{"command":"report.submit","effective":"2024-07-22","data":{"obligations":["r_2024-h1_a"]}}"#;
    assert_eq!(ledger.one("ana", submit)["outcome"], "recorded");
    let asked = [
        "--from",
        "2024-01-01",
        "--to",
        "2024-12-31",
        "--as-of",
        "2024-08-01",
    ];
    let rates = ledger.run(&[&["rates", "--by", "unit", "--format", "json"][..], &asked].concat());
    let answer = &rates.json()[0];
    assert_eq!(answer["as_of"], "2024-08-01");
    assert_eq!(answer["definition"], "v1");
    let row = &answer["rows"][0];
    assert_eq!(row["id"], "a");
    assert_eq!(row["buckets"]["late"], 1);
    assert_eq!(row["buckets"]["overdue"], 1);
    assert_eq!(row["rates"]["completed_of_due"]["percent"], "50.00");
    assert_eq!(row["rates"]["on_time_of_completed"]["percent"], "0.00");
    for bucket in [
        "on_time",
        "late",
        "pending",
        "overdue",
        "no_due_date",
        "excused",
    ] {
        let listed = [
            "obligations",
            "--unit",
            "a",
            "--bucket",
            bucket,
            "--format",
            "json",
        ];
        let listed = ledger.run(&[&listed[..], &asked].concat()).json().remove(0);
        let rows = listed["rows"].as_array().unwrap().len() as u64;
        assert_eq!(Some(rows), row["buckets"][bucket].as_u64(), "{bucket}");
    }
}

#[test]
fn what_was_known_before_does_not_change() {
    let ledger = Ledger::with_obligations();
    let asked = [
        "rates",
        "--by",
        "total",
        "--as-of",
        "2024-08-01",
        "--format",
        "json",
        "--known-at",
        "8",
    ];
    let before = ledger.run(&asked).json().remove(0);
    let submit = r#"{"command":"report.submit","effective":"2024-07-01","data":{"obligations":["r_2024-h1_a"]}}"#;
    assert_eq!(ledger.one("ana", submit)["outcome"], "recorded");
    let after = ledger.run(&asked).json().remove(0);
    assert_eq!(
        (&before["rows"], &before["known_at"]),
        (&after["rows"], &after["known_at"])
    );
    let now = ledger.run(&asked[..7]).json().remove(0);
    assert_ne!(now["rows"], after["rows"]);
}

#[test]
fn a_sweep_flags_once() {
    let ledger = Ledger::with_obligations();
    let sweep = |on: &str| {
        let answer = ledger
            .run(&["sweep", "--on", on, "--format", "json"])
            .json()
            .remove(0);
        answer["rows"].as_array().unwrap().len()
    };
    assert_eq!(sweep("2024-06-30"), 0);
    assert_eq!(sweep("2024-07-01"), 1);
    assert_eq!(sweep("2024-07-15"), 0);
    assert_eq!(sweep("2024-07-21"), 1);
    let export = ledger.export();
    let flag = export
        .lines()
        .find(|line| line.contains("flagged_late"))
        .unwrap();
    assert!(
        flag.contains("\"time\":\"2024-07-01T00:00:00+07:00\""),
        "{flag}"
    );
}

#[test]
fn the_help_is_a_manual() {
    let ran = socai(&["--help"], b"");
    assert_eq!(ran.code, 0);
    for command in [
        "demo",
        "init",
        "record",
        "rates",
        "obligations",
        "history",
        "sweep",
        "review",
        "verify",
        "export",
        "simulate",
        "number",
        "read",
        "search",
        "completions",
    ] {
        assert!(ran.out.contains(&format!("  {command} ")), "{command}");
        assert_eq!(socai(&[command, "--help"], b"").code, 0, "{command}");
    }
}
