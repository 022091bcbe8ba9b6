use std::io::Write;
use std::net::TcpListener;
use std::process::Command;
use std::thread::{self, JoinHandle};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socai_tlog::cosignature::cosign;
use socai_tlog::{Checkpoint, Hash, SigningKey};
use tempfile::TempDir;

use super::*;

/// Reads one request from a stream, and answers it. Whoever asks may go away first.
fn answer(mut stream: impl Read + Write, answer: &[u8]) -> Vec<u8> {
    let mut asked = Vec::new();
    let mut some = [0; 4096];
    while !asked.ends_with(REQUEST_END.as_bytes()) {
        match stream.read(&mut some) {
            Ok(read) if read > 0 => asked.extend(&some[..read]),
            Ok(_) | Err(_) => return asked,
        }
    }
    let _ = stream.write_all(answer);
    let _ = stream.flush();
    asked
}

/// A witness that answers one request with these bytes. What it was asked is its result.
fn once(bytes: Vec<u8>) -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/w", listener.local_addr().unwrap());
    let asked = thread::spawn(move || answer(listener.accept().unwrap().0, &bytes));
    (url, asked)
}

fn http(status: &str, body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}",
        body.len()
    );
    format!("{head}\r\n\r\n{body}").into_bytes()
}

fn key() -> SigningKey {
    SigningKey::from_seed("witness.example", KeyKind::CosignatureV1, [2; 32]).unwrap()
}

/// The last bytes of what is asked: the signature of the checkpoint.
const REQUEST_END: &str = "=\n";

fn request() -> AddCheckpoint {
    let log = SigningKey::from_seed("log", KeyKind::Ed25519, [1; 32]).unwrap();
    let checkpoint = Checkpoint {
        origin: "log".to_owned(),
        size: 1,
        root: Hash::of_leaf(b"leaf"),
        extensions: Vec::new(),
    };
    AddCheckpoint {
        old: 0,
        proof: Vec::new(),
        checkpoint: checkpoint.sign(&[&log]),
    }
}

async fn asked(url: &str, ca_file: &Path) -> Result<Vec<Signature>, AskError> {
    let witness = HttpWitness::new(url, ca_file).unwrap();
    witness.add_checkpoint(&request()).await
}

#[tokio::test]
async fn the_request_is_posted_and_the_lines_come_back() {
    let line = cosign(&request().checkpoint.text, &key(), 7);
    let (url, served) = once(http("200 OK", &format!("{line}\n")));
    assert_eq!(asked(&url, Path::new("")).await.unwrap(), [line]);
    let was_asked = String::from_utf8(served.join().unwrap()).unwrap();
    assert!(
        was_asked.starts_with("POST /w/add-checkpoint HTTP/1.1\r\n"),
        "{was_asked}"
    );
    assert!(was_asked.ends_with(&request().to_string()), "{was_asked}");
}

#[tokio::test]
async fn each_answer_says_what_can_be_done() {
    let long = "x".repeat(1 << 20);
    let cases = [
        (http("409 Conflict", "17\n"), "it cosigned size 17 last"),
        (
            http("409 Conflict", "+17\n"),
            "it refuses with status 409: +17",
        ),
        (
            http("422 Unprocessable Entity", "no\n"),
            "it refuses with status 422: no",
        ),
        (
            http("404 Not Found", "unknown log\n"),
            "it refuses with status 404: unknown log",
        ),
        (
            http("301 Moved\r\nLocation: http://127.0.0.1:1/", ""),
            "it refuses with status 301",
        ),
        (
            http("500 Internal Server Error", "damaged\n"),
            "it is unavailable",
        ),
        (http("200 OK", "hello\n"), "it is unavailable"),
        (http("200 OK", &long), "it is unavailable"),
        (b"nonsense\r\n\r\n".to_vec(), "it is unavailable"),
        (Vec::new(), "it is unavailable"),
    ];
    for (bytes, expected) in cases {
        let (url, served) = once(bytes);
        let error = asked(&url, Path::new("")).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{expected}: {error}");
        served.join().unwrap();
    }
}

#[test]
fn an_address_or_a_file_of_certificates_that_is_none_is_refused_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("ca.pem");
    std::fs::write(&empty, "nothing\n").unwrap();
    let cases = [
        ("witness.example", &*empty, "begins with https"),
        ("https://witness.example", &*empty, "holds no certificate"),
        (
            "https://witness.example",
            Path::new("/nowhere/ca.pem"),
            "sealer.ca_file, /nowhere/ca.pem",
        ),
    ];
    for (url, ca_file, expected) in cases {
        let refused = HttpWitness::new(url, ca_file).err().unwrap();
        assert!(format!("{refused:#}").contains(expected), "{refused:#}");
    }
    assert!(witness_key("nonsense").is_err());
    let of_a_log = SigningKey::from_seed("log", KeyKind::Ed25519, [1; 32]).unwrap();
    assert!(witness_key(&of_a_log.verifier_key().to_string()).is_err());
}

/// An authority, and a certificate for 127.0.0.1 that it signed.
fn certified() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let script = "set -e
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
            -keyout ca.key -out ca.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=w -keyout w.key -out w.csr
        printf 'subjectAltName=IP:127.0.0.1' > names
        openssl x509 -req -in w.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out w.pem";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "openssl: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    dir
}

/// As [`once`], over TLS with the certificate in `dir`.
fn once_over_tls(dir: &Path, bytes: Vec<u8>) -> (String, JoinHandle<Vec<u8>>) {
    let certificate = CertificateDer::from_pem_file(dir.join("w.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(dir.join("w.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let asked = thread::spawn(move || {
        let connection = ServerConnection::new(config).unwrap();
        answer(
            StreamOwned::new(connection, listener.accept().unwrap().0),
            &bytes,
        )
    });
    (url, asked)
}

#[tokio::test]
async fn over_https_only_a_certificate_of_the_authority_is_believed() {
    let (own, other) = (certified(), certified());
    let line = cosign(&request().checkpoint.text, &key(), 7);
    let bytes = http("200 OK", &format!("{line}\n"));
    let (url, served) = once_over_tls(own.path(), bytes.clone());
    let answered = asked(&url, &own.path().join("ca.pem")).await;
    assert_eq!(answered.unwrap(), [line]);
    assert!(
        served
            .join()
            .unwrap()
            .ends_with(request().to_string().as_bytes())
    );

    let (url, served) = once_over_tls(own.path(), bytes);
    let refused = asked(&url, &other.path().join("ca.pem")).await;
    assert!(
        matches!(refused, Err(AskError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(
        served.join().unwrap().is_empty(),
        "nothing was said to a stranger"
    );
}
