//! A wire between the projector and the server that is cut after so many messages: in the first session
//! after one, in the next after two, and so on, so that every place between two messages is met.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use socai_view_postgres::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::servers::postgres::Postgres;

/// What becomes of the message at which the wire is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// The server never sees it.
    Lost,
    /// The server sees it, and its answer is lost.
    Seen,
}

/// The wire.
pub(super) struct Wire {
    port: u16,
    cuts: Arc<AtomicU64>,
    listening: JoinHandle<()>,
}

impl Wire {
    pub(super) async fn to(postgres: &Postgres, last: Last) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (server, cuts) = (postgres.port(), Arc::new(AtomicU64::new(0)));
        let counted = cuts.clone();
        let listening = tokio::spawn(async move {
            for messages in 1.. {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                // Small messages would wait for each other.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                tokio::spawn(carry(client, server, messages, last, counted.clone()));
            }
        });
        Self {
            port,
            cuts,
            listening,
        }
    }

    pub(super) fn settings(&self, postgres: &Postgres) -> Settings {
        Settings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            retry_delay_ms_min: 1,
            retry_delay_ms_max: 4,
            standby_poll_ms: 5,
            ..postgres.settings()
        }
    }

    /// How often it was cut.
    pub(super) fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn carry(
    client: TcpStream,
    server: TcpStream,
    messages: u64,
    last: Last,
    cuts: Arc<AtomicU64>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = async { drop(copy(&mut from_server, &mut to_client).await) };
    let asked = async {
        if ask(&mut from_client, &mut to_server, messages, last)
            .await
            .is_some()
        {
            cuts.fetch_add(1, Ordering::Relaxed);
        }
    };
    // Both ends are closed with whichever ends first.
    tokio::select! {
        () = answers => {}
        () = asked => {}
    }
}

/// Carries what the client asks; `Some` where the wire is to be cut, `None` where the client has gone.
async fn ask(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    messages: u64,
    last: Last,
) -> Option<()> {
    // The first message has no letter before its length.
    let mut letter = 0;
    for number in 1.. {
        let mut message = vec![0; letter + 4];
        from.read_exact(&mut message).await.ok()?;
        let length = u32::from_be_bytes(message[letter..].try_into().unwrap()) as usize;
        let head = message.len();
        message.resize(head + length - 4, 0);
        from.read_exact(&mut message[head..]).await.ok()?;
        letter = 1;
        if number < messages || last == Last::Seen {
            to.write_all(&message).await.ok()?;
        }
        if number == messages {
            return Some(());
        }
    }
    None
}
