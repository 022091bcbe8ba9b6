//! What is known of persons beside the log: names, password hashes, links to single sign-on, sessions.
//!
//! The log never holds any of it, so that it can be forgotten. Deliberately absent: who may do what, which is
//! in the log; passwords, keys and tokens themselves, of which nobody keeps more than a hash.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU32;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::BackendError;

/// What is known of the person behind an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// What people call them.
    pub name: Option<String>,
    /// What their password is compared with. Without one they cannot log in by password.
    pub password: Option<PasswordHash>,
    /// How providers of single sign-on know them. One subject is one account's at most.
    pub subjects: BTreeSet<Subject>,
}

/// A salted hash of a password with its parameters, in the PHC string format. Kept out of every log.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(hidden)")
    }
}

/// Somebody, as a provider of single sign-on knows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The provider.
    pub issuer: String,
    /// What it calls them, for ever.
    pub id: String,
}

/// The SHA-256 of a session's key. Whoever reads it cannot make the key from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash(pub [u8; 32]);

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(hidden)")
    }
}

/// Somebody is logged in. Times are kept to the microsecond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who, as the log calls them.
    pub account: String,
    /// When they logged in.
    pub opened: Timestamp,
    /// When it ends unless it is used before.
    pub idle_ends: Timestamp,
    /// When it ends however it is used.
    pub ends: Timestamp,
}

impl Session {
    /// Whether it is over at `now`.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.idle_ends <= now || self.ends <= now
    }
}

/// Persons and sessions, kept beside a ledger.
///
/// Accounts are named by their ids of the log; whether the log has such an account is not looked at. There is
/// one set of credentials for all processes that serve a ledger: whatever one of them was answered is seen by
/// every read that begins later, in any of them, and is durable by then (synced to disk, or committed).
///
/// All methods may run concurrently. Each is done whole or not at all, also where its future is dropped, which
/// leaves open which of the two; asking again is harmless. A store keeps sessions that are over until they are
/// swept: it has no clock, and whoever reads one compares.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// What is known of the person behind `account`; `None` where nothing ever was, or it was forgotten.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn person(&self, account: &str) -> Result<Option<Person>, CredentialsError>;

    /// Every person that is known and their accounts, by ascending account: at most `limit` after `after`, or from the
    /// first. Who is kept or forgotten meanwhile may or may not be among them.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn persons(
        &self,
        after: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<Vec<(String, Person)>, CredentialsError>;

    /// Keeps `person` for `account`, in place of `seen`: what [`person`](Self::person) answered before. So of
    /// two who change the same person at once neither undoes what the other did.
    ///
    /// # Errors
    ///
    /// [`KeepError::Changed`] and [`KeepError::SubjectTaken`], where nothing is changed; otherwise
    /// [`KeepError::Store`].
    async fn keep_person(
        &self,
        account: &str,
        seen: Option<&Person>,
        person: &Person,
    ) -> Result<(), KeepError>;

    /// Forgets the person behind `account` with their subjects, and ends their sessions. Nothing of them is
    /// answered any more; a store may overwrite the bytes later.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn forget_person(&self, account: &str) -> Result<(), CredentialsError>;

    /// The account whose person `subject` is.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn by_subject(&self, subject: &Subject) -> Result<Option<String>, CredentialsError>;

    /// Keeps a session under the hash of a fresh key.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn keep_session(&self, key: KeyHash, session: &Session) -> Result<(), CredentialsError>;

    /// The session of a key, also where it is over and not swept yet.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn session(&self, key: KeyHash) -> Result<Option<Session>, CredentialsError>;

    /// Says that a session was used: it now ends at `idle_ends` unless it is used again. One that was ended
    /// meanwhile stays ended.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn touch_session(
        &self,
        key: KeyHash,
        idle_ends: Timestamp,
    ) -> Result<(), CredentialsError>;

    /// Ends a session, if there is one.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn end_session(&self, key: KeyHash) -> Result<(), CredentialsError>;

    /// Ends every session of `account`.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn end_sessions_of(&self, account: &str) -> Result<(), CredentialsError>;

    /// Removes the sessions that are over at `now`, and says how many they were.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, CredentialsError>;
}

/// Why credentials have no answer.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// They are not there now. What was to be changed may be changed or not; asking again later is harmless.
    #[error("the credentials are unavailable")]
    Unavailable(#[source] BackendError),

    /// What is kept cannot be read. Stop, and restore it from a copy.
    #[error("the credentials are damaged")]
    Damaged(#[source] BackendError),
}

/// Why a person was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Somebody else changed the person first. Read, decide again.
    #[error("the person was changed meanwhile")]
    Changed,

    /// One of the subjects is another account's person. Take it from that one first.
    #[error("the subject belongs to account {account}")]
    SubjectTaken {
        /// The other account.
        account: String,
    },

    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] CredentialsError),
}
