//! The six formulas: names, and which buckets stand above and below the line.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Bucket::{self, Late, OnTime, Overdue, Pending};

/// The formula of a rate.
///
/// *Due* is what was completed or is overdue, *assigned* adds what is pending. Obligations without
/// a due date and excused ones are in no rate.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RateId {
    /// The headline for tasks, as the Government Office counts.
    CompletedOfDue,
    /// The headline for reports, and the strictest: late completion and overdue both count against
    /// it.
    OnTimeOfDue,
    /// Punctuality of what was completed.
    OnTimeOfCompleted,
    /// Completion of everything assigned.
    CompletedOfAssigned,
    /// The complement of [`Self::CompletedOfDue`].
    OverdueOfDue,
    /// Overdue among everything assigned.
    OverdueOfAssigned,
}

impl RateId {
    /// All rates, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::CompletedOfDue,
        Self::OnTimeOfDue,
        Self::OnTimeOfCompleted,
        Self::CompletedOfAssigned,
        Self::OverdueOfDue,
        Self::OverdueOfAssigned,
    ];

    /// The name in data, shown beside every rate.
    pub const fn id(self) -> &'static str {
        match self {
            Self::CompletedOfDue => "completed_of_due",
            Self::OnTimeOfDue => "on_time_of_due",
            Self::OnTimeOfCompleted => "on_time_of_completed",
            Self::CompletedOfAssigned => "completed_of_assigned",
            Self::OverdueOfDue => "overdue_of_due",
            Self::OverdueOfAssigned => "overdue_of_assigned",
        }
    }

    /// The name in English text.
    pub const fn english(self) -> &'static str {
        match self {
            Self::CompletedOfDue => "implementation rate",
            Self::OnTimeOfDue => "on-time rate",
            Self::OnTimeOfCompleted => "on-time share of completed",
            Self::CompletedOfAssigned => "completed share of assigned",
            Self::OverdueOfDue => "overdue share of due",
            Self::OverdueOfAssigned => "overdue share of assigned",
        }
    }

    /// The name in Vietnamese text.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::CompletedOfDue => "tỷ lệ thực hiện",
            Self::OnTimeOfDue => "tỷ lệ đúng hạn",
            Self::OnTimeOfCompleted => "tỷ lệ đúng hạn trên số đã hoàn thành",
            Self::CompletedOfAssigned => "tỷ lệ hoàn thành trên tổng số được giao",
            Self::OverdueOfDue => "tỷ lệ quá hạn trên số đến hạn",
            Self::OverdueOfAssigned => "tỷ lệ quá hạn trên tổng số được giao",
        }
    }

    /// The formula, in names of buckets.
    pub const fn formula(self) -> &'static str {
        match self {
            Self::CompletedOfDue => "(on_time + late) / (on_time + late + overdue)",
            Self::OnTimeOfDue => "on_time / (on_time + late + overdue)",
            Self::OnTimeOfCompleted => "on_time / (on_time + late)",
            Self::CompletedOfAssigned => "(on_time + late) / (on_time + late + pending + overdue)",
            Self::OverdueOfDue => "overdue / (on_time + late + overdue)",
            Self::OverdueOfAssigned => "overdue / (on_time + late + pending + overdue)",
        }
    }

    /// The buckets counted above the line.
    pub const fn numerator(self) -> &'static [Bucket] {
        match self {
            Self::CompletedOfDue | Self::CompletedOfAssigned => &[OnTime, Late],
            Self::OnTimeOfDue | Self::OnTimeOfCompleted => &[OnTime],
            Self::OverdueOfDue | Self::OverdueOfAssigned => &[Overdue],
        }
    }

    /// The buckets counted below the line. They contain those above it.
    pub const fn denominator(self) -> &'static [Bucket] {
        match self {
            Self::CompletedOfDue | Self::OnTimeOfDue | Self::OverdueOfDue => {
                &[OnTime, Late, Overdue]
            }
            Self::OnTimeOfCompleted => &[OnTime, Late],
            Self::CompletedOfAssigned | Self::OverdueOfAssigned => {
                &[OnTime, Late, Pending, Overdue]
            }
        }
    }
}

impl fmt::Display for RateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
