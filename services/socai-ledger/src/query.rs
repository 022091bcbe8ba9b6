//! Which obligations are asked about, and how they are to be grouped.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use socai_domain::id::{DocumentId, GroupId, RequirementId, TaskId, UnitId};
use socai_domain::obligation::Kind;
use socai_domain::rate::Bucket;
use socai_domain::standing::DueMode;

/// A set of obligations, as of a day.
///
/// An obligation is in it where it was opened by `as_of` and every condition given holds. The window is
/// over the due date of `due_mode`; where none is stated, over the day of assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The end of the day for which is answered.
    pub as_of: Date,
    /// The first due date of the window.
    pub due_from: Option<Date>,
    /// The last due date of the window.
    pub due_to: Option<Date>,
    /// What they ask for.
    pub kind: Option<Kind>,
    /// For which unit they count: the owner on the as-of day, by `lineage`.
    pub unit: Option<UnitId>,
    /// The owner on the as-of day is one of these: what whoever asks may see.
    pub within: Option<BTreeSet<UnitId>>,
    /// The owner was a member of the group on the day on which it came to owe the obligation: when it
    /// was opened, or transferred to it. A later change of the group rewrites nothing, and what an
    /// ended member owed stays with the group.
    pub group: Option<GroupId>,
    /// The document that asks for them, with everything below it in its chain on the as-of day.
    pub document: Option<DocumentId>,
    /// The requirement that they are of.
    pub requirement: Option<RequirementId>,
    /// The task that they are of.
    pub task: Option<TaskId>,
    /// Where they fall.
    pub bucket: Option<Bucket>,
    /// Which due date is counted against.
    pub due_mode: DueMode,
    /// For whom the history of merged units counts.
    pub lineage: Lineage,
}

impl Query {
    /// Everything, as of a day, as it was recorded.
    pub fn as_of(as_of: Date) -> Self {
        Self {
            as_of,
            due_from: None,
            due_to: None,
            kind: None,
            unit: None,
            within: None,
            group: None,
            document: None,
            requirement: None,
            task: None,
            bucket: None,
            due_mode: DueMode::default(),
            lineage: Lineage::default(),
        }
    }
}

/// For whom the history of merged units counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lineage {
    /// For the unit that owed it.
    #[default]
    Recorded,
    /// For the unit into which that one had wholly gone by the as-of day. What a divided or dissolved
    /// unit owed stays in its own row, marked ended.
    Successor,
}

/// What a row of rates is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// The unit that it counts for.
    Unit,
    /// Each group whose member owes it: groups overlap, so rows do not add up to the total.
    Group,
    /// Reports, tasks.
    Kind,
    /// The document that asks for it, its chain not counted.
    Document,
    /// The year of the due date; of the assignment where no due date is stated.
    Year,
    /// The quarter of that day.
    Quarter,
    /// One row.
    Total,
}

/// What a column of a matrix is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// As [`Grouping::Year`].
    Year,
    /// As [`Grouping::Quarter`].
    Quarter,
}
