//! How it was counted, and what a reader must know of the data.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::due::{DayOff, DueRule};
use socai_domain::id::RequirementId;
use socai_domain::period::{Cadence, WindowRule};
use socai_domain::rate::RateId;

/// What a reader must know of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// Records that the review rests on.
    pub records: u64,
    /// Those of them that are made up for demonstration.
    pub synthetic: u64,
    /// The recorded times come from a simulation and not from a clock.
    pub simulated_clock: bool,
    /// Events that were recorded well after they happened.
    pub back_dated: BackDating,
    /// Events that correct or reverse another.
    pub corrections: Vec<Correction>,
}

/// Events that were recorded well after they happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackDating {
    /// More than so many days after.
    pub after_days: u32,
    /// How many there are.
    pub count: u64,
    /// They, in the order of the ledger.
    pub events: Vec<BackDated>,
}

/// An event that was recorded well after it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackDated {
    /// The event.
    pub position: u64,
    /// Its type.
    pub event: String,
    /// Its stream.
    pub subject: String,
    /// When it happened.
    pub effective: Date,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// The days between.
    pub days: u32,
}

/// An event that corrects or reverses another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The event.
    pub position: u64,
    /// Its type.
    pub event: String,
    /// Its stream.
    pub subject: String,
    /// The day from which it holds.
    pub on: Date,
    /// The reason.
    pub reason: Option<String>,
}

/// How it was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// The formulas of the definition.
    pub formulas: Vec<Formula>,
    /// The calendars that the ledger holds for the years of the window.
    pub calendars: Vec<CalendarVersion>,
    /// How data windows and due dates were resolved, by requirement.
    pub rules: Vec<Rules>,
}

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// Its id.
    pub id: RateId,
    /// The formula, in names of buckets.
    pub formula: String,
}

impl Formula {
    /// Every formula of the definition.
    pub fn all() -> Vec<Self> {
        let told = |id: RateId| Self {
            id,
            formula: id.formula().to_owned(),
        };
        RateId::ALL.map(told).into()
    }
}

/// A published calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarVersion {
    /// The year.
    pub year: i16,
    /// Which publication of it.
    pub version: u32,
    /// How many days it lists that differ from their weekday.
    pub days: u32,
    /// Who decided so, or where it was read.
    pub source: Option<String>,
}

/// How a requirement's windows and due dates were resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The requirement.
    pub requirement: RequirementId,
    /// What it asks for.
    pub title: String,
    /// How often.
    pub cadence: Cadence,
    /// Its rule for data windows.
    pub window: WindowRule,
    /// Its rule for due dates.
    pub due: DueRule,
    /// What happens to a due date on a day off.
    pub day_off: DayOff,
}
