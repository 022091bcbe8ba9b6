//! From a JSON schema to messages.
//!
//! | In JSON | In the message |
//! |---|---|
//! | an object | a message; what is not required has presence |
//! | an object with any keys | a map |
//! | one of several objects, told apart by a field | one message with the fields of all, the tag as text |
//! | one of several objects of one field each | a `oneof` |
//! | text, a day, a time, one of several words | `string`, what is allowed in the comment |
//! | anything | its JSON text, in a field `…_json` |

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use socai_operations::names::camel;

/// A message, as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) comment: String,
    pub(super) fields: Vec<Field>,
}

/// A field of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    /// Such as `string` and `map<string, double>`.
    pub(super) kind: String,
    pub(super) label: Label,
    pub(super) comment: String,
}

/// How often a field is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Label {
    Always,
    Perhaps,
    Repeated,
    /// Where no other field of this `oneof` is.
    Instead(&'static str),
}

/// Messages by name.
pub(super) type Messages = BTreeMap<String, Message>;

/// Makes messages from a schema and its definitions.
pub(super) struct Maker<'a> {
    definitions: Value,
    /// Stands before the names of definitions.
    prefix: &'a str,
    messages: &'a mut Messages,
    made: BTreeSet<String>,
}

/// What a field's schema asks for.
struct Shape {
    kind: String,
    label: Label,
    about: Vec<String>,
    is_json: bool,
}

impl Shape {
    fn of(kind: &str) -> Self {
        let (label, about) = (Label::Always, Vec::new());
        Self {
            kind: kind.to_owned(),
            label,
            about,
            is_json: false,
        }
    }
}

impl<'a> Maker<'a> {
    pub(super) fn new(definitions: &Value, prefix: &'a str, messages: &'a mut Messages) -> Self {
        Self {
            definitions: definitions.clone(),
            prefix,
            messages,
            made: BTreeSet::new(),
        }
    }

    /// Adds the message called `name`, and those that it uses, which may be itself.
    pub(super) fn add(&mut self, name: &str, schema: &Value) {
        if !self.made.insert(name.to_owned()) {
            return;
        }
        let fields = self.fields(name, schema);
        let comment = words(&schema["description"]);
        let message = Message { comment, fields };
        let before = self.messages.insert(name.to_owned(), message.clone());
        assert!(
            before.is_none_or(|before| before == message),
            "two schemas are called {name} and differ: rename one (schemars(rename))"
        );
    }

    /// The fields of an object: the required ones in the order of their declaration, then the others.
    pub(super) fn fields(&mut self, message: &str, schema: &Value) -> Vec<Field> {
        let none = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&none);
        let required: Vec<&str> = strings(&schema["required"]);
        let others = properties
            .keys()
            .map(String::as_str)
            .filter(|name| !required.contains(name));
        let in_order: Vec<&str> = required.iter().copied().chain(others).collect();
        let mut fields: Vec<Field> = in_order
            .iter()
            .map(|name| {
                let plain = if required.contains(name) {
                    Label::Always
                } else {
                    Label::Perhaps
                };
                self.field(message, name, &properties[*name], plain)
            })
            .collect();
        if let Some(variants) = schema["oneOf"].as_array() {
            fields.extend(self.variants(message, variants));
        }
        fields
    }

    /// A field; `plain` is its label where its schema asks for no other.
    fn field(&mut self, message: &str, name: &str, schema: &Value, plain: Label) -> Field {
        let mut shape = self.shape(schema, &format!("{message}{}", camel(name)));
        if shape.label == Label::Always {
            shape.label = plain;
        }
        let own = sentence(&words(&schema["description"]));
        // What a definition says of itself is for fields that say nothing; what is allowed is for all.
        let about = if own.is_empty() || shape.about.is_empty() {
            shape.about
        } else {
            shape.about.split_off(1)
        };
        let parts = std::iter::once(own)
            .chain(about)
            .filter(|part| !part.is_empty());
        let name = if shape.is_json {
            format!("{name}_json")
        } else {
            name.to_owned()
        };
        Field {
            name,
            kind: shape.kind,
            label: shape.label,
            comment: parts.collect::<Vec<_>>().join("\n"),
        }
    }

    /// The fields of all of `variants`.
    fn variants(&mut self, message: &str, variants: &[Value]) -> Vec<Field> {
        match tag_of(variants) {
            Some(tag) => self.told_apart(message, &tag, variants),
            None => variants
                .iter()
                .map(|variant| self.instead(message, variant))
                .collect(),
        }
    }

    /// A variant that is an object of one field.
    fn instead(&mut self, message: &str, variant: &Value) -> Field {
        let properties = variant["properties"].as_object();
        let only = properties.filter(|properties| properties.len() == 1);
        let (name, schema) = only
            .and_then(|properties| properties.iter().next())
            .unwrap_or_else(|| panic!("{message}: no form for the variant {variant}"));
        let mut field = self.field(message, name, schema, Label::Always);
        assert_eq!(
            field.label,
            Label::Always,
            "{message}.{name} cannot stand in a oneof"
        );
        field.label = Label::Instead("which");
        field.comment = words(&variant["description"]);
        field
    }

    fn told_apart(&mut self, message: &str, tag: &str, variants: &[Value]) -> Vec<Field> {
        let mut about = "One of:".to_owned();
        let mut fields: Vec<Field> = Vec::new();
        for variant in variants {
            let mut own = self.fields(message, variant);
            own.retain(|field| field.name != tag);
            let taken: Vec<String> = own
                .iter()
                .map(|field| format!("`{}`", field.name))
                .collect();
            let takes = if taken.is_empty() {
                String::new()
            } else {
                format!(" Takes {}.", taken.join(", "))
            };
            let (value, says) = (
                &variant["properties"][tag]["const"],
                words(&variant["description"]),
            );
            about += &format!("\n- `{}`: {says}{takes}", value.as_str().unwrap());
            own.into_iter()
                .for_each(|field| join(message, &mut fields, field));
        }
        let tag = Field {
            name: tag.to_owned(),
            kind: "string".to_owned(),
            label: Label::Always,
            comment: about,
        };
        std::iter::once(tag).chain(fields).collect()
    }

    /// What a field with this schema is. An object that has no name of its own is called `inline`.
    fn shape(&mut self, schema: &Value, inline: &str) -> Shape {
        if let Some(name) = schema["$ref"]
            .as_str()
            .and_then(|path| path.strip_prefix("#/$defs/"))
        {
            return self.defined(name);
        }
        if let Some(alternatives) = schema["anyOf"].as_array() {
            return self.nullable(alternatives, inline);
        }
        if schema["oneOf"].is_array() {
            return self.one_of(schema, inline);
        }
        let kinds = match &schema["type"] {
            Value::Array(_) => strings(&schema["type"]),
            one => one.as_str().into_iter().collect(),
        };
        let mut shape = match kinds.iter().find(|kind| **kind != "null") {
            Some(&"array") => self.list(schema, inline),
            Some(&"object") => self.object(schema, inline),
            Some(&"string") => Shape::of("string"),
            Some(&"boolean") => Shape::of("bool"),
            Some(&"number") => Shape::of("double"),
            Some(&"integer") => Shape::of(whole(schema)),
            None => Shape {
                is_json: true,
                ..Shape::of("string")
            },
            Some(other) => panic!("{inline}: no form for {other}"),
        };
        if kinds.contains(&"null") && shape.label == Label::Always {
            shape.label = Label::Perhaps;
        }
        shape.about = about(schema);
        if shape.is_json {
            shape.about.push("JSON text.".to_owned());
        }
        shape
    }

    fn defined(&mut self, name: &str) -> Shape {
        let schema = self.definitions[name].clone();
        let name = format!("{}{name}", self.prefix);
        let is_message = schema["properties"].is_object() || tagged(&schema);
        if !is_message {
            return self.shape(&schema, &name);
        }
        self.add(&name, &schema);
        Shape {
            about: about(&schema),
            ..Shape::of(&name)
        }
    }

    fn nullable(&mut self, alternatives: &[Value], inline: &str) -> Shape {
        let [one, null] = alternatives else {
            panic!("{inline}: no form for {alternatives:?}")
        };
        assert_eq!(
            null["type"], "null",
            "{inline}: no form for {alternatives:?}"
        );
        let mut shape = self.shape(one, inline);
        if shape.label == Label::Always {
            shape.label = Label::Perhaps;
        }
        shape
    }

    fn one_of(&mut self, schema: &Value, inline: &str) -> Shape {
        if tagged(schema) {
            self.add(inline, schema);
            return Shape {
                about: about(schema),
                ..Shape::of(inline)
            };
        }
        Shape {
            about: about(schema),
            ..Shape::of("string")
        }
    }

    fn list(&mut self, schema: &Value, inline: &str) -> Shape {
        let item = self.shape(&schema["items"], inline);
        assert!(
            item.label == Label::Always && !item.is_json,
            "{inline}: no form for a list of these"
        );
        Shape {
            label: Label::Repeated,
            ..Shape::of(&item.kind)
        }
    }

    fn object(&mut self, schema: &Value, inline: &str) -> Shape {
        if schema["properties"].is_object() {
            self.add(inline, schema);
            return Shape::of(inline);
        }
        if !schema["additionalProperties"].is_object() {
            return Shape {
                is_json: true,
                ..Shape::of("string")
            };
        }
        let value = self.shape(&schema["additionalProperties"], inline);
        assert!(
            value.label == Label::Always && !value.is_json,
            "{inline}: no form for a map of these"
        );
        Shape {
            label: Label::Repeated,
            ..Shape::of(&format!("map<string, {}>", value.kind))
        }
    }
}

/// Adds `field` to `fields`: a field of several variants is one.
fn join(message: &str, fields: &mut Vec<Field>, mut field: Field) {
    // Whoever reads such a message back could not tell an empty list from the field of another variant.
    assert_ne!(
        field.label,
        Label::Repeated,
        "{message}.{} is a list of some variants only",
        field.name
    );
    if field.label == Label::Always {
        field.label = Label::Perhaps;
    }
    match fields.iter_mut().find(|known| known.name == field.name) {
        None => fields.push(field),
        Some(known) => {
            assert_eq!(
                known.kind, field.kind,
                "{message}.{} is of two kinds",
                field.name
            );
            if known.comment != field.comment {
                known.comment += &format!(" Or: {}", field.comment);
            }
        }
    }
}

/// Whether it is one of several objects.
fn tagged(schema: &Value) -> bool {
    let variants = schema["oneOf"].as_array();
    variants.is_some_and(|variants| {
        variants
            .iter()
            .any(|variant| variant["properties"].is_object())
    })
}

/// The field that tells the variants apart.
fn tag_of(variants: &[Value]) -> Option<String> {
    let first = variants.first()?["properties"].as_object()?;
    let is_tag = |name: &&String| {
        let is_const = |variant: &Value| variant["properties"][name.as_str()]["const"].is_string();
        variants.iter().all(is_const)
    };
    first.keys().find(is_tag).cloned()
}

/// What a schema says of itself, then what is allowed.
fn about(schema: &Value) -> Vec<String> {
    let mut about = vec![words(&schema["description"])];
    about.extend(match schema["format"].as_str() {
        Some("date") => Some("A day, such as `2019-03-31`.".to_owned()),
        Some("date-time") => Some("A time, such as `2019-03-31T17:00:00Z`.".to_owned()),
        Some("uuid") => Some("A UUID.".to_owned()),
        _ => None,
    });
    let listed = strings(&schema["enum"])
        .into_iter()
        .map(|word| (word, String::new()));
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    let told = variants.flat_map(|variant| {
        let says = words(&variant["description"]);
        let several = strings(&variant["enum"]);
        variant["const"]
            .as_str()
            .into_iter()
            .chain(several)
            .map(move |word| (word, says.clone()))
    });
    let allowed: Vec<String> = listed
        .chain(told)
        .map(|(word, says)| {
            if says.is_empty() {
                format!("- `{word}`")
            } else {
                format!("- `{word}`: {says}")
            }
        })
        .collect();
    if !allowed.is_empty() {
        about.push(format!("One of:\n{}", allowed.join("\n")));
    }
    about
}

fn whole(schema: &Value) -> &'static str {
    match schema["format"].as_str() {
        Some("uint8" | "uint16" | "uint32") => "uint32",
        Some("int8" | "int16" | "int32") => "int32",
        Some("int64") => "int64",
        Some("uint64" | "uint") => "uint64",
        other => panic!("no form for an integer of format {other:?}"),
    }
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn words(description: &Value) -> String {
    description.as_str().unwrap_or_default().trim().to_owned()
}

/// What goes on has to end first.
fn sentence(words: &str) -> String {
    let ends = words.is_empty() || words.ends_with(['.', ':', '!', '?', ')']);
    if ends {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}
