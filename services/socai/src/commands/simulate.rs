//! `socai simulate`: a synthetic city, as commands or as a ledger.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use socai_app::import::{Happened, append_all};
use socai_app::ledger::Ledger;
use socai_app::request::{self, Request};
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;
use socai_simulate::{Plan, Simulation, Told};
use socai_store::Position;
use uuid::Uuid;

use crate::arguments::Simulate;
use crate::new_key::NewKey;
use crate::place::Place;
use crate::{data_dir, progress, sealing};

pub(crate) async fn run(asked: &Simulate) -> anyhow::Result<ExitCode> {
    let Simulate {
        units,
        years,
        seed,
        events,
        ..
    } = *asked;
    let plan = Plan {
        units,
        years,
        seed,
        events,
    };
    match (&asked.dir, &asked.out) {
        (Some(dir), _) => into_ledger(plan, dir).await,
        (None, Some(out)) => as_commands(plan, out),
        (None, None) => unreachable!("one of the two is required"),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn as_commands(plan: Plan, out: &Path) -> anyhow::Result<()> {
    let steps = Simulation::new(plan)?;
    let mut to: Box<dyn Write> = if out == Path::new("-") {
        Box::new(BufWriter::new(io::stdout().lock()))
    } else {
        let file = File::create(out).with_context(|| format!("cannot write {}", out.display()))?;
        Box::new(BufWriter::new(file))
    };
    let spinner = progress::spinner("simulating");
    for step in steps {
        let request = Request {
            command: step.command,
            effective: step.effective,
            synthetic: true,
            id: None,
            actor: Some(step.actor),
        };
        writeln!(to, "{}", request::compose(&request))?;
        spinner.inc(1);
    }
    spinner.finish_and_clear();
    to.flush().context("cannot write on")
}

async fn into_ledger(plan: Plan, dir: &Path) -> anyhow::Result<()> {
    let mut events = Simulation::new(plan)?.events().peekable();
    let first = events
        .peek()
        .context("the simulation has an event")?
        .recorded;
    let founding = data_dir::simulated("gia-lap")?;
    let operator = Origin {
        actor: AccountId::new("operator")?,
        at: first,
    };
    let place = Place::Directory(dir.to_owned());
    let key = NewKey::simulated("socai/gia-lap", &place.log_key_file(None)?)?;
    let ledger = place.create(&founding, &key, None, &operator).await?;
    let bar = progress::bar(plan.events.unwrap_or(0), "simulating");
    let happened = events.map(|told| happened(plan.seed, told));
    let done = append_all(ledger.store(), "/gia-lap", happened, |done| {
        bar.set_position(done)
    })
    .await?;
    bar.finish_and_clear();
    // Folding it once shows that it holds together, and leaves a snapshot for whoever opens it.
    let ledger = Ledger::load(ledger.store().clone()).await?;
    data_dir::close(dir, ledger.image(), Position::ZERO);
    sealing::finish(sealing::beside(dir, ledger.store().clone(), None)?).await?;
    println!("{} events are in {}", done + 1, dir.display());
    Ok(())
}

/// The command's id follows from the seed and the step, so that the same plan gives the same bytes.
fn happened(seed: u64, told: Told) -> Happened {
    let bits = (u128::from(seed) << 64) | u128::from(told.step);
    Happened {
        command: Uuid::from_u128(bits),
        subject: told.subject,
        effective: told.effective,
        recorded: told.recorded,
        actor: told.actor,
        event: told.event,
        synthetic: true,
    }
}
