//! From the image's changed rows to bytes for COPY, table by table.

use bytes::Bytes;
use socai_ledger::Image;
use socai_ledger::view::Changes;

use crate::copy::{HEADER, TRAILER};

mod fields;

pub(crate) use fields::bigint;

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
        self.table(
            Table::Ledger,
            changes.ledger(image).into_iter(),
            fields::put_ledger,
        );
        self.table(Table::Units, changes.units(image), fields::put_unit);
        self.table(Table::UnitNames, changes.names(image), fields::put_name);
        self.table(
            Table::UnitParents,
            changes.parents(image),
            fields::put_parent,
        );
        self.table(
            Table::UnitSuccessions,
            changes.successions(image),
            fields::put_succession,
        );
        self.table(Table::Groups, changes.groups(image), fields::put_group);
        self.table(
            Table::GroupMembers,
            changes.members(image),
            fields::put_member,
        );
        self.table(
            Table::Documents,
            changes.documents(image),
            fields::put_document,
        );
        self.table(
            Table::Relations,
            changes.relations(image),
            fields::put_relation,
        );
        self.table(
            Table::Requirements,
            changes.requirements(image),
            fields::put_requirement,
        );
        self.table(Table::Tasks, changes.tasks(image), fields::put_task);
        self.table(
            Table::Openings,
            changes.openings(image),
            fields::put_opening,
        );
        self.table(
            Table::Obligations,
            changes.obligations(image),
            fields::put_obligation,
        );
        self.phases(changes, image);
        self.table(Table::Acts, changes.acts(image), fields::put_act);
        self.table(
            Table::Inspections,
            changes.inspections(image),
            fields::put_inspection,
        );
        self.table(
            Table::Inspected,
            changes.inspected(image),
            fields::put_inspected,
        );
        self.table(
            Table::Findings,
            changes.findings(image),
            fields::put_finding,
        );
        self.table(
            Table::CalendarDays,
            changes.calendar_days(image),
            fields::put_calendar_day,
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
            pieces.row(self, |out| fields::put_phase(out, phase));
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
