//! Whatever JSON says, its message says, and the other way round.

use std::fs;

use proptest::prelude::*;
use prost::Message;
use serde_json::{Map, Value, json};
use socai_domain::command::Command;
use socai_grpc::carry;
use socai_operations::names::camel;
use socai_proto::prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor};

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/hanoi");

fn descriptor(name: &str) -> MessageDescriptor {
    let found = socai_proto::pool().get_message_by_name(&format!("socai.v1.{name}"));
    found.unwrap_or_else(|| panic!("no message {name}"))
}

/// To bytes and back.
fn carried(json: &Value, descriptor: &MessageDescriptor) -> Value {
    let message = carry::message(json, descriptor.clone());
    let bytes = message
        .unwrap_or_else(|unfit| panic!("{unfit}: {json}"))
        .encode_to_vec();
    let read = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
    carry::json(&read).unwrap()
}

/// Without what a message does not tell from its absence.
pub(crate) fn said(json: &Value) -> Value {
    match json {
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), said(value)));
            let nothing = |value: &Value| {
                let empty_list = value.as_array().is_some_and(Vec::is_empty);
                value.is_null() || empty_list || value.as_object().is_some_and(Map::is_empty)
            };
            fields.filter(|(_, value)| !nothing(value)).collect()
        }
        Value::Array(items) => items.iter().map(said).collect(),
        other => other.clone(),
    }
}

#[test]
fn every_command_of_the_scenario_is_carried_unchanged() {
    let mut names = std::collections::BTreeSet::new();
    for file in fs::read_dir(SCENARIOS).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let (name, data) = (line["command"].as_str().unwrap(), &line["data"]);
            let there_and_back = carried(data, &descriptor(&camel(name)));
            assert_eq!(said(&there_and_back), said(data), "{name}");
            let decoded = |data: &Value| Command::decode(name, &data.to_string()).unwrap();
            assert_eq!(decoded(&there_and_back), decoded(data), "{name}");
            names.insert(name.to_owned());
        }
    }
    assert!(names.len() > 20, "{names:?}");
}

/// JSON that a message of `descriptor` can hold.
fn fitting(descriptor: &MessageDescriptor, depth: u32) -> BoxedStrategy<Value> {
    let mut object = Just(Map::new()).boxed();
    for field in descriptor.fields() {
        let alone = field
            .containing_oneof()
            .is_some_and(|one| !one.is_synthetic());
        let inner = matches!(field.kind(), Kind::Message(_)) && !field.is_map();
        if inner && depth == 0 {
            continue;
        }
        let value = held(&field, depth);
        let name = field.name().to_owned();
        object = (object, value, any::<bool>())
            .prop_map(move |(mut object, value, there)| {
                let free = !alone || object.is_empty();
                let (key, value) = match name.strip_suffix("_json") {
                    Some(key) => (key.to_owned(), json!({"any": [value, 1.5, null]})),
                    None => (name.clone(), value),
                };
                if free && there {
                    object.insert(key, value);
                }
                object
            })
            .boxed();
    }
    object.prop_map(Value::Object).boxed()
}

fn held(field: &FieldDescriptor, depth: u32) -> BoxedStrategy<Value> {
    if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let entries = (".{1,5}", one(&entry.map_entry_value_field().kind(), depth));
        let object = |(key, value): (String, Value)| Value::Object(Map::from_iter([(key, value)]));
        return entries.prop_map(object).boxed();
    }
    let value = one(&field.kind(), depth);
    if field.is_list() {
        proptest::collection::vec(value, 1..3)
            .prop_map(Value::Array)
            .boxed()
    } else {
        value
    }
}

fn one(kind: &Kind, depth: u32) -> BoxedStrategy<Value> {
    match kind {
        Kind::String => ".{0,8}".prop_map(Value::from).boxed(),
        Kind::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Uint32 => any::<u32>().prop_map(Value::from).boxed(),
        Kind::Int32 => any::<i32>().prop_map(Value::from).boxed(),
        Kind::Uint64 => any::<u64>().prop_map(Value::from).boxed(),
        Kind::Int64 => any::<i64>().prop_map(Value::from).boxed(),
        Kind::Double => prop_oneof![
            any::<i32>().prop_map(Value::from),
            (0.01..1e9).prop_map(Value::from)
        ]
        .boxed(),
        Kind::Message(inner) => fitting(inner, depth.saturating_sub(1)),
        other => panic!("nothing is carried as {other:?}"),
    }
}

/// What is always there is there in what comes back, also where it was not said.
fn is_said_by(json: &Value, back: &Value) -> bool {
    match (json, back) {
        (Value::Object(said), Value::Object(back)) => said
            .iter()
            .all(|(name, value)| back.get(name).is_some_and(|back| is_said_by(value, back))),
        (Value::Array(said), Value::Array(back)) => {
            said.len() == back.len()
                && said
                    .iter()
                    .zip(back)
                    .all(|(said, back)| is_said_by(said, back))
        }
        _ => json == back,
    }
}

#[test]
fn whatever_a_message_can_say_is_carried_unchanged() {
    let made = |message: &MessageDescriptor| {
        let file = message.parent_file().name().to_owned();
        file.ends_with("commands.proto") || file.ends_with("questions.proto")
    };
    let messages: Vec<MessageDescriptor> =
        socai_proto::pool().all_messages().filter(made).collect();
    let messages = messages
        .into_iter()
        .filter(|message| !message.is_map_entry());
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(16));
    for descriptor in messages {
        let run = runner.run(&fitting(&descriptor, 2), |json| {
            let back = carried(&json, &descriptor);
            prop_assert!(
                is_said_by(&json, &back),
                "{}: {} became {}",
                descriptor.name(),
                json,
                back
            );
            prop_assert_eq!(&carried(&back, &descriptor), &back);
            Ok(())
        });
        run.unwrap_or_else(|error| panic!("{}: {error}", descriptor.name()));
    }
}

#[track_caller]
fn unfit(name: &str, json: &Value, sentence: &str) {
    let error = carry::message(json, descriptor(name)).unwrap_err();
    assert_eq!(error.to_string(), sentence);
}

#[test]
fn what_a_message_has_no_place_for_is_not_dropped() {
    unfit(
        "TaskClaim",
        &json!({"khong_co": 1}),
        "khong_co: no such field",
    );
    let deep = json!({"assignment": {"due": {"rule": "fixed", "dat": "2019-03-31"}}});
    unfit("TaskAssign", &deep, "assignment.due.dat: no such field");
    let number = json!({"submission": {"figures": {"so_tin": 9_007_199_254_740_993_u64}}});
    unfit(
        "ReportSubmit",
        &number,
        "submission.figures.so_tin: expected double",
    );
    unfit(
        "CalendarPublish",
        &json!({"year": 3_000_000_000_u64}),
        "year: expected int32",
    );
}

/// A client that knows a later form of a message says more than is understood here: that is said, not dropped.
#[test]
fn a_field_that_is_not_known_here_is_refused() {
    let mut bytes = carry::message(&json!({"task": "nv-1"}), descriptor("TaskAssign"))
        .unwrap()
        .encode_to_vec();
    bytes.extend([0xf8, 0x07, 1]);
    let read = DynamicMessage::decode(descriptor("TaskAssign"), bytes.as_slice()).unwrap();
    let error = carry::json(&read).unwrap_err();
    assert_eq!(
        error.to_string(),
        "field number 127: TaskAssign has no such field here"
    );
}
