//! What tells a serving process who asks it.

use std::sync::Arc;

use anyhow::Context;
use socai_identity::oidc::Provider;
use socai_identity::{Accounts, Identity};

use crate::config::Config;
use crate::place::Place;
use crate::{credentials, tls};

/// Identity over `accounts`, what is kept beside the ledger, and the provider of single sign-on, where there is one.
///
/// # Errors
///
/// Where what is kept cannot be opened, or a setting cannot be meant.
pub(crate) fn identity(config: &Config, accounts: Arc<dyn Accounts>) -> anyhow::Result<Identity> {
    let kept = credentials::beside(&Place::in_config(config.clone()))?;
    let identity = Identity::new(kept, accounts, config.identity.clone());
    let Some(oidc) = &config.api.oidc else {
        return Ok(identity);
    };
    let trusted = tls::trusting(&oidc.ca_file, "api.oidc.ca_file")?;
    let provider = Provider::new(oidc, trusted).context("api.oidc")?;
    Ok(identity.with_provider(provider))
}
