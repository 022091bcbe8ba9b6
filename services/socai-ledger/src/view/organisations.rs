//! Units, groups, inspections, the calendar, and the ledger itself.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use socai_domain::id::{GroupId, InspectionId, UnitId};
use socai_domain::{calendar, group, inspection, unit};

use super::{Changes, word};
use crate::image::Image;

/// The ledger itself: one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger<'a> {
    /// Whose ledger it is.
    pub origin: &'a str,
    /// The version of the definitions by which it counts.
    pub definition: &'a str,
    /// A claim that nobody answers stands after so many days.
    pub claims_stand_after_days: Option<u16>,
    /// Recorded times are simulated.
    pub simulated_clock: bool,
}

/// An organisation. Keyed by its id, as everything of it below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit<'a> {
    /// Its id.
    pub id: &'a str,
    /// What sort of organisation it is.
    pub kind: String,
    /// An official code.
    pub code: Option<&'a str>,
    /// The first day on which it exists.
    pub formed: Date,
    /// The first day without it.
    pub ended: Option<Date>,
    /// How it ended.
    pub ended_how: Option<String>,
    /// The document that ordered its end.
    pub ended_by: Option<&'a str>,
    /// The one unit that it went into as a whole.
    pub whole_successor: Option<&'a str>,
}

/// What a unit was called over some days; from the first one on also before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<'a> {
    /// The unit.
    pub unit: &'a str,
    /// The first day.
    pub from: Date,
    /// The first day after it, where there is one.
    pub until: Option<Date>,
    /// What it was called.
    pub name: &'a str,
}

/// Under what a unit stood over some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent<'a> {
    /// The unit.
    pub unit: &'a str,
    /// The first day.
    pub from: Date,
    /// The first day after it, where there is one.
    pub until: Option<Date>,
    /// The unit above it.
    pub parent: Option<&'a str>,
}

/// Where a unit or a part of it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession<'a> {
    /// The unit that ended or gave a part away.
    pub unit: &'a str,
    /// Counts the rows of a unit, from 1.
    pub ordinal: u32,
    /// The unit that follows.
    pub successor: &'a str,
    /// From which day.
    pub on: Date,
    /// `whole` or `part`.
    pub extent: String,
    /// It was a part that went while the unit lived on.
    pub ceded: bool,
}

/// A named set of units. Keyed by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it is called.
    pub name: &'a str,
}

/// A unit that belonged to a group over some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// The group.
    pub group: &'a str,
    /// The unit.
    pub unit: &'a str,
    /// The first day.
    pub from: Date,
    /// The first day after it, where there is one.
    pub until: Option<Date>,
}

/// An inspection. Keyed by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection<'a> {
    /// Its id.
    pub id: &'a str,
    /// Inspection or supervision.
    pub kind: String,
    /// The committee that inspects.
    pub by: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// The dates examined.
    pub window: (Date, Date),
    /// The day on which it began.
    pub opened: Date,
    /// The day on which it was concluded.
    pub concluded: Option<Date>,
}

/// A unit that is inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected<'a> {
    /// The inspection.
    pub inspection: &'a str,
    /// The unit.
    pub unit: &'a str,
}

/// A finding, without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding<'a> {
    /// The inspection.
    pub inspection: &'a str,
    /// Counts from 1 within it.
    pub number: u32,
    /// Whom it concerns.
    pub unit: &'a str,
    /// The obligations that it names.
    pub obligations: u32,
    /// The tasks that follow from it.
    pub follow_ups: u32,
}

/// A day that differs from its weekday. Keyed by its year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay<'a> {
    /// The year that was published.
    pub year: i16,
    /// The version of that year.
    pub version: u32,
    /// The day.
    pub day: Date,
    /// What sets it apart.
    pub kind: String,
    /// What it is called.
    pub name: &'a str,
    /// How sure that is.
    pub certainty: String,
}

impl Changes {
    /// The ledger's row, where it is to be replaced.
    pub fn ledger<'a>(&self, image: &'a Image) -> Option<Ledger<'a>> {
        let known = &image.registry().ledger;
        self.ledger.then_some(Ledger {
            origin: &known.origin,
            definition: &known.definition,
            claims_stand_after_days: known.claims_stand_after_days,
            simulated_clock: known.simulated_clock,
        })
    }

    /// The units to be written.
    pub fn units<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Unit<'a>> {
        self.units_known(image).map(|(id, unit)| Unit {
            id: id.as_str(),
            kind: word(&unit.kind),
            code: unit.code.as_ref().map(|code| code.as_str()),
            formed: unit.formed,
            ended: unit.ended.as_ref().map(|end| end.on),
            ended_how: unit.ended.as_ref().map(|end| word(&end.how)),
            ended_by: (unit.ended.as_ref()).and_then(|end| Some(end.basis.as_ref()?.as_str())),
            whole_successor: unit.whole_successor().map(|unit| unit.as_str()),
        })
    }

    /// Their names.
    pub fn names<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Named<'a>> {
        self.units_known(image).flat_map(|(id, unit)| {
            spans(&unit.names).map(|(from, until, name)| Named {
                unit: id.as_str(),
                from,
                until,
                name: name.as_str(),
            })
        })
    }

    /// What they stood under.
    pub fn parents<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Parent<'a>> {
        self.units_known(image).flat_map(|(id, unit)| {
            spans(&unit.parents).map(|(from, until, parent)| Parent {
                unit: id.as_str(),
                from,
                until,
                parent: parent.as_ref().map(|unit| unit.as_str()),
            })
        })
    }

    /// Where they went.
    pub fn successions<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Succession<'a>> {
        self.units_known(image).flat_map(|(id, unit)| {
            let ceded = unit
                .ceded
                .iter()
                .map(|(on, to)| (to, *on, "part".to_owned(), true));
            let ended = unit.ended.iter().flat_map(|end| {
                let follows = |s: &'a unit::Successor| (&s.unit, end.on, word(&s.extent), false);
                end.successors.iter().map(follows)
            });
            let row =
                |(ordinal, (to, on, extent, ceded)): (u32, (&'a UnitId, _, _, _))| Succession {
                    unit: id.as_str(),
                    ordinal,
                    successor: to.as_str(),
                    on,
                    extent,
                    ceded,
                };
            (1..).zip(ceded.chain(ended)).map(row)
        })
    }

    fn units_known<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = (&'a UnitId, &'a unit::Unit)> {
        let units = &image.registry().units;
        self.units.iter().filter_map(|id| units.get_key_value(id))
    }

    /// The groups to be written.
    pub fn groups<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Group<'a>> {
        self.groups_known(image).map(|(id, group)| Group {
            id: id.as_str(),
            name: group.name.as_str(),
        })
    }

    /// Their members.
    pub fn members<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Member<'a>> {
        self.groups_known(image)
            .flat_map(|(id, group)| members(id, group))
    }

    fn groups_known<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = (&'a GroupId, &'a group::Group)> {
        let groups = &image.registry().groups;
        self.groups.iter().filter_map(|id| groups.get_key_value(id))
    }

    /// The inspections to be written.
    pub fn inspections<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Inspection<'a>> {
        self.inspections_known(image).map(|(id, case)| Inspection {
            id: id.as_str(),
            kind: word(&case.plan.kind),
            by: case.plan.by.as_str(),
            title: case.plan.title.as_str(),
            window: (case.plan.window.from(), case.plan.window.to()),
            opened: case.opened,
            concluded: case.concluded.as_ref().map(|(on, _)| *on),
        })
    }

    /// Whom they inspect.
    pub fn inspected<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Inspected<'a>> {
        self.inspections_known(image).flat_map(|(id, case)| {
            let units: BTreeSet<&UnitId> = case.plan.units.iter().collect();
            units.into_iter().map(|unit| Inspected {
                inspection: id.as_str(),
                unit: unit.as_str(),
            })
        })
    }

    /// What they found.
    pub fn findings<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Finding<'a>> {
        let count = |len: usize| u32::try_from(len).expect("a record is half a megabyte at most");
        self.inspections_known(image).flat_map(move |(id, case)| {
            let row = move |(number, found): (&u32, &'a inspection::Found)| Finding {
                inspection: id.as_str(),
                number: *number,
                unit: found.finding.unit.as_str(),
                obligations: count(found.finding.obligations.len()),
                follow_ups: count(found.tasks.len()),
            };
            case.findings.iter().map(row)
        })
    }

    fn inspections_known<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = (&'a InspectionId, &'a inspection::Inspection)> {
        let known = &image.registry().inspections;
        self.inspections
            .iter()
            .filter_map(|id| known.get_key_value(id))
    }

    /// The days of the years to be written.
    pub fn calendar_days<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = CalendarDay<'a>> {
        let years = image.registry().calendar.years();
        let noted = years.filter(|year| self.years.contains(&year.year));
        noted.flat_map(|year: &calendar::YearCalendar| {
            year.days.iter().map(|day| CalendarDay {
                year: year.year,
                version: year.version,
                day: day.date,
                kind: word(&day.kind),
                name: day.name.as_str(),
                certainty: word(&day.certainty),
            })
        })
    }
}

/// Entries that hold from a day on, each with the day on which the next one begins. Of two from one day the
/// later one holds.
fn spans<T>(entries: &[(Date, T)]) -> impl Iterator<Item = (Date, Option<Date>, &T)> {
    let next = entries.iter().skip(1).map(|(next, _)| Some(*next));
    let spans = entries.iter().zip(next.chain([None]));
    spans
        .filter(|((from, _), until)| until.is_none_or(|until| *from < until))
        .map(|((from, value), until)| (*from, until, value))
}

/// Who belonged to `group` and when: one row for days without a break.
fn members<'a>(id: &'a GroupId, group: &'a group::Group) -> Vec<Member<'a>> {
    let (mut rows, mut since) = (Vec::new(), BTreeMap::<&UnitId, Date>::new());
    let row = |unit: &'a UnitId, from: Date, until: Option<Date>| Member {
        group: id.as_str(),
        unit: unit.as_str(),
        from,
        until,
    };
    for (from, _, set) in spans(&group.members) {
        let left: Vec<&UnitId> = since
            .keys()
            .copied()
            .filter(|unit| !set.contains(*unit))
            .collect();
        for unit in left {
            let began = since.remove(unit).expect("it was among the keys");
            rows.push(row(unit, began, Some(from)));
        }
        for unit in set {
            since.entry(unit).or_insert(from);
        }
    }
    rows.extend(since.into_iter().map(|(unit, from)| row(unit, from, None)));
    rows
}
