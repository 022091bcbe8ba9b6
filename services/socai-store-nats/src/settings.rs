//! Where the ledger is and how to get in: what an operator writes, checked.
//!
//! Secrets are paths to files, read when a connection is made. The docs of the fields are the manual.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// The `[nats]` table of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Addresses of servers, as `nats://10.0.0.1:4222` or `tls://n1.example:4222`. One that answers is
    /// enough; the others of its cluster are learned from it.
    pub servers: Vec<String>,

    /// The JetStream stream that holds the ledger: letters, digits, `_` and `-`. One stream, one ledger.
    pub stream: String,

    /// What the subjects of the ledger begin with, as `ledger.hanoi`: tokens of `a-z`, `0-9`, `_` and
    /// `-`, with dots between them. An event of `obligation.hn-1` is published to
    /// `ledger.hanoi.obligation.hn-1`. It cannot be changed later.
    pub prefix: String,

    /// How many servers keep a copy: 1, 3 or 5. Three survive the loss of one. Default: 3.
    #[serde(default = "three")]
    pub replicas: usize,

    /// What this process is called in the server's lists of connections. Default: `socai`.
    #[serde(default = "socai")]
    pub connection_name: String,

    /// Who this process is. Default: nobody, which only an open server lets in.
    #[serde(default)]
    pub login: Login,

    /// How the connection is encrypted. Default: not, unless an address says `tls://`.
    #[serde(default)]
    pub tls: Tls,

    /// A user of the system account, who is asked for nothing but whether each server syncs what it
    /// acknowledges. Default: none, and then only `allow_unsynced` lets the ledger be written.
    #[serde(default)]
    pub system: Option<Login>,

    /// Write the ledger although a server does not say that it syncs every message to disk before it
    /// acknowledges: a power cut may then lose events that people were told are recorded. Default: false.
    #[serde(default)]
    pub allow_unsynced: bool,

    /// How long an answer is waited for, in milliseconds, before it counts as lost. Default: 5,000.
    #[serde(default = "five_seconds")]
    pub request_timeout_ms: u64,
}

/// One way to say who one is, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Login {
    /// A `.creds` file: a user's JWT and the seed that signs for it.
    pub credentials: Option<PathBuf>,
    /// A file that holds an nkey seed (`SU…`) and nothing else.
    pub nkey_seed: Option<PathBuf>,
    /// A user's name; excludes the two above and needs `password`.
    pub user: Option<String>,
    /// A file that holds the user's password and nothing else.
    pub password: Option<PathBuf>,
}

/// Certificates, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// The authorities that servers' certificates are checked against. Where it is given the
    /// connection is encrypted or not made.
    pub ca: Option<PathBuf>,
    /// This process's own certificate, for servers that ask for one; needs `key`.
    pub certificate: Option<PathBuf>,
    /// The certificate's key.
    pub key: Option<PathBuf>,
}

/// A setting that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nats.{field} {problem}")]
pub struct SettingsError {
    /// The field, as it is written in the file.
    pub field: &'static str,
    /// What is wrong with it, and what was expected.
    pub problem: String,
}

impl Settings {
    /// Settings for one server, every other field as by default.
    #[must_use]
    pub fn new(server: &str, stream: &str, prefix: &str) -> Self {
        Self {
            servers: vec![server.to_owned()],
            stream: stream.to_owned(),
            prefix: prefix.to_owned(),
            replicas: three(),
            connection_name: socai(),
            login: Login::default(),
            tls: Tls::default(),
            system: None,
            allow_unsynced: false,
            request_timeout_ms: five_seconds(),
        }
    }

    /// Checks what can be checked without a server or a file.
    ///
    /// # Errors
    ///
    /// The first field that cannot be meant.
    pub fn check(&self) -> Result<(), SettingsError> {
        let wrong = |field, problem: &str| {
            let problem = problem.to_owned();
            Err(SettingsError { field, problem })
        };
        if self.servers.is_empty() {
            return wrong(
                "servers",
                "is empty: name at least one, as nats://127.0.0.1:4222",
            );
        }
        if !is_token(&self.stream, |byte| byte.is_ascii_alphanumeric()) {
            return wrong("stream", "must be letters, digits, _ and -");
        }
        let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !self.prefix.split('.').all(|token| is_token(token, lower)) {
            return wrong(
                "prefix",
                "must be tokens of a-z, 0-9, _ and - with dots between them",
            );
        }
        if self.prefix.len() > 100 {
            return wrong("prefix", "must be at most 100 bytes");
        }
        if ![1, 3, 5].contains(&self.replicas) {
            return wrong("replicas", "must be 1, 3 or 5");
        }
        if self.request_timeout_ms == 0 {
            return wrong("request_timeout_ms", "must be at least 1");
        }
        if self.tls.certificate.is_some() != self.tls.key.is_some() {
            return wrong("tls", "needs certificate and key together, or neither");
        }
        self.login.check("login")?;
        self.system
            .as_ref()
            .map_or(Ok(()), |login| login.check("system"))
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }
}

impl Login {
    fn check(&self, field: &'static str) -> Result<(), SettingsError> {
        let ways = [
            self.credentials.is_some(),
            self.nkey_seed.is_some(),
            self.user.is_some(),
        ];
        let problem = if ways.into_iter().filter(|given| *given).count() > 1 {
            "must give one of credentials, nkey_seed and user, not several"
        } else if self.user.is_some() != self.password.is_some() {
            "needs user and password together, or neither"
        } else {
            return Ok(());
        };
        let problem = problem.to_owned();
        Err(SettingsError { field, problem })
    }
}

fn is_token(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| allowed(byte) || b"_-".contains(&byte))
}

fn three() -> usize {
    3
}

fn socai() -> String {
    "socai".to_owned()
}

fn five_seconds() -> u64 {
    5_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_by_field() {
        let good = Settings::new("nats://127.0.0.1:4222", "LEDGER", "ledger.hanoi");
        good.check().unwrap();
        let with = |change: fn(&mut Settings)| {
            let mut settings = good.clone();
            change(&mut settings);
            settings.check().unwrap_err().field
        };
        assert_eq!("servers", with(|it| it.servers.clear()));
        assert_eq!("stream", with(|it| it.stream = "a.b".to_owned()));
        assert_eq!("prefix", with(|it| it.prefix = "ledger.>".to_owned()));
        assert_eq!("prefix", with(|it| it.prefix = "ledger..x".to_owned()));
        assert_eq!("replicas", with(|it| it.replicas = 2));
        assert_eq!("tls", with(|it| it.tls.key = Some("key".into())));
        assert_eq!("login", with(|it| it.login.user = Some("ana".to_owned())));
        let both = |it: &mut Settings| {
            let (nkey_seed, credentials) = (Some("a".into()), Some("b".into()));
            it.system = Some(Login {
                nkey_seed,
                credentials,
                ..Login::default()
            });
        };
        assert_eq!("system", with(both));
    }
}
