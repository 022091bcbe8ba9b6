//! `socai init`.

use std::process::ExitCode;

use anyhow::Context;
use socai_app::ledger::Founding;
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use uuid::Uuid;

use crate::arguments::Init;
use crate::origin;
use crate::place::Place;

pub(crate) async fn run(init: &Init) -> anyhow::Result<ExitCode> {
    let founding = Founding {
        origin: Line::new(&init.origin).context("--origin")?,
        claims_stand_after_days: init.claims_stand_after,
        simulated_clock: false,
        log_key: None,
        id: Uuid::now_v7(),
    };
    let operator = AccountId::new("operator")?;
    let place = Place::of(&init.dir)?;
    place.create(&founding, &origin::now(&operator)).await?;
    let how = match place {
        Place::Directory(_) => "is in",
        Place::Nats(_) => "is on NATS, as it says in",
    };
    println!("the ledger of {} {how} {}", init.origin, init.dir.display());
    Ok(ExitCode::SUCCESS)
}
