//! Data windows: the dates that a report covers.

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cadence, Period};

/// The dates from `from` 00:00 to `to` 24:00, both included.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "Ends")]
pub struct Window {
    /// The first day.
    from: Date,
    /// The last day.
    to: Date,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Window")]
struct Ends {
    from: Date,
    to: Date,
}

/// Which data window a period has.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum WindowRule {
    /// 09/2019/NĐ-CP Art. 12: from the 15th of the month before the period to the 14th of its last
    /// month. Months, quarters, half-years and years have such a window; nine months are not
    /// named there, so theirs is fixed by whoever asks for the report (Art. 12(5)).
    ///
    /// For State organs only. Party documents say for themselves what they cover.
    #[serde(rename = "decree_09")]
    Decree09,
    /// The calendar days of the period.
    Calendar,
    /// The same window for whichever period: S0 counts from 21/01/2014 to 31/3/2019.
    Fixed(Window),
    /// Given by whoever opens the period.
    Stated,
    /// The document does not say what the report covers.
    NotStated,
}

/// Why there is no such window, in the order in which the rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// A window ends no earlier than it begins.
    #[error("the window ends before it begins")]
    Reversed,
    /// 09/2019/NĐ-CP Art. 12 does not define a window of nine months.
    #[error("09/2019/NĐ-CP defines no window of nine months: it must be stated")]
    NineMonths,
    /// The rule needs a month, quarter, half-year or year.
    #[error("the period has a name of its own, so its window must be fixed or stated")]
    NoMonths,
    /// The rule leaves the window to whoever opens the period.
    #[error("the window must be stated when the period is opened")]
    MustBeStated,
    /// The rule gives another window than the one stated, or none.
    #[error("the window stated is not the one that the requirement's rule gives")]
    NotTheRules,
}

impl WindowError {
    /// The code that clients match on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reversed => "window.reversed",
            Self::NineMonths => "window.nine_months",
            Self::NoMonths => "window.no_months",
            Self::MustBeStated => "window.must_be_stated",
            Self::NotTheRules => "window.not_the_rules",
        }
    }
}

impl Window {
    /// The window from `from` to `to`, both included.
    ///
    /// # Errors
    ///
    /// [`WindowError::Reversed`] where it would end before it begins.
    pub fn new(from: Date, to: Date) -> Result<Self, WindowError> {
        if to < from {
            return Err(WindowError::Reversed);
        }
        Ok(Self { from, to })
    }

    /// The first day.
    pub const fn from(self) -> Date {
        self.from
    }

    /// The last day.
    pub const fn to(self) -> Date {
        self.to
    }

    /// Whether `date` lies within.
    pub fn contains(self, date: Date) -> bool {
        self.from <= date && date <= self.to
    }

    /// Whether all of `other` lies within.
    pub fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

impl TryFrom<Ends> for Window {
    type Error = WindowError;
    fn try_from(Ends { from, to }: Ends) -> Result<Self, WindowError> {
        Self::new(from, to)
    }
}

impl WindowRule {
    /// Checks that a requirement of `cadence` may have this rule.
    ///
    /// # Errors
    ///
    /// [`WindowError::NineMonths`] for nine months under 09/2019/NĐ-CP.
    pub fn check(self, cadence: Cadence) -> Result<(), WindowError> {
        match (self, cadence) {
            (Self::Decree09, Cadence::NineMonthly) => Err(WindowError::NineMonths),
            _ => Ok(()),
        }
    }

    /// The window of `period`, and `None` where it is not stated by the document. `stated` is what
    /// whoever opens the period says; beside another rule than [`Self::Stated`] it may only repeat
    /// the window that the rule gives.
    ///
    /// # Errors
    ///
    /// The [`WindowError`] that applies; where several do, the one declared first.
    pub fn window(
        self,
        period: &Period,
        stated: Option<Window>,
    ) -> Result<Option<Window>, WindowError> {
        let given = match self {
            Self::Decree09 if period.is_nine_months() => return Err(WindowError::NineMonths),
            Self::Decree09 => Some(decree_09(months(period)?)),
            Self::Calendar => Some(months(period)?),
            Self::Fixed(window) => Some(window),
            Self::Stated => return stated.map(Some).ok_or(WindowError::MustBeStated),
            Self::NotStated => None,
        };
        if stated.is_some() && stated != given {
            return Err(WindowError::NotTheRules);
        }
        Ok(given)
    }
}

fn months(period: &Period) -> Result<Window, WindowError> {
    period.span().ok_or(WindowError::NoMonths)
}

fn decree_09(months: Window) -> Window {
    let month_before = months.from.saturating_sub(1.month());
    let from = month_before
        .with()
        .day(15)
        .build()
        .expect("every month has a 15th");
    let to = months
        .to
        .with()
        .day(14)
        .build()
        .expect("every month has a 14th");
    Window { from, to }
}
