//! Counts with the rates that follow from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::obligation::Kind;
use socai_domain::rate::{Counts, RateId};

/// One rate: never shown without its id, numerator and denominator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rated {
    /// The formula.
    pub id: RateId,
    /// The numerator.
    pub n: u64,
    /// The denominator.
    pub d: u64,
    /// Two decimals, rounded half up, such as "98.63"; null where nothing was due.
    pub percent: Option<String>,
}

impl Rated {
    /// The rate `id` of `counts`.
    pub fn of(counts: &Counts, id: RateId) -> Self {
        let rate = counts.rate(id);
        let percent = rate.percent().map(|percent| percent.to_string());
        Self {
            id,
            n: rate.n,
            d: rate.d,
            percent,
        }
    }
}

/// Counts and every rate over them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// The record.
    pub counts: Counts,
    /// What follows from it, in the order of [`RateId::ALL`].
    pub rates: Vec<Rated>,
}

impl Tally {
    /// The tally of `counts`.
    pub fn of(counts: Counts) -> Self {
        let rates = RateId::ALL.map(|id| Rated::of(&counts, id)).into();
        Self { counts, rates }
    }

    /// One of its rates, computed from the counts.
    pub fn rate(&self, id: RateId) -> Rated {
        Rated::of(&self.counts, id)
    }
}

/// The headline rate of a kind of obligation.
pub(crate) const fn headline(kind: Kind) -> RateId {
    match kind {
        Kind::Task => RateId::CompletedOfDue,
        Kind::Report => RateId::OnTimeOfDue,
    }
}

/// Tasks and reports, never added up into one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Task obligations.
    pub tasks: Tally,
    /// Report obligations.
    pub reports: Tally,
}

impl Totals {
    /// Those of one kind.
    pub const fn of_kind(&self, kind: Kind) -> &Tally {
        match kind {
            Kind::Task => &self.tasks,
            Kind::Report => &self.reports,
        }
    }
}
