//! How units changed within the window.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::UnitId;
use socai_domain::unit::Extent;

/// One change of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitChange {
    /// The day from which it holds.
    pub on: Date,
    /// The unit.
    pub unit: UnitId,
    /// Its name before that day; on being formed, its first.
    pub name: String,
    /// What happened.
    pub change: Change,
    /// The document that ordered it.
    pub basis: Option<String>,
    /// The event.
    pub position: u64,
}

/// What happened to a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Change {
    /// It came to be.
    Formed,
    /// It has another name.
    Renamed {
        /// The name from that day.
        to: String,
    },
    /// It stands elsewhere.
    Reparented {
        /// The name of the unit that it stands under, where there is one.
        to: Option<String>,
    },
    /// A part of it went to another.
    PartCeded {
        /// The unit that has it.
        to: Heir,
        /// What went, in words.
        part: Option<String>,
    },
    /// It ended, whole, in another.
    Merged {
        /// Where it went.
        into: Vec<Heir>,
    },
    /// It ended, among several.
    Divided {
        /// Where its parts went.
        among: Vec<Heir>,
    },
    /// It ended.
    Dissolved {
        /// Where parts went, if any did.
        to: Vec<Heir>,
    },
}

/// A unit that took over another or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heir {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// How much it took over.
    pub extent: Extent,
}
