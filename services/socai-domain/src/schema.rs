//! JSON Schemas of commands and events: each complete by itself.
//!
//! A command's schema forbids what the program would refuse as an unknown field. An event's allows it:
//! fields may be added to an event without giving it a new version. Deliberately absent: files, see `schemas/`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    account, attachment, document, evidence, group, inspection, ledger, obligation, requirement,
    task, unit, year,
};

/// The dialect of all of them.
pub const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

macro_rules! all_variants {
    ($kind:ident of $($aggregate:ident),+) => {{
        let mut all = BTreeMap::new();
        $(all.extend(variants::<$aggregate::$kind>());)+
        all
    }};
}

/// The schema of each event, by its stored name.
pub fn events() -> BTreeMap<String, Value> {
    all_variants!(Event of ledger, year, unit, group, document, requirement, task, obligation,
                  inspection, attachment, evidence, account)
}

/// The schema of each command, by its name.
pub fn commands() -> BTreeMap<String, Value> {
    closed(
        all_variants!(Command of ledger, year, unit, group, document, requirement, task,
                         obligation, inspection, attachment, evidence, account),
    )
}

/// The schema of each variant of `T`, by its stored name.
fn variants<T: JsonSchema>() -> BTreeMap<String, Value> {
    let generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let root = generator.into_root_schema_for::<T>().to_value();
    let definitions = root.get("$defs").cloned().unwrap_or_default();
    let mut all = BTreeMap::new();
    for variant in root["oneOf"]
        .as_array()
        .expect("what is derived has this form")
    {
        let (name, body) = variant["properties"]
            .as_object()
            .expect("what is derived has this form")
            .iter()
            .next()
            .expect("what is derived has this form");
        let mut body = body
            .as_object()
            .expect("what is derived has this form")
            .clone();
        body.insert("$schema".to_owned(), json!(DRAFT));
        body.insert("title".to_owned(), json!(name));
        body.insert("description".to_owned(), variant["description"].clone());
        let used = used_definitions(&Value::Object(body.clone()), &definitions);
        if !used.is_empty() {
            body.insert("$defs".to_owned(), Value::Object(used));
        }
        all.insert(name.clone(), Value::Object(body));
    }
    all
}

/// The definitions that `schema` refers to, directly or through others.
fn used_definitions(schema: &Value, definitions: &Value) -> Map<String, Value> {
    let mut used = Map::new();
    let mut waiting: Vec<String> = references(schema).into_iter().collect();
    while let Some(name) = waiting.pop() {
        let definition = &definitions[&name];
        if used.insert(name, definition.clone()).is_none() {
            waiting.extend(references(definition));
        }
    }
    used
}

fn references(schema: &Value) -> BTreeSet<String> {
    match schema {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            let own = own
                .and_then(|path| path.strip_prefix("#/$defs/"))
                .map(String::from);
            fields.values().flat_map(references).chain(own).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

/// Forbids fields that are not named, in every object of the schema.
///
/// An object that adds fields to a definition takes the definition's fields in, for each of the two
/// would forbid the other's.
fn close(schema: &mut Value, definitions: &Value) {
    match schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                let added_to = fields.remove("$ref");
                let path = added_to.as_ref().and_then(Value::as_str);
                if let Some(name) = path.and_then(|path| path.strip_prefix("#/$defs/")) {
                    take_in(fields, &definitions[name]);
                }
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            fields
                .values_mut()
                .for_each(|field| close(field, definitions));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, definitions)),
        _ => {}
    }
}

fn take_in(fields: &mut Map<String, Value>, definition: &Value) {
    let more = definition["properties"]
        .as_object()
        .expect("what is derived has this form")
        .clone();
    fields["properties"]
        .as_object_mut()
        .expect("what is derived has this form")
        .extend(more);
    let more = definition["required"]
        .as_array()
        .expect("what is derived has this form")
        .clone();
    fields["required"]
        .as_array_mut()
        .expect("what is derived has this form")
        .extend(more);
}

fn closed(schemas: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let close_one = |(name, mut schema): (String, Value)| {
        let definitions = schema.get("$defs").cloned().unwrap_or_default();
        close(&mut schema, &definitions);
        let used = used_definitions(&without_definitions(&schema), &schema["$defs"]);
        let fields = schema
            .as_object_mut()
            .expect("what is derived has this form");
        fields.remove("$defs");
        if !used.is_empty() {
            fields.insert("$defs".to_owned(), Value::Object(used));
        }
        if !fields.contains_key("properties") {
            fields.insert("additionalProperties".to_owned(), json!(false));
        }
        (name, schema)
    };
    schemas.into_iter().map(close_one).collect()
}

fn without_definitions(schema: &Value) -> Value {
    let mut fields = schema
        .as_object()
        .expect("what is derived has this form")
        .clone();
    fields.remove("$defs");
    Value::Object(fields)
}
