//! The accept loop: HTTP/1 and HTTP/2 on one port, with or without TLS, and with an end to everything that waits.
//!
//! ```text
//! accept ── place among connections_max ── handshake ── first bytes ── headers ── handler ── …
//!                                          └──────── header_seconds each ────┘
//! ```
//!
//! Whoever sends nothing, or a byte now and then, loses the connection after `header_seconds`; whoever does not take
//! what is answered, after [`TAKEN_WITHIN`]. Every connection ends after `connection_seconds`, once what is under way
//! on it is answered. Where all places are taken, whoever comes waits to be accepted.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::serve::Listener;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt;

use crate::deadline::Attended;
use crate::proxies::Peer;
use crate::settings::Settings;
use crate::tls::Certificates;

/// How long what is answered may wait to be taken.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// How often a connection of HTTP/2 is asked whether somebody is still there, and how long the answer may take.
const ASKED_EVERY: Duration = Duration::from_secs(20);

/// Requests under way on one connection of HTTP/2, at most.
const STREAMS_MAX: u32 = 128;

/// Bytes of a request's headers, at most.
const HEADER_BYTES_MAX: u32 = 32 * 1024;

/// Whether the process was asked to stop: what would go on for ever ends by it.
#[derive(Debug, Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Waits until it was, or the server is gone.
    pub(crate) async fn asked(&mut self) {
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}

/// How connections are treated.
struct House {
    app: Router,
    tls: Option<Certificates>,
    first_within: Duration,
    ends_after: Duration,
    stopped: watch::Receiver<bool>,
    /// Connections, counted.
    open: Gauge,
    builder: Builder<TokioExecutor>,
}

/// Answers on `listener` until `stop`, counts who is connected in `open`, and lets answers under way come to their end.
///
/// # Errors
///
/// Where a certificate does not read.
pub(crate) async fn serve(
    mut listener: TcpListener,
    app: Router,
    (settings, open): (&Settings, Gauge),
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let tls = settings.tls.as_ref().map(Certificates::open).transpose()?;
    let (stopping, stopped) = watch::channel(false);
    let house = Arc::new(House::new(app, tls, (settings, open), stopped));
    let places = Arc::new(Semaphore::new(settings.connections_max as usize));
    let mut stop = pin!(stop);
    loop {
        let come = async {
            let place = places.clone().acquire_owned().await;
            let place = place.expect("nobody closes it");
            (place, Listener::accept(&mut listener).await)
        };
        tokio::select! {
            (place, (stream, peer)) = come => house.clone().welcome(stream, peer, place),
            () = &mut stop => break,
        }
    }
    drop(listener);
    stopping.send_replace(true);
    let all = places.acquire_many(settings.connections_max).await;
    drop(all.expect("nobody closes it"));
    Ok(())
}

/// A connection among those that are open, however it ends.
struct Counted(Gauge);

impl Counted {
    fn new(open: &Gauge) -> Self {
        open.inc();
        Self(open.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl House {
    fn new(
        app: Router,
        tls: Option<Certificates>,
        (settings, open): (&Settings, Gauge),
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let first_within = Duration::from_secs(settings.header_seconds.into());
        Self {
            app,
            tls,
            first_within,
            ends_after: Duration::from_secs(settings.connection_seconds.into()),
            stopped,
            open,
            builder: builder(first_within),
        }
    }

    /// Serves a connection beside the others. Its place is free again when it ends.
    fn welcome(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        tokio::spawn(async move {
            // Small answers are not held back to be sent together.
            let _ = stream.set_nodelay(true);
            let counted = Counted::new(&self.open);
            self.attend(stream, peer.ip()).await;
            drop(counted);
            drop(place);
        });
    }

    async fn attend(&self, stream: TcpStream, peer: IpAddr) {
        let Some(tls) = &self.tls else {
            return self.speak(stream, peer).await;
        };
        match timeout(self.first_within, tls.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "no handshake"),
            Err(_) => tracing::debug!("no handshake in time"),
        }
    }

    async fn speak<S>(&self, stream: S, peer: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = Attended::new(stream, self.first_within, TAKEN_WITHIN);
        let app = self.app.clone();
        let stopping = Stopping(self.stopped.clone());
        let service = hyper::service::service_fn(move |request| {
            answer(app.clone(), request, (peer, stopping.clone()))
        });
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut stopped = self.stopped.clone();
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            _ = stopped.wait_for(|stopped| *stopped) => None,
            () = tokio::time::sleep(self.ends_after) => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection broke off");
        }
    }
}

async fn answer(
    app: Router,
    request: Request<Incoming>,
    (peer, stopping): (IpAddr, Stopping),
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    request.extensions_mut().insert(stopping);
    app.oneshot(request).await
}

fn builder(first_within: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(first_within)
        .max_buf_size(HEADER_BYTES_MAX as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(ASKED_EVERY)
        .keep_alive_timeout(ASKED_EVERY)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_BYTES_MAX);
    builder
}

#[cfg(test)]
mod tests;
