//! A group: a named set of units, such as "các sở, ban, ngành".
//!
//! It is expanded to its members on the day it is used, and the expansion is recorded where it was
//! used, so that a later change of the group rewrites nothing.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{GroupId, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};
use crate::registry::Registry;

/// Whom a document addresses: a unit, or a group that stands for its members of the day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// One unit: `{"unit":"hn-snv"}`.
    Unit(UnitId),
    /// A group: `{"group":"hn-so-ban-nganh"}`.
    Group(GroupId),
}

impl std::fmt::Display for Addressee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unit(unit) => unit.fmt(f),
            Self::Group(group) => group.fmt(f),
        }
    }
}

/// Whom a group stood for on the day it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Expansion {
    /// The group.
    pub group: GroupId,
    /// Its members of that day, in the order of their ids.
    pub members: Vec<UnitId>,
}

/// What is asked of groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A group comes to be.
    #[serde(rename = "group.define")]
    Define {
        group: GroupId,
        name: Line,
        members: Vec<UnitId>,
    },
    /// Units join and leave a group from the effective day on.
    #[serde(rename = "group.change")]
    Change {
        group: GroupId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        add: Vec<UnitId>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remove: Vec<UnitId>,
    },
}

/// What became true of a group. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// `members` belong to it from the effective day.
    #[serde(rename = "group.defined.v1")]
    Defined { name: Line, members: Vec<UnitId> },
    /// `added` belong to it from the effective day, and `removed` no longer.
    #[serde(rename = "group.changed.v1")]
    Changed {
        added: Vec<UnitId>,
        removed: Vec<UnitId>,
    },
}

/// A group as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What it is called.
    pub name: Line,
    /// Its members, each set from a day on, oldest first; never empty.
    pub members: Vec<(Date, BTreeSet<UnitId>)>,
}

impl Group {
    /// Its members on `day`, as defined; none before its first day.
    pub fn members_on(&self, day: Date) -> impl Iterator<Item = &UnitId> {
        let by_then = self.members.iter().rev().find(|(from, _)| *from <= day);
        by_then.into_iter().flat_map(|(_, members)| members)
    }
}

refusals!("group" {
    /// Nothing of this id is defined.
    Unknown = "unknown", "no such group is in the ledger";
    /// An id is given once.
    AlreadyDefined = "already_defined", "a group of this id is defined already, with other facts";
    /// Whoever leaves does not join.
    BothWays = "both_ways", "a unit cannot join and leave the group at once";
    /// A member is not in the ledger.
    UnknownMember = "unknown_member", "the member is not in the ledger";
    /// A later change is known already.
    OutOfOrder = "out_of_order", "a later change of the group is recorded already";
    /// Nobody would be addressed.
    Empty = "empty", "the group has no member that exists on that day";
});

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    match command {
        Command::Define {
            group,
            name,
            members,
        } => define(group, name, members, asking),
        Command::Change { group, add, remove } => change(group, add, remove, asking),
    }
}

fn define(
    id: &GroupId,
    name: &Line,
    members: &[UnitId],
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let wanted: BTreeSet<UnitId> = members.iter().cloned().collect();
    if let Some(group) = asking.registry.groups.get(id) {
        let first = group.members.first();
        let same = group.name == *name && first == Some(&(asking.on, wanted));
        return if same {
            Ok(Vec::new())
        } else {
            Err(Refusal::AlreadyDefined.about(id))
        };
    }
    known(&wanted, asking.registry)?;
    Ok(vec![Event::Defined {
        name: name.clone(),
        members: wanted.into_iter().collect(),
    }])
}

fn change(
    id: &GroupId,
    add: &[UnitId],
    remove: &[UnitId],
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let group = asking
        .registry
        .groups
        .get(id)
        .ok_or_else(|| Refusal::Unknown.about(id))?;
    if let Some(unit) = add.iter().find(|unit| remove.contains(unit)) {
        return Err(Refusal::BothWays.about(unit));
    }
    let now: BTreeSet<&UnitId> = group.members_on(asking.on).collect();
    let added: BTreeSet<UnitId> = add
        .iter()
        .filter(|unit| !now.contains(unit))
        .cloned()
        .collect();
    let removed: BTreeSet<UnitId> = remove
        .iter()
        .filter(|unit| now.contains(unit))
        .cloned()
        .collect();
    if added.is_empty() && removed.is_empty() {
        return Ok(Vec::new());
    }
    known(&added, asking.registry)?;
    if group.members.iter().any(|(from, _)| *from > asking.on) {
        return Err(Refusal::OutOfOrder.about(id));
    }
    let (added, removed) = (added.into_iter().collect(), removed.into_iter().collect());
    Ok(vec![Event::Changed { added, removed }])
}

fn known(members: &BTreeSet<UnitId>, registry: &Registry) -> Result<(), Refused> {
    match members
        .iter()
        .find(|unit| !registry.units.contains_key(*unit))
    {
        Some(unknown) => Err(Refusal::UnknownMember.about(unknown)),
        None => Ok(()),
    }
}

/// Tells `group` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(group: Option<Group>, on: Date, event: &Event) -> Option<Group> {
    match (group, event) {
        (None, Event::Defined { name, members }) => {
            let members = vec![(on, members.iter().cloned().collect())];
            Some(Group {
                name: name.clone(),
                members,
            })
        }
        (Some(mut group), Event::Changed { added, removed }) => {
            let mut members: BTreeSet<UnitId> = group.members_on(on).cloned().collect();
            members.extend(added.iter().cloned());
            members.retain(|unit| !removed.contains(unit));
            group.members.push((on, members));
            Some(group)
        }
        (Some(_), Event::Defined { .. }) | (None, Event::Changed { .. }) => None,
    }
}

/// Whom `addressees` stand for on `day`: every unit once, and how each group was expanded.
///
/// Members that do not exist on that day are left out of a group.
///
/// # Errors
///
/// The unit or group that is unknown, the unit that does not exist then, the group that is empty.
pub fn expand(
    addressees: &[Addressee],
    day: Date,
    registry: &Registry,
) -> Result<(Vec<UnitId>, Vec<Expansion>), Refused> {
    let (mut units, mut expansions) = (BTreeSet::new(), Vec::new());
    for addressee in addressees {
        match addressee {
            Addressee::Unit(id) => {
                let unit = registry
                    .unit(id)
                    .ok_or_else(|| crate::unit::Refusal::Unknown.about(id))?;
                if !unit.alive_on(day) {
                    return Err(crate::unit::Refusal::NotAlive.about(id));
                }
                units.insert(id.clone());
            }
            Addressee::Group(id) => {
                let group = registry
                    .groups
                    .get(id)
                    .ok_or_else(|| Refusal::Unknown.about(id))?;
                let alive = |unit: &&UnitId| registry.unit(unit).is_some_and(|u| u.alive_on(day));
                let members: Vec<UnitId> = group.members_on(day).filter(alive).cloned().collect();
                if members.is_empty() {
                    return Err(Refusal::Empty.about(id));
                }
                units.extend(members.iter().cloned());
                expansions.push(Expansion {
                    group: id.clone(),
                    members,
                });
            }
        }
    }
    Ok((units.into_iter().collect(), expansions))
}

#[cfg(test)]
pub(crate) mod tests;
