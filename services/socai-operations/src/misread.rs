//! Which parameter it was that did not read.

use schemars::{Schema, SchemaGenerator};
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
    let schema = SchemaGenerator::default().into_root_schema_for::<Q>();
    let (known, required) = names(&schema);
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
    let Some(name) = culprit::<Q>(written, error) else {
        return Trouble::parameter("query", error);
    };
    match is_day(&schema, name) {
        true => Trouble::parameter(
            name.to_owned(),
            format!("{}: expected a day such as 2019-03-31", written[name]),
        ),
        false => Trouble::parameter(name.to_owned(), error),
    }
}

fn is_day(schema: &Schema, name: &str) -> bool {
    schema.pointer(&format!("/properties/{name}/format")) == Some(&Value::from("date"))
}

/// The first parameter that, read after those before it, makes `error`.
fn culprit<'a, Q: Question>(written: &'a Map<String, Value>, error: &str) -> Option<&'a str> {
    let mut read = Map::new();
    let mut at_fault = |(name, value): &(&String, &Value)| {
        read.insert((*name).clone(), (*value).clone());
        Q::deserialize(&Value::Object(read.clone())).is_err_and(|said| said.to_string() == error)
    };
    written
        .iter()
        .find_map(|it| at_fault(&it).then_some(it.0.as_str()))
}

/// The parameters that there are, and those that have to be given.
fn names(schema: &Schema) -> (Vec<String>, Vec<String>) {
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
