//! Who vouches for the certificates of those that this process asks over HTTP.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// TLS by the certificates of `ca_file`, which the field `field` of the configuration names.
///
/// # Errors
///
/// Where the file does not read, or holds no certificate.
pub(crate) fn trusting(ca_file: &Path, field: &str) -> anyhow::Result<TlsConfig> {
    let place = || format!("{field}, {}", ca_file.display());
    let pem = std::fs::read(ca_file).with_context(place)?;
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&pem) {
        // Whatever else is in the file is not asked for here.
        if let PemItem::Certificate(certificate) = item.with_context(place)? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        bail!("{}: it holds no certificate", place());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .build())
}
