//! How every unit stands: counts of reports and of tasks, and what is overdue longest, in one walk over the rows.

use jiff::civil::Date;
use socai_domain::id::UnitId;
use socai_domain::obligation::Kind;
use socai_domain::rate::{Bucket, Counts};
use socai_domain::unit;

use crate::day::Day;
use crate::digest::{CODES, Tally, bucket_of, counts};
use crate::image::Image;
use crate::query::Query;
use crate::scan::{Hit, Scan};

/// A unit, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitStanding {
    /// Its id.
    pub id: UnitId,
    /// What sort of organisation it is.
    pub kind: unit::Kind,
    /// Under what it stands on the as-of day.
    pub parent: Option<UnitId>,
    /// It exists on the as-of day.
    pub alive: bool,
    /// What it owes of reports.
    pub reports: Owing,
    /// What it owes of tasks.
    pub tasks: Owing,
}

/// What a unit owes of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owing {
    /// By bucket.
    pub counts: Counts,
    /// The earliest due date of what is overdue.
    pub oldest_overdue: Option<Date>,
}

impl Image {
    /// Every unit that was ever formed, in the order of ids, with the counts of `query`. For each they are those of
    /// [`rates`](Self::rates) by unit.
    pub fn units_standing(&self, query: &Query) -> Vec<UnitStanding> {
        let numbers = self.table.units.len();
        let mut reports = vec![Told::default(); numbers];
        let mut tasks = vec![Told::default(); numbers];
        Scan::new(self, query).each(|hit| {
            let told = match hit.opened.kind {
                Kind::Report => &mut reports,
                Kind::Task => &mut tasks,
            };
            told[hit.unit as usize].add(&hit);
        });
        let of = |told: &[Told], id: &UnitId| {
            let number = self.table.units.find(id.as_str());
            number.map_or_else(Owing::default, |number| told[number as usize].owing())
        };
        let units = self.registry.units.iter();
        let standing = units.map(|(id, unit)| UnitStanding {
            id: id.clone(),
            kind: unit.kind,
            parent: unit.parent_on(query.as_of).cloned(),
            alive: unit.alive_on(query.as_of),
            reports: of(&reports, id),
            tasks: of(&tasks, id),
        });
        standing.collect()
    }
}

/// What the walk has met of one unit and kind.
#[derive(Debug, Clone, Copy)]
struct Told {
    tally: Tally,
    oldest_overdue: Day,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            tally: [0; CODES],
            oldest_overdue: Day::NONE,
        }
    }
}

impl Told {
    #[inline]
    fn add(&mut self, hit: &Hit<'_>) {
        self.tally[usize::from(hit.code)] += 1;
        if bucket_of(hit.code) == Bucket::Overdue {
            self.oldest_overdue = self.oldest_overdue.min(hit.key);
        }
    }

    fn owing(&self) -> Owing {
        Owing {
            counts: counts(&self.tally),
            oldest_overdue: self.oldest_overdue.date(),
        }
    }
}
