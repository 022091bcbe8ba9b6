//! The fields of a row, table by table.
//!
//! They stand in the order of `schemas/postgres/tables.sql`. A row type is taken apart whole, so that a
//! field that is added there does not go missing here.

use socai_domain::obligation::Kind;
use socai_ledger::view;
use socai_store::Position;

use crate::copy::{Field, Until, put_row};

/// A position as a `bigint`.
pub(crate) fn bigint(position: Position) -> i64 {
    i64::try_from(position.0).expect("positions of an image fit 32 bits")
}

fn integer(number: u32) -> i32 {
    i32::try_from(number).expect("two billion rows of one sort do not fit an image")
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Report => "report",
        Kind::Task => "task",
    }
}

/// The two halves of a pair, or two NULLs.
fn halves<T: Copy>(pair: Option<(T, T)>) -> (Option<T>, Option<T>) {
    (pair.map(|(one, _)| one), pair.map(|(_, other)| other))
}

pub(super) fn put_ledger(out: &mut Vec<u8>, row: &view::Ledger<'_>) {
    let view::Ledger {
        origin,
        definition,
        claims_stand_after_days,
        simulated_clock,
    } = row;
    let days = claims_stand_after_days.map(i32::from);
    put_row(out, &[origin, definition, &days, simulated_clock]);
}

pub(super) fn put_unit(out: &mut Vec<u8>, row: &view::Unit<'_>) {
    let view::Unit {
        id,
        kind,
        code,
        formed,
        ended,
        ended_how,
        ended_by,
        whole_successor,
    } = row;
    put_row(
        out,
        &[
            id,
            kind,
            code,
            formed,
            ended,
            ended_how,
            ended_by,
            whole_successor,
        ],
    );
}

pub(super) fn put_name(out: &mut Vec<u8>, row: &view::Named<'_>) {
    let view::Named {
        unit,
        from,
        until,
        name,
    } = row;
    put_row(out, &[unit, from, &Until(*until), name]);
}

pub(super) fn put_parent(out: &mut Vec<u8>, row: &view::Parent<'_>) {
    let view::Parent {
        unit,
        from,
        until,
        parent,
    } = row;
    put_row(out, &[unit, from, &Until(*until), parent]);
}

pub(super) fn put_succession(out: &mut Vec<u8>, row: &view::Succession<'_>) {
    let view::Succession {
        unit,
        ordinal,
        successor,
        on,
        extent,
        ceded,
    } = row;
    put_row(
        out,
        &[unit, &integer(*ordinal), successor, on, extent, ceded],
    );
}

pub(super) fn put_group(out: &mut Vec<u8>, row: &view::Group<'_>) {
    let view::Group { id, name } = row;
    put_row(out, &[id, name]);
}

pub(super) fn put_member(out: &mut Vec<u8>, row: &view::Member<'_>) {
    let view::Member {
        group,
        unit,
        from,
        until,
    } = row;
    put_row(out, &[group, unit, from, &Until(*until)]);
}

pub(super) fn put_document(out: &mut Vec<u8>, row: &view::Document<'_>) {
    let view::Document {
        id,
        title,
        number,
        kind,
        issuer,
        date,
        subject,
        secret,
        known,
        ended,
        ended_how,
        corrections,
    } = row;
    let corrections = integer(*corrections);
    put_row(
        out,
        &[
            id,
            title,
            number,
            kind,
            issuer,
            date,
            subject,
            secret,
            known,
            ended,
            ended_how,
            &corrections,
        ],
    );
}

pub(super) fn put_relation(out: &mut Vec<u8>, row: &view::Relation<'_>) {
    let view::Relation {
        document,
        ordinal,
        from,
        relation,
        to,
        carries_down,
    } = row;
    put_row(
        out,
        &[
            document,
            &integer(*ordinal),
            from,
            relation,
            to,
            carries_down,
        ],
    );
}

pub(super) fn put_requirement(out: &mut Vec<u8>, row: &view::Requirement<'_>) {
    let view::Requirement {
        id,
        document,
        kind,
        title,
        cadence,
        via,
        assigner,
        host,
        set,
        ended,
    } = row;
    put_row(
        out,
        &[
            id, document, kind, title, cadence, via, assigner, host, set, ended,
        ],
    );
}

pub(super) fn put_task(out: &mut Vec<u8>, row: &view::Task<'_>) {
    let view::Task {
        id,
        document,
        title,
        assigner,
        assigned,
        due,
        due_set,
        owed_by,
    } = row;
    let (set_on, set_to) = halves(*due_set);
    put_row(
        out,
        &[
            id,
            document,
            title,
            assigner,
            assigned,
            due,
            &set_on,
            &set_to,
            &integer(*owed_by),
        ],
    );
}

pub(super) fn put_opening(out: &mut Vec<u8>, row: &view::Opening<'_>) {
    let view::Opening {
        position,
        kind: sort,
        source,
        period,
        window,
        document,
        assigner,
        opened,
        due,
        due_set,
        silence_days,
        synthetic,
    } = row;
    let (from, to) = halves(*window);
    let (set_on, set_to) = halves(*due_set);
    let silence = silence_days.map(i32::from);
    put_row(
        out,
        &[
            &bigint(*position),
            &kind(*sort),
            source,
            period,
            &from,
            &to,
            document,
            assigner,
            opened,
            due,
            &set_on,
            &set_to,
            &silence,
            synthetic,
        ],
    );
}

pub(super) fn put_obligation(out: &mut Vec<u8>, row: &view::Obligation<'_>) {
    let view::Obligation {
        number,
        id,
        opening,
        unit,
    } = row;
    put_row(out, &[&integer(*number), id, &bigint(*opening), unit]);
}

pub(super) fn put_phase(out: &mut Vec<u8>, row: &view::Phase<'_>) {
    let view::Phase {
        number,
        from,
        until,
        unit,
        owed_since,
        due,
        original_due,
        fulfilled,
        released,
        current,
        original,
        undated_done,
    } = row;
    put_row(
        out,
        &[
            &integer(*number),
            from,
            &Until(*until),
            owed_since,
            due,
            original_due,
            fulfilled,
            released,
            undated_done,
            &current[0],
            &current[1],
            &original[0],
            &original[1],
            unit,
        ],
    );
}

pub(super) fn put_act(out: &mut Vec<u8>, row: &view::Act) {
    let view::Act {
        position,
        number,
        kind,
        on,
        day,
        undoes,
        recorded_on,
        synthetic,
    } = row;
    // A revision is below the position, which an image holds in 32 bits.
    let undoes = undoes.and_then(|revision| i32::try_from(revision).ok());
    put_row(
        out,
        &[
            &bigint(*position),
            &integer(*number),
            on,
            recorded_on,
            day,
            &undoes,
            synthetic,
            kind,
        ],
    );
}

pub(super) fn put_inspection(out: &mut Vec<u8>, row: &view::Inspection<'_>) {
    let view::Inspection {
        id,
        kind,
        by,
        title,
        window: (from, to),
        opened,
        concluded,
    } = row;
    put_row(out, &[id, kind, by, title, from, to, opened, concluded]);
}

pub(super) fn put_inspected(out: &mut Vec<u8>, row: &view::Inspected<'_>) {
    let view::Inspected { inspection, unit } = row;
    put_row(out, &[inspection, unit]);
}

pub(super) fn put_finding(out: &mut Vec<u8>, row: &view::Finding<'_>) {
    let view::Finding {
        inspection,
        number,
        unit,
        obligations,
        follow_ups,
    } = row;
    let fields: [&dyn Field; 5] = [
        inspection,
        &integer(*number),
        unit,
        &integer(*obligations),
        &integer(*follow_ups),
    ];
    put_row(out, &fields);
}

pub(super) fn put_calendar_day(out: &mut Vec<u8>, row: &view::CalendarDay<'_>) {
    let view::CalendarDay {
        year,
        version,
        day,
        kind,
        name,
        certainty,
    } = row;
    put_row(
        out,
        &[
            &i32::from(*year),
            &integer(*version),
            day,
            kind,
            name,
            certainty,
        ],
    );
}
