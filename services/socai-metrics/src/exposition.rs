//! The two forms that metrics are written in.

/// A form of the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// OpenMetrics 1.0, with exemplars: what Prometheus asks for.
    #[default]
    OpenMetrics,
    /// The text format 0.0.4, which has no exemplars: what `promtool check metrics` reads.
    Text,
}

impl Form {
    /// The form that whoever accepts `accept` gets: OpenMetrics, unless they ask for plain text and not for that.
    pub fn accepted(accept: &str) -> Self {
        let names = |media: &str| accept.contains(media);
        match names("text/plain") && !names("application/openmetrics-text") {
            true => Self::Text,
            false => Self::OpenMetrics,
        }
    }

    /// Its media type.
    pub const fn media(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_for_those_who_ask_for_nothing_else() {
        let prometheus =
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(Form::accepted(prometheus), Form::OpenMetrics);
        assert_eq!(Form::accepted("*/*"), Form::OpenMetrics);
        assert_eq!(Form::accepted(""), Form::OpenMetrics);
        assert_eq!(Form::accepted("text/plain"), Form::Text);
    }
}
