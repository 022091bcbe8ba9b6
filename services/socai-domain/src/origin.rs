//! Who asks, when, and what the answer may look at.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::id::{AccountId, ObligationId, TaskId, UnitId};
use crate::obligation::Obligation;
use crate::registry::Registry;

/// Asia/Ho_Chi_Minh has had no other offset since 1975, and no day of this ledger is older.
pub const VIETNAM: Offset = Offset::constant(7);

/// Who asked and when, stamped by the edge. No command has a field for either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The account that records.
    pub actor: AccountId,
    /// When the ledger takes it in.
    pub at: Timestamp,
}

impl Origin {
    /// The civil day in Việt Nam on which the ledger takes it in.
    pub fn today(&self) -> Date {
        self.at.to_zoned(TimeZone::fixed(VIETNAM)).date()
    }
}

/// What a decision is made against.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The day on which it happened in the world, or will take effect.
    pub on: Date,
    /// Who asked and when.
    pub origin: &'a Origin,
    /// Everything but obligations.
    pub registry: &'a Registry,
    /// The obligations.
    pub obligations: &'a dyn Obligations,
}

/// The obligations, as decisions look them up.
pub trait Obligations {
    /// The obligation, or `None` where nothing created it.
    fn obligation(&self, id: &ObligationId) -> Option<Obligation>;

    /// The obligations that `unit` owes, neither fulfilled nor released, in the order of their ids.
    fn open_of(&self, unit: &UnitId) -> Vec<ObligationId>;

    /// The obligations that `task` created, in the order of their ids.
    fn of_task(&self, task: &TaskId) -> Vec<ObligationId>;

    /// Whether something created the obligation.
    fn has(&self, id: &ObligationId) -> bool {
        self.obligation(id).is_some()
    }
}
