//! Certificate and key, read again when the files change.
//!
//! The files are compared every [`LOOKED_AT_EVERY`], and at once on SIGHUP. What does not read, or does not belong
//! together, is told in the log, and what was read before stays in use: so it does not matter in which order the two
//! files are replaced.

use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

use crate::settings::Tls;

const LOOKED_AT_EVERY: Duration = Duration::from_secs(30);

/// What a port answers with over TLS. Dropping it ends the looking at files, and nothing else.
pub(crate) struct Certificates {
    acceptor: TlsAcceptor,
    looking: AbortHandle,
}

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// What does not read, and in which file.
    pub(crate) fn open(files: &Tls) -> io::Result<Self> {
        let read = Files::read(files)?;
        let shown = Arc::new(Shown(RwLock::new(Arc::new(read.pair(files)?))));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has every cipher of the default versions")
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut again = signal(SignalKind::hangup())?;
        let files = files.clone();
        let looking = tokio::spawn(async move {
            let mut known = read;
            loop {
                let _ = tokio::time::timeout(LOOKED_AT_EVERY, again.recv()).await;
                shown.look(&files, &mut known);
            }
        });
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            looking: looking.abort_handle(),
        })
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

/// What the files say.
#[derive(PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(files: &Tls) -> io::Result<Self> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| bad(path, &error));
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
        })
    }

    fn pair(&self, files: &Tls) -> io::Result<CertifiedKey> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.map_err(|error| bad(&files.certificate, &error))?;
        let key =
            PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| bad(&files.key, &error))?;
        let pair = CertifiedKey::from_der(chain, key, &ring::default_provider());
        pair.map_err(|error| bad(&files.certificate, &error))
    }
}

fn bad(path: &Path, error: &dyn std::error::Error) -> io::Error {
    io::Error::other(format!("api.tls: {}: {error}", path.display()))
}

/// What is shown to whoever connects.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl Shown {
    /// Takes in what is in the files now, where it is another than `known` and reads.
    fn look(&self, files: &Tls, known: &mut Files) {
        let read = match Files::read(files) {
            Ok(read) if read == *known => return,
            Ok(read) => read,
            Err(error) => return tracing::warn!(%error, "the certificate stays as it is"),
        };
        match read.pair(files) {
            Ok(pair) => {
                *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                *known = read;
                tracing::info!("another certificate is in use");
            }
            Err(error) => tracing::warn!(%error, "the certificate stays as it is"),
        }
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(
            self.0
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        )
    }
}
