//! The obligations: their rows, what opened them, and the ways to find them.
//!
//! One event opens obligations for many units. What they share stands once, in [`Opened`]; their rows
//! follow one another. The id of an obligation is made of what opened it and its unit, so it is not kept
//! either.

use std::sync::OnceLock;

use hashbrown::HashTable;
use jiff::civil::Date;
use socai_domain::id::{AccountId, DocumentId, ID_BYTES_MAX, ObligationId, UnitId};
use socai_domain::obligation::{Done, Kind, Obligation};
use socai_domain::opening::{Opening, Source};
use socai_domain::period::{Period, Window};
use socai_domain::standing::{Act, DueMode, phases};

use crate::chunked::Chunked;
use crate::day::Day;
use crate::digest::{Codes, Digest};
use crate::entry::{Entry, Journal};
use crate::names::{Names, hash};
use crate::row::{Aside, NONE, Opened, Row, Transfer};

/// Rows that a unit owes or owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owed {
    /// The last row that it owed first.
    pub(crate) last: u32,
    /// Rows that it took over, by a transfer that may have been reversed since.
    pub(crate) taken: Vec<u32>,
}

/// A row number, and the hash of its id: most rows met while looking for another are not looked at.
#[derive(Debug, Clone, Copy)]
struct Slot {
    row: u32,
    hash: u32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) units: Names,
    pub(crate) documents: Names,
    /// Requirements, tasks and period labels.
    pub(crate) makers: Names,
    pub(crate) accounts: Names,
    pub(crate) opened: Vec<Opened>,
    pub(crate) rows: Chunked<Row>,
    pub(crate) asides: Vec<Aside>,
    /// By maker: the last thing that it opened.
    pub(crate) made: Vec<u32>,
    /// By unit.
    pub(crate) owed: Vec<Owed>,
    /// By hash. Made once somebody asks: questions about many obligations ask for none by its id.
    ids: OnceLock<HashTable<Slot>>,
}

impl Table {
    /// The row of the obligation called `id`.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        self.find_hashed(id, short_hash(id))
    }

    fn find_hashed(&self, id: &str, hash: u32) -> Option<u32> {
        let same = |slot: &Slot| slot.hash == hash && self.is_called(slot.row, id);
        self.ids().find(spread(hash), same).map(|slot| slot.row)
    }

    fn is_called(&self, row: u32, id: &str) -> bool {
        let row = &self.rows[row];
        let rest = self.after_prefix(&self.opened[row.opened as usize], id);
        rest == Some(self.units.get(row.unit))
    }

    fn after_prefix<'i>(&self, opened: &Opened, id: &'i str) -> Option<&'i str> {
        let rest = id
            .strip_prefix(self.makers.get(opened.maker))?
            .strip_prefix('_')?;
        if opened.period == NONE {
            return Some(rest);
        }
        rest.strip_prefix(self.makers.get(opened.period))?
            .strip_prefix('_')
    }

    pub(crate) fn id_text(&self, row: u32) -> String {
        let row = &self.rows[row];
        let mut id = self.prefix(&self.opened[row.opened as usize]);
        id.push_str(self.units.get(row.unit));
        id
    }

    fn prefix(&self, opened: &Opened) -> String {
        let maker = self.makers.get(opened.maker);
        match opened.period {
            NONE => format!("{maker}_"),
            period => format!("{maker}_{}_", self.makers.get(period)),
        }
    }

    pub(crate) fn id(&self, row: u32) -> ObligationId {
        ObligationId::new(&self.id_text(row)).expect("an id was checked when its row was opened")
    }

    pub(crate) fn unit_number(&mut self, unit: &UnitId) -> u32 {
        let number = self.units.number(unit.as_str());
        if number as usize == self.owed.len() {
            self.owed.push(Owed {
                last: NONE,
                taken: Vec::new(),
            });
        }
        number
    }

    fn maker_number(&mut self, text: &str) -> u32 {
        let number = self.makers.number(text);
        if number as usize == self.made.len() {
            self.made.push(NONE);
        }
        number
    }

    /// The hashes of the ids that `opening` gives, where every one is an id and free; else one that is
    /// not.
    pub(crate) fn can_open(&self, opening: &Opening<'_>) -> Result<Vec<u32>, String> {
        let prefix = match opening.source {
            Source::Period {
                requirement,
                period,
                ..
            } => format!("{requirement}_{period}_"),
            Source::Task(task) => format!("{task}_"),
        };
        let mut units: Vec<&UnitId> = opening.units.iter().collect();
        units.sort_unstable();
        if let Some([twice, _]) = units.array_windows().find(|[one, other]| one == other) {
            return Err(format!("{prefix}{twice}"));
        }
        let (mut id, prefix) = (prefix.clone(), prefix.len());
        let hash = |unit: &UnitId| {
            id.truncate(prefix);
            id.push_str(unit.as_str());
            let hash = short_hash(&id);
            // Its parts are ids, so that it can only be too long.
            let free = id.len() <= ID_BYTES_MAX && self.find_hashed(&id, hash).is_none();
            if free { Ok(hash) } else { Err(id.clone()) }
        };
        opening.units.iter().map(hash).collect()
    }

    /// Opens what [`can_open`](Self::can_open) allowed, with the hashes that it gave.
    pub(crate) fn open(&mut self, opening: &Opening<'_>, hashes: &[u32], position: u32) {
        let opened = self.describe(opening, position);
        let number = u32::try_from(self.opened.len()).expect("an opening has a position, a u32");
        self.made[opened.maker as usize] = number;
        self.opened.push(opened);
        let digest = Digest::of(&phases(&opening.terms, std::iter::empty()));
        for (unit, hash) in opening.units.iter().zip(hashes) {
            let unit = self.unit_number(unit);
            let at = u32::try_from(self.rows.len()).expect("four billion rows do not fit memory");
            let mut row = Row::new(unit, number);
            row.of_unit = std::mem::replace(&mut self.owed[unit as usize].last, at);
            if !row.hold(&digest) {
                self.put_aside(&mut row).set_phases(&digest.phases);
            }
            self.rows.push(row);
            let ids = self.ids.get_mut();
            insert(
                ids.expect("can_open looked there for each of them"),
                at,
                *hash,
            );
        }
    }

    fn describe(&mut self, opening: &Opening<'_>, position: u32) -> Opened {
        let (maker, period, window) = match opening.source {
            Source::Period {
                requirement,
                period,
                window,
            } => {
                let label = self.maker_number(&period.to_string());
                (self.maker_number(requirement.as_str()), label, window)
            }
            Source::Task(task) => (self.maker_number(task.as_str()), NONE, None),
        };
        let terms = &opening.terms;
        Opened {
            kind: opening.kind(),
            maker,
            period,
            window: (
                Day::of_option(window.map(Window::from)),
                Day::of_option(window.map(Window::to)),
            ),
            document: self.documents.number(opening.document.as_str()),
            assigner: opening.assigner.map_or(NONE, |unit| self.unit_number(unit)),
            opened: Day::of(terms.opened),
            due: Day::of_option(terms.due),
            due_set: (Day::NONE, Day::NONE),
            confirmation: terms.confirmation,
            first_row: u32::try_from(self.rows.len()).expect("four billion rows do not fit memory"),
            rows: u32::try_from(opening.units.len()).expect("a record is half a megabyte at most"),
            position,
            due_set_at: 0,
            previous: self.made[maker as usize],
        }
    }

    fn ids(&self) -> &HashTable<Slot> {
        self.ids.get_or_init(|| {
            let mut ids = HashTable::with_capacity(self.rows.len());
            for opened in &self.opened {
                let mut id = self.prefix(opened);
                let prefix = id.len();
                for row in opened.first_row..opened.first_row + opened.rows {
                    id.truncate(prefix);
                    id.push_str(self.units.get(self.rows[row].unit));
                    insert(&mut ids, row, short_hash(&id));
                }
            }
            ids
        })
    }

    fn put_aside(&mut self, row: &mut Row) -> &mut Aside {
        if row.aside == 0 {
            self.asides.push(Aside::default());
            row.aside = u32::try_from(self.asides.len()).expect("asides are fewer than rows");
        }
        &mut self.asides[row.aside as usize - 1]
    }

    pub(crate) fn aside(&self, row: &Row) -> Option<&Aside> {
        let at = row.aside.checked_sub(1)?;
        Some(&self.asides[at as usize])
    }

    /// The last thing that `maker` opened; [`NONE`] where it opened nothing.
    pub(crate) fn last_made(&self, maker: &str) -> u32 {
        let number = self.makers.find(maker);
        number.map_or(NONE, |maker| self.made[maker as usize])
    }

    /// What the requirement or task opened, newest first.
    pub(crate) fn made(&self, maker: &str, kind: Kind) -> impl Iterator<Item = &Opened> {
        let first = self
            .makers
            .find(maker)
            .map(|maker| self.made[maker as usize]);
        let at = |number: u32| (number != NONE).then(|| &self.opened[number as usize]);
        std::iter::successors(first.and_then(at), move |opened| at(opened.previous))
            .filter(move |opened| opened.kind == kind)
    }

    /// The rows that `unit` owes or owed, each once.
    pub(crate) fn owed(&self, unit: &str) -> Vec<u32> {
        let Some(owed) = self.units.find(unit).map(|unit| &self.owed[unit as usize]) else {
            return Vec::new();
        };
        let at = |row: u32| (row != NONE).then_some(row);
        let first = std::iter::successors(at(owed.last), |row| at(self.rows[*row].of_unit));
        let mut rows: Vec<u32> = first.chain(owed.taken.iter().copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// What the obligation of row `at` asks for.
    pub(crate) fn kind(&self, at: u32) -> Kind {
        self.opened[self.rows[at].opened as usize].kind
    }

    /// Who owes it at the end of `day`.
    pub(crate) fn owner(&self, row: &Row, day: Day) -> u32 {
        self.aside(row)
            .and_then(|aside| aside.taken_by(day))
            .map_or(row.unit, |taken| taken.to)
    }

    /// The events of a row's stream with their positions, oldest first.
    pub(crate) fn acts(&self, journal: &Journal, row: &Row) -> Vec<(u32, Entry)> {
        let mut acts: Vec<(u32, Entry)> = journal.stream(row.last).collect();
        acts.reverse();
        acts
    }

    /// Tells the row that its stream goes on at `position`.
    pub(crate) fn advance(&mut self, row: u32, position: u32) {
        let row = &mut self.rows[row];
        row.last = position;
        row.revision += 1;
    }

    pub(crate) fn transfer(&mut self, at: u32, on: Day, to: &UnitId) {
        let to = self.unit_number(to);
        self.owed[to as usize].taken.push(at);
        let mut row = self.rows[at];
        let revision = row.revision;
        let transfer = Transfer { revision, on, to };
        self.put_aside(&mut row).far_mut().transfers.push(transfer);
        self.rows[at] = row;
    }

    pub(crate) fn untransfer(&mut self, row: u32, revision: u64) {
        if let Some(aside) = self.rows[row].aside.checked_sub(1) {
            let transfers = &mut self.asides[aside as usize].far_mut().transfers;
            transfers.retain(|transfer| u64::from(transfer.revision) != revision);
        }
    }

    /// Asks anew what stands of the row.
    pub(crate) fn judge(&mut self, journal: &Journal, at: u32) {
        let mut row = self.rows[at];
        let acts = journal.stream(row.last);
        let mut acts: Vec<(Date, Act)> = acts
            .map(|(position, entry)| journal.told(position, entry))
            .collect();
        acts.reverse();
        let terms = self.opened[row.opened as usize].terms();
        let digest = Digest::of(&phases(&terms, acts.iter().copied()));
        if !row.hold(&digest) {
            self.put_aside(&mut row).set_phases(&digest.phases);
        } else if let Some(aside) = row.aside.checked_sub(1) {
            self.asides[aside as usize].set_phases(&[]);
        }
        self.rows[at] = row;
    }

    /// The due date that a task waited for is `due`, from `on`.
    pub(crate) fn set_due(&mut self, journal: &Journal, task: &str, due: (Day, Day), at: u32) {
        let last = self
            .makers
            .find(task)
            .map_or(NONE, |maker| self.made[maker as usize]);
        let mut next = last;
        while next != NONE {
            let opened = &mut self.opened[next as usize];
            next = opened.previous;
            if opened.kind == Kind::Task {
                (opened.due_set, opened.due_set_at) = (due, at);
                let rows = opened.first_row..opened.first_row + opened.rows;
                rows.for_each(|row| self.judge(journal, row));
            }
        }
    }

    /// The obligation as the domain has it.
    pub(crate) fn obligation(&self, journal: &Journal, at: u32) -> Obligation {
        let row = &self.rows[at];
        let opened = &self.opened[row.opened as usize];
        let done = |(revision, (position, entry)): (u64, (u32, Entry))| {
            let (on, act) = journal.told(position, entry);
            Done {
                revision,
                on,
                act,
                actor: self.account(entry.actor()),
                mark: entry.mark,
            }
        };
        let transfers = self.aside(row).map_or(&[][..], Aside::transfers);
        Obligation {
            kind: opened.kind,
            document: self.document(opened.document),
            unit: self.unit(row.unit),
            transfers: transfers
                .iter()
                .map(|t| (t.revision.into(), self.unit(t.to)))
                .collect(),
            assigner: (opened.assigner != NONE).then(|| self.unit(opened.assigner)),
            terms: opened.terms(),
            done: (1..).zip(self.acts(journal, row)).map(done).collect(),
        }
    }

    pub(crate) fn unit(&self, number: u32) -> UnitId {
        UnitId::new(self.units.get(number)).expect("only ids of units are numbered as units")
    }

    pub(crate) fn document(&self, number: u32) -> DocumentId {
        DocumentId::new(self.documents.get(number)).expect("only ids of documents are numbered so")
    }

    fn account(&self, number: u32) -> AccountId {
        AccountId::new(self.accounts.get(number)).expect("only ids of accounts are numbered so")
    }

    pub(crate) fn period(&self, opened: &Opened) -> Option<Period> {
        (opened.period != NONE).then(|| {
            let label = self.makers.get(opened.period);
            label
                .parse()
                .expect("only labels of periods are numbered so")
        })
    }

    /// What stands of the row at the end of `day`: the due date of `mode`, and the codes.
    #[inline]
    pub(crate) fn at(&self, row: &Row, day: Day, mode: DueMode) -> (Day, Codes) {
        match self.aside(row).and_then(|aside| aside.phase(day)) {
            Some(phase) => (phase.due(mode), phase.codes),
            None => (row.due, row.codes(day)),
        }
    }

    /// Bytes of the heap that the table holds.
    pub(crate) fn bytes(&self) -> usize {
        let names = [&self.units, &self.documents, &self.makers, &self.accounts];
        names.map(Names::bytes).iter().sum::<usize>()
            + self.opened.capacity() * size_of::<Opened>()
            + self.rows.bytes()
            + self.asides.iter().map(Aside::bytes).sum::<usize>()
            + 4 * self.made.capacity()
            + self.owed.capacity() * size_of::<Owed>()
            + self
                .owed
                .iter()
                .map(|owed| 4 * owed.taken.capacity())
                .sum::<usize>()
            + self.ids.get().map_or(0, HashTable::allocation_size)
    }
}

fn insert(ids: &mut HashTable<Slot>, row: u32, hash: u32) {
    let slot = Slot { row, hash };
    ids.insert_unique(spread(hash), slot, |slot| spread(slot.hash));
}

fn short_hash(id: &str) -> u32 {
    u32::try_from(hash(id) >> 32).expect("half of it fits")
}

fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
