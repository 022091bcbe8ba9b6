//! Late flags: what a sweep has to flag, and where flags and buckets disagree.
//!
//! Buckets never depend on flags. A flag is the record that somebody said so, and this says where it is
//! missing, or was said of something that is in time.

use jiff::civil::Date;
use socai_domain::id::ObligationId;
use socai_domain::rate::Bucket;
use socai_domain::standing::Act;

use crate::day::Day;
use crate::digest::bucket_of;
use crate::image::Image;
use crate::query::Query;
use crate::scan::{Hit, Scan};

/// A difference between a late flag and a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The obligation.
    pub obligation: ObligationId,
    /// The due date in force on the as-of day.
    pub due: Date,
    /// Where it falls.
    pub bucket: Bucket,
    /// What is wrong.
    pub sort: Sort,
}

/// How flag and bucket disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// It is overdue or was fulfilled late, and nobody flagged that due date.
    NotFlagged,
    /// The due date in force is flagged, and it is neither overdue, late nor out of the count: what was
    /// recorded later says that it was in time.
    FlaggedInTime,
}

impl Image {
    /// Every difference between late flags and buckets at the end of `as_of`, in the order of ids.
    /// A flag for a due date that was extended since says nothing of the one in force.
    pub fn check_flags(&self, as_of: Date) -> Vec<Difference> {
        let mut differences = Vec::new();
        Scan::new(self, &Query::as_of(as_of)).each(|hit| {
            let bucket = bucket_of(hit.code);
            let late = match bucket {
                Bucket::Overdue | Bucket::Late => true,
                Bucket::OnTime | Bucket::Pending => false,
                Bucket::NoDueDate | Bucket::Excused => return,
            };
            let flagged = self.is_flagged(&hit, Day::of(as_of));
            if late != flagged {
                let sort = if late {
                    Sort::NotFlagged
                } else {
                    Sort::FlaggedInTime
                };
                let (obligation, due) = (self.table.id(hit.at), hit.key.date());
                let due = due.expect("what is late or in time has a due date");
                differences.push(Difference {
                    obligation,
                    due,
                    bucket,
                    sort,
                });
            }
        });
        differences.sort_unstable_by(|one, other| one.obligation.cmp(&other.obligation));
        differences
    }

    /// The obligations that are overdue at the end of `date` and not flagged for the due date in force,
    /// in the order of their ids: what a sweep flags.
    pub fn overdue_on(&self, date: Date) -> Vec<ObligationId> {
        let query = Query {
            bucket: Some(Bucket::Overdue),
            ..Query::as_of(date)
        };
        let mut overdue = Vec::new();
        Scan::new(self, &query).each(|hit| {
            // A flag stands for its due date whichever day is swept.
            if !self.is_flagged(&hit, Day::NONE) {
                overdue.push(self.table.id(hit.at));
            }
        });
        overdue.sort_unstable();
        overdue
    }

    /// Whether the due date in force is flagged by a flag effective by `day`.
    fn is_flagged(&self, hit: &Hit<'_>, day: Day) -> bool {
        let told = self
            .journal
            .stream(hit.row.last)
            .filter(|(_, entry)| entry.on() <= day);
        let mut acts = told.map(|(position, entry)| self.journal.told(position, entry).1);
        acts.any(|act| matches!(act, Act::FlaggedLate { due } if Day::of(due) == hit.key))
    }
}
