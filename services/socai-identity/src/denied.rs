//! Why it is nobody.

use socai_store::CredentialsError;

/// Why a token or a session stands for nobody.
///
/// Whoever holds a real one is told what became of it. [`Denied::code`] is part of the interfaces; the message
/// is for people and may change.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// Nothing was shown. Send a token, or log in.
    #[error("nothing says who asks: send a token as a bearer, or log in")]
    Missing,

    /// It was never given, or was ended and forgotten. Log in, or ask an operator for a token.
    #[error("what was shown stands for nobody")]
    Unknown,

    /// The account is closed, for good.
    #[error("the account is closed")]
    Closed,

    /// The token was revoked. Ask an operator for another one.
    #[error("the token was revoked")]
    Revoked,

    /// Its time is over. Log in again, or ask an operator for another token.
    #[error("its time is over")]
    Expired,

    /// It cannot be looked up now. Ask again later.
    #[error("who asks cannot be looked up now")]
    Unavailable(#[from] CredentialsError),
}

impl Denied {
    /// The code that clients match on. It never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "identity.missing",
            Self::Unknown => "identity.unknown",
            Self::Closed => "identity.closed",
            Self::Revoked => "identity.revoked",
            Self::Expired => "identity.expired",
            Self::Unavailable(_) => "identity.unavailable",
        }
    }
}
