//! What may be typed after `socai backup` and `socai restore`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use socai_tlog::VerifierKey;

use super::{Data, Shown};

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The backup's directory: empty, not there, or an earlier backup of the same ledger
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// Where the ledger goes: a directory that is empty or not there, or the configuration of servers that have none
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub(crate) to: PathBuf,
    /// The log's verifier key, NAME+ID+BASE64, as it was handed over on paper: refused is what another one signed
    #[arg(long, value_name = "KEY", value_parser = key)]
    pub(crate) key: Option<VerifierKey>,
    /// What to do with records behind the position up to which the backup was proven
    #[arg(long, value_enum)]
    pub(crate) unsealed: Option<Unsealed>,
    /// Restore also where attachments are damaged in the backup, or missing
    #[arg(long)]
    pub(crate) accept_lost_attachments: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// What becomes of records that nobody vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Unsealed {
    /// They are restored
    Take,
    /// They stay in the backup
    Leave,
}

fn key(text: &str) -> Result<VerifierKey, String> {
    text.parse().map_err(|error| format!("{error}"))
}
