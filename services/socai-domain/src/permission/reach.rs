//! Over which units a role goes: its own, those that report through it, all others, all.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::touched::{Touched, Upon};
use super::{Refusal, Scope};
use crate::account::Account;
use crate::group::Addressee;
use crate::id::UnitId;
use crate::origin::Asking;
use crate::registry::Registry;
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
    pub(super) fn covers(
        self,
        touched: &Touched,
        account: &Account,
        asking: &Asking<'_>,
    ) -> Result<(), Refusal> {
        let home = Home {
            unit: account.unit.as_ref(),
            registry: asking.registry,
            day: asking.origin.today(),
        };
        let for_own = touched.acting.as_ref().is_none_or(|by| home.owns(by));
        let reached = |reaches: &dyn Fn(&Upon) -> bool| {
            let each = |upon: &Option<Upon>| upon.as_ref().is_some_and(reaches);
            for_own && touched.upon.iter().all(each)
        };
        let (covered, refusal) = match self {
            Self::OwnUnit => (reached(&|upon| home.owns(&upon.unit)), Refusal::OutOfReach),
            Self::Channel => (reached(&|upon| home.channels(upon)), Refusal::OutOfReach),
            Self::NotOwnUnit => {
                let mut named = touched.upon.iter().flatten();
                (!named.any(|upon| home.is_kin(&upon.unit)), Refusal::OwnUnit)
            }
            Self::AnyUnit => (true, Refusal::OutOfReach),
            Self::Itself => {
                let same = touched.account.as_ref() == Some(&asking.origin.actor);
                (same, Refusal::OtherAccount)
            }
        };
        if covered { Ok(()) } else { Err(refusal) }
    }
}

/// The units that `sights` come to.
pub(super) fn seen(sights: &[Sight], account: &Account, registry: &Registry, day: Date) -> Scope {
    if sights.contains(&Sight::Everything) {
        return Scope::Everything;
    }
    let home = Home {
        unit: account.unit.as_ref(),
        registry,
        day,
    };
    let reports_here = if sights.contains(&Sight::Channel) {
        home.reporters()
    } else {
        BTreeSet::new()
    };
    let through = |unit: &UnitId| {
        sights.contains(&Sight::Channel) && (home.is_above(unit) || reports_here.contains(unit))
    };
    let seen = registry
        .units
        .keys()
        .filter(|unit| home.owns(unit) || through(unit));
    Scope::Units(seen.cloned().collect())
}

/// An account's unit, on a day.
struct Home<'a> {
    unit: Option<&'a UnitId>,
    registry: &'a Registry,
    day: Date,
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
    fn is_kin(&self, unit: &UnitId) -> bool {
        self.unit.is_some_and(|home| {
            let line: Vec<&UnitId> = self.line(home).collect();
            self.line(unit).any(|at| line.contains(&at))
        })
    }

    /// Whether it stands right under the own unit.
    fn is_above(&self, unit: &UnitId) -> bool {
        let known = self.registry.unit(unit);
        let parent = known.and_then(|unit| unit.parent_on(self.day));
        parent.is_some_and(|parent| self.owns(parent))
    }

    fn channels(&self, upon: &Upon) -> bool {
        self.owns(&upon.unit) || self.is_above(&upon.unit) || self.is_via(upon)
    }

    /// Whether the report is of a requirement whose channel is the own unit.
    fn is_via(&self, upon: &Upon) -> bool {
        let mut requirements = self.registry.requirements.values();
        upon.report_of.as_ref().is_some_and(|document| {
            requirements.any(|known| {
                let via = known.rule.via.as_ref();
                known.rule.document == *document && via.is_some_and(|via| self.owns(via))
            })
        })
    }

    /// Who reports through the own unit by some requirement.
    fn reporters(&self) -> BTreeSet<UnitId> {
        let rules = self.registry.requirements.values().map(|known| &known.rule);
        let through = rules.filter(|rule| rule.via.as_ref().is_some_and(|via| self.owns(via)));
        let mut all = BTreeSet::new();
        for addressee in through.flat_map(|rule| &rule.reporters) {
            match addressee {
                Addressee::Unit(unit) => {
                    all.insert(unit.clone());
                }
                Addressee::Group(group) => {
                    let group = self.registry.groups.get(group);
                    all.extend(
                        group
                            .into_iter()
                            .flat_map(|group| group.members_on(self.day))
                            .cloned(),
                    );
                }
            }
        }
        all
    }
}
