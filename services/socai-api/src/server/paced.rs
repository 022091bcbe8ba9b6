//! Long answers, piece by piece: whoever does not take the next piece in time gets no more, and the memory is free.
//!
//! A client of HTTP/2 may let an answer wait while its connection is well; there nobody else looks. Answers that are
//! made as they are taken are left as they are.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

/// Bytes that are handed over at once, and that have to be taken in the time.
const PIECE_BYTES: usize = 16 * 1024;

/// An answer of which the next piece was not taken in time.
#[derive(Debug, thiserror::Error)]
#[error("the answer was not taken in time")]
struct NotTaken;

/// `body` in pieces where it is long, each taken `within` this time.
pub(super) fn paced(body: Body, within: Duration) -> Body {
    match body.size_hint().exact() {
        Some(left) if left > PIECE_BYTES as u64 => {
            let (to, pieces) = mpsc::channel(1);
            tokio::spawn(hand_over(body, to, within));
            Body::new(Paced { pieces, left })
        }
        Some(_) | None => body,
    }
}

async fn hand_over(mut body: Body, to: Sender<Bytes>, within: Duration) {
    while let Some(Ok(frame)) = body.frame().await {
        let mut data = frame.into_data().unwrap_or_default();
        while !data.is_empty() {
            let piece = data.split_to(PIECE_BYTES.min(data.len()));
            // A copy, since a part would keep all of it in memory.
            let piece = Bytes::copy_from_slice(&piece);
            let sent = timeout(within, to.send(piece)).await;
            if !matches!(sent, Ok(Ok(()))) {
                return;
            }
        }
    }
}

struct Paced {
    pieces: Receiver<Bytes>,
    left: u64,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        Poll::Ready(match ready!(self.pieces.poll_recv(context)) {
            Some(piece) => {
                self.left = self.left.saturating_sub(piece.len() as u64);
                Some(Ok(Frame::data(piece)))
            }
            None if self.left == 0 => None,
            None => Some(Err(NotTaken.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const LONG: usize = 10 * PIECE_BYTES + 1;

    /// Bytes of which can be said whether they are still there.
    struct Watched(Vec<u8>, #[allow(dead_code, reason = "it counts")] Arc<()>);

    impl AsRef<[u8]> for Watched {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    fn watched() -> (Body, Arc<()>) {
        let alive = Arc::new(());
        let bytes: Vec<u8> = (0..LONG).map(|at| at.to_le_bytes()[0]).collect();
        let body = Bytes::from_owner(Watched(bytes, alive.clone()));
        (body.into(), alive)
    }

    #[tokio::test]
    async fn whoever_takes_it_gets_all_of_it() {
        let (body, alive) = watched();
        let paced = paced(body, Duration::from_secs(60));
        assert_eq!(paced.size_hint().exact(), Some(LONG as u64));
        let whole = paced.collect().await.unwrap().to_bytes();
        let bytes: Vec<u8> = (0..LONG).map(|at| at.to_le_bytes()[0]).collect();
        assert_eq!(whole, bytes);
        drop(whole);
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    #[tokio::test]
    async fn of_an_answer_that_is_not_taken_nothing_stays_and_it_does_not_look_whole() {
        let (body, alive) = watched();
        let mut paced = paced(body, Duration::from_millis(20));
        let first = paced.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap().len(), PIECE_BYTES);
        let freed = async {
            while Arc::strong_count(&alive) > 1 {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(60), freed).await.unwrap();
        paced.collect().await.unwrap_err();
    }
}
