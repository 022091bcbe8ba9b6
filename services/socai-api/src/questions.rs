//! Every question of the catalogue at `GET /v1/<its name>`, and at `POST` where it is asked of a text.
//!
//! Each takes its own parameters, and `limit`, `cursor` and `format`. An answer has the position that it is true at in
//! `Socai-Position`, and an `ETag` that is the same for as long as the answer is: whoever sends it back as
//! `If-None-Match` gets 304 without anything being counted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use socai_app::request::LINE_BYTES_MAX;
use socai_operations::catalogue::{Entry, QUESTIONS};
use socai_operations::page::{Page, ROWS_MAX};
use socai_operations::question::{Carried, Frame};
use socai_operations::{forms, service};

use crate::Api;
use crate::bodies::arrived;
use crate::forms::Form;
use crate::media::is_media;
use crate::openapi;
use crate::problem::{Fault, Problem};
use crate::query::Shape;
use crate::route::{self, Answer, Route, nothing, problem};
use crate::tag::Tag;
use crate::who::Who;

/// The header with the position that an answer is true at, or that was written last.
pub(crate) const POSITION: HeaderName = HeaderName::from_static("socai-position");

/// A route for each question.
pub(crate) fn routes() -> Vec<Route> {
    QUESTIONS.iter().map(route).collect()
}

fn route(entry: &'static Entry) -> Route {
    let there = "What a parameter names is not there, or not for whoever asks.";
    let route = match entry.carried {
        Carried::InTheAddress => in_the_address(entry),
        Carried::InTheBody => in_the_body(entry),
    };
    route
        .answers(200, rows(entry))
        .answers(404, problem(there))
        .answers(406, problem("No form is accepted that there is."))
}

fn in_the_address(entry: &'static Entry) -> Route {
    let mut made = openapi::generator();
    let own = (entry.parameters)(&mut made);
    let (own, definitions) = openapi::resolved(own, made);
    let schema = with_paging(own);
    let shape = Arc::new(Shape::of(&schema, &definitions));
    let handler = move |State(api): State<Arc<Api>>, who: Who, uri: Uri, headers: HeaderMap| {
        ask(api, entry, shape.clone(), who, uri, headers)
    };
    let known = nothing("Nothing else is to be said than by the answer with that ETag.");
    openapi::asked(
        Route::get(path(entry), entry.summary, handler),
        &schema,
        &definitions,
    )
    .headed(
        "If-None-Match",
        "The ETag of an answer that is known already.",
    )
    .answers(304, known)
}

fn in_the_body(entry: &'static Entry) -> Route {
    let schema = with_paging(json!({}));
    let (none, shape) = (Map::new(), Arc::new(Shape::of(&schema, &Map::new())));
    let handler =
        move |State(api): State<Arc<Api>>, who: Who, uri: Uri, headers: HeaderMap, sent: Body| {
            ask_at_length(api, entry, shape.clone(), who, uri, headers, sent)
        };
    openapi::asked(
        Route::post(path(entry), entry.summary, handler),
        &schema,
        &none,
    )
    .takes(route::Body {
        media: "application/json",
        says: "What is asked.".into(),
        schema: Some(Box::new(entry.parameters)),
    })
}

fn path(entry: &Entry) -> String {
    format!("/v1/{}", entry.name)
}

/// The schema of an address's query: `own` parameters, and `limit`, `cursor` and `format`.
fn with_paging(own: Value) -> Value {
    let mut schema = own;
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
    schema
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
    let (parameters, wanted) = Wanted::read(&shape, &uri, &headers)?;
    let tag = |position| Tag::of(&who.account, &uri, wanted.form, position);
    let now = tag(api.service.position());
    if now.is_in(headers.get(IF_NONE_MATCH)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, now.header())]).into_response());
    }
    let answer = api
        .service
        .ask(entry, parameters, wanted.page, &who)
        .await?;
    let tag = tag(answer.frame.position);
    let mut answered = written(entry, answer, wanted.form, &uri).await;
    answered.headers_mut().insert(ETAG, tag.header());
    Ok(answered)
}

async fn ask_at_length(
    api: Arc<Api>,
    entry: &'static Entry,
    shape: Arc<Shape>,
    Who(who): Who,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Problem> {
    let (_, wanted) = Wanted::read(&shape, &uri, &headers)?;
    is_media(&headers, "application/json")?;
    let sent = arrived(&api, &who.account, sent, LINE_BYTES_MAX).await?;
    let parameters = serde_json::from_slice(&sent);
    let parameters =
        parameters.map_err(|error| Fault::BadBody.said(error.to_string()).at("body"))?;
    let answer = api
        .service
        .ask(entry, parameters, wanted.page, &who)
        .await?;
    Ok(written(entry, answer, wanted.form, &uri).await)
}

/// How the answer is wanted.
struct Wanted {
    page: Page,
    form: Form,
}

impl Wanted {
    /// Reads the question's own parameters, and how the answer is wanted.
    fn read(shape: &Shape, uri: &Uri, headers: &HeaderMap) -> Result<(Value, Self), Problem> {
        let mut parameters = shape.read(uri.query().unwrap_or_default())?;
        let text = |value: Value| value.as_str().map(String::from);
        let cursor = parameters.remove("cursor").and_then(text);
        let limit = parameters.remove("limit").map(rows_wanted).transpose()?;
        let form = match parameters.remove("format").and_then(text) {
            Some(name) => Form::named(&name)?,
            None => Form::accepted(headers)?,
        };
        let page = Page { limit, cursor };
        Ok((parameters.into(), Self { page, form }))
    }
}

fn rows_wanted(limit: Value) -> Result<usize, Problem> {
    let read = limit.as_u64().and_then(|limit| usize::try_from(limit).ok());
    read.ok_or_else(|| {
        let told = format!("{limit}: expected a number from 1 to {ROWS_MAX}");
        Fault::BadParameter.said(told).at("limit")
    })
}

async fn written(
    entry: &'static Entry,
    answer: service::Answer,
    form: Form,
    uri: &Uri,
) -> Response {
    let position = answer.frame.position;
    let next = answer.next.as_deref().map(|cursor| next_page(uri, cursor));
    let body = answer.made(move |rows, frame| match form {
        Form::Json => rows.json(frame),
        Form::Csv => forms::csv_file(&rows.cells()),
        Form::Xlsx => forms::xlsx(entry.name, &rows.cells(), frame),
    });
    let body = body.await;
    let mut written = body.into_response();
    let headers = written.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.media()));
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
