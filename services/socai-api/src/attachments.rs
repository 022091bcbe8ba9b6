//! Files beside the log. Whatever a file says that it is, it is handed out as bytes to be kept, never to be shown.

use std::sync::{Arc, LazyLock};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use socai_domain::id::Sha256Hex;
use socai_operations::recording::outliving;
use socai_operations::trouble::Trouble;
use socai_operations::turns::{Limits, Turns};
use socai_operations::works::attachments::{Audit, Erase, Filed, Stored};
use socai_store::blob::BLOB_BYTES_MAX;

use crate::Api;
use crate::asked::{BYTES, as_file, begins_a_job, begun, body, query, with_query};
use crate::bodies::arrived;
use crate::commands::{command_id, job_id};
use crate::media::is_media;
use crate::named::Named;
use crate::problem::Problem;
use crate::route;
use crate::route::{Answer, Route, json, json_body, problem};
use crate::who::Who;

/// Files that are hashed and kept at once, once they have arrived. Those that wait have their share of memory.
static KEPT: LazyLock<Turns> = LazyLock::new(|| {
    Turns::new(Limits {
        together: 8,
        of_one_account: 2,
        waiting: 256,
    })
});

/// An erasure. The shape of an answer.
#[derive(Serialize, JsonSchema)]
struct Erased {
    /// Where it is recorded; null where that was recorded before.
    position: Option<u64>,
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let address = "Its address: 64 digits of 0-9 and a-f";
    let store = Route::post(
        "/v1/attachments",
        "Keep a file beside the log, and record that it is kept",
        store,
    );
    let audit = Route::post(
        "/v1/attachment-audits",
        "Compare what the ledger says of attachments with what is kept; an operator may have removed what should not be",
        audit,
    );
    vec![
        with_query::<Filed>(store)
            .takes(route::body(
                BYTES,
                "The file, at most 32 MiB. Sent twice without a key it is kept twice, under two addresses.",
            ))
            .headed("Idempotency-Key", "1 to 255 visible characters of the client's own choice. The same file, sent again with the same key within a day, is the same attachment; another one is refused.")
            .answers(201, json::<Stored>("It is kept under this address."))
            .answers(404, problem("What it is about is not there."))
            .answers(409, problem("The ledger says no. Nothing was kept.")),
        Route::get(
            "/v1/attachments/{attachment}",
            "A file, by its address",
            fetch,
        )
        .named("attachment", address)
        .answers(200, Answer::of(BYTES, "The file, whose hash was checked."))
        .answers(
            404,
            problem("It is not there, not for whoever asks, or erased."),
        ),
        Route::post(
            "/v1/attachments/{attachment}/erasure",
            "Erase a file for good, and record that and why",
            erase,
        )
        .named("attachment", address)
        .takes(json_body::<Erase>("Why, and who ordered it."))
        .answers(200, json::<Erased>("It is erased."))
        .answers(404, problem("What is named is not there."))
        .answers(409, problem("The ledger says no.")),
        begins_a_job(with_query::<Audit>(audit)),
    ]
}

async fn store(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Problem> {
    let filed: Filed = query(&uri)?;
    is_media(&headers, BYTES)?;
    let id = command_id(&headers, &who.account)?;
    api.works.may_store(&filed, &who.account)?;
    let content = arrived(&api, &who.account, sent, BLOB_BYTES_MAX).await?;
    let stored = outliving(async move {
        let _turn = KEPT.next(&who.account).await?;
        api.works.store(content, &filed, id, &who.account).await
    });
    Ok((StatusCode::CREATED, Json(stored.await?)).into_response())
}

async fn fetch(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    method: Method,
    Named(attachment): Named<String>,
) -> Result<Response, Problem> {
    let attachment = address(&attachment)?;
    let bytes = api.works.may_fetch(&attachment, &who.account)?;
    if method == Method::HEAD {
        return Ok((as_file(&attachment.to_string()), Body::empty()).into_response());
    }
    let share = api.rates.handed_out.take(&who.account, bytes)?;
    let content = api.works.fetch(&attachment, &who.account).await?;
    let content = share.holding(content);
    Ok((as_file(&attachment.to_string()), content).into_response())
}

async fn erase(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    Named(attachment): Named<String>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Erased>, Problem> {
    let attachment = address(&attachment)?;
    let asked: Erase = body(&api, &who.account, &headers, sent).await?;
    let erased = outliving(async move { api.works.erase(&attachment, &asked, &who.account).await });
    let position = erased.await?;
    Ok(Json(Erased { position }))
}

async fn audit(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = job_id(&headers, &who.account)?;
    let asked: Audit = query(&uri)?;
    Ok(begun(api.works.begin_audit(id, asked, &who.account)?))
}

fn address(text: &str) -> Result<Sha256Hex, Trouble> {
    text.parse().map_err(|_| Trouble::NotFound {
        parameter: "attachment".into(),
        sentence: "expected the address of an attachment: 64 digits of 0-9 and a-f".to_owned(),
    })
}
