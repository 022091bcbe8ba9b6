//! A line for programs that collect lines: one object, with the fields of its spans beside its own.
//!
//! ```json
//! {"timestamp":"2026-11-27T00:35:14.000123Z","level":"INFO","target":"socai_api::requests::ending",
//!  "account":"clerk-a","message":"answered","method":"GET","ms":1.4,"request_id":"019acbf0-…","route":"/v1/rates","status":200}
//! ```
//!
//! A span keeps its fields as they will stand in each of its lines. What is recorded later is added behind, and holds.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};

use jiff::Timestamp;
use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// One object, and nothing in it that has to be looked for deeper.
pub(super) struct Flat;

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
        let mut kept = String::new();
        let spans = context.event_scope().into_iter();
        for span in spans.flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                kept.push_str(fields);
            }
        }
        context.format_fields(Writer::new(&mut kept), event)?;
        let (at, metadata) = (Timestamp::now(), event.metadata());
        let (level, target) = (metadata.level(), metadata.target());
        write!(
            writer,
            r#"{{"timestamp":"{at:.6}","level":"{level}","target":"{target}""#
        )?;
        for (name, value) in last_of_each(&kept) {
            for part in [",", name, ":", value] {
                writer.write_str(part)?;
            }
        }
        writeln!(writer, "}}")
    }
}

/// By name: of fields of one name the last, which is that of the event or of the innermost span.
fn last_of_each(kept: &str) -> BTreeMap<&str, &str> {
    let mut last = BTreeMap::new();
    // One after the other: collecting would sort them first.
    for field in kept.lines() {
        last.extend(field.trim_start().split_once(':'));
    }
    last
}

/// Fields as text that is only added to: a line for each, `"name":value` in JSON, which has no line ends of its own.
pub(super) struct Fields;

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut kept = Kept {
            writer,
            written: Ok(()),
        };
        fields.record(&mut kept);
        kept.written
    }
}

struct Kept<'w> {
    writer: Writer<'w>,
    written: fmt::Result,
}

/// What every line has, whatever fields are called.
const OWN: [&str; 3] = ["timestamp", "level", "target"];

impl Kept<'_> {
    fn put(&mut self, field: &Field, value: impl Serialize) {
        let name = field.name();
        if !super::is_for_lines(name) || self.written.is_err() {
            return;
        }
        let own = if OWN.contains(&name) { "_" } else { "" };
        let value = serde_json::to_string(&value).map_err(|_| fmt::Error);
        self.written = value.and_then(|value| writeln!(self.writer, "\"{name}{own}\":{value}"));
    }
}

impl Visit for Kept<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing::field::Empty;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The one line that `say` has written.
    fn line(say: impl FnOnce()) -> Value {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .fmt_fields(Fields)
            .event_format(Flat);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, say);
        let written = lines.0.lock().unwrap();
        serde_json::from_slice(&written).unwrap()
    }

    #[test]
    fn a_line_has_the_fields_of_its_spans_and_of_one_name_the_last() {
        let said = line(|| {
            let outer = tracing::error_span!("outer", id = 1, code = Empty, otel.name = "hidden");
            let _outer = outer.entered();
            let inner = tracing::error_span!("inner", code = Empty, stream = "s", outcome = Empty);
            inner.record("outcome", "unknown");
            inner.record("outcome", "recorded");
            inner.record("code", "inner");
            let _inner = inner.entered();
            tracing::info!(stream = "t", ms = 1.0, yes = true, "said");
        });
        let Value::Object(mut said) = said else {
            panic!("expected an object, not {said}");
        };
        for own in OWN {
            assert!(said.remove(own).is_some_and(|own| own.is_string()), "{own}");
        }
        let expected = json!({"id": 1, "code": "inner", "stream": "t", "outcome": "recorded",
                              "ms": 1.0, "yes": true, "message": "said"});
        assert_eq!(Value::Object(said), expected);
    }

    #[test]
    fn nothing_that_is_said_ends_a_line_or_takes_the_place_of_what_every_line_has() {
        let said = line(|| tracing::info!(level = "mine", name = "a\"\n:b\u{1f}", "x\ny"));
        assert_eq!(said["level"], "INFO");
        assert_eq!(said["level_"], "mine");
        assert_eq!(said["name"], "a\"\n:b\u{1f}");
        assert_eq!(said["message"], "x\ny");
    }
}
