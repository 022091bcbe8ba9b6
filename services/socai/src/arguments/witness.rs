//! What may be typed after `socai witness`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Data, Shown};

#[derive(Debug, Args)]
pub(crate) struct Witness {
    #[command(subcommand)]
    pub(crate) act: Act,
}

/// What a witness does, and what is done with one.
#[derive(Debug, Subcommand)]
pub(crate) enum Act {
    /// Make a witness: a directory with a key of its own; prints the verifier key
    ///
    /// Whoever inspects a ledger runs it, on a machine that the ledger's operator has no hand in. The verifier key goes
    /// to the operator and into every policy. The private key stays in DIR, for this user alone. Never restore DIR
    /// from a copy: a witness that forgot what it cosigned could cosign a second history. If DIR is lost, make
    /// another witness.
    Init(Init),
    /// Tell the witness of a log, by the log's verifier key
    ///
    /// The key's name is the log's origin. When a log has rotated its key, tell of the new one with --rotated; the old
    /// one stays. There is no way to make a witness forget a log: told of it again, it would start without knowing what
    /// it had cosigned, and that is how a second history gets cosigned. A key that was stolen is distrusted.
    Trust(Trust),
    /// Have the witness believe a log's key no more, because it was stolen or is not used any longer
    ///
    /// Nothing is cosigned on the word of this key alone from then on, for ever: it cannot be trusted again. What the
    /// witness cosigned of the log stays, so that the log goes on from there with its other keys (`socai witness trust
    /// --rotated`). A witness that is serving is stopped for it and started again.
    Distrust(Distrust),
    /// Cosign over HTTP, as C2SP tlog-witness describes it
    ///
    /// POST /add-checkpoint takes a request and answers the cosignature; GET /HASH/checkpoint, HASH being SHA-256 of a log's
    /// origin in hex, shows what was cosigned last. Put a proxy before it that speaks TLS.
    Serve(Serve),
    /// Cosign one request from a file, and print the cosignature
    ///
    /// The request is what `socai witness request` wrote, or the body of POST /add-checkpoint. Exit code 0: cosigned, the
    /// lines are for `socai witness accept`. 1: refused, and why.
    Sign(Sign),
    /// List the logs that the witness knows: the size, the root and the time that it cosigned last
    Status(Status),
    /// Write a request for a witness that this machine does not reach, to be carried there
    ///
    /// It asks to cosign the last checkpoint. What the witness cosigned before is taken from the checkpoints; where the
    /// witness says that it is at another size, ask again with --old SIZE.
    Request(Request),
    /// Keep a cosignature that was carried back from a witness
    Accept(Accept),
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The directory
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The name of its key: an address without https://, such as witness.example.vn/committee
    #[arg(long)]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// The witness's directory
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The log's verifier key: NAME+ID+BASE64
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
    /// The log's operator has announced that this key comes besides, or after, those that are known
    #[arg(long)]
    pub(crate) rotated: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Distrust {
    /// The witness's directory
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The log's verifier key: NAME+ID+BASE64
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The witness's directory
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Where it answers
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8425")]
    pub(crate) listen: SocketAddr,
}

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The witness's directory
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The file with the request, or - for standard input
    #[arg(value_name = "FILE|-", default_value = "-")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The witness's directory
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Request {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The witness's verifier key
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: String,
    /// The size that the witness cosigned last, where the checkpoints do not tell
    #[arg(long, value_name = "SIZE")]
    pub(crate) old: Option<u64>,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The witness's verifier key
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: String,
    /// The file with the cosignature, or - for standard input
    #[arg(value_name = "FILE|-", default_value = "-")]
    pub(crate) file: PathBuf,
}
