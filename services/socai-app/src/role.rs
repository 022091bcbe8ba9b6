//! How each role of a process is, for whoever watches over the process.
//!
//! ```text
//! starting ──► working ◄──► trying        trying: what it needs is not there; it goes on by itself
//!    │            │ ▲
//!    │            ▼ │
//!    │         standing by                 another process does it now
//!    └──────► stopped                      it waits for a person; the reason says what for
//! ```

use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

/// What a role does now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// It is not there yet: it connects, reads on, or folds.
    #[default]
    Starting,
    /// It does what it is for.
    Working,
    /// Another process does it; this one would take over.
    StandingBy {
        /// Who does it.
        holder: String,
    },
    /// Something that it needs is not there. It tries again by itself.
    Trying {
        /// What is not there.
        reason: String,
    },
    /// It does not go on by itself.
    Stopped {
        /// What happened, where, and so what to look at.
        reason: String,
    },
}

/// A role as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Role {
    /// What it does now.
    #[serde(flatten)]
    pub state: State,
    /// How far in the ledger it has come, where it follows the ledger.
    pub position: Option<u64>,
}

impl Role {
    /// Whether a process with this role can be relied on: it works, or another one does.
    pub fn is_ready(&self) -> bool {
        match self.state {
            State::Working | State::StandingBy { .. } => true,
            State::Starting | State::Trying { .. } | State::Stopped { .. } => false,
        }
    }
}

/// Where a role says how it is. A change of state is also a line in the process's log.
#[derive(Debug, Clone)]
pub struct Report {
    name: &'static str,
    sender: watch::Sender<Role>,
}

impl Report {
    /// The report of the role called `name`, which is starting.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            sender: watch::Sender::new(Role::default()),
        }
    }

    /// What people call the role.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How the role is now.
    pub fn now(&self) -> Role {
        self.sender.borrow().clone()
    }

    /// The role is in `state`.
    pub fn is(&self, state: State) {
        let role = self.name;
        self.sender.send_if_modified(|now| {
            if now.state == state {
                return false;
            }
            match &state {
                State::Starting => tracing::info!(role, "starting"),
                State::Working => tracing::info!(role, "working"),
                State::StandingBy { holder } => tracing::info!(role, %holder, "standing by"),
                State::Trying { reason } => tracing::warn!(role, %reason, "trying again"),
                State::Stopped { reason } => tracing::error!(role, %reason, "stopped"),
            }
            now.state = state;
            true
        });
    }

    /// The role has come to `position`.
    pub fn has_come_to(&self, position: u64) {
        self.sender.send_if_modified(|now| {
            let changed = now.position != Some(position);
            now.position = Some(position);
            changed
        });
    }
}
