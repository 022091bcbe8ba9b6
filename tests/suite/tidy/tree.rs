//! The work tree as tidiness sees it: the rooms as cargo reads them, and the files as git lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

pub(super) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A crate of this workspace.
pub(super) struct Room {
    pub(super) folder: String,
    /// Everything in its manifest.
    pub(super) uses: BTreeSet<String>,
    /// Without what only its tests use.
    pub(super) builds_on: BTreeSet<String>,
}

pub(super) fn rooms() -> BTreeMap<String, Room> {
    let manifest = format!("{ROOT}/Cargo.toml");
    let metadata = answer(Command::new(env!("CARGO")).args([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version=1",
        "--manifest-path",
        &manifest,
    ]));
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(room)
        .collect()
}

fn room(package: &Value) -> (String, Room) {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let dependencies = package["dependencies"].as_array().unwrap();
    let folder = Path::new(package["manifest_path"].as_str().unwrap())
        .parent()
        .unwrap()
        .to_owned();
    let room = Room {
        folder: folder
            .strip_prefix(fs::canonicalize(ROOT).unwrap())
            .unwrap()
            .display()
            .to_string(),
        uses: dependencies
            .iter()
            .map(|used| word(&used["name"]))
            .collect(),
        builds_on: dependencies
            .iter()
            .filter(|used| used["kind"] != "dev")
            .map(|used| word(&used["name"]))
            .collect(),
    };
    (word(&package["name"]), room)
}

pub(super) fn is_room(name: &str) -> bool {
    name == "socai" || name.starts_with("socai-")
}

/// What git keeps or would add, sorted, by its path from the top.
pub(super) fn files() -> Vec<String> {
    let listed = answer(Command::new("git").arg("-C").arg(ROOT).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]));
    let listed = String::from_utf8(listed).unwrap();
    let files: BTreeSet<String> = listed.split_terminator('\0').map(String::from).collect();
    let files: Vec<String> = files
        .into_iter()
        .filter(|path| Path::new(ROOT).join(path).is_file())
        .collect();
    assert!(files.len() > 20, "git lists only {files:?}");
    files
}

/// The files that are text and ours: test data is kept as it was received.
pub(super) fn texts() -> Vec<(String, String)> {
    let ours = files().into_iter().filter(|path| !is_data(path));
    ours.filter_map(|path| {
        Some((
            path.clone(),
            fs::read_to_string(Path::new(ROOT).join(path)).ok()?,
        ))
    })
    .collect()
}

pub(super) fn is_data(path: &str) -> bool {
    path.starts_with("tests/data/")
}

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn answer(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}
