//! What the shipped installations set in the environment is a setting, with a value that it can have.

use std::path::{Path, PathBuf};

use super::Config;

const OPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops");

#[test]
fn what_the_units_set_is_a_setting() {
    are_settings(&["systemd", "systemd/README.md"]);
}

#[test]
fn what_the_compose_file_sets_is_a_setting() {
    are_settings(&["compose.yaml"]);
}

#[test]
fn what_the_manifests_of_kubernetes_set_is_a_setting() {
    are_settings(&["kubernetes"]);
}

/// Everything that these files set together, over the manual, is a configuration.
fn are_settings(names: &[&str]) {
    let files = names
        .iter()
        .flat_map(|name| files(&Path::new(OPS).join(name)));
    let texts: Vec<String> = files
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    let set: Vec<(String, String)> = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(setting)
        .collect();
    assert!(set.len() > 8, "{names:?} set {set:?}");
    let manual = include_str!("../../../../ops/socai.toml");
    let read = Config::parse(manual, set.clone().into_iter());
    read.unwrap_or_else(|error| panic!("{names:?} set {set:?}: {error:#}"));
}

/// A file, or those in a folder and below it.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(path).unwrap();
    entries
        .flat_map(|entry| files(&entry.unwrap().path()))
        .collect()
}

/// `SOCAI_A__B=value` of a unit or a shell, `SOCAI_A__B: value` and `{ name: SOCAI_A__B, value: value }` of YAML.
fn setting(line: &str) -> Option<(String, String)> {
    let line = &line[line.find("SOCAI_")?..];
    let end = line.find(|one: char| !one.is_ascii_uppercase() && one != '_')?;
    let (name, rest) = line.split_at(end);
    let value = ["=", ": ", ", value: "]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign))?;
    let value = value.trim_end_matches([' ', '}']);
    let unquoted = value.trim_matches('\'');
    let text = unquoted
        .strip_prefix('"')
        .and_then(|it| it.strip_suffix('"'));
    let value = text.unwrap_or(unquoted);
    name.contains("__")
        .then(|| (name.to_owned(), value.to_owned()))
}
