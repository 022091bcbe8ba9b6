//! JSON Schemas of events and commands: one file for each, kept up to date.

use std::collections::BTreeMap;

use expect_test::expect_file;
use serde_json::{Value, json};

use crate::schema::{DRAFT, commands, events};

pub(super) fn event_names() -> Vec<String> {
    events().into_keys().collect()
}

pub(crate) fn command_names() -> Vec<String> {
    commands().into_keys().collect()
}

/// A line of a file of commands, around the command's own data.
fn line() -> Value {
    json!({
        "$schema": DRAFT,
        "title": "A command, as one line of NDJSON",
        "description": "What `socai record` reads, one object a line. Who records and when is stamped \
                        by the program, not said here.",
        "type": "object",
        "properties": {
            "command": {
                "description": "The name of the command.",
                "enum": command_names(),
            },
            "effective": {
                "description": "The day from which it is true in the world, in Việt Nam.",
                "type": "string",
                "format": "date",
            },
            "data": {
                "description": "What the command says: see <command>.json beside this file.",
                "type": "object",
            },
            "id": {
                "description": "The command's own id, so that a retry is told from a new command. \
                                Made by the program where absent.",
                "type": "string",
                "format": "uuid",
            },
            "synthetic": {
                "description": "The fact is made up for a demonstration or a test.",
                "type": "boolean",
            },
            "actor": {
                "description": "The account that records; accepted only where the operator trusts \
                                the file to say it.",
                "type": "string",
                "pattern": "^[a-z0-9][a-z0-9_-]{0,159}$",
            },
        },
        "required": ["command", "effective", "data"],
        "additionalProperties": false,
    })
}

fn pretty(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).unwrap() + "\n"
}

#[track_caller]
fn validator(schema: &Value) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).unwrap()
}

#[test]
fn the_schemas_of_events_are_fresh() {
    for (name, schema) in events() {
        let path = format!("../../../../schemas/events/{name}.json");
        expect_file![path].assert_eq(&pretty(&schema));
    }
}

#[test]
fn the_schemas_of_commands_are_fresh() {
    for (name, schema) in commands() {
        let path = format!("../../../../schemas/commands/{name}.json");
        expect_file![path].assert_eq(&pretty(&schema));
    }
    expect_file!["../../../../schemas/commands/line.json"].assert_eq(&pretty(&line()));
}

#[test]
fn every_command_on_a_ladder_is_valid_and_a_broken_one_is_not() {
    let validators: BTreeMap<String, jsonschema::Validator> = commands()
        .iter()
        .map(|(name, schema)| (name.clone(), validator(schema)))
        .collect();
    for step in super::codes::ladders()
        .into_iter()
        .flat_map(|climb| climb.steps)
    {
        let validator = &validators[&step.name];
        let errors: Vec<String> = validator
            .iter_errors(&step.body)
            .map(|e| e.to_string())
            .collect();
        // A percentage over a hundred and a year before 1976 are asked on purpose.
        let on_purpose = errors
            .iter()
            .all(|error| error.contains("101") || error.contains("1975"));
        assert!(on_purpose, "{} {}: {errors:?}", step.name, step.body);

        let mut broken = step.body.clone();
        broken["khong_co"] = json!(1);
        assert!(!validator.is_valid(&broken), "{} {broken}", step.name);
        let name = &step.name;
        assert!(
            crate::command::Command::decode(name, &broken.to_string()).is_err(),
            "{name}"
        );
    }
}

/// An unknown field deep inside a command is a slip of whoever wrote it; the schema and the program
/// say so alike.
#[test]
fn a_slip_inside_a_command_is_found_by_schema_and_program() {
    let assignment = json!({"document": "ct-01", "title": "Rà soát", "leads": [{"unit": "snv"}],
        "due": {"rule": "not_stated"}, "tittle": "Rà soát"});
    let body = json!({"task": "nv", "assignment": assignment});
    assert!(!validator(&commands()["task.assign"]).is_valid(&body));
    let error = crate::command::Command::decode("task.assign", &body.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "assignment.tittle: no such field");
}

#[test]
fn events_on_ladders_are_valid() {
    let schemas = events();
    for climb in super::codes::ladders() {
        for told in climb.told {
            let validator = validator(&schemas[told.name()]);
            let errors: Vec<String> = validator
                .iter_errors(told.body())
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{told:?}: {errors:?}");
        }
    }
}

#[test]
fn a_line_has_a_command_a_day_and_data() {
    let validator = validator(&line());
    let whole = json!({"command": "report.submit", "effective": "2019-04-10", "data": {},
        "id": "0195f0f0-0000-7000-8000-000000000001", "synthetic": true, "actor": "ana"});
    assert!(validator.is_valid(&whole));
    for (field, bad) in [
        ("command", json!("report.paint")),
        ("effective", json!("10/4/2019")),
        ("data", json!([])),
        ("id", json!("1")),
        ("synthetic", json!("true")),
        ("actor", json!("Ana")),
        ("by", json!("ana")),
    ] {
        let mut broken = whole.clone();
        broken[field] = bad;
        assert!(!validator.is_valid(&broken), "{broken}");
    }
}

#[test]
fn every_schema_says_what_it_is() {
    for (name, schema) in events().into_iter().chain(commands()) {
        let description = schema["description"].as_str();
        assert!(description.is_some_and(|text| text.len() > 10), "{name}");
    }
}
