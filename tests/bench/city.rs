//! The ledger that benchmarks of the image are about: a thousand units, and as many reports asked of each as are wanted.

use jiff::ToSpan;
use jiff::civil::{Date, Time, date};
use socai_store::envelope::{Envelope, compose};
use socai_store::{Position, Recorded, Revision};
use uuid::Uuid;

pub(crate) const UNITS: u32 = 1_000;
pub(crate) const START: Date = date(2014, 1, 1);

/// The records of a ledger in which each unit was asked for `openings` reports.
pub(crate) fn ledger(openings: u32) -> Vec<Recorded> {
    let mut city = City::default();
    city.found();
    for opening in 0..openings {
        city.open(opening);
    }
    city.records
}

#[derive(Default)]
struct City {
    records: Vec<Recorded>,
    units: Vec<String>,
}

const REQUIREMENTS: u32 = 20;

impl City {
    fn found(&mut self) {
        for unit in 0..UNITS {
            let id = format!("hn-phuong-{unit:03}");
            let body = format!(r#"{{"name":"Ủy ban nhân dân phường {unit}","kind":"commune"}}"#);
            self.push(&format!("unit.{id}"), "unit.formed.v1", 1, START, &body);
            self.units.push(id);
        }
        let body = r#"{"type":"Chỉ thị","number":"25-CT/TU","issuer":"hn-phuong-000"}"#;
        self.push("document.25-ct-tu", "document.issued.v1", 1, START, body);
        for requirement in 0..REQUIREMENTS {
            let rule = r#"{"rule":{"document":"25-ct-tu","kind":"periodic","title":"Báo cáo","reporters":[{"unit":"hn-phuong-000"}],"cadence":"on_request","window":{"rule":"not_stated"},"due":{"rule":"not_stated"},"day_off":"keep"}}"#;
            self.push(
                &format!("requirement.bc-{requirement}"),
                "requirement.set.v1",
                1,
                START,
                rule,
            );
        }
    }

    fn open(&mut self, opening: u32) {
        let (requirement, period) = (opening % REQUIREMENTS, opening / REQUIREMENTS);
        let opened = START + i64::from(opening * 3).days();
        let due = opened + 20.days();
        let stream = format!("requirement.bc-{requirement}");
        let reporters = self.units.iter().map(|unit| format!(r#""{unit}""#));
        let reporters = reporters.collect::<Vec<_>>().join(",");
        let body = format!(
            r#"{{"period":"ky-{period}","times":{{"window":null,"due":{{"due":"{due}","unshifted":"{due}","shifted_because":null,"certainty":"certain"}}}},"reporters":[{reporters}]}}"#
        );
        self.push(
            &stream,
            "period.opened.v1",
            u64::from(period) + 2,
            opened,
            &body,
        );
        for unit in 0..UNITS {
            let stream = format!(
                "obligation.bc-{requirement}_ky-{period}_{}",
                self.units[unit as usize]
            );
            self.live(&stream, opened, due, opening * 7 + unit * 13);
        }
    }

    /// What becomes of one report: most come in time, some late, returned, extended or never.
    fn live(&mut self, stream: &str, opened: Date, due: Date, dice: u32) {
        let mut events: Vec<(&str, Date, String)> = Vec::new();
        let mut due = due;
        if dice.is_multiple_of(19) {
            due += 30.days();
            events.push(("obligation.extended.v1", opened + 3.days(), format!(
                r#"{{"due":"{due}","by":"hn-phuong-000","requested":"{opened}","reason":"mưa lũ kéo dài"}}"#
            )));
        }
        if dice.is_multiple_of(3) {
            let note = r#"{"by":"hn-phuong-000","note":"Đề nghị báo cáo đúng hạn"}"#;
            events.push(("obligation.reminded.v1", opened + 10.days(), note.into()));
        }
        if dice.is_multiple_of(11) {
            events.push((
                "obligation.flagged_late.v1",
                due + 1.day(),
                format!(r#"{{"due":"{due}"}}"#),
            ));
        }
        if !dice.is_multiple_of(33) {
            let late = if dice.is_multiple_of(11) {
                9
            } else {
                -i64::from(dice % 5)
            };
            events.push(("report.submitted.v1", due + late.days(), format!(
                r#"{{"by":"hn-phuong-000","submission":{{"number":"{}/BC-UBND","date":"{due}","channel":"trục liên thông văn bản"}}}}"#,
                dice % 900
            )));
        }
        for (revision, (event_type, on, body)) in (1..).zip(events) {
            self.push(stream, event_type, revision, on, &body);
        }
    }

    fn push(&mut self, stream: &str, event_type: &str, revision: u64, on: Date, body: &str) {
        let position = Position(self.records.len() as u64 + 1);
        let second =
            jiff::Timestamp::from_second(1_400_000_000 + position.0.cast_signed() * 30).unwrap();
        let bytes = compose(&Envelope {
            id: Uuid::from_u128(position.0.into()),
            source: "/hanoi".into(),
            event_type: event_type.into(),
            subject: stream.into(),
            time: on.to_datetime(Time::midnight()),
            recorded_time: second,
            revision: Revision(revision),
            actor: format!("van-thu-{}", position.0 % 97).into(),
            correlation_id: Uuid::from_u128(position.0.into()),
            synthetic: true,
            data: body,
        });
        self.records.push(Recorded {
            position,
            bytes: bytes.into(),
        });
    }
}
