//! How long a session lasts, and what passwords may cost. The documentation of the fields is that of the
//! configuration file.

use jiff::SignedDuration;
use serde::Deserialize;

/// The `[identity]` part of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How long a session lasts that nobody uses. OWASP's Session Management Cheat Sheet asks for 15 to 30
    /// minutes where the risk is low.
    pub session_idle_s: u32,
    /// How long a session lasts, however it is used: a working day.
    pub session_s: u32,
    /// Passwords that are hashed at once, at most: each takes 19 MiB of memory, and a core for some 20 ms.
    pub password_hashes_max: u16,
    /// Passwords that wait to be hashed, at most. Whoever comes then is told to ask again.
    pub password_waiting_max: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session_idle_s: 30 * 60,
            session_s: 12 * 60 * 60,
            password_hashes_max: 2,
            password_waiting_max: 64,
        }
    }
}

impl Settings {
    pub(crate) fn session_idle(&self) -> SignedDuration {
        SignedDuration::from_secs(self.session_idle_s.into())
    }

    pub(crate) fn session(&self) -> SignedDuration {
        SignedDuration::from_secs(self.session_s.into())
    }
}
