//! The document: OpenAPI 3.1, made from the routes, whose schemas are those of the operations themselves.
//!
//! `GET /openapi.json` answers it, and `schemas/openapi.json` pins it. Deliberately absent: anything that is not in a
//! route or a schema.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::problem::{MEDIA, Written};
use crate::route::{Access, Answer, Body, Method, Parameter, Place, Required, Route};

const SCHEMAS: &str = "/components/schemas";

/// What the names of schemas begin with that only something taken refers to.
const TAKEN: &str = "asked";

/// What makes schemas of what is taken. The document has what they refer to under names of its own, [`TAKEN`] before
/// them: a `Line` that is taken is none that is answered.
pub(crate) fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12();
    SchemaGenerator::new(settings.with(|settings| settings.meta_schema = None))
}

/// What makes schemas of what is answered: what is always written there is always there.
fn of_answers() -> SchemaGenerator {
    let settings = generator().settings().clone().for_serialize();
    SchemaGenerator::new(settings.with(|settings| settings.definitions_path = SCHEMAS.into()))
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

fn rename(schema: &mut Value, category: &str) {
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

/// The document of these routes.
pub(crate) fn document(routes: &[Route]) -> Value {
    let (mut taken, mut given) = (generator(), of_answers());
    given.subschema_for::<Written>();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        for (name, schema) in &route.definitions {
            let known = taken.definitions_mut().insert(name.clone(), schema.clone());
            let same = known.is_none_or(|known| known == *schema);
            assert!(same, "two schemas of parameters are called {name}");
        }
        let operation = operation(route, &mut taken, &mut given);
        paths
            // The rest of a path is one parameter.
            .entry(route.path.replace("{*", "{"))
            .or_default()
            .insert(route.method.name().to_owned(), operation);
    }
    let mut schemas = given.take_definitions(true);
    for (name, mut schema) in taken.take_definitions(true) {
        rename(&mut schema, TAKEN);
        let of_a_command = name.contains('.');
        schemas.insert(
            if of_a_command {
                name
            } else {
                format!("{TAKEN}.{name}")
            },
            schema,
        );
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Socai",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The ledger of what authorities direct and what units do about it. ops/api.md says how to begin.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of an account, socai_…"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-socai", "description": "A session, as logging in opens it."}
            }
        }
    })
}

/// What every route can answer, and what only one that takes a body, or is not for everybody.
const ANYWHERE: &[(u16, &str, &str)] = &[
    (
        400,
        "BadRequest",
        "A parameter, a header or the body does not read; `where` says which.",
    ),
    (401, "Unauthorized", "Nobody known asks."),
    (403, "Forbidden", "Whoever asks may not."),
    (408, "TooSlow", "The body did not arrive in time."),
    (413, "TooLarge", "The body is longer than it may be."),
    (
        415,
        "MediaType",
        "The body is of another media type than is read there.",
    ),
    (
        429,
        "TooMany",
        "Too many requests within a minute; `Retry-After` says when to ask again.",
    ),
    (
        500,
        "Broken",
        "A person has to look: a fault of the program, or a ledger that goes no further.",
    ),
    (
        503,
        "NotNow",
        "Not now; `Retry-After` says when to ask again.",
    ),
];

fn applies(status: u16, route: &Route) -> bool {
    match status {
        401 | 403 => route.access == Access::Account,
        408 | 413 | 415 => route.body.is_some(),
        _ => true,
    }
}

fn responses() -> Value {
    let problem = json!({MEDIA: {"schema": {"$ref": format!("#{SCHEMAS}/Problem")}}});
    let all = ANYWHERE.iter().map(|(status, name, says)| {
        let mut response = json!({"description": says, "content": problem});
        if matches!(status, 429 | 503) {
            let seconds = json!({"type": "integer"});
            response["headers"] =
                json!({"Retry-After": {"description": "Seconds.", "schema": seconds}});
        }
        ((*name).to_owned(), response)
    });
    Value::Object(all.collect())
}

fn operation(route: &Route, taken: &mut SchemaGenerator, given: &mut SchemaGenerator) -> Value {
    let anywhere = ANYWHERE
        .iter()
        .filter(|(status, _, _)| applies(*status, route));
    let mut answers: BTreeMap<String, Value> = anywhere
        .map(|(status, name, _)| {
            (
                status.to_string(),
                json!({"$ref": format!("#/components/responses/{name}")}),
            )
        })
        .collect();
    for (status, answer) in &route.answers {
        answers.insert(status.to_string(), response(answer, given));
    }
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "responses": answers,
        "security": match route.access {
            Access::Account => json!([{"token": []}, {"session": []}]),
            Access::Everybody => json!([]),
        }
    });
    if !route.parameters.is_empty() {
        operation["parameters"] = route.parameters.iter().map(parameter).collect();
        rename(&mut operation["parameters"], TAKEN);
    }
    if let Some(body) = &route.body {
        let content = content(body.media, body.schema.as_ref().map(|makes| makes(taken)));
        operation["requestBody"] =
            json!({"required": true, "description": body.says, "content": content});
        rename(&mut operation["requestBody"], TAKEN);
    }
    operation
}

/// `get_v1_jobs_job`, of which a client makes the name of a function.
fn operation_id(route: &Route) -> String {
    let words = route
        .path
        .split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty() && *word != "v1")
        .collect();
    format!("{}_{}", route.method.name(), words.join("_"))
}

fn content(media: &str, schema: Option<Schema>) -> Value {
    let described = schema.map_or_else(|| json!({}), |schema| json!({"schema": schema}));
    json!({media: described})
}

fn response(answer: &Answer, made: &mut SchemaGenerator) -> Value {
    let mut response = json!({"description": answer.says});
    for (media, schema) in &answer.forms {
        let described = content(media, schema.as_ref().map(|makes| makes(made)));
        response["content"][*media] = described[*media].clone();
    }
    let headers = answer.headers.iter();
    let headers: Map<String, Value> = headers
        .map(|(name, says)| {
            (
                (*name).to_owned(),
                json!({"description": says, "schema": {"type": "string"}}),
            )
        })
        .collect();
    if !headers.is_empty() {
        response["headers"] = headers.into();
    }
    response
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": match parameter.place { Place::Path => "path", Place::Query => "query", Place::Header => "header" },
        "required": parameter.required == Required::Yes,
        "description": parameter.says,
        "schema": parameter.schema,
    })
}

impl Method {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Delete => "delete",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `UPDATE_EXPECT=1` writes it anew; the difference is what gets reviewed.
    #[test]
    fn the_document_is_as_pinned() {
        let document = document(&crate::routes());
        let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
        let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/openapi.json");
        expect_test::expect_file![pinned].assert_eq(&text);
    }

    /// Everything that stands under `key`, wherever that is.
    fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get(key));
                fields.values().for_each(|field| under(field, key, found));
            }
            Value::Array(items) => items.iter().for_each(|item| under(item, key, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_one() {
        let document = document(&crate::routes());
        let mut references = Vec::new();
        under(&document, "$ref", &mut references);
        assert!(references.len() > 100);
        for reference in references {
            let path = reference.as_str().and_then(|path| path.strip_prefix('#'));
            assert!(document.pointer(path.unwrap()).is_some(), "{reference}");
        }
        let mut schemas: Vec<&Value> = Vec::new();
        under(&document["paths"], "schema", &mut schemas);
        schemas.extend(
            document["components"]["schemas"]
                .as_object()
                .unwrap()
                .values(),
        );
        for schema in schemas {
            let valid = jsonschema::draft202012::meta::validate(schema);
            assert!(valid.is_ok(), "{valid:?}: {schema}");
        }
    }

    #[test]
    fn an_operation_has_a_name_of_its_own() {
        let document = document(&crate::routes());
        let mut names = Vec::new();
        under(&document["paths"], "operationId", &mut names);
        let count = names.len();
        names.sort_by_key(|name| name.to_string());
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
