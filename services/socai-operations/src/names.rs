//! How commands, questions and their rows are called where a name has neither dot nor dash.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::question::Question;

/// The message of a command, the method of a question: `task.assign` is `TaskAssign`, `key-list` is `KeyList`.
pub fn camel(name: &str) -> String {
    let parts = name.split(['.', '_', '-', ' ']);
    parts.map(capital).collect()
}

fn capital(part: &str) -> String {
    let mut letters = part.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The row of a question under the name that it has on every wire, such as `RatesRow`: each is a `Row` in its module.
pub(crate) struct RowOf<Q>(PhantomData<Q>);

impl<Q: Question> JsonSchema for RowOf<Q> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Row", camel(Q::NAME)).into()
    }

    fn schema_id() -> Cow<'static, str> {
        Q::Row::schema_id()
    }

    fn json_schema(made: &mut SchemaGenerator) -> Schema {
        Q::Row::json_schema(made)
    }
}
