//! What an API is told: the table `[api]` of the configuration. `ops/socai.toml` is its manual.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use socai_identity::oidc;
use socai_store::blob::BLOB_BYTES_MAX;

use crate::proxies::Network;

/// What an API is told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The certificate and its key. Without it answers go out as they are, see `plain_http`.
    pub tls: Option<Tls>,
    /// Answers beyond this machine although there is no certificate: something in front of it has one.
    pub plain_http: bool,
    /// Whoever may say on whose behalf it asks, in `X-Forwarded-For`: proxies of one's own.
    pub proxies: Vec<Network>,
    /// Connections at once, at most.
    pub connections_max: u32,
    /// Connections of one address at once, at most; of IPv6 of one /64. `proxies` have as many as they like.
    pub connections_per_address: u32,
    /// How long a connection may take to begin: a handshake, a request's headers.
    pub header_seconds: u32,
    /// How long the body of a request may take to arrive.
    pub body_seconds: u32,
    /// How long an answer may take to begin.
    pub answer_seconds: u32,
    /// After how long a connection ends, once what is under way on it is answered.
    pub connection_seconds: u32,
    /// Bytes of a body with many commands, at most.
    pub commands_bytes_max: u32,
    /// Bytes of bodies that are under way at once, at most, and as many of attachments that are handed out.
    pub bodies_bytes_max: u32,
    /// Requests of one account within a minute, at most.
    pub requests_per_minute: u32,
    /// Requests of one address within a minute by somebody who is not known, at most.
    pub strangers_per_minute: u32,
    /// Where people log in as they do elsewhere in the house.
    pub oidc: Option<oidc::Settings>,
}

/// Where certificate and key are: PEM files, read again when they change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate, and those that lead from it to one that clients trust.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tls: None,
            plain_http: false,
            proxies: Vec::new(),
            connections_max: 1_024,
            connections_per_address: 64,
            header_seconds: 10,
            body_seconds: 30,
            answer_seconds: 60,
            connection_seconds: 3_600,
            commands_bytes_max: 16 * 1024 * 1024,
            bodies_bytes_max: 128 * 1024 * 1024,
            requests_per_minute: 6_000,
            strangers_per_minute: 300,
            oidc: None,
        }
    }
}

impl Settings {
    /// Checks that everything can be meant, for an API that listens at `at`, which `field` of the configuration says.
    ///
    /// # Errors
    ///
    /// A sentence that names the field and what was expected.
    pub fn check(&self, field: &str, at: IpAddr) -> Result<(), String> {
        let numbers = [
            ("connections_max", self.connections_max),
            ("connections_per_address", self.connections_per_address),
            ("header_seconds", self.header_seconds),
            ("body_seconds", self.body_seconds),
            ("answer_seconds", self.answer_seconds),
            ("connection_seconds", self.connection_seconds),
            ("commands_bytes_max", self.commands_bytes_max),
            ("requests_per_minute", self.requests_per_minute),
            ("strangers_per_minute", self.strangers_per_minute),
        ];
        if let Some((name, _)) = numbers.iter().find(|(_, number)| *number == 0) {
            return Err(format!("api.{name} must be at least 1"));
        }
        let longest = self.longest_body();
        if self.bodies_bytes_max < longest {
            return Err(format!(
                "api.bodies_bytes_max must be at least {longest}: as many bytes as one body may have"
            ));
        }
        if self.tls.is_none() && !self.plain_http && !at.is_loopback() {
            return Err(format!(
                "{field} is {at}, which others can reach, and without [api.tls] passwords and tokens would \
                 go there readable by everybody on the way: give certificate and key, or say api.plain_http = true \
                 where a proxy in front has them"
            ));
        }
        Ok(())
    }

    /// Bytes of the longest body that is kept in memory: a file, or many commands.
    fn longest_body(&self) -> u32 {
        let file = u32::try_from(BLOB_BYTES_MAX).expect("a file has fewer than 2³² bytes");
        self.commands_bytes_max.max(file)
    }

    /// Bytes of bodies of one account that are under way at once, at most: a quarter, and always the longest.
    pub(crate) fn bodies_bytes_of_one(&self) -> u32 {
        self.longest_body().max(self.bodies_bytes_max / 4)
    }

    pub(crate) fn body(&self) -> Duration {
        Duration::from_secs(self.body_seconds.into())
    }

    pub(crate) fn answer(&self) -> Duration {
        Duration::from_secs(self.answer_seconds.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_listens_beyond_this_machine_in_the_clear_without_saying_so() {
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0]));
        let settings = Settings::default();
        assert_eq!(settings.check("serve.listen", here), Ok(()));
        assert!(
            settings
                .check("serve.listen", there)
                .unwrap_err()
                .contains("api.plain_http")
        );
        let behind_a_proxy = Settings {
            plain_http: true,
            ..Settings::default()
        };
        assert_eq!(behind_a_proxy.check("serve.listen", there), Ok(()));
    }

    #[test]
    fn a_limit_of_nothing_is_refused_by_name() {
        let settings = Settings {
            body_seconds: 0,
            ..Settings::default()
        };
        let refused = settings
            .check("serve.listen", IpAddr::from([127, 0, 0, 1]))
            .unwrap_err();
        assert!(refused.contains("api.body_seconds"), "{refused}");
    }
}
