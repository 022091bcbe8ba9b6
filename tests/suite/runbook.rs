//! `ops/runbook`: every page is found from its index, has the same parts, and quotes messages that exist.
//!
//! A line of a page that begins with `>` is a message in backticks, as a program writes it; `…` stands for
//! what differs.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const PARTS: &[&str] = &[
    "What is seen",
    "What it means",
    "What is safe meanwhile",
    "What to do",
    "How to know that it is over",
    "What not to do",
];

#[test]
fn every_message_that_a_page_quotes_is_in_the_sources() {
    let sources: Vec<String> = files_below(format!("{ROOT}/services"), "rs")
        .iter()
        .map(|file| joined(&fs::read_to_string(file).unwrap()))
        .collect();
    let lines: Vec<&str> = sources.iter().flat_map(|source| source.lines()).collect();
    let mut quoted = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for quote in text.lines().filter_map(|line| line.strip_prefix("> ")) {
            let message = quote.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
            let message = message.unwrap_or_else(|| panic!("{}: {quote}", page.display()));
            let written = lines.iter().any(|line| says(line, message));
            assert!(written, "{}: nothing writes: {message}", page.display());
            quoted += 1;
        }
    }
    assert!(
        quoted > 0,
        "no page quotes anything: is the convention another one?"
    );
}

#[test]
fn every_page_is_in_the_index_and_has_the_same_parts_in_the_same_order() {
    let index = fs::read_to_string(format!("{ROOT}/ops/runbook/README.md")).unwrap();
    for page in pages() {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(
            index.contains(&format!("({name})")),
            "{name} is not in the index"
        );
        let text = fs::read_to_string(&page).unwrap();
        let parts: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(PARTS, parts, "{name}");
    }
}

fn pages() -> Vec<PathBuf> {
    let mut pages = files_below(format!("{ROOT}/ops/runbook"), "md");
    pages.retain(|page| !page.ends_with("README.md"));
    pages.sort();
    pages
}

fn files_below(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files_below(path, extension)
            } else if path.extension().is_some_and(|found| found == extension) {
                vec![path]
            } else {
                Vec::new()
            }
        })
        .collect()
}

/// A source with each of its strings on one line.
fn joined(source: &str) -> String {
    let mut lines = source.lines();
    let mut joined = String::new();
    while let Some(line) = lines.next() {
        let mut line = line.to_owned();
        while let Some(start) = line.strip_suffix('\\') {
            let rest = lines.next().unwrap_or_default();
            line = format!("{start}{}", rest.trim_start());
        }
        joined.push_str(&line);
        joined.push('\n');
    }
    joined
}

/// Whether `line` has everything that `message` states, in order.
fn says(line: &str, message: &str) -> bool {
    let stated = message
        .split('…')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut rest = Some(line);
    for part in stated {
        rest = rest
            .and_then(|rest| rest.split_once(part))
            .map(|(_, after)| after);
    }
    rest.is_some()
}

#[test]
fn a_message_that_nobody_writes_is_noticed() {
    let source =
        joined("#[error(\"stream {stream} is there \\\n        already, {count} times\")]");
    let line = source.trim_end();
    assert!(says(line, "stream … is there already, … times"));
    assert!(!says(line, "stream … is there already, … days"));
    assert!(!says(line, "is there already … stream"));
}
