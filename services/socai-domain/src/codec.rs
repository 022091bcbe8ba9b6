//! Between a type's name with its body, and an enum whose variants carry those names.
//!
//! The name stands in the envelope and the body is parsed straight into its variant. An internally
//! tagged enum would first buffer the whole body and cost twice as much.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, IntoDeserializer};
use serde::{Deserialize, Serialize};

/// Why a body could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Nothing of this name is known here. A reader keeps the bytes and goes on.
    #[error("{name:?} is not a known type; expected one of: {expected}")]
    UnknownType {
        /// The name met.
        name: String,
        /// The names known.
        expected: String,
    },
    /// The body does not fit its type.
    #[error("{}{reason}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
    Body {
        /// Where, as a path such as `rule.reporters[0]`; `None` where it is the body itself.
        field: Option<String>,
        /// What was wrong and what was expected.
        reason: String,
    },
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Body {
            field: None,
            reason: message.to_string(),
        }
    }

    fn unknown_variant(name: &str, expected: &'static [&'static str]) -> Self {
        Self::UnknownType {
            name: name.to_owned(),
            expected: expected.join(", "),
        }
    }
}

/// Reads the variant `name` from its JSON `body`, passing over fields that it does not have.
///
/// # Errors
///
/// [`DecodeError::UnknownType`] for a name that `T` has no variant for, else [`DecodeError::Body`].
pub fn decode<'de, T: Deserialize<'de>>(name: &str, body: &'de str) -> Result<T, DecodeError> {
    let ignored = None;
    read(name, body, ignored)
}

/// As [`decode`], and a field that no part of `T` has is an error: where people write the body, it is
/// a slip that would be lost.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_strictly<'de, T: Deserialize<'de>>(
    name: &str,
    body: &'de str,
) -> Result<T, DecodeError> {
    let ignored = RefCell::new(None);
    let value = read(name, body, Some(&ignored))?;
    match ignored.into_inner() {
        None => Ok(value),
        Some(field) => Err(DecodeError::Body {
            field: Some(field),
            reason: "no such field".to_owned(),
        }),
    }
}

/// The path of a field that was passed over, where one was.
type Ignored = RefCell<Option<String>>;

fn read<'de, T: Deserialize<'de>>(
    name: &str,
    body: &'de str,
    ignored: Option<&Ignored>,
) -> Result<T, DecodeError> {
    let named = |tracked| Named {
        name,
        body: Body {
            json: body,
            tracked,
            ignored,
        },
    };
    match T::deserialize(named(false)) {
        // Knowing the field costs time, so it is looked for only once something is wrong.
        Err(DecodeError::Body { .. }) => T::deserialize(named(true)),
        read => read,
    }
}

/// The variant's name and its JSON body.
///
/// # Panics
///
/// Where `T` is not an enum of struct variants with string keys, which is a bug in its definition.
pub fn encode<T: Serialize>(value: &T) -> (String, String) {
    let tagged = serde_json::to_string(value).expect("an enum of plain structs becomes JSON");
    let split = tagged
        .find("\":")
        .expect("a struct variant is an object with one key");
    (
        tagged[2..split].to_owned(),
        tagged[split + 2..tagged.len() - 1].to_owned(),
    )
}

struct Named<'n, 'i, 'de> {
    name: &'n str,
    body: Body<'i, 'de>,
}

impl<'de> de::Deserializer<'de> for Named<'_, '_, 'de> {
    type Error = DecodeError;

    fn deserialize_any<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, DecodeError> {
        Err(de::Error::custom("only an enum has a name and a body"))
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'i, 'de> de::EnumAccess<'de> for Named<'_, 'i, 'de> {
    type Error = DecodeError;
    type Variant = Body<'i, 'de>;

    fn variant_seed<S: de::DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Body<'i, 'de>), DecodeError> {
        let name: de::value::StrDeserializer<'_, DecodeError> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self.body))
    }
}

struct Body<'i, 'de> {
    json: &'de str,
    tracked: bool,
    ignored: Option<&'i Ignored>,
}

const NO_OBJECT: &str = "expected a JSON object";

impl<'de> de::VariantAccess<'de> for Body<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Err(de::Error::custom(NO_OBJECT))
    }

    fn newtype_variant_seed<S: de::DeserializeSeed<'de>>(
        self,
        _: S,
    ) -> Result<S::Value, DecodeError> {
        Err(de::Error::custom(NO_OBJECT))
    }

    fn tuple_variant<V: de::Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, DecodeError> {
        Err(de::Error::custom(NO_OBJECT))
    }

    fn struct_variant<V: de::Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let mut json = serde_json::Deserializer::from_str(self.json);
        let mut track = serde_path_to_error::Track::new();
        let value = if self.tracked {
            let tracking = serde_path_to_error::Deserializer::new(&mut json, &mut track);
            de::Deserializer::deserialize_struct(tracking, "", fields, visitor)
        } else if let Some(ignored) = self.ignored {
            let mut note = |path: serde_ignored::Path<'_>| {
                ignored.borrow_mut().get_or_insert_with(|| path.to_string());
            };
            let noting = serde_ignored::Deserializer::new(&mut json, &mut note);
            de::Deserializer::deserialize_struct(noting, "", fields, visitor)
        } else {
            de::Deserializer::deserialize_struct(&mut json, "", fields, visitor)
        };
        let read = value.and_then(|value| json.end().map(|()| value));
        read.map_err(|error| DecodeError::Body {
            field: Some(track.path().to_string()).filter(|path| path != "."),
            reason: without_place(&error.to_string()),
        })
    }
}

/// serde_json counts lines and columns of the body, which stands inside a line of its own.
fn without_place(reason: &str) -> String {
    reason
        .rsplit_once(" at line ")
        .map_or(reason, |(reason, _)| reason)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Act {
        #[serde(rename = "unit.formed.v1")]
        Formed {
            name: String,
            parent: Option<String>,
        },
    }

    #[test]
    fn a_variant_survives_name_and_body() {
        let act = Act::Formed {
            name: "Sở \"A\":".into(),
            parent: None,
        };
        let (name, body) = encode(&act);
        assert_eq!(name, "unit.formed.v1");
        assert_eq!(body, r#"{"name":"Sở \"A\":","parent":null}"#);
        assert_eq!(decode(&name, &body), Ok(act));
    }

    #[test]
    fn an_unknown_name_is_told_apart_from_a_bad_body() {
        let unknown = decode::<Act>("unit.painted.v1", "{}");
        assert!(
            matches!(unknown, Err(DecodeError::UnknownType { .. })),
            "{unknown:?}"
        );
        for bad in ["", "{", "[]", "{}", r#"{"name":"a"}x"#, r#"{"name":1}"#] {
            let error = decode::<Act>("unit.formed.v1", bad);
            assert!(
                matches!(error, Err(DecodeError::Body { .. })),
                "{bad}: {error:?}"
            );
        }
    }
}
