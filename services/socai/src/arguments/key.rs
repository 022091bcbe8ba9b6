//! What may be typed after `socai key`.

use clap::{Args, Subcommand, ValueEnum};
use socai_domain::ledger::Retired;
use socai_domain::log_key::LogKey as VerifierKey;

use super::{Actor, Data, LogKey, Shown};

#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) act: Act,
}

/// What can be done with log keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Act {
    /// List the keys that the ledger named: since when each counts, and until when
    List(List),
    /// Make the first key of a ledger that was made without one; it is sealed from then on
    Make(Make),
    /// Make a further key; until the other is retired both sign, so that everybody can change over
    ///
    /// It is added to the file that --key names, or else to the one where the ledger's keys are expected.
    Rotate(Rotate),
    /// Say that a key signs no more, and up to which size what it signed alone is valid
    ///
    /// After a rotation that is the size of the last checkpoint, and no less than the largest that this key signed
    /// alone. Where the key was stolen it is the size of the
    /// last checkpoint that the witnesses cosigned before: whatever the thief signs is larger, or is not what
    /// they saw. It can be made smaller later, never larger.
    Retire(Retire),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) key: LogKey,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Make {
    #[command(flatten)]
    pub(crate) data: Data,
    /// What the log is called, for ever, by whoever checks it: socai/ORIGIN, or a name of your own domain
    #[arg(long, value_name = "NAME")]
    pub(crate) log_origin: Option<String>,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
}

#[derive(Debug, Args)]
pub(crate) struct Retire {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The key, as socai key list shows it
    #[arg(value_name = "KEY")]
    pub(crate) retired: VerifierKey,
    /// The size of the largest checkpoint that is valid by this key alone
    #[arg(long, value_name = "SIZE")]
    pub(crate) valid_to: u64,
    /// Why it signs no more
    #[arg(long, value_enum)]
    pub(crate) reason: Reason,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
}

/// Why a key signs no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reason {
    /// Another took over
    Rotation,
    /// Somebody else may have it
    Stolen,
}

impl From<Reason> for Retired {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Rotation => Self::Rotation,
            Reason::Stolen => Self::Stolen,
        }
    }
}
