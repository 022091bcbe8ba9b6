//! Random histories that the deciders accept: units that merge and end, documents in a chain, tasks and
//! reports, and everything that becomes of them, told in time and late.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use socai_domain::book::Book;
use socai_domain::command::Command;
use socai_domain::event::Event;
use socai_domain::ledger;
use socai_domain::obligation::{Kind, Obligation};
use socai_domain::origin::{Origin, VIETNAM};
use socai_domain::standing::Act;
use socai_domain::subject::Subject;
use socai_ledger::{Fact, Image};
use socai_store::envelope::{Envelope, compose};
use socai_store::{Position, Recorded, Revision};
use uuid::Uuid;

/// The first day of every history.
pub(super) const START: Date = date(2018, 11, 20);

/// A ledger: its records, and what the reference book makes of them.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) book: Book,
    pub(super) records: Vec<Recorded>,
    revisions: BTreeMap<String, u64>,
    /// The last day of recording.
    pub(super) today: Date,
}

/// One attempt to record something: what, of what, how much later, and how long after the fact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    sort: u8,
    pick: [u8; 3],
    days: u8,
    late: u8,
}

prop_compose! {
    fn step()(
        sort in 0_u8..40, pick in any::<[u8; 3]>(), days in prop_oneof![Just(0_u8), 0_u8..25], late in prop_oneof![Just(0_u8), 0_u8..30],
    ) -> Step {
        Step { sort, pick, days, late }
    }
}

prop_compose! {
    /// What is recorded at any time, and what then becomes of one obligation, told in time.
    fn story()(
        first in step(), obligation in any::<u8>(),
        acts in prop::collection::vec((12_u8..40, any::<[u8; 2]>(), 0_u8..20), 0..5),
    ) -> Vec<Step> {
        let act = |(sort, [second, third], days): (u8, [u8; 2], u8)| {
            Step { sort, pick: [obligation, second, third], days, late: 0 }
        };
        std::iter::once(first).chain(acts.into_iter().map(act)).collect()
    }
}

pub(super) fn history() -> impl Strategy<Value = History> {
    prop::collection::vec(story(), 5..40).prop_map(|stories| History::of(&stories.concat()))
}

impl History {
    pub(super) fn of(steps: &[Step]) -> Self {
        let mut history = Self {
            today: START,
            ..Self::default()
        };
        history.found();
        for step in steps {
            history.today += i64::from(step.days).days();
            let on = history.today - i64::from(step.late).days();
            // Where one act is refused another may fit, and stories get longer.
            let others = (1..4).map(|turn| Step {
                sort: 12 + (step.sort + 5 * turn) % 28,
                ..*step
            });
            for step in std::iter::once(*step).chain(others.filter(|_| step.sort >= 12)) {
                let asked = command(&step, &history.book, on);
                if asked.is_some_and(|(name, body)| history.execute(&name, &body, on, step.pick[1]))
                {
                    break;
                }
            }
        }
        history
    }

    /// A ledger with four units, a group of two, two documents of which one stands below the other,
    /// and a requirement.
    fn found(&mut self) {
        let created = ledger::Event::Created {
            origin: "thu".to_owned().try_into().unwrap(),
            definition: "v1".to_owned().try_into().unwrap(),
            claims_stand_after_days: Some(9),
            simulated_clock: true,
            log_key: None,
        };
        let created = vec![(Subject::Ledger, vec![(START, Event::Ledger(created))])];
        self.take(&created, 0, 1);
        for unit in ["a", "b", "c", "d"] {
            self.form(unit, START);
        }
        for (name, body) in [
            (
                "group.define",
                r#"{"group":"g","name":"Các sở","members":["a","b"]}"#,
            ),
            (
                "document.issue",
                r#"{"document":"top","type":"Chỉ thị","issuer":"d"}"#,
            ),
            (
                "document.issue",
                r#"{"document":"below","type":"Kế hoạch","issuer":"d"}"#,
            ),
            (
                "document.relate",
                r#"{"document":"below","relation":"implements","to":"top"}"#,
            ),
            ("requirement.set", &requirement("r0", "top")),
        ] {
            assert!(self.execute(name, body, START, 1), "{name} {body}");
        }
    }

    fn form(&mut self, unit: &str, on: Date) {
        let body = format!(r#"{{"unit":"{unit}","name":"Đơn vị {unit}","kind":"department"}}"#);
        assert!(self.execute("unit.form", &body, on, 1));
    }

    /// Records what follows; whether the ledger did not refuse.
    pub(super) fn execute(&mut self, name: &str, body: &str, on: Date, pick: u8) -> bool {
        let command = Command::decode(name, body).unwrap_or_else(|e| panic!("{name} {body}: {e}"));
        let origin = self.origin(pick);
        let Ok(decision) = self.book.decide(&command, on, &origin) else {
            return false;
        };
        self.take(&decision.writes, pick, u128::from(pick));
        true
    }

    fn origin(&self, pick: u8) -> Origin {
        let at = self.today.to_datetime(Time::constant(8, 0, 0, 0));
        let at = at.to_zoned(TimeZone::fixed(VIETNAM)).unwrap().timestamp();
        let actor = if pick.is_multiple_of(2) { "binh" } else { "an" };
        Origin {
            actor: actor.parse().unwrap(),
            at,
        }
    }

    fn take(&mut self, writes: &[(Subject, Vec<(Date, Event)>)], pick: u8, command: u128) {
        let origin = self.origin(pick);
        for (subject, events) in writes {
            for (on, event) in events {
                self.book.fold(subject, *on, &origin.actor, event).unwrap();
                let (event_type, body) = event.encode();
                self.push(
                    &subject.to_string(),
                    &event_type,
                    &body,
                    *on,
                    &origin,
                    command,
                );
            }
        }
    }

    /// Appends a record that the book is not told.
    pub(super) fn push(
        &mut self,
        stream: &str,
        event_type: &str,
        body: &str,
        on: Date,
        origin: &Origin,
        command: u128,
    ) {
        let revision = self.revisions.entry(stream.to_owned()).or_default();
        *revision += 1;
        let position = Position(self.records.len() as u64 + 1);
        let bytes = compose(&Envelope {
            id: Uuid::from_u128(position.0.into()),
            source: "/thu".into(),
            event_type: event_type.into(),
            subject: stream.into(),
            time: on.to_datetime(Time::midnight()),
            recorded_time: origin.at,
            revision: Revision(*revision),
            actor: origin.actor.as_str().into(),
            correlation_id: Uuid::from_u128(command),
            synthetic: command.is_multiple_of(3),
            data: body,
        });
        self.records.push(Recorded {
            position,
            bytes: bytes.into(),
        });
    }

    /// A later program's event in the stream of an obligation, or in one of its own.
    pub(super) fn push_unknown(&mut self, stream: &str) {
        let origin = self.origin(0);
        let category = stream.split_once('.').unwrap().0.to_owned();
        self.push(
            stream,
            &format!("{category}.painted.v9"),
            r#"{"colour":"xanh"}"#,
            self.today,
            &origin,
            1,
        );
    }

    pub(super) fn image(&self) -> Image {
        let mut image = Image::new();
        fold(&mut image, &self.records);
        image
    }
}

pub(super) fn fold(image: &mut Image, records: &[Recorded]) {
    for record in records {
        image.fold(&Fact::decode(record).unwrap()).unwrap();
    }
}

fn requirement(id: &str, document: &str) -> String {
    format!(
        r#"{{"requirement":"{id}","rule":{{"document":"{document}","kind":"ad_hoc","title":"Báo cáo {id}","reporters":[{{"group":"g"}},{{"unit":"c"}}],"cadence":"on_request","window":{{"rule":"not_stated"}},"due":{{"rule":"not_stated"}},"day_off":"keep"}}}}"#
    )
}

fn choose<T: Clone>(items: impl IntoIterator<Item = T>, pick: u8) -> Option<T> {
    let items: Vec<T> = items.into_iter().collect();
    (!items.is_empty()).then(|| items[usize::from(pick) % items.len()].clone())
}

/// What a step asks; `None` where there is nothing to ask it of.
fn command(step: &Step, book: &Book, on: Date) -> Option<(String, String)> {
    let [first, second, third] = step.pick;
    let unit = |pick| choose(book.registry.units.keys(), pick).map(ToString::to_string);
    let later = on + i64::from(third % 20).days();
    let (one, other) = (unit(first)?, unit(second)?);
    let new = book.registry.units.len();
    let asked = match step.sort {
        0 => (
            "unit.form",
            format!(r#"{{"unit":"n{new}","name":"Đơn vị mới {new}","kind":"commune"}}"#),
        ),
        1 => (
            "unit.rename",
            format!(r#"{{"unit":"{one}","name":"Tên {third}"}}"#),
        ),
        // The assigner stays, or nobody could extend anything.
        2 if one == "d" => return None,
        2 => match third % 3 {
            0 => ("unit.merge", merge(book, &one, &other, third)),
            1 => (
                "unit.divide",
                format!(r#"{{"unit":"{one}","among":["{other}","d"]}}"#),
            ),
            _ => ("unit.dissolve", format!(r#"{{"unit":"{one}"}}"#)),
        },
        3 => (
            "group.change",
            format!(r#"{{"group":"g","add":["{one}"],"remove":["{other}"]}}"#),
        ),
        4 => (
            "document.relate",
            r#"{"document":"top","relation":"based_on","to":"below"}"#.into(),
        ),
        5 => {
            let document = if second.is_multiple_of(2) {
                "top"
            } else {
                "below"
            };
            (
                "requirement.set",
                requirement(&format!("r{}", first % 3), document),
            )
        }
        6 | 7 => ("period.open", open(book, step, later)?),
        8 | 9 => ("task.assign", assign(step, &one, &other, later)),
        10 | 11 => {
            let task = choose(book.registry.tasks.keys(), first)?;
            (
                "task.set_due",
                format!(r#"{{"task":"{task}","due":"{later}","cause":"đã xong"}}"#),
            )
        }
        _ => act(step, book, on, later)?,
    };
    Some((asked.0.to_owned(), asked.1))
}

fn merge(book: &Book, one: &str, into: &str, pick: u8) -> String {
    let owed = book
        .obligations
        .iter()
        .filter(|(_, it)| it.owner().as_str() == one);
    let some = owed
        .enumerate()
        .filter(|(at, _)| (pick >> (at % 8)) & 1 == 1);
    let some: Vec<String> = some.map(|(_, (id, _))| format!(r#""{id}""#)).collect();
    format!(
        r#"{{"units":["{one}"],"into":"{into}","transfer":[{}]}}"#,
        some.join(",")
    )
}

fn open(book: &Book, step: &Step, due: Date) -> Option<String> {
    let requirement = choose(book.registry.requirements.keys(), step.pick[0])?;
    let due = if step.pick[1].is_multiple_of(5) {
        String::new()
    } else {
        format!(r#","due":"{due}""#)
    };
    Some(format!(
        r#"{{"requirement":"{requirement}","period":"k{}"{due}}}"#,
        step.pick[1]
    ))
}

fn assign(step: &Step, one: &str, other: &str, due: Date) -> String {
    let due = match step.pick[1] % 4 {
        0 => r#"{"rule":"not_stated"}"#.to_owned(),
        1 => r#"{"rule":"on_event","event":"quyết định"}"#.to_owned(),
        _ => format!(r#"{{"rule":"fixed","date":"{due}"}}"#),
    };
    let document = if step.pick[0].is_multiple_of(2) {
        "top"
    } else {
        "below"
    };
    let enough = step.pick[2].is_multiple_of(2);
    format!(
        r#"{{"task":"t{}","assignment":{{"document":"{document}","title":"Việc","leads":[{{"unit":"{one}"}},{{"unit":"{other}"}}],"due":{due},"claim_is_enough":{enough}}}}}"#,
        step.pick[2]
    )
}

fn act(step: &Step, book: &Book, on: Date, later: Date) -> Option<(&'static str, String)> {
    let [first, second, third] = step.pick;
    // Most happens to few obligations, so that one story gets long.
    let id = choose(
        book.obligations.keys(),
        if first < 200 { first % 12 } else { first },
    )?;
    let known = &book.obligations[id];
    let it = format!(r#""obligation":"{id}""#);
    let by = choose(book.registry.units.keys(), second)?;
    let again = |field: &str| match third % 3 {
        0 => String::new(),
        _ => format!(r#","{field}":"{later}""#),
    };
    // What only another unit or the assigner may do is asked for d, which issued the documents.
    let d = r#""by":"d""#;
    let report = known.kind == Kind::Report;
    Some(match step.sort {
        12..=17 if report => ("report.submit", format!(r#"{{"obligations":["{id}"]}}"#)),
        12..=17 => ("task.claim", format!("{{{it}}}")),
        18..=20 if report => (
            "report.return",
            format!(r#"{{{it},{d},"reason":"thiếu"{}}}"#, again("resubmit_by")),
        ),
        18..=20 => (
            "task.refuse",
            format!(r#"{{{it},{d},"reason":"chưa"{}}}"#, again("redo_by")),
        ),
        21 | 22 if report => ("report.accept", format!("{{{it},{d}}}")),
        21 | 22 => ("task.confirm", format!("{{{it},{d}}}")),
        23..=26 => {
            let in_force = known.standing(Date::MAX).due.unwrap_or(later);
            let due = in_force + i64::from(5 + third % 60).days();
            let requested = in_force.min(on);
            (
                "obligation.extend",
                format!(r#"{{{it},{d},"due":"{due}","requested":"{requested}","reason":"lũ"}}"#),
            )
        }
        27 => (
            "obligation.excuse",
            format!(r#"{{{it},{d},"reason":"dịch","legal_basis":"Điều 1"}}"#),
        ),
        28 => (
            "obligation.cancel",
            format!(r#"{{{it},{d},"reason":"thôi"}}"#),
        ),
        29 | 30 => ("obligation.transfer", format!(r#"{{{it},"to":"{by}"}}"#)),
        31 => (
            "obligation.remind",
            format!(r#"{{{it},"by":"{by}","note":"nhắc {third}"}}"#),
        ),
        32 | 33 => (
            "obligation.flag_late",
            format!(r#"{{{it},"on":"{later}"}}"#),
        ),
        34 => (
            "obligation.escalate",
            format!(r#"{{{it},"by":"{by}","to":"d"}}"#),
        ),
        35 => ("report.receive", format!(r#"{{{it},"by":"{by}"}}"#)),
        36 => (
            "obligation.explain",
            format!(r#"{{{it},"cause":"mưa {third}"}}"#),
        ),
        _ => {
            let revision = last_change(known);
            (
                "obligation.reverse",
                format!(r#"{{{it},"revision":{revision},"reason":"nhầm"}}"#),
            )
        }
    })
}

fn last_change(obligation: &Obligation) -> u64 {
    let done = obligation.done.iter().rev();
    let reversed = |revision| {
        obligation
            .done
            .iter()
            .any(|done| done.act == Act::Reversed { revision })
    };
    let mut stands = done.filter(|done| done.act.changes_standing() && !reversed(done.revision));
    stands.next().map_or(1, |done| done.revision)
}
