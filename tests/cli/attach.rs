//! Files beside the log: store, get, erase, audit.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::socai::{Ledger, Ran};

const CONTENT: &[u8] = b"bi\xe1\xba\xaan b\xe1\xba\xa3n\x00\xff";
const NOWHERE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const NEVER: &[&str] = &["--reason", "gửi nhầm", "--by-unit", "c"];

fn store(ledger: &Ledger, more: &[&str]) -> Ran {
    let arguments = ["attach", "store", "-", "--media", "application/pdf"];
    ledger.run_with(&[&arguments, more].concat(), CONTENT)
}

fn stored(ledger: &Ledger) -> String {
    let ran = store(ledger, &["--obligation", "t_a"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.trim().to_owned()
}

fn get(ledger: &Ledger, address: &str, name: &str) -> Result<Vec<u8>, Ran> {
    let path = ledger.dir().with_file_name(name);
    let out = path.to_str().unwrap();
    let ran = ledger.run(&["attach", "get", address, "--out", out]);
    if ran.code == 0 {
        Ok(fs::read(path).unwrap())
    } else {
        Err(ran)
    }
}

fn erase(ledger: &Ledger, address: &str, why: &[&str]) -> Ran {
    ledger.run(&[&["attach", "erase", address], why].concat())
}

fn audit(ledger: &Ledger, more: &[&str]) -> (i32, Vec<serde_json::Value>) {
    let ran = ledger.run(&[&["attach", "audit", "--format", "json"], more].concat());
    assert!(!ran.out.is_empty(), "{ran:?}");
    let rows = ran.json().remove(0)["rows"].as_array().unwrap().clone();
    (ran.code, rows)
}

fn file_of(ledger: &Ledger, address: &str) -> PathBuf {
    let (folder, name) = address.split_at(2);
    ledger.dir().join("blobs").join(folder).join(name)
}

#[track_caller]
fn says(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(words.iter().all(|word| ran.err.contains(word)), "{ran:?}");
}

#[test]
fn a_file_comes_back_as_it_was() {
    let ledger = Ledger::with_obligations();
    let address = stored(&ledger);
    assert_eq!(get(&ledger, &address, "out").unwrap(), CONTENT);
    assert_eq!(audit(&ledger, &[]), (0, Vec::new()));
    let mode = fs::metadata(ledger.dir().with_file_name("out")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_goes_to_standard_output_where_that_is_no_terminal() {
    let ledger = Ledger::with_obligations();
    let file = ledger.dir().with_file_name("in.txt");
    fs::write(&file, "văn bản\n").unwrap();
    let file = file.to_str().unwrap();
    let kept = ledger.run(&[
        "attach",
        "store",
        file,
        "--media",
        "text/plain",
        "--document",
        "12-CT/TU",
    ]);
    let ran = ledger.run(&["attach", "get", kept.out.trim()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "văn bản\n"), "{ran:?}");
}

#[test]
fn the_log_has_neither_the_content_nor_the_name_of_a_file() {
    let ledger = Ledger::with_obligations();
    let file = ledger.dir().with_file_name("nguyen-van-a.txt");
    fs::write(&file, "nội dung riêng").unwrap();
    let file = file.to_str().unwrap();
    let kept = ledger.run(&["attach", "store", file, "--media", "text/plain"]);
    assert_eq!(kept.code, 0, "{kept:?}");
    let export = ledger.export();
    assert!(export.contains(kept.out.trim()));
    assert!(!export.contains("nguyen-van-a") && !export.contains("nội dung riêng"));
}

#[test]
fn an_address_can_be_shown_as_evidence() {
    let ledger = Ledger::with_obligations();
    let address = stored(&ledger);
    let line = format!(
        r#"{{"command":"task.claim","effective":"2024-06-01","data":{{"obligation":"t_a","evidence":[{{"sha256":"{address}"}}]}}}}"#
    );
    assert_eq!(ledger.one("clerk", &line)["outcome"], "recorded");
}

#[test]
fn what_is_erased_says_so_and_why() {
    let ledger = Ledger::with_obligations();
    let address = stored(&ledger);
    let ran = erase(&ledger, &address, NEVER);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!file_of(&ledger, &address).exists());
    let ran = get(&ledger, &address, "out").unwrap_err();
    says(&ran, &["was erased on ", "gửi nhầm"]);
    assert_eq!(audit(&ledger, &[]), (0, Vec::new()));

    let again = erase(&ledger, &address, NEVER);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.out.contains("recorded already"), "{again:?}");
    let other = ["--reason", "khác", "--by-document", "d"];
    let other = erase(&ledger, &address, &other);
    says(&other, &["attachment.already_erased", "gửi nhầm"]);
}

#[test]
fn history_shows_what_was_shown_and_what_was_erased() {
    let ledger = Ledger::with_obligations();
    let address = stored(&ledger);
    erase(&ledger, &address, NEVER);
    let line = r#"{"command":"ledger.waive_durability","effective":"2024-06-01","data":{"reason":"thử nghiệm","servers":["n1"]}}"#;
    assert_eq!(ledger.one("operator", line)["outcome"], "recorded");
    for (of, types) in [
        (
            &["--attachment", &address][..],
            &["attachment.stored.v1", "attachment.erased.v1"][..],
        ),
        (
            &["--obligation", "t_a"],
            &["attachment.stored.v1", "attachment.erased.v1"],
        ),
        (
            &["--ledger"],
            &["ledger.created.v1", "ledger.durability_waived.v1"],
        ),
    ] {
        let ran = ledger.run(&[&["history", "--format", "json"], of].concat());
        let shown = ran.json().remove(0);
        let rows = shown["rows"].as_array().unwrap();
        let told: Vec<&str> = rows
            .iter()
            .map(|row| row["type"].as_str().unwrap())
            .collect();
        assert!(told.ends_with(types), "{of:?}: {told:?}");
    }
    let ran = ledger.run(&["history", "--attachment", NOWHERE]);
    says(&ran, &[NOWHERE, "no such attachment"]);
}

#[test]
fn a_damaged_file_is_not_handed_out_and_an_audit_names_it() {
    let ledger = Ledger::with_obligations();
    let [damaged, lost, whole] = [stored(&ledger), stored(&ledger), stored(&ledger)];
    fs::write(file_of(&ledger, &damaged), b"something else").unwrap();
    fs::remove_file(file_of(&ledger, &lost)).unwrap();
    let ran = get(&ledger, &damaged, "out").unwrap_err();
    says(&ran, &[&damaged, "is damaged"]);
    let ran = get(&ledger, &lost, "out").unwrap_err();
    says(&ran, &[&lost, "is lost"]);
    assert!(!ledger.dir().with_file_name("out").exists());
    assert_eq!(get(&ledger, &whole, "whole").unwrap(), CONTENT);

    // Neither is mended by removing anything.
    for more in [&[][..], &["--mend"]] {
        let (code, rows) = audit(&ledger, more);
        let finding = |address: &str| {
            let row = rows.iter().find(|row| row["attachment"] == address);
            row.map(|row| row["finding"].as_str().unwrap())
        };
        assert_eq!((code, rows.len()), (1, 2), "{rows:?}");
        assert_eq!(finding(&damaged), Some("damaged"));
        assert_eq!(finding(&lost), Some("lost"));
    }
}

/// Killed between recording the erasure and removing the bytes: here the bytes come back.
#[test]
fn mending_completes_an_erasure_and_removes_old_orphans() {
    let ledger = Ledger::with_obligations();
    let [erased, orphan] = [stored(&ledger), stored(&ledger)];
    let kept = fs::read(file_of(&ledger, &erased)).unwrap();
    erase(&ledger, &erased, NEVER);
    fs::write(file_of(&ledger, &erased), kept).unwrap();
    // An orphan is what another ledger's file is in this one, and it is two days old.
    let other = Ledger::with_obligations();
    let young = file_of(&other, &orphan);
    fs::create_dir_all(young.parent().unwrap()).unwrap();
    fs::copy(file_of(&ledger, &orphan), &young).unwrap();

    let (code, rows) = audit(&ledger, &[]);
    assert_eq!((code, rows.len()), (1, 1), "{rows:?}");
    assert_eq!(rows[0]["finding"], "not_yet_erased");
    let (code, rows) = audit(&ledger, &["--mend"]);
    assert_eq!((code, &rows[0]["removed"]), (0, &true.into()), "{rows:?}");
    assert_eq!(audit(&ledger, &[]), (0, Vec::new()));

    let (code, rows) = audit(&other, &["--mend"]);
    assert_eq!((code, &rows[0]["removed"]), (0, &false.into()), "{rows:?}");
    let days = std::time::Duration::from_secs(2 * 24 * 60 * 60);
    let file = fs::File::options().write(true).open(&young).unwrap();
    file.set_modified(std::time::SystemTime::now() - days)
        .unwrap();
    assert_eq!(audit(&other, &[]).0, 1);
    let (code, rows) = audit(&other, &["--mend"]);
    assert_eq!((code, &rows[0]["removed"]), (0, &true.into()), "{rows:?}");
    assert!(!young.exists());
}

#[test]
fn bad_input_gets_a_sentence_and_keeps_nothing() {
    let ledger = Ledger::with_obligations();
    let before = ledger.export();
    let large = ledger.dir().with_file_name("large");
    let file = fs::File::create(&large).unwrap();
    file.set_len(32 * 1024 * 1024 + 1).unwrap();
    let large = large.to_str().unwrap();
    let pdf = ["--media", "application/pdf"];
    let ran = ledger.run(&[&["attach", "store", large][..], &pdf].concat());
    says(&ran, &[large, "33554432 bytes"]);
    let ran = ledger.run(&[&["attach", "store", "/nowhere"][..], &pdf].concat());
    says(&ran, &["cannot read /nowhere"]);
    says(
        &store(&ledger, &["--obligation", "none"]),
        &["attachment.unknown_subject", "none"],
    );
    says(&store(&ledger, &["--document", "99-CT/TU"]), &["99-CT/TU"]);
    says(
        &store(&ledger, &["--on", "2999-01-01"]),
        &["attachment.in_the_future"],
    );
    says(
        &get(&ledger, NOWHERE, "out").unwrap_err(),
        &[NOWHERE, "no such attachment"],
    );
    says(
        &erase(&ledger, NOWHERE, NEVER),
        &["attachment.unknown", NOWHERE],
    );
    assert_eq!(ledger.export(), before);
    assert_eq!(audit(&ledger, &[]), (0, Vec::new()));
}

#[test]
fn wrong_usage_names_what_was_expected() {
    let ledger = Ledger::with_obligations();
    let upper = NOWHERE.to_uppercase();
    let cases: [(&[&str], &str); 8] = [
        (&["get", "xyz"], "64 lower-case hexadecimal digits"),
        (&["get", &upper], "64 lower-case hexadecimal digits"),
        (&["erase", NOWHERE, "--reason", "x"], "--by-unit"),
        (&["erase", NOWHERE, "--by-unit", "c"], "--reason"),
        (
            &["erase", NOWHERE, "--by-unit", "c", "--reason", " "],
            "empty",
        ),
        (&["store", "-", "--media", "pdf"], "such as application/pdf"),
        (&["store", "-"], "--media"),
        (
            &[
                "store",
                "-",
                "--media",
                "text/plain",
                "--obligation",
                "t_a",
                "--document",
                "d",
            ],
            "cannot be used with",
        ),
    ];
    for (arguments, expected) in cases {
        let ran = ledger.run(&[&["attach"], arguments].concat());
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(expected), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn an_existing_file_is_not_written_over() {
    let ledger = Ledger::with_obligations();
    let address = stored(&ledger);
    fs::write(ledger.dir().with_file_name("out"), "mine").unwrap();
    let ran = get(&ledger, &address, "out").unwrap_err();
    says(&ran, &["cannot write", "exists"]);
}

/// A ledger of before, or a copy without its files: nothing is kept, and looking makes nothing.
#[test]
fn a_ledger_without_files_has_nothing_to_audit() {
    let ledger = Ledger::with_obligations();
    assert_eq!(audit(&ledger, &[]), (0, Vec::new()));
    assert!(!ledger.dir().join("blobs").exists());
}
