//! Commands: one at `POST /v1/commands/<its name>`, many as lines at `POST /v1/commands`.
//!
//! ```json
//! {"effective":"2019-04-10","data":{"obligations":["…"]}}
//! ```
//!
//! Nothing there says who records or when: a field for it is refused as every other that is not known. What is being
//! recorded outlives the connection. `Idempotency-Key` makes the command's id, so that a command that is sent again
//! with its key is answered as the first time.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use socai_app::request::LINE_BYTES_MAX;
use socai_domain::day;
use socai_domain::id::AccountId;
use socai_operations::recording::{self, CommandLine, How, outliving};
use socai_operations::report::Report;
use uuid::Uuid;

use crate::Api;
use crate::asked::{query, with_query};
use crate::bodies::arrived;
use crate::media::is_media;
use crate::openapi;
use crate::problem::{Fault, Problem};
use crate::questions::POSITION;
use crate::route::{self, Answer, Route, json, problem};
use crate::who::Who;

/// The media type of lines, each an object of JSON.
pub(crate) const NDJSON: &str = "application/x-ndjson";

/// The header with a key of the client's.
const KEY: &str = "idempotency-key";

/// A route for each command, and one for many.
pub(crate) fn routes() -> Vec<Route> {
    let commands = socai_domain::schema::commands().into_iter();
    let each = commands.map(|(name, schema)| route(name, schema));
    each.chain([many()]).collect()
}

fn many() -> Route {
    let reports = "What became of each line: an object a line, as a single command is answered.";
    let refused =
        "The lines that are refused. Nothing was recorded, since it was to be all or nothing.";
    let route = Route::post(
        "/v1/commands",
        "Records many commands, in their order",
        record_many,
    );
    with_query::<Many>(route)
        .takes(route::body(
            NDJSON,
            "A command a line, as schemas/commands/line.json has it.",
        ))
        .answers(200, Answer::of(NDJSON, reports))
        .answers(409, Answer::of(NDJSON, refused))
        .answers(422, problem("A line does not read as a command."))
}

/// How many commands are recorded.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Many {
    /// All of them are recorded, or none.
    all_or_nothing: bool,
    /// Nothing is recorded; each line is told what would become of it.
    dry_run: bool,
}

impl Many {
    fn how(&self) -> How {
        match (self.dry_run, self.all_or_nothing) {
            (true, _) => How::Rehearsed,
            (false, true) => How::AllOrNothing,
            (false, false) => How::EachAlone,
        }
    }
}

async fn record_many(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let how = query::<Many>(&uri)?.how();
    is_media(&headers, NDJSON)?;
    no_key(&headers)?;
    api.service.may_record(&who)?;
    let bytes_max = api.settings.commands_bytes_max as usize;
    let lines = arrived(&api, &who.account, body, bytes_max).await?;
    let reports = outliving(async move { api.service.record_all(lines, how, &who).await });
    Ok(told(how, &reports.await?))
}

fn told(how: How, reports: &[Report]) -> Response {
    let refused = reports.iter().any(|report| report.code.is_some());
    let status = match how {
        How::AllOrNothing if refused => StatusCode::CONFLICT,
        How::AllOrNothing | How::EachAlone | How::Rehearsed => StatusCode::OK,
    };
    let mut lines = Vec::new();
    for report in reports {
        serde_json::to_writer(&mut lines, report).expect("memory is written");
        lines.push(b'\n');
    }
    let answer = (status, [(CONTENT_TYPE, NDJSON)], lines).into_response();
    with_position(answer, reports)
}

fn route(name: String, schema: serde_json::Value) -> Route {
    let path = format!("/v1/commands/{name}");
    let summary = schema["description"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let handler = move |State(api): State<Arc<Api>>, who: Who, headers: HeaderMap, body: Body| {
        record(api, name.clone(), who, headers, body)
    };
    Route::post(path, summary, handler)
        .headed("Idempotency-Key", "1 to 255 visible characters of the client's own choice. A command that is sent again with the same key is recorded once.")
        .takes(openapi::command(schema))
        .answers(200, json::<Report>("It is recorded, or was so already.").header("Socai-Position", "The last position that was written."))
        .answers(409, problem("The ledger says no. Nothing was recorded."))
        .answers(422, problem("The data do not fit the command, or the key came with another command. Nothing was recorded."))
}

/// What is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(deserialize_with = "day::read")]
    effective: Date,
    data: Box<RawValue>,
    #[serde(default)]
    synthetic: bool,
}

async fn record(
    api: Arc<Api>,
    name: String,
    Who(who): Who,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let called = key(&headers)?.map(str::to_owned);
    api.service.may_record(&who)?;
    let sent = sent(&api, &who.account, &headers, body).await?;
    let line = CommandLine {
        name,
        effective: sent.effective,
        data: sent.data,
        synthetic: sent.synthetic,
        called,
    };
    Ok(answered(api.service.record(line, &who).await?))
}

async fn sent(
    api: &Api,
    who: &AccountId,
    headers: &HeaderMap,
    body: Body,
) -> Result<Sent, Problem> {
    is_media(headers, "application/json")?;
    let bytes = arrived(api, who, body, LINE_BYTES_MAX).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Fault::BadBody.said(error.to_string()).at("body"))
}

fn answered(report: Report) -> Response {
    let answer = (StatusCode::OK, Json(&report)).into_response();
    with_position(answer, &[report])
}

/// The answer with the last position that was written.
fn with_position(mut answer: Response, reports: &[Report]) -> Response {
    let positions = reports.iter().flat_map(|report| &report.positions);
    if let Some(last) = positions.max() {
        answer.headers_mut().insert(POSITION, (*last).into());
    }
    answer
}

/// The key of the client's.
///
/// # Errors
///
/// Where it is none.
fn key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut keys = headers.get_all(KEY).iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
    if !visible || !(1..=255).contains(&key.len()) || keys.next().is_some() {
        let told = "expected one key of 1 to 255 visible characters";
        return Err(Fault::BadHeader.said(told).at(KEY));
    }
    Ok(key.to_str().ok())
}

/// One key does not name many commands.
fn no_key(headers: &HeaderMap) -> Result<(), Problem> {
    if !headers.contains_key(KEY) {
        return Ok(());
    }
    let told =
        "one key does not name many commands: give each line an id of its own, \"id\", a UUID";
    Err(Fault::BadHeader.said(told).at(KEY))
}

/// The id of a command that came with a key of the client's: the same account and key, the same id.
///
/// # Errors
///
/// Where the key is none.
pub(crate) fn command_id(
    headers: &HeaderMap,
    account: &AccountId,
) -> Result<Option<Uuid>, Problem> {
    let key = key(headers)?;
    Ok(key.map(|key| recording::command_id(account, key)))
}

/// The id of a job: that of the key, where there is one.
///
/// # Errors
///
/// Where the key is none.
pub(crate) fn job_id(headers: &HeaderMap, account: &AccountId) -> Result<Uuid, Problem> {
    Ok(command_id(headers, account)?.unwrap_or_else(Uuid::now_v7))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(account: &str, key: &str) -> Option<Uuid> {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", key.parse().ok()?);
        command_id(&headers, &AccountId::new(account).unwrap()).ok()?
    }

    #[test]
    fn a_key_is_an_accounts_own() {
        let first = id("ana", "1").unwrap();
        assert_eq!(Some(first), id("ana", "1"));
        assert_eq!(first.get_version_num(), 8);
        assert_ne!(Some(first), id("ana", "2"));
        assert_ne!(Some(first), id("ben", "1"));
    }

    #[test]
    fn a_key_has_visible_signs() {
        let longest = "k".repeat(255);
        assert!(id("ana", &longest).is_some());
        for bad in ["", "a b", "a\tb", "ă", &(longest + "k")] {
            assert!(id("ana", bad).is_none(), "{bad:?}");
        }
    }
}
