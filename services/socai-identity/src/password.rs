//! What may be a password; how one is hashed and compared.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use socai_domain::id::AccountId;
use socai_store::{CredentialsError, KeepError, PasswordHash};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::person::change_person;
use crate::settings::Settings;
use crate::{Identity, random};

/// Characters of a password, at least: NIST SP 800-63B-4, 3.1.1.2, for a password that is used alone. What they
/// are is not prescribed.
pub const PASSWORD_CHARS_MIN: usize = 15;

/// Bytes of a password, at most.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

/// Memory of one hash in KiB, its passes and its lanes: OWASP's Password Storage Cheat Sheet asks of argon2id for
/// at least 19 MiB, 2 and 1. (RFC 9106, section 4, would spend 64 MiB, 3 and 4, where a machine has nothing
/// else to do.)
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Why a text is no password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// It can be guessed.
    #[error("a password has at least {PASSWORD_CHARS_MIN} characters")]
    TooShort,
    /// Nobody types so much.
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    TooLong,
}

/// Why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// It is none. Choose another one.
    #[error(transparent)]
    Bad(#[from] BadPassword),
    /// The ledger has no such account, or it is closed.
    #[error("the ledger has no open account {account}")]
    NoAccount {
        /// Whose it would be.
        account: AccountId,
    },
    /// Too many passwords are being hashed. Ask again in a moment.
    #[error("too many passwords are being hashed: ask again in a moment")]
    Busy,
    /// It may be set or not, and sessions may be left. Set it again.
    #[error(
        "it is not certain that the password was set and that sessions have ended: set it again"
    )]
    Store(#[source] KeepError),
}

/// No place to hash one more.
pub(crate) struct Busy;

/// Hashes passwords, some at once.
pub(crate) struct Passwords {
    at_once: Arc<Semaphore>,
    waiting: Semaphore,
    /// How many places there are in each.
    places: (usize, usize),
}

impl Passwords {
    pub(crate) fn new(settings: &Settings) -> Self {
        let at_once = usize::from(settings.password_hashes_max.max(1));
        let waiting = usize::from(settings.password_waiting_max);
        Self {
            at_once: Arc::new(Semaphore::new(at_once)),
            waiting: Semaphore::new(at_once + waiting),
            places: (at_once, at_once + waiting),
        }
    }

    /// How many wait for their turn.
    pub(crate) fn waiting(&self) -> u64 {
        let (at_once, all) = self.places;
        let hashed = at_once - self.at_once.available_permits();
        let here = all - self.waiting.available_permits();
        here.saturating_sub(hashed) as u64
    }

    /// Hashes `password` with a fresh salt.
    async fn hash(&self, password: &str) -> Result<PasswordHash, Busy> {
        let password = normal(password);
        self.in_turn(move || hash(&password, &random::bytes()))
            .await
    }

    /// Whether `password` is the one of `hash`. Without a hash it is not, after as much work.
    pub(crate) async fn is(
        &self,
        password: &str,
        hash: Option<&PasswordHash>,
    ) -> Result<Result<bool, CredentialsError>, Busy> {
        let password = normal(password);
        let known = hash.cloned();
        self.in_turn(move || match known {
            Some(known) => verify(&password, &known),
            None => {
                self::hash(&password, &[0; 16]);
                Ok(false)
            }
        })
        .await
    }

    /// Does `work` on a thread of its own once it is its turn. It keeps its turn until it is done, whether or
    /// not anybody waits for it still.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _waits = self.waiting.try_acquire().map_err(|_full| Busy)?;
        let turn = self.at_once.clone().acquire_owned().await;
        let turn = turn.expect("nobody closes it");
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        Ok(done
            .await
            .expect("hashing does not panic, and the process waits for it"))
    }
}

/// The same letters typed on another keyboard are the same password: `ế` is one character or three.
fn normal(password: &str) -> String {
    password.nfc().collect()
}

fn check(password: &str) -> Result<(), BadPassword> {
    if normal(password).chars().count() < PASSWORD_CHARS_MIN {
        return Err(BadPassword::TooShort);
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(BadPassword::TooLong);
    }
    Ok(())
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.expect("the parameters are within those of the algorithm");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str, salt: &[u8; 16]) -> PasswordHash {
    let hashed = argon2id().hash_password_with_salt(password.as_bytes(), salt);
    let hashed = hashed.expect("a password and a salt of such lengths can be hashed");
    PasswordHash(hashed.to_string())
}

fn verify(password: &str, known: &PasswordHash) -> Result<bool, CredentialsError> {
    let known = Phc::new(&known.0).map_err(|error| CredentialsError::Damaged(error.into()))?;
    match argon2id().verify_password(password.as_bytes(), &known) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(CredentialsError::Damaged(error.into())),
    }
}

impl Identity {
    /// Gives `account` a password in place of any before, and ends all its sessions.
    ///
    /// # Errors
    ///
    /// [`SetPasswordError`].
    pub async fn set_password(
        &self,
        account: &AccountId,
        password: &str,
    ) -> Result<(), SetPasswordError> {
        check(password)?;
        if !self.accounts.is_open(account) {
            let account = account.clone();
            return Err(SetPasswordError::NoAccount { account });
        }
        let hash = self.passwords.hash(password).await;
        let hash = hash.map_err(|Busy| SetPasswordError::Busy)?;
        let changed = change_person(&*self.credentials, account, |person| {
            person.password = Some(hash.clone());
        });
        changed.await.map_err(SetPasswordError::Store)?;
        // A log-in by the password before looks once more after it has opened its session.
        let ended = self.credentials.end_sessions_of(account.as_str()).await;
        ended.map_err(|error| SetPasswordError::Store(error.into()))
    }
}
