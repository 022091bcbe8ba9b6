//! `Works`: what takes more than an answer. A work whose caller goes away goes on, and its files are kept for a day.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use socai_domain::id::{AccountId, Sha256Hex};
use socai_operations::jobs::{Standing, State};
use socai_operations::trouble::Trouble;
use socai_proto::v1::store_attachment_request::Part;
use socai_proto::v1::work::Which;
use socai_proto::v1::{
    EraseAttachmentAnswer, EraseAttachmentRequest, EvidenceRequest, FetchAttachmentRequest, Made,
    Piece, ReceiptAnswer, ReceiptRequest, ReviewRequest, StoreAttachmentAnswer,
    StoreAttachmentRequest, Work, works_server,
};
use socai_store::blob::BLOB_BYTES_MAX;
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};
use uuid::Uuid;

use crate::gate::Caller;
use crate::{read, status};

/// Bytes of a piece that is handed out.
const PIECE_BYTES: usize = 256 * 1024;

/// Pieces that wait for a client, at most.
const PIECES_AHEAD: usize = 4;

/// How often is looked how far a work has come.
const LOOK: Duration = Duration::from_millis(200);

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
        self.watched(begun, who)
    }

    type EvidenceStream = Streamed<Work>;

    async fn evidence(
        &self,
        request: Request<EvidenceRequest>,
    ) -> Result<Response<Self::EvidenceStream>, Status> {
        let who = account(&request)?;
        let asked = read::from("EvidenceRequest", request.get_ref(), &[])?;
        let begun = self.works.begin_evidence(Uuid::now_v7(), asked, &who);
        self.watched(begun, who)
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
        let filed = read::from("Filed", &filed, &[])?;
        self.works.may_store(&filed, &who).map_err(told)?;
        let place = TAKEN_IN.acquire().await.expect("nobody closes it");
        let content = whole(parts).await?;
        let works = Arc::clone(&self.works);
        let stored = outliving(async move {
            let _place = place;
            works.store(content, &filed, &who).await
        });
        let stored = stored.await.map_err(told)?;
        let (attachment, position) = (stored.attachment, stored.position);
        Ok(Response::new(StoreAttachmentAnswer {
            attachment,
            position,
        }))
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
}

impl Works {
    fn watched(
        &self,
        begun: Result<Standing, Trouble>,
        who: AccountId,
    ) -> Result<Response<Streamed<Work>>, Status> {
        let standing = begun.map_err(told)?;
        let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
        let works = Arc::clone(&self.works);
        tokio::spawn(async move {
            if let Err(status) = watch(&works, standing, &who, &sender).await {
                // Nobody is there to be told where the caller has gone away.
                let _ = sender.send(Err(status)).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// Tells how a job stands whenever that has changed, and hands out what it made.
async fn watch(
    works: &socai_operations::works::Works,
    mut standing: Standing,
    who: &AccountId,
    to: &Sender<Result<Work, Status>>,
) -> Result<(), Status> {
    let whose = works.whose(who).map_err(told)?;
    let mut looks = tokio::time::interval(LOOK);
    loop {
        tell(to, Which::Standing(shown(&standing))).await?;
        match standing.state {
            State::Waiting | State::Running => {}
            State::Done => break,
            State::Failed | State::Cancelled => {
                let why = standing
                    .problem
                    .unwrap_or_else(|| "it was cancelled".to_owned());
                return Err(status::with(Code::Aborted, "answer.unavailable", why));
            }
        }
        let before = standing.clone();
        while standing == before {
            looks.tick().await;
            standing = works.jobs.get(before.id, &whose).map_err(told)?;
        }
    }
    for made in &standing.files {
        let (path, made) = works
            .jobs
            .file(standing.id, made.name, &whose)
            .map_err(told)?;
        let (name, bytes, sha256) = (made.name.to_owned(), made.bytes, made.sha256);
        tell(
            to,
            Which::File(Made {
                name,
                bytes,
                sha256,
            }),
        )
        .await?;
        hand_out(&path, to)
            .await
            .map_err(|error| told(Trouble::Unavailable(error.to_string())))?;
    }
    Ok(())
}

async fn hand_out(
    path: &std::path::Path,
    to: &Sender<Result<Work, Status>>,
) -> std::io::Result<()> {
    let mut file = tokio::fs::File::open(path).await?;
    loop {
        let mut piece = BytesMut::with_capacity(PIECE_BYTES);
        if file.read_buf(&mut piece).await? == 0
            || tell(to, Which::Piece(piece.freeze())).await.is_err()
        {
            return Ok(());
        }
    }
}

async fn tell(to: &Sender<Result<Work, Status>>, which: Which) -> Result<(), Status> {
    let sent = to.send(Ok(Work { which: Some(which) })).await;
    sent.map_err(|_| Status::cancelled("the caller went away"))
}

fn shown(standing: &Standing) -> socai_proto::v1::Standing {
    let state = match standing.state {
        State::Waiting => "waiting",
        State::Running => "running",
        State::Done => "done",
        State::Failed => "failed",
        State::Cancelled => "cancelled",
    };
    socai_proto::v1::Standing {
        id: standing.id.to_string(),
        state: state.to_owned(),
        step: standing.step.to_owned(),
        done: standing.done,
        of: standing.of,
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
            return Err(status::with(
                Code::ResourceExhausted,
                "request.too_large",
                sentence,
            ));
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

fn told(trouble: Trouble) -> Status {
    status::of(&trouble)
}

/// What comes of `work`, which goes on where whoever waits for it goes away.
async fn outliving<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()))
}
