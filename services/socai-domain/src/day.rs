//! Days as they are written: `2019-03-31`, and in no other way.
//!
//! What else is a date somewhere, with an hour, an offset or another calendar, may be another day in Việt Nam.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};

/// What a day has to look like.
pub const EXPECTED: &str = "expected a day such as 2019-03-31";

/// The day that is written so.
pub fn parse(text: &str) -> Option<Date> {
    let day: Date = text.parse().ok()?;
    (day.to_string() == text).then_some(day)
}

/// Reads a day, for serde.
///
/// # Errors
///
/// Where it is written in any other way.
pub fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).ok_or_else(|| de::Error::custom(EXPECTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_one_way() {
        assert!(parse("2019-03-31").is_some());
        for other in [
            "2024-07-20T23:30:00-05:00",
            "2024-07-20T00:00",
            "20240720",
            "2024-07-20[u-ca=hebrew]",
            "+002024-07-20",
            " 2024-07-20",
            "2024-7-20",
            "2024-02-30",
            "",
        ] {
            assert_eq!(parse(other), None, "{other:?}");
        }
    }
}
