//! Requests to the provider: over TLS, or to this machine; bounded in time and size; redirects are not followed, for an
//! answer from elsewhere is not the provider's.

use std::net::IpAddr;
use std::time::Duration;

use openidconnect::url::{Host, Url};
use openidconnect::{HttpRequest, HttpResponse};
use ureq::Agent;
use ureq::http::Method;
use ureq::tls::TlsConfig;

/// How long the provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of the largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

pub(super) struct Http {
    agent: Agent,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error(transparent)]
    Unguarded(#[from] Unguarded),
    #[error(transparent)]
    Request(#[from] ureq::Error),
}

/// An address that others could listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an address that begins with https:// (or http:// and is on this machine)")]
pub(super) struct Unguarded;

impl Http {
    pub(super) fn new(tls: TlsConfig) -> Self {
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None);
        Self {
            agent: config.build().into(),
        }
    }

    /// Blocks until it is answered.
    pub(super) fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        guarded(&request.uri().to_string())?;
        let answer = if request.method() == Method::GET {
            self.agent.run(request.map(|_| ()))?
        } else {
            self.agent.run(request)?
        };
        let (parts, mut body) = answer.into_parts();
        let body = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        Ok(HttpResponse::from_parts(parts, body))
    }
}

/// Whether nobody else can listen to what goes to `address`.
pub(super) fn guarded(address: &str) -> Result<(), Unguarded> {
    let url = Url::parse(address).map_err(|_| Unguarded)?;
    let here = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return Err(Unguarded),
    };
    let guarded = url.scheme() == "https" || (url.scheme() == "http" && here);
    guarded.then_some(()).ok_or(Unguarded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_only_this_machine_is_asked() {
        for address in [
            "https://login.example.vn",
            "http://127.0.0.1:8080/a",
            "http://[::1]/",
            "http://localhost:1",
        ] {
            assert_eq!(guarded(address), Ok(()), "{address}");
        }
        for address in [
            "http://login.example.vn",
            "http://127.0.0.1.example.vn",
            "http://10.0.0.1/",
            "file:///etc/passwd",
            "login",
            "",
        ] {
            assert_eq!(guarded(address), Err(Unguarded), "{address}");
        }
    }
}
