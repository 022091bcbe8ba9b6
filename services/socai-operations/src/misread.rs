//! Which parameter it was that did not read.

use schemars::SchemaGenerator;
use serde_json::{Map, Value};

use crate::question::Question;
use crate::trouble::Trouble;

/// Characters of a parameter's name that are repeated to whoever wrote it.
const NAME_SHOWN: usize = 40;

/// What is wrong with `parameters`, which did not read as a question: `error` was said of one of them.
pub(crate) fn misread<Q: Question>(parameters: &Value, error: &str) -> Trouble {
    let Some(written) = parameters.as_object() else {
        return Trouble::parameter("query", "expected parameters by name");
    };
    let (known, required) = names::<Q>();
    if let Some(name) = written.keys().find(|name| !known.contains(name)) {
        let name: String = name.chars().take(NAME_SHOWN).collect();
        return Trouble::parameter(
            name,
            format!("no such parameter: expected {}", known.join(", ")),
        );
    }
    if let Some(name) = required
        .into_iter()
        .find(|name| !written.contains_key(name))
    {
        return Trouble::parameter(name, "has to be given");
    }
    let name = culprit::<Q>(written, error).unwrap_or("query");
    Trouble::parameter(name.to_owned(), error)
}

/// The parameter without which nothing, or something else, is said.
fn culprit<'a, Q: Question>(written: &'a Map<String, Value>, error: &str) -> Option<&'a str> {
    let at_fault = |name: &&String| {
        let mut others = written.clone();
        others.remove(*name);
        Q::deserialize(&Value::Object(others))
            .map_or_else(|other| other.to_string() != error, |_| true)
    };
    written.keys().find(at_fault).map(String::as_str)
}

/// The parameters that there are, and those that have to be given.
fn names<Q: Question>() -> (Vec<String>, Vec<String>) {
    let schema = SchemaGenerator::default().into_root_schema_for::<Q>();
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let text = |name: &Value| name.as_str().map(str::to_owned);
    (
        properties
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
            .collect(),
        required.into_iter().flatten().filter_map(text).collect(),
    )
}
