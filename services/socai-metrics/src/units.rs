//! What units owe, for each unit that exists and for each kind of unit.
//!
//! A unit that has ended has no series; what it owed is in those of its kind, so that kinds add up to what
//! `socai rates --by total` counts.

use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;
use socai_domain::obligation;
use socai_domain::rate::{Bucket, Counts};
use socai_domain::unit::Kind;
use socai_ledger::units::{Owing, UnitStanding};

use crate::write::Family;

/// How much is told of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Told {
    /// Series of each unit, and of each kind.
    #[default]
    All,
    /// Series of each kind.
    Kinds,
    /// Nothing.
    Off,
}

/// What obligations ask for, and its name as a label.
pub(crate) const OBLIGATIONS: [(obligation::Kind, &str); 2] = [
    (obligation::Kind::Report, "report"),
    (obligation::Kind::Task, "task"),
];

pub(crate) fn write(
    encoder: &mut DescriptorEncoder,
    told: Told,
    units: &[UnitStanding],
) -> Result<(), Error> {
    match told {
        Told::All => {
            let alive: Vec<&UnitStanding> = units.iter().filter(|unit| unit.alive).collect();
            write_units(encoder, &alive)?;
            write_kinds(encoder, units)
        }
        Told::Kinds => write_kinds(encoder, units),
        Told::Off => Ok(()),
    }
}

fn write_units(encoder: &mut DescriptorEncoder, units: &[&UnitStanding]) -> Result<(), Error> {
    let help = "A unit that exists today, its kind and the unit above it (empty: none), in labels; always 1.";
    let series = units.iter().map(|unit| {
        let parent = unit.parent.as_ref().map_or("", |parent| parent.as_str());
        let labels = [
            ("unit", unit.id.as_str()),
            ("kind", unit.kind.id()),
            ("parent", parent),
        ];
        (labels, 1_u64)
    });
    Family::of("socai_unit_info", help).gauges(encoder, series)?;
    let help = "Obligations of a unit that are due in the window, by bucket as of today.";
    let series = units.iter().flat_map(|unit| {
        let id = unit.id.as_str();
        OBLIGATIONS.into_iter().flat_map(move |(kind, obligation)| {
            let counts = owing(unit, kind).counts;
            Bucket::ALL.map(|bucket| {
                let labels = [
                    ("unit", id),
                    ("obligation", obligation),
                    ("bucket", bucket.id()),
                ];
                (labels, counts.get(bucket))
            })
        })
    });
    Family::of("socai_unit_obligations", help).gauges(encoder, series)?;
    let help = "The beginning of the earliest due date of what a unit owes since, of those in the window; none: nothing is overdue.";
    let series = units.iter().flat_map(|unit| {
        OBLIGATIONS.into_iter().filter_map(|(kind, obligation)| {
            let due = owing(unit, kind).oldest_overdue?;
            Some((
                [("unit", unit.id.as_str()), ("obligation", obligation)],
                crate::ledger::midnight(due),
            ))
        })
    });
    Family::seconds("socai_unit_oldest_overdue_due_timestamp", help).gauges(encoder, series)
}

fn write_kinds(encoder: &mut DescriptorEncoder, units: &[UnitStanding]) -> Result<(), Error> {
    let help = "Obligations of all units of a kind, ended ones included, that are due in the window, by bucket as of today.";
    let series = Kind::ALL.into_iter().flat_map(|kind| {
        OBLIGATIONS
            .into_iter()
            .flat_map(move |(asked, obligation)| {
                let counts = sum(units.iter().filter(|unit| unit.kind == kind), asked);
                Bucket::ALL.map(|bucket| {
                    let labels = [
                        ("kind", kind.id()),
                        ("obligation", obligation),
                        ("bucket", bucket.id()),
                    ];
                    (labels, counts.get(bucket))
                })
            })
    });
    Family::of("socai_kind_obligations", help).gauges(encoder, series)
}

fn sum<'a>(units: impl Iterator<Item = &'a UnitStanding>, kind: obligation::Kind) -> Counts {
    let mut sum = Counts::default();
    units.for_each(|unit| sum.merge(&owing(unit, kind).counts));
    sum
}

fn owing(unit: &UnitStanding, kind: obligation::Kind) -> &Owing {
    match kind {
        obligation::Kind::Report => &unit.reports,
        obligation::Kind::Task => &unit.tasks,
    }
}
