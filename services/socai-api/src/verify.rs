//! Judging a bundle or a receipt that somebody was handed. The ledger is not asked.
//!
//! A bundle is kept in a file until its turn comes, one at a time: unpacked it may have a gibibyte, which is where the
//! reader stops.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use http_body_util::BodyExt;
use schemars::JsonSchema;
use serde::Deserialize;
use socai_operations::trouble::Trouble;
use socai_operations::works::verify::{self, Bundles, Given, Receipt};
use socai_tlog::Policy;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::Api;
use crate::asked::{json_of, query, with_query};
use crate::commands::is_media;
use crate::problem::{Fault, Problem};
use crate::route::{Route, body, json, json_body};
use crate::who::Who;

const ZIP: &str = "application/zip";

/// Bytes of a bundle, at most.
const BUNDLE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of a receipt with its record and a policy, at most.
const RECEIPT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Bundles that are unpacked at once.
static TURNS: Semaphore = Semaphore::const_new(1);

/// How a bundle is judged.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Whose signatures to believe: a policy as C2SP tlog-policy describes it
    policy: Option<String>,
    /// How far before its recording something may have taken effect, unmarked
    tolerance_hours: Option<u32>,
}

/// A receipt, and what it is for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// The receipt
    receipt: String,
    /// The record that it is for, every byte of it
    record: String,
    /// Whose signatures to believe: a policy as C2SP tlog-policy describes it
    policy: Option<String>,
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let bundle = Route::post(
        "/v1/verify/bundle",
        "Whether an evidence bundle proves what it shows",
        bundle,
    );
    vec![
        with_query::<Asked>(bundle)
            .takes(body(ZIP, "The bundle, at most 64 MiB."))
            .answers(200, json::<Bundles>("What was found.")),
        Route::post(
            "/v1/verify/receipt",
            "Whether a receipt proves that the ledger had a record",
            receipt,
        )
        .takes(json_body::<Sent>("The receipt and its record."))
        .answers(200, json::<Receipt>("What was found.")),
    ]
}

async fn bundle(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Bundles>, Problem> {
    api.works.may_verify(&who.account)?;
    let asked: Asked = query(&uri)?;
    is_media(&headers, ZIP)?;
    let policy = asked.policy.as_deref().map(policy).transpose()?;
    let hours = asked
        .tolerance_hours
        .unwrap_or(socai_evidence::TOLERANCE_HOURS);
    let mut kept = kept(&api, sent).await?;
    let _turn = TURNS.acquire().await.expect("nobody closes it");
    let mut zip = Vec::new();
    kept.read_to_end(&mut zip).await.map_err(no_room)?;
    let given = vec![Given {
        name: "bundle".to_owned(),
        zip,
    }];
    let judging = move || verify::judge_bundles(given, policy.as_ref(), hours);
    let judged = tokio::task::spawn_blocking(judging).await;
    Ok(Json(judged.map_err(|_| {
        Fault::Broken.said("a fault of the program, told in its log")
    })?))
}

/// The body in a file without a name, to be read from its beginning.
async fn kept(api: &Api, mut body: Body) -> Result<File, Problem> {
    let too_large =
        || Fault::TooLarge.said(format!("a bundle has at most {BUNDLE_BYTES_MAX} bytes"));
    if body.size_hint().lower() > BUNDLE_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let file = tokio::task::spawn_blocking(tempfile::tempfile).await;
    let mut file = File::from_std(
        file.map_err(std::io::Error::other)
            .flatten()
            .map_err(no_room)?,
    );
    let (deadline, mut bytes) = (Instant::now() + api.settings.body(), 0);
    loop {
        let frame = timeout_at(deadline, body.frame()).await;
        let frame = frame.map_err(|_| Fault::TooSlow.said("the bundle did not arrive in time"))?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Fault::BadBody.said("the body broke off"))?;
        let data = frame.into_data().unwrap_or_default();
        bytes += data.len();
        if bytes > BUNDLE_BYTES_MAX {
            return Err(too_large());
        }
        file.write_all(&data).await.map_err(no_room)?;
    }
    file.rewind().await.map_err(no_room)?;
    Ok(file)
}

fn no_room(error: std::io::Error) -> Problem {
    Trouble::Unavailable(format!("the bundle cannot be kept: {error}")).into()
}

async fn receipt(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Receipt>, Problem> {
    api.works.may_verify(&who.account)?;
    let bytes = json_of(&api, &headers, sent, RECEIPT_BYTES_MAX).await?;
    let sent: Sent = serde_json::from_slice(&bytes)
        .map_err(|error| Fault::BadBody.said(error.to_string()).at("body"))?;
    let policy = sent.policy.as_deref().map(policy).transpose()?;
    let (receipt, record) = (sent.receipt.as_bytes(), sent.record.as_bytes());
    Ok(Json(verify::judge_receipt(
        receipt,
        record,
        policy.as_ref(),
    )))
}

fn policy(text: &str) -> Result<Policy, Problem> {
    Policy::parse(text).map_err(|error| Fault::BadParameter.said(error.to_string()).at("policy"))
}
