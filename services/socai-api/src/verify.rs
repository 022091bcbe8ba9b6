//! Judging a bundle, two of them, or a receipt that somebody was handed. The ledger is not asked.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use http_body_util::BodyExt;
use schemars::JsonSchema;
use serde::Deserialize;
use socai_domain::id::AccountId;
use socai_operations::works::verify::{
    self, Bundles, Receipt, UPLOAD_BYTES_MAX, Untaken, Upload, Which,
};
use socai_tlog::Policy;
use tokio::time::{Instant, timeout_at};

use crate::Api;
use crate::asked::{BYTES, json_of, query, with_query};
use crate::bodies::broke_off;
use crate::media::is_media;
use crate::problem::{Fault, Problem};
use crate::route::{Route, body, json, json_body};
use crate::who::Who;

const ZIP: &str = "application/zip";

/// Bytes of a receipt with its record and a policy, at most.
const RECEIPT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How a bundle is judged.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Whose signatures to believe: a policy as C2SP tlog-policy describes it
    policy: Option<String>,
    /// How far before its recording something may have taken effect, unmarked
    tolerance_hours: Option<u32>,
}

/// How two bundles are judged and compared.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AskedOfTwo {
    /// How many bytes of the body are the first bundle; the second follows it
    first_bytes: u64,
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
    let bundles = Route::post(
        "/v1/verify/bundles",
        "Whether two evidence bundles prove what they show, and show one history",
        bundles,
    );
    vec![
        with_query::<Asked>(bundle)
            .takes(body(ZIP, "The bundle, at most 64 MiB."))
            .answers(200, json::<Bundles>("What was found.")),
        with_query::<AskedOfTwo>(bundles)
            .takes(body(
                BYTES,
                "The two bundles, one after the other, each of at most 64 MiB.",
            ))
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
    let (policy, hours) = believed(asked.policy, asked.tolerance_hours)?;
    let bundle = arrived(&api, &who.account, sent, u64::MAX).await?;
    Ok(Json(bundle.judge(policy, hours).await?))
}

async fn bundles(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    uri: Uri,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Bundles>, Problem> {
    api.works.may_verify(&who.account)?;
    let asked: AskedOfTwo = query(&uri)?;
    is_media(&headers, BYTES)?;
    let (policy, hours) = believed(asked.policy, asked.tolerance_hours)?;
    let bundles = arrived(&api, &who.account, sent, asked.first_bytes).await?;
    if !bundles.has_two() {
        let told = "the body has no more bytes than this: expected a second bundle after the first";
        return Err(Fault::BadParameter.said(told).at("first_bytes"));
    }
    Ok(Json(bundles.judge(policy, hours).await?))
}

/// Whom to believe, and how far.
fn believed(said: Option<String>, hours: Option<u32>) -> Result<(Option<Policy>, u32), Problem> {
    let policy = said.as_deref().map(policy).transpose()?;
    Ok((policy, hours.unwrap_or(verify::TOLERANCE_HOURS)))
}

/// The body, kept: so many bytes are the first bundle, and the rest the second.
async fn arrived(
    api: &Api,
    who: &AccountId,
    mut body: Body,
    first_bytes: u64,
) -> Result<Upload, Problem> {
    let mut left = usize::try_from(first_bytes).unwrap_or(usize::MAX);
    let most = UPLOAD_BYTES_MAX as u64 + first_bytes.min(UPLOAD_BYTES_MAX as u64);
    if body.size_hint().lower() > most {
        return Err(untaken(Untaken::TooLarge));
    }
    let upload = Upload::begin(api.works.jobs.folder(), who).await;
    let mut upload = upload.map_err(untaken)?;
    let deadline = Instant::now() + api.settings.body();
    loop {
        let frame = timeout_at(deadline, body.frame()).await;
        let frame = frame.map_err(|_| Fault::TooSlow.said("the bundle did not arrive in time"))?;
        let Some(frame) = frame else {
            return Ok(upload);
        };
        let frame = frame.map_err(|error| broke_off(&error))?;
        let data = frame.into_data().unwrap_or_default();
        let (first, second) = data.split_at(left.min(data.len()));
        left -= first.len();
        upload.take(Which::First, first).await.map_err(untaken)?;
        if !second.is_empty() {
            upload.take(Which::Second, second).await.map_err(untaken)?;
        }
    }
}

fn untaken(untaken: Untaken) -> Problem {
    match untaken {
        Untaken::TooLarge => Fault::TooLarge.said(untaken.to_string()),
        Untaken::NoPlace(none) => none.into(),
        Untaken::Trouble(trouble) => trouble.into(),
    }
}

async fn receipt(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    headers: HeaderMap,
    sent: Body,
) -> Result<Json<Receipt>, Problem> {
    api.works.may_verify(&who.account)?;
    let bytes = json_of(&api, &who.account, &headers, sent, RECEIPT_BYTES_MAX).await?;
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
