//! `socai number`: how a document number reads.

use std::process::ExitCode;

use socai_operations::question::Question;
use socai_operations::questions;

use crate::arguments::Number;
use crate::output;

pub(crate) fn run(asked: &Number) -> anyhow::Result<ExitCode> {
    let rows = asked.question.rows();
    output::show(asked.shown.format, None, &rows, || {
        questions::Number::cells(&rows)
    })?;
    let all_read = rows.iter().all(|row| row.error.is_none());
    Ok(if all_read {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
