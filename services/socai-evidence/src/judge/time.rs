//! Between which times each record was recorded, by the clocks of witnesses rather than of the operator.
//!
//! A witness that cosigned a checkpoint of size n at some time saw no larger one by then: what has a position above n
//! came into the witnessed history later. A quorum that cosigned size m saw every position up to m.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan, tz};
use socai_tlog::Quorum;

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::judge::Told;
use crate::judge::checkpoints::Seen;
use crate::verdict::{Bracket, RecordLine};

/// What cosignatures say of time, in signing order: size and time.
pub(super) struct Brackets {
    seen: Vec<(u64, Timestamp)>,
    by_quorum: Vec<(u64, Timestamp)>,
}

impl Brackets {
    pub(super) fn of(notes: &[Seen<'_>]) -> Self {
        let judged = || notes.iter().filter_map(|seen| seen.judged.as_ref());
        let seen = judged().filter_map(|judged| {
            let at = instant(judged.first_seen()?)?;
            Some((judged.checkpoint.size, at))
        });
        let by_quorum = judged().filter_map(|judged| match judged.quorum {
            Quorum::Reached { at } => Some((judged.checkpoint.size, instant(at)?)),
            Quorum::NotReached | Quorum::NotAsked => None,
        });
        Self {
            seen: seen.collect(),
            by_quorum: by_quorum.collect(),
        }
    }

    fn of_position(&self, position: u64) -> Bracket {
        let without = self.seen.partition_point(|(size, _)| *size < position);
        let with = self.by_quorum.partition_point(|(size, _)| *size < position);
        Bracket {
            after: without.checked_sub(1).map(|last| self.seen[last].1),
            by: self.by_quorum.get(with).map(|(_, at)| *at),
        }
    }
}

/// Seconds since 1970 as a time; `None` beyond the year 9999.
pub(super) fn instant(seconds: u64) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

pub(super) fn lines(
    bundle: &Bundle,
    told: &[Told<'_>],
    brackets: &Brackets,
    tolerance_hours: u32,
    findings: &mut Vec<Finding>,
) -> Vec<RecordLine> {
    let tolerance = SignedDuration::from_hours(tolerance_hours.into());
    let line = |record: &Told<'_>| line(bundle, record, brackets, tolerance);
    let lines: Vec<RecordLine> = told.iter().map(line).collect();
    let hours = tolerance_hours;
    let positions = |of: fn(&RecordLine, SignedDuration) -> bool| {
        let mut found = lines.iter().filter(|line| of(line, tolerance));
        let first = found.next().map(|line| line.position);
        first.map(|first| (first, 1 + found.count() as u64))
    };
    if let Some((first, records)) = positions(|line, _| line.back_dated) {
        findings.push(Finding::BackDated {
            records,
            first,
            hours,
        });
    }
    if let Some((first, records)) = positions(clock_disagrees) {
        findings.push(Finding::ClockDisagrees {
            records,
            first,
            hours,
        });
    }
    findings.extend(
        told.iter()
            .any(|record| record.is_not_real())
            .then_some(Finding::NotReal),
    );
    lines
}

fn line(
    bundle: &Bundle,
    record: &Told<'_>,
    brackets: &Brackets,
    tolerance: SignedDuration,
) -> RecordLine {
    let envelope = &record.envelope;
    let bracket = brackets.of_position(record.position);
    let effective = envelope.time.date();
    RecordLine {
        position: record.position,
        stream: envelope.subject.to_string(),
        revision: envelope.revision.0,
        event_type: envelope.event_type.to_string(),
        effective,
        recorded: envelope.recorded_time,
        selected: record.position <= bundle.heads.size,
        bracket,
        back_dated: is_before(effective, bracket.after, tolerance),
    }
}

/// Whether the day had ended, and the tolerance passed, before `after`.
fn is_before(day: Date, after: Option<Timestamp>, tolerance: SignedDuration) -> bool {
    let hanoi = tz::Offset::from_seconds(7 * 60 * 60).expect("seven hours are an offset");
    let end = day.checked_add(1.day()).ok();
    let end = end.and_then(|next| hanoi.to_timestamp(next.at(0, 0, 0, 0)).ok());
    let latest = end.and_then(|end| end.checked_add(tolerance).ok());
    matches!((latest, after), (Some(latest), Some(after)) if latest < after)
}

fn clock_disagrees(line: &RecordLine, tolerance: SignedDuration) -> bool {
    let apart = |late: Timestamp, early: Timestamp| late.duration_since(early) > tolerance;
    let Bracket { after, by } = line.bracket;
    after.is_some_and(|after| apart(after, line.recorded))
        || by.is_some_and(|by| apart(line.recorded, by))
}
