//! What the server says of itself at `/openapi.json`: the operations, so that a test goes over all of them.

use serde_json::Value;

use crate::client::Client;
use crate::server::Server;

/// One operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) method: String,
    /// As it is written in the document: `/v1/jobs/{job}`.
    pub(crate) path: String,
    pub(crate) parameters: Vec<Parameter>,
    /// The media types of its body; none, where it takes no body.
    pub(crate) media: Vec<String>,
    /// Whether its answer goes on for as long as somebody listens.
    pub(crate) streams: bool,
    /// Whether somebody of whom nothing is known may ask.
    pub(crate) open: bool,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) required: bool,
}

impl Operation {
    /// `GET /v1/rates`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The names of the parts of the path that are filled in.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter();
        let named = parameters.filter(|parameter| parameter.place == "path");
        named.map(|parameter| parameter.name.as_str())
    }

    /// The path, with `value` for every part that is filled in.
    pub(crate) fn filled(&self, value: &str) -> String {
        self.named().fold(self.path.clone(), |path, name| {
            path.replace(&format!("{{{name}}}"), value)
        })
    }
}

/// All operations of the document.
pub(crate) fn operations(server: &Server) -> Vec<Operation> {
    let document = Client::with(server.address(), None)
        .get("/openapi.json")
        .expect(200);
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    let guarded = !document["security"].is_null();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let shared = &methods["parameters"];
        for (method, operation) in methods.as_object().unwrap() {
            if method == "parameters" {
                continue;
            }
            let security = &operation["security"];
            let open = match security.as_array() {
                Some(needed) => {
                    needed.is_empty() || needed.contains(&Value::Object(Default::default()))
                }
                None => !guarded,
            };
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                parameters: [shared, &operation["parameters"]]
                    .into_iter()
                    .flat_map(|list| parameters(&document, list))
                    .collect(),
                media: operation["requestBody"]["content"]
                    .as_object()
                    .map(|content| content.keys().cloned().collect())
                    .unwrap_or_default(),
                streams: operation["responses"]
                    .to_string()
                    .contains("text/event-stream"),
                open,
            });
        }
    }
    assert!(
        operations.len() > 20,
        "the document has {} operations",
        operations.len()
    );
    operations
}

fn parameters(document: &Value, list: &Value) -> Vec<Parameter> {
    let list = list.as_array().cloned().unwrap_or_default();
    let read = |parameter: &Value| {
        let parameter = resolved(document, parameter);
        let text = |field: &str| parameter[field].as_str().unwrap().to_owned();
        Parameter {
            name: text("name"),
            place: text("in"),
            required: parameter["required"] == true,
        }
    };
    list.iter().map(read).collect()
}

/// What a reference within the document leads to.
pub(crate) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}
