//! The two files: commands by their schemas, questions by the catalogue.

use std::collections::BTreeMap;
use std::fs;

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;
use socai_grpc::names::field_of;
use socai_operations::catalogue::{Entry, QUESTIONS};
use socai_operations::names::camel;
use socai_operations::question::Frame;
use socai_operations::report::Report;

use super::messages::{Field, Label, Maker, Message, Messages};
use super::text;

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas");

const HEAD: &str = r#"// Made from schemas by tests/suite/proto: change those, then run the test with UPDATE_EXPECT=1.
//
// Days and times are text, and so are words of which one is to be chosen: the comment lists them. A field whose
// name ends in _json holds JSON text. What is not optional, repeated or in a oneof is always there.
syntax = "proto3";

package socai.v1;

"#;

const COMMANDS: &str = "// Records what became true. Who records is who calls, and when is now: no message has a field for either.
service Commands {
  // Records one command. On return it is durable. A refusal is a status: FAILED_PRECONDITION, PERMISSION_DENIED
  // or INVALID_ARGUMENT, with the refusal's code in the trailing metadata socai-code.
  rpc Record(RecordRequest) returns (RecordAnswer);
  // Records many, in order, and answers for each. A refusal is an answer and ends nothing.
  rpc RecordMany(stream RecordManyRequest) returns (stream RecordAnswer);
}

// One of many commands.
message RecordManyRequest {
  RecordRequest command = 1;
  // Record nothing; answer what would become of each. Read from the first message.
  bool dry_run = 2;
  // Record all, or none where one is refused. Read from the first message.
  bool all_or_nothing = 3;
}
";

/// `commands.proto`.
pub(super) fn commands() -> String {
    let schemas = socai_domain::schema::commands();
    let mut messages = Messages::new();
    for (name, schema) in &schemas {
        Maker::new(&schema["$defs"], "", &mut messages).add(&camel(name), schema);
    }
    let (report, definitions) = told(SchemaGenerator::subschema_for::<Report>);
    Maker::new(&definitions, "", &mut messages).add("RecordAnswer", &report);
    messages.insert("RecordRequest".to_owned(), record(&schemas));
    file(COMMANDS, &messages)
}

fn file(service: &str, messages: &Messages) -> String {
    let written = messages
        .iter()
        .map(|(name, message)| text::message(name, message));
    let parts: Vec<String> = std::iter::once(service.to_owned()).chain(written).collect();
    HEAD.to_owned() + &parts.join("\n")
}

fn read(path: &str) -> Value {
    serde_json::from_slice(&fs::read(format!("{SCHEMAS}/{path}")).unwrap()).unwrap()
}

/// A command and what goes with it, as a line of `socai record` has it.
fn record(commands: &BTreeMap<String, Value>) -> Message {
    let line = read("commands/line.json");
    let about = |name: &str| {
        line["properties"][name]["description"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let field = |name: &str, kind: &str, label| {
        let (name, kind, comment) = (name.to_owned(), kind.to_owned(), about(name));
        Field {
            name,
            kind,
            label,
            comment,
        }
    };
    let own = [
        field("effective", "string", Label::Always),
        field("id", "string", Label::Perhaps),
        field("synthetic", "bool", Label::Always),
    ];
    let commands = commands.keys().map(|name| Field {
        name: field_of(name),
        kind: camel(name),
        label: Label::Instead("command"),
        comment: String::new(),
    });
    let comment = "A command. The field `task_assign` is the command `task.assign`.".to_owned();
    Message {
        comment,
        fields: own.into_iter().chain(commands).collect(),
    }
}

/// `questions.proto`.
pub(super) fn questions() -> String {
    let mut messages = Messages::new();
    let mut service =
        "// Asks the ledger. Every answer says for when it holds.\nservice Questions {\n"
            .to_owned();
    for entry in QUESTIONS {
        let name = camel(entry.name);
        question(entry, &name, &mut messages);
        service += &text::comment(entry.summary, 2);
        service += &format!("  rpc {name}({name}Request) returns ({name}Answer);\n");
    }
    file(&(service + "}\n"), &messages)
}

fn question(entry: &Entry, name: &str, messages: &mut Messages) {
    let (parameters, definitions) = asked(entry.parameters);
    let request = format!("{name}Request");
    let mut fields = Maker::new(&definitions, name, messages).fields(&request, &parameters);
    fields.extend(PAGE.map(|(name, kind, comment)| perhaps(name, kind, comment)));
    let comment = entry.summary.to_owned();
    messages.insert(request, Message { comment, fields });

    let (row, definitions) = told(entry.row);
    Maker::new(&definitions, name, messages).add(&format!("{name}Row"), &row);

    let (frame, definitions) = told(SchemaGenerator::subschema_for::<Frame>);
    let mut fields = Maker::new(&definitions, name, messages).fields("Frame", &frame);
    fields.push(Field {
        name: "rows".to_owned(),
        kind: format!("{name}Row"),
        label: Label::Repeated,
        comment: String::new(),
    });
    fields.push(perhaps(
        "next",
        "string",
        "Where there are further rows: the cursor that asks for them.",
    ));
    let comment = "The answer.".to_owned();
    messages.insert(format!("{name}Answer"), Message { comment, fields });
}

/// What a request has beside the question's own parameters.
const PAGE: [(&str, &str, &str); 2] = [
    ("limit", "uint32", "Rows in the answer, at most."),
    (
        "cursor",
        "string",
        "`next` of the answer before, with the same parameters.",
    ),
];

fn perhaps(name: &str, kind: &str, comment: &str) -> Field {
    let (name, kind, comment) = (name.to_owned(), kind.to_owned(), comment.to_owned());
    Field {
        name,
        kind,
        label: Label::Perhaps,
        comment,
    }
}

/// The schema of what is asked, and the definitions that it uses.
fn asked(of: fn(&mut SchemaGenerator) -> Schema) -> (Value, Value) {
    schema(of, SchemaSettings::draft2020_12())
}

/// The schema of what is answered: what is left out at times is not required there.
fn told(of: fn(&mut SchemaGenerator) -> Schema) -> (Value, Value) {
    schema(of, SchemaSettings::draft2020_12().for_serialize())
}

fn schema(of: fn(&mut SchemaGenerator) -> Schema, settings: SchemaSettings) -> (Value, Value) {
    let mut generator = SchemaGenerator::new(settings);
    let schema = of(&mut generator).to_value();
    let definitions = Value::Object(generator.take_definitions(true));
    let named = schema["$ref"]
        .as_str()
        .and_then(|path| path.strip_prefix("#/$defs/"));
    let schema = named.map_or(schema.clone(), |name| definitions[name].clone());
    (schema, definitions)
}
