//! A wire that can be cut: what comes in on its port goes to another one, until it does not.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A wire to one port of this machine.
pub(crate) struct Proxy {
    address: SocketAddr,
    wires: Arc<Mutex<Wires>>,
    accepting: tokio::task::JoinHandle<()>,
}

struct Wires {
    cut: bool,
    under_way: JoinSet<()>,
}

impl Proxy {
    /// A wire to `port`.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let under_way = JoinSet::new();
        let wires = Arc::new(Mutex::new(Wires {
            cut: false,
            under_way,
        }));
        let accepting = tokio::spawn(accept(listener, port, wires.clone()));
        Self {
            address,
            wires,
            accepting,
        }
    }

    /// Where it begins.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Cuts every connection, in the middle of whatever it carries, and lets none through.
    pub(crate) fn cut(&self) {
        let mut wires = self.wires.lock().unwrap();
        wires.cut = true;
        wires.under_way.abort_all();
    }

    /// Lets connections through again.
    pub(crate) fn mend(&self) {
        self.wires.lock().unwrap().cut = false;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, port: u16, wires: Arc<Mutex<Wires>>) {
    loop {
        let Ok((mut from, _)) = listener.accept().await else {
            return;
        };
        let mut wires = wires.lock().unwrap();
        if !wires.cut {
            wires.under_way.spawn(async move {
                if let Ok(mut to) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                    // Either side may end it, and both may lose what was on the way.
                    let _ = copy_bidirectional(&mut from, &mut to).await;
                }
            });
        }
    }
}
