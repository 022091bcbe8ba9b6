//! What may be typed after `socai`. The docs here are the manual.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use socai_domain::id::AccountId;
use socai_operations::question::Question;
use socai_operations::questions;
use socai_operations::questions::{
    Documents, Groups, History, Inspections, Obligations, Rates, Requirements, Search, Tasks, Units,
};

use crate::config::RoleName;

pub(crate) mod account;
pub(crate) mod attach;
pub(crate) mod backup;
pub(crate) mod key;
pub(crate) mod witness;

/// Sổ cái: the ledger of what was directed, what was owed, and what was done.
///
/// A ledger is a directory, or a stream of NATS that a configuration file names: wherever a directory is
/// expected, FILE.toml may stand. Commands go in as lines of JSON, every act becomes an event that is never
/// changed, and rates, lists, timelines and reviews come out: for any window of due dates (--from,
/// --to), as of any day (--as-of), as known at any position or time (--known-at).
///
/// Exit code: 0 done, 1 refused, invalid or failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(
    name = "socai",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
#[command(after_help = "\
Try it:
  socai demo --once                       a city's ledger, its rates and a five-year review
  socai init so-cai --origin hanoi        a ledger of your own
  socai record --data so-cai acts.ndjson  acts go in, one JSON object a line
  socai rates --data so-cai --from 2014-01-21 --to 2019-03-31 --as-of 2019-03-31 --by unit
  socai serve --data so-cai               late flags are raised by themselves")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show everything on a ready-made scenario: load it, count it, write the five-year review
    Demo(Demo),
    /// Make a new, empty ledger with one account: its first operator, whose token is shown
    Init(Init),
    /// Record commands, one JSON object a line
    ///
    /// Each line is {"command":"report.submit","effective":"2019-04-10","data":{…}}; schemas/commands
    /// says what each command takes. Optional: "id" (a UUID that names the command) and
    /// "synthetic":true (marks demonstration data). A line that is wrong or refused is reported with
    /// file, line, field and reason; the others are recorded unless --all-or-nothing. Recording the
    /// same file again changes nothing.
    ///
    /// What is recorded in a directory is sealed before the end. The exit code is 0 as well where that has to wait for
    /// the private key, which standard error says; it is 1 where a line is wrong or refused, and where sealing is
    /// refused, with a sentence that begins "recorded, not sealed". So it is with everything that records.
    Record(Record),
    /// Say how a document number reads: its normal form and every candidate
    Number(Number),
    /// Read a document's or an article's text: numbers, dates, issuers and relations it cites
    ///
    /// What is found is proposed as commands, each with its line and passage and what a person has to look
    /// at: socai read FILE --commands > draft.ndjson, correct the draft, socai record draft.ndjson.
    Read(Read),
    /// Count: buckets and rates, for any grouping
    Rates(Ask<Rates>),
    /// List the obligations behind a number
    Obligations(Ask<Obligations>),
    /// Tell everything recorded about a unit, a document, an obligation, an attachment or the ledger itself
    History(Ask<History>),
    /// Find units, documents, tasks and requirements by words, with or without accents
    Search(Ask<Search>),
    /// List the units: what they are called, under what they stand, where they went
    Units(Ask<Units>),
    /// List the groups of units, and who belongs to them
    Groups(Ask<Groups>),
    /// List the documents: number, issuer, date, what they follow and whether they are in force
    Documents(Ask<Documents>),
    /// List the report requirements: who reports, how often, and the periods that were opened
    Requirements(Ask<Requirements>),
    /// List the tasks: who leads, who helps, and when they are due
    Tasks(Ask<Tasks>),
    /// List the inspections: by whom, of whom, over which dates, and whether they are concluded
    Inspections(Ask<Inspections>),
    /// Flag every obligation that is overdue on a day and not flagged yet
    Sweep(Sweep),
    /// Write the review of a document's implementation: facts (JSON) and a printable page (HTML)
    Review(Review),
    /// Hand out records with their proof: a bundle that anybody can check years later, without the ledger
    ///
    /// The heads of all streams are sealed first, and the export is recorded. Whoever checks the bundle needs a
    /// policy, which says whose signatures to believe and is not in it.
    Evidence(Evidence),
    /// Check everything: records, tiles, checkpoints, heads, and a fresh fold against the snapshot; or an evidence bundle
    ///
    /// Every record is held against every tile and every checkpoint; what differs is named with its place. With a
    /// policy it is also said up to where others vouch, and the exit code is 2 where they do not.
    ///
    /// Of a bundle the exit code is 0 where it is valid, 1 where it is not, 2 where what is there is valid but
    /// something is missing, or too few cosigned. Two bundles are compared as well: two histories show themselves.
    /// A receipt (`socai receipt`) is checked with the record that it is for, in --record; its exit codes are the same.
    Verify(Verify),
    /// Keep, fetch, erase and audit the files that were shown: reports, evidence, minutes
    Attach(attach::Attach),
    /// Keep accounts: their roles and tokens, in the ledger; names, passwords and links to single sign-on, beside it
    Account(account::Account),
    /// Make, list and retire the keys by which the ledger's checkpoints are known
    Key(key::Key),
    /// Prove that one record is in the ledger, in a file that anybody can check without it (C2SP tlog-proof)
    ///
    /// The file holds no record: whoever has the record, or was told its leaf hash when it was recorded, checks
    /// with it that the ledger had exactly that at that position when the checkpoint was signed. Taken is the newest
    /// checkpoint that covers the position and that a witness cosigned; the newest, where none did. Exit code 1 where
    /// the position is not sealed yet.
    Receipt(Receipt),
    /// Write the records as they are stored, one JSON document a line, in order
    Export(Export),
    /// Make a realistic synthetic history: as commands, or straight into a new ledger
    Simulate(Simulate),
    /// Copy a ledger while it is used, and prove the copy by what was signed
    ///
    /// The copy is a directory that can be looked at as a ledger (`socai verify`), and that nothing is recorded into.
    /// Run again, it brings what is new; cut off at any moment, the copy that was proven before is there. It has the
    /// records, the checkpoints, the attachments, and what is known of persons but their sessions; the configuration,
    /// where --data names one. It has no private key. What was erased from the ledger goes from the copy with the next
    /// run. Of PostgreSQL nothing but what is known of persons is kept: its tables are made again from the records.
    Backup(backup::Backup),
    /// Make a ledger of a backup, once everything in it was verified
    ///
    /// Refused is what does not verify against the last checkpoint, and a place where there is something already.
    Restore(backup::Restore),
    /// Bring a ledger's records into another store: the same bytes at the same positions
    ///
    /// From a directory to NATS, back, or between two of a kind; attachments go along. The target is made where it
    /// is not there; what it holds already must be the beginning of the source. Interrupted, it is run again and goes on.
    /// While the source is in use, run it once beside it and once more when nobody records any longer.
    Migrate(Migrate),
    /// Sign a checkpoint of everything that is recorded and not sealed yet
    ///
    /// Whatever records into a directory does this before it exits, and serve does it within a second of every
    /// change: this is for what a power cut or a missing key left, and shows what was signed last. The log is
    /// compared with the checkpoints first; exit code 1 where it is not what was sealed.
    Seal(Seal),
    /// List every checkpoint ever signed: size, root, who signed and who cosigned, and when
    Checkpoints(Ask<questions::Checkpoints>),
    /// Cosign the checkpoints of ledgers, and have a ledger cosigned by file
    ///
    /// A witness remembers the last checkpoint that it cosigned of each ledger, and cosigns only what continues it. So
    /// whoever operates a ledger cannot show two people two histories that this witness has cosigned, and the time of a
    /// cosignature is not the operator's word.
    Witness(witness::Witness),
    /// Run: watch deadlines, keep PostgreSQL, sign checkpoints
    ///
    /// Answers /healthz, /readyz and /status over HTTP. SIGTERM ends it when what is under way is done.
    Serve(Serve),
    /// Prepare, rebuild and check the tables in PostgreSQL
    Projection(Projection),
    /// Print a completion script for your shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Where the ledger is.
#[derive(Debug, Args)]
pub(crate) struct Data {
    /// The ledger's directory, or the configuration of a ledger on NATS
    #[arg(long = "data", value_name = "DIR|FILE.toml", env = "SOCAI_DATA")]
    pub(crate) dir: PathBuf,
}

/// How answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// For programs: documented in schemas/answers and stable
    Json,
    /// For spreadsheets: the first column is the id of what the row is about
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// How to show the answer
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Print and exit; there is no console yet, so this is what happens without it as well
    #[arg(long)]
    pub(crate) once: bool,
    /// Keep the demonstration's ledger and review in this directory instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The directory to make, or the configuration of the ledger to make on NATS
    #[arg(value_name = "DIR|FILE.toml")]
    pub(crate) dir: PathBuf,
    /// Whose ledger it is, such as `hanoi`: a-z, 0-9 and -
    #[arg(long)]
    pub(crate) origin: String,
    /// A claim that nobody answers for so many days stands without confirmation
    #[arg(long, value_name = "DAYS")]
    pub(crate) claims_stand_after: Option<u16>,
    /// What its log is called, for ever, by whoever checks it: socai/ORIGIN, or a name of your own domain
    #[arg(long, value_name = "NAME")]
    pub(crate) log_origin: Option<String>,
    /// The account of the first operator, who makes the other accounts
    #[arg(long, value_name = "ACCOUNT", default_value = "operator")]
    pub(crate) operator: AccountId,
    #[command(flatten)]
    pub(crate) expires: account::Expires,
    #[command(flatten)]
    pub(crate) key: LogKey,
}

/// Who records. The clock is the machine's; neither can be chosen in a command.
#[derive(Debug, Args)]
pub(crate) struct Actor {
    /// The account that records
    #[arg(
        id = "actor",
        long = "as",
        value_name = "ACCOUNT",
        env = "SOCAI_ACCOUNT",
        default_value = "operator"
    )]
    pub(crate) account: AccountId,
}

/// With which keys checkpoints are signed. A ledger on NATS is sealed by its servers, not by whoever records.
#[derive(Debug, Default, Args)]
pub(crate) struct LogKey {
    /// A file of private log keys, besides those in the ledger's directory
    #[arg(
        id = "log_key",
        long = "key",
        value_name = "FILE",
        env = "SOCAI_LOG_KEY"
    )]
    pub(crate) file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Record {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The file of commands, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
    /// Believe the "actor" of each line (for a file that carries the acts of several accounts)
    #[arg(long)]
    pub(crate) trust_actors: bool,
    /// Decide everything, record nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Record every line or none (at most 1,000 events)
    #[arg(long)]
    pub(crate) all_or_nothing: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Number {
    #[command(flatten)]
    pub(crate) question: questions::Number,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Read {
    /// The text, UTF-8, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    /// Print the proposed commands alone, one a line, to be corrected and recorded
    #[arg(long)]
    pub(crate) commands: bool,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// A question of a ledger.
#[derive(Debug, Args)]
pub(crate) struct Ask<Q: Question> {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) question: Q,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Sweep {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) sweep: socai_operations::works::sweep::Sweep,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) review: socai_operations::works::review::Review,
    /// Where to write it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The ledger's directory, the configuration of a ledger on NATS, an evidence bundle, or a receipt
    #[arg(value_name = "DIR|FILE.toml|BUNDLE.zip|RECEIPT")]
    pub(crate) dir: PathBuf,
    /// Another bundle to compare the first with
    #[arg(value_name = "BUNDLE.zip")]
    pub(crate) other: Option<PathBuf>,
    /// Whose signatures to believe: a policy as C2SP tlog-policy describes it
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The record that a receipt is for: a line of `socai export`
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// How far before its recording something may have taken effect, unmarked
    #[arg(long, value_name = "HOURS", default_value_t = socai_evidence::TOLERANCE_HOURS)]
    pub(crate) tolerance_hours: u32,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Evidence {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) evidence: socai_operations::works::evidence::Evidence,
    /// The file to write
    #[arg(long, value_name = "FILE.zip")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) data: Data,
    /// From this position on
    #[arg(long, value_name = "POSITION", default_value_t = 1)]
    pub(crate) from: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// The ledger that is there
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub(crate) from: PathBuf,
    /// Where it goes
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    pub(crate) key: LogKey,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Seal {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Begin without checkpoints that are gone
    ///
    /// Lost with them are their cosignatures, and with these every proof of when the records were there. Put the
    /// checkpoints back from a copy instead, where anybody has one. Witnesses compare with what they cosigned.
    #[arg(long)]
    pub(crate) anew: bool,
    #[command(flatten)]
    pub(crate) key: LogKey,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, Args)]
pub(crate) struct Receipt {
    #[command(flatten)]
    pub(crate) data: Data,
    /// The record's position
    #[arg(value_name = "POSITION")]
    pub(crate) position: u64,
    /// The file to write, rather than standard output; never one that is there
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration; ops/socai.toml explains every field
    #[arg(
        long,
        value_name = "FILE.toml",
        env = "SOCAI_CONFIG",
        conflicts_with = "dir",
        required_unless_present = "dir"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Serve the ledger in this directory, everything else as by default
    #[arg(long = "data", value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// What this process does, instead of what the configuration says
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) roles: Vec<RoleName>,
    /// Where it answers over HTTP, instead of what the configuration says
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Projection {
    /// The configuration, with the ledger and PostgreSQL
    #[arg(
        long,
        value_name = "FILE.toml",
        env = "SOCAI_CONFIG",
        global = true,
        default_value = "socai.toml"
    )]
    pub(crate) config: PathBuf,
    #[command(subcommand)]
    pub(crate) command: ProjectionCommand,
}

/// What is done with the tables.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectionCommand {
    /// Prepare the database, or bring it to the form of this program. Harmless where it is
    Migrate,
    /// Say how far the tables are, and what the projector said last
    Status {
        #[command(flatten)]
        shown: Shown,
    },
    /// Make all tables anew from the log, check them, and let them serve instead
    ///
    /// The old ones serve until then. Interrupted at any moment, they go on serving, and the next rebuild
    /// clears away what was left. A projector that runs meanwhile follows.
    Rebuild,
    /// Compare what SQL answers with what the image answers; exit code 1 where they differ
    Check {
        #[command(flatten)]
        shown: Shown,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// How many units
    #[arg(long, default_value_t = 200)]
    pub(crate) units: u32,
    /// How many years
    #[arg(long, default_value_t = 5)]
    pub(crate) years: u16,
    /// The same seed makes the same history
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// About how many events, up to 10,000,000
    #[arg(long)]
    pub(crate) events: Option<u64>,
    /// Write commands to this file, or - for standard output
    #[arg(
        long,
        value_name = "FILE|-",
        conflicts_with = "dir",
        required_unless_present = "dir"
    )]
    pub(crate) out: Option<PathBuf>,
    /// Make a new ledger in this directory
    #[arg(long = "data", value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_two_arguments_of_a_command_have_one_name() {
        Arguments::command().debug_assert();
    }
}
