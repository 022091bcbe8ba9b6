//! How obligations are counted, and the rates derived from the counts.
//!
//! Counts are the record, rates are derived: a rate carries its numerator, its denominator and the
//! id of its formula, because published "completion rates" use at least three denominators and
//! seldom say which. Nothing due is no rate, never 0 % or 100 %. Percentages are exact to the last
//! of two decimals, rounded half up; there is no floating point here.
//!
//! Deliberately absent: which obligations are counted (windows, lineage and the two clocks are for
//! the memory image), and what becomes of one ([`crate::standing`]).

pub mod ageing;
mod bucket;
mod formula;
mod percent;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bucket::{Bucket, UnknownBucket};
pub use formula::RateId;
pub use percent::{Percent, Rate};

/// The version of the buckets and formulas of this module. A review names it.
pub const DEFINITION: &str = "v1";

/// Obligations by bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// In [`Bucket::OnTime`].
    pub on_time: u64,
    /// In [`Bucket::Late`].
    pub late: u64,
    /// In [`Bucket::Pending`].
    pub pending: u64,
    /// In [`Bucket::Overdue`].
    pub overdue: u64,
    /// In [`Bucket::NoDueDate`], done or not.
    pub no_due_date: u64,
    /// In [`Bucket::Excused`].
    pub excused: u64,
    /// Those of `no_due_date` that are done. Not a bucket of its own.
    pub no_due_date_done: u64,
}

impl Counts {
    /// Counts one obligation.
    pub fn add(&mut self, bucket: Bucket) {
        *self.slot(bucket) += 1;
    }

    /// Counts one obligation that has no due date and is done.
    pub fn add_no_due_date_done(&mut self) {
        self.add(Bucket::NoDueDate);
        self.no_due_date_done += 1;
    }

    /// Counts what `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        for bucket in Bucket::ALL {
            *self.slot(bucket) += other.get(bucket);
        }
        self.no_due_date_done += other.no_due_date_done;
    }

    /// The number in a bucket.
    pub const fn get(&self, bucket: Bucket) -> u64 {
        match bucket {
            Bucket::OnTime => self.on_time,
            Bucket::Late => self.late,
            Bucket::Pending => self.pending,
            Bucket::Overdue => self.overdue,
            Bucket::NoDueDate => self.no_due_date,
            Bucket::Excused => self.excused,
        }
    }

    /// The number in all buckets: each obligation once.
    pub fn total(&self) -> u64 {
        Bucket::ALL.into_iter().map(|bucket| self.get(bucket)).sum()
    }

    /// A rate over these counts.
    pub fn rate(&self, id: RateId) -> Rate {
        let sum = |buckets: &[Bucket]| buckets.iter().map(|bucket| self.get(*bucket)).sum();
        Rate {
            n: sum(id.numerator()),
            d: sum(id.denominator()),
        }
    }

    fn slot(&mut self, bucket: Bucket) -> &mut u64 {
        match bucket {
            Bucket::OnTime => &mut self.on_time,
            Bucket::Late => &mut self.late,
            Bucket::Pending => &mut self.pending,
            Bucket::Overdue => &mut self.overdue,
            Bucket::NoDueDate => &mut self.no_due_date,
            Bucket::Excused => &mut self.excused,
        }
    }
}

#[cfg(test)]
mod tests;
