//! The city: its units with their habits, and the groups that documents address.
//!
//! Every unit that will ever exist is in the roster from the beginning, with the day on which it
//! forms and the day on which it ends, so that what becomes of an obligation can be foretold.

use socai_domain::id::{AccountId, GroupId, UnitId};
use socai_domain::line::Line;
use socai_domain::unit::Kind;

use crate::chance::Chance;
use crate::days::{Day, Days};
use crate::reform::{self, Reform};
use crate::words::{DEPARTMENTS, FIRST, SECOND, line};

/// A unit's place in the roster.
pub(crate) type Seat = u32;

/// Units that last: they issue, pass on, judge and inspect, and owe nothing.
pub(crate) mod seat {
    use super::Seat;

    pub(crate) const COMMITTEE: Seat = 0;
    pub(crate) const PEOPLES_COMMITTEE: Seat = 1;
    pub(crate) const COMMITTEE_OFFICE: Seat = 2;
    pub(crate) const OFFICE: Seat = 3;
    pub(crate) const PROPAGANDA: Seat = 4;
    pub(crate) const INSPECTORS: Seat = 5;
    /// How many they are.
    pub(crate) const LASTING: Seat = 7;
}

/// The fewest units that make a city: those that last, and some of every sort that owes.
pub(crate) const UNITS_MIN: u32 = 20;
/// Communes are numbered with five digits; and a group of groups has to stay readable.
pub(crate) const UNITS_MAX: u32 = 20_000;
/// Members of a group, at most, so that the event that opens a period stays well below what a
/// record may have.
const GROUP_MAX: u32 = 300;

/// How a unit goes about what it owes, in thousandths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habit {
    /// Hands in by the due date.
    pub(crate) on_time: u32,
    /// What it hands in is sent back.
    pub(crate) sent_back: u32,
    /// It asks for an extension.
    pub(crate) extended: u32,
    /// What it did is recorded days later.
    pub(crate) back_dated: u32,
}

/// How and where a unit goes.
#[derive(Debug, Clone)]
pub(crate) struct Fate {
    /// The first day without it.
    pub(crate) on: Day,
    /// Those that follow; one where it goes as a whole.
    pub(crate) heirs: Vec<Seat>,
}

#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) id: UnitId,
    pub(crate) account: AccountId,
    pub(crate) kind: Kind,
    pub(crate) name: Line,
    /// As it stands in the numbers of its reports.
    pub(crate) symbol: &'static str,
    pub(crate) parent: Option<Seat>,
    pub(crate) formed: Day,
    pub(crate) fate: Option<Fate>,
    pub(crate) habit: Habit,
    pub(crate) group: Option<usize>,
}

impl Unit {
    pub(crate) fn alive(&self, day: Day) -> bool {
        self.formed <= day && self.fate.as_ref().is_none_or(|fate| day < fate.on)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: GroupId,
    pub(crate) name: Line,
    pub(crate) sort: Sort,
    /// Everyone who is ever in it.
    pub(crate) seats: Vec<Seat>,
}

/// Which reports a group owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Departments,
    Districts,
    Communes,
    Party,
    Services,
}

#[derive(Debug)]
pub(crate) struct City {
    pub(crate) units: Vec<Unit>,
    pub(crate) groups: Vec<Group>,
    /// What is reorganised, by day.
    pub(crate) reforms: Vec<Reform>,
}

impl City {
    pub(crate) fn new(units: u32, days: &Days, chance: &mut Chance) -> Self {
        let mut city = Self {
            units: Vec::new(),
            groups: Vec::new(),
            reforms: Vec::new(),
        };
        city.found(units, chance);
        city.reforms = reform::plan(&mut city, days, chance);
        city
    }

    pub(crate) fn unit(&self, seat: Seat) -> &Unit {
        &self.units[seat as usize]
    }

    /// The members of a group who exist on `day`, in the order of their ids.
    pub(crate) fn members(&self, group: usize, day: Day) -> Vec<Seat> {
        let alive = |seat: &Seat| self.unit(*seat).alive(day);
        let mut seats: Vec<Seat> = self.groups[group]
            .seats
            .iter()
            .copied()
            .filter(alive)
            .collect();
        self.in_order(&mut seats);
        seats
    }

    pub(crate) fn in_order(&self, seats: &mut Vec<Seat>) {
        seats.sort_unstable_by(|a, b| self.unit(*a).id.cmp(&self.unit(*b).id));
        seats.dedup();
    }

    /// Those of a sort who exist on `day`, by seat.
    pub(crate) fn alive_of(&self, kind: Kind, day: Day) -> Vec<Seat> {
        let seats = 0..u32::try_from(self.units.len()).expect("units are few");
        let fits = |seat: &Seat| {
            let unit = self.unit(*seat);
            unit.kind == kind && *seat >= seat::LASTING && unit.alive(day)
        };
        seats.filter(fits).collect()
    }

    /// A unit that begins on `formed`, in `group`.
    pub(crate) fn add(&mut self, unit: NewUnit, chance: &mut Chance) -> Seat {
        let seat = Seat::try_from(self.units.len()).expect("units are few");
        let id = UnitId::new(&unit.id).expect("made of letters and digits");
        self.units.push(Unit {
            account: AccountId::new(&format!("tk-{id}")).expect("made of letters and digits"),
            id,
            kind: unit.kind,
            name: line(&unit.name),
            symbol: symbol(unit.kind),
            parent: unit.parent,
            formed: unit.formed,
            fate: None,
            habit: habit(chance),
            group: unit.group,
        });
        if let Some(group) = unit.group {
            self.groups[group].seats.push(seat);
        }
        seat
    }

    fn found(&mut self, units: u32, chance: &mut Chance) {
        let lasting = [
            ("thanh-uy", "Thành ủy (mô phỏng)", Kind::PartyCommittee),
            (
                "ubnd-tp",
                "Ủy ban nhân dân thành phố (mô phỏng)",
                Kind::PeoplesCommittee,
            ),
            ("vp-thanh-uy", "Văn phòng Thành ủy", Kind::PartyBody),
            (
                "vp-ubnd",
                "Văn phòng Ủy ban nhân dân thành phố",
                Kind::Department,
            ),
            ("ban-tuyen-giao", "Ban Tuyên giáo Thành ủy", Kind::PartyBody),
            ("ub-kiem-tra", "Ủy ban Kiểm tra Thành ủy", Kind::PartyBody),
            (
                "mttq",
                "Ủy ban Mặt trận Tổ quốc thành phố",
                Kind::MassOrganisation,
            ),
        ];
        for (at, (id, name, kind)) in lasting.into_iter().enumerate() {
            let parent = (at > 1).then_some(seat::COMMITTEE);
            let unit = NewUnit::new(id, name, kind, parent);
            self.add(unit, chance);
        }
        let owing = units - seat::LASTING;
        let departments = (owing / 10).clamp(4, 24);
        let districts = (owing / 15).clamp(2, 30);
        let party = (owing / 20).clamp(1, 40);
        let services = (owing / 20).clamp(2, 60);
        let communes = owing - departments - districts - party - services;
        self.departments(departments, chance);
        self.party_and_services(party, services, chance);
        self.districts(districts, communes, chance);
    }

    fn departments(&mut self, count: u32, chance: &mut Chance) {
        let group = self.group("so-ban-nganh", "Các sở, ban, ngành", Sort::Departments);
        for at in 0..count {
            let name = format!("Sở {}", DEPARTMENTS[at as usize]);
            let parent = Some(seat::PEOPLES_COMMITTEE);
            let unit = NewUnit::new(
                &format!("so-{:02}", at + 1),
                &name,
                Kind::Department,
                parent,
            );
            self.add(unit.within(group), chance);
        }
    }

    fn party_and_services(&mut self, party: u32, services: u32, chance: &mut Chance) {
        let group = self.group("dang-bo", "Các đảng bộ trực thuộc", Sort::Party);
        for at in 0..party {
            let name = format!("Đảng ủy {}", place(at + 150));
            let id = format!("dang-uy-{:02}", at + 1);
            let unit = NewUnit::new(&id, &name, Kind::PartyBody, Some(seat::COMMITTEE));
            self.add(unit.within(group), chance);
        }
        let group = self.group("don-vi-su-nghiep", "Các đơn vị sự nghiệp", Sort::Services);
        for at in 0..services {
            let name = format!("Trung tâm {}", place(at + 250));
            let id = format!("dvsn-{:02}", at + 1);
            let parent = Some(seat::PEOPLES_COMMITTEE);
            let unit = NewUnit::new(&id, &name, Kind::PublicService, parent);
            self.add(unit.within(group), chance);
        }
    }

    fn districts(&mut self, districts: u32, communes: u32, chance: &mut Chance) {
        let group = self.group("quan-huyen", "Các quận, huyện, thị xã", Sort::Districts);
        let first = Seat::try_from(self.units.len()).expect("units are few");
        for at in 0..districts {
            let name = format!("{} {}", ["Quận", "Huyện"][at as usize % 2], place(at * 13));
            let id = format!("quan-huyen-{:02}", at + 1);
            let parent = Some(seat::PEOPLES_COMMITTEE);
            let unit = NewUnit::new(&id, &name, Kind::District, parent);
            self.add(unit.within(group), chance);
        }
        let groups: Vec<usize> = (0..communes.div_ceil(GROUP_MAX))
            .map(|at| {
                let id = format!("xa-phuong-{}", at + 1);
                let name = format!("Các xã, phường cụm {}", at + 1);
                self.group(&id, &name, Sort::Communes)
            })
            .collect();
        for at in 0..communes {
            let name = format!("{} {}", ["Phường", "Xã"][at as usize % 2], place(at));
            let id = format!("xa-{:05}", at + 1);
            let parent = Some(first + at % districts);
            let unit = NewUnit::new(&id, &name, Kind::Commune, parent);
            self.add(unit.within(groups[at as usize % groups.len()]), chance);
        }
    }

    fn group(&mut self, id: &str, name: &str, sort: Sort) -> usize {
        self.groups.push(Group {
            id: GroupId::new(id).expect("made of letters and digits"),
            name: line(name),
            sort,
            seats: Vec::new(),
        });
        self.groups.len() - 1
    }
}

/// What a unit is founded with.
pub(crate) struct NewUnit {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) parent: Option<Seat>,
    pub(crate) formed: Day,
    pub(crate) group: Option<usize>,
}

impl NewUnit {
    fn new(id: &str, name: &str, kind: Kind, parent: Option<Seat>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
            parent,
            formed: 0,
            group: None,
        }
    }

    fn within(self, group: usize) -> Self {
        Self {
            group: Some(group),
            ..self
        }
    }
}

/// A name of a place; after 400 places names come again, as they do.
pub(crate) fn place(at: u32) -> String {
    let (first, second) = (at as usize % 20, (at as usize / 20 + at as usize) % 20);
    let name = format!("{} {}", FIRST[first], SECOND[second]);
    match at / 400 {
        0 => name,
        again => format!("{name} {}", again + 1),
    }
}

const fn symbol(kind: Kind) -> &'static str {
    match kind {
        Kind::PartyCommittee | Kind::PartyBody => "ĐU",
        Kind::Department => "SBN",
        Kind::PublicService => "TT",
        Kind::PeoplesCommittee | Kind::District | Kind::Commune => "UBND",
        Kind::MassOrganisation => "MTTQ",
        Kind::Central | Kind::Press | Kind::Other => "VP",
    }
}

/// Most units are punctual; one in eight is not.
fn habit(chance: &mut Chance) -> Habit {
    let on_time = if chance.permille(125) {
        400 + chance.below(300)
    } else {
        840 + chance.below(150)
    };
    Habit {
        on_time,
        sent_back: 20 + chance.below(100),
        extended: 10 + chance.below(50),
        back_dated: 10 + chance.below(70),
    }
}
