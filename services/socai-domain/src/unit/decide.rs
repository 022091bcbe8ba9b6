//! Which events follow from a command about units: one that ends concerns its successors too.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Command, EndKind, Event, Extent, Refusal, Successor, Unit, evolve};
use crate::id::{DocumentId, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::refusal::Refused;
use crate::registry::Registry;

/// The streams that a command writes, each with what becomes true of it.
pub type Changes = Vec<(UnitId, Vec<Event>)>;

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<Changes, Refused> {
    match command {
        Command::Form {
            unit,
            name,
            kind,
            parent,
            code,
            basis,
        } => {
            let formed = Event::Formed {
                name: name.clone(),
                kind: *kind,
                parent: parent.clone(),
                code: code.clone(),
                basis: basis.clone(),
            };
            form(unit, formed, asking)
        }
        Command::Rename { unit, name, basis } => rename(unit, name, basis, asking),
        Command::Reparent {
            unit,
            parent,
            basis,
        } => reparent(unit, parent, basis, asking),
        Command::CedePart {
            unit,
            to,
            what,
            basis,
        } => cede(unit, to, what, basis, asking),
        Command::Merge {
            units,
            into,
            transfer: _,
            basis,
        } => merge(units, into, basis, asking),
        Command::Divide { unit, among, basis } => divide(unit, among, basis, asking),
        Command::Dissolve {
            unit,
            parts_to,
            basis,
        } => dissolve(unit, parts_to, basis, asking),
    }
}

fn form(id: &UnitId, formed: Event, asking: &Asking<'_>) -> Result<Changes, Refused> {
    let Event::Formed { parent, basis, .. } = &formed else {
        unreachable!("form is asked to form")
    };
    if parent.as_ref() == Some(id) {
        return Err(Refusal::Itself.about(id));
    }
    known_basis(basis, asking)?;
    if let Some(parent) = parent {
        known(parent, asking)?;
    }
    if let Some(unit) = asking.registry.unit(id) {
        let born = evolve(None, asking.on, &formed);
        return if born.is_some_and(|born| same_birth(unit, &born)) {
            Ok(Vec::new())
        } else {
            Err(Refusal::AlreadyFormed.about(id))
        };
    }
    if let Some(parent) = parent {
        alive(parent, asking)?;
    }
    Ok(vec![(id.clone(), vec![formed])])
}

fn same_birth(known: &Unit, new: &Unit) -> bool {
    known.formed == new.formed
        && known.kind == new.kind
        && known.code == new.code
        && known.names.first() == new.names.first()
        && known.parents.first() == new.parents.first()
}

fn rename(
    id: &UnitId,
    name: &Line,
    basis: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Changes, Refused> {
    known_basis(basis, asking)?;
    let unit = alive(id, asking)?;
    if unit.name_on(asking.on) == name {
        return Ok(Vec::new());
    }
    in_order(&unit.names, asking.on, id)?;
    Ok(vec![(
        id.clone(),
        vec![Event::Renamed {
            name: name.clone(),
            basis: basis.clone(),
        }],
    )])
}

fn reparent(
    id: &UnitId,
    parent: &Option<UnitId>,
    basis: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Changes, Refused> {
    if parent.as_ref() == Some(id) {
        return Err(Refusal::Itself.about(id));
    }
    known_basis(basis, asking)?;
    known(id, asking)?;
    if let Some(parent) = parent {
        known(parent, asking)?;
    }
    let unit = alive(id, asking)?;
    if unit.parent_on(asking.on) == parent.as_ref() {
        return Ok(Vec::new());
    }
    if let Some(parent) = parent {
        alive(parent, asking)?;
        let changes = asking
            .registry
            .units
            .values()
            .flat_map(|unit| &unit.parents);
        let later = changes
            .map(|(from, _)| *from)
            .filter(|from| *from > asking.on);
        // A move recorded for a later day could close the circle then.
        let mut days = later.chain([asking.on]);
        if days.any(|day| stands_below(parent, id, asking.registry, day)) {
            return Err(Refusal::ParentCycle.about(parent));
        }
    }
    in_order(&unit.parents, asking.on, id)?;
    Ok(vec![(
        id.clone(),
        vec![Event::Reparented {
            parent: parent.clone(),
            basis: basis.clone(),
        }],
    )])
}

/// Whether following parents from `below` meets `above`. No accepted history has a cycle.
fn stands_below(below: &UnitId, above: &UnitId, registry: &Registry, day: Date) -> bool {
    let mut at = Some(below);
    while let Some(id) = at {
        if id == above {
            return true;
        }
        at = registry.units.get(id).and_then(|unit| unit.parent_on(day));
    }
    false
}

fn cede(
    id: &UnitId,
    to: &UnitId,
    what: &Option<Line>,
    basis: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Changes, Refused> {
    if to == id {
        return Err(Refusal::Itself.about(id));
    }
    known_basis(basis, asking)?;
    known(id, asking)?;
    known(to, asking)?;
    let unit = alive(id, asking)?;
    alive(to, asking)?;
    if unit.ceded.contains(&(asking.on, to.clone())) {
        return Ok(Vec::new());
    }
    let event = Event::PartCeded {
        to: to.clone(),
        what: what.clone(),
        basis: basis.clone(),
    };
    Ok(vec![(id.clone(), vec![event])])
}

fn merge(
    units: &[UnitId],
    into: &UnitId,
    basis: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Changes, Refused> {
    if units.is_empty() {
        return Err(Refusal::NothingToMerge.into());
    }
    if units.contains(into) {
        return Err(Refusal::Itself.about(into));
    }
    known_basis(basis, asking)?;
    if let Some(unknown) = units.iter().find(|id| asking.registry.unit(id).is_none()) {
        return Err(Refusal::Unknown.about(unknown));
    }
    let successors = vec![Successor {
        unit: into.clone(),
        extent: Extent::Whole,
    }];
    let mut changes = Vec::new();
    for unit in units.iter().collect::<BTreeSet<_>>() {
        changes.extend(end(
            unit,
            EndKind::Merged,
            successors.clone(),
            basis,
            asking,
        )?);
    }
    Ok(changes)
}

fn divide(
    id: &UnitId,
    among: &[UnitId],
    basis: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Changes, Refused> {
    if among.iter().collect::<BTreeSet<_>>().len() < 2 {
        return Err(Refusal::TooFewParts.into());
    }
    if among.contains(id) {
        return Err(Refusal::Itself.about(id));
    }
    known_basis(basis, asking)?;
    end(id, EndKind::Divided, parts(among), basis, asking)
}

fn dissolve(
    id: &UnitId,
    parts_to: &[UnitId],
    basis: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Changes, Refused> {
    if parts_to.contains(id) {
        return Err(Refusal::Itself.about(id));
    }
    known_basis(basis, asking)?;
    end(id, EndKind::Dissolved, parts(parts_to), basis, asking)
}

fn parts(among: &[UnitId]) -> Vec<Successor> {
    let part = |unit: &UnitId| Successor {
        unit: unit.clone(),
        extent: Extent::Part,
    };
    among
        .iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(part)
        .collect()
}

fn end(
    id: &UnitId,
    how: EndKind,
    successors: Vec<Successor>,
    basis: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Changes, Refused> {
    let unit = known(id, asking)?;
    for successor in &successors {
        known(&successor.unit, asking)?;
    }
    if let Some(ending) = &unit.ended
        && (ending.on, ending.how, &ending.successors) == (asking.on, how, &successors)
    {
        return Ok(Vec::new());
    }
    alive(id, asking)?;
    for successor in &successors {
        alive(&successor.unit, asking)?;
    }
    if unit.ended.is_some() || anything_after(unit, id, asking) {
        return Err(Refusal::OutOfOrder.about(id));
    }
    let event = Event::Ended {
        how,
        successors,
        basis: basis.clone(),
    };
    Ok(vec![(id.clone(), vec![event])])
}

/// Whether the unit is recorded to have done or received something after the effective day: a change
/// of its own, a part of another unit, another unit as a whole.
fn anything_after(unit: &Unit, id: &UnitId, asking: &Asking<'_>) -> bool {
    let after = |day: &Date| *day > asking.on;
    let own = unit.names.iter().any(|(day, _)| after(day))
        || unit.parents.iter().any(|(day, _)| after(day))
        || unit.ceded.iter().any(|(day, _)| after(day));
    let received = |other: &Unit| {
        let ceded = other.ceded.iter().any(|(day, to)| to == id && after(day));
        let ended = other.ended.as_ref().filter(|end| after(&end.on));
        ceded || ended.is_some_and(|end| end.successors.iter().any(|s| s.unit == *id))
    };
    own || asking.registry.units.values().any(received)
}

fn known_basis(basis: &Option<DocumentId>, asking: &Asking<'_>) -> Result<(), Refused> {
    match basis {
        Some(id) if !asking.registry.documents.contains_key(id) => {
            Err(Refusal::UnknownBasis.about(id))
        }
        _ => Ok(()),
    }
}

fn known<'a>(id: &UnitId, asking: &Asking<'a>) -> Result<&'a Unit, Refused> {
    let unit = asking.registry.unit(id);
    unit.ok_or_else(|| Refusal::Unknown.about(id))
}

fn alive<'a>(id: &UnitId, asking: &Asking<'a>) -> Result<&'a Unit, Refused> {
    let unit = known(id, asking)?;
    if unit.alive_on(asking.on) {
        Ok(unit)
    } else {
        Err(Refusal::NotAlive.about(id))
    }
}

fn in_order<T>(entries: &[(Date, T)], on: Date, id: &UnitId) -> Result<(), Refused> {
    if entries.iter().any(|(from, _)| *from > on) {
        return Err(Refusal::OutOfOrder.about(id));
    }
    Ok(())
}
