//! A line for programs that collect lines: one object, with the fields of its spans beside its own.
//!
//! ```json
//! {"timestamp":"2026-11-27T00:35:14.000123Z","level":"INFO","target":"socai_api::requests::ending",
//!  "account":"clerk-a","message":"answered","method":"GET","ms":1.4,"request_id":"019acbf0-…","route":"/v1/rates","status":200}
//! ```

use std::fmt::{self, Debug};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// One object, and nothing in it that has to be looked for deeper.
pub(super) struct Flat;

#[derive(Serialize)]
struct Line {
    timestamp: String,
    level: &'static str,
    target: String,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// What every line has, whatever fields are called.
const OWN: [&str; 3] = ["timestamp", "level", "target"];

impl<S, N> FormatEvent<S, N> for Flat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        let spans = context.event_scope().into_iter();
        for span in spans.flat_map(|scope| scope.from_root()) {
            if let Some(written) = span.extensions().get::<FormattedFields<N>>() {
                fields.of_span(written);
            }
        }
        event.record(&mut fields);
        let line = Line {
            timestamp: format!("{:.6}", Timestamp::now()),
            level: event.metadata().level().as_str(),
            target: event.metadata().target().to_owned(),
            fields: fields.0,
        };
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

/// Fields of spans, from the outermost, and then of the event: of one name the last holds.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn of_span(&mut self, written: &str) {
        let fields: Map<String, Value> = serde_json::from_str(written).unwrap_or_default();
        for (name, value) in fields {
            self.put(&name, value);
        }
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        if OWN.contains(&name) {
            self.0.insert(format!("{name}_"), value.into());
        } else if super::is_for_lines(name) {
            self.0.insert(name.to_owned(), value.into());
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field.name(), format!("{value:?}"));
    }
}
