//! The witnesses that a ledger asks, over HTTP (C2SP tlog-witness), as its configuration names them.
//!
//! Over https a witness's certificate is verified, against `sealer.ca_file`; over http its answer is as good, because
//! it is a signature, and only whether it answers can be meddled with. Proxies of the environment are not used.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use jiff::SignedDuration;
use socai_app::cosigning::{AskError, Cosigner, Cosigning, Witness};
use socai_app::sealer::Ports;
use socai_tlog::witness::AddCheckpoint;
use socai_tlog::{KeyKind, Signature, VerifierKey};
use ureq::Agent;
use ureq::http::{Response, StatusCode};

use crate::{config, tls};

/// How long a witness may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of the largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// The rounds of asking that `settings` describe; `None` where no witness is named.
///
/// # Errors
///
/// What is wrong with an address, a key or the file of certificates.
pub(crate) fn cosigning(
    settings: &config::Sealer,
    ports: &Ports,
) -> anyhow::Result<Option<Cosigning>> {
    if settings.witnesses.is_empty() {
        return Ok(None);
    }
    let cosigners = settings.witnesses.iter();
    let cosigners: anyhow::Result<Vec<Cosigner>> = cosigners
        .map(|witness| cosigner(witness, &settings.ca_file))
        .collect();
    let renew_after = SignedDuration::from_secs(settings.recosign_seconds.into());
    let (tiles, checkpoints) = (ports.tiles.clone(), ports.checkpoints.clone());
    Ok(Some(Cosigning::new(
        tiles,
        checkpoints,
        cosigners?,
        renew_after,
    )))
}

fn cosigner(witness: &config::Witness, ca_file: &Path) -> anyhow::Result<Cosigner> {
    let place = || format!("sealer.witnesses, {}", witness.url);
    let key = witness_key(&witness.key).with_context(place)?;
    let http = HttpWitness::new(&witness.url, ca_file).with_context(place)?;
    let witness = Arc::new(http);
    Ok(Cosigner { key, witness })
}

/// Reads the verifier key of a witness.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn witness_key(text: &str) -> anyhow::Result<VerifierKey> {
    let key: VerifierKey = text.trim().parse()?;
    Ok(key.of_kind(KeyKind::CosignatureV1)?)
}

/// A witness at an address.
struct HttpWitness {
    agent: Agent,
    add_checkpoint: String,
}

impl HttpWitness {
    fn new(url: &str, ca_file: &Path) -> anyhow::Result<Self> {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None);
        let config = if url.starts_with("https://") {
            config.tls_config(tls::trusting(ca_file, "sealer.ca_file")?)
        } else if url.starts_with("http://") {
            config
        } else {
            bail!("expected an address that begins with https:// or http://");
        };
        Ok(Self {
            agent: config.build().into(),
            add_checkpoint: format!("{}/add-checkpoint", url.trim_end_matches('/')),
        })
    }
}

#[async_trait]
impl Witness for HttpWitness {
    async fn add_checkpoint(&self, request: &AddCheckpoint) -> Result<Vec<Signature>, AskError> {
        let (agent, address) = (self.agent.clone(), self.add_checkpoint.clone());
        let request = request.to_string();
        let asked = tokio::task::spawn_blocking(move || ask(&agent, &address, request));
        asked
            .await
            .map_err(|stopped| AskError::Unavailable(stopped.into()))?
    }
}

fn ask(agent: &Agent, address: &str, request: String) -> Result<Vec<Signature>, AskError> {
    let answer = agent
        .post(address)
        .content_type("text/plain; charset=utf-8")
        .send(request);
    let mut answer = answer.map_err(|error| AskError::Unavailable(error.into()))?;
    let body = body_of(&mut answer).map_err(|error| AskError::Unavailable(error.into()))?;
    match answer.status() {
        StatusCode::OK => {
            Signature::parse_lines(&body).map_err(|error| AskError::Unavailable(error.into()))
        }
        StatusCode::CONFLICT => Err(match size_in(&body) {
            Some(size) => AskError::Behind { size },
            None => refused(StatusCode::CONFLICT, &body),
        }),
        status if status.is_server_error() => {
            let sentence = format!("status {status}: {}", String::from_utf8_lossy(&body));
            Err(AskError::Unavailable(sentence.into()))
        }
        status => Err(refused(status, &body)),
    }
}

fn body_of(answer: &mut Response<ureq::Body>) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    let reader = answer.body_mut().as_reader();
    reader.take(ANSWER_BYTES_MAX).read_to_end(&mut body)?;
    Ok(body)
}

fn refused(status: StatusCode, body: &[u8]) -> AskError {
    AskError::Refused {
        status: status.as_u16(),
        sentence: String::from_utf8_lossy(body).into_owned(),
    }
}

/// The size that a conflict states: decimal, and a newline.
fn size_in(body: &[u8]) -> Option<u64> {
    let text = str::from_utf8(body).ok()?.trim_end();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests;
