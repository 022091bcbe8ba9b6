//! What is told of a command while it is recorded: a span, and a line in the log once it is known what became of it.
//!
//! The command's id is that of its records (`correlationid`): it leads from the log to the ledger and back. Deliberately
//! absent: what the command says.

use socai_domain::refusal::Refused;
use socai_store::{Append, AppendError, chain};
use tracing::Span;
use tracing::field::{Empty, display};
use uuid::Uuid;

use super::{ExecuteError, TogetherError};
use crate::ledger::Outcome;
use crate::request::Request;

/// The span of one command. Whatever the log lets through stands in it, so it is of the highest level.
pub(super) fn span(request: &Request, id: Uuid) -> Span {
    let command = request.command.name();
    tracing::error_span!(
        "command",
        otel.name = command,
        command,
        command_id = %id,
        stream = Empty,
        position = Empty,
        outcome = Empty,
        code = Empty,
        otel.status_code = Empty,
    )
}

/// The span of commands that are recorded in one append, or none of them.
pub(super) fn span_of_many(commands: usize) -> Span {
    tracing::error_span!(
        "commands",
        commands,
        position = Empty,
        outcome = Empty,
        code = Empty,
        otel.status_code = Empty,
    )
}

/// What is about to be appended: the first stream of it.
pub(super) fn appending(append: &Append) {
    if let Some(first) = append.writes.first() {
        Span::current().record("stream", display(&first.stream));
    }
}

/// What became of the command whose span is the current one.
pub(super) fn became(done: &Result<Outcome, ExecuteError>) {
    match done {
        Ok(outcome) => settled(outcome),
        Err(error) => failed(error),
    }
}

/// What became of many, whose span is the current one: a line of each that was asked.
pub(super) fn became_of_many(ids: &[Uuid], done: &Result<Vec<Outcome>, TogetherError>) {
    match done {
        Ok(outcomes) => {
            let span = Span::current();
            span.record("outcome", "recorded");
            let last = outcomes.iter().filter_map(last_position).max();
            last.map(|last| span.record("position", last));
            for (id, outcome) in ids.iter().zip(outcomes) {
                tracing::info!(command_id = %id, outcome = word(outcome), "command");
            }
        }
        Err(TogetherError::Refused { index, refused }) => {
            let command_id = ids.get(*index).map(display);
            refuse(refused);
            tracing::info!(command_id, "none of them is recorded");
        }
        Err(TogetherError::TooMany) => {
            Span::current().record("outcome", "refused");
            tracing::info!("too many to be recorded together");
        }
        Err(TogetherError::Execute(error)) => failed(error),
    }
}

fn settled(outcome: &Outcome) {
    let span = Span::current();
    span.record("outcome", word(outcome));
    last_position(outcome).map(|last| span.record("position", last));
    if let Outcome::Refused(refused) = outcome {
        refuse(refused);
    }
    tracing::info!("command");
}

fn refuse(refused: &Refused) {
    let span = Span::current();
    span.record("outcome", "refused");
    span.record("code", refused.code);
}

fn failed(error: &ExecuteError) {
    let span = Span::current();
    span.record("otel.status_code", "ERROR");
    span.record("outcome", word_of_error(error));
    tracing::warn!(error = chain(error), "command");
}

fn last_position(outcome: &Outcome) -> Option<u64> {
    let positions = outcome.written().iter().map(|event| event.position.0);
    positions.max()
}

const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Recorded(_) => "recorded",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused(_) => "refused",
        Outcome::Failed => "failed",
        Outcome::Unknown => "unknown",
    }
}

const fn word_of_error(error: &ExecuteError) -> &'static str {
    match error {
        ExecuteError::Append(AppendError::Unknown(_)) => "unknown",
        ExecuteError::Stopped { .. }
        | ExecuteError::Contended
        | ExecuteError::Append(_)
        | ExecuteError::Read(_) => "failed",
    }
}
