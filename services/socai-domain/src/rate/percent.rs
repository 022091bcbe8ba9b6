//! A rate as a fraction of counts, and its percentage: whole numbers throughout.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A rate as two counts. In JSON `{"n":16051,"d":16274,"percent":"98.63"}`, percent null for 0/0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The numerator.
    pub n: u64,
    /// The denominator.
    pub d: u64,
}

impl Rate {
    /// The rate in percent; `None` where nothing was counted below the line.
    pub fn percent(self) -> Option<Percent> {
        let (n, d) = (u128::from(self.n), u128::from(self.d));
        (d > 0).then(|| Percent {
            hundredths: (n * 20_000 + d) / (2 * d),
        })
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Rate", 3)?;
        row.serialize_field("n", &self.n)?;
        row.serialize_field("d", &self.d)?;
        row.serialize_field("percent", &self.percent())?;
        row.end()
    }
}

/// A percentage of two decimals, rounded half up. It shows as "98.63", and so it stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    hundredths: u128,
}

impl Percent {
    /// 100.00 %.
    pub const WHOLE: Self = Self { hundredths: 10_000 };

    /// The percentage times 100, a whole number.
    pub const fn hundredths(self) -> u128 {
        self.hundredths
    }

    /// As Vietnamese text has it, "98,63 %".
    pub fn vietnamese(self) -> String {
        format!("{},{:02} %", self.hundredths / 100, self.hundredths % 100)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.hundredths / 100, self.hundredths % 100)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
