//! Judging a bundle, two of them, or a receipt that somebody was handed. The ledger is not asked.

use std::path::Path;
use std::sync::Arc;

use socai_domain::id::AccountId;
use socai_operations::works::verify::{self, Untaken, Upload, Which};
use socai_proto::v1::verify_bundle_request::{By, Part};
use socai_proto::v1::{
    VerifyBundleAnswer, VerifyBundleRequest, VerifyReceiptAnswer, VerifyReceiptRequest,
};
use socai_tlog::Policy;
use tonic::{Status, Streaming};

use super::{told, too_large};
use crate::{read, status};

/// Hours before its recording that something may have taken effect, unmarked, where none are said.
const TOLERANCE_HOURS: u32 = verify::TOLERANCE_HOURS;

/// What is found of a bundle that comes in pieces, or of two.
pub(super) async fn bundle(
    (folder, who): (Arc<Path>, &AccountId),
    mut parts: Streaming<VerifyBundleRequest>,
) -> Result<VerifyBundleAnswer, Status> {
    let Some(Part::By(by)) = parts.message().await?.and_then(|first| first.part) else {
        return Err(status::parameter("by", "has to come first"));
    };
    let By {
        policy,
        tolerance_hours,
    } = by;
    let policy = believed(policy.as_deref())?;
    let bundle = Upload::begin(folder, who).await.map_err(untaken)?;
    let bundle = arrived(bundle, parts).await?;
    let judged = bundle.judge(policy, tolerance_hours.unwrap_or(TOLERANCE_HOURS));
    read::answer("VerifyBundleAnswer", &judged.await.map_err(told)?)
}

async fn arrived(
    mut bundle: Upload,
    mut parts: Streaming<VerifyBundleRequest>,
) -> Result<Upload, Status> {
    while let Some(part) = parts.message().await? {
        let (which, piece) = match part.part {
            Some(Part::Piece(piece)) => (Which::First, piece),
            Some(Part::OtherPiece(piece)) => (Which::Second, piece),
            Some(Part::By(_)) | None => {
                return Err(status::parameter("piece", "only pieces follow `by`"));
            }
        };
        bundle.take(which, &piece).await.map_err(untaken)?;
    }
    Ok(bundle)
}

fn untaken(untaken: Untaken) -> Status {
    match untaken {
        Untaken::TooLarge => too_large(untaken.to_string()),
        Untaken::NoPlace(none) => status::no_share(none),
        Untaken::Trouble(trouble) => told(trouble),
    }
}

/// What is found of a receipt.
pub(super) fn receipt(asked: &VerifyReceiptRequest) -> Result<VerifyReceiptAnswer, Status> {
    let policy = believed(asked.policy.as_deref())?;
    let judged = verify::judge_receipt(asked.receipt.as_bytes(), &asked.record, policy.as_ref());
    read::answer("VerifyReceiptAnswer", &judged)
}

fn believed(policy: Option<&str>) -> Result<Option<Policy>, Status> {
    let policy = policy.map(Policy::parse).transpose();
    policy.map_err(|error| status::parameter("policy", error))
}
