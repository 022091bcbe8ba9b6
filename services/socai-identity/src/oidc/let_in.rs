//! From whom a provider vouches for to a session.

use jiff::Timestamp;
use socai_domain::id::AccountId;
use socai_store::{CredentialsError, Subject};

use super::Vouched;
use crate::Identity;
use crate::session::Opened;

/// Why somebody who logged in at the provider is not let in here.
#[derive(Debug, thiserror::Error)]
pub enum LetInError {
    /// No open account is theirs. Let an operator link one: `socai account link`.
    #[error("no open account belongs to this person of the provider's")]
    NoAccount,
    /// It cannot be looked up now. Begin anew later.
    #[error("accounts cannot be looked up now")]
    Unavailable(#[from] CredentialsError),
}

impl LetInError {
    /// The code that clients match on. It never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoAccount => "identity.no_account",
            Self::Unavailable(_) => "identity.unavailable",
        }
    }
}

impl Identity {
    /// Opens a session of the account of whom a provider vouches for: the one that they were linked to, or else the one
    /// that the provider names.
    ///
    /// # Errors
    ///
    /// [`LetInError`].
    pub async fn let_in(&self, vouched: &Vouched, now: Timestamp) -> Result<Opened, LetInError> {
        let subject = Subject {
            issuer: vouched.issuer.clone(),
            id: vouched.subject.clone(),
        };
        let linked = self.credentials.by_subject(&subject).await?;
        let named = linked.as_ref().or(vouched.claim.as_ref());
        let account = named.and_then(|account| AccountId::new(account).ok());
        let account = account.filter(|account| self.accounts.is_open(account));
        let account = account.ok_or(LetInError::NoAccount)?;
        Ok(self.open_session(&account, now).await?)
    }
}
