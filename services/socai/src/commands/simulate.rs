//! `socai simulate`.

use std::process::ExitCode;

use crate::arguments::Simulate;

pub(crate) async fn run(asked: &Simulate) -> anyhow::Result<ExitCode> {
    anyhow::bail!("{asked:?}")
}
