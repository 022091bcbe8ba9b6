//! Connections: that what does not begin ends, that what is under way is answered, and which certificate is shown.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::Request;
use axum::routing::{get, post};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::settings::Tls;

/// A server, how to ask it to stop, and its end.
struct Served {
    at: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<io::Result<()>>,
}

async fn served(app: Router, settings: Settings) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(async move {
        let stopped = async move { stopped.await.unwrap_or_default() };
        serve(listener, app, (&settings, Gauge::default()), stopped).await
    });
    Served { at, stop, ended }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

fn quick() -> Settings {
    Settings {
        header_seconds: 1,
        ..Settings::default()
    }
}

/// Longer than anything here takes.
const DEADLINE: Duration = Duration::from_secs(60);

/// All that comes until the other side closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let ended = timeout(DEADLINE, stream.read_to_end(&mut text)).await;
    // A connection that is cut off has ended as well.
    let _ = ended.expect("the other side closes");
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn whoever_sends_nothing_or_not_all_or_nothing_more_loses_the_connection() {
    let served = served(hello(), quick()).await;
    for beginning in [
        "",
        "G",
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "PRI * HTTP/2.0\r\n",
    ] {
        let mut stream = TcpStream::connect(served.at).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        assert!(!rest(&mut stream).await.contains("200 OK"), "{beginning:?}");
    }
    let mut kept = TcpStream::connect(served.at).await.unwrap();
    kept.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    assert!(rest(&mut kept).await.ends_with("hello"));
}

#[tokio::test]
async fn whoever_goes_on_asking_loses_the_connection_in_the_end() {
    let settings = Settings {
        connection_seconds: 1,
        ..Settings::default()
    };
    let served = served(hello(), settings).await;
    let mut stream = TcpStream::connect(served.at).await.unwrap();
    let asked_until_it_ends = async {
        while stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .is_ok()
        {
            if !matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {
                break;
            }
        }
    };
    let ended = timeout(DEADLINE, asked_until_it_ends).await;
    ended.expect("no connection lasts for ever");
}

#[tokio::test]
async fn whoever_has_no_place_waits_for_one() {
    let settings = Settings {
        connections_max: 1,
        ..quick()
    };
    let served = served(hello(), settings).await;
    let first = TcpStream::connect(served.at).await.unwrap();
    let mut second = TcpStream::connect(served.at).await.unwrap();
    second
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    assert!(rest(&mut second).await.ends_with("hello"));
    // The place was the first one's, who had lost it by then.
    let mut first = first.into_std().unwrap();
    assert_eq!(io::Read::read(&mut first, &mut [0]).unwrap(), 0);
}

#[tokio::test]
async fn what_is_under_way_is_answered_before_it_ends() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, awaited) = (begun.clone(), go_on.clone());
    let app = Router::new().route(
        "/",
        get(async move || {
            told.notify_one();
            awaited.notified().await;
            "hello"
        }),
    );
    let served = served(app, Settings::default()).await;
    let mut stream = TcpStream::connect(served.at).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    begun.notified().await;
    served.stop.send(()).unwrap();
    while TcpStream::connect(served.at).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.notify_one();
    assert!(rest(&mut stream).await.ends_with("hello"));
    served.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_handler_is_told_who_is_at_the_other_end() {
    let peer = |request: Request| async move {
        let Peer(address) = *request.extensions().get::<Peer>().unwrap();
        address.to_string()
    };
    let served = served(Router::new().route("/", post(peer)), quick()).await;
    let mut stream = TcpStream::connect(served.at).await.unwrap();
    let request = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    assert!(rest(&mut stream).await.ends_with("127.0.0.1"));
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/data/nats")
        .join(name)
}

fn trusting() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(data("ca.pem")).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}

async fn connected(at: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(at).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    trusting().connect(name, stream).await
}

/// The files are replaced one after the other, as programs that renew certificates do.
#[tokio::test]
async fn a_certificate_is_shown_as_soon_as_it_is_whole_and_never_half() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Tls {
        certificate: folder.path().join("server.pem"),
        key: folder.path().join("server.key"),
    };
    fs::copy(data("server.pem"), &tls.certificate).unwrap();
    fs::copy(data("server-key.pem"), &tls.key).unwrap();
    let settings = Settings {
        tls: Some(tls.clone()),
        ..quick()
    };
    let served = served(hello(), settings).await;
    let stream = connected(served.at).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    assert_eq!(shown(&stream), of(&data("server.pem")));

    fs::copy(data("client.pem"), &tls.certificate).unwrap();
    look_again();
    let stream = connected(served.at).await.unwrap();
    assert_eq!(
        shown(&stream),
        of(&data("server.pem")),
        "the key is still another's"
    );

    fs::copy(data("client-key.pem"), &tls.key).unwrap();
    let renewed = async {
        while shown(&connected(served.at).await.unwrap()) != of(&data("client.pem")) {
            look_again();
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), renewed)
        .await
        .expect("it is shown soon");
}

fn look_again() {
    let this = std::process::id().to_string();
    let status = std::process::Command::new("kill")
        .args(["-HUP", &this])
        .status();
    assert!(status.unwrap().success());
}

fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    stream.get_ref().1.peer_certificates().unwrap()[0]
        .clone()
        .into_owned()
}

fn of(path: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(path).unwrap()
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_is_refused_at_once() {
    let settings = Settings {
        tls: Some(Tls {
            certificate: data("server.pem"),
            key: data("client-key.pem"),
        }),
        ..Settings::default()
    };
    let error = served(hello(), settings)
        .await
        .ended
        .await
        .unwrap()
        .unwrap_err();
    assert!(error.to_string().contains("server.pem"), "{error}");
}
