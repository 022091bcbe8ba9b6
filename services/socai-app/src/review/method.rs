//! How it was counted: formulas, the calendars of the window, the rules of its requirements.

use std::collections::BTreeMap;

use socai_domain::event::Event;
use socai_domain::subject::Subject;
use socai_domain::year;
use socai_ledger::Fact;
use socai_ledger::fact::About;
use socai_review::facts::{CalendarVersion, Formula, Method, Rules};

use super::Ground;

/// The years of the window.
pub(super) fn years(ground: &Ground<'_>) -> impl Iterator<Item = i16> + use<> {
    ground.request.from.year()..=ground.request.to.year()
}

/// How it was counted.
pub(super) fn method(ground: &Ground<'_>, told: &[&Fact]) -> Method {
    let requirements = ground.image.registry().requirements.iter();
    let ours = requirements.filter(|(_, known)| ground.documents.contains(&known.rule.document));
    let rules = ours.filter(|(_, known)| known.set <= ground.request.as_of);
    let rules = rules.map(|(id, known)| Rules {
        requirement: id.clone(),
        title: known.rule.title.to_string(),
        cadence: known.rule.cadence,
        window: known.rule.window,
        due: known.rule.due,
        day_off: known.rule.day_off,
    });
    Method {
        formulas: Formula::all(),
        calendars: calendars(told),
        rules: rules.collect(),
    }
}

/// The latest publication of each year.
fn calendars(told: &[&Fact]) -> Vec<CalendarVersion> {
    let published = told
        .iter()
        .filter_map(|fact| match (&fact.about, &fact.event) {
            (About::Known(Subject::Calendar(year)), Some(Event::Calendar(event))) => {
                let year::Event::Published {
                    version,
                    days,
                    source,
                } = event;
                let days = u32::try_from(days.len()).unwrap_or(u32::MAX);
                let source = Some(source.to_string());
                Some((
                    *year,
                    CalendarVersion {
                        year: *year,
                        version: *version,
                        days,
                        source,
                    },
                ))
            }
            _ => None,
        });
    published
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect()
}
