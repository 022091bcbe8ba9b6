//! Fields of a line for people: `name=value`.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing_subscriber::field::{RecordFields, VisitOutput};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};

/// As they are written by default, without those that are for collectors.
pub(super) struct Fields;

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut written = Written(DefaultVisitor::new(writer, true));
        fields.record(&mut written);
        written.0.finish()
    }
}

struct Written<'w>(DefaultVisitor<'w>);

impl Visit for Written<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if super::is_for_lines(field.name()) {
            self.0.record_str(field, value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if super::is_for_lines(field.name()) {
            self.0.record_debug(field, value);
        }
    }
}
