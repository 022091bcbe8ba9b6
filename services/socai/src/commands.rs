//! One file a command: ask, show.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::arguments::{Arguments, Command};

pub(crate) mod account;
mod ask;
pub(crate) mod attach;
pub(crate) mod backup;
pub(crate) mod checkpoints;
mod demo;
pub(crate) mod evidence;
mod export;
mod init;
pub(crate) mod key;
pub(crate) mod migrate;
mod number;
pub(crate) mod projection;
mod read;
mod receipt;
mod record;
pub(crate) mod restore;
mod review;
mod seal;
mod serve;
mod simulate;
pub(crate) mod sweep;
pub(crate) mod verify;
pub(crate) mod verify_bundle;
pub(crate) mod verify_receipt;
pub(crate) mod witness;

/// Threads for what blocks: reads of the disk, counting. A disk and a few cores serve no more at once, and each keeps
/// memory of its own.
const BLOCKING_THREADS_MAX: usize = 64;

/// Does what was asked.
///
/// # Errors
///
/// Whatever kept it from being done, with where and what was expected.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Demo(demo) => demo::run(&demo).await,
            Command::Init(init) => init::run(&init).await,
            Command::Record(record) => record::run(&record).await,
            Command::Number(number) => number::run(&number),
            Command::Read(read) => read::run(&read),
            Command::Rates(rates) => ask::run(&rates).await,
            Command::Obligations(obligations) => ask::run(&obligations).await,
            Command::History(history) => ask::run(&history).await,
            Command::Search(search) => ask::run(&search).await,
            Command::Units(units) => ask::run(&units).await,
            Command::Groups(groups) => ask::run(&groups).await,
            Command::Documents(documents) => ask::run(&documents).await,
            Command::Requirements(requirements) => ask::run(&requirements).await,
            Command::Tasks(tasks) => ask::run(&tasks).await,
            Command::Inspections(inspections) => ask::run(&inspections).await,
            Command::Sweep(sweep) => sweep::run(&sweep).await,
            Command::Review(review) => review::run(&review).await,
            Command::Evidence(evidence) => evidence::run(&evidence).await,
            Command::Verify(verify) => verify::run(&verify).await,
            Command::Account(account) => account::run(&account).await,
            Command::Attach(attach) => attach::run(&attach).await,
            Command::Key(key) => key::run(&key).await,
            Command::Receipt(receipt) => receipt::run(&receipt).await,
            Command::Export(export) => export::run(&export).await,
            Command::Simulate(simulate) => simulate::run(&simulate).await,
            Command::Backup(backup) => backup::run(&backup).await,
            Command::Restore(restore) => restore::run(&restore).await,
            Command::Migrate(migrate) => migrate::run(&migrate).await,
            Command::Seal(seal) => seal::run(&seal).await,
            Command::Checkpoints(checkpoints) => checkpoints::run(&checkpoints).await,
            Command::Projection(projection) => projection::run(&projection).await,
            Command::Witness(witness) => witness::run(&witness).await,
            Command::Serve(serve) => serve::run(&serve).await,
            Command::Completions { shell } => {
                let mut command = Arguments::command();
                clap_complete::generate(shell, &mut command, "socai", &mut std::io::stdout());
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}
