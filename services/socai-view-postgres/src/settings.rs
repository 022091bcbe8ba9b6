//! Where the database is, and who asks. The documentation of the fields is that of the configuration file.

use std::path::PathBuf;

use serde::Deserialize;

/// The `[postgres]` part of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A host name or address; a path beginning with `/` is a folder with a Unix socket.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// Who writes rows: a role with the rights of `socai_projector` in ops/postgres/roles.sql.
    pub user: String,
    /// A file with that role's password, of which the first line counts. Left out, none is sent.
    pub password_file: Option<PathBuf>,
    /// Who migrates and rebuilds: a role with the rights of `socai_owner`. A running projector never uses it.
    pub owner: String,
    /// A file with that role's password.
    pub owner_password_file: Option<PathBuf>,
    /// Who reads reports, to compare them with the image: a role with the rights of `grafana_reader`.
    pub reader: String,
    /// A file with that role's password.
    pub reader_password_file: Option<PathBuf>,
    /// Who keeps what is known of persons beside the log: a role with the rights of `socai_credentials`.
    pub credentials: String,
    /// A file with that role's password.
    pub credentials_password_file: Option<PathBuf>,
    /// Whether the connection is encrypted.
    pub sslmode: SslMode,
    /// The certificates, as PEM, of who may sign the server's. Needed where `sslmode` is `verify-full`.
    pub ca_file: Option<PathBuf>,
    /// What the server calls this program in its own views.
    pub application_name: String,
    /// Records of one transaction, at most. Larger is quicker while catching up, and takes some hundred bytes
    /// of memory a record.
    pub batch_records_max: u32,
    /// How long to wait for a connection.
    pub connect_timeout_ms: u64,
    /// How long to wait before the second attempt after a failure; it doubles with each one.
    pub retry_delay_ms_min: u64,
    /// How long to wait between attempts, at most.
    pub retry_delay_ms_max: u64,
    /// How often a projector that waits for records says that it is there, and one that stands by asks
    /// whether the other one is gone.
    pub standby_poll_ms: u64,
    /// After how long without a word the other one is taken for gone, and its session ended.
    pub silent_ms_max: u64,
}

/// Whether the connection is encrypted. What encrypts without knowing to whom is not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum SslMode {
    /// It is not: for a socket, or a network that nobody else is on.
    #[default]
    #[serde(rename = "disable")]
    Disable,
    /// It is, and the server shows a certificate for `host` that is signed by one in `ca_file`.
    #[serde(rename = "verify-full")]
    VerifyFull,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: "/run/postgresql".to_owned(),
            port: 5432,
            database: "socai".to_owned(),
            user: "socai_projector".to_owned(),
            password_file: None,
            owner: "socai_owner".to_owned(),
            owner_password_file: None,
            reader: "grafana_reader".to_owned(),
            reader_password_file: None,
            credentials: "socai_credentials".to_owned(),
            credentials_password_file: None,
            sslmode: SslMode::Disable,
            ca_file: None,
            application_name: "socai".to_owned(),
            batch_records_max: 50_000,
            connect_timeout_ms: 5_000,
            retry_delay_ms_min: 100,
            retry_delay_ms_max: 10_000,
            standby_poll_ms: 1_000,
            silent_ms_max: 15_000,
        }
    }
}
