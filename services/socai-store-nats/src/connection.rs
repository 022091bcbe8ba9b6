//! One connection to the servers, shared by everything of a process that is kept there.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, jetstream};
use tokio::sync::watch;

use crate::settings::{Login, Settings, SettingsError, Tls};

/// The oldest server that commits batches atomically.
const SERVER_MIN: [u64; 2] = [2, 12];

/// What a server must take as one message: the largest event of the port and its headers.
const PAYLOAD_MIN: usize = 1024 * 1024;

/// How long a connection is tried for before the address counts as wrong.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that mends itself. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(crate) client: Client,
    pub(crate) jetstream: jetstream::Context,
    pub(crate) link: watch::Receiver<Link>,
}

/// Whether the connection stands, and how often it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Link {
    pub(crate) made: u64,
    pub(crate) up: bool,
}

impl Connection {
    /// The client, for what is kept beside the ledger.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The JetStream of the account, for what is kept beside the ledger.
    #[must_use]
    pub fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Mend the configuration.
    #[error(transparent)]
    Settings(#[from] SettingsError),

    /// Mend the configuration, or put the file there.
    #[error("cannot read {path}")]
    Secret {
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    /// Start the servers, mend the addresses, or let this user in.
    #[error("no server of {servers} lets this process in")]
    Unreachable {
        servers: String,
        #[source]
        source: async_nats::ConnectError,
    },

    /// Install a newer server.
    #[error("nats-server {name} is of version {version}: the ledger needs {major}.{minor} or later, for atomic batches", major = SERVER_MIN[0], minor = SERVER_MIN[1])]
    OldServer { name: String, version: String },

    /// Raise `max_payload` in the server's configuration.
    #[error(
        "nats-server {name} takes messages of {found} bytes at most: set max_payload to at least {PAYLOAD_MIN}"
    )]
    SmallPayload { name: String, found: usize },
}

/// Connects as `settings` say.
///
/// The connection is made again whenever it breaks, for ever.
///
/// # Errors
///
/// [`ConnectError`], each naming what to mend.
pub async fn connect(settings: &Settings) -> Result<Connection, ConnectError> {
    settings.check()?;
    let (sender, link) = watch::channel(Link::default());
    let options = options(settings, &settings.login).await?;
    let options = options.event_callback(move |event| {
        note(&sender, &event);
        std::future::ready(())
    });
    let client = join(options, &settings.servers).await?;
    let info = client.server_info();
    expect_version(&info.server_name, &info.version)?;
    if info.max_payload < PAYLOAD_MIN {
        let (name, found) = (info.server_name, info.max_payload);
        return Err(ConnectError::SmallPayload { name, found });
    }
    let mut jetstream = jetstream::new(client.clone());
    jetstream.set_timeout(settings.request_timeout());
    Ok(Connection {
        client,
        jetstream,
        link,
    })
}

/// A client of the system account.
pub(crate) async fn connect_system(
    settings: &Settings,
    login: &Login,
) -> Result<Client, ConnectError> {
    // It is asked once: each server may be tried, and then it is told that none answers.
    let attempts = settings.servers.len() + 1;
    let options = options(settings, login).await?.max_reconnects(attempts);
    join(options, &settings.servers).await
}

async fn join(options: ConnectOptions, servers: &[String]) -> Result<Client, ConnectError> {
    let joined = options.connect(servers).await;
    joined.map_err(|source| ConnectError::Unreachable {
        servers: servers.join(", "),
        source,
    })
}

/// Keeps `link` true to what the client says.
fn note(link: &watch::Sender<Link>, event: &Event) {
    match event {
        Event::Connected => link.send_modify(|link| {
            *link = Link {
                made: link.made + 1,
                up: true,
            }
        }),
        Event::Disconnected | Event::Closed => link.send_modify(|link| link.up = false),
        Event::ServerError(error) => tracing::warn!(%error, "nats-server refused something"),
        Event::ClientError(error) => tracing::debug!(%error, "the NATS client met an error"),
        Event::SlowConsumer(subscription) => {
            tracing::warn!(
                subscription,
                "a NATS subscription was too slow, messages were dropped"
            );
        }
        Event::LameDuckMode | Event::Draining => tracing::info!(%event, "the NATS connection ends"),
    }
}

async fn options(settings: &Settings, login: &Login) -> Result<ConnectOptions, ConnectError> {
    let options = ConnectOptions::new()
        .name(&settings.connection_name)
        .connection_timeout(CONNECT_TIMEOUT)
        .request_timeout(Some(settings.request_timeout()))
        .reconnect_delay_callback(|attempts| Duration::from_millis(20 << attempts.min(5)));
    let options = encrypted(options, &settings.tls)?;
    identified(options, login).await
}

fn encrypted(mut options: ConnectOptions, tls: &Tls) -> Result<ConnectOptions, ConnectError> {
    if let Some(ca) = &tls.ca {
        has_a_certificate(ca)?;
        options = options.add_root_certificates(ca.clone()).require_tls(true);
    }
    if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options)
}

/// The client would take a file without one, and then every server is a stranger.
fn has_a_certificate(ca: &Path) -> Result<(), ConnectError> {
    if contents(ca)?.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(());
    }
    let problem = "there is no certificate in it; expected PEM, with BEGIN CERTIFICATE";
    Err(ConnectError::Secret {
        path: ca.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidData, problem),
    })
}

async fn identified(
    options: ConnectOptions,
    login: &Login,
) -> Result<ConnectOptions, ConnectError> {
    if let Some(path) = &login.credentials {
        let source = |source| ConnectError::Secret {
            path: path.clone(),
            source,
        };
        return options.credentials(&contents(path)?).map_err(source);
    }
    if let Some(path) = &login.nkey_seed {
        return Ok(options.nkey(secret(path)?));
    }
    if let (Some(user), Some(path)) = (&login.user, &login.password) {
        return Ok(options.user_and_password(user.clone(), secret(path)?));
    }
    Ok(options)
}

/// What is in a file of one line.
fn secret(path: &Path) -> Result<String, ConnectError> {
    contents(path).map(|text| text.trim().to_owned())
}

/// These files are small, and read once at start.
fn contents(path: &Path) -> Result<String, ConnectError> {
    let read = std::fs::read_to_string(path);
    read.map_err(|source| ConnectError::Secret {
        path: path.to_owned(),
        source,
    })
}

/// Refuses a server that is too old, by name.
pub(crate) fn expect_version(name: &str, version: &str) -> Result<(), ConnectError> {
    let mut numbers = version.split('.').map_while(|part| part.parse().ok());
    let found = [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)];
    if found >= SERVER_MIN {
        return Ok(());
    }
    let (name, version) = (name.to_owned(), version.to_owned());
    Err(ConnectError::OldServer { name, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_refused_by_name() {
        for version in ["2.9.10", "2.11.99", "1.99.0", "0.0.0", "", "v2"] {
            let error = expect_version("n1", version).unwrap_err().to_string();
            assert!(error.contains("n1") && error.contains("2.12"), "{error}");
        }
        for version in ["2.12.0", "2.15.1", "2.12.0-beta.1", "3.0.0"] {
            expect_version("n1", version).unwrap();
        }
    }
}
