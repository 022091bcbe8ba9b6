//! A connection to the database, encrypted where the settings ask for it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::{Client, Config, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Error;
use crate::settings::{Settings, SslMode};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Writes rows.
    Projector,
    /// Makes and swaps schemas.
    Owner,
    /// Reads reports.
    Reader,
    /// Keeps credentials.
    Credentials,
}

/// Connects as `role`. The connection is driven by a task of its own, which ends with the client.
pub(crate) async fn connect(settings: &Settings, role: Role) -> Result<Client, Error> {
    let config = config(settings, role)?;
    match settings.sslmode {
        SslMode::Disable => {
            let (client, connection) = config.connect(NoTls).await?;
            drive(connection);
            Ok(client)
        }
        SslMode::VerifyFull => {
            let tls = MakeRustlsConnect::new(tls(settings)?);
            let (client, connection) = config.connect(tls).await?;
            drive(connection);
            Ok(client)
        }
    }
}

fn config(settings: &Settings, role: Role) -> Result<Config, Error> {
    let (user, password) = match role {
        Role::Projector => (&settings.user, &settings.password_file),
        Role::Owner => (&settings.owner, &settings.owner_password_file),
        Role::Reader => (&settings.reader, &settings.reader_password_file),
        Role::Credentials => (&settings.credentials, &settings.credentials_password_file),
    };
    let mut config = Config::new();
    config
        .host(&settings.host)
        .port(settings.port)
        .dbname(&settings.database)
        .user(user)
        .application_name(&settings.application_name)
        .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
        .keepalives_idle(Duration::from_secs(10))
        .ssl_mode(match settings.sslmode {
            SslMode::Disable => tokio_postgres::config::SslMode::Disable,
            SslMode::VerifyFull => tokio_postgres::config::SslMode::Require,
        });
    if let Some(path) = password {
        config.password(first_line(path)?);
    }
    Ok(config)
}

fn first_line(path: &Path) -> Result<String, Error> {
    let text = fs::read_to_string(path).map_err(|error| {
        Error::Settings(format!(
            "the password file {} cannot be read: {error}",
            path.display()
        ))
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn tls(settings: &Settings) -> Result<ClientConfig, Error> {
    let path = settings.ca_file.as_deref().ok_or_else(|| {
        Error::Settings("sslmode is verify-full and ca_file is missing: name a PEM file".to_owned())
    })?;
    let bad = |what: String| Error::Settings(format!("ca_file {}: {what}", path.display()));
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(path).map_err(|error| bad(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| bad(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(bad("there is no certificate in it".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn drive<S, T>(connection: Connection<S, T>)
where
    Connection<S, T>: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    tokio::spawn(async move {
        // Whoever uses the client is told as well, and can do something about it.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to PostgreSQL ended");
        }
    });
}
