//! The server under schemathesis, which makes requests from the server's own document: good ones and bad ones, in
//! all the ways that the schemas allow and forbid. There is no fault of the server, and no status, media type or
//! body that the document does not tell of.
//!
//! A sample, or with `SOCAI_LONG=1` many. `SOCAI_SEED` repeats a run's choices.

use std::path::PathBuf;
use std::process::Command;

use crate::accounts::Person;
use crate::stage::Stage;

/// How bodies are sent that are no JSON.
const HOOKS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/api/fuzz_bodies.py"
);

#[test]
fn a_reporter_finds_nothing_that_the_document_does_not_tell() {
    let stage = Stage::new();
    let person = stage.town.reporter.clone();
    fuzzed(&stage, &person);
}

#[test]
fn an_operator_finds_nothing_that_the_document_does_not_tell() {
    let stage = Stage::new();
    let person = stage.town.operator.clone();
    fuzzed(&stage, &person);
}

fn fuzzed(stage: &Stage, person: &Person) {
    let long = std::env::var_os("SOCAI_LONG").is_some();
    let seed = std::env::var("SOCAI_SEED").unwrap_or_else(|_| std::process::id().to_string());
    println!("SOCAI_SEED={seed}");
    let examples = if long { "200" } else { "3" };
    let output = Command::new(program())
        .args(["run", &stage.server.url("/openapi.json"), "--no-color"])
        .args(["--header", &format!("Authorization: Bearer {}", person.token)])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method"])
        .args(["--phases", if long { "examples,coverage,fuzzing" } else { "examples,fuzzing" }])
        .args(["--max-examples", examples, "--seed", &seed, "--workers", "2"])
        .args(["--generation-database", "none", "--request-timeout", "30"])
        .args(["--suppress-health-check", "all", "--continue-on-failure"])
        .args(["--warnings", "off", "--output-truncate", "true"])
        .env("SCHEMATHESIS_HOOKS", HOOKS)
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{said}");
    for line in stage.server.said() {
        assert!(!line.contains("panicked"), "{line}");
    }
}

/// Where `ops/test` installs it.
fn program() -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let mut places = tools.into_iter().chain(cached);
    let program = places.find_map(|place| {
        let program = place.join("schemathesis/bin/schemathesis");
        program.is_file().then_some(program)
    });
    program.expect("schemathesis is installed by ./ops/test, in $SOCAI_TOOLS")
}
