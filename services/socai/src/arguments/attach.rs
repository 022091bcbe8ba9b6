//! What may be typed after `socai attach`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use socai_domain::id::Sha256Hex;
use socai_operations::works::attachments::Filed;

use super::{Actor, Data, LogKey, Shown};

#[derive(Debug, Args)]
pub(crate) struct Attach {
    #[command(subcommand)]
    pub(crate) act: Act,
}

/// What can be done with attachments.
#[derive(Debug, Subcommand)]
pub(crate) enum Act {
    /// Keep a file and record that it is kept; prints its address
    ///
    /// The file goes beside the log, never into it, at most 32 MiB. Recorded are its size, its sort and what
    /// it is about; its name is not, since names of files name persons. The address is SHA-256 over 32 random
    /// bytes (the salt) and the content: the same file stored twice has two addresses, and nobody who has
    /// the file can find out from the log that it was here. Name the address in "attachments" or "evidence"
    /// of a command as "sha256".
    Store(Store),
    /// Fetch a file by its address; what is kept is hashed again first
    Get(Get),
    /// Erase a file for good, and record that and why
    ///
    /// The erasure is recorded first, for ever, with its reason; then salt and content are removed. From then
    /// on the address in the log confirms nothing about the content. Where something went wrong between the
    /// two, erase it again, or run `socai attach audit --mend`. Copies elsewhere (backups, snapshots of a
    /// disk) are yours to remove.
    Erase(Erase),
    /// Compare what the ledger says with what is kept: every file is read and hashed
    ///
    /// Found are: lost (recorded, never erased, not there: restore it from a copy), damaged (there, but
    /// changed: restore it from a copy), not_yet_erased (erased in the ledger, still there) and orphan (there,
    /// but in no event: a crash came before it was recorded). Exit code 1 where anything is wrong; an orphan
    /// is wrong once it is older than a day.
    Audit(Audit),
}

#[derive(Debug, Args)]
pub(crate) struct Store {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The file, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) filed: Filed,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its address: 64 digits of 0-9 and a-f
    pub(crate) address: Sha256Hex,
    /// Write it to this new file, for its owner alone, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Its address: 64 digits of 0-9 and a-f
    pub(crate) address: Sha256Hex,
    #[command(flatten)]
    pub(crate) why: socai_operations::works::attachments::Erase,
    /// Do not ask again
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) how: socai_operations::works::attachments::Audit,
    #[command(flatten)]
    pub(crate) shown: Shown,
}
