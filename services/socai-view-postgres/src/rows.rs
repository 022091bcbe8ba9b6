//! From the image's changed rows to bytes for COPY, table by table.
//!
//! Fields stand in the order of `schemas/postgres/tables.sql`. A row type is taken apart whole, so that a
//! field that is added there does not go missing here.

use bytes::Bytes;
use socai_domain::obligation::Kind;
use socai_ledger::Image;
use socai_ledger::view::{self, Changes};
use socai_store::Position;

use crate::copy::{Field, HEADER, TRAILER, Until, put_row};

/// Bytes of one piece of a COPY, about.
const PIECE_BYTES: usize = 256 * 1024;

/// The tables, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Table {
    Ledger,
    Units,
    UnitNames,
    UnitParents,
    UnitSuccessions,
    Groups,
    GroupMembers,
    Documents,
    Relations,
    Requirements,
    Tasks,
    Openings,
    Obligations,
    Phases,
    Acts,
    Inspections,
    Inspected,
    Findings,
    CalendarDays,
}

impl Table {
    pub(crate) const ALL: [Self; 19] = [
        Self::Ledger,
        Self::Units,
        Self::UnitNames,
        Self::UnitParents,
        Self::UnitSuccessions,
        Self::Groups,
        Self::GroupMembers,
        Self::Documents,
        Self::Relations,
        Self::Requirements,
        Self::Tasks,
        Self::Openings,
        Self::Obligations,
        Self::Phases,
        Self::Acts,
        Self::Inspections,
        Self::Inspected,
        Self::Findings,
        Self::CalendarDays,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ledger => "ledger",
            Self::Units => "units",
            Self::UnitNames => "unit_names",
            Self::UnitParents => "unit_parents",
            Self::UnitSuccessions => "unit_successions",
            Self::Groups => "groups",
            Self::GroupMembers => "group_members",
            Self::Documents => "documents",
            Self::Relations => "relations",
            Self::Requirements => "requirements",
            Self::Tasks => "tasks",
            Self::Openings => "openings",
            Self::Obligations => "obligations",
            Self::Phases => "phases",
            Self::Acts => "acts",
            Self::Inspections => "inspections",
            Self::Inspected => "inspected",
            Self::Findings => "findings",
            Self::CalendarDays => "calendar_days",
        }
    }
}

/// The COPY of one table, or a piece of it.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) table: Table,
    pub(crate) bytes: Bytes,
    /// Rows that begin in it.
    pub(crate) rows: u64,
}

/// Calls `send` with everything that `changes` writes of `image`: for each table that has a row, pieces
/// which together are one COPY, one table after another. It ends early where `send` answers `false`.
pub(crate) fn write(changes: &Changes, image: &Image, send: &mut dyn FnMut(Piece) -> bool) {
    Writer { send, open: true }.write(changes, image);
}

struct Writer<'s> {
    send: &'s mut dyn FnMut(Piece) -> bool,
    open: bool,
}

impl Writer<'_> {
    fn write(&mut self, changes: &Changes, image: &Image) {
        self.table(Table::Ledger, changes.ledger(image).into_iter(), put_ledger);
        self.table(Table::Units, changes.units(image), put_unit);
        self.table(Table::UnitNames, changes.names(image), put_name);
        self.table(Table::UnitParents, changes.parents(image), put_parent);
        self.table(
            Table::UnitSuccessions,
            changes.successions(image),
            put_succession,
        );
        self.table(Table::Groups, changes.groups(image), put_group);
        self.table(Table::GroupMembers, changes.members(image), put_member);
        self.table(Table::Documents, changes.documents(image), put_document);
        self.table(Table::Relations, changes.relations(image), put_relation);
        self.table(
            Table::Requirements,
            changes.requirements(image),
            put_requirement,
        );
        self.table(Table::Tasks, changes.tasks(image), put_task);
        self.table(Table::Openings, changes.openings(image), put_opening);
        self.table(
            Table::Obligations,
            changes.obligations(image),
            put_obligation,
        );
        self.phases(changes, image);
        self.table(Table::Acts, changes.acts(image), put_act);
        self.table(
            Table::Inspections,
            changes.inspections(image),
            put_inspection,
        );
        self.table(Table::Inspected, changes.inspected(image), put_inspected);
        self.table(Table::Findings, changes.findings(image), put_finding);
        self.table(
            Table::CalendarDays,
            changes.calendar_days(image),
            put_calendar_day,
        );
    }

    fn table<Row>(
        &mut self,
        table: Table,
        rows: impl Iterator<Item = Row>,
        put: fn(&mut Vec<u8>, &Row),
    ) {
        let mut pieces = Pieces::new(table);
        for row in rows {
            pieces.row(self, |out| put(out, &row));
            if !self.open {
                return;
            }
        }
        pieces.finish(self);
    }

    fn phases(&mut self, changes: &Changes, image: &Image) {
        let mut pieces = Pieces::new(Table::Phases);
        changes.each_phase(image, |phase| {
            pieces.row(self, |out| put_phase(out, phase));
        });
        pieces.finish(self);
    }

    fn send(&mut self, piece: Piece) {
        self.open = self.open && (self.send)(piece);
    }
}

/// The COPY of a table as it grows.
struct Pieces {
    table: Table,
    out: Vec<u8>,
    rows: u64,
    any: bool,
}

impl Pieces {
    fn new(table: Table) -> Self {
        Self {
            table,
            out: Vec::new(),
            rows: 0,
            any: false,
        }
    }

    fn row(&mut self, to: &mut Writer<'_>, put: impl FnOnce(&mut Vec<u8>)) {
        if !self.any {
            self.out.extend_from_slice(HEADER);
            self.any = true;
        }
        put(&mut self.out);
        self.rows += 1;
        if self.out.len() >= PIECE_BYTES {
            self.send(to, Vec::with_capacity(PIECE_BYTES + 1024));
        }
    }

    fn finish(mut self, to: &mut Writer<'_>) {
        if self.any {
            self.out.extend_from_slice(TRAILER);
            self.send(to, Vec::new());
        }
    }

    fn send(&mut self, to: &mut Writer<'_>, next: Vec<u8>) {
        let bytes = std::mem::replace(&mut self.out, next).into();
        let rows = std::mem::take(&mut self.rows);
        let table = self.table;
        to.send(Piece { table, bytes, rows });
    }
}

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

fn put_ledger(out: &mut Vec<u8>, row: &view::Ledger<'_>) {
    let view::Ledger {
        origin,
        definition,
        claims_stand_after_days,
        simulated_clock,
    } = row;
    let days = claims_stand_after_days.map(i32::from);
    put_row(out, &[origin, definition, &days, simulated_clock]);
}

fn put_unit(out: &mut Vec<u8>, row: &view::Unit<'_>) {
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

fn put_name(out: &mut Vec<u8>, row: &view::Named<'_>) {
    let view::Named {
        unit,
        from,
        until,
        name,
    } = row;
    put_row(out, &[unit, from, &Until(*until), name]);
}

fn put_parent(out: &mut Vec<u8>, row: &view::Parent<'_>) {
    let view::Parent {
        unit,
        from,
        until,
        parent,
    } = row;
    put_row(out, &[unit, from, &Until(*until), parent]);
}

fn put_succession(out: &mut Vec<u8>, row: &view::Succession<'_>) {
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

fn put_group(out: &mut Vec<u8>, row: &view::Group<'_>) {
    let view::Group { id, name } = row;
    put_row(out, &[id, name]);
}

fn put_member(out: &mut Vec<u8>, row: &view::Member<'_>) {
    let view::Member {
        group,
        unit,
        from,
        until,
    } = row;
    put_row(out, &[group, unit, from, &Until(*until)]);
}

fn put_document(out: &mut Vec<u8>, row: &view::Document<'_>) {
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

fn put_relation(out: &mut Vec<u8>, row: &view::Relation<'_>) {
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

fn put_requirement(out: &mut Vec<u8>, row: &view::Requirement<'_>) {
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

fn put_task(out: &mut Vec<u8>, row: &view::Task<'_>) {
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

fn put_opening(out: &mut Vec<u8>, row: &view::Opening<'_>) {
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

fn put_obligation(out: &mut Vec<u8>, row: &view::Obligation<'_>) {
    let view::Obligation {
        number,
        id,
        opening,
        unit,
    } = row;
    put_row(out, &[&integer(*number), id, &bigint(*opening), unit]);
}

fn put_phase(out: &mut Vec<u8>, row: &view::Phase<'_>) {
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

fn put_act(out: &mut Vec<u8>, row: &view::Act) {
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

fn put_inspection(out: &mut Vec<u8>, row: &view::Inspection<'_>) {
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

fn put_inspected(out: &mut Vec<u8>, row: &view::Inspected<'_>) {
    let view::Inspected { inspection, unit } = row;
    put_row(out, &[inspection, unit]);
}

fn put_finding(out: &mut Vec<u8>, row: &view::Finding<'_>) {
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

fn put_calendar_day(out: &mut Vec<u8>, row: &view::CalendarDay<'_>) {
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
