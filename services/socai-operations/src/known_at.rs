//! As known when: a position, or a time.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// As known when: a position, or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum KnownAt {
    /// What stands at this position and before.
    Position(u64),
    /// What was recorded before the first record that is later than this.
    Time(Timestamp),
}

impl FromStr for KnownAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(position));
        }
        let end_of_day = |date: Date| date.to_datetime(jiff::civil::time(23, 59, 59, 999_999_999));
        if let Ok(date) = text.parse::<Date>() {
            let offset = socai_domain::origin::VIETNAM;
            let at = offset
                .to_timestamp(end_of_day(date))
                .map_err(|error| error.to_string())?;
            return Ok(Self::Time(at));
        }
        text.parse().map(Self::Time).map_err(|_| {
            format!(
                "{text:?} is no position, day or time: expected a number such as 1200, a day such as \
                 2019-03-31 (its end in Việt Nam) or a time such as 2019-03-31T17:00:00Z"
            )
        })
    }
}

impl fmt::Display for KnownAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(position) => position.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}

impl TryFrom<String> for KnownAt {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<KnownAt> for String {
    fn from(known: KnownAt) -> Self {
        known.to_string()
    }
}
