//! What is answered wherever something is asked: problems that no route has for itself.

use serde_json::{Value, json};

use super::SCHEMAS;
use crate::problem::MEDIA;
use crate::route::{Access, Route};

/// What every route can answer, and what only one that takes a body, or is not for everybody.
const ANYWHERE: &[(u16, &str, &str)] = &[
    (
        400,
        "BadRequest",
        "A parameter, a header or the body does not read; `where` says which.",
    ),
    (401, "Unauthorized", "Nobody known asks."),
    (403, "Forbidden", "Whoever asks may not."),
    (408, "TooSlow", "The body did not arrive in time."),
    (413, "TooLarge", "The body is longer than it may be."),
    (
        415,
        "MediaType",
        "The body is of another media type than is read there.",
    ),
    (
        429,
        "TooMany",
        "Too many requests within a minute; `Retry-After` says when to ask again.",
    ),
    (
        500,
        "Broken",
        "A person has to look: a fault of the program, or a ledger that goes no further.",
    ),
    (
        503,
        "NotNow",
        "Not now; `Retry-After` says when to ask again.",
    ),
];

/// What `route` can answer of it, by status.
pub(super) fn of(route: &Route) -> impl Iterator<Item = (String, Value)> {
    let applying = ANYWHERE
        .iter()
        .filter(|(status, _, _)| applies(*status, route));
    applying.map(|(status, name, _)| {
        let response = json!({"$ref": format!("#/components/responses/{name}")});
        (status.to_string(), response)
    })
}

fn applies(status: u16, route: &Route) -> bool {
    match status {
        401 | 403 => route.access == Access::Account,
        408 | 413 | 415 => route.body.is_some(),
        _ => true,
    }
}

/// The answers themselves, to which operations refer.
pub(super) fn responses() -> Value {
    let problem = json!({MEDIA: {"schema": {"$ref": format!("#{SCHEMAS}/Problem")}}});
    let all = ANYWHERE.iter().map(|(status, name, says)| {
        let mut response = json!({"description": says, "content": problem});
        if matches!(status, 429 | 503) {
            let seconds = json!({"type": "integer"});
            response["headers"] =
                json!({"Retry-After": {"description": "Seconds.", "schema": seconds}});
        }
        ((*name).to_owned(), response)
    });
    Value::Object(all.collect())
}
