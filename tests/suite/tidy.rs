//! The house as a test: no floor looks up, the map is complete, the pure rooms are pure, and nothing
//! is left lying about. Only what breaks meaning is checked; taste is for reviewers.
//!
//! The checks read the files that git knows or would add, so a clone and a work tree agree. What a
//! check looks for in a text is in [`scan`], where it is tried on texts that must not pass; what there
//! is to look at is in [`tree`].

mod scan;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use tree::{ROOT, files, is_data, is_room, read, rooms, texts};

/// The rooms, from the ground up. A crate may use only crates on floors below its own, so that no
/// floor has to know who lives above it.
const FLOORS: &[&[&str]] = &[
    &["socai-domain", "socai-tlog", "socai-proto"],
    &["socai-store", "socai-reading", "socai-simulate"],
    &[
        "socai-store-memory",
        "socai-store-segment",
        "socai-store-nats",
        "socai-blob-directory",
        "socai-tlog-directory",
        "socai-credentials-redb",
        "socai-ledger",
    ],
    &[
        "socai-review",
        "socai-evidence",
        "socai-identity",
        "socai-view-postgres",
    ],
    &["socai-app"],
    &["socai-metrics", "socai-operations"],
    &["socai-grpc"],
    // Where pages will stand as well.
    &["socai-api"],
    &["socai"],
    &["socai-suite"],
];

/// Rooms that are functions of their arguments: no I/O, clock, randomness or environment.
const PURE: &[&str] = &[
    "socai-domain",
    "socai-evidence",
    "socai-ledger",
    "socai-reading",
    "socai-review",
    "socai-simulate",
    "socai-tlog",
];

/// What a pure room may be built from, besides rooms below it: crates that do none of it either.
const PURE_PARTS: &[&str] = &[
    "base64",
    "crc32c",
    "ed25519-dalek",
    "hashbrown",
    "jiff",
    "postcard",
    "regex",
    "schemars",
    "serde",
    "serde_ignored",
    "serde_json",
    "serde_path_to_error",
    "sha2",
    "thiserror",
    "unicode-normalization",
    "zip",
];

/// All that may lie at the top. A new thing belongs into one of these, or into a decision record.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".editorconfig",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "deny.toml",
    "ops",
    "proto",
    "rustfmt.toml",
    "schemas",
    "services",
    "tests",
];

/// What a repository keeps for ever it should be able to carry.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
const FUNCTION_LINES_ASKED: usize = 70;
const FILE_LINES_ASKED: usize = 500;

#[test]
fn crates_use_only_the_floors_below() {
    let rooms = rooms();
    for (floor, crates) in FLOORS.iter().enumerate() {
        let below = FLOORS[..floor].concat();
        for name in *crates {
            for used in rooms[*name].uses.iter().filter(|used| is_room(used)) {
                assert!(
                    below.contains(&used.as_str()),
                    "{name} must not depend on {used}: it is not on a floor below"
                );
            }
        }
    }
}

#[test]
fn every_room_has_a_floor_and_a_place_on_the_map() {
    let rooms: BTreeSet<String> = rooms().into_keys().collect();
    let floors: BTreeSet<String> = FLOORS.concat().into_iter().map(String::from).collect();
    let map = read("ARCHITECTURE.md");
    let named: BTreeSet<String> = map
        .split('`')
        .filter(|word| is_room(word))
        .map(String::from)
        .collect();

    assert_eq!(
        floors, rooms,
        "left: FLOORS in tests/suite/tidy.rs; right: services/"
    );
    assert_eq!(
        named, rooms,
        "left: names in backticks in ARCHITECTURE.md; right: services/"
    );
}

#[test]
fn a_folder_is_named_as_its_crate() {
    for (name, room) in rooms() {
        assert_eq!(format!("services/{name}"), room.folder);
    }
}

#[test]
fn every_dependency_is_chosen_once_in_the_workspace() {
    for room in rooms().values() {
        let manifest = format!("{}/Cargo.toml", room.folder);
        let strays = scan::dependencies_of_its_own(&read(&manifest));
        assert!(
            strays.is_empty(),
            "{manifest}: say `.workspace = true`, with the version in the root: {strays:?}"
        );
    }
}

#[test]
fn the_pure_rooms_are_built_from_pure_parts() {
    let rooms = rooms();
    for name in PURE {
        let foreign = rooms[*name].builds_on.iter().filter(|used| !is_room(used));
        for used in foreign {
            assert!(
                PURE_PARTS.contains(&used.as_str()),
                "{name} is pure; is {used}? Then list it in PURE_PARTS"
            );
        }
    }
}

/// A fold may use both cores: what it comes to does not depend on how they share the work. The tests of
/// the image hold it to that.
const ON_TWO_CORES: &str = "services/socai-ledger/src/pipeline.rs";

#[test]
fn the_pure_rooms_name_no_clock_and_no_machine() {
    for name in PURE {
        let source = format!("services/{name}/src/");
        for (path, text) in texts()
            .iter()
            .filter(|(path, _)| path.starts_with(&source) && !scan::is_test(path))
        {
            let mut found = scan::impurities(scan::before_tests(text));
            found.retain(|line| path != ON_TWO_CORES || !line.ends_with("use std::thread;"));
            assert!(
                found.is_empty(),
                "{path}: {name} is a function of its arguments: {found:?}"
            );
        }
    }
}

/// clippy reads the nearest clippy.toml only: a pure room without its own would be held to nothing.
#[test]
fn the_pure_rooms_share_one_list_of_bans() {
    let bans = |name: &str| {
        let file = read(&format!("services/{name}/clippy.toml"));
        file.lines()
            .filter(|line| !line.starts_with('#'))
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned()
    };
    for name in PURE {
        assert_eq!(
            bans("socai-domain"),
            bans(name),
            "services/{name}/clippy.toml"
        );
    }
}

#[test]
fn the_suite_is_a_manifest_without_code() {
    let text = read("services/socai-suite/src/lib.rs");
    let code: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with("//!") && !line.trim().is_empty())
        .collect();
    assert!(code.is_empty(), "tests live in tests/suite: {code:?}");
}

#[test]
fn only_the_agreed_things_lie_at_the_top() {
    for path in files() {
        let top = path.split('/').next().unwrap_or(&path);
        assert!(
            TOP.contains(&top),
            "{path}: nothing else lies at the top; see TOP in tests/suite/tidy.rs"
        );
    }
}

#[test]
fn a_module_is_named_for_what_is_in_it() {
    let unnamed: Vec<String> = files()
        .into_iter()
        .filter(|path| path.ends_with(".rs") && scan::says_nothing(path))
        .collect();
    assert!(
        unnamed.is_empty(),
        "nobody can say what does not belong there: {unnamed:?}"
    );
}

#[test]
fn nothing_is_left_for_later() {
    for (path, text) in texts() {
        let found = scan::left_for_later(&text);
        assert!(
            found.is_empty(),
            "{path}: do it, or write it down where work is planned: {found:?}"
        );
    }
}

/// A test that waits for time to pass is slow on a good day and wrong on a bad one.
#[test]
fn no_test_sleeps_and_none_is_ignored() {
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".rs")) {
        let ignored = scan::ignored_tests(text);
        assert!(
            ignored.is_empty(),
            "{path}: a test that does not run tells nothing: {ignored:?}"
        );

        let tests = if scan::is_test(path) {
            text
        } else {
            scan::from_tests(text)
        };
        let sleeps = scan::sleeps(tests);
        assert!(
            sleeps.is_empty(),
            "{path}: wait for the thing itself; time is an argument: {sleeps:?}"
        );
    }
}

#[test]
fn every_code_is_explained_and_every_explained_code_exists() {
    let sources = texts()
        .into_iter()
        .filter(|(path, _)| path.contains("/src/") && !scan::is_test(path));
    let given: BTreeSet<String> = sources
        .flat_map(|(_, text)| scan::codes(scan::before_tests(&text)))
        .collect();
    let explained = scan::codes_explained(&read("ops/errors.md"));

    let missing: Vec<_> = given.difference(&explained).collect();
    assert!(missing.is_empty(), "not in ops/errors.md: {missing:?}");
    let gone: Vec<_> = explained.difference(&given).collect();
    assert!(gone.is_empty(), "in ops/errors.md only: {gone:?}");
}

#[test]
fn every_decision_is_in_the_index_under_a_number_of_its_own() {
    let index = read("ops/adr/README.md");
    let mut numbers = BTreeMap::new();
    for path in files() {
        let Some(name) = path
            .strip_prefix("ops/adr/")
            .filter(|name| *name != "README.md")
        else {
            continue;
        };
        let (number, _) = name.split_once('-').unwrap_or_default();
        assert!(
            number.len() == 4 && number.parse::<u16>().is_ok(),
            "{path}: name it NNNN-what-was-decided.md"
        );
        assert!(
            index.contains(&format!("]({name})")),
            "{path} is not in ops/adr/README.md"
        );
        assert!(
            read(&path).starts_with(&format!("# {number} ")),
            "{path}: the title starts with its number"
        );
        if let Some(other) = numbers.insert(number.to_owned(), path.clone()) {
            panic!("{path} and {other} have one number");
        }
    }
    assert!(
        numbers.contains_key("0000"),
        "the first decision is to record decisions"
    );
}

#[test]
fn every_link_leads_somewhere() {
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = Path::new(ROOT).join(path).parent().unwrap().to_owned();
        for link in scan::relative_links(text) {
            assert!(
                folder.join(&link).exists(),
                "{path} links to {link}, which is not there"
            );
        }
    }
}

#[test]
fn the_readme_opens_with_the_two_commands() {
    let commands = scan::shell_commands(&read("README.md"));
    assert_eq!(commands[..2], ["cargo run --release -- demo", "./ops/test"]);
}

#[test]
fn continuous_integration_runs_the_one_test_command() {
    let run = read(".ci/run");
    let last = run.lines().rfind(|line| !line.trim().is_empty());
    assert_eq!(last, Some(r#"exec ./ops/test "$@""#));
}

#[test]
fn a_text_ends_with_a_newline() {
    let open: Vec<_> = texts()
        .into_iter()
        .filter(|(_, text)| !text.is_empty() && !text.ends_with('\n'))
        .collect();
    let open: Vec<_> = open.iter().map(|(path, _)| path).collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn big_files_are_test_data() {
    for path in files().iter().filter(|path| !is_data(path)) {
        let bytes = fs::metadata(Path::new(ROOT).join(path)).unwrap().len();
        assert!(
            bytes <= FILE_BYTES_MAX,
            "{path} has {bytes} bytes; the repository keeps it for ever"
        );
    }
}

/// Length is a question to ask of a function, not a rule to fail it by, so the answer is printed.
#[test]
fn long_functions_and_files_are_listed() {
    let texts = texts();
    let sources: Vec<_> = texts
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .collect();
    let functions: usize = sources
        .iter()
        .map(|(_, text)| scan::functions(text).len())
        .sum();
    println!("{} files, {functions} functions", sources.len());
    for (path, text) in &sources {
        let lines = text.lines().count();
        if lines > FILE_LINES_ASKED {
            println!("{path}: {lines} lines; is there a second idea in it?");
        }
        for function in scan::functions(text)
            .iter()
            .filter(|found| found.lines > FUNCTION_LINES_ASKED)
        {
            println!(
                "{path}:{}: {} has {} lines",
                function.at, function.name, function.lines
            );
        }
    }
    assert!(
        functions > sources.len(),
        "the measure finds no functions: it is broken"
    );
}
