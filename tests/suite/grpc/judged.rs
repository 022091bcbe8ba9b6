//! What is handed out and handed back to be judged, and jobs: by a client in this process, which has the types.

use socai_operations::works::verify;
use socai_proto::v1::evidence_request::Of;
use socai_proto::v1::verify_bundle_request::{By, Part};
use socai_proto::v1::work::Which;
use socai_proto::v1::{
    AuditAttachmentsRequest, CancelJobRequest, EvidenceRequest, JobRequest, JobsRequest,
    ReceiptRequest, VerifyBundleAnswer, VerifyBundleRequest, VerifyReceiptRequest, WatchJobRequest,
    Work,
};
use tonic::{Code, Status, Streaming};

use super::stage::{Stage, by};

fn piece(bytes: &[u8]) -> VerifyBundleRequest {
    let part = Some(Part::Piece(bytes.to_vec().into()));
    VerifyBundleRequest { part }
}

fn judged_by(policy: Option<&str>) -> VerifyBundleRequest {
    let part = Some(Part::By(By {
        policy: policy.map(String::from),
        tolerance_hours: None,
    }));
    VerifyBundleRequest { part }
}

async fn judge(
    stage: &Stage,
    account: &str,
    parts: Vec<VerifyBundleRequest>,
) -> Result<VerifyBundleAnswer, Status> {
    let parts = by(account, tokio_stream::iter(parts));
    let judged = stage.works_client().await.verify_bundle(parts).await;
    judged.map(tonic::Response::into_inner)
}

async fn all(mut told: Streaming<Work>) -> Vec<Which> {
    let mut all = Vec::new();
    while let Some(work) = told.message().await.unwrap() {
        all.push(work.which.unwrap());
    }
    all
}

/// What was handed out of the file called `name`.
fn file(told: &[Which], name: &str) -> Vec<u8> {
    let (mut is_it, mut bytes) = (false, Vec::new());
    for one in told {
        match one {
            Which::Standing(_) => {}
            Which::File(made) => is_it = made.name == name,
            Which::Piece(piece) if is_it => bytes.extend_from_slice(piece),
            Which::Piece(_) => {}
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_that_was_handed_out_is_judged_when_it_is_handed_back() {
    let stage = Stage::new().await;
    let before = stage.head().await;
    let asked = EvidenceRequest {
        of: Some(Of::Unit("a".to_owned())),
        from: Some("2024-01-01".to_owned()),
        to: Some("2024-12-31".to_owned()),
        wait: Some(20),
        ..Default::default()
    };
    let mut client = stage.works_client().await;
    let told = client.evidence(by("committee", asked)).await.unwrap();
    stage.seal_once_there_are(before + 2).await;
    let zip = file(&all(told.into_inner()).await, "evidence.zip");
    let pieces = zip.chunks(10_000).map(piece);
    let parts = std::iter::once(judged_by(None)).chain(pieces).collect();
    let judged = judge(&stage, "clerk-a", parts).await.unwrap();
    assert_eq!(judged.outcome, "incomplete", "no policy: {judged:?}");
    let about = judged.bundles[0].about.clone().unwrap();
    assert_eq!(about.of, ["unit", "a"]);
    assert!(!judged.bundles[0].records.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_bundle_is_said_to_be_none_and_too_much_is_not_taken() {
    let stage = Stage::new().await;
    let judged = judge(&stage, "clerk-a", vec![judged_by(None), piece(b"no zip")]).await;
    let judged = judged.unwrap();
    assert_eq!(judged.outcome, "invalid");
    assert_eq!(judged.bundles[0].findings[0].code, "bundle.archive");

    let part = piece(&[0; 1_000_000]);
    let pieces = vec![part; verify::UPLOAD_BYTES_MAX / 1_000_000 + 1];
    let parts = std::iter::once(judged_by(None)).chain(pieces).collect();
    let refused = judge(&stage, "clerk-a", parts).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");

    for (parts, place) in [
        (vec![piece(b"no zip")], "by"),
        (vec![judged_by(None), judged_by(None)], "piece"),
        (vec![judged_by(Some("nobody knows"))], "policy"),
    ] {
        let refused = judge(&stage, "clerk-a", parts).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
        assert_eq!(refused.metadata().get("socai-where").unwrap(), place);
    }
    let refused = judge(&stage, "chief", vec![judged_by(None)]).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_proves_its_record_and_no_other() {
    let stage = Stage::new().await;
    stage.seal_once_there_are(3).await;
    let mut client = stage.works_client().await;
    let receipt = client.receipt(by("clerk-a", ReceiptRequest { position: 3 }));
    let receipt = receipt.await.unwrap().into_inner().receipt;
    for (position, outcome) in [(3, "incomplete"), (2, "invalid")] {
        let asked = VerifyReceiptRequest {
            receipt: receipt.clone(),
            record: stage.bytes_at(position).await,
            policy: None,
        };
        let judged = client.verify_receipt(by("clerk-a", asked)).await;
        let judged = judged.unwrap().into_inner();
        assert_eq!(judged.outcome, outcome, "{judged:?}");
        assert_eq!(judged.position, Some(3));
        assert!(judged.problem.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_is_a_job_that_its_owner_finds_again_and_nobody_else() {
    let stage = Stage::new().await;
    let mut client = stage.works_client().await;
    let asked = AuditAttachmentsRequest { mend: false };
    let foreign = client.audit_attachments(by("clerk-a", asked)).await;
    assert_eq!(foreign.unwrap_err().code(), Code::PermissionDenied);
    let told = client.audit_attachments(by("committee", asked)).await;
    let told = all(told.unwrap().into_inner()).await;
    let Some(Which::Standing(begun)) = told.first().cloned() else {
        panic!("{told:?}")
    };
    assert_eq!(file(&told, "audit.json"), b"[]", "no attachment is missing");

    let id = begun.id.clone();
    let jobs = client.jobs(by("committee", JobsRequest {})).await.unwrap();
    let [job] = &jobs.into_inner().jobs[..] else {
        panic!("one job was begun")
    };
    assert_eq!(
        (&job.id, &*job.work, &*job.state),
        (&id, "attachment-audit", "done")
    );
    assert_eq!(job.files[0].name, "audit.json");
    let again = client.watch_job(by("committee", WatchJobRequest { id: id.clone() }));
    let again = all(again.await.unwrap().into_inner()).await;
    assert_eq!(file(&again, "audit.json"), b"[]");
    let ended = client.cancel_job(by("committee", CancelJobRequest { id: id.clone() }));
    ended.await.unwrap();

    let jobs = client.jobs(by("clerk-a", JobsRequest {})).await.unwrap();
    assert!(jobs.into_inner().jobs.is_empty());
    for (account, id, code) in [
        ("committee", &*id, None),
        ("clerk-a", &*id, Some(Code::NotFound)),
        ("committee", "x", Some(Code::InvalidArgument)),
    ] {
        let id = id.to_owned();
        let job = client.job(by(account, JobRequest { id: id.clone() })).await;
        assert_eq!(
            job.err().map(|status| status.code()),
            code,
            "{account} {id}"
        );
        let watched = client.watch_job(by(account, WatchJobRequest { id: id.clone() }));
        assert_eq!(watched.await.err().map(|status| status.code()), code);
        let ended = client.cancel_job(by(account, CancelJobRequest { id }));
        assert_eq!(ended.await.err().map(|status| status.code()), code);
    }
}
