//! The course of things, day by day: what is staged for a day, and the acts that wait for theirs.
//!
//! A day is staged as a whole, in the order: reorganisations, what offices do, then the acts of
//! obligations. What is kept is the acts to come, so memory follows what is open, not what was.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use socai_domain::calendar::YearCalendar;
use socai_domain::id::{DocumentId, ObligationId};

use crate::chance::Chance;
use crate::city::{City, Seat, seat};
use crate::days::{Day, Days};
use crate::life::{Beat, Case, Move, Writer};
use crate::office::Errand;
use crate::order::{self, Order};
use crate::render::{Scene, Slot, Source};
use crate::rules::Requirement;
use crate::words::Words;

/// The hours in which something is recorded, in milliseconds of the day.
const OPENS_MS: i64 = 8 * 3_600_000;
const OPEN_FOR_MS: i64 = 9 * 3_600_000;
/// Openings stop so long before the end, for what was opened still has to happen.
const LEAD_DAYS: Day = 45;
/// Overdue obligations that inspectors can still name.
const FLAGGED_KEPT: usize = 48;

/// An act that waits for its day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    slot: u32,
    on: Day,
    what: Move,
}

pub(crate) enum Deed {
    Order(Box<Order>),
    Act(Item),
}

pub(crate) struct Course {
    pub(crate) days: Days,
    pub(crate) city: City,
    pub(crate) words: Words,
    pub(crate) chance: Chance,
    /// The day that is being staged or told.
    pub(crate) today: Day,
    pub(crate) errands: BTreeMap<Day, Vec<Errand>>,
    pub(crate) requirements: Vec<Requirement>,
    /// The plan that small tasks are assigned under.
    pub(crate) plan: Option<DocumentId>,
    /// Counts what needs a number of its own.
    pub(crate) serial: u32,
    /// Counts the documents of a year.
    pub(crate) numbers: u32,
    /// Obligations flagged lately, each with who owes it.
    pub(crate) flagged: VecDeque<(ObligationId, Seat)>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    agenda: Vec<Vec<Item>>,
    ready: VecDeque<Deed>,
    staged: usize,
    /// Events told or waiting to be.
    committed: u64,
    budget: Option<u64>,
}

impl Course {
    pub(crate) fn new(
        units: u32,
        years: (i16, i16),
        seed: u64,
        budget: Option<u64>,
        calendars: &[YearCalendar],
    ) -> Self {
        let days = Days::new(years.0, years.1, calendars);
        let mut chance = Chance::new(seed);
        let city = City::new(units, &days, &mut chance);
        let length = usize::try_from(days.total).expect("there are days");
        Self {
            agenda: vec![Vec::new(); length],
            days,
            city,
            words: Words::new(),
            chance,
            today: -1,
            errands: BTreeMap::new(),
            requirements: Vec::new(),
            plan: None,
            serial: 0,
            numbers: 0,
            flagged: VecDeque::new(),
            slots: Vec::new(),
            free: Vec::new(),
            ready: VecDeque::new(),
            staged: 0,
            committed: 0,
            budget,
        }
    }

    /// The next thing that happens, and when it is recorded.
    pub(crate) fn take(&mut self) -> Option<(Timestamp, Deed)> {
        while self.ready.is_empty() {
            self.today += 1;
            if self.today >= self.days.total {
                return None;
            }
            self.stage();
        }
        let deed = self.ready.pop_front()?;
        let told = i64::try_from(self.staged - self.ready.len()).unwrap_or(0);
        let staged = i64::try_from(self.staged).unwrap_or(1);
        let at = OPENS_MS + OPEN_FOR_MS * told / (staged + 1);
        Some((self.days.instant(self.today, at), deed))
    }

    pub(crate) fn scene(&self, item: &Item) -> Scene<'_> {
        Scene {
            days: &self.days,
            city: &self.city,
            words: &self.words,
            slot: &self.slots[item.slot as usize],
            on: item.on,
            what: item.what,
        }
    }

    /// The other obligation that the report of `item` fulfils.
    pub(crate) fn linked(&self, item: &Item) -> Option<&ObligationId> {
        let submitted = matches!(item.what, Move::Submit { .. });
        let linked = self.slots[item.slot as usize].linked?;
        submitted.then(|| &self.slots[linked as usize].id)
    }

    /// Notes that `item` has been told.
    pub(crate) fn done(&mut self, item: &Item) {
        let slot = &mut self.slots[item.slot as usize];
        let mut linked = None;
        match item.what {
            Move::Transfer { to } => slot.owner = to,
            Move::Submit { .. } => linked = slot.linked.take(),
            Move::FlagLate { .. } => {
                let known = (slot.id.clone(), slot.owner);
                self.flagged.push_back(known);
                if self.flagged.len() > FLAGGED_KEPT {
                    self.flagged.pop_front();
                }
            }
            _ => {}
        }
        self.release(item.slot);
        if let Some(linked) = linked {
            self.release(linked);
        }
    }

    fn release(&mut self, slot: u32) {
        let left = &mut self.slots[slot as usize].left;
        *left -= 1;
        if *left == 0 {
            self.free.push(slot);
        }
    }

    fn stage(&mut self) {
        if self.today == 0 {
            self.found();
        }
        self.reform();
        for errand in self.errands.remove(&self.today).unwrap_or_default() {
            self.run(errand);
        }
        if self.days.is_working(self.today) {
            self.office_day();
            self.fill();
        }
        let today = usize::try_from(self.today).expect("days count from 0");
        let acts = std::mem::take(&mut self.agenda[today]);
        self.ready.extend(acts.into_iter().map(Deed::Act));
        self.staged = self.ready.len();
    }

    /// The city as it is on the first day.
    fn found(&mut self) {
        for year in [self.days.first_year, self.days.first_year + 1] {
            self.publish(year);
        }
        for at in 0..self.city.units.len() {
            let unit = &self.city.units[at];
            if unit.formed == 0 {
                let parent = unit.parent.map(|seat| &self.city.unit(seat).id);
                let order = order::form(seat::OFFICE, unit, parent, None);
                self.say(order);
            }
        }
        for at in 0..self.city.groups.len() {
            let members = self.ids(&self.city.members(at, 0));
            let group = &self.city.groups[at];
            let order = order::define(seat::OFFICE, &group.id, &group.name, members);
            self.say(order);
        }
    }

    pub(crate) fn publish(&mut self, year: i16) {
        let order = order::publish(seat::OFFICE, year, self.days.published(year));
        self.say(order);
    }

    pub(crate) fn ids(&self, seats: &[Seat]) -> Vec<socai_domain::id::UnitId> {
        let id = |seat: &Seat| self.city.unit(*seat).id.clone();
        seats.iter().map(id).collect()
    }

    pub(crate) fn say(&mut self, order: Order) {
        self.committed += order.told.len() as u64;
        self.ready.push_back(Deed::Order(Box::new(order)));
    }

    /// How many events may still be committed by today; `None` where nobody counts.
    pub(crate) fn room(&self) -> Option<u64> {
        let by_now = u64::try_from(self.today + 1 + LEAD_DAYS).unwrap_or(0);
        let total = u64::try_from(self.days.total).unwrap_or(1);
        let wanted = self.budget? * by_now.min(total) / total;
        Some(wanted.saturating_sub(self.committed))
    }

    pub(crate) fn budget(&self) -> Option<u64> {
        self.budget
    }

    pub(crate) fn has_room(&self) -> bool {
        self.room() != Some(0)
    }

    /// The acts of an obligation that `case` opens.
    pub(crate) fn script(&mut self, case: Case) -> Vec<Beat> {
        Writer::new(&self.days, &self.city, &mut self.chance, case).script()
    }

    /// Puts down the acts of an obligation, and of the one that its first report fulfils as well.
    pub(crate) fn put_down(
        &mut self,
        cast: Cast,
        beats: &[Beat],
        linked: Option<(ObligationId, Vec<Beat>)>,
    ) {
        let handed_in = |beat: &Beat| matches!(beat.what, Move::Submit { .. });
        let fulfils = beats
            .iter()
            .any(|beat| handed_in(beat) && beat.recorded < self.days.total);
        let linked = linked.and_then(|(id, beats)| {
            let cast = Cast { id, ..cast.clone() };
            let slot = self.enlist(cast, &beats, u16::from(fulfils), None);
            self.committed += u64::from(fulfils);
            slot.filter(|_| fulfils)
        });
        self.enlist(cast, beats, 0, linked);
    }

    fn enlist(
        &mut self,
        cast: Cast,
        beats: &[Beat],
        more: u16,
        linked: Option<u32>,
    ) -> Option<u32> {
        let total = self.days.total;
        let happen = beats.iter().filter(|beat| beat.recorded < total);
        let count = u16::try_from(happen.clone().count()).expect("a script has few acts");
        let left = count + more;
        if left == 0 {
            return None;
        }
        let slot = Slot {
            id: cast.id,
            owner: cast.owner,
            source: cast.source,
            linked,
            left,
        };
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(slot.clone());
            u32::try_from(self.slots.len() - 1).expect("obligations open at one time are few")
        });
        self.slots[at as usize] = slot;
        for beat in happen {
            let (slot, on, what) = (at, beat.on, beat.what);
            let day = usize::try_from(beat.recorded).expect("nothing precedes the first day");
            self.agenda[day].push(Item { slot, on, what });
        }
        self.committed += u64::from(count);
        Some(at)
    }

    /// The take-overs of today, taken from the agenda: they belong to the reform.
    pub(crate) fn take_overs(&mut self) -> Vec<Item> {
        let today = usize::try_from(self.today).expect("days count from 0");
        let is_move = |item: &Item| matches!(item.what, Move::Transfer { .. });
        let acts = std::mem::take(&mut self.agenda[today]);
        let (moves, others) = acts.into_iter().partition(is_move);
        self.agenda[today] = others;
        moves
    }

    pub(crate) fn owner(&self, item: &Item) -> Seat {
        self.slots[item.slot as usize].owner
    }

    pub(crate) fn obligation(&self, item: &Item) -> ObligationId {
        self.slots[item.slot as usize].id.clone()
    }

    pub(crate) fn act(&mut self, item: Item) {
        self.ready.push_back(Deed::Act(item));
    }

    /// An act told within an order, and so not by itself.
    pub(crate) fn told_within(&mut self, item: &Item) {
        self.committed -= 1;
        self.done(item);
    }
}

/// Who plays in a script.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    pub(crate) id: ObligationId,
    pub(crate) owner: Seat,
    pub(crate) source: Source,
}
