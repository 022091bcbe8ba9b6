//! What an operator says of the provider.

use std::path::PathBuf;

use openidconnect::ClientSecret;
use serde::Deserialize;

/// The provider, as the configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The provider's name for itself: `https://` and what stands before `/.well-known/openid-configuration`.
    pub issuer: String,
    /// What this ledger is called there.
    pub client_id: String,
    /// The file with the secret that was agreed there.
    pub client_secret_file: PathBuf,
    /// Where browsers come back to, as it was registered there: ends in `/v1/oidc/callback`.
    pub redirect_url: String,
    /// The claim of an ID token that is an account's id. Without it, an account is found by the issuer and subject
    /// that it was linked to.
    pub account_claim: Option<String>,
    /// Scopes that are asked for besides `openid`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The certificates by which the provider's is verified, in PEM: what the `tls` of [`Provider::new`](super::Provider::new) is made from.
    #[serde(default = "ca_file")]
    pub ca_file: PathBuf,
}

fn ca_file() -> PathBuf {
    PathBuf::from("/etc/ssl/certs/ca-certificates.crt")
}

/// What is wrong with [`Settings`].
#[derive(Debug, thiserror::Error)]
#[error("{field}: {sentence}")]
pub struct SettingsError {
    pub(super) field: &'static str,
    pub(super) sentence: String,
}

impl Settings {
    /// Reads the secret.
    pub(super) fn secret(&self) -> Result<ClientSecret, SettingsError> {
        let path = &self.client_secret_file;
        let bad = |told: &dyn std::fmt::Display| SettingsError {
            field: "client_secret_file",
            sentence: format!("{}: {told}", path.display()),
        };
        let text = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
        match text.trim() {
            "" => Err(bad(&"it is empty")),
            text => Ok(ClientSecret::new(text.to_owned())),
        }
    }
}
