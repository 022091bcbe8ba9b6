//! Periods: what a recurring report is about, how a period is named, and which dates it covers.
//!
//! A period is neither its data window nor its due date. `2024-q1` is the first quarter of 2024
//! whoever asks; its data run from 15/12/2023 to 14/3/2024 under 09/2019/NĐ-CP and from 1/1 to
//! 31/3/2024 by the calendar ([`WindowRule`]), and when it is due is for `due` to say.

mod window;

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use window::{Window, WindowError, WindowRule};

/// How often a report is asked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Hằng tháng.
    Monthly,
    /// Hằng quý.
    Quarterly,
    /// 6 tháng.
    SixMonthly,
    /// 9 tháng: January to September, once a year.
    NineMonthly,
    /// Hằng năm.
    Yearly,
    /// Một lần.
    Once,
    /// Khi có yêu cầu: owed only when somebody opens a period.
    OnRequest,
    /// Khi phát sinh: owed only when somebody opens a period.
    OnEvent,
}

/// Bytes of a period's own name, at most. It becomes a part of the obligation's id, which also has
/// to hold the requirement and the unit.
pub const PERIOD_BYTES_MAX: usize = 48;

const PATTERN: &str = "^[a-z0-9][a-z0-9-]{0,47}$";

/// A named period.
///
/// Its label is a month `2024-m03`, a quarter `2024-q1`, a half-year `2024-h1`, nine months
/// `2024-9m`, a year `2024`, or a name of its own, such as `so-ket-5-nam`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(Kind);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Regular { year: i16, part: Part },
    Named(Box<str>),
}

/// A part of a year that periods are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Month(i8),
    Quarter(i8),
    Half(i8),
    NineMonths,
    Year,
}

/// Why a text is no period, or not one of a cadence; in the order in which the rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// A label stands in ids, addresses and file names. An underscore would end it within an id.
    #[error(
        "a period is named by 1 to {PERIOD_BYTES_MAX} characters of a-z, 0-9 and -, beginning with \
         a letter or a digit"
    )]
    BadLabel,
    /// It reads like a month, quarter, half-year or year, and is none.
    #[error("no such period: expected a label such as 2024-m03, 2024-q1, 2024-h1, 2024-9m or 2024")]
    NoSuchPeriod,
    /// A monthly report has months, a quarterly one quarters, and so on.
    #[error("the period is not one of the requirement's cadence")]
    WrongCadence,
}

impl PeriodError {
    /// The code that clients match on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadLabel => "period.bad_label",
            Self::NoSuchPeriod => "period.no_such_period",
            Self::WrongCadence => "period.wrong_cadence",
        }
    }
}

impl Cadence {
    /// Whether periods follow from the calendar alone.
    pub fn is_regular(self) -> bool {
        !self.parts().is_empty()
    }

    /// Checks that `period` is one of this cadence. A report asked for once, on request or on an
    /// event may be about any period.
    ///
    /// # Errors
    ///
    /// [`PeriodError::WrongCadence`].
    pub fn check(self, period: &Period) -> Result<(), PeriodError> {
        let parts = self.parts();
        match &period.0 {
            _ if parts.is_empty() => Ok(()),
            Kind::Regular { part, .. } if parts.contains(part) => Ok(()),
            Kind::Regular { .. } | Kind::Named(_) => Err(PeriodError::WrongCadence),
        }
    }

    /// The periods whose calendar months lie wholly within `range`, in order. None where the
    /// cadence is not regular.
    pub fn periods_in(self, range: Window) -> impl Iterator<Item = Period> {
        let years = range.from().year().max(YEAR_MIN)..=range.to().year();
        let parts = self.parts();
        years
            .flat_map(move |year| parts.clone().into_iter().map(move |part| (year, part)))
            .filter(move |&(year, part)| range.covers(part.span(year)))
            .map(|(year, part)| Period(Kind::Regular { year, part }))
    }

    fn parts(self) -> Vec<Part> {
        match self {
            Self::Monthly => (1..=12).map(Part::Month).collect(),
            Self::Quarterly => (1..=4).map(Part::Quarter).collect(),
            Self::SixMonthly => (1..=2).map(Part::Half).collect(),
            Self::NineMonthly => vec![Part::NineMonths],
            Self::Yearly => vec![Part::Year],
            Self::Once | Self::OnRequest | Self::OnEvent => Vec::new(),
        }
    }
}

/// Labels have four digits for the year.
const YEAR_MIN: i16 = 1000;

impl Part {
    const fn months(self) -> (i8, i8) {
        match self {
            Self::Month(m) => (m, m),
            Self::Quarter(q) => (3 * q - 2, 3 * q),
            Self::Half(h) => (6 * h - 5, 6 * h),
            Self::NineMonths => (1, 9),
            Self::Year => (1, 12),
        }
    }

    fn span(self, year: i16) -> Window {
        let (first, last) = self.months();
        let last = Date::constant(year, last, 1).last_of_month();
        Window::new(Date::constant(year, first, 1), last).expect("months of a part ascend")
    }

    /// What stands after the year: `None` where it is a name of somebody's own, `Some(Err)` where
    /// it reads like a part and is none.
    fn read(tail: &str) -> Option<Result<Self, PeriodError>> {
        let (letter, number) = match tail.as_bytes() {
            b"9m" => return Some(Ok(Self::NineMonths)),
            [digit, b'm'] if digit.is_ascii_digit() => return Some(Err(PeriodError::NoSuchPeriod)),
            [letter @ (b'm' | b'q' | b'h'), number @ ..] if is_digits(number) => (*letter, number),
            _ => return None,
        };
        let part = match (letter, number) {
            (b'm', [b'0', ones @ b'1'..=b'9']) => Self::Month((ones - b'0').cast_signed()),
            (b'm', [b'1', ones @ b'0'..=b'2']) => Self::Month((ones - b'0').cast_signed() + 10),
            (b'q', [q @ b'1'..=b'4']) => Self::Quarter((q - b'0').cast_signed()),
            (b'h', [h @ b'1'..=b'2']) => Self::Half((h - b'0').cast_signed()),
            _ => return Some(Err(PeriodError::NoSuchPeriod)),
        };
        Some(Ok(part))
    }
}

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

impl Period {
    /// The calendar days of the period; `None` for a period with a name of its own.
    pub fn span(&self) -> Option<Window> {
        match self.0 {
            Kind::Regular { year, part } => Some(part.span(year)),
            Kind::Named(_) => None,
        }
    }

    fn is_nine_months(&self) -> bool {
        matches!(
            self.0,
            Kind::Regular {
                part: Part::NineMonths,
                ..
            }
        )
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        check_characters(text)?;
        let named = || Ok(Self(Kind::Named(text.into())));
        let (year, tail) = text
            .split_once('-')
            .map_or((text, None), |(y, t)| (y, Some(t)));
        if year.len() != 4 || !is_digits(year.as_bytes()) {
            return named();
        }
        let part = match tail.map_or(Some(Ok(Part::Year)), Part::read) {
            Some(part) => part?,
            None => return named(),
        };
        let year = year.parse().ok().filter(|year| *year >= YEAR_MIN);
        let year = year.ok_or(PeriodError::NoSuchPeriod)?;
        Ok(Self(Kind::Regular { year, part }))
    }
}

fn check_characters(text: &str) -> Result<(), PeriodError> {
    let begins = text
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphanumeric);
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if begins && text.len() <= PERIOD_BYTES_MAX && text.bytes().all(allowed) {
        return Ok(());
    }
    Err(PeriodError::BadLabel)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Regular { year, part } => match part {
                Part::Month(m) => write!(f, "{year}-m{m:02}"),
                Part::Quarter(q) => write!(f, "{year}-q{q}"),
                Part::Half(h) => write!(f, "{year}-h{h}"),
                Part::NineMonths => write!(f, "{year}-9m"),
                Part::Year => write!(f, "{year}"),
            },
            Kind::Named(name) => f.write_str(name),
        }
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;
    fn try_from(text: String) -> Result<Self, PeriodError> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl JsonSchema for Period {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": PATTERN,
            "description": "A month 2024-m03, a quarter 2024-q1, a half-year 2024-h1, nine months \
                            2024-9m, a year 2024, or a name of its own.",
        })
    }
}

#[cfg(test)]
mod tests;
