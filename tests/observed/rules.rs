//! `ops/prometheus`: promtool takes the rules and their tests, every alert leads to a page, and no alert can be taken
//! away or fire always without a test that notices.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::servers::prometheus::program;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const ALERTS: &str = "ops/prometheus/rules/alerts.yml";

#[test]
fn promtool_takes_the_configuration_and_its_rules() {
    let (ok, said) = promtool(
        Path::new(ROOT),
        &["check", "config", "ops/prometheus/prometheus.yml"],
    );
    assert!(ok, "{said}");
    let names = ["recording.yml", "alerts.yml"].map(|name| format!("ops/prometheus/rules/{name}"));
    let (ok, said) = promtool(Path::new(ROOT), &["check", "rules", &names[0], &names[1]]);
    assert!(ok, "{said}");
}

#[test]
fn every_alert_fires_when_it_should_and_not_otherwise() {
    let (ok, said) = test_rules(&Path::new(ROOT).join("ops/prometheus/tests"));
    assert!(ok, "{said}");
}

#[test]
fn every_alert_says_how_urgent_it_is_and_leads_to_a_page_that_names_it() {
    for (name, text) in alerts() {
        let severe = ["page", "ticket"].map(|severity| format!("severity: {severity} "));
        assert!(severe.iter().any(|it| text.contains(it)), "{name}: {text}");
        for field in ["summary: ", "description: "] {
            assert!(text.contains(field), "{name} has no {field}");
        }
        let page = text.split_once("runbook_url: ").expect(&name).1.trim();
        let page = page.lines().next().unwrap();
        let text = fs::read_to_string(Path::new(ROOT).join(page));
        let text = text.unwrap_or_else(|error| panic!("{name}: {page}: {error}"));
        assert!(
            text.contains(&format!("`{name}`")),
            "{page} is silent about {name}"
        );
    }
}

/// The case in which it fires.
#[test]
fn no_alert_can_be_taken_away_unnoticed() {
    let copy = with_alerts("groups: []\n");
    let (_, said) = test_rules(&copy.path().join("tests"));
    let noticed = failures(&said, |expected| expected != "exp: nil");
    assert_eq!(names(), noticed);
}

/// The case in which it does not.
#[test]
fn no_alert_can_fire_always_unnoticed() {
    let rules: String = names().iter().map(|name| always(name)).collect();
    let copy = with_alerts(&format!("groups:\n- name: always\n  rules:\n{rules}"));
    let (_, said) = test_rules(&copy.path().join("tests"));
    let noticed = failures(&said, |expected| expected == "exp: nil");
    assert_eq!(names(), noticed);
}

fn always(name: &str) -> String {
    format!("  - {{ alert: {name}, expr: vector(1), labels: {{ severity: page }} }}\n")
}

/// The names of the alerts whose cases failed, where `of` takes what was expected.
fn failures(said: &str, of: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let failed = lines
        .windows(2)
        .filter(|pair| pair[0].starts_with("expr: ") && of(pair[1]));
    let names = failed.filter_map(|pair| Some(pair[0].split_once(r#"alertname=\""#)?.1));
    names
        .filter_map(|rest| Some(rest.split_once('\\')?.0.to_owned()))
        .collect()
}

/// The alerts with their texts.
fn alerts() -> Vec<(String, String)> {
    let text = fs::read_to_string(Path::new(ROOT).join(ALERTS)).unwrap();
    let parts = text.split("- alert: ").skip(1);
    let alerts: Vec<_> = parts
        .map(|part| {
            let (name, rest) = part.split_once('\n').unwrap();
            (name.to_owned(), rest.to_owned())
        })
        .collect();
    assert!(alerts.len() > 20, "are alerts written otherwise now?");
    alerts
}

fn names() -> BTreeSet<String> {
    alerts().into_iter().map(|(name, _)| name).collect()
}

/// A copy of rules and tests, with other alerts.
fn with_alerts(alerts: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for folder in ["rules", "tests"] {
        fs::create_dir(copy.path().join(folder)).unwrap();
        for file in files(&Path::new(ROOT).join("ops/prometheus").join(folder)) {
            let to = copy.path().join(folder).join(file.file_name().unwrap());
            fs::copy(file, to).unwrap();
        }
    }
    fs::write(copy.path().join("rules/alerts.yml"), alerts).unwrap();
    copy
}

/// Whether every case of `folder` holds, and what was said of those that do not.
fn test_rules(folder: &Path) -> (bool, String) {
    let files = files(folder);
    let names = files
        .iter()
        .map(|file| file.file_name().unwrap().to_str().unwrap());
    let arguments: Vec<&str> = ["test", "rules"].into_iter().chain(names).collect();
    promtool(folder, &arguments)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn promtool(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(program("promtool"));
    let ran = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (ran.status.success(), said.concat())
}
