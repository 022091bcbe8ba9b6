//! Reorganisations: which units merge, divide, end and get other names, planned ahead for all years.
//!
//! Each March departments merge and are renamed, each July communes merge and divide. On 1/7/2025
//! districts end, and communes are formed anew out of several.

use jiff::civil::Date;
use socai_domain::line::Line;
use socai_domain::unit::Kind;

use crate::chance::Chance;
use crate::city::{City, Fate, NewUnit, Seat, place, seat};
use crate::days::{Day, Days};
use crate::words::line;

/// What is reorganised on one day: first units form, then the others change.
#[derive(Debug)]
pub(crate) struct Reform {
    pub(crate) on: Day,
    pub(crate) formed: Vec<Seat>,
    pub(crate) changes: Vec<Change>,
}

#[derive(Debug)]
pub(crate) enum Change {
    Merge { units: Vec<Seat>, into: Seat },
    Divide { unit: Seat, among: Vec<Seat> },
    Dissolve { unit: Seat, parts_to: Vec<Seat> },
    Rename { unit: Seat, name: Line },
    Reparent { unit: Seat, parent: Seat },
    Cede { unit: Seat, to: Seat },
}

/// Plans the reforms of all years, with the units that they form.
pub(crate) fn plan(city: &mut City, days: &Days, chance: &mut Chance) -> Vec<Reform> {
    let mut reforms = Vec::new();
    for year in days.first_year..=days.last_year {
        let march = days.of(Date::constant(year, 3, 1));
        let july = days.of(Date::constant(year, 7, 1));
        reforms.push(Draft::new(city, march, chance).departments());
        let draft = Draft::new(city, july, chance);
        reforms.push(if year == 2025 {
            draft.two_tiers()
        } else {
            draft.communes()
        });
    }
    reforms.retain(|reform| !reform.changes.is_empty());
    reforms
}

struct Draft<'a> {
    city: &'a mut City,
    chance: &'a mut Chance,
    reform: Reform,
    /// What new units stand under, where not under what those before them stood.
    above: Option<Seat>,
}

impl<'a> Draft<'a> {
    fn new(city: &'a mut City, on: Day, chance: &'a mut Chance) -> Self {
        let reform = Reform {
            on,
            formed: Vec::new(),
            changes: Vec::new(),
        };
        Self {
            city,
            chance,
            reform,
            above: None,
        }
    }

    fn pick(&mut self, seats: &[Seat]) -> usize {
        self.chance.below(u32::try_from(seats.len()).unwrap_or(1)) as usize
    }

    fn departments(mut self) -> Reform {
        let on = self.reform.on;
        let alive = self.city.alive_of(Kind::Department, on);
        let services = self.city.alive_of(Kind::PublicService, on);
        if alive.len() > 3 {
            let at = self.pick(&alive[1..]);
            let parent = self.merge(&alive[at..at + 2]);
            let moved = services.last().map(|unit| (*unit, parent));
            let change = moved.map(|(unit, parent)| Change::Reparent { unit, parent });
            self.reform.changes.extend(change);
        }
        let alive = self.city.alive_of(Kind::Department, on);
        if let Some(unit) = alive.first() {
            let name = format!(
                "{} (kiện toàn lần {})",
                self.city.unit(*unit).name,
                on / 365 + 1
            );
            let (unit, name) = (*unit, line(&name));
            self.reform.changes.push(Change::Rename { unit, name });
        }
        if services.len() > 2 && self.chance.permille(500) {
            self.dissolve(services[0], Vec::new());
        }
        self.reform
    }

    fn communes(mut self) -> Reform {
        let on = self.reform.on;
        let mut alive = self.city.alive_of(Kind::Commune, on);
        let mergers = if alive.len() < 6 {
            0
        } else {
            1 + alive.len() / 60
        };
        for _ in 0..mergers {
            let at = self.pick(&alive[1..]);
            let pair: Vec<Seat> = alive.drain(at..at + 2).collect();
            self.merge(&pair);
        }
        if let [first, second, .., last] = alive[..] {
            let (unit, to) = (first, second);
            self.reform.changes.push(Change::Cede { unit, to });
            self.divide(last);
        }
        self.reform
    }

    /// Districts end, and communes go into new ones, up to three each.
    fn two_tiers(mut self) -> Reform {
        self.above = Some(seat::PEOPLES_COMMITTEE);
        let on = self.reform.on;
        for district in self.city.alive_of(Kind::District, on) {
            let communes = self.city.alive_of(Kind::Commune, on).into_iter();
            let its = communes.filter(|seat| self.city.unit(*seat).parent == Some(district));
            let its: Vec<Seat> = its.collect();
            let new: Vec<Seat> = its.chunks(3).map(|some| self.merge(some)).collect();
            self.dissolve(district, new);
        }
        self.reform
    }

    fn merge(&mut self, units: &[Seat]) -> Seat {
        let into = self.form_like(units[0]);
        let units = units.to_vec();
        for unit in &units {
            self.end(*unit, vec![into]);
        }
        self.reform.changes.push(Change::Merge { units, into });
        into
    }

    fn divide(&mut self, unit: Seat) {
        let among = vec![self.form_like(unit), self.form_like(unit)];
        self.end(unit, among.clone());
        self.reform.changes.push(Change::Divide { unit, among });
    }

    fn dissolve(&mut self, unit: Seat, parts_to: Vec<Seat>) {
        self.end(unit, parts_to.clone());
        self.reform
            .changes
            .push(Change::Dissolve { unit, parts_to });
    }

    fn end(&mut self, unit: Seat, heirs: Vec<Seat>) {
        let on = self.reform.on;
        self.city.units[unit as usize].fate = Some(Fate { on, heirs });
    }

    /// A new unit of the sort of `like`, in its place.
    fn form_like(&mut self, like: Seat) -> Seat {
        let serial = u32::try_from(self.city.units.len()).unwrap_or(u32::MAX);
        let unit = self.city.unit(like);
        let (stem, name) = match unit.kind {
            Kind::Department => ("so", format!("{} và hợp nhất", unit.name)),
            _ => (
                "xa",
                format!("Phường {}", place(serial.wrapping_mul(7) % 4000)),
            ),
        };
        let parent = self.above.or(unit.parent);
        let new = NewUnit {
            id: format!("{stem}-m{serial:05}"),
            name,
            kind: unit.kind,
            parent,
            formed: self.reform.on,
            group: unit.group,
        };
        let seat = self.city.add(new, self.chance);
        self.reform.formed.push(seat);
        seat
    }
}
