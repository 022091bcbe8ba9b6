//! The days on which the city is reorganised: units form, groups change, units end and obligations move.

use std::collections::BTreeSet;

use socai_domain::id::{DocumentId, UnitId};
use socai_domain::unit::{self, EndKind};

use crate::city::{Seat, seat};
use crate::course::{Course, Item};
use crate::order;
use crate::reform::{Change, Reform};
use crate::words::line;

/// Obligations that one merger takes along, at most: what is decided at once is appended at once. The
/// others are moved one by one before.
const MOVED_MAX: usize = 300;

impl Course {
    /// Carries out the reform of today, if there is one.
    pub(crate) fn reform(&mut self) {
        let today = self.today;
        let at = self
            .city
            .reforms
            .iter()
            .position(|reform| reform.on == today);
        let Some(reform) = at.map(|at| self.city.reforms.remove(at)) else {
            return;
        };
        let issuer = seat::PEOPLES_COMMITTEE;
        let basis = self.decision(issuer, "/QĐ-UBND", "sắp xếp tổ chức bộ máy");
        for seat in &reform.formed {
            let unit = self.city.unit(*seat);
            let parent = unit.parent.map(|seat| &self.city.unit(seat).id);
            let order = order::form(issuer, unit, parent, Some(&basis));
            self.say(order);
        }
        self.regroup(&reform);
        let mut moves = self.take_overs();
        for change in reform.changes {
            self.change(change, &basis, &mut moves);
        }
    }

    fn regroup(&mut self, reform: &Reform) {
        for at in 0..self.city.groups.len() {
            let (now, before) = (self.today, self.today - 1);
            let (members, were) = (self.city.members(at, now), self.city.members(at, before));
            let added: Vec<Seat> = missing(&members, &were);
            let removed: Vec<Seat> = missing(&were, &members);
            debug_assert!(added.iter().all(|seat| reform.formed.contains(seat)));
            if !added.is_empty() || !removed.is_empty() {
                let (added, removed) = (self.ids(&added), self.ids(&removed));
                let group = self.city.groups[at].id.clone();
                self.say(order::regroup(
                    seat::PEOPLES_COMMITTEE,
                    &group,
                    added,
                    removed,
                ));
            }
        }
    }

    fn change(&mut self, change: Change, basis: &DocumentId, moves: &mut Vec<Item>) {
        let by = seat::PEOPLES_COMMITTEE;
        let id = |course: &Self, seat: Seat| course.city.unit(seat).id.clone();
        let given = Some(basis.clone());
        let (of, command, event) = match change {
            Change::Merge { units, into } => return self.merge(&units, into, basis, moves),
            Change::Divide { unit, among } => {
                self.move_each(unit, moves);
                let (unit, among) = (id(self, unit), self.ids(&among));
                let event = order::end(EndKind::Divided, &among, basis);
                let command = unit::Command::Divide {
                    unit: unit.clone(),
                    among,
                    basis: given,
                };
                (unit, command, event)
            }
            Change::Dissolve { unit, parts_to } => {
                self.move_each(unit, moves);
                let (unit, parts_to) = (id(self, unit), self.ids(&parts_to));
                let event = order::end(EndKind::Dissolved, &parts_to, basis);
                let command = unit::Command::Dissolve {
                    unit: unit.clone(),
                    parts_to,
                    basis: given,
                };
                (unit, command, event)
            }
            Change::Rename { unit, name } => {
                let unit = id(self, unit);
                let event = unit::Event::Renamed {
                    name: name.clone(),
                    basis: given.clone(),
                };
                let command = unit::Command::Rename {
                    unit: unit.clone(),
                    name,
                    basis: given,
                };
                (unit, command, event)
            }
            Change::Reparent { unit, parent } => {
                let (unit, parent) = (id(self, unit), Some(id(self, parent)));
                let event = unit::Event::Reparented {
                    parent: parent.clone(),
                    basis: given.clone(),
                };
                let command = unit::Command::Reparent {
                    unit: unit.clone(),
                    parent,
                    basis: given,
                };
                (unit, command, event)
            }
            Change::Cede { unit, to } => {
                let (unit, to) = (id(self, unit), id(self, to));
                let what = Some(line("Một phần địa bàn quản lý"));
                let event = unit::Event::PartCeded {
                    to: to.clone(),
                    what: what.clone(),
                    basis: given.clone(),
                };
                let command = unit::Command::CedePart {
                    unit: unit.clone(),
                    to,
                    what,
                    basis: given,
                };
                (unit, command, event)
            }
        };
        self.say(order::change_unit(by, &of, command, event));
    }

    fn merge(&mut self, units: &[Seat], into: Seat, basis: &DocumentId, moves: &mut Vec<Item>) {
        let mut taken = self.moves_of(units, moves);
        for item in taken.split_off(taken.len().min(MOVED_MAX)) {
            self.act(item);
        }
        let mut named: Vec<_> = taken
            .iter()
            .map(|item| {
                let owner: UnitId = self.city.unit(self.owner(item)).id.clone();
                (self.obligation(item), owner)
            })
            .collect();
        named.sort();
        let units = self.ids(units);
        let into = self.city.unit(into).id.clone();
        self.say(order::merge(
            seat::PEOPLES_COMMITTEE,
            units,
            &into,
            &named,
            basis,
        ));
        for item in &taken {
            self.told_within(item);
        }
    }

    fn move_each(&mut self, unit: Seat, moves: &mut Vec<Item>) {
        for item in self.moves_of(&[unit], moves) {
            self.act(item);
        }
    }

    fn moves_of(&self, units: &[Seat], moves: &mut Vec<Item>) -> Vec<Item> {
        let all = std::mem::take(moves);
        let its = |item: &Item| units.contains(&self.owner(item));
        let (its, others) = all.into_iter().partition(its);
        *moves = others;
        its
    }
}

/// Those of `some` that are not among `others`, in their order.
fn missing(some: &[Seat], others: &[Seat]) -> Vec<Seat> {
    let others: BTreeSet<&Seat> = others.iter().collect();
    let not_there = |seat: &&Seat| !others.contains(seat);
    some.iter().filter(not_there).copied().collect()
}
