//! One file a command: ask, show.

use std::process::ExitCode;
use std::time::Duration;

use clap::CommandFactory;
use tokio::runtime::Runtime;

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

/// How long a command that is done waits for threads that nobody waits for.
const LET_GO_WITHIN: Duration = Duration::from_secs(2);

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
    let done = runtime.block_on(async {
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
    });
    let_go(runtime);
    done
}

/// Ends what is still done that nobody waits for. A thread that counts cannot be ended; the process ends without it, and
/// lets go of the ledger.
fn let_go(runtime: Runtime) {
    runtime.shutdown_timeout(LET_GO_WITHIN);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_process_ends_without_what_goes_on_for_ever() {
        let runtime = Runtime::new().unwrap();
        let (keep, kept) = mpsc::channel::<()>();
        runtime.spawn_blocking(move || kept.recv());
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let_go(runtime);
            tell.send(())
        });
        let ended = told.recv_timeout(Duration::from_secs(60));
        ended.expect("it does not wait for what goes on");
        drop(keep);
    }
}
