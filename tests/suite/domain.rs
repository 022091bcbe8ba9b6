//! What is stored and spoken, held to files: every event ever written reads for ever, and the
//! published schemas agree with the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use expect_test::expect_file;
use serde_json::{Value, json};
use socai_domain::codec::DecodeError;
use socai_domain::command::Command;
use socai_domain::event::Event;
use socai_domain::subject::Subject;

/// One subject of each category.
const SUBJECTS: [&str; 12] = [
    "ledger.main",
    "calendar.2019",
    "unit.a",
    "group.a",
    "document.a",
    "requirement.a",
    "task.a",
    "obligation.a",
    "inspection.a",
    "attachment.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "evidence.a",
    "account.a",
];

/// One name of each category of commands, none of which is known.
const COMMANDS: [&str; 14] = [
    "ledger.x",
    "calendar.x",
    "unit.x",
    "group.x",
    "document.x",
    "requirement.x",
    "period.x",
    "obligation.x",
    "report.x",
    "task.x",
    "inspection.x",
    "attachment.x",
    "evidence.x",
    "account.x",
];

fn folder(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// The names of the JSON files in a folder, without their ending.
fn files_in(path: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(path)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| name.strip_suffix(".json").map(String::from))
        .collect()
}

fn json_of(path: &str) -> Value {
    let text = fs::read_to_string(folder(path)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn expected_instead(error: DecodeError) -> BTreeSet<String> {
    let DecodeError::UnknownType { expected, .. } = error else {
        panic!("{error}");
    };
    expected.split(", ").map(String::from).collect()
}

/// Every type of event that the program knows, as it tells when asked for one that it does not.
fn known_events() -> BTreeSet<String> {
    let ask = |subject: &str| {
        let subject = Subject::parse(subject).unwrap();
        expected_instead(Event::decode(&subject, "x.y.v1", "{}").unwrap_err())
    };
    SUBJECTS.into_iter().flat_map(ask).collect()
}

/// As [`known_events`]; the two commands of tasks that are not of obligations are never offered.
fn known_commands() -> BTreeSet<String> {
    let ask = |name: &str| expected_instead(Command::decode(name, "{}").unwrap_err());
    let mut known: BTreeSet<String> = COMMANDS.into_iter().flat_map(ask).collect();
    for name in ["task.assign", "task.set_due"] {
        let error = Command::decode(name, "{}").unwrap_err();
        assert!(matches!(error, DecodeError::Body { .. }), "{name}: {error}");
        known.insert(name.to_owned());
    }
    known
}

/// A stored event: its type, what it is about, and its body.
struct Golden {
    name: String,
    subject: Subject,
    data: Value,
}

fn golden() -> Vec<Golden> {
    let mut all = Vec::new();
    for name in files_in("tests/golden/events") {
        let bodies = json_of(&format!("tests/golden/events/{name}.json"));
        for body in bodies.as_array().unwrap() {
            let subject = Subject::parse(body["subject"].as_str().unwrap()).unwrap();
            let (name, data) = (name.clone(), body["data"].clone());
            all.push(Golden {
                name,
                subject,
                data,
            });
        }
    }
    all
}

fn decode(golden: &Golden, data: &Value) -> Event {
    let read = Event::decode(&golden.subject, &golden.name, &data.to_string());
    read.unwrap_or_else(|error| panic!("{} {data}: {error}", golden.name))
}

#[test]
fn every_stored_event_reads_and_is_written_the_same() {
    for golden in golden() {
        let event = decode(&golden, &golden.data);
        assert_eq!(event.event_type().name(), golden.name);
        let (name, body) = event.encode();
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((name, body), (golden.name, golden.data));
    }
}

/// Every form that was ever written keeps its file: the list only grows.
#[test]
fn no_stored_form_is_lost() {
    let mut forms: BTreeMap<String, u32> = BTreeMap::new();
    for golden in golden() {
        *forms.entry(golden.name).or_default() += 1;
    }
    let missing: Vec<String> = known_events()
        .into_iter()
        .filter(|name| !forms.contains_key(name))
        .collect();
    assert!(missing.is_empty(), "no golden file for {missing:?}");

    let mut list = String::new();
    for (name, count) in &forms {
        writeln!(list, "{name} {count}").unwrap();
    }
    expect_file!["../golden/events/list.txt"].assert_eq(&list);
}

/// A later version may add fields anywhere; an earlier program reads what it knows.
#[test]
fn unknown_fields_of_events_are_passed_over() {
    for golden in golden() {
        let mut widened = golden.data.clone();
        widen(&mut widened);
        assert_ne!(widened, golden.data, "{}", golden.name);
        assert_eq!(
            decode(&golden, &widened),
            decode(&golden, &golden.data),
            "{}",
            golden.name
        );
    }
}

/// Adds a field to every object that is not a map of somebody's own names.
fn widen(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                // An addressee is one of two names; figures and calendars have names of their own.
                let own_names = [
                    "figures",
                    "calendars",
                    "leads",
                    "coordinators",
                    "reporters",
                    "to",
                    "about",
                    "ordered_by",
                    "of",
                ];
                if !own_names.contains(&field.as_str()) {
                    widen(value);
                }
            }
            fields.insert("added_later".to_owned(), json!({"a": [1]}));
        }
        Value::Array(items) => items.iter_mut().for_each(widen),
        _ => {}
    }
}

#[test]
fn an_event_of_another_program_is_an_unknown_type() {
    for subject in SUBJECTS {
        let subject = Subject::parse(subject).unwrap();
        for name in [
            "unit.painted.v1",
            "unit.formed.v2",
            "review.published.v1",
            "",
        ] {
            let error = Event::decode(&subject, name, "{}").unwrap_err();
            assert!(
                matches!(error, DecodeError::UnknownType { .. }),
                "{subject} {name}: {error}"
            );
        }
    }
}

#[test]
fn every_event_and_every_command_has_a_schema_and_no_schema_is_left_over() {
    assert_eq!(files_in("schemas/events"), known_events());
    let mut commands = files_in("schemas/commands");
    assert!(commands.remove("line"));
    assert_eq!(commands, known_commands());
}

fn validator(path: &str) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&json_of(path)).unwrap()
}

#[test]
fn stored_events_are_valid_by_their_schemas_and_mangled_ones_are_not() {
    for golden in golden() {
        let validator = validator(&format!("schemas/events/{}.json", golden.name));
        let errors: Vec<String> = validator
            .iter_errors(&golden.data)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{} {errors:?}", golden.name);
        for (field, value) in golden.data.as_object().unwrap() {
            let mut mangled = golden.data.clone();
            mangled[field] = match value {
                Value::Array(_) | Value::Object(_) => json!(7),
                _ => json!([]),
            };
            assert!(!validator.is_valid(&mangled), "{} {mangled}", golden.name);
        }
    }
}

#[test]
fn every_schema_stands_by_itself() {
    for kind in ["events", "commands"] {
        for name in files_in(&format!("schemas/{kind}")) {
            let path = format!("schemas/{kind}/{name}.json");
            let schema = json_of(&path);
            assert!(jsonschema::meta::is_valid(&schema), "{path}");
            assert!(schema["title"].is_string(), "{path} has no title");
            assert!(
                schema["description"].is_string(),
                "{path} has no description"
            );
            let text = schema.to_string();
            for reference in text.split("\"$ref\":\"").skip(1) {
                assert!(reference.starts_with("#/$defs/"), "{path} refers elsewhere");
            }
            validator(&path);
        }
    }
}
