//! A session: somebody is logged in. Their browser holds the key as a cookie; its hash alone is kept.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use socai_domain::id::AccountId;
use socai_store::{CredentialsError, KeyHash, Session as Kept};
use subtle::ConstantTimeEq;

use crate::denied::Denied;
use crate::random;
use crate::{By, Identity, Principal};

/// A session that is used is written down at most this often: each time waits for a disk.
const TOUCH: SignedDuration = SignedDuration::from_secs(60);

/// A session that was just opened.
pub struct Opened {
    /// The key: what the cookie holds. It is said once.
    pub cookie: String,
    /// What the pages of the session send with every change, to show that no other site sent it.
    pub csrf: String,
    /// When it ends however it is used.
    pub expires: Timestamp,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A session that a request belongs to.
pub struct Session {
    /// What the pages of the session send with every change.
    pub csrf: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it ends however it is used.
    pub expires: Timestamp,
}

impl Session {
    /// Whether `sent` is what the pages of the session send, compared in a time that does not tell how much of
    /// it is right.
    #[must_use]
    pub fn confirms(&self, sent: &str) -> bool {
        self.csrf.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("opened", &self.opened)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Who the session of `cookie` belongs to. Using it puts off its end.
    ///
    /// # Errors
    ///
    /// [`Denied`].
    pub async fn by_session(
        &self,
        cookie: &str,
        now: Timestamp,
    ) -> Result<(Principal, Session), Denied> {
        let key = key_hash(cookie);
        let kept = self.credentials.session(key).await?;
        let kept = kept.ok_or(Denied::Unknown)?;
        if kept.is_over(now) {
            return Err(Denied::Expired);
        }
        let account = AccountId::new(&kept.account);
        let account = account.map_err(|bad| CredentialsError::Damaged(bad.into()))?;
        if !self.accounts.is_open(&account) {
            return Err(Denied::Closed);
        }
        self.touch(key, &kept, now).await?;
        let by = By::Session;
        let session = Session {
            csrf: csrf(cookie),
            opened: kept.opened,
            expires: kept.ends,
        };
        Ok((Principal { account, by }, session))
    }

    async fn touch(
        &self,
        key: KeyHash,
        kept: &Kept,
        now: Timestamp,
    ) -> Result<(), CredentialsError> {
        let idle_ends = now + self.settings.session_idle();
        if idle_ends.duration_since(kept.idle_ends) < TOUCH {
            return Ok(());
        }
        self.credentials.touch_session(key, idle_ends).await
    }

    /// Opens a session of `account`, whoever they showed to be.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`]: there may be a session that nobody has the key of.
    pub async fn open_session(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Opened, CredentialsError> {
        let cookie = random::key();
        let session = Kept {
            account: account.to_string(),
            opened: now,
            idle_ends: now + self.settings.session_idle(),
            ends: now + self.settings.session(),
        };
        let kept = self.credentials.keep_session(key_hash(&cookie), &session);
        kept.await?;
        Ok(Opened {
            csrf: csrf(&cookie),
            cookie,
            expires: session.ends,
        })
    }

    /// Ends the session of `cookie`, if there is one.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`]: log out again.
    pub async fn log_out(&self, cookie: &str) -> Result<(), CredentialsError> {
        self.credentials.end_session(key_hash(cookie)).await
    }

    /// Ends every session of `account`.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`]: ask again.
    pub async fn log_out_everywhere(&self, account: &AccountId) -> Result<(), CredentialsError> {
        self.credentials.end_sessions_of(account.as_str()).await
    }

    /// Removes what is left of sessions that are over, and says how many they were. To be done now and then.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, CredentialsError> {
        self.credentials.sweep_sessions(now).await
    }
}

fn key_hash(cookie: &str) -> KeyHash {
    KeyHash(random::sha256(cookie))
}

/// Follows from the key, and does not tell it.
fn csrf(cookie: &str) -> String {
    let hash = Sha256::digest(format!("socai csrf\n{cookie}"));
    random::base64url(&hash)
}
