//! What is under way on a connection: requests until their answers are handed over, and writes that wait to be taken.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::timeout;

/// What is under way on a connection. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct UnderWay(Arc<watch::Sender<usize>>);

/// Something that is under way until this is dropped.
pub(crate) struct Begun(UnderWay);

impl UnderWay {
    /// Something begins.
    pub(crate) fn begin(&self) -> Begun {
        self.0.send_modify(|count| *count += 1);
        Begun(self.clone())
    }

    /// Waits until nothing was under way for so long.
    pub(crate) async fn idle_for(&self, time: Duration) {
        let mut seen = self.0.subscribe();
        loop {
            let _ = seen.wait_for(|count| *count == 0).await;
            if timeout(time, seen.changed()).await.is_err() {
                return;
            }
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

impl Begun {
    /// `body`, which is under way until all of it is handed over, or none is wanted any more.
    pub(crate) fn until_handed_over(self, body: Body) -> Body {
        Body::new(Held { body, _begun: self })
    }
}

struct Held {
    body: Body,
    _begun: Begun,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
