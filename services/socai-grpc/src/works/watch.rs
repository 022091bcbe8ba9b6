//! How a work stands, told until it has ended, and then its files in pieces.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use socai_domain::id::AccountId;
use socai_operations::jobs::{Standing, State};
use socai_operations::trouble::Trouble;
use socai_operations::works::Works;
use socai_proto::v1::work::Which;
use socai_proto::v1::{Made, Work};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Response, Status};

use super::{PIECE_BYTES, PIECES_AHEAD, Streamed, told};
use crate::{read, status};

/// How often is looked how far a work has come.
const LOOK: Duration = Duration::from_millis(200);

/// What of a work is told to `who`.
pub(super) fn watched(
    works: &Arc<Works>,
    begun: Result<Standing, Trouble>,
    who: AccountId,
) -> Result<Response<Streamed<Work>>, Status> {
    let standing = begun.map_err(told)?;
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let works = Arc::clone(works);
    tokio::spawn(async move {
        if let Err(status) = watch(&works, standing, &who, &sender).await {
            // Nobody is there to be told where the caller has gone away.
            let _ = sender.send(Err(status)).await;
        }
    });
    Ok(Response::new(ReceiverStream::new(receiver)))
}

/// Tells how a job stands whenever that has changed, and hands out what it made.
async fn watch(
    works: &Works,
    mut standing: Standing,
    who: &AccountId,
    to: &Sender<Result<Work, Status>>,
) -> Result<(), Status> {
    let whose = works.whose(who).map_err(told)?;
    let mut looks = tokio::time::interval(LOOK);
    loop {
        tell(to, Which::Standing(shown(&standing)?)).await?;
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
        let file = works.job_file(standing.id, made.name, who);
        let (path, made) = file.map_err(told)?;
        let (name, bytes, sha256) = (made.name.to_owned(), made.bytes, made.sha256);
        let made = Made {
            name,
            bytes,
            sha256,
        };
        tell(to, Which::File(made)).await?;
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

/// How a job stands, as a message.
pub(super) fn shown(standing: &Standing) -> Result<socai_proto::v1::Standing, Status> {
    read::answer("Standing", standing)
}
