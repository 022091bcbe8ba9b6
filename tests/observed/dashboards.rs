//! `ops/grafana`: the files are what their source writes and what Grafana's types allow, and every panel says what it
//! shows, of what, and where the rows behind it are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::grafana::{ROOT, files, panels, read, text};

/// Whose numbers are of the ledger, so that each has a way to the rows behind it.
const OF_THE_LEDGER: [&str; 5] = [
    "socai-city",
    "socai-unit",
    "socai-document",
    "socai-review",
    "socai-integrity",
];

#[test]
fn the_files_are_what_their_source_writes() {
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new("python3")
        .arg(format!("{ROOT}/ops/grafana/source/generate.py"))
        .arg(folder.path())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let files = files();
    assert_eq!(files.len(), fs::read_dir(folder.path()).unwrap().count());
    for file in files {
        let written = fs::read(folder.path().join(file.file_name().unwrap())).unwrap();
        let same = written == fs::read(&file).unwrap();
        assert!(
            same,
            "{}: run ops/grafana/source/generate.py",
            file.display()
        );
    }
}

#[test]
fn grafanas_own_types_take_every_dashboard() {
    let folder = tempfile::tempdir().unwrap();
    let types = format!("{ROOT}/ops/grafana/types/dashboard.ts");
    fs::copy(types, folder.path().join("dashboard.ts")).unwrap();
    std::os::unix::fs::symlink(modules(), folder.path().join("node_modules")).unwrap();
    let mut command = Command::new("node");
    command
        .arg("node_modules/typescript/bin/tsc")
        .args(
            "--noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler"
                .split(' '),
        )
        .current_dir(folder.path());
    for file in files() {
        let name = format!("{}.ts", file.file_stem().unwrap().to_str().unwrap());
        let head =
            "import type { OurDashboard } from './dashboard';\nexport const it: OurDashboard =\n";
        let literal = head.to_owned() + &fs::read_to_string(&file).unwrap();
        fs::write(folder.path().join(&name), literal).unwrap();
        command.arg(name);
    }
    let ran = command.output().unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stdout)
    );
}

/// Where `npm ci` put the types.
fn modules() -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let mut places = tools
        .into_iter()
        .chain(cached)
        .map(|place| place.join("grafana/node_modules"));
    let found = places.find(|place| place.join("@grafana/schema").is_dir());
    found.expect("@grafana/schema is not installed: run ./ops/test, which installs it")
}

#[test]
fn every_panel_says_what_it_shows_and_in_which_unit() {
    for_each_panel(|place, dashboard, panel| {
        let about = text(&panel["description"]);
        assert!(about.len() > 20 && about.ends_with('.'), "{place}: {about}");
        assert!(!text(&panel["title"]).is_empty(), "{place}");
        assert!(
            panel["fieldConfig"]["defaults"]["unit"].is_string(),
            "{place}"
        );
        let links = panel["links"].as_array().unwrap();
        let leads_back = links
            .iter()
            .any(|link| text(&link["url"]).starts_with("${console}/"));
        let of_the_ledger = OF_THE_LEDGER.contains(&dashboard["uid"].as_str().unwrap());
        assert!(
            leads_back || !of_the_ledger,
            "{place} has no way back to the ledger"
        );
    });
}

/// Where a panel says nothing, Grafana has everything from 80 on in red: a rate of 88 %, and 373 reports on time.
#[test]
fn a_number_has_a_colour_only_where_the_panel_says_when() {
    for_each_panel(|place, _, panel| {
        let coloured = panel["type"] == "stat" && panel["options"]["colorMode"] != "none";
        let said = &panel["fieldConfig"]["defaults"]["thresholds"];
        assert!(!coloured || said.is_object(), "{place}");
    });
}

#[test]
fn every_panel_says_what_it_means_that_there_is_nothing() {
    for_each_panel(|place, _, panel| {
        let said = &panel["fieldConfig"]["defaults"]["noValue"];
        assert!(
            said.as_str().is_some_and(|text| !text.is_empty()),
            "{place}"
        );
    });
}

#[test]
fn ids_are_given_once_and_nothing_lies_upon_another() {
    let mut uids = BTreeSet::new();
    for file in files() {
        let dashboard = read(&file);
        assert!(uids.insert(text(&dashboard["uid"])), "{}", file.display());
        let all = dashboard["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = all
            .iter()
            .map(|panel| panel["id"].as_u64().unwrap())
            .collect();
        assert_eq!(all.len(), ids.len(), "{}", file.display());
        let places: Vec<[u64; 4]> = all.iter().map(place).collect();
        for (number, one) in places.iter().enumerate() {
            assert!(one[0] + one[2] <= 24, "{}: {one:?}", file.display());
            let upon = places[..number].iter().find(|other| overlap(one, other));
            assert_eq!(None, upon, "{}: {one:?}", file.display());
        }
    }
}

fn place(panel: &Value) -> [u64; 4] {
    ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap())
}

fn overlap(one: &[u64; 4], other: &[u64; 4]) -> bool {
    let along = |start: usize, size: usize| {
        one[start] < other[start] + other[size] && other[start] < one[start] + one[size]
    };
    along(0, 2) && along(1, 3)
}

/// By the ids that `ops/grafana/provisioning` gives them, never by a name that an installation chose.
#[test]
fn sources_are_the_two_that_are_provisioned() {
    let provisioned = fs::read_to_string(format!(
        "{ROOT}/ops/grafana/provisioning/datasources/socai.yml"
    ))
    .unwrap();
    for file in files() {
        let mut found = BTreeSet::new();
        sources(&read(&file), &mut found);
        found.remove("-- Mixed --");
        for uid in found {
            assert!(
                provisioned.contains(&format!("uid: {uid}\n")),
                "{}: {uid}",
                file.display()
            );
        }
    }
}

fn sources(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(source) = fields.get("datasource") {
                found.insert(text(&source["uid"]));
            }
            fields.values().for_each(|field| sources(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| sources(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// To a dashboard that is there, with a variable that it has; to the console with what the API calls it too.
#[test]
fn every_link_leads_somewhere() {
    let dashboards: Vec<Value> = files().iter().map(|file| read(file)).collect();
    let document = read(Path::new(&format!("{ROOT}/schemas/openapi.json")));
    for dashboard in &dashboards {
        let said = dashboard.to_string();
        let urls = said
            .split("\"url\":\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap());
        for url in urls.filter(|url| !url.is_empty()) {
            if let Some(other) = url.strip_prefix("/d/") {
                leads_to_a_dashboard(other, &dashboards);
            } else {
                let path = url.strip_prefix("${console}/").expect(url);
                leads_to_the_console(path, &document);
            }
        }
    }
}

fn leads_to_a_dashboard(url: &str, dashboards: &[Value]) {
    let (uid, query) = url.split_once('?').expect(url);
    let found = dashboards.iter().find(|dashboard| dashboard["uid"] == uid);
    let variables = &found.expect(url)["templating"]["list"];
    let named = query
        .strip_prefix("var-")
        .expect(url)
        .split('=')
        .next()
        .unwrap();
    let names = variables
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| text(&variable["name"]));
    assert!(names.into_iter().any(|name| name == named), "{url}");
}

fn leads_to_the_console(url: &str, document: &Value) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let list = path.split('/').next().unwrap();
    let parameters = &document["paths"][format!("/v1/{list}")]["get"]["parameters"];
    let parameters = parameters
        .as_array()
        .unwrap_or_else(|| panic!("{url}: no such list"));
    for asked in query.split('&').filter(|asked| !asked.is_empty()) {
        let name = asked.split('=').next().unwrap();
        let known = parameters.iter().any(|parameter| parameter["name"] == name);
        assert!(known, "{url}: /v1/{list} has no parameter {name}");
    }
}

fn for_each_panel(check: impl Fn(&str, &Value, &Value)) {
    for file in files() {
        let dashboard = read(&file);
        for panel in panels(&dashboard) {
            let place = format!("{}: {}", file.display(), panel["title"]);
            check(&place, &dashboard, panel);
        }
    }
}
