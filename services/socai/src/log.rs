//! What a serving process says of itself: lines on standard error, and spans to a collector where it is told of one.
//!
//! A line has the ids of the request, the command or the job that it is about, which their spans carry. A field whose
//! name has a dot is one of OpenTelemetry's words, for collectors, and stands in no line. The lines are for operators,
//! never for programs; `ops/logs.md` says what is in them.

use std::io;
use std::panic::PanicHookInfo;

use anyhow::Context;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::LogForm;
use crate::traces::{Exporting, Traces};

mod json;
mod text;

/// What is let through where `RUST_LOG` does not say.
const LEVELS: &str = "info,async_nats=warn";

/// Begins to write lines in `form`, and to send spans as `traces` say. Spans are sent for as long as the answer is kept.
///
/// # Errors
///
/// Where `RUST_LOG` does not read, or spans cannot be sent to what `traces` name.
pub(crate) fn start(form: LogForm, traces: Option<&Traces>) -> anyhow::Result<Exporting> {
    let exporting = traces.map(Exporting::start).transpose()?;
    let exporting = exporting.unwrap_or_default();
    tracing_subscriber::registry()
        .with(lines(form).with_filter(levels()?))
        .with(exporting.layer())
        .init();
    std::panic::set_hook(Box::new(panicked));
    Ok(exporting)
}

/// What is let through.
fn levels() -> anyhow::Result<Targets> {
    let said = std::env::var("RUST_LOG").ok();
    let said = said.filter(|said| !said.trim().is_empty());
    let levels = said.as_deref().unwrap_or(LEVELS).parse::<Targets>();
    levels.context("RUST_LOG: expected levels, such as info or info,async_nats=warn")
}

fn lines<S>(form: LogForm) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    match form {
        LogForm::Text => lines.with_ansi(false).fmt_fields(text::Fields).boxed(),
        LogForm::Json => lines
            .fmt_fields(json::Fields)
            .event_format(json::Flat)
            .boxed(),
    }
}

/// Whether a field stands in lines.
fn is_for_lines(name: &str) -> bool {
    !name.contains('.')
}

/// A fault of the program is a line as well. What it says is told where it is written in the program; what was put
/// together at the time may have been put together of anything.
fn panicked(info: &PanicHookInfo<'_>) {
    let said = info.payload().downcast_ref::<&str>().copied();
    let place = info.location().map(tracing::field::display);
    let thread = std::thread::current();
    tracing::error!(
        place,
        said,
        thread = thread.name(),
        "a fault of the program"
    );
}
