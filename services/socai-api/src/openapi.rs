//! The document: OpenAPI 3.1, made from the routes, whose schemas are those of the operations themselves.
//!
//! `GET /openapi.json` answers it, and `schemas/openapi.json` pins it. Deliberately absent: anything that is not in a
//! route or a schema.

use std::collections::BTreeMap;

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::problem::Written;
use crate::route::{Access, Answer, Method, Parameter, Place, Required, Route};

mod anywhere;
mod taken;

use taken::{TAKEN, rename};
pub(crate) use taken::{asked, command, generator, resolved};

const SCHEMAS: &str = "/components/schemas";

/// What makes schemas of what is answered: what is always written there is always there.
fn of_answers() -> SchemaGenerator {
    let settings = generator().settings().clone().for_serialize();
    SchemaGenerator::new(settings.with(|settings| settings.definitions_path = SCHEMAS.into()))
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
            "responses": anywhere::responses(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of an account, socai_…"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-socai", "description": "A session, as logging in opens it."}
            }
        }
    })
}

fn operation(route: &Route, taken: &mut SchemaGenerator, given: &mut SchemaGenerator) -> Value {
    let mut answers: BTreeMap<String, Value> = anywhere::of(route).collect();
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
mod tests;
