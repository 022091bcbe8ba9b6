//! Connections that are closed when a request does not arrive, whatever part of it is missing.
//!
//! The time runs from the accepting, and anew from everything that is answered: what a witness is asked is short.
//! Deliberately absent: what is asked.

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
}
