//! A witness over HTTP (C2SP tlog-witness).
//!
//! | Address | Answer |
//! |---|---|
//! | `POST /add-checkpoint` | 200 and the cosignature; else 400, 403, 404, 409 with the size cosigned last, or 422, and a sentence |
//! | `GET /<SHA-256 of the origin, in hex>/checkpoint` | 200 and the checkpoint cosigned last; 404 where there is none |
//! | `GET /healthz` | 200 `ok`, as long as the process answers at all |
//!
//! Whoever can reach it may ask: a checkpoint is worth something by its signature, not by who sends it. 500 says that a
//! person has to look, 503 that asking again may help, or that the clock is wrong. A request has at most 64 KiB, and its
//! body 10 seconds; a connection on which nothing is answered for 20 seconds is closed.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use socai_app::witness::{REQUEST_BYTES_MAX, Witness, WitnessError};
use socai_tlog::Signature;
use socai_tlog::witness::Refusal;
use tokio::net::TcpListener;

mod impatient;

use impatient::Impatient;

/// How long the body of a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a connection may go without an answer, so that one who sends no request does not keep it.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(20);

/// Answers on `listener` until `stop`, and lets answers under way come to their end.
///
/// # Errors
///
/// Where the listener breaks.
pub async fn serve(
    listener: TcpListener,
    witness: Arc<Witness>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = Impatient {
        listener,
        patience: CONNECTION_PATIENCE,
    };
    axum::serve(listener, router(witness))
        .with_graceful_shutdown(stop)
        .await
}

fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{log}/checkpoint", get(checkpoint))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(witness)
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Body) -> Response {
    let request = match arrived(body).await {
        Ok(request) => request,
        Err(answer) => return answer,
    };
    // A client that goes away does not keep the witness from keeping what it signs.
    let now = u64::try_from(Timestamp::now().as_second()).unwrap_or(0);
    let asked = tokio::spawn(async move { witness.add_checkpoint(&request, now).await });
    match asked.await.expect("a witness does not panic") {
        Ok(signature) => cosigned(&signature),
        Err(error) => refused(&error),
    }
}

async fn checkpoint(State(witness): State<Arc<Witness>>, Path(log): Path<String>) -> Response {
    match witness.checkpoint_of(&log).await {
        Ok(Some(note)) => ([(header::CACHE_CONTROL, "no-store")], note.to_string()).into_response(),
        Ok(None) => {
            let sentence = "nothing was cosigned of a log with this name\n";
            (StatusCode::NOT_FOUND, sentence).into_response()
        }
        Err(error) => refused(&error),
    }
}

async fn arrived(body: Body) -> Result<Bytes, Response> {
    match tokio::time::timeout(PATIENCE, to_bytes(body, REQUEST_BYTES_MAX)).await {
        Ok(Ok(request)) => Ok(request),
        Ok(Err(_)) => {
            let sentence = format!("a request has at most {REQUEST_BYTES_MAX} bytes\n");
            Err((StatusCode::PAYLOAD_TOO_LARGE, sentence).into_response())
        }
        Err(_) => {
            let sentence = "the request did not arrive in 10 seconds\n";
            Err((StatusCode::REQUEST_TIMEOUT, sentence).into_response())
        }
    }
}

fn cosigned(signature: &Signature) -> Response {
    tracing::info!(by = %signature.name, "cosigned");
    format!("{signature}\n").into_response()
}

fn refused(error: &WitnessError) -> Response {
    let status = match error {
        WitnessError::Refused(refusal) => return not_cosigned(refusal),
        WitnessError::TooLong { .. } => StatusCode::BAD_REQUEST,
        WitnessError::Damaged { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        WitnessError::ClockSetBack { .. } | WitnessError::Unavailable(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let source = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, source = source.unwrap_or_default(), "not cosigned");
    (status, format!("{error}\n")).into_response()
}

fn not_cosigned(refusal: &Refusal) -> Response {
    // Whoever asks chooses the words, as many as fit.
    let reason = format!("{:.200}", refusal.to_string());
    tracing::warn!(status = refusal.status(), reason, "not cosigned");
    let status = StatusCode::from_u16(refusal.status()).expect("a refusal has a status of HTTP");
    match refusal.cosigned_size() {
        Some(size) => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            (status, kind, format!("{size}\n")).into_response()
        }
        None => (status, format!("{refusal}\n")).into_response(),
    }
}
