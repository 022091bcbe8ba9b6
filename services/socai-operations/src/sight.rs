//! What concerns whom: whether a thing is for whoever may see some units alone.
//!
//! A text, a calendar and a group are everybody's. Files about inspections, inspections and exports are for whoever may
//! see everything.

use std::collections::BTreeSet;

use jiff::civil::Date;
use socai_domain::attachment::About;
use socai_domain::group::Addressee;
use socai_domain::id::{ObligationId, UnitId};
use socai_domain::origin::Obligations;
use socai_domain::permission::Scope;
use socai_domain::subject::Subject;
use socai_ledger::image::Image;

/// Whether whoever may see what `scope` says may see `subject`.
pub fn sees(image: &Image, scope: &Scope, subject: &Subject) -> bool {
    match scope {
        Scope::Everything => true,
        Scope::Units(units) => concerns(image, subject, units),
    }
}

fn concerns(image: &Image, subject: &Subject, units: &BTreeSet<UnitId>) -> bool {
    let registry = image.registry();
    match subject {
        Subject::Ledger | Subject::Calendar(_) | Subject::Group(_) | Subject::Document(_) => true,
        Subject::Unit(unit) => units.contains(unit),
        Subject::Requirement(id) => {
            let known = registry.requirements.get(id);
            known.is_some_and(|known| addressed(image, &known.rule.reporters, units))
        }
        Subject::Task(id) => {
            let known = registry.tasks.get(id).map(|known| &known.assignment);
            known.is_some_and(|known| {
                addressed(image, &known.leads, units)
                    || addressed(image, &known.coordinators, units)
            })
        }
        Subject::Obligation(id) => owed(image, id, units),
        Subject::Attachment(id) => {
            let known = registry.attachments.get(id);
            match known.and_then(|known| known.file.about.as_ref()) {
                Some(About::Obligation(id)) => owed(image, id, units),
                Some(About::Document(_)) => true,
                Some(About::Inspection(_)) | None => false,
            }
        }
        Subject::Inspection(_) | Subject::Evidence(_) | Subject::Account(_) => false,
    }
}

/// Whether one of the units owes it, or owed it before.
fn owed(image: &Image, id: &ObligationId, units: &BTreeSet<UnitId>) -> bool {
    image.obligation(id).is_some_and(|owed| {
        let mut later = owed.transfers.iter().map(|(_, unit)| unit);
        units.contains(&owed.unit) || later.any(|unit| units.contains(unit))
    })
}

fn addressed(image: &Image, addressees: &[Addressee], units: &BTreeSet<UnitId>) -> bool {
    addressees.iter().any(|addressee| match addressee {
        Addressee::Unit(unit) => units.contains(unit),
        Addressee::Group(group) => {
            let group = image.registry().groups.get(group);
            group.is_some_and(|group| group.members_on(Date::MAX).any(|unit| units.contains(unit)))
        }
    })
}
