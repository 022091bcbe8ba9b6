//! What a route is: an address, who may ask there, what it takes, what it answers, and what answers.
//!
//! ```text
//! Route::get("/v1/jobs/{job}", "How a job is", job)
//!     .named("job", "The job's id, as the answer to its start had it")
//!     .answers(200, json::<Job>("How it is"))
//! ```
//!
//! The router and the document are made from the same list, so that nothing is there that the document does not
//! have. What every route can answer (too many requests, not now) is in the document of each without being said.

use std::borrow::Cow;
use std::sync::Arc;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::Api;

/// Writes a schema, and those that it refers to into the generator.
type Makes = Box<dyn Fn(&mut SchemaGenerator) -> Schema + Send + Sync>;

/// A route.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) summary: String,
    pub(crate) access: Access,
    pub(crate) parameters: Vec<Parameter>,
    /// What the schemas of parameters refer to.
    pub(crate) definitions: Map<String, Value>,
    pub(crate) body: Option<Body>,
    pub(crate) answers: Vec<(u16, Answer)>,
    pub(crate) answered_by: MethodRouter<Arc<Api>>,
}

/// What is done at the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Whoever says who they are: the handler takes a `Who`.
    Account,
    /// Everybody.
    Everybody,
}

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) says: String,
    pub(crate) required: Required,
    pub(crate) schema: Value,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// Whether it can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    Yes,
    No,
}

/// What is sent.
pub(crate) struct Body {
    pub(crate) media: &'static str,
    pub(crate) says: Cow<'static, str>,
    pub(crate) schema: Option<Makes>,
}

/// What comes back: of several media types, the client chooses one.
pub(crate) struct Answer {
    pub(crate) says: Cow<'static, str>,
    pub(crate) forms: Vec<(&'static str, Option<Makes>)>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

/// JSON of a type.
pub(crate) fn json<T: JsonSchema>(says: &'static str) -> Answer {
    Answer::of("application/json", says).with_schema(|made| made.subschema_for::<T>())
}

/// Nothing but a status.
pub(crate) fn nothing(says: &'static str) -> Answer {
    Answer {
        says: says.into(),
        forms: Vec::new(),
        headers: Vec::new(),
    }
}

impl Answer {
    /// Bytes or text of a media type.
    pub(crate) fn of(media: &'static str, says: &'static str) -> Self {
        Self {
            forms: vec![(media, None)],
            ..nothing(says)
        }
    }

    /// The last media type with a schema.
    pub(crate) fn with_schema(
        mut self,
        makes: impl Fn(&mut SchemaGenerator) -> Schema + Send + Sync + 'static,
    ) -> Self {
        if let Some((_, schema)) = self.forms.last_mut() {
            *schema = Some(Box::new(makes));
        }
        self
    }

    /// Also this media type.
    pub(crate) fn or(mut self, media: &'static str) -> Self {
        self.forms.push((media, None));
        self
    }

    /// With a header.
    pub(crate) fn header(mut self, name: &'static str, says: &'static str) -> Self {
        self.headers.push((name, says));
        self
    }
}

/// A body of JSON of a type.
pub(crate) fn json_body<T: JsonSchema>(says: &'static str) -> Body {
    Body {
        media: "application/json",
        says: says.into(),
        schema: Some(Box::new(|made| made.subschema_for::<T>())),
    }
}

/// A body of a media type.
pub(crate) fn body(media: &'static str, says: &'static str) -> Body {
    Body {
        media,
        says: says.into(),
        schema: None,
    }
}

impl Route {
    pub(crate) fn get<H, T>(path: impl Into<String>, summary: impl Into<String>, handler: H) -> Self
    where
        H: Handler<T, Arc<Api>>,
        T: 'static,
    {
        Self::new(Method::Get, path, summary, on(MethodFilter::GET, handler))
    }

    pub(crate) fn post<H, T>(
        path: impl Into<String>,
        summary: impl Into<String>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Api>>,
        T: 'static,
    {
        Self::new(Method::Post, path, summary, on(MethodFilter::POST, handler))
    }

    pub(crate) fn delete<H, T>(
        path: impl Into<String>,
        summary: impl Into<String>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Api>>,
        T: 'static,
    {
        Self::new(
            Method::Delete,
            path,
            summary,
            on(MethodFilter::DELETE, handler),
        )
    }

    fn new(
        method: Method,
        path: impl Into<String>,
        summary: impl Into<String>,
        answered_by: MethodRouter<Arc<Api>>,
    ) -> Self {
        Self {
            method,
            path: path.into(),
            summary: summary.into(),
            access: Access::Account,
            parameters: Vec::new(),
            definitions: Map::new(),
            body: None,
            answers: Vec::new(),
            answered_by,
        }
    }

    /// Everybody may ask.
    pub(crate) fn open(mut self) -> Self {
        self.access = Access::Everybody;
        self
    }

    /// A part of the path, such as `{job}`.
    pub(crate) fn named(self, name: &str, says: &str) -> Self {
        let schema = json!({"type": "string"});
        self.parameter(name, Place::Path, says, Required::Yes, schema)
    }

    /// A parameter of the query that may be left out.
    pub(crate) fn asked(self, name: &str, says: &str, schema: Value) -> Self {
        self.parameter(name, Place::Query, says, Required::No, schema)
    }

    /// A header that may be left out.
    pub(crate) fn headed(self, name: &str, says: &str) -> Self {
        let schema = json!({"type": "string"});
        self.parameter(name, Place::Header, says, Required::No, schema)
    }

    /// A parameter.
    pub(crate) fn parameter(
        mut self,
        name: &str,
        place: Place,
        says: &str,
        required: Required,
        schema: Value,
    ) -> Self {
        let (name, says) = (name.to_owned(), says.to_owned());
        self.parameters.push(Parameter {
            name,
            place,
            says,
            required,
            schema,
        });
        self
    }

    /// A body.
    pub(crate) fn takes(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    /// An answer of its own. Problems that only it has are `answers(409, problem("…"))`.
    pub(crate) fn answers(mut self, status: u16, answer: Answer) -> Self {
        self.answers.push((status, answer));
        self
    }
}

/// A problem, and when there is one.
pub(crate) fn problem(says: &'static str) -> Answer {
    let answer = Answer::of(crate::problem::MEDIA, says);
    answer.with_schema(|made| made.subschema_for::<crate::problem::Written>())
}
