//! An answer that came before the body was taken ends its connection, and says so: what is still on the way would be
//! taken for the next request, and a client that is not told would send that one in vain.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Version};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

/// Answers, and ends the connection where the body was not taken to its end. Over HTTP/2 a request ends by itself.
pub(crate) async fn told(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || request.version() >= Version::HTTP_2 {
        return next.run(request).await;
    }
    let taken = Arc::new(AtomicBool::new(false));
    let watched = |body: Body| {
        let taken = taken.clone();
        Body::new(Watched { body, taken })
    };
    let mut answer = next.run(request.map(watched)).await;
    if !taken.load(Ordering::Relaxed) {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
    }
    answer
}

/// A body that notes when it was taken to its end.
struct Watched {
    body: Body,
    taken: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.taken.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn whole(body: Body) -> String {
        let bytes = body.collect().await.unwrap().to_bytes();
        format!("{} bytes", bytes.len())
    }

    #[tokio::test]
    async fn whoever_is_answered_early_is_told_that_the_connection_ends() {
        let router = Router::new()
            .route("/whole", post(whole))
            .route("/early", post(async || "no"))
            .layer(from_fn(told));
        for (path, body, closes) in [
            ("/whole", "some", false),
            ("/whole", "", false),
            ("/early", "some", true),
            ("/early", "", false),
        ] {
            let request = Request::post(path).body(Body::from(body)).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            let close = answer.headers().get(CONNECTION);
            assert_eq!(close.is_some(), closes, "{path} {body:?}");
        }
    }
}
