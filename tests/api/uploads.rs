//! Files that grow when they are opened, or whose names lead elsewhere, handed to every operation that takes a file:
//! each is refused or kept as it is, soon, and the server stays as small as it was.

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::Method;
use zip::write::SimpleFileOptions;

use crate::document::operations;
use crate::stage::Stage;

/// Memory that an upload may come to, in KiB: what it is itself, a few times over.
const GROWS_KIB_MAX: u64 = 256 * 1024;

/// Longer than any of them needs, and shorter than opening one would take.
const SOON: Duration = Duration::from_secs(60);

/// Names of files within an archive that would be written elsewhere.
const NAMES: &[&str] = &[
    "../../../../tmp/socai-was-here",
    "/tmp/socai-was-here",
    "..\\..\\socai-was-here",
    "manifest.json",
    "a\0b",
    "",
];

/// Bytes that one file within the bomb comes to.
const KERNEL: usize = 8 << 20;

/// How many files within the bomb share the same bytes: 32 GiB in all.
const FILES: u32 = 4_096;

fn uploads() -> Vec<(&'static str, Vec<u8>)> {
    let xml = billion_laughs();
    vec![
        ("many files of the same bytes", bomb(&vec![0; KERNEL], FILES)),
        ("a thousand megabytes, packed as text is", bomb(&like_text(), 128)),
        ("names that lead elsewhere", archive(NAMES, b"socai")),
        ("an archive in archives", nested(40)),
        ("a sheet with entities", archive(&["[Content_Types].xml", "xl/workbook.xml", "xl/sharedStrings.xml"], xml.as_bytes())),
        ("entities", xml.clone().into_bytes()),
        ("an entity of the machine's", br#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>"#.to_vec()),
        ("a cut-off archive", bomb(&vec![0; KERNEL], 10)[..4_000].to_vec()),
        ("a directory without files", b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\0\0\0\0\0\0".to_vec()),
        ("nothing", Vec::new()),
        ("zeros", vec![0; 1 << 20]),
    ]
}

#[test]
fn no_upload_makes_the_server_large_slow_or_write_elsewhere() {
    let stage = Stage::new();
    let before = stage.server.resident_kib();
    let mut sent = 0;
    for operation in operations(&stage.server) {
        let takes_files = operation.media.iter().any(|media| !media.contains("json"));
        if !takes_files {
            continue;
        }
        let media = operation
            .media
            .iter()
            .find(|media| !media.contains("json"))
            .unwrap();
        let method: Method = operation.method.parse().unwrap();
        for (what, bytes) in uploads() {
            for person in [&stage.town.inspector, &stage.town.reporter] {
                let told = format!("{what} to {} by {}", operation.name(), person.account);
                let begun = Instant::now();
                let headers = [("content-type", media.as_str())];
                let client = stage.client(person);
                let path = operation.filled("x");
                // A body that is too long may be cut short: then there is no answer to look at.
                if let Ok(answer) = client.try_ask(method.clone(), &path, &headers, &bytes) {
                    let text = answer.text();
                    assert!(answer.status < 500, "{told}: {} {text}", answer.status);
                    assert!(!text.contains("root:"), "{told}: {text}");
                }
                assert!(begun.elapsed() < SOON, "{told}: {:?}", begun.elapsed());
                let grown = stage.server.resident_kib().saturating_sub(before);
                assert!(grown < GROWS_KIB_MAX, "{told}: {grown} KiB more");
                sent += 1;
            }
        }
    }
    assert!(sent >= 20, "{sent} uploads");
    for place in ["/tmp/socai-was-here", "socai-was-here"] {
        assert!(!std::path::Path::new(place).exists(), "{place} was written");
    }
    let clerk = stage.client(&stage.town.reporter);
    clerk
        .post("/v1/commands/report.submit", &crate::town::submission())
        .expect(200);
}

/// Nothing that takes commands reads anything but JSON.
#[test]
fn commands_are_no_xml() {
    let stage = Stage::new();
    let before = stage.records();
    let clerk = stage.client(&stage.town.reporter);
    for media in [
        "text/xml",
        "application/xml",
        "application/zip",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ] {
        for path in ["/v1/commands/report.submit", "/v1/commands"] {
            let body = billion_laughs();
            let answer = clerk.ask(
                Method::POST,
                path,
                &[("content-type", media)],
                body.as_bytes(),
            );
            answer.expect(415).problem();
        }
    }
    assert_eq!(stage.records(), before);
}

fn billion_laughs() -> String {
    let mut entities = String::from("<!ENTITY a0 \"haha\">");
    for at in 1..30 {
        let before = format!("&a{};", at - 1).repeat(10);
        entities.push_str(&format!("<!ENTITY a{at} \"{before}\">"));
    }
    format!("<?xml version=\"1.0\"?><!DOCTYPE x [{entities}]><x>&a29;</x>")
}

fn archive(names: &[&str], bytes: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(b"socai".to_vec(), |inner, _| {
        archive(&["bundle.zip"], &inner)
    })
}

/// One file of zeros, and a directory that names it thousands of times: kilobytes that come to gigabytes.
fn bomb(kernel: &[u8], count: u32) -> Vec<u8> {
    let one = archive(&["records.ndjson"], kernel);
    let end = one
        .windows(4)
        .rposition(|four| four == b"PK\x05\x06")
        .unwrap();
    let at = u32::from_le_bytes(one[end + 16..end + 20].try_into().unwrap());
    let entry = &one[at as usize..end];
    let mut bomb = one[..at as usize].to_vec();
    for number in 0..count {
        let mut entry = entry.to_vec();
        // The same length as the name that it stands for.
        let name = format!("{number:014}");
        entry[46..60].copy_from_slice(name.as_bytes());
        bomb.extend(entry);
    }
    let size = u32::try_from(bomb.len()).unwrap() - at;
    let files = u16::try_from(count).unwrap().to_le_bytes();
    bomb.extend(b"PK\x05\x06\0\0\0\0");
    bomb.extend(files);
    bomb.extend(files);
    bomb.extend(size.to_le_bytes());
    bomb.extend(at.to_le_bytes());
    bomb.extend([0, 0]);
    bomb
}

/// A hundred and fifty times longer than it is packed: no more than text may be.
fn like_text() -> Vec<u8> {
    let mut state = 1_u32;
    let mut byte = |at: usize| {
        if !at.is_multiple_of(200) {
            return 0;
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..KERNEL).map(&mut byte).collect()
}

#[test]
fn the_bomb_is_one() {
    let bomb = bomb(&vec![0; KERNEL], FILES);
    let mut read = zip::ZipArchive::new(Cursor::new(&bomb)).unwrap();
    let sizes: u64 = (0..read.len())
        .map(|at| read.by_index_raw(at).map_or(0, |file| file.size()))
        .sum();
    assert!(
        bomb.len() < 1 << 20 && sizes > 1 << 34,
        "{} bytes that come to {sizes}",
        bomb.len()
    );
    let told: Value = bomb.len().into();
    println!("{told} bytes come to {sizes}");
}
