//! A review as facts: everything that its pages show, and nothing else.
//!
//! Counts are the record; every rate carries id, numerator, denominator and percentage. Names stand
//! beside ids, so that the file reads without the ledger. Deliberately absent: prose. What a person
//! has to judge is asked for on the page.

mod act;
mod counted;
mod method;
mod paper;
mod tally;
mod unit_change;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::standing::DueMode;

pub use act::{Act, ActKind, Excuse, ExcuseKind, Extension, Finding, FlagsCheck, Inspection};
pub use counted::{
    Age, Cell, Counted, LeagueRow, Leagues, Mark, Matrix, MatrixRow, Missed, PeriodRow, Subject,
    Undated, UnitRow,
};
pub use method::{
    BackDated, BackDating, CalendarVersion, Correction, Formula, Method, Notes, Rules,
};
pub use paper::{Below, Issuer, Paper, Step};
pub(crate) use tally::headline;
pub use tally::{Rated, Tally, Totals};
pub use unit_change::{Change, Heir, UnitChange};

/// The version of this form. Fields may be added under it; anything else is a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Form {
    /// The first.
    #[default]
    #[serde(rename = "socai.review.v1")]
    V1,
}

/// A review as facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The version of this form.
    pub form: Form,
    /// The ledger that was asked, and how far it was read.
    pub ledger: LedgerRead,
    /// What was asked of it.
    pub asked: Asked,
    /// The document under review.
    pub document: Paper,
    /// Who issued it, and so in whose form the review is written.
    pub issuer: Option<Issuer>,
    /// Every document below it, nearest first.
    pub chain: Vec<Below>,
    /// Everything that is counted from the obligations.
    pub counted: Counted,
    /// Extensions of their due dates, in the order of the ledger.
    pub extensions: Vec<Extension>,
    /// What took obligations out of the count.
    pub excuses: Vec<Excuse>,
    /// How units changed within the window.
    pub unit_changes: Vec<UnitChange>,
    /// Who did what about lateness.
    pub acts: Vec<Act>,
    /// Inspections that look at these documents or units within the window.
    pub inspections: Vec<Inspection>,
    /// Late flags beside buckets.
    pub flags: FlagsCheck,
    /// What a reader must know of the data.
    pub notes: Notes,
    /// How it was counted.
    pub method: Method,
}

/// The ledger that was asked, and how far it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerRead {
    /// The ledger's name.
    pub origin: String,
    /// The last position that was known.
    pub position: u64,
    /// When that position was recorded; null for an empty ledger.
    pub known_at: Option<Timestamp>,
    /// The Merkle root of the ledger at that position, where it is sealed.
    pub root: Option<String>,
}

/// What was asked of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The first due date counted.
    pub from: Date,
    /// The last due date counted.
    pub to: Date,
    /// The day at whose end it is counted.
    pub as_of: Date,
    /// Which due date is counted against.
    pub due: DueMode,
    /// Whether a merged unit's history stands with its successor.
    pub lineage: Lineage,
    /// The version of buckets and formulas.
    pub definition: String,
}

/// With which unit an obligation is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lineage {
    /// The unit that owed it.
    #[default]
    Recorded,
    /// The successor of a unit that was merged as a whole.
    Successor,
}
