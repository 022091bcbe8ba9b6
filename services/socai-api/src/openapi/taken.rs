//! Schemas of what is taken: parameters, and the bodies of commands.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::SCHEMAS;
use crate::route::{Body, Place, Required, Route};

/// What the names of schemas begin with that only something taken refers to.
pub(super) const TAKEN: &str = "asked";

/// What makes schemas of what is taken. The document has what they refer to under names of its own, [`TAKEN`] before
/// them: a `Line` that is taken is none that is answered.
pub(crate) fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12();
    SchemaGenerator::new(settings.with(|settings| settings.meta_schema = None))
}

/// A schema as it is, where it was made as a name; and what it refers to.
pub(crate) fn resolved(schema: Schema, mut made: SchemaGenerator) -> (Value, Map<String, Value>) {
    let mut definitions = made.take_definitions(true);
    let schema = schema.to_value();
    let named = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let found = named.and_then(|name| definitions.remove(name));
    (found.unwrap_or(schema), definitions)
}

/// The route with a parameter for each property of `schema`, which refers to `definitions`.
pub(crate) fn asked(mut route: Route, schema: &Value, definitions: &Map<String, Value>) -> Route {
    let required = schema["required"].as_array();
    let fields = schema["properties"].as_object().into_iter().flatten();
    for (name, field) in fields {
        let needed = required.is_some_and(|names| names.iter().any(|needed| needed == name));
        let needed = if needed { Required::Yes } else { Required::No };
        let mut field = without_null(field.clone());
        let says = field
            .as_object_mut()
            .and_then(|field| field.remove("description"));
        let says = says.as_ref().and_then(Value::as_str).unwrap_or_default();
        route = route.parameter(name, Place::Query, says, needed, field.clone());
    }
    route.definitions.extend(definitions.clone());
    route
}

/// A parameter that may be left out is left out: nothing in a query is null.
fn without_null(mut schema: Value) -> Value {
    let Some(fields) = schema.as_object_mut() else {
        return schema;
    };
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(kinds)) = fields.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = &kinds[..] {
            fields["type"] = only.clone();
        }
    }
    if let Some(Value::Array(ways)) = fields.get_mut("anyOf") {
        ways.retain(|way| way["type"] != "null");
        if let [Value::Object(only)] = &ways[..] {
            let only = only.clone();
            fields.remove("anyOf");
            fields.extend(only);
        }
    }
    schema
}

/// The body of a command whose data have `schema`.
pub(crate) fn command(schema: Value) -> Body {
    let makes = move |made: &mut SchemaGenerator| -> Schema {
        let data = taken_in(schema.clone(), made);
        let body = json!({
            "type": "object",
            "required": ["effective", "data"],
            "additionalProperties": false,
            "properties": {
                "effective": {"type": "string", "format": "date", "description": "The day from which it is true in the world, in Việt Nam."},
                "data": data,
                "synthetic": {"type": "boolean", "default": false, "description": "The fact is made up for a demonstration or a test."}
            }
        });
        body.try_into().expect("an object is a schema")
    };
    Body {
        media: "application/json",
        says: "From which day it is true, and what it says.".into(),
        schema: Some(Box::new(makes)),
    }
}

/// A schema with definitions of its own, as one whose definitions stand in the document.
///
/// They keep apart by what the command begins with: commands are strict about what they do not know, as answers are
/// not, and a `Kind` of an inspection is none of a requirement.
fn taken_in(mut schema: Value, made: &mut SchemaGenerator) -> Value {
    let title = schema["title"].as_str().unwrap_or_default();
    let category = title.split('.').next().unwrap_or_default().to_owned();
    let fields = schema
        .as_object_mut()
        .expect("a command's data are an object");
    fields.remove("$schema");
    let definitions = fields.remove("$defs").unwrap_or_default();
    for (name, definition) in definitions.as_object().into_iter().flatten() {
        let mut definition = definition.clone();
        rename(&mut definition, &category);
        let known = made
            .definitions_mut()
            .insert(format!("{category}.{name}"), definition.clone());
        let same = known.is_none_or(|known| known == definition);
        assert!(same, "two schemas are called {category}.{name}");
    }
    rename(&mut schema, &category);
    schema
}

pub(super) fn rename(schema: &mut Value, category: &str) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(path)) = fields.get_mut("$ref")
                && let Some(name) = path.strip_prefix("#/$defs/")
            {
                *path = format!("#{SCHEMAS}/{category}.{name}");
            }
            fields
                .values_mut()
                .for_each(|field| rename(field, category));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, category)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
