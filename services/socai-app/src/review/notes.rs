//! What a reader must know of the data: made up, told late, corrected.

use socai_domain::event::Event;
use socai_domain::line::Line;
use socai_domain::{document, obligation};
use socai_ledger::Fact;
use socai_review::facts::{BackDated, BackDating, Correction, Notes};

use super::{BACK_DATED_AFTER_DAYS, Ground};

/// The notes on the records that the review rests on.
pub(super) fn notes(ground: &Ground<'_>, told: &[&Fact]) -> Notes {
    let events: Vec<BackDated> = told.iter().filter_map(|fact| back_dated(fact)).collect();
    Notes {
        records: told.len() as u64,
        synthetic: told.iter().filter(|fact| fact.synthetic).count() as u64,
        simulated_clock: ground.image.registry().ledger.simulated_clock,
        back_dated: BackDating {
            after_days: BACK_DATED_AFTER_DAYS,
            count: events.len() as u64,
            events,
        },
        corrections: told.iter().filter_map(|fact| correction(fact)).collect(),
    }
}

fn back_dated(fact: &Fact) -> Option<BackDated> {
    let days = u32::try_from((fact.recorded_on() - fact.on).get_days()).ok()?;
    (days > BACK_DATED_AFTER_DAYS).then(|| BackDated {
        position: fact.position.0,
        event: event_type(fact),
        subject: fact.about.to_string(),
        effective: fact.on,
        recorded: fact.recorded,
        days,
    })
}

fn correction(fact: &Fact) -> Option<Correction> {
    let reason = |reason: &Line| Correction {
        position: fact.position.0,
        event: event_type(fact),
        subject: fact.about.to_string(),
        on: fact.on,
        reason: Some(reason.to_string()),
    };
    match &fact.event {
        Some(Event::Obligation(obligation::Event::Reversed { reason: why, .. })) => {
            Some(reason(why))
        }
        Some(Event::Document(document::Event::Corrected { reason: why, .. })) => Some(reason(why)),
        _ => None,
    }
}

/// The event's type; empty where this program does not know it.
fn event_type(fact: &Fact) -> String {
    let known = fact.event.as_ref();
    known
        .map_or("", |event| event.event_type().name())
        .to_owned()
}
