//! Connections that are closed when nothing comes of them.
//!
//! A witness's ([`Timed`]): when a request does not arrive, whatever part of it is missing. The time runs from the
//! accepting, and anew from everything that is answered. An API's ([`Attended`]), on which a request or an answer may
//! be long: when it does not begin, or when what is answered is not taken. Deliberately absent: what is asked.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep, sleep};

use crate::server::{Begun, UnderWay};

/// A listener whose connections have a deadline.
pub(crate) struct Impatient {
    pub(crate) listener: TcpListener,
    pub(crate) patience: Duration,
}

impl Listener for Impatient {
    type Io = Timed<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        // Not the method of the same name: that one gives up where this one tries again.
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        (Timed::new(stream, self.patience), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that nothing is read from any more once too long nothing was answered on it.
pub(crate) struct Timed<S> {
    stream: S,
    patience: Duration,
    end: Pin<Box<Sleep>>,
}

impl<S> Timed<S> {
    fn new(stream: S, patience: Duration) -> Self {
        let end = Box::pin(sleep(patience));
        Self {
            stream,
            patience,
            end,
        }
    }

    fn begin_anew(&mut self) {
        self.end.as_mut().reset(Instant::now() + self.patience);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.begin_anew();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A connection that ends where it does not begin in time, and where what is written is not taken in time.
///
/// It has begun with [`BEGINNING`] bytes, or with the first that is answered: so much is read to tell HTTP/1 from
/// HTTP/2, by code that has no clock. From there on the protocol has one.
pub(crate) struct Attended<S> {
    stream: S,
    begins: Option<(usize, Pin<Box<Sleep>>)>,
    taken_within: Duration,
    under_way: UnderWay,
    /// Until when what is written may wait; it is under way meanwhile.
    waits: Option<(Pin<Box<Sleep>>, Begun)>,
}

/// Bytes of the preface of HTTP/2.
const BEGINNING: usize = 24;

impl<S> Attended<S> {
    pub(crate) fn new(
        stream: S,
        begins_within: Duration,
        taken_within: Duration,
        under_way: UnderWay,
    ) -> Self {
        Self {
            stream,
            begins: Some((0, Box::pin(sleep(begins_within)))),
            taken_within,
            under_way,
            waits: None,
        }
    }

    /// An error where what is written has waited too long; else as it is.
    fn patiently<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waits = None;
            return written;
        }
        let (taken_within, under_way) = (self.taken_within, &self.under_way);
        let begin = || (Box::pin(sleep(taken_within)), under_way.begin());
        let (end, _) = self.waits.get_or_insert_with(begin);
        if end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Attended<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let Some((bytes, end)) = &mut self.begins else {
            return read;
        };
        *bytes += buffer.filled().len() - before;
        if *bytes >= BEGINNING {
            self.begins = None;
        } else if end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Attended<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.begins = None;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patiently(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.patiently(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.patiently(context, closed)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.begins = None;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.patiently(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Bytes that go on arriving are no request.
    #[tokio::test]
    async fn who_sends_a_byte_now_and_then_is_waited_for_as_long_as_who_sends_none() {
        let (near, mut far) = duplex(64);
        let mut timed = Timed::new(near, Duration::from_millis(50));
        let begun = Instant::now();
        let error = loop {
            let _ = far.write_all(b"G").await;
            if let Err(error) = timed.read_u8().await {
                break error;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= Duration::from_millis(50));
        let silent = timed.read_u8().await.unwrap_err();
        assert_eq!(silent.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whoever_was_answered_has_the_whole_time_again() {
        let (near, mut far) = duplex(64);
        let mut timed = Timed::new(near, Duration::from_millis(300));
        timed.read_u8().await.unwrap_err();
        timed.write_all(b"answer").await.unwrap();
        far.write_all(b"G").await.unwrap();
        assert_eq!(timed.read_u8().await.unwrap(), b'G');
    }

    #[tokio::test]
    async fn a_connection_that_does_not_begin_ends_and_one_that_has_begun_may_be_silent() {
        let (near, mut far) = duplex(64);
        let patience = Duration::from_millis(50);
        let mut silent = Attended::new(near, patience, patience, UnderWay::default());
        far.write_all(b"PRI * HTTP").await.unwrap();
        let error = silent.read_exact(&mut [0; BEGINNING]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);

        let (near, mut far) = duplex(64);
        let mut begun = Attended::new(near, patience, patience, UnderWay::default());
        far.write_all(&[b' '; BEGINNING]).await.unwrap();
        begun.read_exact(&mut [0; BEGINNING]).await.unwrap();
        let more = tokio::time::timeout(4 * patience, begun.read_u8()).await;
        assert!(more.is_err(), "it still waits: {more:?}");
    }

    #[tokio::test]
    async fn whoever_does_not_take_what_is_answered_loses_the_connection() {
        let (near, _far) = duplex(8);
        let patience = Duration::from_millis(50);
        let mut stalled = Attended::new(near, patience, patience, UnderWay::default());
        let error = stalled.write_all(&[0; 16]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
