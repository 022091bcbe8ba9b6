//! Records handed out with their proof, and what an inspector hears about them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::socai::{Ledger, Ran, socai};

const WINDOW: [&str; 4] = ["--from", "2024-01-01", "--to", "2024-12-31"];

fn beside(ledger: &Ledger, name: &str) -> PathBuf {
    ledger.dir().with_file_name(name)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Hands out what unit a owes, as `name`.
fn of_unit(ledger: &Ledger, name: &str, more: &[&str]) -> Ran {
    let out = beside(ledger, name);
    let asked = [
        "evidence",
        "--unit",
        "a",
        "--format",
        "json",
        "--out",
        text(&out),
    ];
    ledger.run(&[&asked[..], &WINDOW, more].concat())
}

fn handed_out(ledger: &Ledger, name: &str) -> Value {
    let ran = of_unit(ledger, name, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json().remove(0)
}

/// A policy that believes the ledger's own key, and `witnesses`.
fn policy(ledger: &Ledger, witnesses: &[&str]) -> PathBuf {
    let listed = ledger
        .run(&["key", "list", "--format", "json"])
        .json()
        .remove(0);
    let log = listed[0]["key"].as_str().unwrap();
    let mut policy = format!("log {log}\n");
    for key in witnesses {
        policy += &format!("witness doan {key}\n");
    }
    let quorum = if witnesses.is_empty() { "none" } else { "doan" };
    let path = beside(ledger, "chinh-sach.txt");
    fs::write(&path, format!("{policy}quorum {quorum}\n")).unwrap();
    path
}

fn verify(ledger: &Ledger, bundles: &[&str], policy: &Path) -> Ran {
    let bundles: Vec<PathBuf> = bundles.iter().map(|name| beside(ledger, name)).collect();
    let mut asked = vec!["verify", "--policy", text(policy), "--format", "json"];
    asked.extend(bundles.iter().map(|path| text(path)));
    socai(&asked, b"")
}

fn codes(ran: &Ran) -> Vec<String> {
    let found = ran.json().remove(0);
    let findings = found["bundles"][0]["findings"].as_array().unwrap();
    let code = |finding: &Value| finding["code"].as_str().unwrap().to_owned();
    findings.iter().map(code).collect()
}

#[test]
fn what_is_handed_out_is_recorded_and_holds_without_the_ledger() {
    let ledger = Ledger::with_obligations();
    let written = handed_out(&ledger, "goi.zip");
    let exported = ledger.export();
    let last: Value = serde_json::from_str(exported.lines().last().unwrap()).unwrap();
    assert_eq!(last["type"], "evidence.exported.v1");
    assert_eq!(last["data"]["of"], serde_json::json!({"unit": "a"}));
    assert_eq!(last["data"]["records"], written["records"]);
    let policy = policy(&ledger, &[]);
    fs::remove_dir_all(ledger.dir()).unwrap();
    let ran = verify(&ledger, &["goi.zip"], &policy);
    assert_eq!(
        (ran.code, codes(&ran)),
        (0, vec!["bundle.no_witness_asked".to_owned()]),
        "{ran:?}"
    );
    assert_eq!(ran.json()[0]["outcome"], "valid");
}

#[test]
fn a_document_and_an_obligation_are_handed_out_as_well() {
    let ledger = Ledger::with_obligations();
    let policy = policy(&ledger, &[]);
    let (document, obligation) = (beside(&ledger, "vb.zip"), beside(&ledger, "nv.zip"));
    let of_document = [
        "evidence",
        "--document",
        "12-CT/TU",
        "--out",
        text(&document),
    ];
    let ran = ledger.run(&[&of_document[..], &WINDOW].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = ledger.run(&[
        "evidence",
        "--obligation",
        "t_a",
        "--out",
        text(&obligation),
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = verify(&ledger, &["vb.zip", "nv.zip"], &policy);
    let said = ran.json()[0]["differences"].to_string();
    assert!(
        ran.code == 2 && said.contains("bundles.not_connected"),
        "{ran:?}"
    );
    let found = ran.json().remove(0);
    assert_eq!(
        found["bundles"][1]["about"]["of"],
        serde_json::json!(["obligation", "t_a"])
    );
    assert_eq!(
        found["bundles"][1]["about"]["from"], "2024-06-30",
        "its own due date"
    );
}

#[test]
fn a_table_says_the_verdict_first_and_a_line_a_record() {
    let ledger = Ledger::with_obligations();
    handed_out(&ledger, "goi.zip");
    let bundle = beside(&ledger, "goi.zip");
    let ran = socai(&["verify", text(&bundle)], b"");
    assert_eq!(ran.code, 2, "{ran:?}");
    let first = ran.out.lines().next().unwrap();
    assert!(first.ends_with("VALID, BUT NOT ENOUGH"), "{first}");
    for said in [
        "due from 2024-01-01 to 2024-12-31",
        "[bundle.no_policy]",
        "unit.a",
        "evidence.exported.v1",
    ] {
        assert!(ran.out.contains(said), "{said}: {}", ran.out);
    }
}

#[test]
fn what_is_cosigned_later_is_made_again_from_the_same_export() {
    let ledger = Ledger::with_obligations();
    let witness = beside(&ledger, "doan");
    let made = socai(
        &[
            "witness",
            "init",
            text(&witness),
            "--name",
            "doan.vn/kiem-tra",
        ],
        b"",
    );
    assert_eq!(made.code, 0, "{made:?}");
    let key = made
        .out
        .split_whitespace()
        .find(|word| word.matches('+').count() >= 2)
        .unwrap();
    let policy = policy(&ledger, &[key]);
    let early = of_unit(&ledger, "som.zip", &["--cosignatures", "1"]);
    assert_eq!(early.code, 1, "{early:?}");
    let id = early
        .err
        .split("--export ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned();
    assert!(!beside(&ledger, "som.zip").exists());

    let listed = ledger
        .run(&["key", "list", "--format", "json"])
        .json()
        .remove(0);
    let log = listed[0]["key"].as_str().unwrap();
    assert_eq!(
        socai(&["witness", "trust", text(&witness), log], b"").code,
        0
    );
    let request = ledger.run(&["witness", "request", "--witness", key]);
    let signed = socai(&["witness", "sign", text(&witness)], request.out.as_bytes());
    let accepted = ledger.run_with(
        &["witness", "accept", "--witness", key],
        signed.out.as_bytes(),
    );
    assert_eq!(accepted.code, 0, "{request:?} {signed:?} {accepted:?}");

    let before = ledger.export();
    let out = beside(&ledger, "goi.zip");
    let again = [
        "evidence",
        "--export",
        &id,
        "--cosignatures",
        "1",
        "--out",
        text(&out),
    ];
    let ran = ledger.run(&again);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ledger.export(), before, "nothing more is recorded");
    let ran = verify(&ledger, &["goi.zip"], &policy);
    assert_eq!((ran.code, codes(&ran)), (0, vec![]), "{ran:?}");
    let records = ran.json().remove(0)["bundles"][0]["records"].clone();
    let mut records = records.as_array().unwrap().iter();
    assert!(records.all(|record| record["by"].is_string()));
}

#[test]
fn an_export_that_cannot_be_made_records_nothing() {
    let ledger = Ledger::with_obligations();
    handed_out(&ledger, "goi.zip");
    let before = ledger.export();
    let there = of_unit(&ledger, "goi.zip", &[]);
    let nowhere = of_unit(&ledger, "khong-co/goi.zip", &[]);
    let out = beside(&ledger, "khac.zip");
    let ask = |more: &[&str]| ledger.run(&[&["evidence", "--out", text(&out)][..], more].concat());
    let unknown = ask(&["--unit", "x", "--from", "2024-01-01", "--to", "2024-12-31"]);
    let obligation = ask(&["--obligation", "x"]);
    let window = ask(&["--unit", "a"]);
    let backwards = ask(&["--unit", "a", "--from", "2024-12-31", "--to", "2024-01-01"]);
    let export = ask(&["--export", "e-1"]);
    let nothing = ask(&[]);
    for (ran, code, said) in [
        (there, 1, "it is there already"),
        (nowhere, 1, "there is no folder"),
        (unknown, 1, "no such unit"),
        (obligation, 1, "x is not in the ledger"),
        (window, 1, "--from the first and the last due date"),
        (backwards, 1, "ends before it begins"),
        (export, 1, "no export e-1"),
        (nothing, 2, "--unit"),
    ] {
        assert_eq!(ran.code, code, "{said}: {ran:?}");
        assert!(ran.err.contains(said), "{said}: {ran:?}");
    }
    assert_eq!(ledger.export(), before);
    assert!(!out.exists());
}

#[test]
fn what_is_no_bundle_and_what_is_no_policy_is_said() {
    let ledger = Ledger::with_obligations();
    handed_out(&ledger, "goi.zip");
    let text_file = beside(&ledger, "khong-phai.zip");
    fs::write(&text_file, "không phải").unwrap();
    let no_policy = policy(&ledger, &[]);
    let ran = verify(&ledger, &["khong-phai.zip"], &no_policy);
    assert_eq!(
        (ran.code, codes(&ran)),
        (1, vec!["bundle.archive".to_owned()]),
        "{ran:?}"
    );
    fs::write(&no_policy, "log x\n").unwrap();
    let ran = verify(&ledger, &["goi.zip"], &no_policy);
    assert!(
        ran.code == 1 && ran.err.contains("--policy") && ran.err.contains('1'),
        "{ran:?}"
    );
    let missing = verify(&ledger, &["khong-co.zip"], &policy(&ledger, &[]));
    assert!(
        missing.code == 1 && missing.err.contains("cannot read"),
        "{missing:?}"
    );
}
