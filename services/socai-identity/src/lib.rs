//! Who it is that asks: tokens, passwords, sessions, single sign-on.
//!
//! ```text
//!   bearer token ──────────────► SHA-256 ──► the log: whose, until when ─┐
//!   cookie ─────► SHA-256 ──► credentials: whose session, until when ────┼──► Principal
//!   name, password ──► throttle ──► argon2id ──► credentials ──► cookie  │
//!                                    the log: is the account open? ◄─────┘
//! ```
//!
//! Deliberately absent: what whoever asks may do, which `socai-domain` says; HTTP; any clock, for the moment is
//! an argument. No token, key or password is kept, logged or shown again: only hashes are compared.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`token`] | what stands for an account until it expires |
//! | [`password`] | what may be a password; how one is hashed and compared |
//! | [`person`] | what is known of a person, changed one thing at a time |
//! | [`session`] | somebody is logged in |
//! | [`log_in`] | from a name and a password to a session |
//! | [`oidc`] | single sign-on: who somebody is, as a provider of OpenID Connect says |
//! | [`denied`] | why it is nobody |
//! | [`settings`] | how long a session lasts |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

use std::sync::Arc;

use jiff::Timestamp;
use socai_domain::account::Token;
use socai_domain::id::{AccountId, Sha256Hex, TokenId};
use socai_domain::registry::Registry;
use socai_store::Credentials;

pub mod denied;
pub mod log_in;
pub mod oidc;
pub mod password;
pub mod person;
mod random;
pub mod session;
pub mod settings;
mod throttle;
pub mod token;

pub use denied::Denied;
pub use log_in::LogInError;
pub use password::{BadPassword, SetPasswordError};
pub use person::change_person;
pub use session::{Opened, Session};
pub use settings::Settings;
pub use token::{NewToken, new_token};

use password::Passwords;
use throttle::Throttle;

/// The accounts of the log, as they are now.
pub trait Accounts: Send + Sync {
    /// Whether the ledger has the account, and it is not closed.
    fn is_open(&self, account: &AccountId) -> bool;

    /// The token whose text has this SHA-256, also where it expired or was revoked, and whose it is.
    fn of_token(&self, hash: &Sha256Hex) -> Option<(AccountId, TokenId, Token)>;
}

impl Accounts for Registry {
    fn is_open(&self, account: &AccountId) -> bool {
        let account = self.accounts.get(account);
        account.is_some_and(|account| account.closed.is_none())
    }

    fn of_token(&self, hash: &Sha256Hex) -> Option<(AccountId, TokenId, Token)> {
        let (account, id, token) = self.token(hash)?;
        Some((account.clone(), id.clone(), token.clone()))
    }
}

/// Who asks, and how they showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// By what.
    pub by: By,
}

/// What somebody showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A token, which programs send with every request.
    Token(TokenId),
    /// A session, which browsers hold as a cookie: others can make a browser send it.
    Session,
}

/// Says who asks. One for a process, shared by everything that answers requests.
pub struct Identity {
    credentials: Arc<dyn Credentials>,
    accounts: Arc<dyn Accounts>,
    settings: Settings,
    passwords: Passwords,
    throttle: Throttle,
    provider: Option<oidc::Provider>,
}

impl Identity {
    /// Identity over the accounts of a ledger and what is kept beside it.
    pub fn new(
        credentials: Arc<dyn Credentials>,
        accounts: Arc<dyn Accounts>,
        settings: Settings,
    ) -> Self {
        Self {
            credentials,
            accounts,
            passwords: Passwords::new(&settings),
            throttle: Throttle::default(),
            provider: None,
            settings,
        }
    }

    /// How many passwords wait to be hashed.
    pub fn passwords_waiting(&self) -> u64 {
        self.passwords.waiting()
    }

    /// The same, with single sign-on at `provider`.
    #[must_use]
    pub fn with_provider(self, provider: oidc::Provider) -> Self {
        let provider = Some(provider);
        Self { provider, ..self }
    }

    /// The provider of single sign-on, if there is one.
    #[must_use]
    pub fn provider(&self) -> Option<&oidc::Provider> {
        self.provider.as_ref()
    }

    /// Who shows the token `bearer` at `now`.
    ///
    /// # Errors
    ///
    /// [`Denied`], but never that the credentials are unavailable: tokens are in the log.
    pub fn by_token(&self, bearer: &str, now: Timestamp) -> Result<Principal, Denied> {
        let hash = token::hash_of(bearer).ok_or(Denied::Unknown)?;
        let (account, id, token) = self.accounts.of_token(&hash).ok_or(Denied::Unknown)?;
        if !self.accounts.is_open(&account) {
            return Err(Denied::Closed);
        }
        if token.revoked.is_some() {
            return Err(Denied::Revoked);
        }
        if token.expires <= now {
            return Err(Denied::Expired);
        }
        let by = By::Token(id);
        Ok(Principal { account, by })
    }
}
