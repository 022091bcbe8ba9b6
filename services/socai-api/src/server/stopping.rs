//! The end of the process, for whatever would go on for ever: updates that are listened to, bodies that do not arrive.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::sync::watch;

/// Whether the process was asked to stop: what would go on for ever ends by it.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(pub(super) watch::Receiver<bool>);

/// The process was asked to stop while a body arrived.
#[derive(Debug, thiserror::Error)]
#[error("the process stops: send it again")]
pub(crate) struct Stops;

impl Stopping {
    /// Waits until it was, or the server is gone.
    pub(crate) async fn asked(&mut self) {
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }

    /// `body`, of which nothing more is waited for once the process was asked to stop.
    pub(super) fn cuts(mut self, body: Incoming) -> Body {
        if body.is_end_stream() {
            return Body::new(body);
        }
        let stopped: Stopped = Box::pin(async move { self.asked().await });
        let stopped = Some(stopped);
        Body::new(Cut { body, stopped })
    }
}

type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Cut {
    body: Incoming,
    /// None once it was.
    stopped: Option<Stopped>,
}

impl Cut {
    fn is_stopped(&mut self, context: &mut Context<'_>) -> bool {
        let stopped = self.stopped.as_mut();
        if stopped.is_some_and(|stopped| stopped.as_mut().poll(context).is_ready()) {
            self.stopped = None;
        }
        self.stopped.is_none()
    }
}

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => Poll::Ready(frame.map(|frame| frame.map_err(Into::into))),
            // An error and no end: nobody takes the part for the whole.
            Poll::Pending if self.is_stopped(context) => Poll::Ready(Some(Err(Stops.into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
