//! How long ago the due date of an overdue obligation passed.
//!
//! Published figures name what is overdue by more than 30 days (Bình Định, 2022) and by more than
//! 120 days (Quảng Nam, 2020); both are limits of bands here, and each band between them is 30
//! days. What lies beyond 120 days is divided once more, at half a year.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// Whole days overdue, by the as-of day. The day after the due date is day 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 1 to 30 days.
    #[serde(rename = "days_1_30")]
    Days1To30,
    /// 31 to 60 days.
    #[serde(rename = "days_31_60")]
    Days31To60,
    /// 61 to 90 days.
    #[serde(rename = "days_61_90")]
    Days61To90,
    /// 91 to 120 days.
    #[serde(rename = "days_91_120")]
    Days91To120,
    /// 121 to 180 days.
    #[serde(rename = "days_121_180")]
    Days121To180,
    /// More than 180 days.
    #[serde(rename = "days_over_180")]
    DaysOver180,
}

impl Band {
    /// All bands, youngest first.
    pub const ALL: [Self; 6] = [
        Self::Days1To30,
        Self::Days31To60,
        Self::Days61To90,
        Self::Days91To120,
        Self::Days121To180,
        Self::DaysOver180,
    ];

    /// The band at the end of `as_of`; `None` where `due` has not passed.
    pub fn of(due: Date, as_of: Date) -> Option<Self> {
        match days_overdue(due, as_of) {
            0 => None,
            1..=30 => Some(Self::Days1To30),
            31..=60 => Some(Self::Days31To60),
            61..=90 => Some(Self::Days61To90),
            91..=120 => Some(Self::Days91To120),
            121..=180 => Some(Self::Days121To180),
            181.. => Some(Self::DaysOver180),
        }
    }

    /// The name in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Days1To30 => "days_1_30",
            Self::Days31To60 => "days_31_60",
            Self::Days61To90 => "days_61_90",
            Self::Days91To120 => "days_91_120",
            Self::Days121To180 => "days_121_180",
            Self::DaysOver180 => "days_over_180",
        }
    }

    /// The name in Vietnamese text.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Days1To30 => "từ 1 đến 30 ngày",
            Self::Days31To60 => "từ 31 đến 60 ngày",
            Self::Days61To90 => "từ 61 đến 90 ngày",
            Self::Days91To120 => "từ 91 đến 120 ngày",
            Self::Days121To180 => "từ 121 đến 180 ngày",
            Self::DaysOver180 => "trên 180 ngày",
        }
    }
}

/// Whole days from `due` to `as_of`; 0 where `due` has not passed.
pub fn days_overdue(due: Date, as_of: Date) -> u32 {
    u32::try_from((as_of - due).get_days()).unwrap_or(0)
}

/// Overdue obligations by band. In JSON an object of the bands' ids, youngest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ages {
    bands: [u64; 6],
}

impl Ages {
    /// Counts one obligation that was due on `due` and is unfulfilled at the end of `as_of`. One
    /// that is not overdue is not counted.
    pub fn add(&mut self, due: Date, as_of: Date) {
        if let Some(band) = Band::of(due, as_of) {
            self.bands[band as usize] += 1;
        }
    }

    /// Counts what `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.bands.iter_mut().zip(other.bands) {
            *mine += theirs;
        }
    }

    /// The number in a band.
    pub const fn get(&self, band: Band) -> u64 {
        self.bands[band as usize]
    }

    /// The number in `band` and all older ones: overdue by more than 30 days is
    /// `at_least(Band::Days31To60)`, by more than 120 days `at_least(Band::Days121To180)`.
    pub fn at_least(&self, band: Band) -> u64 {
        self.bands[band as usize..].iter().sum()
    }

    /// The number in all bands.
    pub fn total(&self) -> u64 {
        self.bands.iter().sum()
    }
}

impl Serialize for Ages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Band::ALL.map(|band| (band.id(), self.get(band))))
    }
}
