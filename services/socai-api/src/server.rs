//! The accept loop: HTTP/1 and HTTP/2 on one port, with or without TLS, and with an end to everything that waits.
//!
//! ```text
//! accept ── place among connections_max ── handshake ── first bytes ── headers ── handler ── …
//!           and connections_per_address    └──────── header_seconds each ────┘
//! ```
//!
//! Whoever sends nothing, or a byte now and then, loses the connection after `header_seconds`, and so does whoever asks
//! nothing for so long on a connection of HTTP/2; whoever does not take what is answered, after [`TAKEN_WITHIN`]. Every
//! connection ends after `connection_seconds`, once what is under way on it is answered. Where all places are taken,
//! whoever comes waits to be accepted; where those of an address are, whoever comes from there is sent away.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use axum::serve::Listener;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use prometheus_client::metrics::gauge::Gauge;
use socai_operations::shares::{NoShare, Share, Shares};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt;

use crate::proxies::{Network, Peer, household};
use crate::settings::Settings;
use crate::tls::Certificates;

mod attended;
mod paced;
mod stopping;
mod under_way;

pub(crate) use stopping::{Stopping, Stops};
pub(crate) use under_way::{Begun, UnderWay};

use attended::Attended;

/// How long what is answered may wait to be taken.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// How often a connection of HTTP/2 is asked whether somebody is still there, and how long the answer may take.
const ASKED_EVERY: Duration = Duration::from_secs(20);

/// Requests under way on one connection of HTTP/2, at most.
const STREAMS_MAX: u32 = 128;

/// Bytes of a request's headers, at most.
const HEADER_BYTES_MAX: u32 = 32 * 1024;

/// Bytes of an answer that wait on one stream of HTTP/2 for the client to take them, at most.
const SEND_BYTES_MAX: usize = 64 * 1024;

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
    peers: Arc<Shares<IpAddr>>,
    proxies: Vec<Network>,
}

/// What a connection takes up: a place among all, and among those of its address, where it is no proxy's.
struct Places {
    _among_all: OwnedSemaphorePermit,
    _of_address: Option<Share<IpAddr>>,
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
            (place, (stream, peer)) = come => house.clone().come(stream, peer, place),
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
            peers: Shares::new(u64::MAX, settings.connections_per_address.into()),
            proxies: settings.proxies.clone(),
        }
    }

    /// Serves a connection, or closes it where too many come from the same address.
    fn come(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, among_all: OwnedSemaphorePermit) {
        // Whoever asks over IPv4 at a socket of IPv6 has the address that it has.
        let peer = peer.ip().to_canonical();
        match self.place_of(peer) {
            Ok(of_address) => {
                let places = Places {
                    _among_all: among_all,
                    _of_address: of_address,
                };
                self.welcome(stream, peer, places);
            }
            Err(_) => tracing::debug!(%peer, "too many connections of one address"),
        }
    }

    /// A place among those of an address. A proxy of one's own has many behind it, and needs none.
    fn place_of(&self, peer: IpAddr) -> Result<Option<Share<IpAddr>>, NoShare> {
        if self.proxies.iter().any(|network| network.has(peer)) {
            return Ok(None);
        }
        self.peers.take(&household(peer), 1).map(Some)
    }

    /// Serves a connection beside the others. Its places are free again when it ends.
    fn welcome(self: Arc<Self>, stream: TcpStream, peer: IpAddr, places: Places) {
        tokio::spawn(async move {
            // Small answers are not held back to be sent together.
            let _ = stream.set_nodelay(true);
            let counted = Counted::new(&self.open);
            self.attend(stream, peer).await;
            drop(counted);
            drop(places);
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
        let under_way = UnderWay::default();
        let stream = Attended::new(stream, self.first_within, TAKEN_WITHIN, under_way.clone());
        let (app, requests) = (self.app.clone(), under_way.clone());
        let stopping = Stopping(self.stopped.clone());
        let service = hyper::service::service_fn(move |request| {
            let begun = requests.begin();
            answer(app.clone(), request, (peer, stopping.clone()), begun)
        });
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.no_more(&under_way) => {
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    ended = connection => ended,
                    // Whoever does not say that it knows is not waited for.
                    () = under_way.idle_for(self.first_within) => Ok(()),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, "a connection broke off");
        }
    }

    /// Waits until nothing more is to be asked on a connection.
    async fn no_more(&self, under_way: &UnderWay) {
        let mut stopped = self.stopped.clone();
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = tokio::time::sleep(self.ends_after) => {}
            () = under_way.idle_for(self.first_within) => {}
        }
    }
}

async fn answer(
    app: Router,
    request: Request<Incoming>,
    (peer, stopping): (IpAddr, Stopping),
    begun: Begun,
) -> Result<Response, Infallible> {
    let mut request = request.map(|body| stopping.clone().cuts(body));
    request.extensions_mut().insert(Peer(peer));
    request.extensions_mut().insert(stopping);
    let answer = app.oneshot(request).await?;
    Ok(answer.map(|body| begun.until_handed_over(paced::paced(body, TAKEN_WITHIN))))
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
        .max_send_buf_size(SEND_BYTES_MAX)
        .max_header_list_size(HEADER_BYTES_MAX);
    builder
}

#[cfg(test)]
mod tests;
