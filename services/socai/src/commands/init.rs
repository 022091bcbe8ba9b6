//! `socai init`.

use std::process::ExitCode;

use socai_domain::id::AccountId;

use crate::arguments::Init;
use crate::{data_dir, origin};

pub(crate) async fn run(init: &Init) -> anyhow::Result<ExitCode> {
    let founding = data_dir::founding(&init.origin, init.claims_stand_after, false)?;
    let operator = AccountId::new("operator")?;
    data_dir::create(&init.dir, &founding, &origin::now(&operator)).await?;
    println!("the ledger of {} is in {}", init.origin, init.dir.display());
    Ok(ExitCode::SUCCESS)
}
