//! The buckets: ids and names. Which one an obligation falls in is for [`crate::standing`] to say.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What has become of an obligation at the end of the as-of day. Each falls in exactly one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Fulfilled on or before the due date.
    OnTime,
    /// Fulfilled after the due date.
    Late,
    /// Unfulfilled, and the due date has not passed. What is due today is pending.
    Pending,
    /// Unfulfilled, and the due date has passed.
    Overdue,
    /// No due date is stated, done or not.
    NoDueDate,
    /// Taken out of the count, by excuse or cancellation.
    Excused,
}

impl Bucket {
    /// All buckets, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::OnTime,
        Self::Late,
        Self::Pending,
        Self::Overdue,
        Self::NoDueDate,
        Self::Excused,
    ];

    /// The name in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::OnTime => "on_time",
            Self::Late => "late",
            Self::Pending => "pending",
            Self::Overdue => "overdue",
            Self::NoDueDate => "no_due_date",
            Self::Excused => "excused",
        }
    }

    /// The name in Vietnamese text.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::OnTime => "hoàn thành đúng hạn",
            Self::Late => "hoàn thành quá hạn",
            Self::Pending => "chưa hoàn thành, trong hạn",
            Self::Overdue => "chưa hoàn thành, quá hạn",
            Self::NoDueDate => "không có thời hạn",
            Self::Excused => "không tính",
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl std::str::FromStr for Bucket {
    type Err = UnknownBucket;
    fn from_str(text: &str) -> Result<Self, UnknownBucket> {
        Self::ALL
            .into_iter()
            .find(|bucket| bucket.id() == text)
            .ok_or(UnknownBucket)
    }
}

/// The text names no bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such bucket: expected on_time, late, pending, overdue, no_due_date or excused")]
pub struct UnknownBucket;

impl UnknownBucket {
    /// The code that clients match on.
    pub const fn code(self) -> &'static str {
        "rate.unknown_bucket"
    }
}
