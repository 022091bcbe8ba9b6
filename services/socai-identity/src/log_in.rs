//! From a name and a password to a session.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use socai_domain::id::AccountId;
use socai_store::{CredentialsError, PasswordHash};

use crate::Identity;
use crate::password::{Busy, PASSWORD_BYTES_MAX};
use crate::session::Opened;

/// How long to wait where too many log in at once.
const BUSY: SignedDuration = SignedDuration::from_secs(1);

/// Why nobody is logged in.
///
/// [`LogInError::code`] is part of the interfaces; the message is for people and may change.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// It was tried too often, or too many log in at once. Try again after `wait`.
    #[error("too many attempts: try again in {} seconds", seconds(*wait))]
    TooMany {
        /// How long to wait.
        wait: SignedDuration,
    },

    /// No open account has this name and this password. Which of them is wrong is not said, and takes no time
    /// of its own.
    #[error("the account or the password is wrong")]
    Wrong,

    /// It cannot be looked up now. Try again later.
    #[error("passwords cannot be compared now")]
    Unavailable(#[from] CredentialsError),
}

impl LogInError {
    /// The code that clients match on. It never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "identity.too_many_attempts",
            Self::Wrong => "identity.wrong_password",
            Self::Unavailable(_) => "identity.unavailable",
        }
    }
}

/// Whole seconds that are not shorter than `wait`.
#[must_use]
pub fn seconds(wait: SignedDuration) -> i64 {
    wait.as_secs() + i64::from(wait.subsec_nanos() > 0)
}

impl Identity {
    /// Opens a session for whoever knows the password of `account`, asking from the address `from`.
    ///
    /// # Errors
    ///
    /// [`LogInError`].
    pub async fn log_in(
        &self,
        account: &str,
        password: &str,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Opened, LogInError> {
        // What can be nobody's tells nobody anything.
        let account = AccountId::new(account).map_err(|_| LogInError::Wrong)?;
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(LogInError::Wrong);
        }
        let counted = self.throttle.attempt(&account, from, now);
        counted.map_err(|wait| LogInError::TooMany { wait })?;
        let known = self.password_of(&account).await?;
        let is = self.passwords.is(password, known.as_ref()).await;
        let is = is.map_err(|Busy| LogInError::TooMany { wait: BUSY })?;
        if !is? || !self.accounts.is_open(&account) {
            return Err(LogInError::Wrong);
        }
        let opened = self.open_session(&account, now).await?;
        // Whoever sets another password ends the sessions that are there by then; this one may not have been.
        if self.password_of(&account).await? != known {
            self.log_out(&opened.cookie).await?;
            return Err(LogInError::Wrong);
        }
        self.throttle.succeeded(&account, from);
        Ok(opened)
    }

    async fn password_of(
        &self,
        account: &AccountId,
    ) -> Result<Option<PasswordHash>, CredentialsError> {
        let person = self.credentials.person(account.as_str()).await?;
        Ok(person.and_then(|person| person.password))
    }
}
