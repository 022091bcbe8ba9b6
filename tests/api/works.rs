//! Works that take a while, begun on the command line, over HTTP and over gRPC: what they find is the same to the byte.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::accounts::Person;
use crate::client::{Answer, Client};
use crate::grpc::took;
use crate::server::socai;
use crate::stage::Stage;

/// The file `name` that the job made which `begun` says is begun, once it is done.
fn made(stage: &Stage, client: &Client, begun: Answer, name: &str) -> Vec<u8> {
    let begun = begun.expect(202);
    let job = begun.header("location").to_owned();
    stage.server.until("the job is done", || {
        let standing = client.get(&job).expect(200).json();
        assert_ne!(standing["state"], "failed", "{standing}");
        standing["state"] == "done"
    });
    client.get(&format!("{job}/files/{name}")).expect(200).body
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// What a work over gRPC made: one file.
fn handed_out(told: &Value) -> Value {
    assert_eq!(told["code"], "OK", "{told}");
    let told = told["answers"].as_array().unwrap().iter();
    let pieces: String = told.filter_map(|one| one["piece"].as_str()).collect();
    json_of(pieces.as_bytes())
}

fn call(method: &str, request: Value) -> Value {
    json!({"call": format!("socai.v1.Works/{method}"), "request": request})
}

/// What `socai verify` finds of the ledger, once everything is sealed.
fn verified_here(stage: &Stage) -> Value {
    let ledger = stage.home.ledger();
    let verify = ["verify", ledger.to_str().unwrap(), "--format", "json"];
    stage.server.until("everything is sealed", || {
        let found = json_of(socai(&verify, b"").out.as_bytes());
        found["sealed"] == found["position"]
    });
    json_of(socai(&verify, b"").out.as_bytes())
}

fn verified_over_http(stage: &Stage, person: &Person) -> Value {
    let client = stage.client(person);
    let begun = client.post("/v1/verifications", &json!({}));
    json_of(&made(stage, &client, begun, "verification.json"))
}

fn verified_over_grpc(stage: &Stage, person: &Person) -> Value {
    let step = call("VerifyLedger", json!({}));
    handed_out(&took(&stage.server, person, &[step])[0])
}

#[test]
fn a_whole_ledger_is_verified_the_same_by_everybody_who_asks() {
    let stage = Stage::new();
    let here = verified_here(&stage);
    assert_eq!(here["valid"], true, "{here}");
    assert!(here["tiles"].as_u64() > Some(0), "{here}");
    assert_eq!(verified_over_http(&stage, &stage.town.operator), here);
    assert_eq!(verified_over_grpc(&stage, &stage.town.inspector), here);

    // A bit of a tile turns while the ledger is served.
    let tile = stage.home.ledger().join("tlog/tile/0");
    let tile = largest_below(tile);
    let mut bytes = fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let here = verified_here(&stage);
    assert_eq!(here["valid"], false, "{here}");
    assert!(here["problem"].as_str().unwrap().contains("tile"), "{here}");
    assert_eq!(verified_over_http(&stage, &stage.town.inspector), here);
    assert_eq!(verified_over_grpc(&stage, &stage.town.operator), here);
}

/// The largest file there: the widest tile.
fn largest_below(folder: PathBuf) -> PathBuf {
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    let bytes = |path: &PathBuf| fs::metadata(path).unwrap().len();
    files.into_iter().max_by_key(bytes).unwrap()
}

#[test]
fn who_keeps_or_inspects_the_ledger_verifies_it_and_nobody_else() {
    let stage = Stage::new();
    let before = stage.records();
    for person in stage.town.people() {
        let client = stage.client(person);
        let answer = client.post("/v1/verifications", &json!({}));
        let may = ["chief", "committee"].contains(&person.account.as_str());
        let status = if may { 202 } else { 403 };
        assert_eq!(answer.status, status, "{}", person.account);
        let told = took(&stage.server, person, &[call("VerifyLedger", json!({}))]);
        let code = if may { "OK" } else { "PERMISSION_DENIED" };
        assert_eq!(told[0]["code"], code, "{}: {told:?}", person.account);
    }
    let chief = stage.client(&stage.town.operator);
    let asked = json!({"policy": "nobody knows"});
    let refused = chief.post("/v1/verifications", &asked).expect(400);
    assert_eq!(refused.problem()["where"], "policy");
    let step = call("VerifyLedger", asked);
    let told = &took(&stage.server, &stage.town.operator, &[step])[0];
    assert_eq!(told["message"], refused.problem()["detail"]);
    assert_eq!(stage.records(), before, "a verification records nothing");
}

/// The evidence about a unit, as an inspector is handed it.
fn bundle_of(stage: &Stage, unit: &str) -> Vec<u8> {
    let client = stage.client(&stage.town.inspector);
    let asked = json!({"unit": unit, "from": "2024-01-01", "to": "2024-12-31", "wait": 30});
    let begun = client.post("/v1/evidence", &asked);
    made(stage, &client, begun, "evidence.zip")
}

fn compared_here(stage: &Stage, pair: [&[u8]; 2]) -> Value {
    let folder = stage.home.ledger().with_file_name("bundles");
    fs::create_dir_all(&folder).unwrap();
    let paths = ["first", "second"].map(|name| folder.join(format!("{name}.zip")));
    for (path, bytes) in paths.iter().zip(pair) {
        fs::write(path, bytes).unwrap();
    }
    let paths = paths.map(|path| path.to_str().unwrap().to_owned());
    let ran = socai(&["verify", &paths[0], &paths[1], "--format", "json"], b"");
    let mut found = json_of(ran.out.as_bytes());
    // Over the wires there are no names of files.
    found["bundles"][0]["bundle"] = json!("first");
    found["bundles"][1]["bundle"] = json!("second");
    found
}

fn compared_over_http(client: &Client, [first, second]: [&[u8]; 2]) -> Answer {
    let path = format!("/v1/verify/bundles?first_bytes={}", first.len());
    let bytes = [("content-type", "application/octet-stream")];
    client.ask(Method::POST, &path, &bytes, &[first, second].concat())
}

fn compared_over_grpc(stage: &Stage, person: &Person, [first, second]: [&[u8]; 2]) -> Value {
    let pieces = |name: &'static str, bytes: &[u8]| {
        let pieces = bytes.chunks(20_000).map(|piece| STANDARD.encode(piece));
        pieces.map(|piece| json!({name: piece})).collect::<Vec<_>>()
    };
    // Pieces of both may come in turns.
    let mut parts = vec![json!({"by": {}})];
    parts.extend(pieces("other_piece", second));
    parts.extend(pieces("piece", first));
    let step = json!({"call": "socai.v1.Works/VerifyBundle", "requests": parts});
    took(&stage.server, person, &[step])[0].clone()
}

#[test]
fn two_bundles_are_compared_over_the_wires_as_on_the_command_line() {
    let (stage, elsewhere) = (Stage::new(), Stage::new());
    let (a, tp) = (bundle_of(&stage, "a"), bundle_of(&stage, "tp"));
    let foreign = bundle_of(&elsewhere, "a");
    let mut cut = tp.clone();
    cut.truncate(tp.len() / 2);
    let clerk = &stage.town.reporter;
    let client = stage.client(clerk);
    let mut outcomes = Vec::new();
    for pair in [
        [&a[..], &tp[..]],
        [&a[..], &a[..]],
        [&a[..], &foreign[..]],
        [&a[..], &cut[..]],
        [&b"no zip"[..], &a[..]],
    ] {
        let here = compared_here(&stage, pair);
        let there = compared_over_http(&client, pair).expect(200).json();
        assert_eq!(there, here);
        let told = compared_over_grpc(&stage, clerk, pair);
        assert_eq!(told["code"], "OK", "{told}");
        let (mut there, mut here) = (told["answers"][0].clone(), here);
        crate::grpc::plain(&mut there);
        crate::grpc::plain(&mut here);
        assert_eq!(there, here);
        let differ = here.get("differences").is_some();
        outcomes.push((here["outcome"].as_str().unwrap().to_owned(), differ));
    }
    let outcomes = outcomes.iter().map(|(word, differ)| (&**word, *differ));
    let outcomes: Vec<_> = outcomes.collect();
    assert_eq!(
        outcomes,
        [
            // Neither leads to the other, and no policy says who cosigned both.
            ("incomplete", true),
            ("incomplete", false),
            ("invalid", true),
            ("invalid", false),
            ("invalid", false),
        ]
    );
}

#[test]
fn a_second_bundle_that_is_not_there_or_too_large_is_said_to_be() {
    let stage = Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let bytes = [("content-type", "application/octet-stream")];
    for (first_bytes, place) in [
        ("6", Some("first_bytes")),
        ("7", Some("first_bytes")),
        ("18446744073709551615", Some("first_bytes")),
        ("-1", None),
        ("x", Some("first_bytes")),
        ("", Some("first_bytes")),
    ] {
        let path = format!("/v1/verify/bundles?first_bytes={first_bytes}");
        let refused = clerk.ask(Method::POST, &path, &bytes, b"no zip");
        let problem = refused.expect(400).problem();
        assert_eq!(problem["where"].as_str(), place, "{first_bytes}: {problem}");
    }
    let path = "/v1/verify/bundles";
    let missing = clerk.ask(Method::POST, path, &bytes, b"no zip").expect(400);
    missing.problem();
    // One too large, and one too large after one that is not.
    let large = vec![0; 64 * 1024 * 1024 + 1];
    for pair in [[&large[..], &b"x"[..]], [&b"x"[..], &large[..]]] {
        let path = format!("/v1/verify/bundles?first_bytes={}", pair[0].len());
        if let Ok(answer) = clerk.try_ask(Method::POST, &path, &bytes, &pair.concat()) {
            answer.expect(413).problem();
        }
    }
}

/// A file that is erased in the ledger, and still there: somebody was killed between the two.
fn half_erased(stage: &Stage) -> String {
    let registrar = stage.client(&stage.town.registrar);
    let path = "/v1/attachments?obligation=r_2024-h1_a&media=text%2Fplain";
    let bytes = [("content-type", "application/octet-stream")];
    let stored = registrar.ask(Method::POST, path, &bytes, b"a report");
    let attachment = stored.expect(201).json()["attachment"].clone();
    let attachment = attachment.as_str().unwrap().to_owned();
    let (folder, name) = attachment.split_at(2);
    let file = stage.home.ledger().join("blobs").join(folder).join(name);
    let kept = fs::read(&file).unwrap();
    let erasure = json!({"reason": "sent by mistake", "by_unit": "tp"});
    let path = format!("/v1/attachments/{attachment}/erasure");
    registrar.post(&path, &erasure).expect(200);
    fs::write(&file, kept).unwrap();
    attachment
}

fn audited_here(stage: &Stage) -> Value {
    let ran = stage
        .home
        .run(&["attach", "audit", "--format", "json"], b"");
    json_of(ran.out.as_bytes())["rows"].clone()
}

#[test]
fn an_operator_mends_over_the_wires_what_others_only_find() {
    let stage = Stage::new();
    let found = half_erased(&stage);
    let finding = |removed| json!([{"attachment": found, "finding": "not_yet_erased", "since": null, "removed": removed}]);
    assert_eq!(audited_here(&stage), finding(false));
    for person in [&stage.town.inspector, &stage.town.operator] {
        let client = stage.client(person);
        let begun = client.post_nothing("/v1/attachment-audits");
        let rows = json_of(&made(&stage, &client, begun, "audit.json"));
        assert_eq!(rows, finding(false), "{}", person.account);
    }
    let mend = call("AuditAttachments", json!({"mend": true}));
    for person in stage.town.people() {
        if person.account == stage.town.operator.account {
            continue;
        }
        let client = stage.client(person);
        let answer = client.post_nothing("/v1/attachment-audits?mend=true");
        assert_eq!(answer.expect(403).code(), "permission.no_role");
        let told = took(&stage.server, person, std::slice::from_ref(&mend));
        assert_eq!(told[0]["code"], "PERMISSION_DENIED", "{}", person.account);
    }
    assert_eq!(audited_here(&stage), finding(false));

    let chief = stage.client(&stage.town.operator);
    let begun = chief.post_nothing("/v1/attachment-audits?mend=true");
    let rows = json_of(&made(&stage, &chief, begun, "audit.json"));
    assert_eq!(rows, finding(true));
    assert_eq!(audited_here(&stage), json!([]));
    let said = stage.server.said();
    let line = said.iter().find(|line| line.contains("removed what"));
    let line = line.unwrap_or_else(|| panic!("nothing in the log: {said:?}"));
    assert!(line.contains(&found) && line.contains("chief"), "{line}");

    let found = half_erased(&stage);
    let told = took(&stage.server, &stage.town.operator, &[mend]);
    let rows = handed_out(&told[0]);
    assert_eq!(rows[0]["attachment"], found.as_str());
    assert_eq!(rows[0]["removed"], true, "{rows}");
    assert_eq!(audited_here(&stage), json!([]));
}
