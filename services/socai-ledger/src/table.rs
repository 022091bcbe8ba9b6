//! The obligations: rows of forty bytes, and what opened them.
//!
//! One event opens obligations for many units. What they share stands once, in [`Opened`]; their rows
//! follow one another. The id of an obligation is made of what opened it and its unit, so it is not kept
//! either. Most obligations have one or two phases (open, fulfilled), which stand in the row; longer
//! stories, extensions and transfers are put aside.

use hashbrown::HashTable;
use jiff::civil::Date;
use socai_domain::id::{AccountId, DocumentId, ObligationId, UnitId};
use socai_domain::obligation::{Done, Kind, Obligation};
use socai_domain::opening::{Opening, Source};
use socai_domain::period::{Period, Window};
use socai_domain::standing::{Act, Confirmation, DueMode, Terms, phases};

use crate::chunked::Chunked;
use crate::day::Day;
use crate::digest::{Codes, Digest, Phase};
use crate::entry::{Entry, Journal};
use crate::names::{Names, hash};

/// "None", where a number is meant.
pub(crate) const NONE: u32 = u32::MAX;

/// What one event opened: the obligations of `rows` rows from `first_row` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) kind: Kind,
    /// The requirement or the task, in `makers`.
    pub(crate) maker: u32,
    /// The period's label, in `makers`; [`NONE`] for tasks.
    pub(crate) period: u32,
    pub(crate) window: (Day, Day),
    pub(crate) document: u32,
    /// [`NONE`] where nobody is named.
    pub(crate) assigner: u32,
    pub(crate) opened: Day,
    pub(crate) due: Day,
    /// From when, and what.
    pub(crate) due_set: (Day, Day),
    pub(crate) confirmation: Confirmation,
    pub(crate) first_row: u32,
    pub(crate) rows: u32,
    /// Where the opening is recorded, and where the due date that was set later.
    pub(crate) position: u32,
    pub(crate) due_set_at: u32,
    /// What the same requirement or task opened before; [`NONE`] where nothing.
    pub(crate) previous: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Who owed it first.
    pub(crate) unit: u32,
    pub(crate) opened: u32,
    /// The due date of both phases, in both modes.
    pub(crate) due: Day,
    /// From when the second phase stands.
    pub(crate) changed: Day,
    /// The codes of both phases and, in the top bit, whether it is open in the end.
    pub(crate) bits: u32,
    /// Its place aside and 1; 0 where everything is here.
    pub(crate) aside: u32,
    /// The last event of its stream.
    pub(crate) last: u32,
    pub(crate) revision: u32,
    /// Another row whose unit owed it first.
    pub(crate) of_unit: u32,
}

const OPEN: u32 = 1 << 31;

/// Phases that stand together, in one cache line.
const NEAR: usize = 3;

/// What does not fit a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aside {
    near: [Phase; NEAR],
    /// How many of `near` are phases; none where they fit the row, or are far.
    nears: u8,
    far: Option<Box<Far>>,
}

/// What few obligations have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Far {
    /// Who took it over, from which day, by which revision of its stream.
    pub(crate) transfers: Vec<Transfer>,
    /// All its phases, where there are many.
    phases: Box<[Phase]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) revision: u32,
    pub(crate) on: Day,
    pub(crate) to: u32,
}

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
    ids: HashTable<Slot>,
}

impl Opened {
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            opened: self
                .opened
                .date()
                .expect("a fold writes only days that are"),
            due: self.due.date(),
            due_set: self.due_set.0.date().zip(self.due_set.1.date()),
            confirmation: self.confirmation,
        }
    }
}

impl Row {
    pub(crate) fn new(unit: u32, opened: u32) -> Self {
        Self {
            unit,
            opened,
            due: Day::NONE,
            changed: Day::NONE,
            bits: 0,
            aside: 0,
            last: 0,
            revision: 0,
            of_unit: NONE,
        }
    }

    /// Neither fulfilled nor released, once everything recorded has taken effect.
    pub(crate) const fn open(&self) -> bool {
        self.bits & OPEN != 0
    }

    /// The codes that stand at the end of `day`, where the row has everything.
    #[inline]
    pub(crate) fn codes(&self, day: Day) -> Codes {
        let second = u32::from(self.changed <= day);
        Codes::from_bits(self.bits >> (second * Codes::BITS))
    }

    /// Takes in what stands. Whether it fitted.
    fn hold(&mut self, digest: &Digest) -> bool {
        let open = if digest.open { OPEN } else { 0 };
        let (first, last) = match digest.phases[..] {
            [only] => (
                only,
                Phase {
                    from: Day::NONE,
                    ..only
                },
            ),
            [first, last] => (first, last),
            _ => (NO_PHASE, NO_PHASE),
        };
        let one_due = [first.original, last.due, last.original]
            .iter()
            .all(|due| *due == first.due);
        let fits = digest.phases.len() <= 2 && one_due;
        let codes = first.codes.bits() | last.codes.bits() << Codes::BITS;
        (self.due, self.changed, self.bits) = (first.due, last.from, codes | open);
        fits
    }
}

/// Where phases are aside, the row has none.
const NO_PHASE: Phase = Phase {
    from: Day::NONE,
    due: Day::NONE,
    original: Day::NONE,
    codes: Codes::from_bits(0),
};

impl Table {
    /// The row of the obligation called `id`.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let hash = short_hash(id);
        let same = |slot: &Slot| slot.hash == hash && self.is_called(slot.row, id);
        self.ids.find(spread(hash), same).map(|slot| slot.row)
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

    /// The ids that `opening` would give, where every one is an id and free.
    pub(crate) fn can_open(&self, opening: &Opening<'_>) -> Result<(), String> {
        let prefix = match opening.source {
            Source::Period {
                requirement,
                period,
                ..
            } => format!("{requirement}_{period}_"),
            Source::Task(task) => format!("{task}_"),
        };
        let mut id = prefix.clone();
        let mut units: Vec<&UnitId> = opening.units.iter().collect();
        units.sort_unstable();
        if let Some([twice, _]) = units.array_windows().find(|[one, other]| one == other) {
            return Err(format!("{prefix}{twice}"));
        }
        for unit in opening.units {
            id.truncate(prefix.len());
            id.push_str(unit.as_str());
            if ObligationId::new(&id).is_err() || self.find(&id).is_some() {
                return Err(id);
            }
        }
        Ok(())
    }

    /// Opens what [`can_open`](Self::can_open) allowed.
    pub(crate) fn open(&mut self, opening: &Opening<'_>, position: u32) {
        let opened = self.describe(opening, position);
        let number = u32::try_from(self.opened.len()).expect("an opening has a position, a u32");
        self.made[opened.maker as usize] = number;
        self.opened.push(opened);
        let digest = Digest::of(&phases(&opening.terms, std::iter::empty()));
        for unit in opening.units {
            let unit = self.unit_number(unit);
            let at = u32::try_from(self.rows.len()).expect("four billion rows do not fit memory");
            let mut row = Row::new(unit, number);
            row.of_unit = std::mem::replace(&mut self.owed[unit as usize].last, at);
            if !row.hold(&digest) {
                self.put_aside(&mut row).set_phases(&digest.phases);
            }
            self.rows.push(row);
        }
        self.name(number as usize);
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

    /// Makes the rows of an opening be found by their ids.
    fn name(&mut self, opened: usize) {
        let Opened {
            first_row, rows, ..
        } = self.opened[opened];
        let mut id = self.prefix(&self.opened[opened]);
        let prefix = id.len();
        for row in first_row..first_row + rows {
            id.truncate(prefix);
            id.push_str(self.units.get(self.rows[row].unit));
            let hash = short_hash(&id);
            self.ids
                .insert_unique(spread(hash), Slot { row, hash }, |slot| spread(slot.hash));
        }
    }

    /// Makes the table of ids anew.
    pub(crate) fn insert_ids(&mut self) {
        self.ids = HashTable::with_capacity(self.rows.len());
        (0..self.opened.len()).for_each(|opened| self.name(opened));
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
        let acts: Vec<(Date, Act)> = self
            .acts(journal, &row)
            .into_iter()
            .map(|(position, entry)| journal.told(position, entry))
            .collect();
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
}

impl Default for Aside {
    fn default() -> Self {
        Self {
            near: [NO_PHASE; NEAR],
            nears: 0,
            far: None,
        }
    }
}

impl Aside {
    pub(crate) fn of_parts(transfers: Vec<Transfer>, phases: &[Phase]) -> Self {
        let mut aside = Self::default();
        if !transfers.is_empty() {
            aside.far_mut().transfers = transfers;
        }
        aside.set_phases(phases);
        aside
    }

    pub(crate) fn transfers(&self) -> &[Transfer] {
        self.far.as_ref().map_or(&[], |far| &far.transfers)
    }

    pub(crate) fn phases(&self) -> &[Phase] {
        match &self.far {
            Some(far) if !far.phases.is_empty() => &far.phases,
            _ => &self.near[..usize::from(self.nears)],
        }
    }

    fn far_mut(&mut self) -> &mut Far {
        self.far.get_or_insert_default()
    }

    fn set_phases(&mut self, phases: &[Phase]) {
        if let Some(far) = &mut self.far {
            far.phases = Box::default();
        }
        self.nears = 0;
        match self.near.get_mut(..phases.len()) {
            Some(near) => {
                near.copy_from_slice(phases);
                self.nears = u8::try_from(phases.len()).expect("few are near");
            }
            None => self.far_mut().phases = phases.into(),
        }
    }

    #[inline]
    pub(crate) fn taken_by(&self, day: Day) -> Option<&Transfer> {
        let far = self.far.as_ref()?;
        far.transfers.iter().rfind(|transfer| transfer.on <= day)
    }

    /// What stands at the end of `day`: the last phase that has begun, or the first.
    #[inline]
    pub(crate) fn phase(&self, day: Day) -> Option<&Phase> {
        let phases = self.phases();
        let begun = phases.iter().rfind(|phase| phase.from <= day);
        begun.or(phases.first())
    }

    fn bytes(&self) -> usize {
        let far = |far: &Far| {
            size_of::<Far>()
                + far.transfers.capacity() * size_of::<Transfer>()
                + size_of_val(&*far.phases)
        };
        size_of::<Self>() + self.far.as_deref().map_or(0, far)
    }
}

impl Table {
    /// What stands of the row at the end of `day`: the due date of `mode`, and the codes.
    #[inline]
    pub(crate) fn at(&self, row: &Row, day: Day, mode: DueMode) -> (Day, Codes) {
        match self.aside(row).and_then(|aside| aside.phase(day)) {
            Some(phase) => (phase.due(mode), phase.codes),
            None => (row.due, row.codes(day)),
        }
    }
}

fn short_hash(id: &str) -> u32 {
    u32::try_from(hash(id) >> 32).expect("half of it fits")
}

fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Table {
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
            + self.ids.allocation_size()
    }
}
