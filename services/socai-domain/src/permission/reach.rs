//! Over which units a role goes: its own, those that report through it, all others, all.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::touched::{Touched, Upon};
use super::{Refusal, Scope};
use crate::group::Addressee;
use crate::id::{AccountId, UnitId};
use crate::registry::Registry;
use crate::requirement::Rule;
use crate::unit::Unit;

/// Over which units a role may ask a command.
///
/// A unit's own is also what wholly merged into it. Reach is looked at on the day of recording: the
/// effective day is the client's to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Over the account's own unit, and for it.
    OwnUnit,
    /// Over the own unit and those that report through it, for the own unit: those that stand under it,
    /// and those of whose requirements it is the channel.
    Channel,
    /// As [`Channel`](Self::Channel), and not over the own unit: nobody judges itself.
    Below,
    /// Over every unit but the own one, and whatever that one went into.
    NotOwnUnit,
    /// Over every unit.
    AnyUnit,
    /// Over the account that asks, and no unit.
    Itself,
}

/// How far a role sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Everything.
    Everything,
    /// What concerns the own unit.
    OwnUnit,
    /// What concerns the own unit and those that report through it.
    Channel,
}

impl Reach {
    /// Whether everything that is touched lies within reach of an account that is at `home`.
    pub(super) fn covers(self, touched: &Touched, home: &Home<'_>) -> bool {
        let all = |reaches: &dyn Fn(&Upon) -> bool| {
            let for_own = touched.acting.as_ref().is_none_or(|by| home.owns(by));
            let each = |upon: &Option<Upon>| upon.as_ref().is_some_and(reaches);
            for_own && touched.upon.iter().all(each)
        };
        match self {
            Self::OwnUnit => all(&|upon| home.owns(&upon.unit)),
            Self::Channel => all(&|upon| home.owns(&upon.unit) || home.is_above(upon)),
            Self::Below => all(&|upon| !home.is_kin_of(&upon.unit) && home.is_above(upon)),
            Self::NotOwnUnit => {
                let mut units = touched.upon.iter().flatten();
                !units.any(|upon| home.is_kin_of(&upon.unit))
            }
            Self::AnyUnit => true,
            Self::Itself => touched.account.as_ref() == Some(home.account),
        }
    }

    /// Why it is refused where it is not covered.
    pub(super) const fn refusal(self) -> Refusal {
        match self {
            Self::OwnUnit | Self::Channel | Self::Below | Self::AnyUnit => Refusal::OutOfReach,
            Self::NotOwnUnit => Refusal::OwnUnit,
            Self::Itself => Refusal::OtherAccount,
        }
    }
}

/// An account in its unit, on a day.
pub(super) struct Home<'a> {
    pub(super) account: &'a AccountId,
    pub(super) unit: Option<&'a UnitId>,
    pub(super) registry: &'a Registry,
    pub(super) day: Date,
}

impl<'a> Home<'a> {
    /// The unit, and what it wholly went into by the day, one into the other. A cycle cannot be: what has ended
    /// takes nothing over.
    fn line(&self, unit: &'a UnitId) -> impl Iterator<Item = &'a UnitId> {
        std::iter::successors(Some(unit), |at| {
            let ended = self
                .registry
                .unit(at)
                .filter(|unit| !unit.alive_on(self.day));
            ended.and_then(Unit::whole_successor)
        })
    }

    /// Whether it is the own unit, or wholly merged into it.
    fn owns(&self, unit: &UnitId) -> bool {
        self.unit
            .is_some_and(|home| self.line(unit).any(|at| at == home))
    }

    /// Whether it is the own unit, has merged with it, or is what both went into.
    fn is_kin_of(&self, unit: &UnitId) -> bool {
        self.unit.is_some_and(|home| {
            let line: Vec<&UnitId> = self.line(home).collect();
            self.line(unit).any(|at| line.contains(&at))
        })
    }

    /// Whether what is done to it goes through the own unit.
    fn is_above(&self, upon: &Upon) -> bool {
        let via = upon.report_of.as_ref().is_some_and(|document| {
            let mut rules = self.rules_via();
            rules.any(|rule| rule.document == *document)
        });
        via || self.is_parent_of(&upon.unit)
    }

    fn is_parent_of(&self, unit: &UnitId) -> bool {
        let known = self.registry.unit(unit);
        let parent = known.and_then(|unit| unit.parent_on(self.day));
        parent.is_some_and(|parent| self.owns(parent))
    }

    /// The requirements whose channel is the own unit.
    fn rules_via(&self) -> impl Iterator<Item = &'a Rule> {
        let rules = self.registry.requirements.values().map(|known| &known.rule);
        rules.filter(|rule| rule.via.as_ref().is_some_and(|via| self.owns(via)))
    }

    /// What whoever has `sights` sees.
    pub(super) fn seen(&self, sights: &[Sight]) -> Scope {
        if sights.contains(&Sight::Everything) {
            return Scope::Everything;
        }
        let mut seen = self.units(|unit| self.owns(unit));
        if sights.contains(&Sight::Channel) {
            seen.extend(self.units(|unit| self.is_parent_of(unit)));
            seen.extend(self.reporters());
        }
        Scope::Units(seen)
    }

    fn units(&self, which: impl Fn(&UnitId) -> bool) -> BTreeSet<UnitId> {
        let units = self.registry.units.keys();
        units.filter(|unit| which(unit)).cloned().collect()
    }

    /// Who reports through the own unit by some requirement, those who did included.
    fn reporters(&self) -> BTreeSet<UnitId> {
        let addressees = self.rules_via().flat_map(|rule| &rule.reporters);
        let each = addressees.flat_map(|addressee| match addressee {
            Addressee::Unit(unit) => BTreeSet::from([unit.clone()]),
            Addressee::Group(group) => {
                let group = self.registry.groups.get(group);
                let members = group.into_iter().flat_map(|group| &group.members);
                members.flat_map(|(_, members)| members.clone()).collect()
            }
        });
        each.collect()
    }
}
