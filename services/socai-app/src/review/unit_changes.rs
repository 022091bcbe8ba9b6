//! How the units of a review changed within its window.

use std::collections::BTreeSet;

use jiff::civil::Date;
use socai_domain::event::Event;
use socai_domain::id::UnitId;
use socai_domain::subject::Subject;
use socai_domain::unit::{self, EndKind, Extent, Successor, Unit};
use socai_ledger::Fact;
use socai_ledger::fact::About;
use socai_review::facts::{Change, Heir, UnitChange};

use super::Ground;

/// The units that owe something here and changed within the window.
pub(super) fn changed(ground: &Ground<'_>) -> BTreeSet<UnitId> {
    let owed = ground
        .rows
        .iter()
        .flat_map(|row| [&row.unit, &row.counts_for]);
    let units: BTreeSet<&UnitId> = owed.collect();
    let changed = |id: &&UnitId| {
        let unit = ground.image.registry().unit(id);
        unit.is_some_and(|unit| days(unit).any(|day| within(ground, day)))
    };
    units.into_iter().filter(changed).cloned().collect()
}

fn within(ground: &Ground<'_>, day: Date) -> bool {
    let request = ground.request;
    request.from <= day && day <= request.to.min(request.as_of)
}

/// The days on which something of a unit changed.
fn days(unit: &Unit) -> impl Iterator<Item = Date> {
    let names = unit.names.iter().map(|(day, _)| *day);
    let parents = unit.parents.iter().map(|(day, _)| *day);
    let ceded = unit.ceded.iter().map(|(day, _)| *day);
    let ended = unit.ended.iter().map(|end| end.on);
    names.chain(parents).chain(ceded).chain(ended)
}

/// Their changes, in the order of days.
pub(super) fn unit_changes(ground: &Ground<'_>, told: &[&Fact]) -> Vec<UnitChange> {
    let mut changes: Vec<UnitChange> = told
        .iter()
        .filter(|fact| within(ground, fact.on))
        .filter_map(|fact| change(ground, fact))
        .collect();
    changes.sort_by_key(|change| (change.on, change.position));
    changes
}

fn change(ground: &Ground<'_>, fact: &Fact) -> Option<UnitChange> {
    let (About::Known(Subject::Unit(id)), Some(Event::Unit(event))) = (&fact.about, &fact.event)
    else {
        return None;
    };
    let unit = ground.image.registry().unit(id)?;
    let day_before = fact.on.yesterday().unwrap_or(fact.on);
    let (change, basis) = told_of(ground, fact.on, event);
    Some(UnitChange {
        on: fact.on,
        unit: id.clone(),
        name: unit.name_on(day_before).to_string(),
        change,
        basis: basis
            .as_ref()
            .map(|document| ground.document_name(document)),
        position: fact.position.0,
    })
}

fn told_of(
    ground: &Ground<'_>,
    on: Date,
    event: &unit::Event,
) -> (Change, Option<socai_domain::id::DocumentId>) {
    match event {
        unit::Event::Formed { basis, .. } => (Change::Formed, basis.clone()),
        unit::Event::Renamed { name, basis } => (
            Change::Renamed {
                to: name.to_string(),
            },
            basis.clone(),
        ),
        unit::Event::Reparented { parent, basis } => {
            let to = parent.as_ref().map(|parent| ground.name(parent, on));
            (Change::Reparented { to }, basis.clone())
        }
        unit::Event::PartCeded { to, what, basis } => {
            let to = heir(ground, on, to, Extent::Part);
            let part = what.as_ref().map(ToString::to_string);
            (Change::PartCeded { to, part }, basis.clone())
        }
        unit::Event::Ended {
            how,
            successors,
            basis,
        } => (ended(ground, on, *how, successors), basis.clone()),
    }
}

fn ended(ground: &Ground<'_>, on: Date, how: EndKind, successors: &[Successor]) -> Change {
    let heirs = successors
        .iter()
        .map(|next| heir(ground, on, &next.unit, next.extent));
    let heirs: Vec<Heir> = heirs.collect();
    match how {
        EndKind::Merged => Change::Merged { into: heirs },
        EndKind::Divided => Change::Divided { among: heirs },
        EndKind::Dissolved => Change::Dissolved { to: heirs },
    }
}

fn heir(ground: &Ground<'_>, on: Date, unit: &UnitId, extent: Extent) -> Heir {
    Heir {
        unit: unit.clone(),
        name: ground.name(unit, on),
        extent,
    }
}
