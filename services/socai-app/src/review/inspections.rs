//! Inspections that look at the documents or units of a review, within its window.

use std::collections::BTreeSet;

use socai_domain::event::Event;
use socai_domain::id::{InspectionId, TaskId, UnitId};
use socai_domain::inspection::{self, Plan};
use socai_domain::subject::Subject;
use socai_ledger::Fact;
use socai_ledger::fact::About;
use socai_review::facts::{Finding, Inspection};

use super::Ground;

/// The inspections that began by the as-of day and look at what is reviewed: one of its documents, or,
/// where the plan names no document, one of its units.
pub(super) fn looked_at(ground: &Ground<'_>) -> Vec<InspectionId> {
    let request = ground.request;
    let units: BTreeSet<&UnitId> = ground.rows.iter().map(|row| &row.unit).collect();
    let concerns = |plan: &Plan| {
        let meets = plan.window.from() <= request.to && request.from <= plan.window.to();
        let named = plan
            .documents
            .iter()
            .any(|document| ground.documents.contains(document));
        let of_units =
            plan.documents.is_empty() && plan.units.iter().any(|unit| units.contains(unit));
        meets && (named || of_units)
    };
    let all = ground.image.registry().inspections.iter();
    let ours = all.filter(|(_, case)| case.opened <= request.as_of && concerns(&case.plan));
    ours.map(|(id, _)| id.clone()).collect()
}

/// What became of them by the as-of day, in the order of their days.
pub(super) fn inspections(ground: &Ground<'_>, told: &[&Fact]) -> Vec<Inspection> {
    let mut cases: Vec<Inspection> = Vec::new();
    for fact in told {
        let (About::Known(Subject::Inspection(id)), Some(Event::Inspection(event))) =
            (&fact.about, &fact.event)
        else {
            continue;
        };
        match cases.iter_mut().find(|case| case.id == *id) {
            Some(case) => take(ground, case, fact, event),
            None => cases.extend(opened(ground, id, fact, event)),
        }
    }
    cases.sort_by(|a, b| (a.opened, &a.id).cmp(&(b.opened, &b.id)));
    cases
}

fn opened(
    ground: &Ground<'_>,
    id: &InspectionId,
    fact: &Fact,
    event: &inspection::Event,
) -> Option<Inspection> {
    let inspection::Event::Opened { plan } = event else {
        return None;
    };
    Some(Inspection {
        id: id.clone(),
        kind: plan.kind,
        title: plan.title.to_string(),
        by: ground.name(&plan.by, fact.on),
        units: plan
            .units
            .iter()
            .map(|unit| ground.name(unit, fact.on))
            .collect(),
        from: plan.window.from(),
        to: plan.window.to(),
        opened: fact.on,
        concluded: None,
        conclusion: None,
        findings: Vec::new(),
    })
}

fn take(ground: &Ground<'_>, case: &mut Inspection, fact: &Fact, event: &inspection::Event) {
    match event {
        inspection::Event::Opened { .. } => {}
        inspection::Event::FindingRecorded { number, finding } => case.findings.push(Finding {
            number: *number,
            text: finding.text.to_string(),
            unit: ground.name(&finding.unit, fact.on),
            cause: finding.cause.as_ref().map(ToString::to_string),
            responsibility: finding.responsibility.as_ref().map(ToString::to_string),
            follow_ups: Vec::new(),
        }),
        inspection::Event::FollowUpSet { number, task } => {
            let found = case
                .findings
                .iter_mut()
                .find(|finding| finding.number == *number);
            found
                .into_iter()
                .for_each(|finding| finding.follow_ups.push(title(ground, task)));
        }
        inspection::Event::Concluded { conclusion, .. } => {
            case.concluded = Some(fact.on);
            case.conclusion = Some(conclusion.to_string());
        }
    }
}

fn title(ground: &Ground<'_>, task: &TaskId) -> String {
    let known = ground.image.registry().tasks.get(task);
    known.map_or_else(
        || task.to_string(),
        |task| task.assignment.title.to_string(),
    )
}
