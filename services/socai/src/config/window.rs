//! `[metrics] window`, as it is written.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};
use socai_metrics::window::Due;

pub(super) fn read<'de, D: Deserializer<'de>>(written: D) -> Result<Due, D::Error> {
    written.deserialize_str(Written)
}

struct Written;

impl Visitor<'_> for Written {
    type Value = Due;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "\"year\", or the first and the last day that count, in this order, as \"2021-01-01/2025-12-31\"",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Due, E> {
        Due::parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::Config;
    use super::*;

    const LEDGER: &str = "[ledger]\ndirectory = \"a\"\n";

    fn window(line: &str, set: Option<&str>) -> anyhow::Result<Due> {
        let set = set.map(|value| ("SOCAI_METRICS__WINDOW".to_owned(), value.to_owned()));
        let text = format!("{LEDGER}[metrics]\n{line}");
        let config = Config::parse(&text, set.into_iter())?;
        Ok(config.metrics.window)
    }

    #[test]
    fn a_window_is_the_year_unless_it_is_given_and_the_environment_wins() {
        let (first, last) = (date(2021, 1, 1), date(2025, 12, 31));
        let term = Due::Within { first, last };
        let written = "window = \"2021-01-01/2025-12-31\"";
        for (line, set, expected) in [
            ("", None, Due::ThisYear),
            ("window = \"year\"", None, Due::ThisYear),
            (written, None, term),
            ("", Some("2021-01-01/2025-12-31"), term),
            (written, Some("year"), Due::ThisYear),
        ] {
            assert_eq!(expected, window(line, set).unwrap(), "{line} {set:?}");
        }
    }

    #[test]
    fn what_is_no_window_is_said_with_its_place_and_what_was_expected() {
        let expected = "expected \"year\", or the first and the last day that count, in this order, as \"2021-01-01/2025-12-31\"";
        for written in [
            "\"2025-12-31/2021-01-01\"",
            "\"2021\"",
            "2021",
            "2021-01-01",
            "[\"2021-01-01\", \"2025-12-31\"]",
        ] {
            let error = window(&format!("window = {written}"), None).unwrap_err();
            let error = format!("{error:#}");
            let said = [expected, "metrics.window"];
            assert!(said.iter().all(|part| error.contains(part)), "{error}");
        }
    }
}
