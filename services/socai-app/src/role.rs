//! How each role of a process is, for whoever watches over the process.
//!
//! ```text
//! starting ──► working ◄──► trying        trying: what it needs is not there; it goes on by itself
//!    │            │ ▲
//!    │            ▼ │
//!    │         standing by                 another process does it now
//!    └──────► stopped                      it waits for a person; the reason says what for
//! ```

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::watch;

use crate::sealer::{Cosigned, Sealed};

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
    /// The last checkpoint, where it seals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<LastCheckpoint>,
}

/// The last checkpoint of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LastCheckpoint {
    /// How many records it covers.
    pub size: u64,
    /// The root of their tree, in base64.
    pub root: String,
    /// Seconds since this process signed it; absent where it was signed before this process began to seal.
    pub seconds_ago: Option<u64>,
    /// Who has cosigned it, and when.
    pub cosignatures: Vec<Cosigned>,
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

/// Where a role says how it is, and its process whether the ledger answers. A change is also a line in the
/// process's log.
#[derive(Debug, Clone)]
pub struct Report {
    name: &'static str,
    sender: watch::Sender<Told>,
}

#[derive(Debug, Default)]
struct Told {
    role: Role,
    /// When the last checkpoint was signed, where this process did.
    signed: Option<Instant>,
    /// By when the last checkpoint was signed, where this process did.
    signed_at: Option<Timestamp>,
    /// Of each that cosigned a checkpoint seen here, the largest that it did, and when.
    cosigned: BTreeMap<String, (u64, Timestamp)>,
    /// Why the ledger does not answer, if it does not.
    silence: Option<String>,
}

impl Report {
    /// The report of the role called `name`, which is starting.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            sender: watch::Sender::default(),
        }
    }

    /// What people call the role.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How the role is now. While the ledger does not answer, nobody works or stands by.
    pub fn now(&self) -> Role {
        let told = self.sender.borrow();
        let mut role = told.role.clone();
        if let (Some(checkpoint), Some(signed)) = (&mut role.checkpoint, told.signed) {
            checkpoint.seconds_ago = Some(signed.elapsed().as_secs());
        }
        match (&role.state, &told.silence) {
            (State::Starting | State::Working | State::StandingBy { .. }, Some(reason)) => {
                let reason = reason.clone();
                let state = State::Trying { reason };
                Role { state, ..role }
            }
            (State::Trying { .. } | State::Stopped { .. }, _) | (_, None) => role,
        }
    }

    /// When the last checkpoint was signed, where this process signed it.
    pub fn signed_at(&self) -> Option<Timestamp> {
        self.sender.borrow().signed_at
    }

    /// Of each that cosigned a checkpoint since this process began: by its name, the largest and when it did.
    pub fn cosigned(&self) -> BTreeMap<String, (u64, Timestamp)> {
        self.sender.borrow().cosigned.clone()
    }

    /// The role is in `state`.
    pub fn is(&self, state: State) {
        let role = self.name;
        self.sender.send_if_modified(|told| {
            if told.role.state == state {
                return false;
            }
            match &state {
                State::Starting => tracing::info!(role, "starting"),
                State::Working => tracing::info!(role, "working"),
                State::StandingBy { holder } => tracing::info!(role, %holder, "standing by"),
                State::Trying { reason } => tracing::warn!(role, %reason, "trying again"),
                State::Stopped { reason } => tracing::error!(role, %reason, "stopped"),
            }
            told.role.state = state;
            true
        });
    }

    /// The role has come to `position`.
    pub fn has_come_to(&self, position: u64) {
        self.sender.send_if_modified(|told| {
            let changed = told.role.position != Some(position);
            told.role.position = Some(position);
            changed
        });
    }

    /// The role has seen this checkpoint, and `signed` it then, where it did itself.
    pub fn has_sealed(&self, sealed: &Sealed, signed: Option<Instant>) {
        self.has_come_to(sealed.size);
        self.sender.send_if_modified(|told| {
            let known = told.role.checkpoint.as_ref();
            let grown = known.is_none_or(|known| known.size != sealed.size);
            let changed =
                grown || known.is_some_and(|known| known.cosignatures != sealed.cosignatures());
            if changed {
                told.role.checkpoint = Some(LastCheckpoint {
                    size: sealed.size,
                    root: sealed.root.to_string(),
                    seconds_ago: None,
                    cosignatures: sealed.cosignatures(),
                });
            }
            // One that was cosigned since is the one that was signed.
            if grown || signed.is_some() {
                told.signed = signed;
                told.signed_at = signed.map(|_| Timestamp::now());
            }
            for Cosigned { by, at } in sealed.cosignatures() {
                told.cosigned.insert(by, (sealed.size, at));
            }
            changed
        });
    }

    /// The ledger does not answer, for this reason, or does again.
    pub fn ledger_is_silent(&self, silence: Option<&str>) {
        let role = self.name;
        self.sender.send_if_modified(|told| {
            if told.silence.as_deref() == silence {
                return false;
            }
            match silence {
                Some(reason) => tracing::warn!(role, reason, "the ledger does not answer"),
                None => tracing::info!(role, "the ledger answers again"),
            }
            told.silence = silence.map(str::to_owned);
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use socai_tlog::{Hash, Note, Signature};

    use super::*;

    #[test]
    fn nobody_is_ready_while_the_ledger_is_silent() {
        let report = Report::new("api");
        report.is(State::Working);
        assert!(report.now().is_ready());
        report.ledger_is_silent(Some("no leader"));
        let reason = "no leader".to_owned();
        assert_eq!(report.now().state, State::Trying { reason });
        report.ledger_is_silent(None);
        assert!(report.now().is_ready());
        report.is(State::Stopped {
            reason: "a hole".to_owned(),
        });
        report.ledger_is_silent(Some("no leader"));
        assert!(matches!(report.now().state, State::Stopped { reason } if reason == "a hole"));
    }

    #[test]
    fn a_checkpoint_that_was_cosigned_since_is_still_the_one_that_was_signed() {
        let report = Report::new("sealer");
        let sealed = |signatures| Sealed {
            entry: 1,
            size: 7,
            root: Hash::OF_NOTHING,
            note: Note {
                text: String::new(),
                signatures,
            },
        };
        report.has_sealed(&sealed(Vec::new()), Some(Instant::now()));
        let signed = report.signed_at();
        assert!(signed.is_some());
        let cosignature = Signature {
            name: "witness".to_owned(),
            id: [0; 4],
            bytes: vec![0; 72],
        };
        report.has_sealed(&sealed(vec![cosignature]), None);
        assert_eq!(signed, report.signed_at());
        assert_eq!(1, report.cosigned().len());
    }
}
