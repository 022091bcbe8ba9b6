//! Random histories over a small city: what is asked is often refused, what is accepted is kept.

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::json;

use super::given::{Given, Step, city, day, given, step};
use crate::command::Decision;
use crate::event::Event;
use crate::id::AccountId;
use crate::subject::Subject;

const UNITS: [&str; 5] = ["ubnd", "snv", "stc", "vp", "moi"];
const DOCUMENTS: [&str; 3] = ["ct-01", "cv-mat", "cv-2"];
const OBLIGATIONS: [&str; 8] = [
    "bc_2019-q1_snv",
    "bc_2019-q1_stc",
    "han_snv",
    "du_snv",
    "cho_snv",
    "cho_stc",
    "khong_stc",
    "han-2_vp",
];

/// The first day on which something is owed.
pub(super) fn first_day() -> Date {
    day("2019-02-01")
}

/// A city in whose ledger claims stand after `silence` days, where work and reports are owed.
fn beginning(silence: Option<u16>) -> (Given, Vec<Event>) {
    let mut beginning = given([]);
    let mut body = json!({"origin": "thu", "definition": "v0"});
    if let Some(days) = silence {
        body["claims_stand_after_days"] = json!(days);
    }
    let created = Event::decode(&Subject::Ledger, "ledger.created.v1", &body.to_string()).unwrap();
    let init = AccountId::new("init").unwrap();
    let told = beginning
        .book
        .fold(&Subject::Ledger, first_day(), &init, &created);
    told.unwrap();
    (beginning, vec![created])
}

fn task(id: &str, leads: &[&str], due: serde_json::Value) -> Step {
    let leads: Vec<_> = leads.iter().map(|unit| json!({"unit": unit})).collect();
    let body = json!({"task": id, "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": leads, "due": due, "claim_is_enough": id == "du"}});
    step("2019-02-01", "task.assign", body)
}

fn world() -> Vec<Step> {
    let rule = json!({"document": "ct-01", "kind": "periodic", "title": "Báo cáo",
        "reporters": [{"group": "cac-so"}], "cadence": "quarterly",
        "window": {"rule": "calendar"}, "due": {"rule": "days_after", "n": 10},
        "day_off": "keep", "via": "vp"});
    let by = |date: &str| json!({"rule": "fixed", "date": date});
    let mut steps = city();
    steps.extend([
        step(
            "2019-01-01",
            "unit.form",
            json!({"unit": "moi", "name": "Sở mới", "kind": "department"}),
        ),
        step(
            "2019-01-20",
            "document.issue",
            json!({"document": "cv-2", "type": "Công văn"}),
        ),
        step(
            "2019-02-01",
            "requirement.set",
            json!({"requirement": "bc", "rule": rule}),
        ),
        step(
            "2019-02-01",
            "period.open",
            json!({"requirement": "bc", "period": "2019-q1"}),
        ),
        task("han", &["snv"], by("2019-04-15")),
        task("han-2", &["vp"], by("2019-05-15")),
        task("du", &["snv"], by("2019-04-15")),
        task(
            "cho",
            &["snv", "stc"],
            json!({"rule": "on_event", "event": "có kết luận"}),
        ),
        task("khong", &["stc"], json!({"rule": "not_stated"})),
    ]);
    steps
}

/// The ingredients of one command; what they make of it depends on `kind`.
#[derive(Debug, Clone)]
struct Draw {
    kind: u8,
    obligation: usize,
    unit: usize,
    other: usize,
    gap: i64,
    reach: i64,
    actor: bool,
}

fn draw() -> impl Strategy<Value = Draw> {
    let kind = prop_oneof![4 => 0..14_u8, 2 => 14..22_u8, 1 => 22..32_u8];
    let parts = (
        kind,
        0..OBLIGATIONS.len(),
        0..UNITS.len(),
        0..UNITS.len(),
        -4..12_i64,
        -5..40_i64,
        any::<bool>(),
    );
    parts.prop_map(|(kind, obligation, unit, other, gap, reach, actor)| Draw {
        kind,
        obligation,
        unit,
        other,
        gap,
        reach,
        actor,
    })
}

impl Draw {
    fn step(&self, on: Date, revision: u64) -> Step {
        let id = OBLIGATIONS[self.obligation];
        let (unit, other) = (UNITS[self.unit], UNITS[self.other]);
        let (document, target) = (DOCUMENTS[self.unit % 3], DOCUMENTS[self.other % 3]);
        let later = on.saturating_add(self.reach.days());
        let name = ["Sở A", "Sở B"][self.other % 2];
        let asker = if self.actor { "ubnd" } else { unit };
        let (command, body) = match self.kind {
            0 | 1 => ("report.submit", json!({"obligations": [id]})),
            2 | 3 => ("task.claim", json!({"obligation": id})),
            4 => (
                "report.return",
                json!({"obligation": id, "by": other, "reason": "thiếu", "resubmit_by": later}),
            ),
            5 => ("report.accept", json!({"obligation": id, "by": other})),
            6 | 7 => ("task.confirm", json!({"obligation": id, "by": "ubnd"})),
            8 => (
                "task.refuse",
                json!({"obligation": id, "by": "ubnd", "reason": "thiếu", "redo_by": later}),
            ),
            9 => (
                "obligation.extend",
                json!({"obligation": id, "by": asker, "due": later, "reason": "bão"}),
            ),
            10 | 11 => (
                "obligation.reverse",
                json!({"obligation": id, "revision": revision, "reason": "nhầm"}),
            ),
            12 => ("obligation.transfer", json!({"obligation": id, "to": unit})),
            13 => (
                "obligation.excuse",
                json!({"obligation": id, "by": asker, "reason": "bão", "legal_basis": "Điều 13"}),
            ),
            14 => (
                "obligation.cancel",
                json!({"obligation": id, "by": asker, "reason": "thôi"}),
            ),
            15 => (
                "obligation.flag_late",
                json!({"obligation": id, "on": later}),
            ),
            16 => ("obligation.remind", json!({"obligation": id, "by": unit})),
            17 => (
                "task.progress",
                json!({"obligation": id, "percent": self.reach.abs()}),
            ),
            18 => ("report.receive", json!({"obligation": id, "by": unit})),
            19 => (
                "task.set_due",
                json!({"task": "cho", "due": later, "cause": "đã có"}),
            ),
            20 => ("task.acknowledge", json!({"obligation": id})),
            21 => (
                "obligation.explain",
                json!({"obligation": id, "cause": "thiếu người"}),
            ),
            22 => ("unit.rename", json!({"unit": unit, "name": name})),
            23 => ("unit.reparent", json!({"unit": unit, "parent": other})),
            24 => ("unit.cede_part", json!({"unit": unit, "to": other})),
            25 => (
                "unit.merge",
                json!({"units": [unit], "into": other, "transfer": [id]}),
            ),
            26 => (
                "unit.divide",
                json!({"unit": unit, "among": [other, "ubnd"]}),
            ),
            27 => ("unit.dissolve", json!({"unit": unit, "parts_to": [other]})),
            28 => (
                "group.change",
                json!({"group": "cac-so", "add": [unit], "remove": [other]}),
            ),
            29 => (
                "document.relate",
                json!({"document": document, "relation": "implements", "to": target}),
            ),
            30 => (
                "document.correct",
                json!({"document": document, "type": "Công văn", "reason": name}),
            ),
            _ => (
                "period.open",
                json!({"requirement": "bc", "period": "2019-q2"}),
            ),
        };
        let actor = if self.actor { "ana" } else { "ben" };
        let mut step = step("2019-01-01", command, body).by(actor);
        step.on = on;
        step
    }
}

/// What was accepted, each with the book before it.
#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) begun: Given,
    pub(super) created: Vec<Event>,
    pub(super) accepted: Vec<(Given, Step, Decision)>,
    pub(super) end: Given,
}

fn play(silence: Option<u16>, draws: &[Draw]) -> History {
    let (mut at, created) = beginning(silence);
    let begun = at.clone();
    let mut accepted = Vec::new();
    let mut ask = |at: &mut Given, step: Step| {
        let before = at.clone();
        if let Ok(decision) = at.ask(&step)
            && decision != Decision::default()
        {
            accepted.push((before, step, decision));
        }
    };
    for step in world() {
        ask(&mut at, step);
    }
    let mut on = first_day();
    for draw in draws {
        on = on.saturating_add(draw.gap.days());
        let last = at.book.obligations.get(OBLIGATIONS[draw.obligation]);
        let revision = last.map_or(0, crate::obligation::Obligation::revision);
        ask(&mut at, draw.step(on, revision));
    }
    History {
        begun,
        created,
        accepted,
        end: at,
    }
}

pub(super) fn history() -> impl Strategy<Value = History> {
    let silence = prop_oneof![Just(None), (0..20_u16).prop_map(Some)];
    let draws = proptest::collection::vec(draw(), 0..60);
    (silence, draws).prop_map(|(silence, draws)| play(silence, &draws))
}
