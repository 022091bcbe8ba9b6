//! What tidiness looks for in one text. Each function answers what it found, as `line: text`, and is
//! tried below on a text that must be found and one that must not.
//!
//! No parser: rustfmt has laid the code out, so lines and indentation tell enough.

use std::collections::BTreeSet;
use std::path::Path;

/// Whether `path` holds nothing but tests.
pub(super) fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// The part of a source file before its tests.
pub(super) fn before_tests(text: &str) -> &str {
    &text[..start_of_tests(text)]
}

/// The tests at the end of a source file.
pub(super) fn from_tests(text: &str) -> &str {
    &text[start_of_tests(text)..]
}

/// Where the module of tests opens; one that is only declared (`mod tests;`) has a file of its own.
fn start_of_tests(text: &str) -> usize {
    let opens = |at: &usize| {
        let module = text[*at..].lines().nth(1).unwrap_or_default();
        module.starts_with("mod ") && module.ends_with('{')
    };
    text.match_indices("#[cfg(test)]\n")
        .map(|(at, _)| at)
        .find(opens)
        .unwrap_or(text.len())
}

/// Module names under which anything could be filed.
pub(super) fn says_nothing(path: &str) -> bool {
    let vague = [
        "common", "helper", "helpers", "manager", "misc", "shared", "types", "util", "utils",
    ];
    let path = Path::new(path).with_extension("");
    path.iter()
        .any(|part| vague.iter().any(|word| part == *word))
}

/// Where code reaches for the clock, the machine or chance.
pub(super) fn impurities(text: &str) -> Vec<String> {
    let reached = [
        "std::env",
        "std::fs",
        "std::net",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "now_v7",
        "new_v4",
        "async fn",
        "stdin()",
        "stdout()",
    ];
    let grouped = |line: &str| {
        let Some(names) = line.trim_start().strip_prefix("use std::{") else {
            return false;
        };
        ["env", "fs", "net", "process", "thread"]
            .iter()
            .any(|name| has_word(names, name))
    };
    lines_where(text, |line| {
        let code = without_comment(line);
        grouped(code) || reached.iter().any(|word| has_word(code, word))
    })
}

/// Work that was put off where nobody plans it.
pub(super) fn left_for_later(text: &str) -> Vec<String> {
    // In two parts, so that this file does not find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("HA", "CK"),
    ];
    let calls = [concat!("todo", "!("), concat!("unimplemented", "!(")];
    lines_where(text, |line| {
        marks.iter().any(|mark| has_word(line, mark))
            || calls.iter().any(|call| line.contains(call))
    })
}

pub(super) fn ignored_tests(text: &str) -> Vec<String> {
    let [plain, reasoned] = [concat!("#[ig", "nore]"), concat!("#[ig", "nore =")];
    lines_where(text, |line| line.contains(plain) || line.contains(reasoned))
}

pub(super) fn sleeps(text: &str) -> Vec<String> {
    let names = [
        concat!("sl", "eep"),
        concat!("sl", "eep_ms"),
        concat!("sl", "eep_until"),
    ];
    lines_where(text, |line| {
        names
            .iter()
            .any(|name| has_word(without_comment(line), name))
    })
}

/// Dependencies in a manifest that do not take their version from the workspace.
pub(super) fn dependencies_of_its_own(manifest: &str) -> Vec<String> {
    let mut inside = false;
    lines_where(manifest, |line| {
        let line = line.trim();
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
            // `[dependencies.name]` is a form that the lines below could not be read in.
            return !inside && line.contains("dependencies.");
        }
        inside && !line.is_empty() && !line.starts_with('#') && !line.contains("workspace = true")
    })
}

/// The codes that a source file gives to refusals and errors: `what.why` in a function `code`, in a
/// field `code`, or in the table of an aggregate's `refusals!`.
pub(super) fn codes(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().collect();
    let bodies = functions(text)
        .into_iter()
        .filter(|function| function.name == "code")
        .flat_map(|function| &lines[function.at - 1..function.at - 1 + function.lines]);
    let given = ["code: \"", "status::with(Code::"];
    let fields = lines
        .iter()
        .filter(|line| given.iter().any(|begins| line.contains(begins)));
    let plain = bodies.chain(fields).flat_map(|line| literals(line));
    plain
        .filter(|literal| is_code(literal))
        .map(String::from)
        .chain(codes_of_tables(text))
        .collect()
}

/// In `refusals! { "unit" { Ended = "ended", "…"; } }`: `unit.ended`.
fn codes_of_tables(text: &str) -> Vec<String> {
    let mut codes = Vec::new();
    for table in text.split("\nrefusals!").skip(1) {
        let table = table.split("\n}").next().unwrap_or(table);
        let code = table.lines().map(without_comment).collect::<String>();
        let prefix = literals(&code).next().unwrap_or_default();
        let rows = code.split(" = ").skip(1);
        codes.extend(rows.filter_map(|row| Some(format!("{prefix}.{}", literals(row).next()?))));
    }
    codes
}

/// The codes that the page of codes has a line for.
pub(super) fn codes_explained(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect()
}

fn is_code(literal: &str) -> bool {
    let plain = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase())
            && part
                .bytes()
                .all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'_')
    };
    literal
        .split_once('.')
        .is_some_and(|(what, why)| plain(what) && plain(why))
}

fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// The targets of links in a Markdown text that are files, without their anchors.
pub(super) fn relative_links(text: &str) -> Vec<String> {
    let outside_code: String = text.split("```").step_by(2).collect();
    let targets = outside_code
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
    let files = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    let files = files.map(|target| target.split('#').next().unwrap_or_default().to_owned());
    files.filter(|target| !target.is_empty()).collect()
}

/// The commands in a Markdown text's shell blocks.
pub(super) fn shell_commands(text: &str) -> Vec<String> {
    let blocks = text
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix("sh\n"));
    let lines = blocks
        .flat_map(str::lines)
        .map(|line| line.split(" #").next().unwrap_or(line).trim());
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(String::from)
        .collect()
}

/// A function and its size, from its signature to its closing brace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) at: usize,
    pub(super) lines: usize,
}

pub(super) fn functions(text: &str) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, function_name(line)?)));
    let sized = starts.filter_map(|(at, name)| {
        let indent = lines[at].len() - lines[at].trim_start().len();
        let end = (at..lines.len()).find(|&end| ends_item(lines[end], indent))?;
        Some(Function {
            name: name.to_owned(),
            at: at + 1,
            lines: end - at + 1,
        })
    });
    sized.collect()
}

/// The name in `pub(crate) async fn name(`, if `line` starts a function.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let qualifiers = [
        "pub",
        "pub(crate)",
        "pub(super)",
        "const",
        "async",
        "unsafe",
        "extern",
    ];
    let starts = before
        .split_whitespace()
        .all(|word| qualifiers.contains(&word));
    let name = after
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .next()?;
    (starts && !name.is_empty()).then_some(name)
}

/// Whether the item that starts at `indent` ends with `line`: its brace, its semicolon, or both braces.
fn ends_item(line: &str, indent: usize) -> bool {
    let own = line.len() - line.trim_start().len() == indent;
    own && (line.ends_with('}') || line.ends_with(';'))
}

fn lines_where(text: &str, mut found: impl FnMut(&str) -> bool) -> Vec<String> {
    let numbered = text.lines().enumerate().filter(|(_, line)| found(line));
    numbered
        .map(|(at, line)| format!("{}: {}", at + 1, line.trim()))
        .collect()
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

/// Whether `word` stands in `line` with nothing of a name before or after it.
fn has_word(line: &str, word: &str) -> bool {
    let of_a_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(of_a_name) && !line[at + word.len()..].starts_with(of_a_name)
    })
}

#[test]
fn finds_where_code_reaches_out() {
    let reaching = [
        "    let now = jiff::Timestamp::now();",
        "use std::time::SystemTime;",
        "use std::{collections::BTreeMap, fs};",
        "    std::env::var(\"HOME\")",
        "pub async fn fold() {}",
        "    Uuid::now_v7()",
    ];
    for line in reaching {
        assert_eq!(impurities(line).len(), 1, "{line}");
    }
    let pure = [
        "// std::fs is for others",
        "use std::collections::BTreeMap;",
        "let envs = my_std::environment;",
    ];
    for line in pure {
        assert_eq!(impurities(line), Vec::<String>::new());
    }
}

#[test]
fn leaves_the_tests_of_a_source_file_out() {
    let text = "use a;\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    assert_eq!(impurities(before_tests(text)), Vec::<String>::new());
    assert_eq!(impurities(from_tests(text)).len(), 1);

    let declared = "#[cfg(test)]\nmod tests;\nuse std::fs;\n";
    assert_eq!(impurities(before_tests(declared)).len(), 1);
}

#[test]
fn finds_what_is_left_for_later() {
    let left = [
        concat!("// TO", "DO: the rest"),
        concat!("todo", "!()"),
        concat!("    unimplemented", "!(\"soon\")"),
    ];
    for line in left {
        assert_eq!(left_for_later(line), [format!("1: {}", line.trim())]);
    }
    assert_eq!(
        left_for_later("a method to do it, TODOS"),
        Vec::<String>::new()
    );
}

#[test]
fn finds_tests_that_wait_or_do_not_run() {
    for line in [
        concat!("std::thread::sl", "eep(second);"),
        concat!("use tokio::time::sl", "eep;"),
    ] {
        assert_eq!(sleeps(line).len(), 1, "{line}");
    }
    assert_eq!(
        sleeps("let asleep = true; // nobody sleeps"),
        Vec::<String>::new()
    );
    for line in [
        concat!("#[ig", "nore]"),
        concat!("#[ig", "nore = \"slow\"]"),
    ] {
        assert_eq!(ignored_tests(line).len(), 1, "{line}");
    }
}

#[test]
fn finds_dependencies_that_choose_for_themselves() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nserde.workspace = true\nrand = \"1\"\n\
                    [dev-dependencies]\ncsv = { workspace = true }\n[dependencies.time]\n[lints]\nworkspace = true\n";
    assert_eq!(
        dependencies_of_its_own(manifest),
        ["5: rand = \"1\"", "8: [dependencies.time]"]
    );
}

#[test]
fn finds_names_that_say_nothing() {
    assert!(says_nothing("services/socai/src/utils.rs"));
    assert!(says_nothing("tests/suite/common/mod.rs"));
    assert!(!says_nothing("services/socai-domain/src/document.rs"));
}

#[test]
fn reads_links_and_commands_of_a_page() {
    let page = "[a](b.md) [c](d/e.md#f) [g](https://h) [i](#j)\n```sh\nls # all\n\n# no\n```\n```text\n[k](l)\n```\n";
    assert_eq!(relative_links(page), ["b.md", "d/e.md"]);
    assert_eq!(shell_commands(page), ["ls"]);
}

#[test]
fn measures_functions() {
    let text = "impl A {\n    pub(crate) const fn one() {}\n\n    fn three(\n        a: u8,\n    ) -> u8 {\n        a\n    }\n\n    \
                fn declared(&self);\n}\nlet say = \"fn said\";\n";
    let found: Vec<_> = functions(text)
        .into_iter()
        .map(|found| (found.name, found.at, found.lines))
        .collect();
    let expected = [("one", 2, 1), ("three", 4, 5), ("declared", 10, 1)];
    assert_eq!(
        found,
        expected.map(|(name, at, lines)| (name.to_owned(), at, lines))
    );
}

#[test]
fn finds_the_codes_of_refusals_and_errors() {
    let text = r#"
refusals! {
    "unit" {
        /// "Not" = "this".
        Ended = "ended", "the unit = has ended";
        SelfMerge = "merged_into_itself",
            "a unit cannot merge into itself";
    }
}
impl E {
    pub fn code(&self) -> &'static str {
        match self {
            Self::A => "line.not_json",
            Self::B(inner) => inner.code(),
        }
    }
    fn kind() { "unit.formed" }
}
let refused = Refused { code: "line.too_long", about: "a.b" };
"#;
    let expected = [
        "line.not_json",
        "line.too_long",
        "unit.ended",
        "unit.merged_into_itself",
    ];
    let found = codes(text);
    assert!(
        expected.iter().all(|code| found.contains(*code)),
        "{found:?}"
    );
    assert!(
        !found.contains("unit.formed") && !found.contains("unit.this"),
        "{found:?}"
    );

    let page = "| Code | Means |\n|---|---|\n| `unit.ended` | gone |\n\nAs in `unit.formed`.\n";
    assert_eq!(
        codes_explained(page),
        BTreeSet::from(["unit.ended".to_owned()])
    );
}
