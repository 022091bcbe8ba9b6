//! JSON into messages and back, by descriptor alone.
//!
//! What is null in JSON is absent in a message. A field `…_json` holds the JSON text of `…`. A number that a message
//! cannot hold exactly is not carried, and neither is a field that the other side does not know: nothing is lost
//! in silence.

use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value,
};
use serde_json::{Map, Number, Value as Json};

/// Whole numbers below this are held exactly by a `double`, and no other rounds to one below it.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

const AS_TEXT: &str = "_json";

/// What cannot be carried: which field, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Unfit {
    /// The field, from the outermost message inwards.
    pub field: String,
    /// Why not.
    pub why: String,
}

impl Unfit {
    fn new(why: impl Into<String>) -> Self {
        Self {
            field: String::new(),
            why: why.into(),
        }
    }

    fn within(mut self, name: &str) -> Self {
        let inner = if self.field.is_empty() {
            String::new()
        } else {
            format!(".{}", self.field)
        };
        self.field = format!("{name}{inner}");
        self
    }
}

/// The message that says what `json` says.
///
/// # Errors
///
/// [`Unfit`] where the message has no place for something.
pub fn message(json: &Json, descriptor: MessageDescriptor) -> Result<DynamicMessage, Unfit> {
    let object = json
        .as_object()
        .ok_or_else(|| Unfit::new("expected an object"))?;
    let mut message = DynamicMessage::new(descriptor.clone());
    for (name, json) in object.iter().filter(|(_, json)| !json.is_null()) {
        let (field, value) = if let Some(field) = descriptor.get_field_by_name(name) {
            let value = whole(json, &field).map_err(|unfit| unfit.within(name))?;
            (field, value)
        } else {
            let text = descriptor.get_field_by_name(&format!("{name}{AS_TEXT}"));
            let field = text.ok_or_else(|| Unfit::new("no such field").within(name))?;
            (field, Value::String(json.to_string()))
        };
        message.set_field(&field, value);
    }
    Ok(message)
}

fn whole(json: &Json, field: &FieldDescriptor) -> Result<Value, Unfit> {
    if field.is_list() {
        let items = json
            .as_array()
            .ok_or_else(|| Unfit::new("expected a list"))?;
        let items = items.iter().enumerate().map(|(at, item)| {
            single(item, &field.kind()).map_err(|unfit| unfit.within(&at.to_string()))
        });
        return Ok(Value::List(items.collect::<Result<_, _>>()?));
    }
    if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let entries = json
            .as_object()
            .ok_or_else(|| Unfit::new("expected an object"))?;
        let kind = entry.map_entry_value_field().kind();
        let entries = entries.iter().map(|(key, item)| {
            let value = single(item, &kind).map_err(|unfit| unfit.within(key))?;
            Ok((MapKey::String(key.clone()), value))
        });
        return Ok(Value::Map(entries.collect::<Result<_, _>>()?));
    }
    single(json, &field.kind())
}

fn single(json: &Json, kind: &Kind) -> Result<Value, Unfit> {
    let value = match kind {
        Kind::String => json.as_str().map(|text| Value::String(text.to_owned())),
        Kind::Bool => json.as_bool().map(Value::Bool),
        Kind::Uint64 => json.as_u64().map(Value::U64),
        Kind::Int64 => json.as_i64().map(Value::I64),
        Kind::Uint32 => json
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .map(Value::U32),
        Kind::Int32 => json
            .as_i64()
            .and_then(|n| i32::try_from(n).ok())
            .map(Value::I32),
        Kind::Double => json
            .as_f64()
            .filter(|n| !json_is_whole(json) || n.abs() < EXACT_MAX)
            .map(Value::F64),
        Kind::Message(descriptor) => return message(json, descriptor.clone()).map(Value::Message),
        _ => None,
    };
    value.ok_or_else(|| Unfit::new(format!("expected {kind:?}")))
}

fn json_is_whole(json: &Json) -> bool {
    json.is_u64() || json.is_i64()
}

/// The JSON that says what `message` says. Lists and maps are there also where they are empty.
///
/// # Errors
///
/// [`Unfit`] where the message holds a field that its descriptor does not know, JSON text that does not parse, or
/// a number that is none.
pub fn json(message: &DynamicMessage) -> Result<Json, Unfit> {
    if let Some(unknown) = message.unknown_fields().next() {
        let why = format!("{} has no such field here", message.descriptor().name());
        return Err(Unfit::new(why).within(&format!("field number {}", unknown.number())));
    }
    let mut object = Map::new();
    for field in message.descriptor().fields() {
        if field.supports_presence() && !message.has_field(&field) {
            continue;
        }
        let value = message.get_field(&field);
        let (name, json) = match (field.name().strip_suffix(AS_TEXT), value.as_str()) {
            (Some(name), Some(text)) => (name, parsed(text)),
            _ => (field.name(), plain(&value)),
        };
        object.insert(name.to_owned(), json.map_err(|unfit| unfit.within(name))?);
    }
    Ok(Json::Object(object))
}

fn parsed(text: &str) -> Result<Json, Unfit> {
    serde_json::from_str(text).map_err(|error| Unfit::new(format!("no JSON: {error}")))
}

fn plain(value: &Value) -> Result<Json, Unfit> {
    Ok(match value {
        Value::Bool(value) => Json::from(*value),
        Value::I32(value) => Json::from(*value),
        Value::I64(value) => Json::from(*value),
        Value::U32(value) => Json::from(*value),
        Value::U64(value) => Json::from(*value),
        Value::F64(value) => Json::Number(number(*value)?),
        Value::String(value) => Json::from(value.as_str()),
        Value::Message(inner) => json(inner)?,
        Value::List(items) => Json::Array(items.iter().map(plain).collect::<Result<_, _>>()?),
        Value::Map(entries) => {
            let entry = |(key, value): (&MapKey, &Value)| {
                let key = key
                    .as_str()
                    .ok_or_else(|| Unfit::new("a key that is no text"))?;
                Ok((key.to_owned(), plain(value)?))
            };
            Json::Object(entries.iter().map(entry).collect::<Result<_, _>>()?)
        }
        Value::F32(_) | Value::Bytes(_) | Value::EnumNumber(_) => {
            return Err(Unfit::new("no form in JSON"));
        }
    })
}

/// Whole numbers are written as such.
#[allow(clippy::cast_possible_truncation, reason = "it is whole and in range")]
fn number(value: f64) -> Result<Number, Unfit> {
    if value.fract() == 0.0 && value.abs() < EXACT_MAX {
        return Ok(Number::from(value as i64));
    }
    Number::from_f64(value).ok_or_else(|| Unfit::new("not a number"))
}
