//! The query of an address, as the parameters of an operation: an object of JSON, by the operation's own schema.
//!
//! A query has only words. Which of them are numbers, yes or no, or items of a list is said by the schema. What the
//! schema does not name is refused, and so is what is given twice and is no list: a slip that was passed over would
//! be answered as if it had not been made.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::problem::{Fault, Problem};

/// What each parameter is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Shape(BTreeMap<String, Sort>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Sort {
    Words,
    Number,
    YesOrNo,
    List(Box<Sort>),
}

impl Shape {
    /// The shape that a schema of an object describes, with `definitions` that it refers to by their last name.
    pub(crate) fn of(schema: &Value, definitions: &Map<String, Value>) -> Self {
        let fields = schema["properties"].as_object();
        let fields = fields.into_iter().flatten();
        let sorts = fields.map(|(name, field)| (name.clone(), sort(field, definitions)));
        Self(sorts.collect())
    }

    /// Reads `query` into an object.
    ///
    /// # Errors
    ///
    /// The problem with the parameter that is unknown, given twice, or not of its kind.
    pub(crate) fn read(&self, query: &str) -> Result<Map<String, Value>, Problem> {
        let pairs: Result<Vec<(String, String)>, _> = serde_html_form::from_str(query);
        let pairs = pairs.map_err(|error| Fault::BadParameter.said(error.to_string()))?;
        let mut read = Map::new();
        for (name, text) in pairs {
            let sort = self.0.get(&name).ok_or_else(|| self.unknown(&name))?;
            let value =
                value(sort, &text).map_err(|told| Fault::BadParameter.said(told).at(&name))?;
            match (read.get_mut(&name), value) {
                (None, value) => drop(read.insert(name, value)),
                (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
                (Some(_), _) => {
                    return Err(Fault::BadParameter
                        .said("it is given more than once")
                        .at(name));
                }
            }
        }
        Ok(read)
    }

    fn unknown(&self, name: &str) -> Problem {
        let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let told = format!("no such parameter; there are {}", known.join(", "));
        let name: String = name.chars().take(40).collect();
        Fault::BadParameter.said(told).at(name)
    }
}

fn sort(schema: &Value, definitions: &Map<String, Value>) -> Sort {
    let named = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    if let Some(definition) = named.and_then(|name| definitions.get(name)) {
        return sort(definition, definitions);
    }
    let is = |kind: &str| match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    };
    if is("array") {
        return Sort::List(Box::new(sort(&schema["items"], definitions)));
    }
    if is("integer") || is("number") {
        return Sort::Number;
    }
    if is("boolean") {
        return Sort::YesOrNo;
    }
    // What may also be left out is written as one of two.
    let ways = schema["anyOf"].as_array().into_iter().flatten();
    let given = ways
        .filter(|way| way["type"] != "null")
        .map(|way| sort(way, definitions));
    given
        .into_iter()
        .find(|sort| *sort != Sort::Words)
        .unwrap_or(Sort::Words)
}

fn value(sort: &Sort, text: &str) -> Result<Value, String> {
    Ok(match sort {
        Sort::Words => text.into(),
        Sort::Number => {
            let number: serde_json::Number =
                text.parse().map_err(|_| format!("{text:?} is no number"))?;
            number.into()
        }
        Sort::YesOrNo => match text {
            "true" => true.into(),
            "false" => false.into(),
            _ => return Err(format!("{text:?} is neither true nor false")),
        },
        Sort::List(sort) => Value::Array(vec![value(sort, text)?]),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape() -> Shape {
        let schema = json!({"properties": {
            "unit": {"anyOf": [{"$ref": "#/$defs/UnitId"}, {"type": "null"}]},
            "lines": {"type": ["integer", "null"]},
            "overdue": {"type": "boolean"},
            "of": {"type": "array", "items": {"$ref": "#/$defs/UnitId"}},
        }});
        let definitions = json!({"UnitId": {"type": "string"}});
        Shape::of(&schema, definitions.as_object().unwrap())
    }

    #[test]
    fn words_become_what_the_schema_says_that_they_are() {
        let read = shape()
            .read("unit=a&lines=7&overdue=true&of=b&of=c%20d")
            .unwrap();
        let expected = json!({"unit": "a", "lines": 7, "overdue": true, "of": ["b", "c d"]});
        assert_eq!(Value::Object(read), expected);
        assert_eq!(shape().read(""), Ok(Map::new()));
    }

    #[test]
    fn what_is_not_known_or_not_of_its_kind_or_given_twice_is_refused() {
        for (query, place) in [
            ("colour=1", "colour"),
            ("lines=many", "lines"),
            ("overdue=1", "overdue"),
            ("unit=a&unit=b", "unit"),
        ] {
            let problem = shape().read(query).unwrap_err();
            assert!(
                format!("{problem:?}").contains(&format!("{place:?}")),
                "{problem:?}"
            );
        }
    }
}
