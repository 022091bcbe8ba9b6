//! Every question of the catalogue at `GET /v1/<its name>`.
//!
//! Each takes its own parameters, and `limit`, `cursor` and `format`. An answer has the position that it is true at in
//! `Socai-Position`, and an `ETag` that is the same for as long as the answer is: whoever sends it back as
//! `If-None-Match` gets 304 without anything being counted.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use socai_operations::catalogue::{Entry, QUESTIONS};
use socai_operations::page::{Page, ROWS_MAX};
use socai_operations::question::Frame;
use socai_operations::{forms, service};

use crate::Api;
use crate::forms::Form;
use crate::openapi;
use crate::problem::{Fault, Problem};
use crate::query::Shape;
use crate::route::{Answer, Route, nothing, problem};
use crate::tag::Tag;
use crate::who::Who;

/// The header with the position that an answer is true at, or that was written last.
pub(crate) const POSITION: HeaderName = HeaderName::from_static("socai-position");

/// A route for each question.
pub(crate) fn routes() -> Vec<Route> {
    QUESTIONS.iter().map(route).collect()
}

fn route(entry: &'static Entry) -> Route {
    let (schema, definitions) = parameters(entry);
    let shape = Arc::new(Shape::of(&schema, &definitions));
    let handler = move |State(api): State<Arc<Api>>, who: Who, uri: Uri, headers: HeaderMap| {
        ask(api, entry, shape.clone(), who, uri, headers)
    };
    let path = format!("/v1/{}", entry.name);
    openapi::asked(Route::get(path, entry.summary, handler), &schema)
        .headed(
            "If-None-Match",
            "The ETag of an answer that is known already.",
        )
        .answers(200, rows(entry))
        .answers(
            304,
            nothing("Nothing else is to be said than by the answer with that ETag."),
        )
        .answers(
            404,
            problem("What a parameter names is not there, or not for whoever asks."),
        )
        .answers(406, problem("No form is accepted that there is."))
}

/// The schema of what can be asked, `limit`, `cursor` and `format` among it.
fn parameters(entry: &Entry) -> (Value, Map<String, Value>) {
    let mut made = openapi::generator();
    let schema = (entry.parameters)(&mut made);
    let (mut schema, definitions) = openapi::resolved(schema, made);
    schema["properties"]["limit"] = json!({
        "type": "integer", "minimum": 1, "maximum": ROWS_MAX,
        "description": "How many rows are answered, at most."
    });
    schema["properties"]["cursor"] = json!({
        "type": "string",
        "description": "Where to go on, as the address of the next page in the header Link has it."
    });
    schema["properties"]["format"] = json!({
        "enum": Form::ALL.map(Form::name),
        "description": "The form of the answer; it wins over the header Accept."
    });
    (schema, definitions)
}

fn rows(entry: &'static Entry) -> Answer {
    let framed = |made: &mut SchemaGenerator| -> Schema {
        let (frame, row) = (made.subschema_for::<Frame>(), (entry.row)(made));
        let rows = json!({"type": "object", "required": ["rows"], "properties": {"rows": {"type": "array", "items": row}}});
        let framed = json!({"allOf": [frame, rows]});
        framed.try_into().expect("an object is a schema")
    };
    Answer::of(Form::Json.media(), "The rows, and for when they hold.")
        .with_schema(framed)
        .or("text/csv")
        .or(Form::Xlsx.media())
        .header("ETag", "The same for as long as the answer is.")
        .header(
            "Socai-Position",
            "The position of the ledger at which it is true.",
        )
        .header("Link", "The address of the next page, where there is one.")
}

async fn ask(
    api: Arc<Api>,
    entry: &'static Entry,
    shape: Arc<Shape>,
    Who(who): Who,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(&shape, &uri, &headers)?;
    let tag = Tag::of(&who.account, &uri, wanted.form, api.service.position());
    if tag.is_in(headers.get(IF_NONE_MATCH)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag.header())]).into_response());
    }
    let answer = api
        .service
        .ask(entry, wanted.parameters, wanted.page, &who)
        .await?;
    let tag = Tag::of(&who.account, &uri, wanted.form, answer.frame.position);
    Ok(written(entry, answer, wanted.form, &uri, &tag))
}

/// What is asked for.
struct Wanted {
    parameters: Value,
    page: Page,
    form: Form,
}

impl Wanted {
    fn read(shape: &Shape, uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        let mut parameters = shape.read(uri.query().unwrap_or_default())?;
        let text = |value: Value| value.as_str().map(String::from);
        let cursor = parameters.remove("cursor").and_then(text);
        let limit = parameters.remove("limit").map(rows_max).transpose()?;
        let form = match parameters.remove("format").and_then(text) {
            Some(name) => Form::named(&name)?,
            None => Form::accepted(headers)?,
        };
        Ok(Self {
            parameters: parameters.into(),
            page: Page { limit, cursor },
            form,
        })
    }
}

/// # Errors
///
/// Where it is no number of rows.
fn rows_max(limit: Value) -> Result<usize, Problem> {
    let rows = limit.as_u64().and_then(|rows| usize::try_from(rows).ok());
    let bad = || {
        let told = format!("{limit} is no number of rows");
        Fault::BadParameter.said(told).at("limit")
    };
    rows.ok_or_else(bad)
}

fn written(entry: &Entry, answer: service::Answer, form: Form, uri: &Uri, tag: &Tag) -> Response {
    let position = answer.frame.position;
    let next = answer.next.map(|cursor| next_page(uri, &cursor));
    let (frame, rows) = (answer.frame, answer.answering);
    let body = match form {
        Form::Json => rows.json(frame),
        Form::Csv => forms::csv_file(&rows.cells()),
        Form::Xlsx => forms::xlsx(entry.name, &rows.cells(), frame),
    };
    let mut written = body.into_response();
    let headers = written.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.media()));
    headers.insert(ETAG, tag.header());
    headers.insert(
        VARY,
        HeaderValue::from_static("accept, authorization, cookie"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(POSITION, position.into());
    if let Some(next) = next.and_then(|next| HeaderValue::try_from(next).ok()) {
        headers.insert(LINK, next);
    }
    if form != Form::Json {
        let file = format!(
            "attachment; filename=\"{}-{position}.{}\"",
            entry.name,
            form.name()
        );
        let file = HeaderValue::try_from(file).expect("a question's name is plain text");
        headers.insert(CONTENT_DISPOSITION, file);
    }
    written
}

/// `</v1/units?limit=10&cursor=…>; rel="next"`
fn next_page(uri: &Uri, cursor: &str) -> String {
    let query = uri.query().unwrap_or_default();
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let cursor = format!("cursor={cursor}");
    let query: Vec<&str> = kept.chain([cursor.as_str()]).collect();
    format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_as_this_one_was() {
        let uri: Uri = "/v1/units?cursor=abc&limit=10".parse().unwrap();
        assert_eq!(
            next_page(&uri, "def"),
            "</v1/units?limit=10&cursor=def>; rel=\"next\""
        );
        let uri: Uri = "/v1/units".parse().unwrap();
        assert_eq!(
            next_page(&uri, "def"),
            "</v1/units?cursor=def>; rel=\"next\""
        );
    }
}
