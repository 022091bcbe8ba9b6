//! `Works`: what takes more than an answer. A work whose caller goes away goes on, and its files are kept for a day.

mod verify;
mod watch;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use socai_domain::id::{AccountId, Sha256Hex};
use socai_operations::recording::{self, outliving};
use socai_operations::trouble::Trouble;
use socai_proto::v1::store_attachment_request::Part;
use socai_proto::v1::{
    AuditAttachmentsRequest, CancelJobAnswer, CancelJobRequest, EraseAttachmentAnswer,
    EraseAttachmentRequest, EvidenceRequest, FetchAttachmentRequest, JobRequest, JobsAnswer,
    JobsRequest, Piece, ReceiptAnswer, ReceiptRequest, ReviewRequest, Standing,
    StoreAttachmentAnswer, StoreAttachmentRequest, SweepAnswer, SweepRequest, VerifyBundleAnswer,
    VerifyBundleRequest, VerifyLedgerRequest, VerifyReceiptAnswer, VerifyReceiptRequest,
    WatchJobRequest, Work, works_server,
};
use socai_store::blob::BLOB_BYTES_MAX;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};
use uuid::Uuid;

use crate::gate::Caller;
use crate::{read, status};
use watch::{shown, watched};

/// Bytes of a piece that is handed out.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces that wait for a client, at most.
const PIECES_AHEAD: usize = 4;

/// Files that are taken in at once: each is a piece of memory until it is kept.
static TAKEN_IN: Semaphore = Semaphore::const_new(8);

type Streamed<T> = ReceiverStream<Result<T, Status>>;

/// The service.
pub(crate) struct Works {
    pub(crate) works: Arc<socai_operations::works::Works>,
}

#[tonic::async_trait]
impl works_server::Works for Works {
    type ReviewStream = Streamed<Work>;

    async fn review(
        &self,
        request: Request<ReviewRequest>,
    ) -> Result<Response<Self::ReviewStream>, Status> {
        let who = account(&request)?;
        let asked = read::from("ReviewRequest", request.get_ref(), &[])?;
        let begun = self.works.begin_review(Uuid::now_v7(), asked, &who);
        watched(&self.works, begun, who)
    }

    type EvidenceStream = Streamed<Work>;

    async fn evidence(
        &self,
        request: Request<EvidenceRequest>,
    ) -> Result<Response<Self::EvidenceStream>, Status> {
        let who = account(&request)?;
        let asked = read::from("EvidenceRequest", request.get_ref(), &[])?;
        let begun = self.works.begin_evidence(Uuid::now_v7(), asked, &who);
        watched(&self.works, begun, who)
    }

    async fn store_attachment(
        &self,
        request: Request<Streaming<StoreAttachmentRequest>>,
    ) -> Result<Response<StoreAttachmentAnswer>, Status> {
        let who = account(&request)?;
        let mut parts = request.into_inner();
        let Some(Part::Filed(filed)) = parts.message().await?.and_then(|first| first.part) else {
            return Err(status::parameter("filed", "has to come first"));
        };
        let id = filed.id.as_deref().map(|id| command_id(&who, id));
        let id = id.transpose()?;
        let filed = read::from("Filed", &filed, &["id"])?;
        self.works.may_store(&filed, &who).map_err(told)?;
        let place = TAKEN_IN.acquire().await.expect("nobody closes it");
        let content = whole(parts).await?;
        let works = Arc::clone(&self.works);
        let stored = outliving(async move {
            let _place = place;
            works.store(content, &filed, id, &who).await
        });
        let stored = stored.await.map_err(told)?;
        let (attachment, position) = (stored.attachment, stored.position);
        Ok(Response::new(StoreAttachmentAnswer {
            attachment,
            position,
        }))
    }

    async fn sweep(&self, request: Request<SweepRequest>) -> Result<Response<SweepAnswer>, Status> {
        let who = account(&request)?;
        let asked = read::from("SweepRequest", request.get_ref(), &[])?;
        let works = Arc::clone(&self.works);
        let swept = outliving(async move { works.sweep(asked, &who).await });
        let swept = swept.await.map_err(told)?;
        Ok(Response::new(read::answer("SweepAnswer", &swept)?))
    }

    type FetchAttachmentStream = Streamed<Piece>;

    async fn fetch_attachment(
        &self,
        request: Request<FetchAttachmentRequest>,
    ) -> Result<Response<Self::FetchAttachmentStream>, Status> {
        let who = account(&request)?;
        let attachment = address(&request.get_ref().attachment)?;
        let mut content = self.works.fetch(&attachment, &who).await.map_err(told)?;
        let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
        tokio::spawn(async move {
            while !content.is_empty() {
                let piece = content.split_to(PIECE_BYTES.min(content.len()));
                if sender.send(Ok(Piece { piece })).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn erase_attachment(
        &self,
        request: Request<EraseAttachmentRequest>,
    ) -> Result<Response<EraseAttachmentAnswer>, Status> {
        let who = account(&request)?;
        let attachment = address(&request.get_ref().attachment)?;
        let asked = read::from("EraseAttachmentRequest", request.get_ref(), &["attachment"])?;
        let works = Arc::clone(&self.works);
        let erased = outliving(async move { works.erase(&attachment, &asked, &who).await });
        let position = erased.await.map_err(told)?;
        Ok(Response::new(EraseAttachmentAnswer { position }))
    }

    async fn receipt(
        &self,
        request: Request<ReceiptRequest>,
    ) -> Result<Response<ReceiptAnswer>, Status> {
        let who = account(&request)?;
        let receipt = self.works.receipt(request.get_ref().position, &who).await;
        let receipt = receipt.map_err(told)?;
        Ok(Response::new(ReceiptAnswer { receipt }))
    }

    async fn verify_bundle(
        &self,
        request: Request<Streaming<VerifyBundleRequest>>,
    ) -> Result<Response<VerifyBundleAnswer>, Status> {
        self.works.may_verify(&account(&request)?).map_err(told)?;
        let found = verify::bundle(request.into_inner()).await?;
        Ok(Response::new(found))
    }

    async fn verify_receipt(
        &self,
        request: Request<VerifyReceiptRequest>,
    ) -> Result<Response<VerifyReceiptAnswer>, Status> {
        self.works.may_verify(&account(&request)?).map_err(told)?;
        Ok(Response::new(verify::receipt(request.get_ref())?))
    }

    type VerifyLedgerStream = Streamed<Work>;

    async fn verify_ledger(
        &self,
        request: Request<VerifyLedgerRequest>,
    ) -> Result<Response<Self::VerifyLedgerStream>, Status> {
        let who = account(&request)?;
        let asked = read::from("VerifyLedgerRequest", request.get_ref(), &[])?;
        let begun = self.works.begin_verification(Uuid::now_v7(), &asked, &who);
        watched(&self.works, begun, who)
    }

    type AuditAttachmentsStream = Streamed<Work>;

    async fn audit_attachments(
        &self,
        request: Request<AuditAttachmentsRequest>,
    ) -> Result<Response<Self::AuditAttachmentsStream>, Status> {
        let who = account(&request)?;
        let asked = read::from("AuditAttachmentsRequest", request.get_ref(), &[])?;
        let begun = self.works.begin_audit(Uuid::now_v7(), asked, &who);
        watched(&self.works, begun, who)
    }

    async fn jobs(&self, request: Request<JobsRequest>) -> Result<Response<JobsAnswer>, Status> {
        let whose = self.works.whose(&account(&request)?).map_err(told)?;
        let known = self.works.jobs.list(&whose);
        let jobs = known.iter().map(shown).collect::<Result<_, _>>()?;
        Ok(Response::new(JobsAnswer { jobs }))
    }

    async fn job(&self, request: Request<JobRequest>) -> Result<Response<Standing>, Status> {
        let whose = self.works.whose(&account(&request)?).map_err(told)?;
        let standing = self.works.jobs.get(id(&request.get_ref().id)?, &whose);
        Ok(Response::new(shown(&standing.map_err(told)?)?))
    }

    type WatchJobStream = Streamed<Work>;

    async fn watch_job(
        &self,
        request: Request<WatchJobRequest>,
    ) -> Result<Response<Self::WatchJobStream>, Status> {
        let who = account(&request)?;
        let whose = self.works.whose(&who).map_err(told)?;
        let standing = self.works.jobs.get(id(&request.get_ref().id)?, &whose);
        watched(&self.works, standing, who)
    }

    async fn cancel_job(
        &self,
        request: Request<CancelJobRequest>,
    ) -> Result<Response<CancelJobAnswer>, Status> {
        let whose = self.works.whose(&account(&request)?).map_err(told)?;
        let id = id(&request.get_ref().id)?;
        self.works.jobs.cancel(id, &whose).map_err(told)?;
        Ok(Response::new(CancelJobAnswer {}))
    }
}

/// The bytes of a file that comes in pieces.
async fn whole(mut parts: Streaming<StoreAttachmentRequest>) -> Result<Bytes, Status> {
    let mut content = BytesMut::new();
    while let Some(part) = parts.message().await? {
        let Some(Part::Piece(piece)) = part.part else {
            return Err(status::parameter(
                "piece",
                "only pieces follow what is said of the file",
            ));
        };
        if content.len() + piece.len() > BLOB_BYTES_MAX {
            let sentence = format!("a file has at most {BLOB_BYTES_MAX} bytes");
            return Err(too_large(sentence));
        }
        content.extend_from_slice(&piece);
    }
    Ok(content.freeze())
}

fn account<T>(request: &Request<T>) -> Result<AccountId, Status> {
    Ok(Caller::of(request.extensions())?.who()?.account)
}

fn address(text: &str) -> Result<Sha256Hex, Status> {
    let read = text.parse();
    read.map_err(|_| status::parameter("attachment", "expected 64 digits of 0-9 and a-f"))
}

fn id(text: &str) -> Result<Uuid, Status> {
    let read = text.parse();
    read.map_err(|_| status::parameter("id", "expected the id of a job"))
}

fn command_id(who: &AccountId, text: &str) -> Result<Uuid, Status> {
    let read = text.parse::<Uuid>();
    let id = read.map_err(|_| status::parameter("id", "expected a UUID"))?;
    Ok(recording::command_id(who, &id.to_string()))
}

fn too_large(sentence: String) -> Status {
    status::with(Code::ResourceExhausted, "request.too_large", sentence)
}

fn told(trouble: Trouble) -> Status {
    status::of(&trouble)
}
