//! The configuration of a process that serves, or of a ledger on NATS: one TOML file.
//!
//! `ops/socai.toml` is the manual: every field with its meaning, unit and default. Each can be set by the
//! environment as well, `SOCAI_<TABLE>__<FIELD>`, which wins over the file: `SOCAI_SERVE__LISTEN`,
//! `SOCAI_NATS__LOGIN__NKEY_SEED`. Secrets are paths to files and stand in neither.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use socai_domain::id::AccountId;
use socai_metrics::window::Due;

use crate::traces::Traces;

mod window;

/// Everything that a process is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The ledger in a directory of this machine; excludes `nats`.
    pub(crate) ledger: Option<Directory>,
    /// The ledger on NATS JetStream; excludes `ledger`.
    pub(crate) nats: Option<socai_store_nats::Settings>,
    /// The database that the projector keeps.
    pub(crate) postgres: Option<socai_view_postgres::Settings>,
    #[serde(default)]
    pub(crate) serve: Serve,
    #[serde(default)]
    pub(crate) api: socai_api::Settings,
    #[serde(default)]
    pub(crate) identity: socai_identity::Settings,
    #[serde(default)]
    pub(crate) watcher: Watcher,
    #[serde(default)]
    pub(crate) sealer: Sealer,
    #[serde(default)]
    pub(crate) metrics: Metrics,
    #[serde(default)]
    pub(crate) verification: Verification,
    /// Where spans go, where they go anywhere.
    pub(crate) traces: Option<Traces>,
}

/// A ledger on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Directory {
    /// The ledger's directory, as `socai init` made it.
    pub(crate) directory: PathBuf,
}

/// What a serving process does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Serve {
    /// Where it answers over HTTP.
    pub(crate) listen: SocketAddr,
    /// What it does.
    pub(crate) roles: Vec<RoleName>,
    /// A directory of its own for what makes the next start quick and a rolled back ledger known.
    /// Needed with `nats`; a ledger in a directory keeps it there.
    pub(crate) state: Option<PathBuf>,
    /// How long roles may take to come to an end when the process is asked to stop.
    pub(crate) grace_seconds: u32,
    /// The form of the log.
    pub(crate) log: LogForm,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8420)),
            roles: vec![RoleName::Api, RoleName::Watcher, RoleName::Sealer],
            state: None,
            grace_seconds: 20,
            log: LogForm::default(),
        }
    }
}

/// What a process can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleName {
    /// Keeps the image and answers from it
    Api,
    /// Raises late flags
    Watcher,
    /// Keeps PostgreSQL
    Projector,
    /// Signs checkpoints of the ledger
    Sealer,
}

impl RoleName {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Watcher => "watcher",
            Self::Projector => "projector",
            Self::Sealer => "sealer",
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogForm {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

/// The deadline watcher.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Watcher {
    /// The account that its flags are recorded by.
    pub(crate) account: AccountId,
    /// How often it looks.
    pub(crate) every_seconds: u32,
}

impl Default for Watcher {
    fn default() -> Self {
        Self {
            account: AccountId::new("watcher").expect("a plain word is an id"),
            every_seconds: 900,
        }
    }
}

/// The sealer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sealer {
    /// How long it keeps its place after it renewed it; another one takes over that much later.
    pub(crate) term_seconds: u32,
    /// How often it looks for something new.
    pub(crate) every_ms: u32,
    /// The file with its private keys, one a line. A ledger in a directory has them there.
    pub(crate) key: Option<PathBuf>,
    /// Who is asked to cosign.
    pub(crate) witnesses: Vec<Witness>,
    /// How long after a round of asking the next one begins.
    pub(crate) cosign_seconds: u32,
    /// How old a cosignature becomes before another one is asked for, while the ledger does not grow.
    pub(crate) recosign_seconds: u32,
    /// The certificates that witnesses' certificates are verified by, in PEM.
    pub(crate) ca_file: PathBuf,
}

/// A witness, on a machine of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Witness {
    /// Where it is asked: its submission prefix, without `/add-checkpoint`.
    pub(crate) url: String,
    /// Its verifier key, as `socai witness init` printed it.
    pub(crate) key: String,
}

impl Default for Sealer {
    fn default() -> Self {
        Self {
            term_seconds: 10,
            every_ms: 500,
            key: None,
            witnesses: Vec::new(),
            cosign_seconds: 60,
            recosign_seconds: 900,
            ca_file: PathBuf::from("/etc/ssl/certs/ca-certificates.crt"),
        }
    }
}

/// What Prometheus is told, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Metrics {
    /// Where `/metrics` is answered to everybody.
    pub(crate) listen: Option<SocketAddr>,
    /// How much is told of units.
    pub(crate) units: Units,
    /// Which due dates are counted.
    #[serde(deserialize_with = "window::read")]
    pub(crate) window: Due,
}

/// Reading the ledger again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Verification {
    /// How long after one time the next one begins.
    pub(crate) every_seconds: u32,
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            every_seconds: 86_400,
        }
    }
}

/// How much is told of units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Units {
    /// Series of each unit, and of each kind.
    #[default]
    All,
    /// Series of each kind.
    Kinds,
    /// Nothing.
    Off,
}

impl Config {
    /// Reads `path`, and the environment over it.
    ///
    /// # Errors
    ///
    /// What is wrong, in which field, and what was expected.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        Self::parse(&text, std::env::vars()).with_context(|| path.display().to_string())
    }

    fn parse(
        text: &str,
        environment: impl Iterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut table: toml::Table = text.parse().context("not TOML")?;
        for (name, value) in environment {
            if let Some(path) = path_of(&name) {
                put(&mut table, &path, literal(&value))
                    .with_context(|| format!("environment variable {name}"))?;
            }
        }
        let config: Self = table.try_into()?;
        config.check()?;
        Ok(config)
    }

    /// Everything as by default, for a ledger in a directory.
    pub(crate) fn of_directory(ledger: Directory) -> Self {
        Self {
            ledger: Some(ledger),
            nats: None,
            postgres: None,
            serve: Serve::default(),
            api: socai_api::Settings::default(),
            identity: socai_identity::Settings::default(),
            watcher: Watcher::default(),
            sealer: Sealer::default(),
            metrics: Metrics::default(),
            verification: Verification::default(),
            traces: None,
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        match (&self.ledger, &self.nats) {
            (None, None) => bail!(
                "where is the ledger? Give [ledger] with directory, or [nats] with servers, stream and prefix"
            ),
            (Some(_), Some(_)) => {
                bail!("[ledger] and [nats] are both given: a ledger is in one place")
            }
            (None, Some(nats)) => nats.check()?,
            (Some(_), None) => {}
        }
        if self.nats.is_some() && self.serve.state.is_none() {
            bail!(
                "serve.state is missing: a ledger on NATS needs a directory of this process's own"
            );
        }
        let Sealer {
            term_seconds,
            every_ms,
            cosign_seconds,
            recosign_seconds,
            ..
        } = self.sealer;
        if self.watcher.every_seconds == 0 || term_seconds == 0 || every_ms == 0 {
            bail!(
                "watcher.every_seconds, sealer.term_seconds and sealer.every_ms must be at least 1"
            );
        }
        if cosign_seconds == 0 || recosign_seconds == 0 {
            bail!("sealer.cosign_seconds and sealer.recosign_seconds must be at least 1");
        }
        if self.verification.every_seconds == 0 {
            bail!("verification.every_seconds must be at least 1");
        }
        self.traces.as_ref().map_or(Ok(()), Traces::check)
    }
}

/// The fields that an environment variable stands for, from the outermost table in.
fn path_of(name: &str) -> Option<Vec<String>> {
    let rest = name.strip_prefix("SOCAI_")?;
    let path: Vec<String> = rest.split("__").map(str::to_ascii_lowercase).collect();
    (path.len() > 1).then_some(path)
}

/// A value as TOML writes it, or else the text itself.
fn literal(text: &str) -> toml::Value {
    let line = format!("value = {text}");
    let table: Option<toml::Table> = line.parse().ok();
    let value = table.and_then(|mut table| table.remove("value"));
    value.unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

fn put(table: &mut toml::Table, path: &[String], value: toml::Value) -> anyhow::Result<()> {
    let [field, rest @ ..] = path else {
        return Ok(());
    };
    if rest.is_empty() {
        table.insert(field.clone(), value);
        return Ok(());
    }
    let empty = || toml::Value::Table(toml::Table::new());
    let inner = table.entry(field.clone()).or_insert_with(empty);
    let inner = inner.as_table_mut();
    put(
        inner.with_context(|| format!("{field} is a value, not a table"))?,
        rest,
        value,
    )
}

#[cfg(test)]
mod shipped;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use socai_view_postgres::Settings;

    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> anyhow::Result<Config> {
        let pairs = environment.iter();
        Config::parse(
            text,
            pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn the_manual_parses_and_its_values_are_the_defaults() {
        let manual = include_str!("../../../ops/socai.toml");
        let config = parse(manual, &[]).unwrap();
        let state = config.serve.state.clone();
        assert_eq!(
            config.serve,
            Serve {
                state,
                ..Serve::default()
            }
        );
        assert_eq!(config.watcher, Watcher::default());
        assert_eq!(config.identity, socai_identity::Settings::default());
        assert_eq!(config.metrics, Metrics::default());
        assert_eq!(config.verification, Verification::default());
        let key = config.sealer.key.clone();
        assert!(key.is_some());
        assert_eq!(
            config.sealer,
            Sealer {
                key,
                ..Sealer::default()
            }
        );
        let taken_in = manual.replace("\n#[postgres]", "\n[postgres]");
        let in_table = taken_in.split_once("\n[postgres]").unwrap().1;
        let in_table = in_table.split_once("\n[serve]").unwrap().0;
        let taken_in = format!(
            "[postgres]{}",
            in_table.replace("\n#", "\n").replace("\n ", "\n# ")
        );
        let settings = toml::from_str::<BTreeMap<String, Settings>>(&taken_in).unwrap();
        let Settings {
            password_file,
            owner_password_file,
            reader_password_file,
            credentials_password_file,
            ca_file,
            ..
        } = settings["postgres"].clone();
        let paths = [
            &password_file,
            &owner_password_file,
            &reader_password_file,
            &credentials_password_file,
            &ca_file,
        ];
        assert!(paths.iter().all(|path| path.is_some()));
        let expected = Settings {
            password_file,
            owner_password_file,
            reader_password_file,
            credentials_password_file,
            ca_file,
            ..Settings::default()
        };
        assert_eq!(settings["postgres"], expected);
        let named = format!("{expected:?}").matches(": ").count();
        let written = taken_in
            .lines()
            .filter(|line| !line.starts_with('#') && line.contains(" = "));
        assert_eq!(written.count(), named, "every field is in the manual");
    }

    #[test]
    fn the_certificate_of_the_manual_parses_once_it_is_not_a_comment() {
        let manual = include_str!("../../../ops/socai.toml");
        let taken_in = ["[api.tls]", "certificate =", "key = \"/etc/socai/socai.key"];
        let manual = taken_in.iter().fold(manual.to_owned(), |manual, line| {
            manual.replace(&format!("\n#{line}"), &format!("\n{line}"))
        });
        let tls = parse(&manual, &[]).unwrap().api.tls.unwrap();
        assert_eq!(tls.key, PathBuf::from("/etc/socai/socai.key"));
    }

    #[test]
    fn a_witness_of_the_manual_parses_once_it_is_not_a_comment() {
        let manual = include_str!("../../../ops/socai.toml");
        let (rest, block) = manual.split_once("\n#[[sealer.witnesses]]").unwrap();
        let block = block.replace("\n#url", "\nurl").replace("\n#key", "\nkey");
        let config = parse(&format!("{rest}\n[[sealer.witnesses]]{block}"), &[]).unwrap();
        let witness = &config.sealer.witnesses[0];
        assert_eq!(witness.url, "https://witness.example.vn");
        assert!(witness.key.starts_with("witness.example.vn/committee+"));
    }

    #[test]
    fn single_sign_on_of_the_manual_parses_once_it_is_not_a_comment() {
        let manual = include_str!("../../../ops/socai.toml");
        let (_, block) = manual.split_once("\n#[api.oidc]\n").unwrap();
        let (block, _) = block.split_once("\n\n").unwrap();
        let lines = block.lines().filter(|line| !line.starts_with("# "));
        let lines: Vec<&str> = lines.map(|line| line.trim_start_matches('#')).collect();
        let table = format!("[api.oidc]\n{}", lines.join("\n"));
        let config = parse(&format!("[ledger]\ndirectory = \"a\"\n{table}"), &[]).unwrap();
        let oidc = config.api.oidc.unwrap();
        assert_eq!(oidc.account_claim.as_deref(), Some("socai_account"));
        let written = lines.iter().map(|line| line.split(' ').next().unwrap());
        let named = format!("{oidc:?}");
        assert!(
            written
                .clone()
                .all(|field| named.contains(&format!("{field}: ")))
        );
        assert_eq!(
            written.count(),
            named.matches(": ").count(),
            "every field is in the manual"
        );
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let file = "[ledger]\ndirectory = \"a\"\n[serve]\nlisten = \"127.0.0.1:1\"";
        let over = [
            ("SOCAI_SERVE__LISTEN", "127.0.0.1:2"),
            ("SOCAI_SERVE__ROLES", "[\"sealer\"]"),
            ("SOCAI_SERVE__GRACE_SECONDS", "7"),
            ("SOCAI_DATA", "elsewhere"),
        ];
        let config = parse(file, &over).unwrap();
        assert_eq!(config.serve.listen.port(), 2);
        assert_eq!(config.serve.roles, [RoleName::Sealer]);
        assert_eq!(config.serve.grace_seconds, 7);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        let ladder = [
            ("nonsense", "not TOML"),
            ("", "where is the ledger?"),
            ("[ledger]\ndirectory = \"a\"\ncolour = 1", "colour"),
            (
                "[ledger]\ndirectory = \"a\"\n[serve]\nroles = [\"king\"]",
                "king",
            ),
            (
                "[ledger]\ndirectory = \"a\"\n[serve]\nlisten = \"here\"",
                "listen",
            ),
            (
                "[ledger]\ndirectory = \"a\"\n[sealer]\nterm_seconds = 0",
                "at least 1",
            ),
            (
                "[ledger]\ndirectory = \"a\"\n[sealer]\nrecosign_seconds = 0",
                "at least 1",
            ),
            (
                "[ledger]\ndirectory = \"a\"\n[[sealer.witnesses]]\nurl = \"u\"",
                "key",
            ),
            (
                "[nats]\nservers = []\nstream = \"L\"\nprefix = \"l\"\n[serve]\nstate = \"s\"",
                "servers",
            ),
            (
                "[nats]\nservers = [\"nats://h\"]\nstream = \"L\"\nprefix = \"l\"",
                "serve.state",
            ),
            (
                "[ledger]\ndirectory = \"a\"\n[nats]\nservers = [\"nats://h\"]\nstream = \"L\"\nprefix = \"l\"",
                "both given",
            ),
        ];
        for (text, place) in ladder {
            let error = format!("{:#}", parse(text, &[]).unwrap_err());
            assert!(error.contains(place), "{text}: {error}");
        }
        let set = [("SOCAI_LEDGER__DIRECTORY__DEEPER", "1")];
        let error = format!(
            "{:#}",
            parse("[ledger]\ndirectory = \"a\"", &set).unwrap_err()
        );
        assert!(error.contains("SOCAI_LEDGER__DIRECTORY__DEEPER"), "{error}");
    }
}
