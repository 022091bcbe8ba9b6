//! Connections that are closed when nothing comes of them: when a request or an answer, which may be long, does not begin,
//! or when what is answered is not taken. Deliberately absent: what is asked.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::under_way::{Begun, UnderWay};

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
